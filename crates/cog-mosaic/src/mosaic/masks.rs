//! Which pixels of a layer hold data: all bands alike, or each for itself.

use cog_raster::Validity;
use cog_raster::ndarray::{Array2, Array3, ArrayView2, Zip};

use super::rectangle::Rectangle;
use crate::error::{Error, Result};

/// 255 for valid, 0 for not: one plane for all bands, or one for each.
#[derive(Clone, Debug)]
pub(super) struct Masks {
    pub(super) planes: usize,
    plane: usize,
    valid: Vec<u8>,
}

impl Masks {
    /// Nothing holds data yet.
    pub(super) fn nothing(plane: usize) -> Masks {
        Masks { planes: 1, plane, valid: vec![0; plane] }
    }

    /// Everything does.
    pub(super) fn all(plane: usize) -> Masks {
        Masks { planes: 1, plane, valid: vec![255; plane] }
    }

    /// Of what was read. Where an image has a validity of its own, beside that of its bands, both have to hold: outside of its alpha band
    /// an image has no pixels.
    pub(super) fn of(validity: &Validity, (bands, rows, columns): (usize, usize, usize)) -> Masks {
        let plane = rows * columns;
        let many = |masks: Vec<Array2<u8>>| {
            let planes = masks.len();
            let valid = masks.into_iter().flat_map(|mask| mask.into_iter()).collect();
            Masks { planes, plane, valid }
        };
        match validity {
            Validity::AllValid => Masks::all(plane),
            Validity::Shared(mask) => many(vec![mask.clone()]),
            Validity::Dataset(of) => {
                let both = |own: ArrayView2<'_, u8>| {
                    let mut mask = own.to_owned();
                    Zip::from(&mut mask).and(&of.dataset).for_each(|own, image| *own &= *image);
                    mask
                };
                // Bands that are valid everywhere, as an alpha band is, are valid where the image is.
                let own: Vec<Array2<u8>> = (0..bands).map(|band| both(of.band(band))).collect();
                match own.first() {
                    Some(first) if own.iter().all(|mask| mask == first) => many(vec![first.clone()]),
                    _ => many(own),
                }
            }
            each => many((0..bands).map(|band| each.band(band, rows, columns)).collect()),
        }
    }

    /// True if any pixel of any band holds data.
    pub(super) fn any(&self) -> bool {
        self.valid.iter().any(|v| *v > 0)
    }

    /// Which plane a band has.
    pub(super) fn band(&self, band: usize) -> &[u8] {
        let first = if self.planes == 1 { 0 } else { band * self.plane };
        self.valid.get(first..first + self.plane).unwrap_or_default()
    }

    /// A plane for each band, from now on.
    pub(super) fn spread(&mut self, bands: usize) {
        if self.planes == 1 && bands > 1 {
            self.valid = self.valid.repeat(bands);
            self.planes = bands;
        }
    }

    /// Valid where either is: `other` is a part of it.
    pub(super) fn or(&mut self, other: &Masks, at: Rectangle, width: usize) {
        let plane = self.plane;
        for (index, mine) in self.valid.chunks_exact_mut(plane.max(1)).enumerate() {
            at.rows(mine, width, other.band(index), |mine, theirs| {
                mine.iter_mut().zip(theirs).for_each(|(m, t)| *m |= *t);
            });
        }
    }

    /// The rectangle around all pixels of which some band holds no data.
    pub(super) fn missing(&self, width: usize) -> Option<Rectangle> {
        let mut around: Option<(usize, usize, usize, usize)> = None;
        for mask in self.valid.chunks_exact(self.plane.max(1)) {
            for (row, valid) in mask.chunks_exact(width.max(1)).enumerate() {
                let Some(first) = valid.iter().position(|v| *v == 0) else { continue };
                let last = valid.iter().rposition(|v| *v == 0).unwrap_or(first);
                let (left, top, right, bottom) = around.unwrap_or((first, row, last, row));
                around = Some((left.min(first), top.min(row), right.max(last), bottom.max(row)));
            }
        }
        around.map(|(left, top, right, bottom)| Rectangle {
            x: left,
            y: top,
            width: right - left + 1,
            height: bottom - top + 1,
        })
    }

    /// The first bands alone.
    pub(super) fn cut(mut self, bands: usize) -> Masks {
        if self.planes > 1 {
            self.valid.truncate(bands * self.plane);
            self.planes = bands;
        }
        self
    }

    /// Bands of several files, one file's behind the other's.
    pub(super) fn joined(parts: Vec<(Masks, usize)>) -> Masks {
        let mut all: Option<Masks> = None;
        for (mut part, bands) in parts {
            all = Some(match all {
                None => {
                    part.spread(bands);
                    part
                }
                Some(mut all) => {
                    let planes = all.planes + bands;
                    (0..bands).for_each(|band| all.valid.extend_from_slice(part.band(band)));
                    Masks { planes, ..all }
                }
            });
        }
        all.unwrap_or(Masks { planes: 1, plane: 0, valid: Vec::new() })
    }

    /// As rasters have it, of (rows, columns).
    pub(super) fn into_validity(self, rows: usize, columns: usize) -> Result<Validity> {
        let wrong = |_| Error::Internal { what: "a mask has another size than its pixels" };
        if self.valid.iter().all(|v| *v > 0) {
            return Ok(Validity::AllValid);
        }
        let first = self.band(0).to_vec();
        if self.planes == 1 || (1..self.planes).all(|band| self.band(band) == first) {
            return Array2::from_shape_vec((rows, columns), first).map(Validity::Shared).map_err(wrong);
        }
        Array3::from_shape_vec((self.planes, rows, columns), self.valid).map(Validity::PerBand).map_err(wrong)
    }
}
