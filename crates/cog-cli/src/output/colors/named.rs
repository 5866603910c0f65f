//! Tables by name: those of matplotlib that people use most.

use super::color::Color;

/// A table in a line, behind its name.
const TABLES: &str = include_str!("tables.txt");

/// The other way round.
const REVERSED: &str = "_r";

fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLES.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' '))
}

/// All names.
pub(super) fn names() -> String {
    lines().map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}

/// The table of this name, in any letters.
pub(super) fn table(name: &str) -> Option<Box<[Color; 256]>> {
    let name = name.to_ascii_lowercase();
    let (plain, reversed) = match name.strip_suffix(REVERSED) {
        Some(plain) => (plain, true),
        None => (name.as_str(), false),
    };
    let (_, digits) = lines().find(|(known, _)| *known == plain)?;
    let digit = |byte: &u8| char::from(*byte).to_digit(16).map_or(0, |digit| digit as u8);
    let mut colors: Vec<Color> = digits
        .as_bytes()
        .chunks_exact(6)
        .map(|color| {
            let mut channels =
                color.chunks_exact(2).map(|pair| pair.iter().fold(0, |sum, byte| sum << 4 | digit(byte)));
            let mut next = || channels.next().unwrap_or(0);
            [next(), next(), next(), 255]
        })
        .collect();
    if reversed {
        colors.reverse();
    }
    colors.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_whole_and_every_name_there_once() {
        let names: Vec<&str> = lines().map(|(name, _)| name).collect();
        for (i, name) in names.iter().enumerate() {
            assert!(table(name).is_some(), "{name}");
            assert!(!names.iter().skip(i + 1).any(|other| other == name), "{name}");
        }
        assert_eq!(names.len(), 46);
    }

    /// Of matplotlib 3.10: `colormaps[name](range(256), bytes=True)`.
    #[test]
    fn colours_are_those_of_matplotlib() {
        for (name, at, color) in [
            ("viridis", 0, [68, 1, 84, 255]),
            ("viridis", 128, [32, 144, 140, 255]),
            ("Magma", 255, [251, 252, 191, 255]),
            ("turbo", 100, [63, 245, 138, 255]),
            ("viridis_r", 255, [68, 1, 84, 255]),
            ("gray", 77, [77, 77, 77, 255]),
            ("RdYlGn", 0, [165, 0, 38, 255]),
            ("terrain", 0, [51, 51, 153, 255]),
        ] {
            assert_eq!(table(name).unwrap().get(at), Some(&color), "{name} {at}");
        }
        assert!(table("no such").is_none());
    }
}
