//! Arguments of `cog stats`.

use std::ffi::OsString;

use clap::{Args, ValueHint};
use cog_crs::Crs;
use cog_read::Bounds;

use super::values::{bounds, crs};
use super::{Answers, Cut, Selection, Tuning};

#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cog stats --level 2 --json dem.tif")]
pub(crate) struct Stats {
    /// The files.
    #[arg(required = true, value_name = "LOCATION", value_hint = ValueHint::AnyPath)]
    pub(crate) locations: Vec<OsString>,
    /// Use this level: 0, every pixel of full resolution, is the default; an overview is quicker.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) level: usize,
    /// Only of what lies within these bounds, in the file's own CRS unless --bounds-crs says otherwise.
    #[arg(long, value_name = "MINX,MINY,MAXX,MAXY", value_parser = bounds, allow_hyphen_values = true)]
    pub(crate) bounds: Option<Bounds>,
    /// The CRS of --bounds.
    #[arg(long, value_name = "CRS", value_parser = crs, requires = "bounds")]
    pub(crate) bounds_crs: Option<Crs>,
    #[command(flatten)]
    pub(crate) cut: Cut,
    /// Percentiles to print, 0 to 100.
    #[arg(long, value_name = "2,98", value_delimiter = ',', default_value = "2,98")]
    pub(crate) percentiles: Vec<f64>,
    /// Count values in this many bins between minimum and maximum: bars in the text, which has 16 unless told otherwise; 0 for none.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub(crate) histogram: Option<u32>,
    /// Apply each band's scale and offset.
    #[arg(long)]
    pub(crate) unscale: bool,
    #[command(flatten)]
    pub(crate) answers: Answers,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) tuning: Tuning,
}

/// Bars of the text.
const BARS: u32 = 16;

impl Stats {
    /// Bins of the histogram; 0 for none.
    pub(crate) fn bins(&self) -> usize {
        self.histogram.unwrap_or(if self.answers.is_text() { BARS } else { 0 }) as usize
    }
}
