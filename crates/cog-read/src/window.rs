//! Windows of pixels.

/// A rectangle of pixels of one level: column and row of its top left corner, width and height. It may reach over the
/// edges of the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Window {
    pub column: i64,
    pub row: i64,
    pub width: u64,
    pub height: u64,
}

impl Window {
    /// A window from its corner and size.
    pub fn new(column: i64, row: i64, width: u64, height: u64) -> Window {
        Window { column, row, width, height }
    }

    /// The part inside an image of `width` × `height` pixels; `None` if there is none.
    pub(crate) fn clip(&self, width: u32, height: u32) -> Option<Area> {
        let (x, w) = clip(self.column, self.width, width)?;
        let (y, h) = clip(self.row, self.height, height)?;
        Some(Area { x, y, width: w, height: h })
    }
}

fn clip(start: i64, len: u64, size: u32) -> Option<(u32, u32)> {
    let end = i128::from(start) + i128::from(len);
    let from = i128::from(start).max(0);
    let to = end.min(i128::from(size));
    if from >= to {
        return None;
    }
    Some((u32::try_from(from).ok()?, u32::try_from(to - from).ok()?))
}

/// A rectangle of pixels that exists: inside an image, or a whole block with its padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_over_the_edge_is_cut_to_the_image() {
        assert_eq!(Window::new(-5, 8, 10, 10).clip(20, 12), Some(Area { x: 0, y: 8, width: 5, height: 4 }));
        assert_eq!(Window::new(20, 0, 5, 5).clip(20, 12), None);
        assert_eq!(Window::new(0, 0, 0, 5).clip(20, 12), None);
        assert_eq!(Window::new(i64::MAX, 0, u64::MAX, 5).clip(20, 12), None);
    }
}
