//! The samples of one block, as a caller has them.

use super::shape::BlockShape;
use crate::error::{Error, Result};

/// The samples of one block, a slice for each band: a window of arrays, or of a canvas.
#[derive(Debug, Clone, Copy)]
pub struct BandSlices<'a> {
    /// One slice a band, from the block's first sample on, in the byte order of this machine.
    pub bands: &'a [&'a [u8]],
    /// Bytes from one row of a band to the next.
    pub stride: usize,
    /// Columns that there are: at the right edge of an image fewer than the block has.
    pub width: usize,
    /// Rows that there are: at the lower edge of an image fewer than the block has.
    pub height: usize,
}

impl<'a> BandSlices<'a> {
    /// Whether all samples are there.
    pub(super) fn check(&self, shape: &BlockShape) -> Result<()> {
        if self.bands.len() != usize::from(shape.samples) {
            return Err(Error::Usage("one slice for each band of the block"));
        }
        if self.width == 0 || self.height == 0 {
            return Err(Error::Usage("a block without pixels"));
        }
        if self.width > shape.width as usize || self.height > shape.height as usize {
            return Err(Error::Usage("more pixels than the block has"));
        }
        let row = self.row_len(shape);
        if self.stride < row && self.height > 1 {
            return Err(Error::Usage("a stride shorter than a row"));
        }
        let len = self.stride.checked_mul(self.height - 1).and_then(|before| before.checked_add(row));
        if self.bands.iter().any(|band| len.is_none_or(|len| band.len() < len)) {
            return Err(Error::Usage("a band shorter than its rows"));
        }
        Ok(())
    }

    /// Row `y` of `band`; empty where [`check`](Self::check) would have found that it is not there.
    pub(super) fn row(&self, shape: &BlockShape, band: &'a [u8], y: usize) -> &'a [u8] {
        let start = y * self.stride;
        band.get(start..start + self.row_len(shape)).unwrap_or_default()
    }

    fn row_len(&self, shape: &BlockShape) -> usize {
        self.width * shape.sample_type.size()
    }
}
