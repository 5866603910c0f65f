//! Pictures on a terminal: two pixels in each character, one above the other.

mod colors;

use std::fmt::Write;

pub(crate) use self::colors::Depth;
use crate::output::picture::{Picture, Samples};

/// Columns and rows of a terminal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Size {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
}

/// Where nothing says how large it is.
const USUAL: Size = Size { columns: 80, rows: 24 };

impl Size {
    /// Of the terminal that standard output is.
    pub(crate) fn of_stdout() -> Size {
        let found = terminal_size::terminal_size_of(std::io::stdout());
        let size = found.map_or(USUAL, |(columns, rows)| Size { columns: columns.0.into(), rows: rows.0.into() });
        if size.columns == 0 || size.rows == 0 { USUAL } else { size }
    }

    /// The longer side at most of a picture of this shape, so that it fits with a line to spare for what is typed next.
    pub(crate) fn longest_side(self, width: u32, height: u32) -> u32 {
        let (width, height) = (f64::from(width.max(1)), f64::from(height.max(1)));
        let across = self.columns as f64 / width;
        let down = (2 * self.rows.saturating_sub(1).max(1)) as f64 / height;
        (width.max(height) * across.min(down)).floor().max(1.0) as u32
    }
}

/// A pixel; none where it is transparent.
type Pixel = Option<[u8; 3]>;

/// The lines of a picture.
pub(crate) fn draw(picture: &Picture, depth: Depth) -> String {
    let mut text = String::new();
    for row in (0..picture.height).step_by(2) {
        let mut pen = depth.pen();
        for column in 0..picture.width {
            let (above, below) = (pixel(picture, column, row), pixel(picture, column, row + 1));
            pen.put(&mut text, above, below);
        }
        pen.end(&mut text);
        _ = writeln!(text);
    }
    text
}

fn pixel(picture: &Picture, column: usize, row: usize) -> Pixel {
    if row >= picture.height {
        return None;
    }
    let start = (row * picture.width + column) * picture.channels;
    let channel = |index: usize| match &picture.samples {
        Samples::U8(samples) => samples.get(start + index).copied().unwrap_or(0),
        Samples::U16(samples) => samples.get(start + index).map_or(0, |sample| (sample >> 8) as u8),
    };
    let alpha = if picture.channels.is_multiple_of(2) { channel(picture.channels - 1) } else { 255 };
    let colors = if picture.channels > 2 { [0, 1, 2] } else { [0; 3] };
    (alpha >= 128).then(|| colors.map(channel))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_fits_with_its_shape() {
        let size = Size { columns: 80, rows: 25 };
        // 80 × 40 and 24 × 48 pixels.
        assert_eq!(size.longest_side(4000, 2000), 80);
        assert_eq!(size.longest_side(2000, 4000), 48);
        assert_eq!(size.longest_side(1000, 1000), 48);
        assert_eq!(Size { columns: 1, rows: 1 }.longest_side(10, 1000), 2);
    }

    #[test]
    fn two_pixels_are_a_character() {
        let samples = vec![255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 9, 9, 9, 0];
        let picture = Picture { width: 2, height: 2, channels: 4, samples: Samples::U8(samples) };
        let text = draw(&picture, Depth::True);
        assert_eq!(text, "\u{1b}[38;2;255;0;0m\u{1b}[48;2;0;0;255m▀\u{1b}[0m\u{1b}[38;2;0;255;0m▀\u{1b}[0m\n");
        assert_eq!(
            draw(&picture, Depth::Indexed),
            "\u{1b}[38;5;196m\u{1b}[48;5;21m▀\u{1b}[0m\u{1b}[38;5;46m▀\u{1b}[0m\n"
        );
        let white = Picture { width: 3, height: 1, channels: 1, samples: Samples::U8(vec![0, 128, 255]) };
        assert_eq!(draw(&white, Depth::Plain), " +@\n");
    }
}
