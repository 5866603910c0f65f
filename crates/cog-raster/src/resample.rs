//! Pixels of another resolution, as GDAL's RasterIO makes them.
//!
//! [`Resample`] takes an array and gives one. What it stands on is made for images that are never held whole: a [`Plan`] knows which
//! source pixels every output pixel needs; a [`Resampler`] is given source rows from the top and hands out each output row as soon as
//! its last source row came. It holds sums of a few rows, never the source: memory grows with the width, not with the height.
//! [`OverviewStrategy`] chooses the level that a read begins with.
//!
//! Formulas were compared with GDAL 3.10.3 (`xtask/oracle/resample.py`).
//!
//! Where results differ from GDAL's on purpose:
//! - GDAL works in chunks of the output and cuts kernels at `radius × round(ratio)` source pixels around a chunk. For
//!   Lanczos at ratios of 1.4 to 1.5 (and a little above 2.4) that is too short at the borders of chunks and windows, and
//!   gauss is cut where one axis is enlarged and the other reduced. Here a kernel ends at the raster's edge only, so a
//!   window is a crop of the whole.
//! - For average and rms GDAL takes the plain mean of 2 × 2 samples wherever an output pixel is exactly two columns wide
//!   and touches two rows, even if it covers these in part. Here the parts count.
//! - Where 64-bit integers lie beyond 2^53, or are mixed with such, the last digits of a kernel's sum depend on the order in which
//!   doubles are added, and that is not GDAL's. Lanczos, some of whose weights are negative, loses the more digits the more the
//!   samples that it mixes differ in size.
//! - Beside nodata GDAL's bilinear turns an infinite sum into the greatest finite number. Here it stays infinite.
//! - Gauss of numbers of colours is nearest; GDAL mixes the colours by the weights of the kernel.
//! - For mode GDAL overlooks the mask of 8-bit samples, and writes 0 instead of a NaN nodata. Here it does not.
//! - Complex samples get the kernels of GDAL's warper, by which GDAL resamples them, but for cubic at the edge of a raster that is
//!   enlarged (GDAL takes bilinear there) and for Lanczos (GDAL's goes on beyond its radius, and differs where a centre lies on a
//!   pixel's).

mod area;
mod array;
mod axis;
mod convolve;
mod error;
mod finish;
mod gather;
mod kernel;
mod masked;
mod method;
mod mode;
mod nearest;
#[cfg(test)]
mod oracle;
mod overview;
mod palette;
mod plan;
mod resampler;
#[cfg(test)]
mod same_rows;
mod vector;
mod weighted;
mod whole;

pub use array::{Resample, Resampled};
pub use error::ResampleError;
pub use finish::{Rules, Sink};
pub use method::{Resampling, UnknownResampling};
pub use overview::{OVERSAMPLING_VARIABLE, OverviewStrategy, ReducedRead, UnknownStrategy};
pub use palette::Colors;
pub use plan::Plan;
pub use resampler::Resampler;
