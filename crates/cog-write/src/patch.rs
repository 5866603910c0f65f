//! Pixels of all bands with their mask, and rectangles of them.

use std::borrow::Cow;
use std::sync::OnceLock;

use cog_raster::ndarray::{Array2, s};
use cog_raster::{Pixels, Sample, SampleType, dispatch};

use crate::error::{Error, Result};

/// Pixels of a rectangle: all bands, and the mask of the image where it has one.
#[derive(Clone, Debug)]
pub(crate) struct Patch {
    pixels: Pixels,
    /// (row, column), 255 or 0.
    mask: Option<Array2<u8>>,
    /// Complex samples as bytes.
    bytes: OnceLock<Vec<u8>>,
    /// True if the source knows that nothing was ever written there.
    unwritten: bool,
}

/// A rectangle of a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) row: usize,
    pub(crate) column: usize,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

impl Place {
    /// True if another rectangle lies in this one.
    pub(crate) fn holds(&self, other: &Place) -> bool {
        other.row >= self.row
            && other.column >= self.column
            && other.row + other.rows <= self.row + self.rows
            && other.column + other.columns <= self.column + self.columns
    }
}

impl Patch {
    /// Pixels as (band, row, column) and the mask of the same size.
    pub(crate) fn new(pixels: Pixels, mask: Option<Array2<u8>>) -> Patch {
        Patch { pixels: in_order(pixels), mask, bytes: OnceLock::new(), unwritten: false }
    }

    /// So many rows and columns of zeros that are not valid.
    ///
    /// # Errors
    /// No memory.
    pub(crate) fn zeros(sample: SampleType, masked: bool, shape: (usize, usize, usize)) -> Result<Patch> {
        let pixels = Pixels::filled(sample, shape, None).ok_or(Error::OutOfMemory)?;
        let mask = masked.then(|| Array2::zeros((shape.1, shape.2)));
        Ok(Patch { pixels, mask, bytes: OnceLock::new(), unwritten: false })
    }

    pub(crate) fn pixels(&self) -> &Pixels {
        &self.pixels
    }

    pub(crate) fn mask(&self) -> Option<&Array2<u8>> {
        self.mask.as_ref()
    }

    /// Bands, rows, columns.
    pub(crate) fn dim(&self) -> (usize, usize, usize) {
        self.pixels.dim()
    }

    /// All of it.
    pub(crate) fn whole(&self) -> Place {
        let (_, rows, columns) = self.dim();
        Place { row: 0, column: 0, rows, columns }
    }

    /// The samples in memory's order: band after band, rows from the top.
    pub(crate) fn bytes(&self) -> Cow<'_, [u8]> {
        macro_rules! plain {
            ($array:ident) => {
                Cow::Borrowed($array.as_slice().map_or(&[][..], bytemuck::cast_slice))
            };
        }
        match &self.pixels {
            Pixels::U8(a) => plain!(a),
            Pixels::U16(a) => plain!(a),
            Pixels::U32(a) => plain!(a),
            Pixels::U64(a) => plain!(a),
            Pixels::I8(a) => plain!(a),
            Pixels::I16(a) => plain!(a),
            Pixels::I32(a) => plain!(a),
            Pixels::I64(a) => plain!(a),
            Pixels::F32(a) => plain!(a),
            Pixels::F64(a) => plain!(a),
            _ => Cow::Borrowed(self.bytes.get_or_init(|| self.native_bytes())),
        }
    }

    fn native_bytes(&self) -> Vec<u8> {
        fn of<T: Sample>(pixels: &Pixels) -> Vec<u8> {
            let mut bytes = Vec::new();
            if let Ok(array) = pixels.view::<T>() {
                bytes.reserve(array.len() * size_of::<T>());
                array.iter().for_each(|v| v.push_ne(&mut bytes));
            }
            bytes
        }
        dispatch!(self.pixels.sample_type(), T => of::<T>(&self.pixels), _ => Vec::new())
    }

    /// A rectangle as a patch of its own.
    pub(crate) fn cut(&self, place: Place) -> Patch {
        fn of<T: Sample>(pixels: &Pixels, Place { row, column, rows, columns }: Place) -> Option<Pixels> {
            let array = pixels.view::<T>().ok()?;
            Some(Pixels::from(array.slice_move(s![.., row..row + rows, column..column + columns]).to_owned()))
        }
        let Place { row, column, rows, columns } = place;
        let pixels = dispatch!(self.pixels.sample_type(), T => of::<T>(&self.pixels, place), _ => None);
        let mask = self.mask.as_ref();
        let mask = mask.map(|mask| mask.slice(s![row..row + rows, column..column + columns]).to_owned());
        let pixels = pixels.unwrap_or_else(|| self.pixels.clone());
        Patch { pixels, mask, bytes: OnceLock::new(), unwritten: self.unwritten }
    }

    /// Copies a rectangle of another patch of the same bands and type to a place of this one.
    pub(crate) fn put(&mut self, row: usize, column: usize, from: &Patch, place: Place) {
        fn of<T: Sample>(to: &mut Pixels, at: (usize, usize), from: &Pixels, place: Place) {
            let Ok(from) = from.view::<T>() else { return };
            let Place { row, column, rows, columns } = place;
            let taken = std::mem::replace(to, Pixels::U8(Default::default()));
            let (Ok(mut array) | Err(mut array)) = taken.into_array::<T>().map_err(|_| Default::default());
            let (top, left) = at;
            array.slice_mut(s![.., top..top + rows, left..left + columns]).assign(&from.slice_move(s![
                ..,
                row..row + rows,
                column..column + columns
            ]));
            *to = Pixels::from(array);
        }
        self.bytes = OnceLock::new();
        let Place { row: top, column: left, rows, columns } = place;
        dispatch!(self.pixels.sample_type(), T => of::<T>(&mut self.pixels, (row, column), &from.pixels, place), _ => ());
        if let (Some(mask), Some(from)) = (&mut self.mask, &from.mask) {
            mask.slice_mut(s![row..row + rows, column..column + columns])
                .assign(&from.slice(s![top..top + rows, left..left + columns]));
        }
    }

    /// Fills a rectangle with the one pixel of another patch.
    pub(crate) fn fill(&mut self, place: Place, pixel: &Patch) {
        fn of<T: Sample>(to: &mut Pixels, place: Place, pixel: &Pixels) {
            let Ok(pixel) = pixel.view::<T>() else { return };
            let Place { row, column, rows, columns } = place;
            let taken = std::mem::replace(to, Pixels::U8(Default::default()));
            let (Ok(mut array) | Err(mut array)) = taken.into_array::<T>().map_err(|_| Default::default());
            for (mut band, value) in array.outer_iter_mut().zip(pixel.iter()) {
                band.slice_mut(s![row..row + rows, column..column + columns]).fill(*value);
            }
            *to = Pixels::from(array);
        }
        self.bytes = OnceLock::new();
        let Place { row, column, rows, columns } = place;
        dispatch!(self.pixels.sample_type(), T => of::<T>(&mut self.pixels, place, &pixel.pixels), _ => ());
        if let (Some(mask), Some(value)) = (&mut self.mask, pixel.mask.as_ref().and_then(|mask| mask.first())) {
            mask.slice_mut(s![row..row + rows, column..column + columns]).fill(*value);
        }
    }

    /// The one pixel that a rectangle is full of, bit by bit, if it is.
    pub(crate) fn uniform(&self, place: Place) -> Option<Patch> {
        let Place { row, column, rows, columns } = place;
        let (bands, height, width) = self.dim();
        let bytes = self.bytes();
        let size = self.pixels.sample_type().size();
        for band in 0..bands {
            let line = |y: usize| {
                let start = ((band * height + row + y) * width + column) * size;
                bytes.get(start..start + columns * size)
            };
            let first = line(0)?;
            if first.get(size..) != first.get(..first.len() - size) || (1..rows).any(|y| line(y) != Some(first)) {
                return None;
            }
        }
        if let Some(mask) = &self.mask {
            let mask = mask.slice(s![row..row + rows, column..column + columns]);
            let first = mask.first()?;
            if mask.iter().any(|v| v != first) {
                return None;
            }
        }
        Some(self.cut(Place { row, column, rows: 1, columns: 1 }))
    }

    /// The same, and marked as never written or not.
    pub(crate) fn marked(self, unwritten: bool) -> Patch {
        Patch { unwritten, ..self }
    }

    /// True if the source knows that nothing was ever written there.
    pub(crate) fn is_unwritten(&self) -> bool {
        self.unwritten
    }

    /// True if both hold the same bits, written or not.
    pub(crate) fn same(&self, other: &Patch) -> bool {
        self.unwritten == other.unwritten
            && self.dim() == other.dim()
            && self.mask == other.mask
            && self.bytes() == other.bytes()
    }
}

/// The same samples, in the order that (band, row, column) says.
fn in_order(pixels: Pixels) -> Pixels {
    fn of<T: Sample>(pixels: Pixels) -> Pixels {
        match pixels.into_array::<T>() {
            Ok(array) if array.is_standard_layout() && array.as_slice().is_some() => Pixels::from(array),
            Ok(array) => Pixels::from(array.as_standard_layout().into_owned()),
            Err(_) => Pixels::U8(Default::default()),
        }
    }
    dispatch!(pixels.sample_type(), T => of::<T>(pixels), _ => pixels)
}
