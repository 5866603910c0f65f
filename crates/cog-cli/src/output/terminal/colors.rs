//! Colours of terminals: 24 bits, 256, or none.

use std::fmt::Write;

use super::Pixel;

/// What a terminal can show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Depth {
    /// Characters alone.
    Plain,
    /// 256 colours.
    Indexed,
    /// 24 bits.
    True,
}

/// Dark to bright.
const SHADES: &[u8; 10] = b" .:-=+*#%@";

/// Red, green or blue of the 6 × 6 × 6 colours that have the numbers from 16 on.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

impl Depth {
    /// What the environment says of the terminal: <https://no-color.org>, `TERM`, `COLORTERM`.
    pub(crate) fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Depth {
        let filled = |name| variable(name).filter(|value| !value.is_empty());
        let terminal = filled("TERM").unwrap_or_default();
        let colors = filled("COLORTERM").unwrap_or_default();
        if filled("NO_COLOR").is_some() || terminal == "dumb" {
            Depth::Plain
        } else if colors == "truecolor" || colors == "24bit" || terminal.ends_with("-direct") {
            Depth::True
        } else {
            Depth::Indexed
        }
    }

    pub(super) fn pen(self) -> Pen {
        Pen { depth: self, front: None, back: None }
    }
}

/// What the next character is written in.
pub(super) struct Pen {
    depth: Depth,
    front: Pixel,
    back: Pixel,
}

impl Pen {
    /// A character for two pixels.
    pub(super) fn put(&mut self, text: &mut String, above: Pixel, below: Pixel) {
        if self.depth == Depth::Plain {
            text.push(shade(above, below));
            return;
        }
        let (front, back, character) = match (above, below) {
            (None, None) => (None, None, ' '),
            (Some(above), below) => (Some(above), below, '▀'),
            (None, Some(below)) => (Some(below), None, '▄'),
        };
        // Only all colours can be taken back.
        if (self.back.is_some() && back.is_none()) || (self.front.is_some() && front.is_none()) {
            self.end(text);
        }
        if let Some(color) = front.filter(|_| self.front != front) {
            self.choose(text, 38, color);
        }
        if let Some(color) = back.filter(|_| self.back != back) {
            self.choose(text, 48, color);
        }
        (self.front, self.back) = (front, back);
        text.push(character);
    }

    /// Takes colours back.
    pub(super) fn end(&mut self, text: &mut String) {
        if self.front.is_some() || self.back.is_some() {
            text.push_str("\u{1b}[0m");
        }
        (self.front, self.back) = (None, None);
    }

    fn choose(&self, text: &mut String, what: u8, color: [u8; 3]) {
        let [red, green, blue] = color;
        _ = match self.depth {
            Depth::True => write!(text, "\u{1b}[{what};2;{red};{green};{blue}m"),
            _ => write!(text, "\u{1b}[{what};5;{}m", indexed(color)),
        };
    }
}

/// The nearest of the 216 colours and 24 grays.
fn indexed(color: [u8; 3]) -> u8 {
    let away = |one: [u8; 3]| -> u32 { one.iter().zip(&color).map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2)).sum() };
    let step = |value: u8| {
        let nearest = STEPS.iter().enumerate().min_by_key(|(_, step)| step.abs_diff(value));
        nearest.map_or((0, 0), |(index, step)| (index as u8, *step))
    };
    let [red, green, blue] = color.map(step);
    let cube = (16 + 36 * red.0 + 6 * green.0 + blue.0, [red.1, green.1, blue.1]);
    let mean = color.iter().map(|channel| u32::from(*channel)).sum::<u32>() / 3;
    let number = (mean.saturating_sub(3) / 10).min(23) as u8;
    let gray = (232 + number, [8 + 10 * number; 3]);
    if away(gray.1) < away(cube.1) { gray.0 } else { cube.0 }
}

/// Of the pixels that there are.
fn shade(above: Pixel, below: Pixel) -> char {
    let light =
        |[red, green, blue]: [u8; 3]| (u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114) / 1000;
    let both: Vec<u32> = [above, below].into_iter().flatten().map(light).collect();
    let Some(count) = u32::try_from(both.len()).ok().filter(|count| *count > 0) else { return ' ' };
    let place = both.iter().sum::<u32>() / count * SHADES.len() as u32 / 256;
    SHADES.get(place as usize).map_or(' ', |shade| char::from(*shade))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_says_what_a_terminal_can() {
        for (variables, depth) in [
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")][..], Depth::True),
            (&[("TERM", "xterm-direct")], Depth::True),
            (&[("TERM", "screen-256color")], Depth::Indexed),
            (&[("TERM", "dumb"), ("COLORTERM", "truecolor")], Depth::Plain),
            (&[("TERM", "xterm"), ("COLORTERM", "24bit"), ("NO_COLOR", "1")], Depth::Plain),
            (&[("TERM", "xterm"), ("NO_COLOR", "")], Depth::Indexed),
        ] {
            let get =
                |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(Depth::of_environment(get), depth, "{variables:?}");
        }
    }

    /// xterm's palette: 16 is black, 231 white, 244 the gray of 128, 67 is (95, 135, 175).
    #[test]
    fn colours_have_their_nearest_number() {
        for (color, number) in
            [([0, 0, 0], 16), ([255, 255, 255], 231), ([128, 128, 128], 244), ([95, 135, 175], 67), ([255, 0, 0], 196)]
        {
            assert_eq!(indexed(color), number, "{color:?}");
        }
    }
}
