//! Arguments of `cog info`.

use clap::Args;

#[derive(Args, Debug)]
pub(crate) struct Info {
    /// One or more files.
    #[arg(required = true, value_name = "LOCATION")]
    pub(crate) locations: Vec<String>,
    /// Print JSON: an object for one location, a list for several.
    #[arg(long)]
    pub(crate) json: bool,
    /// Read the tile tables for block sizes even if that costs many bytes.
    #[arg(long)]
    pub(crate) block_sizes: bool,
    /// Describe this page of a multi-page file, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) page: usize,
}
