//! From pixels of the output to pixels of the source.

use cog_crs::{Crs, GcpTransform, Transform};
use cog_raster::GeoTransform;

use crate::error::{Error, Result};
use crate::grid::OutputGrid;
use crate::level::LevelGrid;

/// Where output pixels lie in a source, in pixels of its full resolution. Corners of pixels have whole numbers.
#[derive(Debug)]
pub(crate) struct Mapping {
    output: GeoTransform,
    /// From the output's CRS to the source's; `None` if they are the same.
    transform: Option<Transform>,
    /// From the source's coordinates to its pixels.
    to_pixels: GeoTransform,
    /// Instead of it.
    gcps: Option<GcpTransform>,
    /// Once around the Earth in the source's coordinates, if x is a longitude.
    around: Option<Around>,
}

/// Longitudes repeat.
#[derive(Clone, Copy, Debug)]
struct Around {
    /// 360° in the unit of the CRS.
    turn: f64,
    /// The middle of the source: of the many longitudes of a place, the nearest to it counts.
    middle: f64,
}

/// A source as far as the mapping needs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SourceGrid<'a> {
    pub(crate) crs: &'a Crs,
    pub(crate) transform: GeoTransform,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Mapping {
    /// # Errors
    /// CRSs without a transform between them, and a source whose pixels lie on a line.
    pub(crate) fn new(output: &OutputGrid, source: &SourceGrid<'_>) -> Result<Mapping> {
        let mut mapping = Mapping::of_one_turn(output, source)?;
        if mapping.transform.is_none()
            && let Some((_, radians)) = source.crs.unit().filter(|_| is_geographic(source.crs))
        {
            mapping.find_turns(output, source, std::f64::consts::TAU / radians);
        }
        Ok(mapping)
    }

    /// Looks for the source on other turns around the Earth than its longitudes say, where no transform does: the grid may see it on one of
    /// them, or on two.
    fn find_turns(&mut self, output: &OutputGrid, source: &SourceGrid<'_>, turn: f64) {
        let (first, last) = output.whole_range();
        let (w, h) = (f64::from(source.width), f64::from(source.height));
        let xs = [(0.0, 0.0), (w, 0.0), (0.0, h), (w, h)].map(|(c, r)| source.transform.apply(c, r).0);
        let (west, east) =
            (xs.into_iter().fold(f64::INFINITY, f64::min), xs.into_iter().fold(f64::NEG_INFINITY, f64::max));
        // What is less than half a pixel is rounding.
        let least = 0.5 * (self.output.a.abs() + self.output.b.abs());
        let sees = |turns: &f64| (east + turns * turn).min(last) - (west + turns * turn).max(first) > least;
        let nearest = ((0.5 * (first + last) - 0.5 * (west + east)) / turn).round();
        let seen: Vec<f64> = [nearest - 1.0, nearest, nearest + 1.0].into_iter().filter(sees).collect();
        match seen.as_slice() {
            [] => {}
            [turns] => self.output.c -= turns * turn,
            _ => self.around = Some(Around { turn, middle: 0.5 * (west + east) }),
        }
    }

    /// As [`new`](Self::new), with the longitudes of the source as they are if no transform leads to it: as GDAL does.
    pub(crate) fn of_one_turn(output: &OutputGrid, source: &SourceGrid<'_>) -> Result<Mapping> {
        let transform =
            (output.crs() != source.crs).then(|| Transform::new_or_ballpark(output.crs(), source.crs)).transpose()?;
        let to_pixels = source.transform.inverse().ok_or(Error::FlatSource)?;
        let middle = source.transform.apply(f64::from(source.width) / 2.0, f64::from(source.height) / 2.0).0;
        let around = match (&transform, source.crs.unit()) {
            (Some(_), Some((_, radians))) if is_geographic(source.crs) => {
                Some(Around { turn: std::f64::consts::TAU / radians, middle })
            }
            _ => None,
        };
        Ok(Mapping { output: output.whole_transform(), transform, to_pixels, gcps: None, around })
    }

    /// Into a source that ground control points place; `crs` is theirs.
    ///
    /// # Errors
    /// CRSs without a transform between them.
    pub(crate) fn of_gcps(output: &OutputGrid, crs: &Crs, gcps: &GcpTransform) -> Result<Mapping> {
        let transform = (output.crs() != crs).then(|| Transform::new_or_ballpark(output.crs(), crs)).transpose()?;
        let [left, _, right, _] = gcps.bounds();
        let around = crs
            .unit()
            .filter(|_| is_geographic(crs))
            .map(|(_, radians)| Around { turn: std::f64::consts::TAU / radians, middle: 0.5 * (left + right) });
        let (output, gcps) = (output.whole_transform(), Some(gcps.clone()));
        Ok(Mapping { output, transform, to_pixels: GeoTransform::IDENTITY, gcps, around })
    }

    /// The place of column and row of the whole output grid; `None` where the source's CRS has no such place.
    pub(crate) fn point(&self, column: f64, row: f64) -> Option<(f64, f64)> {
        let (mut x, mut y) = ([column], [row]);
        self.points(&mut x, &mut y);
        let ([x], [y]) = (x, y);
        x.is_finite().then_some((x, y))
    }

    /// As [`point`](Self::point) of each column and row, in place; NaN where there is no place. What becomes of one does not depend on the
    /// others.
    pub(crate) fn points(&self, columns: &mut [f64], rows: &mut [f64]) {
        for (x, y) in columns.iter_mut().zip(rows.iter_mut()) {
            (*x, *y) = self.output.apply(*x, *y);
        }
        if let Some(transform) = &self.transform {
            transform.convert(columns, rows);
        }
        if let Some(Around { turn, middle }) = self.around {
            for x in columns.iter_mut() {
                *x -= ((*x - middle) / turn).round() * turn;
            }
        }
        for (x, y) in columns.iter_mut().zip(rows.iter_mut()) {
            let place = match &self.gcps {
                Some(gcps) => gcps.backward(*x, *y),
                None => self.to_pixels.apply(*x, *y),
            };
            let is_place = place.0.is_finite() && place.1.is_finite();
            (*x, *y) = if is_place { place } else { (f64::NAN, f64::NAN) };
        }
    }

    /// Brings places to the turn around the Earth that is nearest to another place in the source: without a jump beside it.
    pub(crate) fn turn_near(&self, columns: &mut [f64], rows: &mut [f64], near: (f64, f64)) {
        let Some(around) = self.around.filter(|_| self.gcps.is_none()) else { return };
        // A turn is the same number of pixels everywhere; measuring along the row of pixels is enough unless the source is rotated.
        let turn = (self.to_pixels.a * around.turn, self.to_pixels.d * around.turn);
        let length = turn.0 * turn.0 + turn.1 * turn.1;
        for (x, y) in columns.iter_mut().zip(rows) {
            let turns = (((near.0 - *x) * turn.0 + (near.1 - *y) * turn.1) / length).round();
            (*x, *y) = (*x + turns * turn.0, *y + turns * turn.1);
        }
    }

    /// Pixels of the source for one turn around the Earth, if it has longitudes along its rows.
    pub(crate) fn turn(&self) -> Option<f64> {
        self.around
            .filter(|_| self.gcps.is_none() && self.to_pixels.d == 0.0)
            .map(|a| (self.to_pixels.a * a.turn).abs())
    }

    /// The column and row of the level that the first pixel of the output is, if every output pixel is a pixel of the level.
    pub(crate) fn aligned(&self, level: LevelGrid) -> Option<(f64, f64)> {
        /// Of a pixel: below this nobody means another place.
        const SAME: f64 = 1e-6;
        let is_whole = |v: f64| (v - v.round()).abs() < SAME;
        let (fx, fy) = level.factors();
        let (x, y) = self.affine()?;
        let (x, y) = (x.map(|v| v * fx), y.map(|v| v * fy));
        let is_aligned = (x[0] - 1.0).abs() < 1e-9
            && (y[1] - 1.0).abs() < 1e-9
            && x[1].abs() < 1e-9
            && y[0].abs() < 1e-9
            && is_whole(x[2])
            && is_whole(y[2]);
        is_aligned.then(|| (x[2].round(), y[2].round()))
    }

    /// x and y as `a * column + b * row + c`, if both lie in one CRS, on one turn around the Earth.
    pub(crate) fn affine(&self) -> Option<([f64; 3], [f64; 3])> {
        if self.transform.is_some() || self.gcps.is_some() || self.around.is_some() {
            return None;
        }
        let (o, p) = (self.output, self.to_pixels);
        let x = [p.a * o.a + p.b * o.d, p.a * o.b + p.b * o.e, p.a * o.c + p.b * o.f + p.c];
        let y = [p.d * o.a + p.e * o.d, p.d * o.b + p.e * o.e, p.d * o.c + p.e * o.f + p.f];
        Some((x, y))
    }
}

fn is_geographic(crs: &Crs) -> bool {
    matches!(crs.horizontal().kind(), cog_crs::Kind::Geographic | cog_crs::Kind::Geographic3d)
}
