//! Where a file lies.

use cog_crs::{Crs, Extent, GcpTransform, Transform};
use cog_raster::GeoTransform;
use cog_read::Cog;
use cog_read::tiff::{Gcp, Georeference, Profile, Tag};

use crate::error::{Error, Result};

/// The CRS of a file: that of its `.aux.xml` where side-cars count and it names one, as in GDAL, else that of its GeoKeys. `None` where
/// nothing names one.
///
/// # Errors
/// Codes that are not registered, and text that is no CRS.
pub fn crs_of(profile: &Profile) -> cog_crs::Result<Option<Crs>> {
    if let Some(text) = profile.side_car_crs().and_then(|pam| pam.srs.as_deref()) {
        return text.parse().map(Some);
    }
    profile.geo_keys.as_ref().map_or(Ok(None), Crs::from_geo_keys)
}

/// A file's place: its CRS, its transform or its ground control points, its size.
///
/// # Errors
/// [`Error::NoCrs`], [`Error::NoFileTransform`], [`Error::OnlyRpc`], keys that make no CRS, and transforms that lead nowhere.
pub fn extent_of(cog: &Cog) -> Result<Extent> {
    let profile = cog.profile()?;
    let crs = own_crs(cog, &profile)?;
    let extent = match Tie::of(cog, &profile)? {
        Tie::Transform(transform) => Extent::new(&crs, transform.to_array(), profile.width, profile.height),
        Tie::Gcps(gcps) => Extent::of_gcps(&crs, &gcps, profile.width, profile.height),
    };
    Ok(extent?)
}

/// Places in any CRS as coordinates of a file, for [`Cog::points`]: x is longitude or easting, whatever the order of its axes. NaN where the
/// file's CRS has no such place.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use cog_warp::reader::Cog;
///
/// let cog = Cog::open("https://example.com/utm.tif").await?;
/// let places = cog_warp::places_of(&cog, &"EPSG:4326".parse()?, [(13.67, 47.84)])?;
/// let points = cog.points(places).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`Error::NoCrs`], keys that make no CRS, and CRSs without a way between them.
pub fn places_of(cog: &Cog, crs: &Crs, places: impl IntoIterator<Item = (f64, f64)>) -> Result<Vec<(f64, f64)>> {
    let own = own_crs(cog, &cog.profile()?)?;
    let (mut xs, mut ys): (Vec<f64>, Vec<f64>) = places.into_iter().unzip();
    if own != *crs {
        Transform::new_or_ballpark(crs, &own)?.convert(&mut xs, &mut ys);
    }
    Ok(xs.into_iter().zip(ys).collect())
}

/// The CRS that a file names.
pub(super) fn own_crs(cog: &Cog, profile: &Profile) -> Result<Crs> {
    crs_of(profile)?.ok_or_else(|| Error::NoCrs { location: cog.location().into() })
}

/// What ties a file's pixels to coordinates.
#[derive(Clone, Debug)]
pub(super) enum Tie {
    Transform(GeoTransform),
    Gcps(Box<GcpTransform>),
}

impl Tie {
    pub(super) fn of(cog: &Cog, profile: &Profile) -> Result<Tie> {
        let none = |reason| Err(Error::NoFileTransform { location: cog.location().into(), reason });
        match &profile.georeference {
            // GDAL's "no transform", written down.
            Georeference::Transform(GeoTransform::IDENTITY) => none("it is the identity"),
            Georeference::Transform(transform) | Georeference::Scale(transform) => Ok(Tie::Transform(*transform)),
            Georeference::Gcps(points) => Ok(Tie::Gcps(Box::new(GcpTransform::new(points, None)?))),
            _ if has_rpc(cog)? => Err(Error::OnlyRpc),
            _ => none("nothing ties its pixels to coordinates"),
        }
    }

    /// Of the pixels of a level, as if it were an image of its own.
    pub(super) fn of_level(cog: &Cog, profile: &Profile, (width, height): (u32, u32)) -> Result<Tie> {
        let size = |full: u32, level: u32| f64::from(full) / f64::from(level.max(1));
        let (x, y) = (size(profile.width, width), size(profile.height, height));
        Ok(match (Tie::of(cog, profile)?, &profile.georeference) {
            (Tie::Transform(transform), _) => Tie::Transform(transform.scaled(x, y)),
            (Tie::Gcps(_), Georeference::Gcps(points)) => {
                let of_level = |p: &Gcp| Gcp { column: p.column / x, row: p.row / y, ..*p };
                let points: Vec<Gcp> = points.iter().map(of_level).collect();
                Tie::Gcps(Box::new(GcpTransform::new(&points, None)?))
            }
            (tie, _) => tie,
        })
    }

    /// Coordinates of a place in pixels.
    pub(super) fn apply(&self, column: f64, row: f64) -> (f64, f64) {
        match self {
            Tie::Transform(transform) => transform.apply(column, row),
            Tie::Gcps(gcps) => gcps.forward(column, row),
        }
    }
}

/// Rational polynomials, in a tag of their own.
fn has_rpc(cog: &Cog) -> Result<bool> {
    Ok(cog.ifd(cog.level(0)?.ifd)?.entry(Tag::RPC_COEFFICIENTS).is_some())
}
