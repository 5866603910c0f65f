//! Rectangles in a CRS.

use cog_tiff::GeoTransform;

use crate::geometry::window::Window;

/// A rectangle in the units of a CRS.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Bounds {
    pub minx: f64,
    pub miny: f64,
    pub maxx: f64,
    pub maxy: f64,
}

impl Bounds {
    /// A rectangle from its edges: west, south, east, north.
    pub fn new(minx: f64, miny: f64, maxx: f64, maxy: f64) -> Bounds {
        Bounds { minx, miny, maxx, maxy }
    }

    /// True if all four are finite and the rectangle is not empty.
    pub fn is_sound(&self) -> bool {
        [self.minx, self.miny, self.maxx, self.maxy].iter().all(|v| v.is_finite())
            && self.minx < self.maxx
            && self.miny < self.maxy
    }

    /// The window of an image that covers the rectangle; of a rotated image, the window around it. `None` if the transform has no
    /// inverse.
    pub fn window(&self, transform: &GeoTransform) -> Option<Window> {
        let inverse = transform.inverse()?;
        let corners = [(self.minx, self.maxy), (self.maxx, self.maxy), (self.minx, self.miny), (self.maxx, self.miny)]
            .map(|(x, y)| inverse.apply(x, y));
        let edge = |pick: fn(&(f64, f64)) -> f64, choose: fn(f64, f64) -> f64, start: f64| {
            corners.iter().map(pick).fold(start, choose)
        };
        let (left, right) = (edge(|c| c.0, f64::min, f64::INFINITY), edge(|c| c.0, f64::max, f64::NEG_INFINITY));
        let (top, bottom) = (edge(|c| c.1, f64::min, f64::INFINITY), edge(|c| c.1, f64::max, f64::NEG_INFINITY));
        Some(Window { column: left, row: top, width: right - left, height: bottom - top })
    }
}

impl From<[f64; 4]> for Bounds {
    fn from([minx, miny, maxx, maxy]: [f64; 4]) -> Bounds {
        Bounds { minx, miny, maxx, maxy }
    }
}

impl From<(f64, f64, f64, f64)> for Bounds {
    fn from((minx, miny, maxx, maxy): (f64, f64, f64, f64)) -> Bounds {
        Bounds { minx, miny, maxx, maxy }
    }
}

impl From<Bounds> for [f64; 4] {
    fn from(bounds: Bounds) -> [f64; 4] {
        [bounds.minx, bounds.miny, bounds.maxx, bounds.maxy]
    }
}

impl From<Bounds> for geo_types::Rect<f64> {
    fn from(bounds: Bounds) -> geo_types::Rect<f64> {
        geo_types::Rect::new((bounds.minx, bounds.miny), (bounds.maxx, bounds.maxy))
    }
}

impl From<geo_types::Rect<f64>> for Bounds {
    fn from(rect: geo_types::Rect<f64>) -> Bounds {
        let (min, max) = (rect.min(), rect.max());
        Bounds { minx: min.x, miny: min.y, maxx: max.x, maxy: max.y }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_of_a_north_up_image_start_at_its_top() {
        let transform = GeoTransform { a: 10.0, b: 0.0, c: 1000.0, d: 0.0, e: -10.0, f: 2000.0 };
        let window = Bounds::new(1010.0, 1950.0, 1040.0, 1990.0).window(&transform).unwrap();
        assert_eq!(window, Window::new(1, 1, 3, 4));
    }

    #[test]
    fn a_rotated_image_is_covered_by_the_window_around_it() {
        let transform = GeoTransform { a: 0.0, b: 2.0, c: 0.0, d: 2.0, e: 0.0, f: 0.0 };
        assert_eq!(Bounds::new(2.0, 4.0, 6.0, 10.0).window(&transform).unwrap(), Window::new(2, 1, 3, 2));
    }

    #[test]
    fn bounds_and_rectangles_stand_for_each_other() {
        let rect = geo_types::Rect::new((1.0, 2.0), (3.0, 5.0));
        assert_eq!(Bounds::from(rect), Bounds::from((1.0, 2.0, 3.0, 5.0)));
        assert_eq!(geo_types::Rect::from(Bounds::from(rect)), rect);
        assert_eq!(<[f64; 4]>::from(Bounds::from(rect)), [1.0, 2.0, 3.0, 5.0]);
    }

    #[test]
    fn a_transform_of_zeros_has_no_window() {
        let transform = GeoTransform { a: 0.0, b: 0.0, c: 0.0, d: 0.0, e: 0.0, f: 0.0 };
        assert!(Bounds::new(0.0, 0.0, 1.0, 1.0).window(&transform).is_none());
    }
}
