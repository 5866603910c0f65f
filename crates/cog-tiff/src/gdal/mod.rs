//! What GDAL adds to TIFF: metadata in XML, nodata, and a side-car file.

mod jpeg_tables;
mod metadata;
mod nodata;
mod pam;
mod tags;

pub use metadata::{GdalMetadata, Item};
pub use nodata::Nodata;
pub use pam::Pam;
pub use tags::Domain;
