//! Coordinates from one CRS to another.
//!
//! In between stand longitude and latitude in degrees, east of Greenwich, on the datum of either side: a projection's
//! inverse, the shift between the datums, a projection. Points go from step to step in batches. Two engines do the arithmetic, each
//! in a module of its own, for each has methods that the other lacks: `proj-core` first, then `proj4rs`. Our own are Mercator,
//! Transverse Mercator and Lambert's azimuthal equal-area projection, for speed; Mollweide, for `proj4rs` gives up near the poles; and the New Zealand Map Grid, modified Krovak, Bonne
//! and some maps of the world, which neither has.

mod auxiliary_latitude;
mod batch;
mod bonne;
mod bounds;
mod by_proj4rs;
mod by_proj_core;
mod datum_shift;
mod elementary;
mod geocentric;
mod globe;
mod goode;
mod half;
mod krovak_modified;
mod lambert_azimuthal;
mod mercator;
mod mollweide;
mod new_zealand;
mod operations;
mod solve;
mod transverse_mercator;
mod world_maps;

use crate::crs::Crs;
use crate::error::Result;
use batch::{BATCH, only_finite};
use datum_shift::DatumShift;
use half::Half;
use std::sync::OnceLock;

/// Coordinates from one CRS to another.
///
/// x comes first, whatever order the definitions have: longitude before latitude, easting before northing. Units are those of
/// each CRS. Heights are not touched.
///
/// ```
/// use cog_crs::{Crs, Transform};
///
/// let transform = Transform::new(&Crs::from_epsg(4326)?, &Crs::from_epsg(3857)?)?;
/// let (mut x, mut y) = ([9.0, 10.0], [48.0, 49.0]);
/// assert_eq!(transform.convert(&mut x, &mut y), 0);
/// assert!((x[0] - 1_001_875.417).abs() < 1e-3 && (y[0] - 6_106_854.834).abs() < 1e-3);
/// # Ok::<(), cog_crs::Error>(())
/// ```
#[derive(Debug)]
pub struct Transform {
    from: Half,
    shift: DatumShift,
    to: Half,
    /// The way back between the datums, found when first asked for.
    back: OnceLock<DatumShift>,
    ends: (Crs, Crs),
}

impl Transform {
    /// The transform between two CRSs: the operation that PROJ chooses between their datums without grid files.
    ///
    /// A CRS without a named datum (a sphere of MODIS, a user-defined ellipsoid) lies at the same longitudes and latitudes as
    /// the other one; [`Transform::is_ballpark`] tells so. Between two named datums there is a known operation, or two of
    /// them by way of WGS 84, ETRS89 or ED50 whose areas overlap, or an error.
    ///
    /// # Errors
    /// [`Error::Unsupported`](crate::Error::Unsupported) for vertical and local CRSs, for projections that no engine has, and for datums without an operation
    /// between them.
    pub fn new(from: &Crs, to: &Crs) -> Result<Transform> {
        Transform::with(from, to, DatumShift::new(from.body(), to.body())?)
    }

    /// As [`Transform::new`], but where no operation between the datums is known, longitudes and latitudes are kept, as in PROJ, which is up
    /// to a few hundred metres off; [`Transform::is_ballpark`] tells so.
    ///
    /// # Errors
    /// As [`Transform::new`], but for datums.
    pub fn new_or_ballpark(from: &Crs, to: &Crs) -> Result<Transform> {
        let shift = DatumShift::new(from.body(), to.body());
        Transform::with(from, to, shift.unwrap_or_else(|_| DatumShift::unknown()))
    }

    fn with(from: &Crs, to: &Crs, shift: DatumShift) -> Result<Transform> {
        Ok(Transform {
            from: Half::new(from.body())?,
            shift,
            to: Half::new(to.body())?,
            back: OnceLock::new(),
            ends: (from.clone(), to.clone()),
        })
    }

    /// The way back.
    ///
    /// # Errors
    /// As [`Transform::new`].
    pub fn inverse(&self) -> Result<Transform> {
        Transform::new(&self.ends.1, &self.ends.0)
    }

    /// Converts points in place, without allocation. Points outside a projection's domain, and those that are not finite, become
    /// NaN in both coordinates; the answer is how many. Only pairs count if the slices differ in length.
    ///
    /// What becomes of a point depends on nothing else: alone and among others it has the same coordinates, to the last bit.
    pub fn convert(&self, x: &mut [f64], y: &mut [f64]) -> usize {
        let len = x.len().min(y.len());
        let (Some(x), Some(y)) = (x.get_mut(..len), y.get_mut(..len)) else { return 0 };
        let batches = x.chunks_mut(BATCH).zip(y.chunks_mut(BATCH));
        batches.map(|(x, y)| convert(&self.from, &self.shift, &self.to, x, y)).sum()
    }

    /// One point; `None` outside a projection's domain.
    pub fn point(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let (mut x, mut y) = ([x], [y]);
        let failed = convert(&self.from, &self.shift, &self.to, &mut x, &mut y);
        let ([x], [y]) = (x, y);
        (failed == 0).then_some((x, y))
    }

    /// One point of the other side; `None` where there is no way back.
    pub(crate) fn point_back(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let (mut x, mut y) = ([x], [y]);
        let failed = convert(&self.to, self.way_back(), &self.from, &mut x, &mut y);
        let ([x], [y]) = (x, y);
        (failed == 0).then_some((x, y))
    }

    /// A longitude and latitude on the datum of the other side, as coordinates of this side.
    fn back_from_globe(&self, longitude: f64, latitude: f64) -> Option<(f64, f64)> {
        let (mut x, mut y) = ([longitude], [latitude]);
        self.way_back().convert(&mut x, &mut y);
        self.from.forward(&mut x, &mut y);
        let ([x], [y]) = (x, y);
        (x.is_finite() && y.is_finite()).then_some((x, y))
    }

    fn way_back(&self) -> &DatumShift {
        self.back.get_or_init(|| {
            let shift = DatumShift::new(self.ends.1.body(), self.ends.0.body());
            shift.unwrap_or_else(|_| DatumShift::unknown())
        })
    }

    /// True if nothing is converted: both CRSs are one.
    pub(crate) fn is_identity(&self) -> bool {
        self.ends.0 == self.ends.1
    }

    /// True if it leads to longitudes and latitudes in degrees.
    pub(crate) fn to_degrees(&self) -> bool {
        self.to.is_degrees()
    }

    /// Metres of uncertainty that the operation between the datums is known to have; 0 within one datum, `None` where nobody
    /// says.
    pub fn accuracy(&self) -> Option<f64> {
        self.shift.accuracy()
    }

    /// What happens between the datums, in words: for example "NAD83 to WGS 84 (1)".
    pub fn operation(&self) -> &str {
        self.shift.name()
    }

    /// True if one side has no named datum, and its longitudes and latitudes are taken for those of the other side.
    pub fn is_ballpark(&self) -> bool {
        self.shift.is_ballpark()
    }
}

/// At most a batch of points; how many have no image, which become NaN.
fn convert(from: &Half, shift: &DatumShift, to: &Half, x: &mut [f64], y: &mut [f64]) -> usize {
    only_finite(x, y);
    from.inverse(x, y);
    shift.convert(x, y);
    to.forward(x, y);
    only_finite(x, y)
}
