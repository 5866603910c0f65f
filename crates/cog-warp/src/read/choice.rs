//! Which level a warped read takes.

use cog_crs::{Crs, Extent, Transform};
use cog_raster::{GeoTransform, OverviewStrategy};

use super::place::Tie;
use crate::error::Result;
use crate::grid::OutputGrid;

/// Places along a side of the source where pixels are measured.
const PROBES: u32 = 11;

/// How many source pixels an output pixel is long, along the axis where it is less: the median over the source.
///
/// Every part of a grid, and every grid with pixels of this size, has the same answer: neighbouring tiles come from one level. Places
/// outside the area that the output's CRS is meant for do not count, unless no place lies inside.
///
/// # Errors
/// CRSs without a way between them.
pub(super) fn reduction(source: &Source<'_>, crs: &Crs, output: GeoTransform) -> Result<Option<f64>> {
    let transform = (crs != source.crs).then(|| Transform::new_or_ballpark(source.crs, crs)).transpose()?;
    let Some(to_pixels) = output.inverse() else { return Ok(None) };
    let measure = |column: f64, row: f64| {
        let at = |column: f64, row: f64| {
            let (x, y) = source.tie.apply(column, row);
            let (x, y) = transform.as_ref().map_or(Some((x, y)), |t| t.point(x, y))?;
            Some(to_pixels.apply(x, y))
        };
        // Half a pixel to either side: no place outside the source is asked for.
        let (left, right) = (at(column - 0.5, row)?, at(column + 0.5, row)?);
        let (above, below) = (at(column, row - 0.5)?, at(column, row + 0.5)?);
        least((right.0 - left.0, right.1 - left.1), (below.0 - above.0, below.1 - above.1))
    };
    let area = Area::of(source.crs, crs);
    let (mut inside, mut all) = (Vec::new(), Vec::new());
    for row in 0..PROBES {
        for column in 0..PROBES {
            let at = |i: u32, length: u32| (f64::from(i) + 0.5) * f64::from(length) / f64::from(PROBES);
            let (column, row) = (at(column, source.width), at(row, source.height));
            let Some(size) = measure(column, row) else { continue };
            let (x, y) = source.tie.apply(column, row);
            if area.as_ref().is_none_or(|area| area.contains(x, y)) {
                inside.push(size);
            }
            all.push(size);
        }
    }
    let mut sizes = if inside.is_empty() { all } else { inside };
    let middle = sizes.len() / 2;
    if sizes.is_empty() {
        return Ok(None);
    }
    Ok(Some(*sizes.select_nth_unstable_by(middle, f64::total_cmp).1))
}

/// The same as `gdalwarp` measures it: from one corner of the source to the opposite one; or, where these have no place, by the pixels
/// of the grid that GDAL suggests.
///
/// # Errors
/// CRSs without a way between them.
pub(super) fn reduction_of_gdal(source: &Source<'_>, grid: &OutputGrid) -> Result<Option<f64>> {
    let crs = grid.crs();
    let transform = (crs != source.crs).then(|| Transform::new_or_ballpark(source.crs, crs)).transpose()?;
    let Some(to_pixels) = grid.whole_transform().inverse() else { return Ok(None) };
    let (width, height) = (f64::from(source.width), f64::from(source.height));
    let at = |column: f64, row: f64| {
        let (x, y) = source.tie.apply(column, row);
        let (x, y) = transform.as_ref().map_or(Some((x, y)), |t| t.point(x, y))?;
        Some(to_pixels.apply(x, y))
    };
    if let (Some(first), Some(last)) = (at(0.0, 0.0), at(width, height))
        && first.0 != last.0
        && first.1 != last.1
    {
        return Ok(Some(width.hypot(height) / (last.0 - first.0).hypot(last.1 - first.1)));
    }
    let extent = match source.tie {
        Tie::Transform(transform) => Extent::new(source.crs, transform.to_array(), source.width, source.height),
        Tie::Gcps(gcps) => Extent::of_gcps(source.crs, gcps, source.width, source.height),
    };
    let suggested = extent.and_then(|extent| extent.suggested_grid(crs));
    let GeoTransform { a, d, .. } = grid.whole_transform();
    // GDAL takes full resolution where it has nothing to suggest.
    Ok(suggested.ok().map(|suggested| a.hypot(d) / suggested.transform[0]))
}

/// The source as far as its pixels are measured.
pub(super) struct Source<'a> {
    pub(super) crs: &'a Crs,
    pub(super) tie: &'a Tie,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// From the steps of a source pixel in output pixels to those of an output pixel in source pixels; the shorter one.
fn least(column: (f64, f64), row: (f64, f64)) -> Option<f64> {
    let determinant = column.0 * row.1 - row.0 * column.1;
    let across = row.1.hypot(row.0) / determinant.abs();
    let down = column.1.hypot(column.0) / determinant.abs();
    let size = across.min(down);
    (size.is_finite() && size > 0.0).then_some(size)
}

/// Where the output's CRS is meant to be used.
struct Area {
    to_degrees: Transform,
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

impl Area {
    fn of(source: &Crs, crs: &Crs) -> Option<Area> {
        let area = crs.area_of_use()?;
        let to_degrees = Transform::new(source, &source.geographic()?).ok()?;
        Some(Area { to_degrees, west: area.west, south: area.south, east: area.east, north: area.north })
    }

    fn contains(&self, x: f64, y: f64) -> bool {
        let Some((longitude, latitude)) = self.to_degrees.point(x, y) else { return false };
        let east = (self.east - self.west).rem_euclid(360.0);
        // All the way round is 0 or 360 degrees.
        let width = if east == 0.0 { 360.0 } else { east };
        (longitude - self.west).rem_euclid(360.0) <= width && (self.south..=self.north).contains(&latitude)
    }
}

/// The level for a reduction.
pub(super) fn level(strategy: OverviewStrategy, decimations: &[(f64, f64)], reduction: f64) -> usize {
    let coarsest = |limit: f64| {
        let fitting = decimations.iter().enumerate().filter(|(_, d)| d.0.max(d.1) < limit);
        fitting.max_by(|a, b| a.1.0.total_cmp(&b.1.0)).map_or(0, |(i, _)| i)
    };
    match strategy {
        OverviewStrategy::FullResolution => 0,
        OverviewStrategy::Percent(percent) => {
            let finer = coarsest(reduction * (1.0 + 1e-9));
            let fine = decimations.get(finer).map_or(1.0, |d| d.0);
            let coarser = decimations.iter().enumerate().filter(|(_, d)| d.0 > fine);
            // Resolutions lie from the coarser one to the finer one: so far along the way the coarser one is taken.
            let next = coarser.min_by(|a, b| a.1.0.total_cmp(&b.1.0));
            let share = f64::from(percent.min(100)) / 100.0;
            next.filter(|(_, d)| reduction > fine && reduction >= d.0 - share * (d.0 - fine)).map_or(finer, |(i, _)| i)
        }
        // As gdalwarp -ovr AUTO: an overview counts up to a tenth of a pixel beyond.
        _ => coarsest(reduction + 0.1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVELS: [(f64, f64); 4] = [(1.0, 1.0), (2.0, 2.0), (4.0, 4.0), (8.0, 8.0)];

    #[test]
    fn the_coarsest_level_that_is_fine_enough_is_taken() {
        for (reduction, expected) in
            [(0.3, 0), (1.0, 0), (1.89, 0), (1.95, 1), (2.0, 1), (3.5, 1), (4.0, 2), (100.0, 3)]
        {
            assert_eq!(level(OverviewStrategy::Gdal, &LEVELS, reduction), expected, "{reduction}");
        }
    }

    #[test]
    fn strategies_of_aiocogeo_take_the_level_on_either_side() {
        for (reduction, upper, auto, lower) in
            [(1.0, 0, 0, 0), (1.4, 0, 0, 1), (1.6, 0, 1, 1), (2.0, 1, 1, 1), (3.5, 1, 2, 2), (9.0, 3, 3, 3)]
        {
            let of = |strategy| level(strategy, &LEVELS, reduction);
            let found = [OverviewStrategy::UPPER, OverviewStrategy::AUTO, OverviewStrategy::LOWER].map(of);
            assert_eq!(found, [upper, auto, lower], "{reduction}");
            assert_eq!(of(OverviewStrategy::FullResolution), 0);
        }
    }

    #[test]
    fn pixels_are_as_large_as_gdalwarp_measures_them() {
        // The sizes from which `gdalwarp -tr` takes the overview of half the size: found by halving an interval 30 times.
        let utm = [10.0, 0.0, 399_960.0, 0.0, -10.0, 5_500_020.0];
        let world = [0.5, 0.0, -180.0, 0.0, -0.5, 60.0];
        let polar = [10_000.0, 0.0, -1_500_000.0, 0.0, -10_000.0, 1_500_000.0];
        let turned = [900.0, 300.0, 4_000_000.0, 300.0, -900.0, 3_000_000.0];
        for (from, [a, b, c, d, e, f], to, x, y) in [
            ("EPSG:32633", utm, "EPSG:3857", 30.871607718723816, 30.871607718723816),
            ("EPSG:4326", world, "EPSG:3857", 122_453.77939194441, 122_453.77939194441),
            ("EPSG:3413", polar, "EPSG:4326", 1.56514867383521, 0.15651486738352102),
            ("EPSG:3035", turned, "EPSG:25832", 1896.6253606230023, 1896.6253606230023),
            ("EPSG:32633", utm, "EPSG:3857", 23.318057936830446, 69.95417381049133),
        ] {
            let own: Crs = from.parse().unwrap();
            let tie = Tie::Transform(GeoTransform { a, b, c, d, e, f });
            let source = Source { crs: &own, tie: &tie, width: 200, height: 200 };
            let output = GeoTransform { a: x, b: 0.0, c: 0.0, d: 0.0, e: -y, f: 0.0 };
            let grid = OutputGrid::new(to.parse().unwrap(), output, 10, 10).unwrap();
            let found = reduction_of_gdal(&source, &grid).unwrap().unwrap();
            assert!((found - 2.0).abs() < 1e-5, "{from} to {to}: {found}");
        }
    }

    fn measured(source: &str, transform: [f64; 6], size: (u32, u32), crs: &str, pixel: f64) -> f64 {
        let [a, b, c, d, e, f] = transform;
        let own: Crs = source.parse().unwrap();
        let tie = Tie::Transform(GeoTransform { a, b, c, d, e, f });
        let source = Source { crs: &own, tie: &tie, width: size.0, height: size.1 };
        let output = GeoTransform { a: pixel, b: 0.0, c: 0.0, d: 0.0, e: -pixel, f: 0.0 };
        reduction(&source, &crs.parse().unwrap(), output).unwrap().unwrap()
    }

    #[test]
    fn pixels_are_measured_where_the_source_lies() {
        // Web Mercator is enlarged by 1 / cos(latitude); here from 47.8 to 48.8 degrees.
        let utm = [10.0, 0.0, 399_960.0, 0.0, -10.0, 5_400_000.0];
        let size = measured("EPSG:32633", utm, (10_980, 10_980), "EPSG:3857", 30.0);
        assert!((size - 3.0 * 48.25_f64.to_radians().cos()).abs() < 0.02, "{size}");
        // A quarter turn, and rows that run north, make no difference.
        let turned =
            measured("EPSG:32633", [0.0, 10.0, 399_960.0, 10.0, 0.0, 5_290_200.0], (10_980, 10_980), "EPSG:3857", 30.0);
        assert!((turned - size).abs() < 1e-3, "{turned}");
    }

    #[test]
    fn places_outside_the_area_of_the_output_do_not_count() {
        // Of the whole Earth only the north counts for a map of the Arctic, where a pixel of 0.1 degrees is 11 km long.
        let globe = [0.1, 0.0, -180.0, 0.0, -0.1, 90.0];
        let size = measured("EPSG:4326", globe, (3600, 1800), "EPSG:3413", 11_132.0);
        assert!((0.9..1.1).contains(&size), "{size}");
    }
}
