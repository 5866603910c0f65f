//! Numbers that describe the valid pixels of a band.
//!
//! [`statistics`] describes an array. An [`Accumulator`] takes blocks in any order and can be merged with others, so blocks may be counted in parallel. It
//! counts values: all of them for 8- and 16-bit integers, and up to [`StatisticsOptions::max_distinct`] different ones for
//! wider types. The counts of all bands share 128 MiB, or what those of one band need to be exact: many bands count fewer different
//! values each (16-bit integers from 257 bands on, wider types from 11). If there are more, neighbouring values are counted
//! together, in steps that double until they fit: minimum,
//! maximum, mean, standard deviation, sum and count stay exact, median and percentiles are right to
//! [`BandStatistics::resolution`], and what needs single values (majority, minority, unique) is left out.
//!
//! Definitions are NumPy's; NaN and invalid pixels do not count.

mod accumulator;
mod array;
mod counts;
mod histogram;
mod moments;
#[cfg(test)]
mod oracle;
mod quantile;

pub use accumulator::Accumulator;
pub use array::{StatisticsError, statistics};
pub use histogram::Histogram;

/// What to work out beside the plain numbers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StatisticsOptions {
    /// In percent. Linear between the two values at either side, as `numpy.percentile`.
    pub percentiles: Vec<f64>,
    /// Number of bins of the histogram; 0 for none.
    pub bins: usize,
    /// Lowest and highest value of the histogram; `None`: those of the band. Values outside are left out. A given range is
    /// counted exactly for every type.
    pub range: Option<(f64, f64)>,
    /// Different values of a type above 16 bits to count one by one. Each takes up to 48 bytes.
    pub max_distinct: usize,
}

impl Default for StatisticsOptions {
    /// Percentiles 2 and 98, ten bins, 2^18 different values.
    fn default() -> Self {
        StatisticsOptions { percentiles: vec![2.0, 98.0], bins: 10, range: None, max_distinct: 1 << 18 }
    }
}

/// Statistics of one band. Without a valid pixel, numbers are NaN and counts 0.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BandStatistics {
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Sum divided by count.
    pub mean: f64,
    /// Standard deviation of the population (`numpy.std`).
    pub std: f64,
    /// Sum of all values.
    pub sum: f64,
    /// Valid pixels.
    pub count: u64,
    /// Share of the pixels that are valid, in percent.
    pub valid_percent: f64,
    /// The value in the middle; of an even count the mean of the two.
    pub median: f64,
    /// The value that occurs most often, of several the smallest. `None` if values were counted together.
    pub majority: Option<f64>,
    /// The value that occurs least often, of several the smallest. `None` if values were counted together.
    pub minority: Option<f64>,
    /// Number of different values. `None` if values were counted together.
    pub unique: Option<u64>,
    /// Percent and value, in the order asked for.
    pub percentiles: Vec<(f64, f64)>,
    /// As `numpy.histogram`.
    pub histogram: Option<Histogram>,
    /// 0: median, percentiles and histogram are exact. Else they come from values that were counted together: a value may
    /// be off by this much, relative to itself for floats and in units for integers; a histogram over the band's own range
    /// may count such a value in the next bin.
    pub resolution: f64,
}
