//! An array that many threads fill at once, each its own rectangles: the output of a read or of a warp.
//!
//! ```
//! use cog_raster::canvas::{Canvas, Tiling};
//! use cog_raster::{Area, Pixels, SampleType};
//!
//! // 100 × 50 pixels in cells of 64 × 64.
//! let tiling = Tiling { area: Area { x: 0, y: 0, width: 100, height: 50 }, block: (64, 64) };
//! let canvas = Canvas::new(SampleType::U16, 1, tiling, false).ok_or("memory")?;
//! std::thread::scope(|threads| {
//!     for x in 0..2 {
//!         let canvas = &canvas;
//!         threads.spawn(move || {
//!             let mut loan = canvas.lend(None, x, 0)?;
//!             assert!(canvas.lend(None, x, 0).is_none()); // Lent once, and never again.
//!             loan.write(3, 7, &[10_u16, 11]).then_some(())
//!         });
//!     }
//! });
//! let Some(Pixels::U16(samples)) = canvas.into_pixels() else { return Err("another type".into()) };
//! assert_eq!((samples[[0, 7, 4]], samples[[0, 7, 64 + 3]]), (11, 10));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![allow(unsafe_code)]

mod huge_pages;
mod stream;

use std::alloc::{Layout, alloc, alloc_zeroed, dealloc};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use cog_tiff::SampleType;
use ndarray::Array3;

use crate::dispatch;
use crate::geometry::window::Area;
use crate::pixels::Pixels;
use crate::pixels::sample::Sample;
use huge_pages::HugePages;

/// How blocks tile a canvas: the canvas is the area, the blocks are those of a grid that touch it.
#[derive(Clone, Copy, Debug)]
pub struct Tiling {
    /// The pixels of the canvas, in pixels of the level.
    pub area: Area,
    /// Block width and height in pixels, not 0.
    pub block: (u32, u32),
}

/// The part of one block that lies on a canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The column where it starts inside the block.
    pub block_x: usize,
    /// The row where it starts inside the block.
    pub block_y: usize,
    /// The column where it starts on the canvas.
    pub canvas_x: usize,
    /// The row where it starts on the canvas.
    pub canvas_y: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Tiling {
    /// Columns of the first block and behind the last.
    pub fn columns(&self) -> std::ops::Range<u32> {
        let w = self.block.0.max(1);
        self.area.x / w..last(self.area.x, self.area.width, w)
    }

    /// Rows of the first block and behind the last.
    pub fn rows(&self) -> std::ops::Range<u32> {
        let h = self.block.1.max(1);
        self.area.y / h..last(self.area.y, self.area.height, h)
    }

    fn blocks(&self) -> usize {
        self.columns().len() * self.rows().len()
    }

    /// Whether one block holds all of the area.
    fn is_one_block(&self) -> bool {
        let only = self.overlap(self.columns().start, self.rows().start);
        only.is_some_and(|part| (part.width, part.height) == (self.area.width as usize, self.area.height as usize))
    }

    /// Index of a block among those of the canvas.
    fn index(&self, x: u32, y: u32) -> Option<usize> {
        let (columns, rows) = (self.columns(), self.rows());
        (columns.contains(&x) && rows.contains(&y))
            .then(|| (y - rows.start) as usize * columns.len() + (x - columns.start) as usize)
    }

    /// The part of the block at (`x`, `y`) that lies on the canvas. Parts of different blocks never overlap: they are
    /// cut from disjoint cells of one grid.
    fn overlap(&self, x: u32, y: u32) -> Option<Overlap> {
        let (bx, cx, width) = overlap_1d(x, self.block.0, self.area.x, self.area.width)?;
        let (by, cy, height) = overlap_1d(y, self.block.1, self.area.y, self.area.height)?;
        Some(Overlap { block_x: bx, block_y: by, canvas_x: cx, canvas_y: cy, width, height })
    }
}

/// The cell behind the last that is touched. The padding of a block may reach past 2^32 pixels, where no cell is counted.
fn last(start: u32, len: u32, cell: u32) -> u32 {
    u32::try_from((u64::from(start) + u64::from(len)).div_ceil(u64::from(cell))).unwrap_or(u32::MAX)
}

/// Start in the block, start on the canvas, and length.
fn overlap_1d(index: u32, block: u32, start: u32, len: u32) -> Option<(usize, usize, usize)> {
    let cell = u64::from(index) * u64::from(block);
    let from = cell.max(u64::from(start));
    let to = (cell + u64::from(block)).min(u64::from(start) + u64::from(len));
    (from < to).then(|| ((from - cell) as usize, (from - u64::from(start)) as usize, (to - from) as usize))
}

/// Memory of (band, row, column) samples, filled by many threads; what nobody writes to is 0.
///
/// It lends the rectangle of each block of each group of bands once; a second request is refused. So no two loans
/// ever reach the same byte.
pub struct Canvas {
    memory: NonNull<u8>,
    layout: Layout,
    sample_type: SampleType,
    bands: usize,
    tiling: Tiling,
    /// Bands are lent one by one, not all together.
    per_band: bool,
    /// A bit for each: there may be as many blocks as samples.
    lent: Box<[AtomicUsize]>,
    pages: HugePages,
    /// Whether all of the memory holds something. That of a small canvas of one cell does not at first: its loan sees to it.
    is_written: AtomicBool,
}

// SAFETY: the memory is plain bytes owned by the canvas; `lend` gives out disjoint parts only, guarded by `lent`.
unsafe impl Send for Canvas {}
// SAFETY: as above; all shared access goes through `lend`.
unsafe impl Sync for Canvas {}

impl Canvas {
    /// Bytes of a canvas; `None` if they cannot be counted.
    pub fn bytes(sample_type: SampleType, bands: usize, area: &Area) -> Option<u64> {
        let pixels = u64::from(area.width) * u64::from(area.height);
        pixels.checked_mul(bands as u64)?.checked_mul(sample_type.size() as u64)
    }

    /// Allocates; `None` if there is no memory for it. Pages are touched only when they are written. The area must not be empty.
    pub fn new(sample_type: SampleType, bands: usize, tiling: Tiling, per_band: bool) -> Option<Canvas> {
        let bytes = usize::try_from(Canvas::bytes(sample_type, bands, &tiling.area)?).ok()?;
        let layout = layout_of(sample_type, bytes / sample_type.size())?;
        if layout.size() == 0 || layout.size() != bytes {
            return None;
        }
        let loans = tiling.blocks().checked_mul(if per_band { bands } else { 1 })?;
        let mut lent = Vec::new();
        let words = loans.div_ceil(usize::BITS as usize);
        lent.try_reserve_exact(words).ok()?;
        lent.resize_with(words, || AtomicUsize::new(0));
        let is_written = loans != 1 || layout.size() >= STREAMED_BYTES || !tiling.is_one_block();
        // SAFETY: the layout's size is not 0.
        let memory = NonNull::new(unsafe { if is_written { alloc_zeroed(layout) } else { alloc(layout) } })?;
        let pages = HugePages::ask(memory, layout.size());
        let (lent, is_written) = (lent.into(), is_written.into());
        Some(Canvas { memory, layout, sample_type, bands, tiling, per_band, lent, pages, is_written })
    }

    /// How blocks tile it.
    pub fn tiling(&self) -> &Tiling {
        &self.tiling
    }

    /// Bytes of a sample.
    pub fn sample_size(&self) -> usize {
        self.sample_type.size()
    }

    /// Repeats one sample all over the canvas, before anything is lent.
    pub fn fill(&mut self, sample: &[u8]) {
        self.write_all();
        // SAFETY: the memory is this canvas's own, initialised, and as long as its layout says; `&mut self` proves that
        // no loan is alive.
        let all = unsafe { std::slice::from_raw_parts_mut(self.memory.as_ptr(), self.layout.size()) };
        all.chunks_exact_mut(sample.len().max(1)).for_each(|s| s.copy_from_slice(sample));
        self.pages.all_there();
    }

    /// The rectangle of the block at (`x`, `y`) in all bands, or in `band` if bands are lent one by one. `None` if it
    /// was lent before or does not lie on the canvas.
    pub fn lend(&self, band: Option<usize>, x: u32, y: u32) -> Option<Loan<'_>> {
        let index = self.tiling.index(x, y)?;
        let (slot, bands) = match (self.per_band, band) {
            (false, None) => (index, 0..self.bands),
            (true, Some(band)) if band < self.bands => (band * self.tiling.blocks() + index, band..band + 1),
            _ => return None,
        };
        let overlap = self.tiling.overlap(x, y)?;
        let bit = 1 << (slot % usize::BITS as usize);
        let were_lent = self.lent.get(slot / usize::BITS as usize)?.fetch_or(bit, Ordering::AcqRel);
        (were_lent & bit == 0).then(|| {
            let is_written = self.is_written.load(Ordering::Acquire);
            let written = if is_written { overlap.height } else { 0 };
            let streamed = self.streamed(overlap.width);
            let mut loan = Loan { canvas: self, bands, overlap, written, streamed, lines: Vec::new() };
            if is_written {
                loan.bring_pages();
            }
            loan
        })
    }

    /// Bytes of a row of each band if rows `width` wide are written past the caches, else 0: those of a large canvas that are short, so
    /// that they fit into the nearest cache.
    fn streamed(&self, width: usize) -> usize {
        let bytes = width * self.sample_size() * if self.per_band { 1 } else { self.bands };
        let streams = stream::AVAILABLE && self.layout.size() >= STREAMED_BYTES && bytes <= LINES_BYTES;
        if streams { bytes } else { 0 }
    }

    /// Writes zeros wherever nothing was written yet: all over a canvas whose loan did not do it.
    fn write_all(&mut self) {
        if !*self.is_written.get_mut() {
            // SAFETY: the memory is this canvas's own, and as long as its layout says; `&mut self` proves that no loan is alive.
            unsafe { self.memory.write_bytes(0, self.layout.size()) };
            *self.is_written.get_mut() = true;
        }
    }

    /// The samples as an array. Everyone who held a loan must be gone, which owning the canvas proves.
    pub fn into_pixels(mut self) -> Option<Pixels> {
        self.write_all();
        let shape = (self.bands, self.tiling.area.height as usize, self.tiling.area.width as usize);
        dispatch!(self.sample_type, T => self.into_array::<T>(shape).map(Pixels::from), _ => None)
    }

    fn into_array<T: Sample>(self, shape: (usize, usize, usize)) -> Option<Array3<T>> {
        let len = shape.0 * shape.1 * shape.2;
        if Layout::array::<T>(len).ok()? != self.layout {
            return None;
        }
        let canvas = std::mem::ManuallyDrop::new(self);
        // `lent` and `pages` are not dropped with the rest, so they are freed here.
        // SAFETY: the canvas is never used again; each is read out once.
        drop(unsafe { (std::ptr::read(&raw const canvas.lent), std::ptr::read(&raw const canvas.pages)) });
        // SAFETY: the memory was allocated by the global allocator with just this layout, all of it is initialised
        // (`write_all` saw to it), and every bit pattern is a `T`: `Sample` says so.
        let samples = unsafe { Vec::from_raw_parts(canvas.memory.as_ptr().cast::<T>(), len, len) };
        Array3::from_shape_vec(shape, samples).ok()
    }
}

impl Drop for Canvas {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout; `into_array` hands the memory on without running this.
        unsafe { dealloc(self.memory.as_ptr(), self.layout) };
    }
}

/// A canvas of so many bytes would leave nothing else in the caches.
const STREAMED_BYTES: usize = 4 << 20;

/// Half of the nearest cache.
const LINES_BYTES: usize = 16 << 10;

/// How many rows ahead lines are asked for that are filled in part.
const ROWS_AHEAD: usize = 4;

/// So many zeros, if there is memory for them: a large array in large pages, which are not touched before they are written.
pub fn zeros<T: Sample>(len: usize) -> Option<Vec<T>> {
    let mut probe: Vec<T> = Vec::new();
    probe.try_reserve_exact(len).ok()?;
    drop(probe);
    let mut zeros = vec![T::default(); len];
    // The advice is all that is wanted: whoever writes brings the pages in.
    _ = HugePages::ask(NonNull::new(zeros.as_mut_ptr().cast())?, len.saturating_mul(size_of::<T>()));
    Some(zeros)
}

fn layout_of(sample_type: SampleType, len: usize) -> Option<Layout> {
    dispatch!(sample_type, T => Layout::array::<T>(len).ok(), _ => None)
}

/// One block's rectangle of a canvas, in one or all bands, for one worker alone.
pub struct Loan<'a> {
    canvas: &'a Canvas,
    bands: std::ops::Range<usize>,
    overlap: Overlap,
    /// Rows from the top whose memory holds something; the others are given zeros before anything else.
    written: usize,
    /// Bytes of a row of each band that goes past the caches; 0 if rows are written where they belong.
    streamed: usize,
    /// Such a row, from the first one on.
    lines: Vec<u8>,
}

impl Loan<'_> {
    /// How many bands it has.
    pub fn bands(&self) -> usize {
        self.bands.len()
    }

    /// The rectangle.
    pub fn overlap(&self) -> Overlap {
        self.overlap
    }

    /// Lets `f` write row `y` of the rectangle, all of it: one slice a band, of whatever content. `None` below the rectangle.
    pub fn row<R>(&mut self, y: usize, f: impl FnOnce(&mut [&mut [u8]]) -> R) -> Option<R> {
        if y >= self.overlap.height {
            return None;
        }
        self.write_to(y + 1);
        if self.streamed == 0 {
            return Some(with_rows(self.bands.clone().map(|band| self.slice(band, y)), f));
        }
        let mut lines = std::mem::take(&mut self.lines);
        lines.resize(self.streamed, 0);
        let len = lines.len() / self.bands.len().max(1);
        let done = with_rows(lines.chunks_exact_mut(len), f);
        for (band, line) in self.bands.clone().zip(lines.chunks_exact(len)) {
            if y + ROWS_AHEAD < self.overlap.height {
                stream::expect(self.slice(band, y + ROWS_AHEAD));
            }
            stream::copy(self.slice(band, y), line);
        }
        self.lines = lines;
        Some(done)
    }

    /// Copies samples to row `y` of the rectangle, from column `x` on: those of one band after those of the other, all of a number. False,
    /// and nothing is copied, if they are of another type than the canvas, or do not fit.
    pub fn write<T: Sample>(&mut self, x: usize, y: usize, samples: &[T]) -> bool {
        let n = samples.len() / self.bands.len().max(1);
        let fits = x.checked_add(n).is_some_and(|end| end <= self.overlap.width) && y < self.overlap.height;
        if !fits || T::TYPE != self.canvas.sample_type || n == 0 || n * self.bands.len() != samples.len() {
            return false;
        }
        self.write_to(y + 1);
        let size = size_of::<T>();
        let columns = x * size..(x + n) * size;
        for (band, samples) in self.bands.clone().zip(samples.chunks_exact(n)) {
            // SAFETY: samples are numbers: all of their bytes are initialised.
            let bytes = unsafe { std::slice::from_raw_parts(samples.as_ptr().cast::<u8>(), n * size) };
            if let Some(to) = self.slice(band, y).get_mut(columns.clone()) {
                to.copy_from_slice(bytes);
            }
            self.expect(band, y, columns.clone());
        }
        true
    }

    /// Brings in what is likely to be written next, if that is not in the caches anyway: some rows further down.
    fn expect(&self, band: usize, y: usize, columns: std::ops::Range<usize>) {
        if self.canvas.layout.size() < STREAMED_BYTES {
            return;
        }
        let rows = if y == 0 { 1..ROWS_AHEAD + 1 } else { y + ROWS_AHEAD..y + ROWS_AHEAD + 1 };
        for row in rows.take_while(|row| *row < self.overlap.height) {
            self.slice(band, row).get(columns.clone()).into_iter().for_each(stream::expect_all);
        }
    }

    /// Writes zeros to all rows before `end` whose memory holds nothing yet.
    fn write_to(&mut self, end: usize) {
        if self.written >= end {
            return;
        }
        for (band, y) in self.bands.clone().flat_map(|band| (self.written..end).map(move |y| (band, y))) {
            let (start, len) = self.place(band, y);
            // SAFETY: as in `slice`; numbers without a sign may be made of any bytes.
            unsafe { self.canvas.memory.add(start).write_bytes(0, len) };
        }
        self.written = end;
    }

    /// Brings in the large pages in which rows of the rectangle begin. The first byte of such a row is written, which is still
    /// 0: nobody but this loan writes to it, and a canvas that was filled has its pages.
    fn bring_pages(&mut self) {
        let stride = (self.canvas.tiling.area.width as usize * self.canvas.sample_size()).max(1);
        for band in self.bands.clone() {
            let mut y = 0;
            while y < self.overlap.height {
                let row = self.slice(band, y);
                let address = row.as_ptr().addr();
                self.canvas.pages.bring(address, || row.iter_mut().take(1).for_each(|byte| *byte = 0));
                y += HugePages::rest(address).div_ceil(stride);
            }
        }
    }

    /// Row `y` of the rectangle in one band. Private, and called while `&mut self` is held, so that no two slices reach the same
    /// byte.
    #[allow(clippy::mut_from_ref)]
    fn slice(&self, band: usize, y: usize) -> &mut [u8] {
        let (start, len) = self.place(band, y);
        debug_assert!(y < self.written);
        // SAFETY: band < bands, canvas_y + y < height (checked by `row`, and the overlap lies on the area), and
        // canvas_x + width <= the area's width, so the slice lies in the allocation. It is initialised: `write_to` was there.
        // No other slice reaches it: other loans have other bands or other cells of the grid, this loan's methods make one
        // slice a band, or one after the other, and borrow the loan mutably for as long as their slices live.
        unsafe { std::slice::from_raw_parts_mut(self.canvas.memory.as_ptr().add(start), len) }
    }

    /// Where row `y` of the rectangle lies in the memory in one band, and how many bytes it has.
    fn place(&self, band: usize, y: usize) -> (usize, usize) {
        let area = &self.canvas.tiling.area;
        let size = self.canvas.sample_size();
        let row = band * area.height as usize + self.overlap.canvas_y + y;
        let start = (row * area.width as usize + self.overlap.canvas_x) * size;
        let len = self.overlap.width * size;
        debug_assert!(start + len <= self.canvas.layout.size());
        (start, len)
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        self.write_to(self.overlap.height);
        stream::fence();
        if !self.canvas.is_written.load(Ordering::Relaxed) {
            self.canvas.is_written.store(true, Ordering::Release);
        }
    }
}

/// Collects rows, a few of them without asking for memory.
fn with_rows<'a, R>(mut rows: impl ExactSizeIterator<Item = &'a mut [u8]>, f: impl FnOnce(&mut [&mut [u8]]) -> R) -> R {
    let mut few: [&mut [u8]; 4] = Default::default();
    match few.get_mut(..rows.len()) {
        Some(few) => {
            few.iter_mut().zip(&mut rows).for_each(|(slot, row)| *slot = row);
            f(few)
        }
        None => f(&mut rows.collect::<Vec<_>>()),
    }
}

#[cfg(test)]
mod tests;
