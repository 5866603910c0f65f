//! What GDAL adds to TIFF: metadata in XML, and nodata.

mod jpeg_tables;
mod metadata;
mod nodata;
mod tags;

pub use metadata::{GdalMetadata, Item};
pub use nodata::Nodata;
pub use tags::Domain;
