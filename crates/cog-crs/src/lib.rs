//! Coordinate reference systems of rasters: what GeoKeys, WKT, PROJJSON, PROJ strings and codes mean, written back as any
//! of them.
//!
//! ```
//! use cog_crs::{Crs, Kind};
//!
//! let utm: Crs = "EPSG:32633".parse()?;
//! assert_eq!((utm.name(), utm.kind()), ("WGS 84 / UTM zone 33N", Kind::Projected));
//! assert!(utm.to_wkt2().starts_with("PROJCRS["));
//!
//! // Written out in full, without a code: it is recognised by its parameters.
//! let albers: Crs = "+proj=aea +lat_0=23 +lon_0=-96 +lat_1=29.5 +lat_2=45.5 +datum=NAD83".parse()?;
//! assert_eq!(albers.epsg(), Some(5070));
//!
//! // And back into a GeoTIFF.
//! let keys = albers.to_geo_keys()?;
//! assert_eq!(Crs::from_geo_keys(&keys)?, Some(albers));
//! # Ok::<(), cog_crs::Error>(())
//! ```
//!
//! [`Crs::from_geo_keys`] decides as GDAL's GTiff driver does where GeoTIFF 1.1 (OGC 19-008) leaves a choice, and tells what it
//! left out in [`Crs::warnings`]. Text is written as PROJ 9.7 writes it.
//!
//! # Where codes come from
//! The registry is embedded: 13,700 systems of EPSG, ESRI, OGC, IGN France and the IAU, derived from the database of PROJ
//! 9.7.1 (EPSG v12.029). It is read in place, 2.5 MB of read-only data; nothing is unpacked or built at start.
//! `src/registry/EPSG-TERMS.md` names the owners and their terms. Four crates that hold registries were measured and not
//! taken for this:
//!
//! | crate | why not |
//! |---|---|
//! | `proj-core` 0.13 | what is needed to compute: no areas of use as text, no scopes, no names of axes; no ESRI codes |
//! | `proj-wkt` 0.13 | refuses prime meridians other than Greenwich, other units than degrees, unusual axes |
//! | `epsg-utils` 0.0.3 | whole WKT and PROJJSON texts of 7,400 EPSG codes, compressed: no lookup by name or parameters, no ESRI codes |
//! | `crs-definitions` 0.6 | 4.8 MB of PROJ strings and WKT1; 16-bit codes; no areas, no ensembles |
//!
//! # Transforms
//! [`Transform`] converts coordinates in batches, whose loops become vector instructions for the projections that are computed here:
//! Mercator, Transverse Mercator (UTM) and Lambert's azimuthal equal-area projection. Two engines compute most others, `proj-core` and
//! `proj4rs`, both pure Rust, young and therefore pinned; which one computes which was chosen by comparison with PROJ 9.7.1, on 2,000
//! points in the area of use of 105 systems: within 1e-6 m and 1e-10°, but where PROJ's own digits end (Mollweide, Goode's, Eckert IV
//! and Lambert's azimuthal one near the poles, Van der Grinten near the equator, Cassini's inverse). Beside a map of the world lies
//! nothing, where PROJ at times wraps around.
//!
//! Between datums it takes, point by point, the operation that PROJ takes without grid files: the most accurate one whose area holds
//! the point. From WGS 84, all but 14 of those systems agree within 1 mm:
//!
//! | CRS | at most | why |
//! |---|---|---|
//! | EPSG:2065, EPSG:27700, EPSG:22275 | 158 m, 130 m, 83 m | outside the area of every operation PROJ shifts nothing; we keep the best operation |
//! | EPSG:26711, 29873, 31467, 31468, ESRI:102008 | 13, 5.2, 1.2, 1.0, 0.7 m | within metres of a border between operations; on the way back PROJ widens areas |
//! | EPSG:23032 | 7 m | PROJ also takes ED50 by way of ETRS89 |
//! | EPSG:21781 | 1.9 m | PROJ takes CH1903 to WGS 84 (2), which is another translation |
//! | EPSG:5514, EPSG:5513 | 0.1 m there, 15 m back | operations of one accuracy; PROJ's way back is by another one than its way there |
//! | EPSG:29193, EPSG:31370 | 0.7 m, 0.1 m | operations of one accuracy and area |
//!
//! Where no operation ties two datums directly, PROJ takes two, by way of a third datum, if their areas overlap, and so does this crate,
//! by way of WGS 84, ETRS89 or ED50: of 200 such pairs 157 agree within 1 mm, the others within 5 m, but ED50 with Pulkovo 1942 and
//! 1995, 13 m, for the reasons above. Where areas do not overlap, PROJ shifts nothing, up to hundreds of metres off; here it
//! is an error, unless [`Transform::new_or_ballpark`] is asked, which says so ([`Transform::is_ballpark`]). NAD27 is tied to NAD83(2011) and NAD83(NSRS2007), DHDN to Pulkovo 1942(58), where PROJ shifts nothing without grids.
//!
//! Krovak's cone axis is 30°17'17.30311", as in PROJ, also where a definition says 17.303" (EPSG:2065, EPSG:5515), 3 mm apart.
//!
//! The equidistant cylindrical projection (EPSG:4087) is computed on a sphere, as PROJ 9.7 does, although EPSG defines it on the
//! ellipsoid: up to 25 km apart.
//!
//! # What it does not do
//! No I/O, no threads, no C. Derived CRSs (rotated poles), temporal and parametric ones are refused by name. Mercator (variant A) with
//! an origin off the equator is an error, as in PROJ. So are projections that no engine has: Eckert I, II, III and V, Wagner, Gall,
//! Natural Earth, Patterson, Times, Hammer, Winkel I and II, and others of the whole world, which are read and written all the same.

#![forbid(unsafe_code)]

mod bound;
mod crs;
mod equal;
mod error;
mod extent;
mod found;
mod gcps;
mod geodetic;
mod geokeys;
mod identify;
mod methods;
mod model;
mod output;
mod registered;
mod registry;
mod text;
pub mod tiles;
mod transform;
mod wkt;

pub use crs::{AreaOfUse, AxisInfo, Crs, Kind, registry_version};
pub use error::{Error, ErrorClass, Result};
pub use extent::{Extent, Footprint, GeographicBounds, Grid, Zooms};
pub use found::Found;
pub use gcps::GcpTransform;
pub use transform::Transform;

/// A ground control point.
pub use cog_tiff::Gcp;

/// The GeoKeys of a file.
pub use cog_tiff as tiff;

/// The examples of the README, kept compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
