//! Pixels of a level from pixels of the level above it, as GDAL makes overviews.

use std::ops::Range;
use std::sync::Arc;

use cog_raster::ndarray::{Array2, Array3, ArrayView2, ArrayViewMut2, Axis, s};
use cog_raster::resample::{Colors, Plan, Resampler, Rules};
use cog_raster::{Nodata, Pixels, Resampling, Sample, Window, dispatch};

use super::cuts::Cuts;
use crate::error::{Error, Result};
use crate::patch::{Patch, Place};

/// How much a sample counts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Weights {
    /// All alike, but for nodata.
    Alike,
    /// As the mask of the image says.
    Mask,
    /// As this band says, counted from 0.
    Alpha(usize),
}

/// What reducing needs to know of an image.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) method: Resampling,
    pub(crate) weights: Weights,
    /// Of each band.
    pub(crate) nodata: Vec<Option<Nodata>>,
    /// Bits of a sample.
    pub(crate) bits: u16,
    /// The colours that samples are numbers of, and which of them is nodata.
    pub(crate) colors: Option<Arc<Colors>>,
}

/// Tables of a plan may take so much; a level of 2^31 columns takes less.
const TABLE_BYTES: u64 = u64::MAX;

/// From one level to the next.
#[derive(Clone, Debug)]
pub(crate) struct Reduction {
    rule: Arc<Rule>,
    source: (u32, u32),
    size: (u32, u32),
    /// `None` for nearest: GDAL's overviews take other pixels than its reads.
    plan: Option<Plan>,
}

impl Reduction {
    /// From a level of `source` to one of `size` pixels.
    ///
    /// # Errors
    /// What [`Plan::new`] says.
    pub(crate) fn new(rule: &Arc<Rule>, complex: bool, source: (u32, u32), size: (u32, u32)) -> Result<Reduction> {
        let window = Window::new(0, 0, source.0, source.1);
        let output = (size.0 as usize, size.1 as usize);
        let plan = match rule.method {
            Resampling::Nearest => None,
            method if complex => Some(Plan::for_complex(method, &window, output, source, TABLE_BYTES)?),
            method => Some(Plan::new(method, &window, output, source, TABLE_BYTES)?),
        };
        Ok(Reduction { rule: Arc::clone(rule), source, size, plan })
    }

    /// Width and height of the level above.
    pub(crate) fn source(&self) -> (u32, u32) {
        self.source
    }

    /// Width and height of the level.
    pub(crate) fn size(&self) -> (u32, u32) {
        self.size
    }

    /// Columns and rows of the level above that a pixel is made from.
    pub(crate) fn needs(&self, x: u32, y: u32) -> (Range<u32>, Range<u32>) {
        match &self.plan {
            Some(plan) => (plan.source_columns(x as usize), plan.source_rows(y as usize)),
            None => (one(nearest(x, self.source.0, self.size.0)), one(nearest(y, self.source.1, self.size.1))),
        }
    }

    /// How the columns and rows of the level follow from blocks of its source.
    pub(crate) fn cuts(&self, block: u32) -> (Cuts, Cuts) {
        let columns = Cuts::new(self.size.0, self.source.0, block, |x| self.needs(x, 0).0);
        (columns, Cuts::new(self.size.1, self.source.1, block, |y| self.needs(0, y).1))
    }

    /// Pixels of some columns and rows. `place` is where the pixels that they need lie in `source`, of which the first is at
    /// `origin` (column, row) of the level above.
    ///
    /// # Errors
    /// No memory, and methods that samples of this type have not.
    pub(crate) fn run(
        &self,
        columns: &Range<u32>,
        rows: &Range<u32>,
        source: &Patch,
        place: Place,
        origin: (u32, u32),
    ) -> Result<Patch> {
        let sample = source.pixels().sample_type();
        match &self.plan {
            None => {
                let from = |out: &Range<u32>, size: (u32, u32), origin: u32, start: usize| -> Vec<usize> {
                    out.clone().map(|i| (nearest(i, size.0, size.1) - origin) as usize + start).collect()
                };
                let columns = from(columns, (self.source.0, self.size.0), origin.0, place.column);
                let rows = from(rows, (self.source.1, self.size.1), origin.1, place.row);
                let pixels = dispatch!(sample, T => picked::<T>(source.pixels(), &rows, &columns), _ => None);
                let mask = source.mask().map(|mask| {
                    Array2::from_shape_fn((rows.len(), columns.len()), |(y, x)| {
                        mask.get((rows.get(y).copied().unwrap_or(0), columns.get(x).copied().unwrap_or(0)))
                            .copied()
                            .unwrap_or(0)
                    })
                });
                Ok(Patch::new(pixels.ok_or(Error::OutOfMemory)?, mask))
            }
            Some(plan) => {
                let plan = plan
                    .strip(columns.start as usize..columns.end as usize)
                    .rows(rows.start as usize..rows.end as usize);
                let pixels = dispatch!(sample, T => resampled::<T>(&self.rule, &plan, source, place), _ => Err(Error::OutOfMemory))?;
                let mask = source.mask().map(|mask| mask_of(&plan, part(mask.view(), place))).transpose()?;
                Ok(Patch::new(pixels, mask))
            }
        }
    }
}

fn one(at: u32) -> Range<u32> {
    at..at + 1
}

/// The pixel of the source that nearest takes (GDAL's overviews): where the output pixel begins, rounded.
fn nearest(i: u32, source: u32, size: u32) -> u32 {
    let ratio = f64::from(source) / f64::from(size);
    ((0.5 + f64::from(i) * ratio) as u32).min(source - 1)
}

fn part(of: ArrayView2<'_, u8>, Place { row, column, rows, columns }: Place) -> ArrayView2<'_, u8> {
    of.slice_move(s![row..row + rows, column..column + columns])
}

fn picked<T: Sample>(pixels: &Pixels, rows: &[usize], columns: &[usize]) -> Option<Pixels> {
    let from = pixels.view::<T>().ok()?;
    let mut samples = Vec::new();
    samples.try_reserve_exact(from.dim().0 * rows.len() * columns.len()).ok()?;
    for band in from.outer_iter() {
        for row in rows {
            let row = band.row(*row);
            match row.as_slice() {
                Some(row) => samples.extend(columns.iter().map(|x| row.get(*x).copied().unwrap_or_default())),
                None => samples.extend(columns.iter().map(|x| row.get(*x).copied().unwrap_or_default())),
            }
        }
    }
    Array3::from_shape_vec((from.dim().0, rows.len(), columns.len()), samples).ok().map(Pixels::from)
}

fn resampled<T: Sample>(rule: &Rule, plan: &Plan, source: &Patch, place: Place) -> Result<Pixels> {
    let from = source.pixels().view::<T>().map_err(|_| Error::OutOfMemory)?;
    let (columns, rows) = plan.out_size();
    let bands = from.dim().0;
    let mut out = zeros::<T>((bands, rows, columns))?;
    let alpha = match rule.weights {
        Weights::Alpha(band) => Some(alpha_weights(source, band, place)),
        _ => None,
    };
    let max = (rule.bits < 8 * T::TYPE.size() as u16 && T::TYPE.is_integer())
        .then(|| T::from_nodata(Nodata::Float((2f64).powi(i32::from(rule.bits)) - 1.0)));
    // GDAL resamples several bands with a mask by a path of their own where it uses kernels, and that knows no nodata.
    let beside_mask = bands > 1 && rule.weights == Weights::Mask && plan.method().is_kernel();
    for (band, (samples, mut out)) in from.outer_iter().zip(out.outer_iter_mut()).enumerate() {
        let Place { row, column, rows, columns } = place;
        let samples = samples.slice_move(s![row..row + rows, column..column + columns]);
        let nodata = rule.nodata.get(band).copied().flatten().filter(|_| !beside_mask);
        let rules = Rules { nodata: nodata.map(T::from_nodata), max, ..Rules::default() };
        let of_nodata = nodata.filter(|_| rule.weights == Weights::Alike && !T::TYPE.is_integer()).map(|nodata| {
            let is_nodata = T::nodata_test(nodata);
            samples.mapv(|v| if is_nodata(v) { 0u8 } else { 255 })
        });
        let weights = match (&rule.weights, &alpha) {
            // That of alpha too (GDAL), but not where its most frequent value is looked for.
            (Weights::Alpha(alpha), Some(_)) if *alpha == band && plan.method() == Resampling::Mode => None,
            (Weights::Alpha(_), Some(weights)) => Some(weights.view()),
            (Weights::Mask, _) => source.mask().map(|mask| part(mask.view(), place)),
            _ => of_nodata.as_ref().map(|valid| valid.view()),
        };
        let colors = rule.colors.as_ref().filter(|_| band == 0);
        resample(plan, rules, colors, samples, weights, out.view_mut())?;
    }
    Ok(Pixels::from(out))
}

/// Alpha as 0 to 255; anything above 0 counts a little.
fn alpha_weights(source: &Patch, band: usize, place: Place) -> Array2<u8> {
    let Place { row, column, rows, columns } = place;
    let part = s![band, row..row + rows, column..column + columns];
    match source.pixels() {
        Pixels::U8(a) => a.slice(part).to_owned(),
        Pixels::U16(a) => a.slice(part).mapv(|v| if v == 0 { 0 } else { (v / 257).max(1) as u8 }),
        _ => Array2::from_elem((rows, columns), 255),
    }
}

/// A mask of the level: valid is what the method makes more than 0 of. Kernels weigh the mask by itself, and those with negative
/// weights need a run of valid pixels (GDAL).
fn mask_of(plan: &Plan, mask: ArrayView2<'_, u8>) -> Result<Array2<u8>> {
    let (columns, rows) = plan.out_size();
    let mut out = Array2::zeros((rows, columns));
    let weights = plan.method().is_kernel().then_some(mask);
    resample(plan, Rules::default(), None, mask, weights, out.view_mut())?;
    out.mapv_inplace(|v: u8| if v > 0 { 255 } else { 0 });
    Ok(out)
}

fn resample<T: Sample>(
    plan: &Plan,
    rules: Rules<T>,
    colors: Option<&Arc<Colors>>,
    source: ArrayView2<'_, T>,
    weights: Option<ArrayView2<'_, u8>>,
    mut out: ArrayViewMut2<'_, T>,
) -> Result<()> {
    let mut resampler = match colors {
        Some(colors) => Resampler::of_colors(plan, rules, weights.is_some(), Arc::clone(colors))?,
        None => Resampler::new(plan, rules, weights.is_some())?,
    };
    let mut sink = |row: usize, samples: &[T], _: Option<&[u8]>| {
        if row < out.dim().0 {
            let mut to = out.index_axis_mut(Axis(0), row);
            match to.as_slice_mut() {
                Some(to) => to.iter_mut().zip(samples).for_each(|(to, v)| *to = *v),
                None => to.iter_mut().zip(samples).for_each(|(to, v)| *to = *v),
            }
        }
    };
    Ok(resampler.push_rows(plan.source_area().y, source, weights, &mut sink)?)
}

fn zeros<T: Sample>(shape: (usize, usize, usize)) -> Result<Array3<T>> {
    let samples = cog_raster::canvas::zeros(shape.0 * shape.1 * shape.2).ok_or(Error::OutOfMemory)?;
    Array3::from_shape_vec(shape, samples).map_err(|_| Error::OutOfMemory)
}
