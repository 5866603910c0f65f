//! Why a resampling cannot be.

use cog_error::ErrorClass;

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
    /// The machine has no memory for the output.
    #[error("no memory for {bytes} bytes")]
    OutOfMemory {
        /// Bytes needed.
        bytes: u64,
    },
    /// A mask of another size than the raster.
    #[error("a mask of {} × {} pixels does not fit a raster of {} × {}", mask.0, mask.1, raster.0, raster.1)]
    Mask {
        /// Width and height of the mask.
        mask: (usize, usize),
        /// Width and height of the raster.
        raster: (usize, usize),
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

impl ResampleError {
    /// Who can act on it.
    pub fn class(&self) -> ErrorClass {
        match self {
            ResampleError::TooLarge { .. } | ResampleError::OutOfMemory { .. } => ErrorClass::Limits,
            ResampleError::Unsupported { .. } => ErrorClass::Unsupported,
            ResampleError::EmptyOutput { .. }
            | ResampleError::BadWindow { .. }
            | ResampleError::Mask { .. }
            | ResampleError::Rows { .. } => ErrorClass::Usage,
        }
    }
}
