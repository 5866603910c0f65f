//! Arguments of `cog tile`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{Rendering, Resample, Selection, Tuning};

#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cog tile s3://bucket/a.tif 12 2200 1400 -o tile.png")]
pub(crate) struct Tile {
    /// The file.
    #[arg(value_name = "LOCATION", value_hint = ValueHint::AnyPath)]
    pub(crate) location: OsString,
    /// The zoom.
    #[arg(value_name = "Z", allow_negative_numbers = true)]
    pub(crate) z: i32,
    /// The column, from the matrix's corner.
    #[arg(value_name = "X")]
    pub(crate) x: u64,
    /// The row, from the matrix's corner.
    #[arg(value_name = "Y")]
    pub(crate) y: u64,
    /// The file to write, by its ending: .npy has the samples, (bands, height, width), and .tif too; .png, .jpg and .webp are pictures, as cog preview makes them.
    /// - is standard output: NumPy, or what --format says.
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Also write a mask: (height, width) uint8, 255 where there is data, else 0. - is standard output.
    #[arg(long, value_name = "MASK.npy")]
    pub(crate) mask: Option<PathBuf>,
    /// The tile matrix set: a name that cog tms lists.
    #[arg(long, value_name = "ID", default_value = "WebMercatorQuad")]
    pub(crate) tms: String,
    /// Pixels along each side of the tile.
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=1 << 16))]
    pub(crate) size: u32,
    /// Pixels more on each side, up to 1024.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) buffer: u32,
    /// Read from this level: 0 is full resolution. Without it the level is chosen for the size of the tile's pixels.
    #[arg(long, value_name = "N")]
    pub(crate) level: Option<usize>,
    /// How pixels are made: as for cog read --crs.
    #[arg(long, value_name = "METHOD", default_value = "nearest")]
    pub(crate) resampling: Resample,
    /// Apply each band's scale and offset; the output is float64, NaN where there is no data.
    #[arg(long)]
    pub(crate) unscale: bool,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) tuning: Tuning,
}
