//! A rectangle of pixels in a larger one.

/// Columns and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rectangle {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Rectangle {
    /// All of so many columns and rows.
    pub(super) fn all(width: usize, height: usize) -> Rectangle {
        Rectangle { x: 0, y: 0, width, height }
    }

    pub(super) fn pixels(self) -> usize {
        self.width * self.height
    }

    /// Calls `work` with each row of a plane as far as it lies in this rectangle, and the row of the part that is the rectangle.
    pub(super) fn rows<A, B>(self, whole: &mut [A], width: usize, part: &[B], mut work: impl FnMut(&mut [A], &[B])) {
        for (row, theirs) in part.chunks_exact(self.width.max(1)).enumerate() {
            let first = (self.y + row) * width + self.x;
            if let Some(mine) = whole.get_mut(first..first + self.width) {
                work(mine, theirs);
            }
        }
    }

    /// The place in a plane at which each of its rows begins.
    pub(super) fn starts(self, width: usize) -> impl Iterator<Item = usize> {
        (0..self.height).map(move |row| (self.y + row) * width + self.x)
    }
}
