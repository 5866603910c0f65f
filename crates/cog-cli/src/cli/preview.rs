//! Arguments of `cog preview`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use cog_crs::Crs;

use super::values::{Resample, crs};
use super::{Rendering, Selection, Tuning};

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  cog preview s3://bucket/a.tif --max-size 512 -o a.png\n  cog preview dem.tif --colormap terrain"
)]
pub(crate) struct Preview {
    /// The file.
    #[arg(value_name = "LOCATION", value_hint = ValueHint::AnyPath)]
    pub(crate) location: OsString,
    /// The file to write, by its ending: .png, .jpg or .webp, or .npy or .tif for the samples. In pictures samples that are not of 8 bits are stretched between their 2nd
    /// and 98th percentile unless --rescale says otherwise; pixels without data are transparent. - is standard output: PNG, or what --format says. Without
    /// it the picture is drawn in the terminal.
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// The longer side at most, in pixels; the default is 1024, and in a terminal what fits.
    #[arg(long, value_name = "N")]
    pub(crate) max_size: Option<usize>,
    /// Warp to this CRS: a code such as EPSG:3857, WKT, PROJJSON, a PROJ string, or @FILE with one of them.
    #[arg(long, value_name = "CRS", value_parser = crs)]
    pub(crate) crs: Option<Crs>,
    /// nearest, bilinear, cubic, cubic-spline, lanczos, average, mode, rms; gauss without --crs; min, max, med, q1, q3, sum with it.
    #[arg(long, value_name = "METHOD", default_value = "bilinear")]
    pub(crate) resampling: Resample,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) tuning: Tuning,
}

impl Preview {
    /// Arguments that do not go together.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.output.is_none() && self.rendering.format.is_some() {
            return Err("--format goes together with -o only".into());
        }
        match self.crs {
            Some(_) => self.resampling.warp().map(|_| ()),
            None => self.resampling.read().map(|_| ()),
        }
    }
}
