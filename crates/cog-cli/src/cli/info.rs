//! Arguments of `cog info`.

use std::ffi::OsString;

use clap::{Args, ValueHint};

use super::Answers;

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  cog info --json https://example.com/a.tif b.tif\n  cog info --wkt2 a.tif\n  cog info --field crs.epsg *.tif"
)]
pub(crate) struct Info {
    /// The files.
    #[arg(required = true, value_name = "LOCATION", value_hint = ValueHint::AnyPath)]
    pub(crate) locations: Vec<OsString>,
    #[command(flatten)]
    pub(crate) answers: Answers,
    /// Print the CRS alone, as WKT2 (ISO 19162:2019); a file without one is an error.
    #[arg(long, conflicts_with_all = ["json", "ndjson", "field", "projjson", "block_sizes"])]
    pub(crate) wkt2: bool,
    /// Print the CRS alone, as PROJJSON; a file without one is an error.
    #[arg(long, conflicts_with_all = ["json", "ndjson", "field", "block_sizes"])]
    pub(crate) projjson: bool,
    /// Read the tile tables for block sizes even if that costs many bytes.
    #[arg(long)]
    pub(crate) block_sizes: bool,
    /// Describe this page of a multi-page file, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) page: usize,
}
