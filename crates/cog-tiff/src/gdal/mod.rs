//! What GDAL adds to TIFF: metadata in XML, nodata, and side-car files.

mod color_profile;
mod details;
mod exif;
mod image_structure;
mod jpeg_tables;
mod metadata;
mod nodata;
pub(crate) mod number;
mod pam;
mod printf;
pub(crate) mod rpc;
mod tags;
mod world_file;
mod xml;

pub use details::Details;
pub use metadata::{GdalMetadata, Item};
pub use nodata::Nodata;
pub use pam::Pam;
pub use tags::Domain;
pub use world_file::world_file;
pub(crate) use xml::short;
