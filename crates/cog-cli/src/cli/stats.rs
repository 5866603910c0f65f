//! Arguments of `cog stats`.

use clap::Args;

use super::{Selection, Tuning};

#[derive(Args, Debug)]
pub(crate) struct Stats {
    /// The file.
    #[arg(value_name = "LOCATION")]
    pub(crate) location: String,
    /// Use this level: 0, every pixel of full resolution, is the default; an overview is quicker.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) level: usize,
    /// Percentiles to print, 0 to 100.
    #[arg(long, value_name = "2,98", value_delimiter = ',', default_value = "2,98")]
    pub(crate) percentiles: Vec<f64>,
    /// Count values in this many bins between minimum and maximum.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) histogram: Option<u32>,
    /// Apply each band's scale and offset.
    #[arg(long)]
    pub(crate) unscale: bool,
    /// The value of pixels without data, instead of what the file says.
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    pub(crate) nodata: Option<f64>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) tuning: Tuning,
}
