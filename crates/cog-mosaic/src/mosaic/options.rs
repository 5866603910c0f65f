//! How sources are read.

use cog_raster::SampleType;

/// What becomes of a source that cannot be opened or read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// The read fails, with the source's name.
    #[default]
    Fail,
    /// The source is left out, and the report names it.
    Skip,
}

/// Which samples of every source, and as what.
#[derive(Clone, Debug, Default)]
pub(super) struct Samples {
    pub(super) bands: Option<Vec<usize>>,
    pub(super) nodata: Option<f64>,
    pub(super) raw_color: bool,
    pub(super) unscale: bool,
    pub(super) level: Option<usize>,
    pub(super) fill: Option<f64>,
    pub(super) sample_type: Option<SampleType>,
}

/// How much at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) at_once: usize,
    pub(super) look_ahead: usize,
    pub(super) memory: u64,
}
