//! From pixels of a raster to coordinates of another CRS and back.

use super::Extent;
use crate::transform::Transform;

/// GDAL's "general image projection transformer" without a target grid.
pub(super) struct Pixels<'a> {
    extent: &'a Extent,
    inverse: [f64; 6],
    transform: Transform,
    /// Longitudes that come back count around this one.
    center: Option<f64>,
}

impl<'a> Pixels<'a> {
    pub(super) fn new(extent: &'a Extent, transform: Transform) -> Pixels<'a> {
        Pixels { extent, inverse: inverse(&extent.transform), transform, center: center(extent) }
    }

    pub(super) fn transform(&self) -> &Transform {
        &self.transform
    }

    /// A place in pixels from the raster's first corner, in the target CRS.
    pub(super) fn forward(&self, column: f64, row: f64) -> Option<(f64, f64)> {
        let (x, y) = self.extent.place(column, row);
        let x = self.center.map_or(x, |center| around(x, center));
        self.transform.point(x, y)
    }

    /// A place in the target CRS, in pixels.
    pub(super) fn backward(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let (x, y) = self.transform.point_back(x, y)?;
        Some(self.pixel(x, y))
    }

    /// A place in the raster's own CRS, in pixels.
    pub(super) fn pixel(&self, x: f64, y: f64) -> (f64, f64) {
        let x = self.center.map_or(x, |center| around(x, center));
        match &self.extent.gcps {
            Some(gcps) => gcps.backward(x, y),
            None => apply(&self.inverse, x, y),
        }
    }
}

fn apply([a, b, c, d, e, f]: &[f64; 6], x: f64, y: f64) -> (f64, f64) {
    (a * x + b * y + c, d * x + e * y + f)
}

fn inverse([a, b, c, d, e, f]: &[f64; 6]) -> [f64; 6] {
    if *b == 0.0 && *d == 0.0 {
        return [1.0 / a, 0.0, -c / a, 0.0, 1.0 / e, -f / e];
    }
    let scale = 1.0 / (a * e - b * d);
    [e * scale, -b * scale, (b * f - c * e) * scale, -d * scale, a * scale, (c * d - a * f) * scale]
}

/// The middle longitude of a raster in longitudes and latitudes that is not wider than the globe, and a pixel.
fn center(extent: &Extent) -> Option<f64> {
    if !extent.is_geographic() {
        return None;
    }
    let [left, _, right, _] = extent.bounds();
    let pixel = extent.transform[0].abs().max(extent.transform[1].abs());
    (right - left <= 360.0 + 1.05 * pixel).then_some(0.5 * (left + right))
}

fn around(longitude: f64, center: f64) -> f64 {
    match longitude - center {
        far if far < -180.0 => longitude + 360.0,
        far if far > 180.0 => longitude - 360.0,
        _ => longitude,
    }
}

#[cfg(test)]
mod tests {
    use super::{apply, around, inverse};

    #[test]
    fn the_inverse_undoes_a_rotated_transform() {
        for transform in [[10.0, 0.0, 5.0, 0.0, -20.0, 7.0], [8.66, 5.0, 500_000.0, 5.0, -8.66, 5_300_000.0]] {
            let (x, y) = apply(&transform, 3.0, 4.0);
            let (column, row) = apply(&inverse(&transform), x, y);
            assert!((column - 3.0).abs() < 1e-9 && (row - 4.0).abs() < 1e-9, "{column} {row}");
        }
    }

    #[test]
    fn longitudes_count_around_the_center() {
        assert_eq!((around(-175.0, 180.0), around(175.0, 180.0), around(350.0, 0.0)), (185.0, 175.0, -10.0));
    }
}
