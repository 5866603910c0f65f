//! An array that the blocks of one image or mask fill.

use std::sync::{Arc, OnceLock};

use cog_codecs::Deinterleave;
use cog_raster::{Pixels, Sample, dispatch};
use cog_tiff::{Nodata, SampleType};

use crate::error::{Error, Result};
use crate::file::layer::Layer;
use crate::pipeline::locate::BlockJob;
use cog_raster::canvas::{Canvas, Loan, Tiling};

/// An array to fill from one image or mask.
pub(crate) struct Destination {
    pub(crate) layer: Arc<Layer>,
    canvas: Canvas,
    /// Of each band of the canvas: the band of the image, from 0.
    bands: Vec<usize>,
    deinterleave: Deinterleave,
    fill: Option<Vec<u8>>,
    /// Any value but 0 becomes 255.
    mask: bool,
    /// Its blocks lie in frames that tell their size: see [`crate::pipeline::locate::unframed`].
    pub(crate) framed: bool,
    /// Level, for messages.
    pub(crate) level: usize,
    /// Validity that a codec knows (LERC): made when the first block has any, 255 wherever no block says otherwise.
    known_to_codec: OnceLock<Option<Canvas>>,
}

/// What a destination holds when all blocks are there.
pub(crate) struct Filled {
    pub(crate) pixels: Pixels,
    /// 255 valid, 0 not: one for all bands, or one a band.
    pub(crate) known_to_codec: Option<Pixels>,
}

impl Destination {
    /// Allocates the canvas. Bytes were checked against the limit before.
    pub(crate) fn new(
        layer: Arc<Layer>,
        tiling: Tiling,
        bands: Vec<usize>,
        fill: Option<Vec<u8>>,
        level: usize,
        location: &Arc<str>,
    ) -> Result<Destination> {
        let planar = layer.is_planar();
        let sample_type = layer.sample_type;
        let in_block = if planar { 1 } else { usize::from(layer.spec(0).output_samples()) };
        let wanted: &[usize] = if planar { &[0] } else { &bands };
        let deinterleave = Deinterleave::new(in_block, sample_type.size(), wanted).map_err(|source| Error::Image {
            location: Arc::clone(location),
            level,
            source,
        })?;
        let canvas = Canvas::new(sample_type, bands.len(), tiling, planar).ok_or_else(|| {
            let bytes = Canvas::bytes(sample_type, bands.len(), &tiling.area).unwrap_or(u64::MAX);
            Error::OutOfMemory { location: Arc::clone(location), bytes }
        })?;
        Ok(Destination {
            layer,
            canvas,
            bands,
            deinterleave,
            fill,
            mask: false,
            framed: false,
            level,
            known_to_codec: OnceLock::new(),
        })
    }

    /// The canvas is a mask: 255 for every value but 0.
    pub(crate) fn into_mask(mut self) -> Destination {
        self.mask = true;
        self
    }

    pub(crate) fn is_mask(&self) -> bool {
        self.mask
    }

    pub(crate) fn tiling(&self) -> &Tiling {
        self.canvas.tiling()
    }

    /// Bands of the image that are read, from 0.
    pub(crate) fn bands(&self) -> &[usize] {
        &self.bands
    }

    /// True if blocks that the file leaves out must be painted.
    pub(crate) fn has_fill(&self) -> bool {
        self.fill.is_some()
    }

    /// Paints the whole canvas as a block looks that the file leaves out.
    pub(crate) fn fill_all(&mut self) {
        if let Some(fill) = &self.fill {
            self.canvas.fill(fill);
        }
    }

    /// Paints a block that the file leaves out.
    pub(crate) fn paint(&self, job: &BlockJob) {
        if let Some(fill) = &self.fill {
            self.each_loan(&self.canvas, job, |loan| paint(loan, fill));
        }
    }

    /// Places a decoded block of `width` × `height` pixels, and what the codec knows of its validity.
    pub(crate) fn place(
        &self,
        job: &BlockJob,
        decoded: &[u8],
        validity: Option<&[u8]>,
        (width, height): (usize, usize),
    ) -> std::result::Result<(), cog_codecs::Error> {
        let mut placed = Ok(());
        self.each_loan(&self.canvas, job, |loan| {
            let done = each_row(loan, decoded, (width, height), |pixels, rows| {
                self.deinterleave.row(pixels, rows)?;
                if self.mask {
                    rows.iter_mut().for_each(|row| row.iter_mut().for_each(|v| *v = if *v == 0 { 0 } else { 255 }));
                }
                Ok(())
            });
            if let Err(e) = done {
                placed = Err(e);
            }
        });
        if let Some(valid) = validity
            && let Some(canvas) = self.known_to_codec.get_or_init(|| self.all_valid())
        {
            self.each_loan(canvas, job, |loan| {
                let done = each_row(loan, valid, (width, height), |pixels, rows| {
                    rows.iter_mut().for_each(|row| row.copy_from_slice(pixels));
                    Ok(())
                });
                if let Err(e) = done {
                    placed = Err(e);
                }
            });
        }
        placed
    }

    fn all_valid(&self) -> Option<Canvas> {
        let planar = self.layer.is_planar();
        let bands = if planar { self.bands.len() } else { 1 };
        let mut canvas = Canvas::new(SampleType::U8, bands, *self.canvas.tiling(), planar)?;
        canvas.fill(&[255]);
        Some(canvas)
    }

    /// Borrows the rectangles of a block: one for all bands, or one for each band that its plane fills.
    fn each_loan(&self, canvas: &Canvas, job: &BlockJob, mut f: impl FnMut(&mut Loan<'_>)) {
        match job.plane {
            None => {
                if let Some(mut loan) = canvas.lend(None, job.x, job.y) {
                    f(&mut loan);
                }
            }
            Some(plane) => {
                for (slot, _) in self.bands.iter().enumerate().filter(|(_, band)| **band == plane as usize) {
                    if let Some(mut loan) = canvas.lend(Some(slot), job.x, job.y) {
                        f(&mut loan);
                    }
                }
            }
        }
    }

    pub(crate) fn into_filled(self) -> Option<Filled> {
        let known_to_codec = match self.known_to_codec.into_inner().flatten() {
            Some(canvas) => Some(canvas.into_pixels()?),
            None => None,
        };
        Some(Filled { pixels: self.canvas.into_pixels()?, known_to_codec })
    }
}

/// The bytes that paint a pixel without data, in this machine's byte order; `None` if there is no nodata or it is all zeros.
pub(crate) fn fill_bytes(nodata: Option<Nodata>, sample_type: SampleType) -> Option<Vec<u8>> {
    let nodata = nodata?;
    let mut bytes = Vec::new();
    dispatch!(sample_type, T => T::from_nodata(nodata).push_ne(&mut bytes), _ => {});
    Some(bytes).filter(|bytes| bytes.iter().any(|b| *b != 0))
}

/// Cuts a block to its rectangle, row by row. Rows that a short strip does not have stay as they are.
fn each_row(
    loan: &mut Loan<'_>,
    block: &[u8],
    (width, height): (usize, usize),
    mut f: impl FnMut(&[u8], &mut [&mut [u8]]) -> std::result::Result<(), cog_codecs::Error>,
) -> std::result::Result<(), cog_codecs::Error> {
    let overlap = loan.overlap();
    let pixel = block.len() / (width * height).max(1);
    for row in 0..overlap.height.min(height.saturating_sub(overlap.block_y)) {
        let start = ((overlap.block_y + row) * width + overlap.block_x) * pixel;
        let Some(pixels) = block.get(start..start + overlap.width * pixel) else { break };
        loan.row(row, |rows| f(pixels, rows)).unwrap_or(Ok(()))?;
    }
    Ok(())
}

/// Repeats one sample all over a rectangle.
fn paint(loan: &mut Loan<'_>, sample: &[u8]) {
    for y in 0..loan.overlap().height {
        loan.row(y, |rows| {
            for row in rows {
                row.chunks_exact_mut(sample.len().max(1)).for_each(|s| s.copy_from_slice(sample));
            }
        });
    }
}
