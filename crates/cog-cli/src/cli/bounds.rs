//! Arguments of `cog bounds`.

use std::ffi::OsString;

use clap::{Args, ValueHint};
use cog_crs::Crs;

use super::values;

#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cog bounds a.tif b.tif > outlines.geojson")]
pub(crate) struct Bounds {
    /// The files.
    #[arg(required = true, value_name = "LOCATION", value_hint = ValueHint::AnyPath)]
    pub(crate) locations: Vec<OsString>,
    /// The CRS of the coordinates: a code such as EPSG:3857, WKT, PROJJSON or a PROJ string. The default is longitude and latitude on
    /// WGS 84, as GeoJSON has them.
    #[arg(long, value_name = "CRS", value_parser = values::crs)]
    pub(crate) crs: Option<Crs>,
    /// Places between the corners of each edge, for straight edges bend; the default is 21, and 0 where nothing is transformed.
    #[arg(long, value_name = "N")]
    pub(crate) densify: Option<u16>,
    /// Print a FeatureCollection for one location too, as for several.
    #[arg(long)]
    pub(crate) list: bool,
    /// Print a Feature in each line, as soon as it is known: newline-delimited GeoJSON.
    #[arg(long, conflicts_with = "list")]
    pub(crate) ndjson: bool,
    /// Take this page of a multi-page file, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) page: usize,
}
