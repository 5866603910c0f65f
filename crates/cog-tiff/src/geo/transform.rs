//! From pixels to coordinates: GeoTIFF 1.1 sections 7.2 and 8, as GDAL reads them.

use crate::geo::keys::GeoKeys;
use crate::ifd::Ifd;
use crate::tag::Tag;

/// An affine map from (column, row), counted from the outer corner of the top left pixel, to coordinates:
/// `x = a * column + b * row + c`, `y = d * column + e * row + f`. The letters are those of rasterio's `Affine`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct GeoTransform {
    pub a: f64,
    pub b: f64,
    pub c: f64,
    pub d: f64,
    pub e: f64,
    pub f: f64,
}

impl GeoTransform {
    /// Columns and rows are the coordinates.
    pub const IDENTITY: GeoTransform = GeoTransform { a: 1.0, b: 0.0, c: 0.0, d: 0.0, e: 1.0, f: 0.0 };

    /// The coordinates of a place in pixels.
    pub fn apply(&self, column: f64, row: f64) -> (f64, f64) {
        (self.a * column + self.b * row + self.c, self.d * column + self.e * row + self.f)
    }

    /// The map back, from coordinates to pixels; `None` if the transform flattens the plane.
    pub fn inverse(&self) -> Option<GeoTransform> {
        let det = self.a * self.e - self.b * self.d;
        if det == 0.0 || !det.is_finite() {
            return None;
        }
        let (a, b, d, e) = (self.e / det, -self.b / det, -self.d / det, self.a / det);
        Some(GeoTransform { a, b, c: -self.c * a - self.f * b, d, e, f: -self.c * d - self.f * e })
    }

    /// The transform of the same area with pixels `x` and `y` times as large, as an overview has.
    pub fn scaled(&self, x: f64, y: f64) -> GeoTransform {
        GeoTransform { a: self.a * x, b: self.b * y, d: self.d * x, e: self.e * y, ..*self }
    }

    /// The transform of a window whose top left corner is at (`column`, `row`).
    pub fn translated(&self, column: f64, row: f64) -> GeoTransform {
        let (c, f) = self.apply(column, row);
        GeoTransform { c, f, ..*self }
    }

    /// (left, bottom, right, top) of an image of `width` × `height` pixels as rasterio gives it: for an unrotated
    /// transform its corners as they are (bottom may be above top), for a rotated one the box around all four.
    pub fn bounds(&self, width: u32, height: u32) -> (f64, f64, f64, f64) {
        let (w, h) = (f64::from(width), f64::from(height));
        if self.b == 0.0 && self.d == 0.0 {
            return (self.c, self.f + self.e * h, self.c + self.a * w, self.f);
        }
        let corners = [self.apply(0.0, 0.0), self.apply(w, 0.0), self.apply(0.0, h), self.apply(w, h)];
        let fold = |pick: fn(&(f64, f64)) -> f64, best: fn(f64, f64) -> f64| {
            corners.iter().map(pick).reduce(best).unwrap_or(f64::NAN)
        };
        (fold(|p| p.0, f64::min), fold(|p| p.1, f64::min), fold(|p| p.0, f64::max), fold(|p| p.1, f64::max))
    }

    /// Width and height of a pixel; both positive.
    pub fn resolution(&self) -> (f64, f64) {
        ((self.a * self.a + self.d * self.d).sqrt(), (self.b * self.b + self.e * self.e).sqrt())
    }

    /// The six numbers in the order a, b, c, d, e, f.
    pub fn to_array(&self) -> [f64; 6] {
        [self.a, self.b, self.c, self.d, self.e, self.f]
    }
}

/// A ground control point: a place in pixels and its coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Gcp {
    pub column: f64,
    pub row: f64,
    pub x: f64,
    pub y: f64,
    pub z: f64,
}

/// How an image is tied to coordinates.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Georeference {
    /// Not at all.
    None,
    /// By an affine transform.
    Transform(GeoTransform),
    /// By the size of its pixels only: a pixel scale without a tie point. The transform puts the image's corner at (0, 0), as
    /// GDAL does; whatever else places the image, in a side-car, counts more.
    Scale(GeoTransform),
    /// By points only.
    Gcps(Vec<Gcp>),
}

impl Georeference {
    /// Reads the pixel scale with the first tie point, else the transformation matrix, else tie points as ground control
    /// points: the order in which GDAL prefers them. Where pixels are points, the result is shifted by half a pixel, so that
    /// it always speaks of pixel corners.
    pub fn of(ifd: &Ifd) -> Georeference {
        let point = GeoKeys::of(ifd).is_some_and(|keys| keys.pixel_is_point());
        let half = if point { -0.5 } else { 0.0 };
        let ties = ifd.f64s(Tag::MODEL_TIEPOINT).unwrap_or_default();
        if let Some((sx, sy)) = pixel_scale(ifd) {
            // A negative ScaleY is taken as a mistake for north-up, as GDAL takes it.
            let sy = sy.abs();
            return match ties.get(..6) {
                Some([i, j, _, x, y, ..]) => {
                    let t = GeoTransform { a: sx, b: 0.0, c: x - i * sx, d: 0.0, e: -sy, f: y + j * sy };
                    Georeference::Transform(if point { t.translated(half, half) } else { t })
                }
                _ => Georeference::Scale(GeoTransform { a: sx, b: 0.0, c: 0.0, d: 0.0, e: -sy, f: 0.0 }),
            };
        }
        // GDAL wants all 16 numbers of the matrix, and no more.
        if let Some([a, b, _, c, d, e, _, f, _, _, _, _, _, _, _, _]) = ifd.f64s(Tag::MODEL_TRANSFORMATION).as_deref() {
            let t = GeoTransform { a: *a, b: *b, c: *c, d: *d, e: *e, f: *f };
            return Georeference::Transform(if point { t.translated(half, half) } else { t });
        }
        let gcps: Vec<Gcp> = ties
            .chunks_exact(6)
            .filter_map(|p| match *p {
                [i, j, _, x, y, z] => Some(Gcp { column: i - half, row: j - half, x, y, z }),
                _ => None,
            })
            .collect();
        if gcps.is_empty() { Georeference::None } else { Georeference::Gcps(gcps) }
    }

    /// The affine transform, if there is one.
    pub fn transform(&self) -> Option<GeoTransform> {
        match self {
            Georeference::Transform(t) | Georeference::Scale(t) => Some(*t),
            _ => None,
        }
    }

    /// What is doubtful about the tags that tie an image to coordinates, a line each.
    pub(crate) fn doubts(ifd: &Ifd) -> Vec<String> {
        let count = |tag| ifd.f64s(tag).map(|values| values.len());
        let (scale, ties) = (count(Tag::MODEL_PIXEL_SCALE), count(Tag::MODEL_TIEPOINT));
        let mut doubts = Vec::new();
        let mut doubt = |text: String| doubts.push(text);
        match (scale, pixel_scale(ifd), ties) {
            (Some(n), None, _) if n < 2 => doubt(format!("ModelPixelScale holds {n} of its 3 numbers: it is ignored")),
            (Some(_), None, _) => doubt("ModelPixelScale is 0: it is ignored".to_string()),
            (Some(_), Some(_), None) => {
                doubt("ModelPixelScale without a tie point: the image lies at (0, 0)".to_string())
            }
            (Some(_), Some(_), Some(n)) if n < 6 => {
                doubt(format!("ModelTiepoint holds {n} of its 6 numbers: the image lies at (0, 0)"));
            }
            (_, _, Some(n)) if n % 6 != 0 => {
                doubt(format!("ModelTiepoint holds {n} numbers, no multiple of 6: the last {} are ignored", n % 6));
            }
            _ => {}
        }
        if let Some(n) = count(Tag::MODEL_TRANSFORMATION).filter(|n| *n != 16) {
            doubt(format!("ModelTransformation holds {n} instead of 16 numbers: it is ignored"));
        }
        doubts
    }
}

/// Width and height of a pixel, if both are there and none is 0.
fn pixel_scale(ifd: &Ifd) -> Option<(f64, f64)> {
    match ifd.f64s(Tag::MODEL_PIXEL_SCALE)?.as_slice() {
        [sx, sy, ..] if *sx != 0.0 && *sy != 0.0 => Some((*sx, *sy)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_leads_back_to_the_pixel() {
        let t = GeoTransform { a: 2.0, b: 0.5, c: 100.0, d: -0.25, e: -3.0, f: 700.0 };
        let (x, y) = t.apply(12.0, 34.0);
        let (c, r) = t.inverse().unwrap().apply(x, y);
        assert!((c - 12.0).abs() < 1e-9 && (r - 34.0).abs() < 1e-9);
        assert_eq!(GeoTransform { a: 0.0, ..GeoTransform::IDENTITY }.inverse(), None);
    }
}
