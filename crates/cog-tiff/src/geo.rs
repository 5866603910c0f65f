//! GeoTIFF 1.1 (OGC 19-008): where an image lies on Earth.

mod keys;
mod transform;

pub(crate) use keys::is_epsg;
pub use keys::{GeoKey, GeoKeyValue, GeoKeys, ModelType};
pub use transform::{Gcp, GeoTransform, Georeference};
