//! Why a resampling cannot be.

use super::Resampling;

/// Why a resampling cannot be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ResampleError {
    /// The caller wants nothing.
    #[error("an output of {width} × {height} pixels is empty")]
    EmptyOutput {
        /// Columns asked for.
        width: usize,
        /// Rows asked for.
        height: usize,
    },
    /// The window is empty, not finite, or outside.
    #[error(
        "the window {},{},{},{} does not begin inside a raster of {} × {} pixels, or is empty",
        window[0], window[1], window[2], window[3], raster.0, raster.1
    )]
    BadWindow {
        /// Column, row, width and height, in pixels of the level.
        window: [f64; 4],
        /// Width and height of the level.
        raster: (u32, u32),
    },
    /// Tables and sums would not fit.
    #[error("resampling takes {bytes} bytes beside the output, more than the limit of {limit}")]
    TooLarge {
        /// Bytes needed.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The method does not know the type.
    #[error("{method} of {sample} samples is not supported")]
    Unsupported {
        /// The method.
        method: Resampling,
        /// NumPy's name of the type.
        sample: &'static str,
    },
    /// Source rows must come from the top, without those left out that are needed, and as wide as the plan says.
    #[error("source rows {row}.. of {width} columns were given where row {expected} of {needed} columns comes next")]
    Rows {
        /// First row given.
        row: u32,
        /// Its columns.
        width: usize,
        /// The row that comes next.
        expected: u32,
        /// Columns of the plan.
        needed: usize,
    },
}
