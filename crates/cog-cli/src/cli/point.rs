//! Arguments of `cog point`.

use std::ffi::OsString;

use clap::{Args, ValueHint};
use cog_crs::Crs;
use cog_read::Interpolation;

use super::values::{crs, interpolation};
use super::{Selection, Tuning};

#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cog point dem.tif 399965 5300035 400000 5300000")]
pub(crate) struct Point {
    /// The file.
    #[arg(value_name = "LOCATION", value_hint = ValueHint::AnyPath)]
    pub(crate) location: OsString,
    /// Coordinates in the file's own CRS, in pairs: X Y X Y …; without any they are read from standard input, one pair a line,
    /// separated by blanks or a comma.
    #[arg(value_name = "X Y", allow_negative_numbers = true)]
    pub(crate) coordinates: Vec<f64>,
    /// The CRS of the coordinates, where it is not the file's own: a code such as EPSG:4326, WKT, PROJJSON, a PROJ string, or @FILE with one
    /// of them.
    #[arg(long, value_name = "CRS", value_parser = crs, conflicts_with = "pixels")]
    pub(crate) crs: Option<Crs>,
    /// Places are columns and rows of full resolution: 0.5 0.5 is the centre of the first pixel.
    #[arg(long)]
    pub(crate) pixels: bool,
    /// Read from this level: 0 is full resolution.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) level: usize,
    /// Between pixel centres: nearest, bilinear, cubic.
    #[arg(long, value_name = "METHOD", default_value = "nearest", value_parser = interpolation)]
    pub(crate) interpolation: Interpolation,
    /// Apply each band's scale and offset.
    #[arg(long)]
    pub(crate) unscale: bool,
    /// Print JSON: a list with an object for each place.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) tuning: Tuning,
}
