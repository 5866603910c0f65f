//! A CRS written out, as PROJ writes it: WKT2:2019, WKT1 in GDAL's flavour, PROJJSON.

mod node;
mod number;
mod projjson;
mod wkt1;
mod wkt2;

pub(crate) use node::Layout;
pub(crate) use number::number;
pub(crate) use projjson::projjson;
pub(crate) use wkt1::wkt1;
pub(crate) use wkt2::wkt2;
