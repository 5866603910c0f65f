//! The grid of a mosaic: as it was asked for, or around all of its sources.

use cog_crs::{Crs, Extent, Kind};
use cog_warp::{GridRequest, OutputGrid, extent_of};
use futures_util::{StreamExt, stream};

use super::collection::{Mosaic, OPENED_AT_ONCE};
use crate::error::{Error, Result};

/// Which grid is asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) grid: Option<OutputGrid>,
    pub(super) crs: Option<Crs>,
    pub(super) bounds: Option<[f64; 4]>,
    pub(super) bounds_crs: Option<Crs>,
    pub(super) size: Size,
}

/// How many pixels.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Size {
    #[default]
    Native,
    Shape(u32, u32),
    Width(u32),
    Height(u32),
    Longest(u32),
    Resolution(f64, f64),
}

impl Wanted {
    /// The grid of a mosaic whose first source lies at `first`. Sources that cannot be opened do not count, if they are skipped.
    pub(super) async fn build(&self, mosaic: &Mosaic, first: &Extent, skip: bool) -> Result<OutputGrid> {
        if let Some(grid) = &self.grid {
            return Ok(grid.clone());
        }
        let crs = self.crs.as_ref().unwrap_or_else(|| first.crs());
        let request = GridRequest::new(crs.clone());
        let mut request = match (self.bounds, &self.bounds_crs) {
            (Some(bounds), None) => request.bounds(bounds),
            (Some(bounds), Some(own)) => request.bounds(bounds).bounds_crs(own.clone()),
            (None, _) => request.bounds(around_all(mosaic, first, crs, skip).await?),
        };
        request = match self.size {
            Size::Native => request,
            Size::Shape(rows, columns) => request.shape(rows, columns),
            Size::Width(columns) => request.width(columns),
            Size::Height(rows) => request.height(rows),
            Size::Longest(pixels) => request.max_size(pixels),
            Size::Resolution(x, y) => request.resolution(x, y),
        };
        Ok(request.build(first)?)
    }
}

/// Bounds of all sources in a CRS, on the lines of the first one's grid if it is of this CRS.
async fn around_all(mosaic: &Mosaic, first: &Extent, crs: &Crs, skip: bool) -> Result<[f64; 4]> {
    let extent = |index: usize| async move {
        let cogs = mosaic.open_source(index).await?;
        let of_files = cogs.iter().map(|cog| Ok(extent_of(cog)?)).collect::<Result<Vec<_>>>();
        of_files.and_then(|files| bounds_of(&files, crs)).map_err(|error| mosaic.of_source(error, index))
    };
    let mut all = stream::iter(0..mosaic.sources().len()).map(extent).buffered(OPENED_AT_ONCE);
    let mut found = Vec::new();
    while let Some(bounds) = all.next().await {
        match bounds {
            Ok(bounds) => found.extend(bounds),
            Err(_) if skip => {}
            Err(error) => return Err(error),
        }
    }
    let bounds = union(found, crs).ok_or(Error::Internal { what: "a mosaic has no bounds" })?;
    Ok(if *first.crs() == *crs { snapped(bounds, first) } else { bounds })
}

/// Of the files of one source.
fn bounds_of(files: &[Extent], crs: &Crs) -> Result<Vec<[f64; 4]>> {
    /// Places between the corners of an edge, as in rasterio.
    const BETWEEN: usize = 21;
    let one = |file: &Extent| match file.crs() == crs {
        true => Ok(file.bounds()),
        false => Ok(file.footprint(crs, BETWEEN)?.bounds()),
    };
    files.iter().map(one).collect()
}

/// Around all of them. Longitudes may be those from -180 to 180 degrees or those from 0 to 360, whichever is narrower.
fn union(all: Vec<[f64; 4]>, crs: &Crs) -> Option<[f64; 4]> {
    let is_geographic = matches!(crs.horizontal().kind(), Kind::Geographic | Kind::Geographic3d);
    let turn = crs.unit().filter(|_| is_geographic).map(|(_, radians)| std::f64::consts::TAU / radians);
    // The factor of a degree is rounded.
    let turn = turn.map(|turn| if (turn - 360.0).abs() < 1e-9 { 360.0 } else { turn });
    let around = |all: &mut dyn Iterator<Item = [f64; 4]>| {
        all.reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
    };
    let Some(turn) = turn else { return around(&mut all.into_iter()) };
    let unrolled = all.into_iter().map(|[w, s, e, n]| [w, s, if w > e { e + turn } else { e }, n]);
    let unrolled: Vec<[f64; 4]> = unrolled.collect();
    let plain = around(&mut unrolled.iter().copied())?;
    let shifted = around(
        &mut unrolled.iter().map(|[w, s, e, n]| if *w < 0.0 { [w + turn, *s, e + turn, *n] } else { [*w, *s, *e, *n] }),
    )?;
    Some(if shifted[2] - shifted[0] < plain[2] - plain[0] { shifted } else { plain })
}

/// Out to the lines between the pixels of a raster that is not rotated.
fn snapped(bounds: [f64; 4], raster: &Extent) -> [f64; 4] {
    let Ok(grid) = raster.suggested_grid(raster.crs()) else { return bounds };
    let [a, b, c, d, e, f] = grid.transform;
    if b != 0.0 || d != 0.0 || a <= 0.0 || e >= 0.0 {
        return bounds;
    }
    // What is off by a thousandth of a pixel lies on the line.
    let down = |value: f64, origin: f64, size: f64| ((value - origin) / size + 1e-3).floor() * size + origin;
    let up = |value: f64, origin: f64, size: f64| ((value - origin) / size - 1e-3).ceil() * size + origin;
    let [minx, miny, maxx, maxy] = bounds;
    [down(minx, c, a), down(miny, f, -e), up(maxx, c, a), up(maxy, f, -e)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_on_both_sides_of_the_antimeridian_are_one_narrow_whole() {
        let degrees: Crs = "EPSG:4326".parse().unwrap();
        let both = vec![[178.0, 0.0, 180.0, 1.0], [-180.0, 0.5, -179.0, 2.0], [179.5, 0.0, -179.5, 1.0]];
        assert_eq!(union(both, &degrees), Some([178.0, 0.0, 181.0, 2.0]));
        assert_eq!(union(vec![[-5.0, 0.0, 1.0, 1.0], [2.0, 0.0, 9.0, 1.0]], &degrees), Some([-5.0, 0.0, 9.0, 1.0]));
        let metres: Crs = "EPSG:3857".parse().unwrap();
        assert_eq!(union(vec![[-5.0, 0.0, 1.0, 1.0], [2.0, 0.0, 9.0, 1.0]], &metres), Some([-5.0, 0.0, 9.0, 1.0]));
    }

    #[test]
    fn bounds_go_out_to_the_lines_of_the_first_grid() {
        let utm: Crs = "EPSG:32633".parse().unwrap();
        let first = Extent::new(&utm, [10.0, 0.0, 1003.0, 0.0, -10.0, 2007.0], 100, 100).unwrap();
        assert_eq!(snapped([1003.0, 1007.0, 2003.0, 2007.0], &first), [1003.0, 1007.0, 2003.0, 2007.0]);
        assert_eq!(snapped([990.0, 1000.0, 2005.0, 2010.0], &first), [983.0, 997.0, 2013.0, 2017.0]);
    }
}
