//! What GDAL adds to TIFF: metadata in XML, nodata, and side-car files.

pub(crate) mod color_profile;
mod details;
pub(crate) mod exif;
pub(crate) mod jpeg_tables;
mod metadata;
mod nodata;
pub(crate) mod number;
mod pam;
pub(crate) mod printf;
pub(crate) mod rpc;
mod world_file;
mod xml;

pub use details::Details;
pub use metadata::{GdalMetadata, Item};
pub use nodata::Nodata;
pub use pam::Pam;
pub use world_file::world_file;
pub(crate) use xml::short;
