//! Windows of pixels.

use std::ops::Range;

/// A rectangle in pixels of one level: column and row of its top left corner, width and height. It may reach over the
/// edges of the image, and need not lie on whole pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Window {
    pub column: f64,
    pub row: f64,
    pub width: f64,
    pub height: f64,
}

impl Window {
    /// A window from its corner and size, in numbers of any kind.
    pub fn new(
        column: impl PixelCount,
        row: impl PixelCount,
        width: impl PixelCount,
        height: impl PixelCount,
    ) -> Window {
        Window { column: column.pixels(), row: row.pixels(), width: width.pixels(), height: height.pixels() }
    }

    /// True if it lies on whole pixels.
    pub fn is_whole(&self) -> bool {
        [self.column, self.row, self.width, self.height].iter().all(|v| v.fract() == 0.0)
    }

    /// True if all four numbers are finite and the size is above 0.
    pub fn is_sound(&self) -> bool {
        [self.column, self.row, self.width, self.height].iter().all(|v| v.is_finite())
            && self.width > 0.0
            && self.height > 0.0
    }

    /// The part inside an image of `width` × `height` pixels; `None` if there is none.
    pub fn clip(&self, width: u32, height: u32) -> Option<Window> {
        let (column, w) = clip(self.column, self.width, width)?;
        let (row, h) = clip(self.row, self.height, height)?;
        Some(Window { column, row, width: w, height: h })
    }

    /// The same place on an image that is `x` and `y` times smaller.
    pub fn shrunk(&self, (x, y): (f64, f64)) -> Window {
        Window { column: self.column / x, row: self.row / y, width: self.width / x, height: self.height / y }
    }

    /// The whole pixels that stand for a window inside an image where GDAL counts in whole pixels: corners cut off, at least one
    /// pixel.
    pub fn whole(&self) -> Area {
        let size = |length: f64| length.max(1.0) as u32;
        Area { x: self.column as u32, y: self.row as u32, width: size(self.width), height: size(self.height) }
    }

    /// The pixels, if the window lies on whole ones.
    pub fn area(&self) -> Option<Area> {
        let whole = |v: f64| (v.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&v)).then_some(v as u32);
        let (width, height) = (whole(self.width)?, whole(self.height)?);
        Some(Area { x: whole(self.column)?, y: whole(self.row)?, width, height }).filter(|a| width > 0 && a.height > 0)
    }
}

/// A number that can count pixels: any primitive one.
pub trait PixelCount {
    /// As a floating point number; above 2^53 the nearest.
    fn pixels(self) -> f64;
}

macro_rules! pixel_count {
    ($($type:ty),*) => { $(impl PixelCount for $type {
        fn pixels(self) -> f64 { self as f64 }
    })* };
}
pixel_count!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize, f32, f64);

impl<T: PixelCount> From<[T; 4]> for Window {
    /// Column, row, width, height.
    fn from([column, row, width, height]: [T; 4]) -> Window {
        Window::new(column, row, width, height)
    }
}

impl<A: PixelCount, B: PixelCount, C: PixelCount, D: PixelCount> From<(A, B, C, D)> for Window {
    /// Column, row, width, height.
    fn from((column, row, width, height): (A, B, C, D)) -> Window {
        Window::new(column, row, width, height)
    }
}

impl<T: PixelCount> From<(Range<T>, Range<T>)> for Window {
    /// Columns and rows, the ends not among them.
    fn from((columns, rows): (Range<T>, Range<T>)) -> Window {
        let (column, row) = (columns.start.pixels(), rows.start.pixels());
        Window { column, row, width: columns.end.pixels() - column, height: rows.end.pixels() - row }
    }
}

impl From<Area> for Window {
    fn from(area: Area) -> Window {
        Window::new(area.x, area.y, area.width, area.height)
    }
}

fn clip(start: f64, len: f64, size: u32) -> Option<(f64, f64)> {
    let from = start.max(0.0);
    let to = (start + len).min(f64::from(size));
    (!start.is_nan() && !len.is_nan() && from < to).then_some((from, to - from))
}

/// A rectangle of whole pixels that exists: inside an image, or a whole block with its padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// First column.
    pub x: u32,
    /// First row.
    pub y: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_over_the_edge_is_cut_to_the_image() {
        assert_eq!(Window::new(-5, 8, 10, 10).clip(20, 12), Some(Window::new(0, 8, 5, 4)));
        assert_eq!(Window::new(20, 0, 5, 5).clip(20, 12), None);
        assert_eq!(Window::new(0, 0, 0, 5).clip(20, 12), None);
        assert_eq!(Window::new(f64::MAX, 0, f64::MAX, 5).clip(20, 12), None);
        assert_eq!(Window::new(f64::NAN, 0, 1, 5).clip(20, 12), None);
    }

    #[test]
    fn tuples_arrays_and_ranges_are_windows() {
        let window = Window::new(3, 4, 10, 20);
        assert_eq!(Window::from([3, 4, 10, 20]), window);
        assert_eq!(Window::from((3u32, 4.0, 10u8, 20i64)), window);
        assert_eq!(Window::from((3..13, 4..24)), window);
    }

    #[test]
    fn only_a_window_of_whole_pixels_is_an_area() {
        assert_eq!(Window::new(3, 4, 5, 6).area(), Some(Area { x: 3, y: 4, width: 5, height: 6 }));
        assert_eq!(Window::new(3.5, 4, 5, 6).area(), None);
        assert_eq!(Window::new(-3, 4, 5, 6).area(), None);
        assert_eq!(Window::new(3, 4, 1e18, 6).area(), None);
    }
}
