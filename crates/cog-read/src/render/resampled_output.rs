//! Rows of a level go in, the whole output comes out: resamplers for bands and strips of columns, all on the pool.

mod rule;
mod strip;

use std::ops::Range;
use std::sync::Arc;

use cog_raster::resample::{Plan, Resampler, Rules};
use cog_raster::{Area, Pixels, ResampleError, Sample, SampleType, Validity, dispatch};
use futures_util::future::BoxFuture;
use ndarray::{Array2, Array3, Axis, s};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use crate::error::Error;
use crate::file::validity_source::ValiditySource;
use crate::render::band_source::{BandSource, Part};
use crate::session::pool::Pool;
use rule::Rule;
use strip::{Finished, SourceRows, Strip, plans, push, put};

/// The output of a resampled read while it grows, whatever its type.
pub(crate) struct ResampledOutput(Box<dyn AnyOutput>);

trait AnyOutput: Send {
    fn begin(&mut self, source: &BandSource, plan: &Plan) -> Result<(), Error>;
    fn push<'a>(&'a mut self, pool: &'a Pool, rows: SourceRows, part: Part) -> BoxFuture<'a, Result<(), Error>>;
    fn finish(self: Box<Self>) -> (Pixels, Validity);
}

impl ResampledOutput {
    /// The output that a plan fills from the bands of a level, still empty. Its size was checked against the limit.
    pub(crate) fn new(source: &BandSource, plan: &Plan) -> Result<ResampledOutput, Error> {
        let unsupported = |other: SampleType| Error::Resampling {
            location: source.location(),
            source: ResampleError::Unsupported { method: plan.method(), sample: other.name() },
        };
        dispatch!(
            source.layer.sample_type,
            T => Ok(ResampledOutput(Box::new(Output::<T>::new(source, plan)?))),
            other => Err(unsupported(other))
        )
    }

    /// Begins with the columns of the output that a strip of the plan makes, from its first row on.
    pub(crate) fn begin(&mut self, source: &BandSource, plan: &Plan) -> Result<(), Error> {
        self.0.begin(source, plan)
    }

    /// Takes the next rows of the level.
    pub(crate) async fn push(&mut self, pool: &Pool, area: Area, part: Part) -> Result<(), Error> {
        self.0.push(pool, SourceRows::Each(area.y, area.height), part).await
    }

    /// Takes the next rows of the level, which are all as the one row of a part, and that of one value.
    pub(crate) async fn push_same(&mut self, pool: &Pool, rows: Range<u32>, part: Part) -> Result<(), Error> {
        self.0.push(pool, SourceRows::Same(rows.start, rows.end), part).await
    }

    /// The whole output.
    pub(crate) fn finish(self) -> (Pixels, Validity) {
        self.0.finish()
    }
}

struct Output<T: Sample> {
    location: Arc<str>,
    rule: Rule,
    /// The largest value of a type with fewer bits than its samples.
    max: Option<T>,
    /// Bands wanted, from 0.
    bands: Vec<usize>,
    /// The alpha band: it is no mean weighted by itself.
    alpha: Option<usize>,
    /// Samples are whole numbers though their type has fractions: complex integers.
    whole: bool,
    pixels: Array3<T>,
    /// (mask, row, column), unless all pixels are valid: see [`Rule::masks`].
    masks: Option<Array3<u8>>,
    /// One or more a band: strips of columns, so that few bands keep all threads busy.
    strips: Vec<Strip<T>>,
    /// Of the mask or the alpha band, and the columns of the output it makes.
    mask: Option<Resampler<u8>>,
    mask_columns: Range<usize>,
}

/// Rows that a worker finished: of a strip, by its number, or of the mask.
enum FromWorker<T> {
    Rows(usize, Finished<T>),
    MaskRows(Finished<u8>),
}

/// A resampler that works on the pool; `None` comes back if the rows given to it do not fit.
type AtWork<T> = oneshot::Receiver<Option<Result<Resampler<T>, ResampleError>>>;

impl<T: Sample> Output<T> {
    fn new(source: &BandSource, plan: &Plan) -> Result<Output<T>, Error> {
        let (count, rule) = (source.bands.len(), Rule::of(source));
        let (columns, rows) = plan.out_size();
        let out_of_memory = || Error::OutOfMemory {
            location: source.location(),
            bytes: (columns as u64).saturating_mul(rows as u64).saturating_mul((count * size_of::<T>()) as u64),
        };
        Ok(Output {
            location: source.location(),
            rule,
            bands: source.bands.clone(),
            max: largest(source.bits()),
            alpha: match source.validity {
                ValiditySource::Alpha(band) => Some(band),
                _ => None,
            },
            whole: source.layer.image.sample_format == cog_tiff::SampleFormat::ComplexInt,
            pixels: zeros((count, rows, columns)).ok_or_else(out_of_memory)?,
            masks: match rule.masks(count) {
                0 => None,
                masks => Some(zeros((masks, rows, columns)).ok_or_else(out_of_memory)?),
            },
            strips: Vec::new(),
            mask: None,
            mask_columns: 0..0,
        })
    }

    fn resamplers(&mut self, source: &BandSource, plan: &Plan) -> Result<(), Error> {
        let refused = |e: ResampleError| Error::Resampling { location: source.location(), source: e };
        let count = source.bands.len();
        // GDAL reads several bands with a mask by a path of their own where it resamples by kernels, and that knows no nodata.
        let kernel_beside_mask =
            count > 1 && matches!(source.validity, ValiditySource::Mask(_)) && plan.method().is_kernel();
        let nodata = |band: usize| source.nodata_of(band).filter(|_| !kernel_beside_mask).map(T::from_nodata);
        // Bands share the tables.
        let plans = plans(plan, source.cog.session().pool().threads(), count);
        let left = plan.source_area().x;
        let colors = source.is_palette().then(|| source.colors()).flatten();
        self.strips.clear();
        for band in 0..count {
            let weighted = self.rule != Rule::All && !is_band(&source.bands, band, self.alpha);
            let colors = colors.as_ref().filter(|_| is_band(&source.bands, band, Some(0)));
            for plan in &plans {
                let rules = Rules { nodata: nodata(band), max: self.max, ..Rules::default() };
                let resampler = match colors {
                    Some(colors) => Resampler::of_colors(plan, rules, weighted, Arc::clone(colors)),
                    None => Resampler::new(plan, rules, weighted),
                };
                let resampler = Some(resampler.map_err(refused)?);
                let area = plan.source_area();
                let start = area.x.saturating_sub(left) as usize;
                let source = start..start + area.width as usize;
                self.strips.push(Strip { band, resampler, columns: plan.out_columns(), source });
            }
        }
        self.mask = match self.rule.has_mask() {
            true => Some(Resampler::new(plan, Rules::default(), false).map_err(refused)?),
            false => None,
        };
        self.mask_columns = plan.out_columns();
        Ok(())
    }

    /// Gives rows to all resamplers, and takes what they finish.
    async fn take(&mut self, pool: &Pool, given: SourceRows, part: Part) -> Result<(), Error> {
        let part = Arc::new(part);
        // Not bounded: copying is faster than resampling, and a worker must not wait.
        let (tell, mut told) = unbounded_channel();
        let strips = self.start_strips(pool, given, &part, &tell);
        let mask = self.start_mask(pool, given, part, tell);
        while let Some(finished) = told.recv().await {
            match finished {
                FromWorker::Rows(index, rows) => {
                    let Some(strip) = self.strips.get(index) else { continue };
                    put(&mut self.pixels, strip.band, &strip.columns, rows.first, &rows.rows);
                    if let Some(masks) = self.masks.as_mut().filter(|_| self.rule.is_own()) {
                        let all_valid = || vec![255; rows.rows.len()];
                        let known = if rows.validity.is_empty() { all_valid() } else { rows.validity };
                        put(masks, strip.band, &strip.columns, rows.first, &known);
                    }
                }
                FromWorker::MaskRows(mut rows) => {
                    rows.rows.iter_mut().for_each(|v| *v = if *v > 0 { 255 } else { 0 });
                    if let Some(masks) = &mut self.masks {
                        let last = masks.dim().0 - 1;
                        put(masks, last, &self.mask_columns, rows.first, &rows.rows);
                    }
                }
            }
        }
        for (index, strip) in strips {
            let resampler = back(strip, &self.location).await?;
            if let Some(strip) = self.strips.get_mut(index) {
                strip.resampler = Some(resampler);
            }
        }
        if let Some(mask) = mask {
            self.mask = Some(back(mask, &self.location).await?);
        }
        Ok(())
    }

    /// Gives rows to the resamplers of all strips.
    fn start_strips(
        &mut self,
        pool: &Pool,
        given: SourceRows,
        part: &Arc<Part>,
        tell: &UnboundedSender<FromWorker<T>>,
    ) -> Vec<(usize, AtWork<T>)> {
        let mut started = Vec::new();
        for (index, strip) in self.strips.iter_mut().enumerate() {
            let Some(resampler) = strip.resampler.take() else { continue };
            let (part, tell) = (Arc::clone(part), tell.clone());
            let (band, columns) = (strip.band, strip.source.clone());
            let weighs = !is_band(&self.bands, band, self.alpha);
            let work = move || {
                let samples = part.pixels.view::<T>().ok()?;
                let rows = samples.index_axis(Axis(0), band);
                if columns.end > rows.dim().1 {
                    return None;
                }
                let weights = part.weights(band).filter(|_| weighs);
                let weights = weights.map(|weights| weights.slice_move(s![.., columns.clone()]));
                let hand_over = |rows| _ = tell.send(FromWorker::Rows(index, rows));
                Some(push(resampler, given, rows.slice(s![.., columns]), weights, hand_over))
            };
            started.push((index, pool.run(work)));
        }
        started
    }

    /// Gives rows to the resampler of the mask, if there is one.
    fn start_mask(
        &mut self,
        pool: &Pool,
        given: SourceRows,
        part: Arc<Part>,
        tell: UnboundedSender<FromWorker<T>>,
    ) -> Option<AtWork<u8>> {
        let resampler = self.mask.take()?;
        let rule = self.rule;
        Some(pool.run(move || {
            let hand_over = |rows| _ = tell.send(FromWorker::MaskRows(rows));
            let (_, height, width) = part.pixels.dim();
            let all = || Array2::from_elem((height, width), 255);
            Some(match (rule, &part.alpha, &part.validity) {
                (Rule::Alpha, Some(alpha), _) => push(resampler, given, alpha.view(), None, hand_over),
                (_, _, Validity::Shared(mask)) => push(resampler, given, mask.view(), None, hand_over),
                (_, _, Validity::Dataset(of)) => push(resampler, given, of.dataset.view(), None, hand_over),
                (_, _, Validity::PerBand(masks)) => {
                    push(resampler, given, masks.index_axis(Axis(0), 0), None, hand_over)
                }
                _ => push(resampler, given, all().view(), None, hand_over),
            })
        }))
    }
}

/// Waits for a resampler that was given rows.
async fn back<T: Sample>(at_work: AtWork<T>, location: &Arc<str>) -> Result<Resampler<T>, Error> {
    match at_work.await {
        Ok(Some(done)) => done.map_err(|source| Error::Resampling { location: Arc::clone(location), source }),
        _ => Err(Error::Worker { location: Arc::clone(location), message: "a resampler stopped".into() }),
    }
}

impl<T: Sample> AnyOutput for Output<T> {
    fn begin(&mut self, source: &BandSource, plan: &Plan) -> Result<(), Error> {
        self.resamplers(source, plan)
    }

    fn push<'a>(&'a mut self, pool: &'a Pool, rows: SourceRows, part: Part) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(self.take(pool, rows, part))
    }

    fn finish(self: Box<Self>) -> (Pixels, Validity) {
        let validity = self.rule.validity(self.masks, self.alpha, &self.bands);
        let pixels = Pixels::from(self.pixels);
        (if self.whole { pixels.rounded() } else { pixels }, validity)
    }
}

/// The largest value of samples of fewer bits than their type, which is an unsigned integer of up to 32.
fn largest<T: Sample>(bits: u16) -> Option<T> {
    let below = match T::TYPE {
        SampleType::U8 | SampleType::U16 | SampleType::U32 => bits > 0 && usize::from(bits) < 8 * size_of::<T>(),
        _ => false,
    };
    below.then(|| T::from_nodata(cog_raster::Nodata::Uint((1 << bits) - 1)))
}

/// Whether the band at this place among those wanted is that band of the file.
fn is_band(bands: &[usize], place: usize, band: Option<usize>) -> bool {
    band.is_some() && bands.get(place).copied() == band
}

fn zeros<T: Default + Clone>(shape: (usize, usize, usize)) -> Option<Array3<T>> {
    let len = shape.0.checked_mul(shape.1)?.checked_mul(shape.2)?;
    let mut values: Vec<T> = Vec::new();
    values.try_reserve_exact(len).ok()?;
    values.resize(len, T::default());
    Array3::from_shape_vec(shape, values).ok()
}

#[cfg(test)]
mod tests {
    use super::largest;

    #[test]
    fn only_packed_depths_have_a_largest_value_of_their_own() {
        assert_eq!(
            (largest::<u8>(4), largest::<u16>(12), largest::<u32>(31)),
            (Some(15), Some(4095), Some(u32::MAX >> 1))
        );
        assert_eq!(
            (largest::<u8>(8), largest::<u16>(0), largest::<i16>(4), largest::<f32>(16)),
            (None, None, None, None)
        );
    }
}
