//! A box in one CRS to the box around it in another, as GDAL's `OCTTransformBounds` (rasterio's `transform_bounds`) does.

use super::Transform;
use crate::model::{Body, Conversion};

impl Transform {
    /// The box around a box: `[left, bottom, right, top]` in, the same out. `between` points are put between the corners of
    /// each edge, for straight edges bend; rasterio and GDAL take 21. `None` if no point has an image.
    ///
    /// To longitudes and latitudes in degrees: a pole inside the box is inside the answer, with all longitudes; left is greater than right
    /// where the box crosses the antimeridian.
    ///
    /// ```
    /// use cog_crs::{Crs, Transform};
    ///
    /// // UTM zone 60 ends at the antimeridian; this box lies on it.
    /// let transform = Transform::new(&Crs::from_epsg(32660)?, &Crs::from_epsg(4326)?)?;
    /// let [west, south, east, north] = transform.bounds([600_000.0, 5_000_000.0, 900_000.0, 5_300_000.0], 21).unwrap_or_default();
    /// assert!((west - 178.272).abs() < 1e-3 && (east + 177.665).abs() < 1e-3);
    /// assert!((south - 45.040).abs() < 1e-3 && (north - 47.846).abs() < 1e-3);
    /// # Ok::<(), cog_crs::Error>(())
    /// ```
    pub fn bounds(&self, [left, bottom, right, top]: [f64; 4], between: usize) -> Option<[f64; 4]> {
        if self.is_identity() {
            return Some([left, bottom, right, top]);
        }
        let ring: Vec<(f64, f64)> =
            ring([left, bottom, right, top], between).into_iter().filter_map(|(x, y)| self.point(x, y)).collect();
        let (left_out, right_out) = range(ring.iter().map(|p| p.0))?;
        let (bottom_out, top_out) = range(ring.iter().map(|p| p.1))?;
        let found = [left_out, bottom_out, right_out, top_out];
        if let Body::Projected(target) = self.ends.1.body().horizontal() {
            return Some(self.with_ends_of_map(&target.conversion, [left, bottom, right, top], found));
        }
        if !self.to.is_degrees() {
            return Some(found);
        }
        let holds_pole = |latitude: f64| {
            let pole = self.point_back(0.0, latitude);
            pole.is_some_and(|(x, y)| left < x && x < right && bottom < y && y < top)
        };
        if holds_pole(90.0) {
            return Some([-180.0, bottom_out, 180.0, 90.0]);
        }
        if holds_pole(-90.0) {
            return Some([-180.0, -90.0, 180.0, top_out]);
        }
        let longitudes: Vec<f64> = ring.iter().map(|p| p.0).collect();
        let (west, east) = across_antimeridian(&longitudes).unwrap_or((left_out, right_out));
        Some([west, bottom_out, east, top_out])
    }

    /// What the edges of the box do not show: a map reaches furthest at its poles, or half around the globe from its central
    /// meridian. Where the box holds such places, they are part of the answer.
    fn with_ends_of_map(&self, map: &Conversion, box_in: [f64; 4], mut found: [f64; 4]) -> [f64; 4] {
        /// Just beside the end: on it, maps are torn.
        const BESIDE: f64 = 1e-8;
        /// Where the web's maps end.
        const MERCATOR_END: f64 = 85.051_128_779_806_6;
        let [left, bottom, right, top] = box_in;
        let degrees = |codes: [u32; 4]| codes.into_iter().find_map(|code| map.si(code)).unwrap_or(0.0).to_degrees();
        let (longitude, latitude) = (degrees([8802, 8822, 8833, 8812]), degrees([8801, 8821, 8832, 8811]));
        let mut include = |longitude: f64, latitude: f64| {
            let (x, y) = self.back_from_globe(longitude, latitude)?;
            let inside = left <= x && x <= right && bottom <= y && y <= top;
            let (x, y) = inside.then(|| self.point(x, y))??;
            found = [found[0].min(x), found[1].min(y), found[2].max(x), found[3].max(y)];
            Some(())
        };
        let is_mercator = matches!(map.method_code(), Some(9804 | 1024 | 1026)) && longitude == 0.0;
        let end = if is_mercator { MERCATOR_END } else { 90.0 };
        let mut pole = None;
        for sign in [-1.0, 1.0] {
            if include(longitude, sign * (end - BESIDE)).is_some() {
                pole = Some(sign * end);
            }
        }
        let mut half_around = |latitude: f64| {
            for sign in [-1.0, 1.0] {
                include((longitude + sign * (180.0 - BESIDE) + 180.0) % 360.0 - 180.0, latitude);
            }
        };
        if longitude != 0.0 {
            half_around(latitude);
        }
        if let Some(pole) = pole.filter(|pole| *pole != latitude) {
            half_around(pole);
        }
        found
    }
}

/// The outline of a box as a closed ring, from the upper left corner down.
fn ring([left, bottom, right, top]: [f64; 4], between: usize) -> Vec<(f64, f64)> {
    let steps = between + 1;
    let (dx, dy) = ((right - left) / steps as f64, (top - bottom) / steps as f64);
    let edge = |start: (f64, f64), step: (f64, f64)| {
        (0..steps).map(move |i| (start.0 + i as f64 * step.0, start.1 + i as f64 * step.1))
    };
    edge((left, top), (0.0, -dy))
        .chain(edge((left, bottom), (dx, 0.0)))
        .chain(edge((right, bottom), (0.0, dy)))
        .chain(edge((right, top), (-dx, 0.0)))
        .collect()
}

fn range(numbers: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    numbers
        .fold(None, |found: Option<(f64, f64)>, n| Some(found.map_or((n, n), |(low, high)| (low.min(n), high.max(n)))))
}

/// West and east of a ring of longitudes that jumps over the antimeridian: by 200 degrees or more from one point to the next. Two
/// jumps cut it into a part that ends at 180 and one that begins at -180; of four, nobody knows more than all longitudes.
fn across_antimeridian(ring: &[f64]) -> Option<(f64, f64)> {
    const JUMP: f64 = 200.0;
    let before = ring.iter().cycle().skip(ring.len().checked_sub(1)?);
    let jumps: Vec<(usize, bool)> = ring
        .iter()
        .zip(before)
        .enumerate()
        .filter(|(_, (here, before))| (*before - *here).abs() >= JUMP)
        .map(|(i, (here, before))| (i, here > before))
        .collect();
    match jumps.as_slice() {
        [(first, eastern), (second, _)] => {
            let between = ring.get(*first..*second)?;
            let outside = || ring.iter().take(*first).chain(ring.iter().skip(*second)).copied();
            let (inner, outer) = (range(between.iter().copied())?, range(outside())?);
            Some(if *eastern { (inner.0, outer.1) } else { (outer.0, inner.1) })
        }
        [_, _, _, _] => Some((-180.0, 180.0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{across_antimeridian, ring};

    #[test]
    fn the_ring_starts_at_the_upper_left_corner_and_repeats_none() {
        let points = ring([0.0, 0.0, 2.0, 4.0], 1);
        let expected = [(0.0, 4.0), (0.0, 2.0), (0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (2.0, 2.0), (2.0, 4.0), (1.0, 4.0)];
        assert_eq!(points, expected);
    }

    #[test]
    fn a_ring_across_the_antimeridian_has_a_west_and_an_east() {
        assert_eq!(across_antimeridian(&[170.0, 175.0, -178.0, -175.0, -179.0, 176.0]), Some((170.0, -175.0)));
        // Wherever it begins.
        assert_eq!(across_antimeridian(&[-178.0, -175.0, -179.0, 176.0, 170.0, 175.0]), Some((170.0, -175.0)));
        assert_eq!(across_antimeridian(&[-20.0, 40.0, 60.0]), None);
        assert_eq!(across_antimeridian(&[]), None);
    }
}
