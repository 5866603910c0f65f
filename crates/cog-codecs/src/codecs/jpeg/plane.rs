//! The samples of one component: the rows of one MCU and the row above them.

use crate::codecs::jpeg::layout::Component;
use crate::codecs::jpeg::name::NAME;
use crate::codecs::jpeg::sample::Sample;
use crate::error::{Error, Result};

/// Rows as wide as the component's blocks. Row 0 is the last one of the MCU row before.
#[derive(Debug, Default)]
pub(super) struct Plane<S> {
    samples: Vec<S>,
    pub(super) stride: usize,
    /// Rows of one MCU.
    rows: usize,
}

impl<S: Sample> Plane<S> {
    /// Makes room for a component. What was there before stays until it is overwritten.
    pub(super) fn fit(&mut self, component: &Component) -> Result<()> {
        self.stride = component.blocks_across * 8;
        self.rows = component.down * 8;
        let len = (self.rows + 1) * self.stride;
        if self.samples.len() < len {
            let more = len - self.samples.len();
            self.samples
                .try_reserve_exact(more)
                .map_err(|_| Error::OutOfMemory { codec: NAME, bytes: len * size_of::<S>() })?;
            self.samples.resize(len, S::default());
        }
        Ok(())
    }

    /// Keeps the last row as the one above the MCU row to come.
    pub(super) fn advance(&mut self) {
        let last = self.rows * self.stride;
        if let Some((first, rest)) = self.samples.split_at_mut_checked(self.stride)
            && let Some(from) = rest.get(last - self.stride..last)
        {
            first.copy_from_slice(from);
        }
    }

    /// From the first sample of a block on.
    #[inline(always)]
    pub(super) fn block(&mut self, column: usize, row: usize) -> &mut [S] {
        self.samples.get_mut((1 + row * 8) * self.stride + column * 8..).unwrap_or_default()
    }

    /// A row, −1 being that above; empty if there is none.
    pub(super) fn row(&self, index_plus_one: usize) -> &[S] {
        let from = index_plus_one * self.stride;
        self.samples.get(from..from + self.stride).unwrap_or_default()
    }
}
