//! Where a file lies on Earth: its CRS, its box in longitudes and latitudes, the zooms of its tiles.

use cog_crs::tiles::TileMatrixSet;
use cog_crs::{Crs, Extent, GeographicBounds, Zooms};
use cog_read::tiff::{GeoTransform, Georeference, Profile};

/// The tile matrix set of the zooms.
pub(crate) const TILES: &str = "WebMercatorQuad";

/// What is known of a file's place.
#[derive(Debug, Default)]
pub(crate) struct Geography {
    pub(crate) crs: Option<Crs>,
    /// On WGS 84.
    pub(crate) bounds: Option<GeographicBounds>,
    /// Of [`TILES`]; all of the set where the pixels have no size on Earth.
    pub(crate) zooms: Option<Zooms>,
    /// Why something is not known, a line each.
    pub(crate) warnings: Vec<String>,
}

impl Geography {
    /// Everything that can be told; what cannot is a warning.
    pub(crate) fn of(profile: &Profile) -> Geography {
        let mut found = Geography::default();
        match cog_warp::crs_of(profile) {
            Ok(crs) => found.crs = crs,
            Err(error) => found.warnings.push(format!("the CRS is not known: {error}")),
        }
        let Some(crs) = found.crs.clone() else { return found };
        let extent = match extent(profile, &crs) {
            Ok(extent) => extent,
            Err(why) => {
                found.warnings.push(format!("has a CRS and no place in it: {why}"));
                return found;
            }
        };
        match extent.geographic_bounds() {
            Ok(bounds) => {
                if bounds.is_ballpark {
                    let datum =
                        "the datum's shift to WGS 84 is not known: geographic bounds may be some hundred metres off";
                    found.warnings.push(datum.to_string());
                }
                found.bounds = Some(bounds);
            }
            Err(error) => found.warnings.push(format!("no geographic bounds: {error}")),
        }
        if let Ok(set) = TileMatrixSet::named(TILES) {
            let whole = Zooms { min: set.min_zoom(), max: set.max_zoom() };
            found.zooms = Some(extent.zooms(&set).unwrap_or(whole));
        }
        found
    }

    /// As rasterio names a CRS: `EPSG:n`, else `AUTHORITY:n`, else WKT2. Ground control points have one and the file has none.
    pub(crate) fn profile_crs(&self, profile: &Profile) -> Option<String> {
        let crs = self.crs.as_ref().filter(|_| !matches!(profile.georeference, Georeference::Gcps(_)))?;
        Some(code(crs).unwrap_or_else(|| crs.to_wkt2()))
    }
}

/// `EPSG:n`, else the code of another authority.
pub(crate) fn code(crs: &Crs) -> Option<String> {
    let epsg = crs.epsg().map(|code| format!("EPSG:{code}"));
    epsg.or_else(|| crs.authority().map(|(authority, code)| format!("{authority}:{code}")))
}

/// Where the pixels lie in a CRS.
///
/// # Errors
/// Why they lie nowhere, in words.
pub(crate) fn extent(profile: &Profile, crs: &Crs) -> Result<Extent, String> {
    let transform = match &profile.georeference {
        // GDAL's "no transform", written down.
        Georeference::Transform(GeoTransform::IDENTITY) => return Err("its transform is the identity".to_string()),
        Georeference::Transform(t) | Georeference::Scale(t) => t.to_array(),
        Georeference::Gcps(points) => return Err(format!("it is tied to it by {} points only", points.len())),
        _ => return Err("nothing ties its pixels to coordinates".to_string()),
    };
    Extent::new(crs, transform, profile.width, profile.height).map_err(|error| error.to_string())
}
