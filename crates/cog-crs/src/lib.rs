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
//! # What it does not do
//! No I/O, no threads, no C. Derived CRSs (rotated poles), temporal and parametric ones are refused by name.

#![forbid(unsafe_code)]

mod bound;
mod crs;
mod equal;
mod error;
mod geodetic;
mod geokeys;
mod identify;
mod methods;
mod model;
mod output;
mod registry;
mod text;

pub use crs::{AreaOfUse, AxisInfo, Crs, Found, Kind, registry_version};
pub use error::{Error, Result};
