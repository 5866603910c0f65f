//! Rectangles of the output, and the level of the source that they are made from.

/// Pixels along a side of the lattice's largest squares.
pub(crate) const SIDE: u32 = 64;

/// The level that is sampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LevelGrid {
    /// Columns and rows of full resolution.
    pub(crate) full: (u32, u32),
    /// Columns and rows of the level.
    pub(crate) size: (u32, u32),
}

impl LevelGrid {
    /// Pixels of the level in one of full resolution, in x and y.
    pub(crate) fn factors(&self) -> (f64, f64) {
        let factor = |level: u32, full: u32| f64::from(level) / f64::from(full.max(1));
        (factor(self.size.0, self.full.0), factor(self.size.1, self.full.1))
    }
}

/// Columns and rows of the whole output grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rectangle {
    pub(crate) column: u32,
    pub(crate) row: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Rectangle {
    /// Columns and rows of the lattice squares that it touches: first and one behind the last.
    pub(crate) fn squares(&self) -> [(u32, u32); 2] {
        let range = |first: u32, length: u32| (first / SIDE, first.saturating_add(length).div_ceil(SIDE));
        [range(self.column, self.width), range(self.row, self.height)]
    }

    /// Its left and right edge.
    pub(crate) fn columns(&self) -> (f64, f64) {
        (f64::from(self.column), f64::from(self.column) + f64::from(self.width))
    }

    /// Its upper and lower edge.
    pub(crate) fn rows(&self) -> (f64, f64) {
        (f64::from(self.row), f64::from(self.row) + f64::from(self.height))
    }

    /// How many pixels it has.
    pub(crate) fn pixels(&self) -> usize {
        (self.width as usize).saturating_mul(self.height as usize)
    }

    /// Two halves across the longer side; `None` of a single pixel.
    #[cfg(feature = "files")]
    pub(crate) fn halves(&self) -> Option<[Rectangle; 2]> {
        let (w, h) = (self.width / 2, self.height / 2);
        if self.width >= self.height {
            (w > 0).then(|| {
                let right = Rectangle { column: self.column + w, width: self.width - w, ..*self };
                [Rectangle { width: w, ..*self }, right]
            })
        } else {
            let lower = Rectangle { row: self.row + h, height: self.height - h, ..*self };
            Some([Rectangle { height: h, ..*self }, lower])
        }
    }

    pub(crate) fn intersect(&self, other: Rectangle) -> Option<Rectangle> {
        let range = |a: u32, la: u32, b: u32, lb: u32| {
            let (first, end) = (a.max(b), a.saturating_add(la).min(b.saturating_add(lb)));
            (end > first).then(|| (first, end - first))
        };
        let (column, width) = range(self.column, self.width, other.column, other.width)?;
        let (row, height) = range(self.row, self.height, other.row, other.height)?;
        Some(Rectangle { column, row, width, height })
    }
}
