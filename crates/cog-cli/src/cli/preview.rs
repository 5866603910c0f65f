//! Arguments of `cog preview`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use cog_crs::Crs;

use super::values::{Resample, crs};
use super::{Rendering, Selection, Tuning};

#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cog preview s3://bucket/a.tif --max-size 512 -o a.png")]
pub(crate) struct Preview {
    /// The file.
    #[arg(value_name = "LOCATION", value_hint = ValueHint::AnyPath)]
    pub(crate) location: OsString,
    /// The file to write, by its ending: .png, .jpg or .webp, or .npy for the samples. In pictures samples that are not of 8 bits are stretched between their 2nd
    /// and 98th percentile unless --rescale says otherwise; pixels without data are transparent. - is standard output: PNG, or what --format says.
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// The longer side at most, in pixels.
    #[arg(long, value_name = "N", default_value_t = 1024)]
    pub(crate) max_size: usize,
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
        match self.crs {
            Some(_) => self.resampling.warp().map(|_| ()),
            None => self.resampling.read().map(|_| ()),
        }
    }
}
