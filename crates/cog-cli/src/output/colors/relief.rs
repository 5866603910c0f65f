//! Colours as `gdaldem color-relief` reads them: lines of a value and a colour, and straight lines between them.

use super::color::Color;

/// The values that have a colour, in order.
#[derive(Clone, Debug)]
pub(crate) struct Relief {
    stops: Vec<(Position, Color)>,
    /// `nv`: of pixels without data.
    missing: Option<Color>,
    between: Between,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Position {
    Value(f64),
    /// Of the way from the smallest sample to the largest, 0 to 1.
    Percent(f64),
}

/// What lies between two values. GDAL's own files say nothing of it; those that QGIS exports do.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Between {
    Line,
    /// A colour counts up to its value.
    Steps,
    Nothing,
}

/// GDAL's names of colours.
const NAMES: [(&str, [u8; 3]); 16] = [
    ("white", [255, 255, 255]),
    ("black", [0, 0, 0]),
    ("red", [255, 0, 0]),
    ("green", [0, 255, 0]),
    ("blue", [0, 0, 255]),
    ("yellow", [255, 255, 0]),
    ("magenta", [255, 0, 255]),
    ("cyan", [0, 255, 255]),
    ("aqua", [0, 191, 191]),
    ("grey", [191, 191, 191]),
    ("gray", [191, 191, 191]),
    ("orange", [255, 127, 0]),
    ("brown", [191, 127, 63]),
    ("purple", [127, 0, 255]),
    ("violet", [127, 0, 255]),
    ("indigo", [0, 127, 255]),
];

/// Parses such a file.
pub(super) fn parse(text: &str) -> Result<Relief, String> {
    let mut relief = Relief { stops: Vec::new(), missing: None, between: Between::Line };
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let words: Vec<&str> = line.split([' ', ',', '\t', ':']).filter(|word| !word.is_empty()).collect();
        let [first, rest @ ..] = words.as_slice() else { continue };
        if first.starts_with(['#', '/']) {
            continue;
        }
        let at = |problem: String| format!("line {}: {problem}", index + 1);
        if let ("INTERPOLATION", [way, ..]) = (*first, rest) {
            relief.between = match *way {
                "INTERPOLATED" => Between::Line,
                "DISCRETE" => Between::Steps,
                "EXACT" => Between::Nothing,
                other => return Err(at(format!("'{other}' is not INTERPOLATED, DISCRETE or EXACT"))),
            };
            continue;
        }
        let color = color(rest).map_err(at)?;
        if first.eq_ignore_ascii_case("nv") {
            relief.missing = Some(color);
            continue;
        }
        let position = match first.strip_suffix('%') {
            Some(percent) => {
                percent.parse().ok().filter(|p| (0.0..=100.0).contains(p)).map(|p| Position::Percent(p / 100.0))
            }
            None => first.parse().ok().filter(|value: &f64| !value.is_nan()).map(Position::Value),
        };
        let position = position.ok_or_else(|| {
            at(format!(
                "'{first}' is not a value: a number, a percentage from 0% to 100%, or nv for pixels without data"
            ))
        })?;
        relief.stops.push((position, color));
    }
    if relief.stops.is_empty() {
        return Err("holds no colours: neither lines of VALUE RED GREEN BLUE, as gdaldem color-relief reads them, nor JSON of rio-tiler".into());
    }
    relief.sort();
    Ok(relief)
}

/// `R G B`, `R G B A`, or a name with or without `A`; what stands behind it is a label.
fn color(words: &[&str]) -> Result<Color, String> {
    let channel = |word: &str| word.parse::<u8>().map_err(|_| format!("'{word}' is not 0 to 255"));
    match words {
        [] => Err("a value without a colour".into()),
        [name, rest @ ..] if name.parse::<f64>().is_err() => {
            let found = NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
            let (_, [red, green, blue]) = found.ok_or_else(|| format!("'{name}' is not a colour"))?;
            let alpha = rest.first().and_then(|alpha| alpha.parse().ok()).unwrap_or(255);
            Ok([*red, *green, *blue, alpha])
        }
        [red, green, blue, rest @ ..] => {
            let alpha = rest.first().and_then(|alpha| alpha.parse().ok()).unwrap_or(255);
            Ok([channel(red)?, channel(green)?, channel(blue)?, alpha])
        }
        _ => Err("a colour is RED GREEN BLUE, or a name".into()),
    }
}

impl Relief {
    fn sort(&mut self) {
        // Of equal values the order stays: up to them counts the first, from them on the last.
        self.stops.sort_by(|(one, _), (other, _)| one.number().total_cmp(&other.number()));
    }

    /// Whether the samples have to be known before.
    pub(super) fn has_percent(&self) -> bool {
        self.stops.iter().any(|(position, _)| matches!(position, Position::Percent(_)))
    }

    /// With percentages of the way from the smallest to the largest sample.
    pub(super) fn resolved(&self, (low, high): (f64, f64)) -> Relief {
        let mut relief = self.clone();
        for (position, _) in &mut relief.stops {
            if let Position::Percent(percent) = *position {
                *position = Position::Value(low + percent * (high - low));
            }
        }
        relief.sort();
        relief
    }

    /// Of pixels without data.
    pub(super) fn of_missing(&self) -> Color {
        self.missing.unwrap_or([0; 4])
    }

    pub(super) fn of(&self, value: f64) -> Color {
        if value.is_nan() {
            return self.of_missing();
        }
        let above = self.stops.partition_point(|(position, _)| position.number() <= value);
        let before = above.checked_sub(1).and_then(|below| self.stops.get(below));
        let after = self.stops.get(above);
        match (before, after, self.between) {
            (Some((position, color)), _, _) if position.number() == value => *color,
            (_, _, Between::Nothing) => [0; 4],
            (_, Some((_, color)), Between::Steps) => *color,
            (_, None, Between::Steps) => [0; 4],
            (Some((_, color)), None, _) | (None, Some((_, color)), _) => *color,
            (Some((from, low)), Some((to, high)), _) => {
                let part = (value - from.number()) / (to.number() - from.number());
                let mut mixed = [0; 4];
                for ((mixed, low), high) in mixed.iter_mut().zip(low).zip(high) {
                    // GDAL rounds so.
                    *mixed = (0.45 + f64::from(*low) + part * (f64::from(*high) - f64::from(*low))) as u8;
                }
                mixed
            }
            (None, None, _) => [0; 4],
        }
    }
}

impl Position {
    fn number(self) -> f64 {
        match self {
            Position::Value(value) | Position::Percent(value) => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `gdaldem color-relief -alpha` of GDAL 3.6 gives these colours.
    #[test]
    fn colours_are_those_of_gdaldem() {
        let relief = parse("# comment\nnv 1 2 3 4\n0 0 0 255\n10,0:255\t0 128\n50 yellow\n100 200 100 50\n").unwrap();
        for (value, color) in [
            (-5.0, [0, 0, 255, 255]),
            (0.0, [0, 0, 255, 255]),
            (1.0, [0, 25, 229, 242]),
            (3.0, [0, 76, 178, 217]),
            (10.0, [0, 255, 0, 128]),
            (f64::from(33.3f32), [148, 255, 0, 202]),
            (50.0, [255, 255, 0, 255]),
            (f64::from(77.7f32), [224, 169, 28, 255]),
            (150.0, [200, 100, 50, 255]),
        ] {
            assert_eq!(relief.of(value), color, "{value}");
        }
        assert_eq!(relief.of_missing(), [1, 2, 3, 4]);
        let percent = parse("0% black\n50% red\n100% white\n").unwrap();
        assert!(percent.has_percent());
        let resolved = percent.resolved((-5.0, 150.0));
        for (value, color) in [
            (0.0, [16, 0, 0, 255]),
            (10.0, [49, 0, 0, 255]),
            (50.0, [181, 0, 0, 255]),
            (100.0, [255, 90, 90, 255]),
            (150.0, [255, 255, 255, 255]),
        ] {
            assert_eq!(resolved.of(value), color, "{value}");
        }
    }

    #[test]
    fn files_that_qgis_exports_say_what_lies_between() {
        let steps = parse("# QGIS\nINTERPOLATION:DISCRETE\n10,255,0,0,255,low\ninf,0,0,255,255,high\n").unwrap();
        assert_eq!([5.0, 10.0, 10.5].map(|v| steps.of(v)[0]), [255, 255, 0]);
        let exact = parse("INTERPOLATION:EXACT\n10,255,0,0,255,low\n20,0,0,255,255,high\n").unwrap();
        assert_eq!([10.0, 15.0, 20.0].map(|v| exact.of(v)), [[255, 0, 0, 255], [0; 4], [0, 0, 255, 255]]);
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        for (text, words) in [
            ("", "holds no colours"),
            ("1 2 3\n", "line 1"),
            ("0 red\n1 256 0 0\n", "line 2: '256'"),
            ("x 1 2 3\n", "'x' is not a value"),
            ("120% 1 2 3\n", "'120%'"),
            ("1 reddish\n", "'reddish' is not a colour"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(words), "{text:?}: {error}");
        }
    }
}
