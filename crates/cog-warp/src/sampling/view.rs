//! The part of a source level that lies in memory.

use crate::alpha::Alpha;

/// Samples of a rectangle of a level, band after band, rows from the top.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a, T> {
    /// `bands × height × width` samples.
    pub(crate) samples: &'a [T],
    pub(crate) validity: ViewValidity<'a>,
    pub(crate) bands: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Bands that are alpha. All bands are valid at most where it is above 0.
    pub(crate) alpha: Option<&'a Alpha>,
}

/// Which samples hold data: 255 or 0 a pixel, in the view's own rectangle.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ViewValidity<'a> {
    All,
    /// The same in all bands: `height × width`.
    Shared(&'a [u8]),
    /// `bands × height × width`.
    PerBand(&'a [u8]),
}

impl<'a, T> View<'a, T> {
    /// Without a pixel.
    #[cfg(feature = "files")]
    pub(crate) const NOTHING: View<'a, T> =
        View { samples: &[], validity: ViewValidity::All, bands: 0, width: 0, height: 0, alpha: None };

    /// The samples of one band, and their validity.
    pub(crate) fn band(&self, band: usize) -> Option<Plane<'a, T>> {
        let len = self.width * self.height;
        let samples = self.samples.get(band * len..(band + 1) * len)?;
        let valid = match self.validity {
            ViewValidity::All => None,
            ViewValidity::Shared(valid) => Some(valid.get(..len)?),
            ViewValidity::PerBand(valid) => Some(valid.get(band * len..(band + 1) * len)?),
        };
        Some(Plane { samples, valid, width: self.width, height: self.height })
    }

    /// Whether bands have masks of their own.
    pub(crate) fn has_masks(&self) -> bool {
        matches!(self.validity, ViewValidity::PerBand(_))
    }

    /// Rows of validity that it makes: one for all bands, or one for each.
    pub(crate) fn masks(&self) -> usize {
        if self.has_masks() { self.bands } else { 1 }
    }
}

/// One band of a view.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plane<'a, T> {
    pub(crate) samples: &'a [T],
    pub(crate) valid: Option<&'a [u8]>,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl<T: Copy> Plane<'_, T> {
    /// The sample in a column and row, if it lies inside and holds data.
    pub(crate) fn get(&self, column: i32, row: i32) -> Option<T> {
        let (column, row) = (usize::try_from(column).ok()?, usize::try_from(row).ok()?);
        if column >= self.width || row >= self.height {
            return None;
        }
        let at = row * self.width + column;
        if self.valid.is_some_and(|valid| valid.get(at) == Some(&0)) {
            return None;
        }
        self.samples.get(at).copied()
    }
}
