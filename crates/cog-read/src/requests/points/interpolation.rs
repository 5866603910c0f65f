//! How values between pixel centres are made.

/// How the value between pixel centres is made: as GDAL's `GDALRasterInterpolateAtPoint` (`gdallocationinfo -r`, 3.10) does.
///
/// Beyond an edge of the image its outermost pixels go on. An image of fewer than 4 columns or rows is interpolated bilinearly,
/// one of fewer than 2 not at all. GDAL knows nodata only; here a pixel that is invalid for another reason (mask, alpha, a nodata
/// of NaN) counts as nodata does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Interpolation {
    /// The pixel that the place lies in, in the file's own type.
    #[default]
    Nearest,
    /// From the four nearest pixels; without data if one of them is, even one that adds nothing.
    Bilinear,
    /// From the sixteen nearest pixels (Catmull-Rom); those without data do not count.
    Cubic,
}

impl Interpolation {
    /// Pixels before and behind the centre that is at or before the place.
    fn reach(self) -> (i64, i64) {
        match self {
            Interpolation::Nearest => (0, 0),
            Interpolation::Bilinear => (0, 1),
            Interpolation::Cubic => (-1, 2),
        }
    }

    /// The one that an image of this size has enough pixels for.
    pub(super) fn on(self, (width, height): (u32, u32)) -> Interpolation {
        match (self, width.min(height)) {
            (Interpolation::Bilinear | Interpolation::Cubic, 0..=1) => Interpolation::Nearest,
            (Interpolation::Cubic, 2..=3) => Interpolation::Bilinear,
            _ => self,
        }
    }

    /// The first pixel around a place on an axis, and the weights from there on.
    pub(super) fn taps(self, place: f64) -> (i64, Vec<f64>) {
        if self == Interpolation::Nearest {
            return (place.floor() as i64, vec![1.0]);
        }
        let (before, behind) = self.reach();
        let centre = (place - 0.5).floor();
        let from_centre = place - 0.5 - centre;
        (centre as i64 + before, (before..=behind).map(|i| self.weight(i as f64 - from_centre)).collect())
    }

    fn weight(self, distance: f64) -> f64 {
        let x = distance.abs();
        match self {
            Interpolation::Nearest => 1.0,
            Interpolation::Bilinear => (1.0 - x).max(0.0),
            Interpolation::Cubic if x <= 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
            Interpolation::Cubic if x < 2.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
            Interpolation::Cubic => 0.0,
        }
    }
}
