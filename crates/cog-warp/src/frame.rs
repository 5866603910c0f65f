//! Where a view lies in its level, and the level in the output.

use crate::level::LevelGrid;
use crate::mapping::Mapping;
use crate::sampling::Extent;
use crate::vector::vectorized;

/// How coordinates of full resolution become those of a view.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) mapping: &'a Mapping,
    pub(crate) level: LevelGrid,
    /// Column and row of the level that are 0.
    pub(crate) origin: (i64, i64),
}

impl Frame<'_> {
    /// From pixels of full resolution to those of the view.
    pub(crate) fn to_view(self, xs: &mut [f64], ys: &mut [f64]) {
        let ((fx, fy), (column, row)) = (self.level.factors(), (self.origin.0 as f64, self.origin.1 as f64));
        // Of full resolution, nothing would change.
        if (fx, column) != (1.0, 0.0) {
            scale(xs, fx, column);
        }
        if (fy, row) != (1.0, 0.0) {
            scale(ys, fy, row);
        }
    }

    /// The edges of the level.
    pub(crate) fn extent(&self) -> Extent {
        let (column, row) = (self.origin.0 as f64, self.origin.1 as f64);
        let (width, height) = (f64::from(self.level.size.0), f64::from(self.level.size.1));
        Extent { left: -column, top: -row, right: width - column, bottom: height - row }
    }
}

vectorized! {
    /// `v * factor - origin`.
    fn scale(values: &mut [f64], factor: f64, origin: f64) = scale_each;
}

#[inline(always)]
fn scale_each(values: &mut [f64], factor: f64, origin: f64) {
    values.iter_mut().for_each(|v| *v = *v * factor - origin);
}
