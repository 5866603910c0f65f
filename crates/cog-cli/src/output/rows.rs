//! An array and its mask, written row by row while the last rows are still being made.

use anyhow::ensure;
use cog_read::Raster;
use cog_read::tiff::SampleType;

use crate::output::npy::Layout;
use crate::output::pieces::Pieces;
use crate::output::written::Output;

/// What an array will be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shape {
    /// Bands, rows, columns.
    pub(crate) dim: (usize, usize, usize),
    pub(crate) sample: SampleType,
}

impl Shape {
    /// Of all samples.
    pub(crate) fn bytes(&self) -> u64 {
        let (bands, rows, columns) = self.dim;
        [bands, rows, columns].iter().fold(self.sample.size() as u64, |all, n| all.saturating_mul(*n as u64))
    }
}

/// An array and its mask that take rows.
pub(crate) struct Rows {
    shape: Shape,
    pixels: Pieces,
    layout: Layout,
    mask: Option<(Pieces, Layout)>,
}

impl Rows {
    /// Makes room for all of it.
    ///
    /// # Errors
    /// What the system says, with the name of the output.
    pub(crate) fn begin(shape: Shape, pixels: Output, mask: Option<Output>) -> anyhow::Result<Rows> {
        let (_, height, width) = shape.dim;
        let layout = Layout::of(shape.sample, shape.dim, pixels.shown())?;
        let mut pixels = pixels.in_pieces(layout.size)?;
        let mask = mask.map(|mask| {
            let layout = Layout::of_mask(height, width);
            let mut mask = mask.in_pieces(layout.size)?;
            mask.put(0, &layout.header)?;
            anyhow::Ok((mask, layout))
        });
        let mask = mask.transpose()?;
        pixels.put(0, &layout.header)?;
        Ok(Rows { shape, pixels, layout, mask })
    }

    /// Writes these bands of these rows: `band` and `row` are the first of them.
    ///
    /// # Errors
    /// What the system says, with the name of the output.
    pub(crate) fn put(&mut self, band: usize, row: usize, raster: &Raster) -> anyhow::Result<()> {
        let (_, height, width) = self.shape.dim;
        let (bands, rows, columns) = raster.dim();
        let fits = columns == width && row.saturating_add(rows) <= height;
        ensure!(fits && raster.pixels.sample_type() == self.shape.sample, "rows of another array came");
        let bytes = raster.pixels.le_bytes();
        let size = rows.saturating_mul(width).saturating_mul(self.shape.sample.size());
        if size > 0 {
            for (index, bytes) in bytes.chunks_exact(size).enumerate().take(bands) {
                let before = ((band + index) as u64 * height as u64 + row as u64) * width as u64;
                self.pixels.put(self.layout.place(before), bytes)?;
            }
        }
        if let Some((mask, layout)) = &mut self.mask {
            let valid = raster.mask();
            let bytes = valid.as_slice().unwrap_or_default();
            mask.put(layout.place(row as u64 * width as u64), bytes)?;
        }
        Ok(())
    }

    /// Whether nobody reads any of it any more.
    pub(crate) fn is_cut(&self) -> bool {
        self.pixels.is_cut() && self.mask.as_ref().is_none_or(|(mask, _)| mask.is_cut())
    }

    /// The outputs, which are whole: the array, and the mask.
    ///
    /// # Errors
    /// What the disk says.
    pub(crate) fn end(self) -> anyhow::Result<(Output, Option<Output>)> {
        Ok((self.pixels.end()?, self.mask.map(|(mask, _)| mask.end()).transpose()?))
    }
}
