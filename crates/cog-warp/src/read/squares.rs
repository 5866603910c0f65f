//! An output that many threads fill at once, each its own squares of the lattice.

use std::sync::OnceLock;

use cog_raster::canvas::{Canvas, Loan, Tiling};
use cog_raster::{Area, SampleType};

use crate::error::{Error, Result};
use crate::level::{Rectangle, SIDE};
use crate::output::{Output, Sink};
use crate::sampling::Ordered;

/// Samples and validity of a rectangle of the output grid. Squares are lent once; what is never lent holds no data.
pub(super) struct Squares<T> {
    within: Rectangle,
    bands: usize,
    /// What pixels without data hold, in each band.
    fills: Vec<T>,
    samples: Canvas,
    /// Validity that bands share; `None` where nobody asks for any.
    shared: Option<Canvas>,
    /// That of each band, made when the first square has any. Squares that it never lent are as `shared` has them.
    per_band: OnceLock<Option<Canvas>>,
    /// That of the image, made when the first square has any. Squares that it never lent are valid where a band is.
    dataset: OnceLock<Option<Canvas>>,
}

impl<T: Ordered> Squares<T> {
    /// # Errors
    /// Memory that cannot be had.
    pub(super) fn new(within: Rectangle, keeps_validity: bool, fills: Vec<T>) -> Result<Squares<T>> {
        let bands = fills.len();
        Ok(Squares {
            within,
            bands,
            fills,
            samples: canvas(within, T::TYPE, bands)?,
            shared: keeps_validity.then(|| canvas(within, SampleType::U8, 1)).transpose()?,
            per_band: OnceLock::new(),
            dataset: OnceLock::new(),
        })
    }

    /// The samples of a square in a column and row of the lattice, with a validity for all bands or for each.
    ///
    /// # Errors
    /// A square that lies elsewhere or was lent before, and memory that cannot be had.
    pub(super) fn lend(&self, place: (u32, u32), per_band: bool) -> Result<Square<'_, T>> {
        let valid = match &self.shared {
            None => None,
            Some(_) if per_band => Some(lend(made(&self.per_band, self.within, self.bands)?, place)?),
            Some(shared) => Some(lend(shared, place)?),
        };
        let masks = if per_band { self.bands } else { 1 };
        let samples = lend(&self.samples, place)?;
        let mut square = Square { corner: self.corner(place), samples, valid, masks, fills: &self.fills };
        square.clear();
        Ok(square)
    }

    /// The image's own validity in a square; `None` where nobody asks for it.
    ///
    /// # Errors
    /// As [`lend`](Self::lend).
    pub(super) fn lend_dataset(&self, place: (u32, u32)) -> Result<Option<MaskSquare<'_>>> {
        if self.shared.is_none() {
            return Ok(None);
        }
        let loan = lend(made(&self.dataset, self.within, 1)?, place)?;
        Ok(Some(MaskSquare { corner: self.corner(place), loan }))
    }

    /// The first column and row of a square that lie on the output.
    fn corner(&self, (x, y): (u32, u32)) -> (u32, u32) {
        (self.within.column.max(x.saturating_mul(SIDE)), self.within.row.max(y.saturating_mul(SIDE)))
    }

    /// All of it, and the validity of the image where it is not that of its bands.
    ///
    /// # Errors
    /// Memory that cannot be had.
    pub(super) fn finish(self) -> Result<(Output<T>, Option<Output<u8>>)> {
        let Squares { within, bands, fills, samples, shared, per_band, dataset } = self;
        if has_any(&fills) {
            each_square(&samples, |loan| {
                let overlap = loan.overlap();
                let row = row_of(&fills, overlap.width);
                (0..overlap.height).for_each(|y| _ = loan.write(0, y, &row));
            });
        }
        let samples = pixels_of(samples)?;
        let shared = shared.map(pixels_of::<u8>).transpose()?.unwrap_or_default();
        let width = within.width as usize;
        let valid = match per_band.into_inner().flatten() {
            None => shared,
            Some(canvas) => {
                each_square(&canvas, |loan| {
                    copy_rows(loan, |at, n| shared.get(at..at + n).map(|row| row.repeat(bands)), width)
                });
                pixels_of(canvas)?
            }
        };
        let dataset = dataset.into_inner().flatten().map(|canvas| {
            let plane = within.pixels().max(1);
            let union = |at: usize, n: usize| {
                let mut union = vec![0; n];
                for mask in valid.chunks_exact(plane) {
                    union.iter_mut().zip(mask.get(at..at + n)?).for_each(|(all, v)| *all |= v);
                }
                Some(union)
            };
            each_square(&canvas, |loan| copy_rows(loan, union, width));
            let valid: Vec<u8> = pixels_of(canvas)?;
            Ok::<_, Error>(Output { within, bands: 1, samples: Vec::new(), valid })
        });
        Ok((Output { within, bands, samples, valid }, dataset.transpose()?))
    }
}

/// Whether any band has another value than 0.
fn has_any<T: Ordered>(fills: &[T]) -> bool {
    fills.iter().any(|fill| *fill != T::default())
}

/// A row of all bands.
fn row_of<T: Ordered>(fills: &[T], width: usize) -> Vec<T> {
    fills.iter().flat_map(|fill| std::iter::repeat_n(*fill, width)).collect()
}

/// Runs over the squares that were never lent.
fn each_square(canvas: &Canvas, mut each: impl FnMut(&mut Loan<'_>)) {
    let (rows, columns) = (canvas.tiling().rows(), canvas.tiling().columns());
    for (y, x) in rows.flat_map(|y| columns.clone().map(move |x| (y, x))) {
        if let Some(mut loan) = canvas.lend(None, x, y) {
            each(&mut loan);
        }
    }
}

/// Fills a square with rows that are asked for by where they begin in a plane of a width, and by their length.
fn copy_rows(loan: &mut Loan<'_>, row: impl Fn(usize, usize) -> Option<Vec<u8>>, width: usize) {
    let overlap = loan.overlap();
    for y in 0..overlap.height {
        if let Some(row) = row((overlap.canvas_y + y) * width + overlap.canvas_x, overlap.width) {
            loan.write(0, y, &row);
        }
    }
}

fn pixels_of<T: Ordered>(canvas: Canvas) -> Result<Vec<T>> {
    let pixels = canvas.into_pixels().and_then(|pixels| pixels.into_array::<T>().ok()).ok_or(Error::WrongSize)?;
    Ok(pixels.into_raw_vec_and_offset().0)
}

fn canvas(within: Rectangle, sample_type: SampleType, bands: usize) -> Result<Canvas> {
    let area = Area { x: within.column, y: within.row, width: within.width, height: within.height };
    let bytes = Canvas::bytes(sample_type, bands, &area).unwrap_or(u64::MAX);
    Canvas::new(sample_type, bands, Tiling { area, block: (SIDE, SIDE) }, false).ok_or(Error::OutOfMemory { bytes })
}

/// Makes a canvas of validity when the first asks for it.
fn made(cell: &OnceLock<Option<Canvas>>, within: Rectangle, bands: usize) -> Result<&Canvas> {
    let bytes = (within.pixels() as u64).saturating_mul(bands as u64);
    let made = cell.get_or_init(|| canvas(within, SampleType::U8, bands).ok());
    made.as_ref().ok_or(Error::OutOfMemory { bytes })
}

fn lend(canvas: &Canvas, (x, y): (u32, u32)) -> Result<Loan<'_>> {
    canvas.lend(None, x, y).ok_or(Error::WrongSize)
}

/// A square while it is made.
pub(super) struct Square<'a, T> {
    /// Column and row of its first pixel in the whole grid.
    corner: (u32, u32),
    samples: Loan<'a>,
    valid: Option<Loan<'a>>,
    /// Rows of validity.
    masks: usize,
    /// Of each band.
    fills: &'a [T],
}

impl<T: Ordered> Square<'_, T> {
    /// Gives all of it what pixels without data hold.
    fn clear(&mut self) {
        if !has_any(self.fills) {
            return;
        }
        let overlap = self.samples.overlap();
        let row = row_of(self.fills, overlap.width);
        (0..overlap.height).for_each(|y| _ = self.samples.write(0, y, &row));
    }
}

impl<T: Ordered> Sink<T> for Square<'_, T> {
    fn row(&mut self, column: u32, row: u32, samples: &mut [T], valid: &[u8]) {
        let n = samples.len() / self.samples.bands().max(1);
        let (x, y) = ((column - self.corner.0) as usize, (row - self.corner.1) as usize);
        let masks = valid.chunks_exact(n.max(1));
        if valid.iter().fold(u8::MAX, |least, v| least.min(*v)) == 0 {
            let bands = samples.chunks_exact_mut(n.max(1)).zip(self.fills);
            for ((samples, fill), mask) in bands.zip(masks.clone().cycle()) {
                samples.iter_mut().zip(mask).filter(|(_, v)| **v == 0).for_each(|(sample, _)| *sample = *fill);
            }
        }
        self.samples.write(x, y, samples);
        let Some(loan) = &mut self.valid else { return };
        if masks.len() == self.masks {
            loan.write(x, y, valid);
        } else {
            // A row that bands share is the row of each of them.
            let rows: Vec<u8> = masks.cycle().take(self.masks).flatten().copied().collect();
            loan.write(x, y, &rows);
        }
    }
}

/// The validity of the image in a square, while it is made.
pub(super) struct MaskSquare<'a> {
    corner: (u32, u32),
    loan: Loan<'a>,
}

impl Sink<u8> for MaskSquare<'_> {
    fn row(&mut self, column: u32, row: u32, _: &mut [u8], valid: &[u8]) {
        self.loan.write((column - self.corner.0) as usize, (row - self.corner.1) as usize, valid);
    }
}
