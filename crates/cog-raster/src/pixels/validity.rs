//! Which pixels hold data.

use cog_tiff::Nodata;
use ndarray::{Array2, Array3, ArrayView2, ArrayViewMut2, Axis, Zip, s};

use crate::pixels::Pixels;

/// Which pixels hold data: 255 for valid, 0 for not. It comes from the mask IFD, else from nodata, else from an alpha band
/// (GDAL's order).
///
/// Where a file has nodata and alpha, nodata says it of each band and alpha of the image. rasterio's `dataset_mask()` does so
/// for red, green, blue and alpha with nodata 0; there it takes the nodata mask of the alpha band, and of gray and alpha the union
/// of both, so that a pixel counts as valid because its alpha is not nodata.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Validity {
    /// Every pixel does.
    AllValid,
    /// All bands alike: (row, column).
    Shared(Array2<u8>),
    /// Each band its own: (band, row, column).
    PerBand(Array3<u8>),
    /// The image has another than its bands.
    Dataset(DatasetValidity),
}

/// Validity of an image and of its bands, where they differ: an alpha band is valid everywhere itself, and nodata hides samples
/// of single bands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DatasetValidity {
    /// Of the image: (row, column).
    pub dataset: Array2<u8>,
    /// Of bands: (mask, row, column).
    pub masks: Array3<u8>,
    /// Which of the masks each band has; `None` for the image's.
    pub of_band: Vec<Option<usize>>,
}

impl DatasetValidity {
    /// A mask of the image, masks of bands, and which of these each band has; `None` for the image's.
    pub fn new(dataset: Array2<u8>, masks: Array3<u8>, of_band: Vec<Option<usize>>) -> DatasetValidity {
        DatasetValidity { dataset, masks, of_band }
    }

    /// The mask of the band at this index of the array, from 0.
    pub fn band(&self, band: usize) -> ArrayView2<'_, u8> {
        let own = self.of_band.get(band).copied().flatten().filter(|mask| *mask < self.masks.dim().0);
        own.map_or(self.dataset.view(), |mask| self.masks.index_axis(Axis(0), mask))
    }

    /// Every mask there is.
    fn for_each(&mut self, mut change: impl FnMut(ArrayViewMut2<'_, u8>)) {
        change(self.dataset.view_mut());
        self.masks.outer_iter_mut().for_each(change);
    }
}

impl Validity {
    /// Of bands whose nodata is known: each is valid where it is not its nodata (see [`Pixels::mask_by_nodata`]), everywhere if it
    /// has none.
    pub fn of_nodata(pixels: &Pixels, nodata: &[Option<Nodata>]) -> Validity {
        match pixels.masks_by_nodata(nodata) {
            masks if masks.dim().0 == 1 => Validity::Shared(masks.index_axis_move(Axis(0), 0)),
            masks => Validity::PerBand(masks),
        }
    }

    /// From a mask that was read as an image: what is above 0 is valid.
    pub fn of_mask(mask: Pixels) -> Validity {
        match mask {
            Pixels::U8(mask) if mask.dim().0 == 1 => {
                Validity::Shared(mask.index_axis_move(Axis(0), 0).mapv_into(|v| if v > 0 { 255 } else { 0 }))
            }
            _ => Validity::AllValid,
        }
    }

    /// The same in the upper left corner of so many rows and columns, of which no others are valid.
    pub fn padded(self, rows: usize, columns: usize) -> Validity {
        match self {
            Validity::Shared(mask) if mask.dim() != (rows, columns) => {
                let at = |place| mask.get(place).copied().unwrap_or(0);
                Validity::Shared(Array2::from_shape_fn((rows, columns), at))
            }
            other => other,
        }
    }

    /// The same as a part of a larger image of (rows, columns), whose other pixels are not valid: the part begins at (row, column)
    /// and is `inside` (rows, columns) large.
    ///
    /// # Panics
    /// If the part does not lie in the image.
    pub fn placed(
        self,
        (height, width): (usize, usize),
        (row, column): (usize, usize),
        inside: (usize, usize),
    ) -> Validity {
        let place = s![row..row + inside.0, column..column + inside.1];
        let one = |inside: ArrayView2<'_, u8>| {
            let mut mask = Array2::zeros((height, width));
            mask.slice_mut(place).assign(&inside);
            mask
        };
        let many = |inside: &Array3<u8>| {
            let mut masks = Array3::zeros((inside.dim().0, height, width));
            for (mut mask, inside) in masks.outer_iter_mut().zip(inside.outer_iter()) {
                mask.slice_mut(place).assign(&inside);
            }
            masks
        };
        match self {
            Validity::AllValid => Validity::Shared(one(Array2::from_elem(inside, 255).view())),
            Validity::Shared(mask) => Validity::Shared(one(mask.view())),
            Validity::PerBand(masks) => Validity::PerBand(many(&masks)),
            Validity::Dataset(of) => Validity::Dataset(DatasetValidity {
                dataset: one(of.dataset.view()),
                masks: many(&of.masks),
                of_band: of.of_band,
            }),
        }
    }

    /// Of the image: valid where any band is, or as its own mask says.
    pub fn union(&self, height: usize, width: usize) -> Array2<u8> {
        match self {
            Validity::AllValid => Array2::from_elem((height, width), 255),
            Validity::Shared(mask) => mask.clone(),
            Validity::PerBand(masks) => {
                let mut union = Array2::zeros((height, width));
                for band in masks.outer_iter() {
                    Zip::from(&mut union).and(&band).for_each(|u, b| *u |= *b);
                }
                union
            }
            Validity::Dataset(of) => of.dataset.clone(),
        }
    }

    /// Valid where both are. Both are of the same size.
    pub fn and(self, other: Validity) -> Validity {
        let both = |mut mask: ArrayViewMut2<'_, u8>, other: ArrayView2<'_, u8>| {
            Zip::from(&mut mask).and(&other).for_each(|m, o| *m &= *o);
        };
        match (self, other) {
            (Validity::AllValid, other) => other,
            (mine, Validity::AllValid) => mine,
            (Validity::Shared(mut mine), Validity::Shared(other)) => {
                both(mine.view_mut(), other.view());
                Validity::Shared(mine)
            }
            (Validity::Shared(one), Validity::PerBand(mut many))
            | (Validity::PerBand(mut many), Validity::Shared(one)) => {
                many.outer_iter_mut().for_each(|mask| both(mask, one.view()));
                Validity::PerBand(many)
            }
            (Validity::PerBand(mut mine), Validity::PerBand(other)) => {
                Zip::from(&mut mine).and(&other).for_each(|m, o| *m &= *o);
                Validity::PerBand(mine)
            }
            (Validity::Dataset(mut mine), Validity::Shared(one))
            | (Validity::Shared(one), Validity::Dataset(mut mine)) => {
                mine.for_each(|mask| both(mask, one.view()));
                Validity::Dataset(mine)
            }
            (Validity::Dataset(mine), other) | (other, Validity::Dataset(mine)) => {
                let (height, width) = mine.dataset.dim();
                let bands = mine.of_band.len();
                let mut masks = Array3::zeros((bands, height, width));
                for (band, mut mask) in masks.outer_iter_mut().enumerate() {
                    mask.assign(&mine.band(band));
                    if let Some(theirs) = other.of_band(band) {
                        both(mask, theirs);
                    }
                }
                let mut dataset = mine.dataset;
                both(dataset.view_mut(), other.union(height, width).view());
                Validity::Dataset(DatasetValidity { dataset, masks, of_band: (0..bands).map(Some).collect() })
            }
        }
    }

    /// The mask of the band at this index of the array, from 0; `None` if all of its pixels are valid.
    pub fn of_band(&self, band: usize) -> Option<ArrayView2<'_, u8>> {
        match self {
            Validity::AllValid => None,
            Validity::Shared(mask) => Some(mask.view()),
            Validity::PerBand(masks) => (band < masks.dim().0).then(|| masks.index_axis(Axis(0), band)),
            Validity::Dataset(of) => Some(of.band(band)),
        }
    }

    /// True if a pixel of the band at this index of the array, from 0, holds data.
    pub fn is_valid(&self, band: usize, row: usize, column: usize) -> bool {
        match (self, self.of_band(band)) {
            (Validity::AllValid, _) => true,
            (_, mask) => mask.is_some_and(|mask| mask.get((row, column)).is_some_and(|v| *v > 0)),
        }
    }

    /// The mask of the band at this index of the array, from 0, of (height, width) pixels.
    pub fn band(&self, index: usize, height: usize, width: usize) -> Array2<u8> {
        self.of_band(index).map_or_else(|| Array2::from_elem((height, width), 255), |mask| mask.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{arr2, arr3};

    #[test]
    fn a_pixel_of_two_bands_is_valid_where_either_is() {
        let pixels = Pixels::I16(arr3(&[[[-9, 1, -9]], [[-9, -9, 4]]]));
        let validity = Validity::of_nodata(&pixels, &[Some(Nodata::Float(-9.0)); 2]);
        assert_eq!(validity.union(1, 3), arr2(&[[0, 255, 255]]));
        assert_eq!((validity.band(0, 1, 3), validity.is_valid(1, 0, 2)), (arr2(&[[0, 255, 0]]), true));
    }

    #[test]
    fn what_lies_outside_a_part_is_not_valid() {
        let placed = Validity::AllValid.placed((2, 3), (1, 1), (1, 2));
        assert_eq!(placed, Validity::Shared(arr2(&[[0, 0, 0], [0, 255, 255]])));
        let masks = Validity::PerBand(arr3(&[[[255, 0]], [[0, 255]]])).placed((1, 3), (0, 0), (1, 2));
        assert_eq!(masks, Validity::PerBand(arr3(&[[[255, 0, 0]], [[0, 255, 0]]])));
    }

    #[test]
    fn two_validities_leave_what_is_valid_in_both() {
        let shared = Validity::Shared(arr2(&[[255, 0, 255]]));
        let bands = Validity::PerBand(arr3(&[[[255, 255, 0]], [[0, 0, 255]]]));
        let both = Validity::PerBand(arr3(&[[[255, 0, 0]], [[0, 0, 255]]]));
        assert_eq!((shared.clone().and(bands.clone()), bands.and(shared.clone())), (both.clone(), both));
        assert_eq!(shared.clone().and(Validity::AllValid), shared);
    }
}
