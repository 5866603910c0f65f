//! An array in, an array out.

use std::sync::Arc;

use cog_tiff::{GeoTransform, SampleType};
use ndarray::{Array2, Array3, ArrayView2, ArrayView3, ArrayViewMut2, Axis, s};

use crate::dispatch;
use crate::geometry::window::{Area, Window};
use crate::pixels::Pixels;
use crate::pixels::raster::Raster;
use crate::pixels::sample::Sample;
use crate::pixels::validity::{DatasetValidity, Validity};
use crate::resample::{Plan, ResampleError, Resampler, Resampling, Rules};

/// A resampling of an array (band, row, column): [`run`](Self::run) it to get another one.
///
/// ```
/// use cog_raster::ndarray::Array3;
/// use cog_raster::{Resample, Resampling};
///
/// let source = Array3::from_shape_fn((1, 4, 6), |(_, row, column)| (10 * row + column) as u8);
/// let half = Resample::new(&source, (2, 3)).method(Resampling::Average).run()?;
/// assert_eq!(half.samples[[0, 0, 0]], 6); // the mean of 0, 1, 10 and 11, rounded
/// # Ok::<(), cog_raster::ResampleError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is resampled before it is run"]
pub struct Resample<'a, T: Sample> {
    samples: ArrayView3<'a, T>,
    shape: (usize, usize),
    window: Option<Window>,
    method: Resampling,
    validity: Option<&'a Validity>,
    nodata: Option<T>,
    max_bytes: u64,
}

/// What [`Resample::run`] gives.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Resampled<T> {
    /// (band, row, column).
    pub samples: Array3<T>,
    /// Which of them hold data; the others are nodata, or 0.
    pub validity: Validity,
}

impl<'a, T: Sample> Resample<'a, T> {
    /// All of an array, by nearest neighbour, to so many rows and columns.
    pub fn new(samples: impl Into<ArrayView3<'a, T>>, (rows, columns): (usize, usize)) -> Self {
        Resample {
            samples: samples.into(),
            shape: (rows, columns),
            window: None,
            method: Resampling::Nearest,
            validity: None,
            nodata: None,
            max_bytes: 1 << 30,
        }
    }

    /// How pixels are made.
    pub fn method(mut self, method: Resampling) -> Self {
        self.method = method;
        self
    }

    /// Only this part of the array, which need not lie on whole pixels. Kernels reach beyond it where there are pixels.
    pub fn window(mut self, window: impl Into<Window>) -> Self {
        self.window = Some(window.into());
        self
    }

    /// Which samples hold data. One mask for all bands is resampled as a band of its own, as GDAL does with the mask of an image, and
    /// what is above 0 is valid: with masks for each band, or with nodata, a result is valid where it was made of something valid.
    /// The four kernels weigh by masks, so an alpha band may stand in for a mask.
    pub fn validity(mut self, validity: &'a Validity) -> Self {
        self.validity = Some(validity);
        self
    }

    /// The value of samples without data. Those of the array count as not valid unless there is a validity, results without data get it,
    /// and results that equal it by chance become the next value.
    pub fn nodata(mut self, nodata: impl Into<Option<T>>) -> Self {
        self.nodata = nodata.into();
        self
    }

    /// Tables and sums beside the output may take so many bytes; 1 GiB unless set.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Resamples.
    ///
    /// # Errors
    /// See [`ResampleError`].
    pub fn run(self) -> Result<Resampled<T>, ResampleError> {
        let (bands, height, width) = self.samples.dim();
        let too_large = ResampleError::TooLarge { bytes: u64::MAX, limit: self.max_bytes };
        let (Ok(across), Ok(down)) = (u32::try_from(width), u32::try_from(height)) else { return Err(too_large) };
        let validity = self.validity.unwrap_or(&Validity::AllValid);
        check_masks(validity, (height, width))?;
        let window = self.window.unwrap_or(Window::new(0, 0, across, down));
        let new = if T::LANES > 1 { Plan::for_complex } else { Plan::new };
        let (rows, columns) = self.shape;
        let plan = new(self.method, &window, (columns, rows), (across, down), self.max_bytes)?;
        let rules = Rules { nodata: self.nodata, ..Rules::default() };
        let is_own = self.nodata.is_some() || matches!(validity, Validity::PerBand(_) | Validity::Dataset(_));
        let mut samples = zeros((bands, rows, columns))?;
        let mut masks = zeros(if is_own { (bands, rows, columns) } else { (0, 0, 0) })?;
        for band in 0..bands {
            let source = self.samples.index_axis(Axis(0), band);
            let mask = is_own.then(|| masks.index_axis_mut(Axis(0), band));
            resample(&plan, rules, source, validity.of_band(band), samples.index_axis_mut(Axis(0), band), mask)?;
        }
        let of_image = |mask: &Array2<u8>| -> Result<Array2<u8>, ResampleError> {
            let mut out = zeros((1, rows, columns))?.index_axis_move(Axis(0), 0);
            resample(&plan, Rules::default(), mask.view(), None, out.view_mut(), None)?;
            out.mapv_inplace(|v| if v > 0 { 255 } else { 0 });
            Ok(out)
        };
        let validity = match validity {
            Validity::Dataset(of) => {
                let bands = (0..bands).map(Some).collect();
                Validity::Dataset(DatasetValidity::new(of_image(&of.dataset)?, masks, bands))
            }
            Validity::Shared(mask) if !is_own => Validity::Shared(of_image(mask)?),
            _ if !is_own => Validity::AllValid,
            _ if bands == 1 => Validity::Shared(masks.index_axis_move(Axis(0), 0)),
            _ => Validity::PerBand(masks),
        };
        Ok(Resampled { samples, validity })
    }
}

/// Resamples one band.
fn resample<T: Sample>(
    plan: &Plan,
    rules: Rules<T>,
    source: ArrayView2<'_, T>,
    weights: Option<ArrayView2<'_, u8>>,
    mut out: ArrayViewMut2<'_, T>,
    mut valid: Option<ArrayViewMut2<'_, u8>>,
) -> Result<(), ResampleError> {
    let Area { x, y, width, height } = plan.source_area();
    let area = s![y as usize..(y + height) as usize, x as usize..(x + width) as usize];
    let mut resampler = Resampler::new(plan, rules, weights.is_some())?;
    let mut sink = |row: usize, samples: &[T], validity: Option<&[u8]>| {
        out.row_mut(row).iter_mut().zip(samples).for_each(|(to, v)| *to = *v);
        if let Some(valid) = &mut valid {
            match validity {
                Some(validity) => valid.row_mut(row).iter_mut().zip(validity).for_each(|(to, v)| *to = *v),
                None => valid.row_mut(row).fill(255),
            }
        }
    };
    resampler.push_rows(y, source.slice(area), weights.map(|weights| weights.slice_move(area)), &mut sink)
}

fn check_masks(validity: &Validity, (height, width): (usize, usize)) -> Result<(), ResampleError> {
    let check = |(rows, columns): (usize, usize)| match (rows, columns) == (height, width) {
        true => Ok(()),
        false => Err(ResampleError::Mask { mask: (columns, rows), raster: (width, height) }),
    };
    let of_bands = |masks: &Array3<u8>| check((masks.dim().1, masks.dim().2));
    match validity {
        Validity::AllValid => Ok(()),
        Validity::Shared(mask) => check(mask.dim()),
        Validity::PerBand(masks) => of_bands(masks),
        Validity::Dataset(of) => check(of.dataset.dim()).and_then(|()| of_bands(&of.masks)),
    }
}

fn zeros<T: Sample>(shape: (usize, usize, usize)) -> Result<Array3<T>, ResampleError> {
    let samples = [shape.0, shape.1, shape.2].iter().try_fold(1usize, |product, n| product.checked_mul(*n));
    let bytes = samples.map_or(u64::MAX, |n| (n as u64).saturating_mul(size_of::<T>() as u64));
    let allocate = || {
        let mut values: Vec<T> = Vec::new();
        values.try_reserve_exact(samples?).ok()?;
        values.resize(samples?, T::default());
        Array3::from_shape_vec(shape, values).ok()
    };
    allocate().ok_or(ResampleError::OutOfMemory { bytes })
}

impl Raster {
    /// A part of this raster (`window` is in its pixels) as so many rows and columns, with everything that belongs to it: see
    /// [`Resample`].
    ///
    /// ```
    /// use cog_raster::ndarray::Array3;
    /// use cog_raster::{Raster, Resampling, Validity};
    ///
    /// let raster = Raster::new(Array3::<u16>::zeros((3, 100, 200)), Validity::AllValid);
    /// let part = raster.resampled((50, 0, 100, 100), (25, 25), Resampling::Cubic)?;
    /// assert_eq!(part.dim(), (3, 25, 25));
    /// # Ok::<(), cog_raster::ResampleError>(())
    /// ```
    ///
    /// # Errors
    /// See [`ResampleError`].
    pub fn resampled(
        &self,
        window: impl Into<Window>,
        shape: (usize, usize),
        method: Resampling,
    ) -> Result<Raster, ResampleError> {
        let window = window.into();
        let (pixels, validity) = resampled(self, window, shape, method)?;
        let (_, rows, columns) = self.dim();
        let (across, down) = (self.window.width / columns as f64, self.window.height / rows as f64);
        let Window { column, row, width, height } = window;
        let scaled = |transform: GeoTransform| {
            transform.translated(column, row).scaled(width / shape.1 as f64, height / shape.0 as f64)
        };
        Ok(Raster {
            pixels,
            validity,
            window: Window {
                column: self.window.column + column * across,
                row: self.window.row + row * down,
                width: width * across,
                height: height * down,
            },
            level: self.level,
            bands: self.bands.clone(),
            transform: self.transform.map(scaled),
            epsg: self.epsg,
            nodata: self.nodata,
            band_names: Arc::clone(&self.band_names),
        })
    }
}

fn resampled(
    raster: &Raster,
    window: Window,
    shape: (usize, usize),
    method: Resampling,
) -> Result<(Pixels, Validity), ResampleError> {
    let sample_type = raster.pixels.sample_type();
    let unsupported = |sample_type: SampleType| ResampleError::Unsupported { method, sample: sample_type.name() };
    dispatch!(sample_type, T => {
        let samples = raster.pixels.view::<T>().map_err(|wrong| unsupported(wrong.found))?;
        let nodata = raster.nodata.map(T::from_nodata);
        let resample = Resample::new(samples, shape).window(window).method(method).validity(&raster.validity).nodata(nodata);
        resample.run().map(|done| (Pixels::from(done.samples), done.validity))
    }, other => Err(unsupported(other)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{arr2, arr3};

    /// rasterio 1.4.4 (GDAL 3.10.3): `read(1, out_shape=(1, 2), resampling=Resampling.average)` of a file with these pixels.
    #[test]
    fn what_is_nodata_does_not_count() {
        let source = arr3(&[[[-9i16, 4, -9, -9], [2, 6, -9, -9]]]);
        let done = Resample::new(&source, (1, 2)).method(Resampling::Average).nodata(-9).run().unwrap();
        assert_eq!(done.samples, arr3(&[[[4, -9]]]));
        assert_eq!(done.validity, Validity::Shared(arr2(&[[255, 0]])));
    }

    #[test]
    fn a_shared_mask_is_resampled_as_a_band() {
        let source = arr3(&[[[10u8, 20, 30, 40], [10, 20, 30, 40]]]);
        let mask = Validity::Shared(arr2(&[[0, 255, 0, 0], [0, 0, 0, 0]]));
        let done = Resample::new(&source, (1, 2)).method(Resampling::Average).validity(&mask).run().unwrap();
        assert_eq!((done.samples, done.validity), (arr3(&[[[20, 0]]]), Validity::Shared(arr2(&[[255, 0]]))));
    }

    #[test]
    fn a_window_of_a_raster_keeps_its_place() {
        let mut raster =
            Raster::new(Array3::from_shape_fn((2, 8, 8), |(b, y, x)| (b * 100 + y * 8 + x) as f32), Validity::AllValid);
        raster.transform = Some(GeoTransform { a: 10.0, b: 0.0, c: 1000.0, d: 0.0, e: -10.0, f: 2000.0 });
        raster.window = Window::new(100, 50, 16, 16);
        let part = raster.resampled((4, 2, 4, 4), (2, 2), Resampling::Nearest).unwrap();
        assert_eq!(part.bounds().map(<[f64; 4]>::from), Some([1040.0, 1940.0, 1080.0, 1980.0]));
        assert_eq!((part.window, part.dim()), (Window::new(108, 54, 8, 8), (2, 2, 2)));
        // The pixels under the centres: columns 5 and 7, rows 3 and 5.
        assert_eq!(part.pixels, Pixels::from(arr3(&[[[29f32, 31.0], [45.0, 47.0]], [[129.0, 131.0], [145.0, 147.0]]])));
    }

    #[test]
    fn a_mask_that_does_not_fit_is_refused() {
        let source = Array3::<u8>::zeros((1, 4, 4));
        let mask = Validity::Shared(Array2::zeros((4, 5)));
        let refused = Resample::new(&source, (2, 2)).validity(&mask).run().unwrap_err();
        assert_eq!(refused.to_string(), "a mask of 5 × 4 pixels does not fit a raster of 4 × 4");
        let outside = Resample::new(&source, (2, 2)).window((4, 0, 2, 2)).run();
        assert!(matches!(outside, Err(ResampleError::BadWindow { .. })));
    }
}
