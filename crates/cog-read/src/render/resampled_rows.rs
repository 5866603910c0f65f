//! Rows of a level go in, rows of the output come out: resamplers for bands and strips of columns, all on the pool.

use std::ops::Range;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use ndarray::{Array2, Array3, ArrayView2, Axis, s};
use tokio::sync::mpsc::unbounded_channel;

use crate::error::Error;
use crate::geometry::window::Area;
use crate::pixels::raster::{FromNative, Pixels};
use crate::pixels::validity::{DatasetValidity, Validity, ValiditySource, beside_alpha, sample_bytes};
use crate::render::source::{Part, Request};
use crate::resample::{Numeric, Plan, ResampleError, Resampler, Rules};
use crate::session::pool::Pool;

/// How the validity of the output is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// Every pixel is valid.
    All,
    /// Each band's resampler says it: nodata, and what a codec knows.
    Own,
    /// The mask is resampled as a band of 0 and 255, and what is above 0 is valid (GDAL).
    Mask,
    /// The same with the values of the alpha band.
    Alpha,
    /// Each band's resampler says it of the band, and the mask's of the image.
    OwnAndMask,
}

impl Rule {
    /// Whether resamplers of bands say which of their pixels are valid.
    fn is_own(self) -> bool {
        matches!(self, Rule::Own | Rule::OwnAndMask)
    }
}

/// The output of a resampled read while it grows, whatever its type.
pub(crate) struct Rows(Box<dyn Growing>);

trait Growing: Send {
    fn begin(&mut self, request: &Request, plan: &Plan) -> Result<(), Error>;
    fn push<'a>(&'a mut self, pool: &'a Pool, rows: Given, part: Part) -> BoxFuture<'a, Result<(), Error>>;
    fn finish(self: Box<Self>) -> (Pixels, Validity);
}

/// Which rows of the level a part holds.
#[derive(Clone, Copy, Debug)]
enum Given {
    /// So many rows from this one on.
    Each(u32, u32),
    /// It has one row, which stands for all up to the second.
    Same(u32, u32),
}

impl Rows {
    /// Begins with the columns of the output that a strip of the plan makes, from its first row on.
    pub(crate) fn begin(&mut self, request: &Request, plan: &Plan) -> Result<(), Error> {
        self.0.begin(request, plan)
    }

    /// Takes the next rows of the level.
    pub(crate) async fn push(&mut self, pool: &Pool, area: Area, part: Part) -> Result<(), Error> {
        self.0.push(pool, Given::Each(area.y, area.height), part).await
    }

    /// Takes the next rows of the level, which are all as the one row of a part, and that of one value.
    pub(crate) async fn push_same(&mut self, pool: &Pool, rows: Range<u32>, part: Part) -> Result<(), Error> {
        self.0.push(pool, Given::Same(rows.start, rows.end), part).await
    }

    /// The whole output.
    pub(crate) fn finish(self) -> (Pixels, Validity) {
        self.0.finish()
    }
}

/// The output that a plan fills for a request, still empty. Its size was checked against the limit.
pub(crate) fn for_request(request: &Request, plan: &Plan) -> Result<Rows, Error> {
    let bits = request.bits();
    macro_rules! of {
        ($($variant:ident: $type:ty, $max:expr;)*) => {
            match request.layer.sample_type {
                $(cog_tiff::SampleType::$variant => Rows(Box::new(Output::<$type>::new(request, plan, $max)?)),)*
                other => return Err(Error::Resampling {
                    location: request.location(),
                    source: ResampleError::Unsupported { method: plan.method(), sample: other.name() },
                }),
            }
        };
    }
    let below = |whole: u16| bits > 0 && bits < whole;
    Ok(of! {
        U8: u8, below(8).then(|| u8::MAX >> (8 - bits));
        U16: u16, below(16).then(|| u16::MAX >> (16 - bits));
        U32: u32, below(32).then(|| u32::MAX >> (32 - bits));
        U64: u64, None;
        I8: i8, None;
        I16: i16, None;
        I32: i32, None;
        I64: i64, None;
        F32: f32, None;
        F64: f64, None;
        Complex32: num_complex::Complex<f32>, None;
        Complex64: num_complex::Complex<f64>, None;
    })
}

struct Output<T: Numeric> {
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
    /// (mask, row, column), unless all pixels are valid: of each band, then of the image, as the rule says.
    validity: Option<Array3<u8>>,
    /// One or more a band: strips of columns, so that few bands keep all threads busy.
    strips: Vec<Strip<T>>,
    /// Of the mask or the alpha band, and the columns of the output it makes.
    mask: Option<Resampler<u8>>,
    mask_columns: Range<usize>,
}

/// Some columns of the output of one band.
struct Strip<T: Numeric> {
    band: usize,
    /// Taken while it works.
    resampler: Option<Resampler<T>>,
    /// Columns of the output.
    columns: Range<usize>,
    /// Columns of the rows that come in.
    source: Range<usize>,
}

/// Output columns that are worth a strip of their own.
const STRIP_COLUMNS: usize = 64;

/// Strips of each band, so that all threads have as much to do.
fn strips(threads: usize, bands: usize) -> usize {
    (1..threads).find(|parts| (parts * bands).is_multiple_of(threads)).unwrap_or(threads)
}

/// Finished bytes that are handed over together: they should still be in the processor's cache when they are copied.
const HANDED_OVER: usize = 128 << 10;

/// Rows that follow each other, as a resampler finished them.
struct Finished<T> {
    first: usize,
    rows: Vec<T>,
    /// Empty: all are valid.
    validity: Vec<u8>,
}

/// What comes back from the pool while it works: of a strip, by its number, or of the mask.
enum News<T: Numeric> {
    Rows(usize, Finished<T>),
    MaskRows(Finished<u8>),
    Done(usize, Result<Resampler<T>, ResampleError>),
    MaskDone(Result<Resampler<u8>, ResampleError>),
}

impl<T> Output<T>
where
    T: Numeric + FromNative + Default + Send + Sync + 'static,
    Pixels: From<Array3<T>>,
    for<'a> &'a Pixels: TryInto<&'a Array3<T>>,
{
    fn new(request: &Request, plan: &Plan, max: Option<T>) -> Result<Output<T>, Error> {
        let count = request.bands.len();
        let rule = match request.validity {
            ValiditySource::AllValid if request.layer.codec_may_know_validity() => Rule::Own,
            ValiditySource::AllValid => Rule::All,
            ValiditySource::Nodata(_) => Rule::Own,
            ValiditySource::Mask(_) | ValiditySource::PixelNodata(_) => Rule::Mask,
            ValiditySource::Alpha(_) => Rule::Alpha,
            ValiditySource::NodataBeside { .. } => Rule::OwnAndMask,
        };
        let (columns, rows) = plan.out_size();
        let alpha = match request.validity {
            ValiditySource::Alpha(band) => Some(band),
            _ => None,
        };
        let out_of_memory = || Error::OutOfMemory {
            location: request.location(),
            bytes: (columns as u64).saturating_mul(rows as u64).saturating_mul((count * size_of::<T>()) as u64),
        };
        let masks = match rule {
            Rule::All => 0,
            Rule::Own => count,
            Rule::Mask | Rule::Alpha => 1,
            Rule::OwnAndMask => count + 1,
        };
        Ok(Output {
            location: request.location(),
            rule,
            bands: request.bands.clone(),
            max,
            alpha,
            whole: request.layer.image.sample_format == cog_tiff::SampleFormat::ComplexInt,
            pixels: zeros((count, rows, columns)).ok_or_else(out_of_memory)?,
            validity: match masks {
                0 => None,
                masks => Some(zeros((masks, rows, columns)).ok_or_else(out_of_memory)?),
            },
            strips: Vec::new(),
            mask: None,
            mask_columns: 0..0,
        })
    }

    fn resamplers(&mut self, request: &Request, plan: &Plan) -> Result<(), Error> {
        let refused = |e: ResampleError| Error::Resampling { location: request.location(), source: e };
        let (count, rule) = (request.bands.len(), self.rule);
        // GDAL reads several bands with a mask by a path of their own where it resamples by kernels, and that knows no nodata.
        let kernel_beside_mask =
            count > 1 && matches!(request.validity, ValiditySource::Mask(_)) && plan.method().is_kernel();
        let nodata = |band: usize| {
            if kernel_beside_mask {
                return None;
            }
            let bytes = sample_bytes(request.nodata_of(band)?, request.layer.sample_type)?;
            T::from_native(&bytes)
        };
        let weighted = |place: usize| rule != Rule::All && !is_band(&request.bands, place, self.alpha);
        let threads = request.cog.session().pool().threads();
        let columns = plan.out_size().0;
        let parts = strips(threads, count).min(columns / STRIP_COLUMNS).max(1);
        let left = plan.source_area().x;
        // Bands share the tables.
        let plans: Vec<Plan> =
            (0..parts).map(|part| plan.strip(part * columns / parts..(part + 1) * columns / parts)).collect();
        let mut strips = Vec::new();
        let colors = request.is_palette().then(|| request.colors()).flatten();
        for band in 0..count {
            let colors = colors.as_ref().filter(|_| is_band(&request.bands, band, Some(0)));
            for plan in &plans {
                let rules = Rules { nodata: nodata(band), max: self.max, ..Rules::default() };
                let resampler = match colors {
                    Some(colors) => Resampler::of_colors(plan, rules, weighted(band), Arc::clone(colors)),
                    None => Resampler::new(plan, rules, weighted(band)),
                };
                let resampler = Some(resampler.map_err(refused)?);
                let area = plan.source_area();
                let start = area.x.saturating_sub(left) as usize;
                let source = start..start + area.width as usize;
                strips.push(Strip { band, resampler, columns: plan.out_columns(), source });
            }
        }
        self.strips = strips;
        self.mask = match rule {
            Rule::Mask | Rule::Alpha | Rule::OwnAndMask => {
                Some(Resampler::new(plan, Rules::default(), false).map_err(refused)?)
            }
            _ => None,
        };
        self.mask_columns = plan.out_columns();
        Ok(())
    }

    async fn take(&mut self, pool: &Pool, given: Given, part: Part) -> Result<(), Error> {
        let part = Arc::new(part);
        // Not bounded: copying is faster than resampling, and a worker must not wait.
        let (tell, mut news) = unbounded_channel();
        let mut working = 0;
        for (index, strip) in self.strips.iter_mut().enumerate() {
            let Some(resampler) = strip.resampler.take() else { continue };
            let (part, tell) = (Arc::clone(&part), tell.clone());
            let (band, source) = (strip.band, strip.source.clone());
            let weighs = !is_band(&self.bands, band, self.alpha);
            working += 1;
            pool.submit(Box::new(move |_| {
                let pixels: Option<&Array3<T>> = (&part.pixels).try_into().ok();
                let Some(rows) = pixels.map(|pixels| pixels.index_axis(Axis(0), band)) else { return };
                if source.end > rows.dim().1 {
                    return;
                }
                let weights = part.weights(band).filter(|_| weighs);
                let weights = weights.map(|weights| weights.slice_move(s![.., source.clone()]));
                let hand_over = |rows| _ = tell.send(News::Rows(index, rows));
                let done = push(resampler, given, rows.slice(s![.., source]), weights, hand_over);
                _ = tell.send(News::Done(index, done));
            }));
        }
        if let Some(resampler) = self.mask.take() {
            let (part, tell) = (Arc::clone(&part), tell.clone());
            let rule = self.rule;
            let (_, height, width) = part.pixels.dim();
            working += 1;
            pool.submit(Box::new(move |_| {
                let hand_over = |rows| _ = tell.send(News::MaskRows(rows));
                let all = || Array2::from_elem((height, width), 255);
                let done = match (rule, &part.alpha, &part.validity) {
                    (Rule::Alpha, Some(alpha), _) => push(resampler, given, alpha.view(), None, hand_over),
                    (_, _, Validity::Shared(mask)) => push(resampler, given, mask.view(), None, hand_over),
                    (_, _, Validity::Dataset(of)) => push(resampler, given, of.dataset.view(), None, hand_over),
                    (_, _, Validity::PerBand(masks)) => {
                        push(resampler, given, masks.index_axis(Axis(0), 0), None, hand_over)
                    }
                    (_, _, Validity::AllValid) => push(resampler, given, all().view(), None, hand_over),
                };
                _ = tell.send(News::MaskDone(done));
            }));
        }
        drop(tell);
        let refused = |source| Error::Resampling { location: Arc::clone(&self.location), source };
        while let Some(news) = news.recv().await {
            match news {
                News::Rows(index, rows) => {
                    let Some(strip) = self.strips.get(index) else { continue };
                    put(&mut self.pixels, strip.band, &strip.columns, rows.first, &rows.rows);
                    if let Some(validity) = self.validity.as_mut().filter(|_| self.rule.is_own()) {
                        let all_valid = || vec![255; rows.rows.len()];
                        let known = if rows.validity.is_empty() { all_valid() } else { rows.validity };
                        put(validity, strip.band, &strip.columns, rows.first, &known);
                    }
                }
                News::MaskRows(mut rows) => {
                    rows.rows.iter_mut().for_each(|v| *v = if *v > 0 { 255 } else { 0 });
                    if let Some(validity) = &mut self.validity {
                        let masks = validity.dim().0;
                        put(validity, masks - 1, &self.mask_columns, rows.first, &rows.rows);
                    }
                }
                News::Done(index, resampler) => {
                    let resampler = resampler.map_err(refused)?;
                    if let Some(strip) = self.strips.get_mut(index) {
                        strip.resampler = Some(resampler);
                    }
                    working -= 1;
                }
                News::MaskDone(resampler) => {
                    self.mask = Some(resampler.map_err(refused)?);
                    working -= 1;
                }
            }
        }
        if working > 0 {
            return Err(Error::Worker { location: Arc::clone(&self.location), message: "a resampler stopped".into() });
        }
        Ok(())
    }
}

impl<T> Growing for Output<T>
where
    T: Numeric + FromNative + Default + Send + Sync + 'static,
    Pixels: From<Array3<T>>,
    for<'a> &'a Pixels: TryInto<&'a Array3<T>>,
{
    fn begin(&mut self, request: &Request, plan: &Plan) -> Result<(), Error> {
        self.resamplers(request, plan)
    }

    fn push<'a>(&'a mut self, pool: &'a Pool, rows: Given, part: Part) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(self.take(pool, rows, part))
    }

    fn finish(self: Box<Self>) -> (Pixels, Validity) {
        let validity = match (self.validity, self.alpha) {
            (None, _) => Validity::AllValid,
            (Some(masks), _) if self.rule == Rule::OwnAndMask => {
                let (bands, image) = masks.view().split_at(Axis(0), masks.dim().0 - 1);
                Validity::Dataset(DatasetValidity {
                    dataset: image.index_axis_move(Axis(0), 0).to_owned(),
                    masks: bands.to_owned(),
                    of_band: (0..bands.dim().0).map(Some).collect(),
                })
            }
            (Some(masks), Some(alpha)) => beside_alpha(masks.index_axis_move(Axis(0), 0), alpha, &self.bands),
            (Some(masks), None) if masks.dim().0 == 1 => Validity::Shared(masks.index_axis_move(Axis(0), 0)),
            (Some(masks), None) => Validity::PerBand(masks),
        };
        let pixels = Pixels::from(self.pixels);
        (if self.whole { pixels.rounded() } else { pixels }, validity)
    }
}

/// Whether the band at this place among those wanted is that band of the file.
fn is_band(bands: &[usize], place: usize, band: Option<usize>) -> bool {
    band.is_some() && bands.get(place).copied() == band
}

/// Gives rows to a resampler and hands over what it finishes.
fn push<T: Numeric>(
    mut resampler: Resampler<T>,
    given: Given,
    rows: ArrayView2<'_, T>,
    weights: Option<ArrayView2<'_, u8>>,
    mut hand_over: impl FnMut(Finished<T>),
) -> Result<Resampler<T>, ResampleError> {
    let mut ready: Option<Finished<T>> = None;
    let mut sink = |row: usize, values: &[T], valid: Option<&[u8]>| {
        let capacity = HANDED_OVER / size_of::<T>().max(1) + values.len();
        let rows = || Vec::with_capacity(capacity);
        let held = ready.get_or_insert_with(|| Finished { first: row, rows: rows(), validity: Vec::new() });
        held.rows.extend_from_slice(values);
        held.validity.extend_from_slice(valid.unwrap_or_default());
        if size_of_val(held.rows.as_slice()) >= HANDED_OVER
            && let Some(rows) = ready.take()
        {
            hand_over(rows);
        }
    };
    match given {
        Given::Each(first, count) => {
            let rows = rows.slice_move(s![..(count as usize).min(rows.dim().0), ..]);
            resampler.push_rows(first, rows, weights, &mut sink)?;
        }
        Given::Same(first, end) => resampler.push_same(first..end, rows, weights, &mut sink)?,
    }
    if let Some(rows) = ready {
        hand_over(rows);
    }
    Ok(resampler)
}

/// Puts finished rows, which follow each other, into some columns of the output.
fn put<T: Copy>(out: &mut Array3<T>, band: usize, columns: &Range<usize>, first: usize, rows: &[T]) {
    let (bands, height, width) = out.dim();
    if band >= bands || columns.is_empty() || columns.end > width {
        return;
    }
    let count = (rows.len() / columns.len()).min(height.saturating_sub(first));
    if let Ok(rows) = ArrayView2::from_shape((count, columns.len()), rows) {
        out.slice_mut(s![band, first..first + count, columns.clone()]).assign(&rows);
    }
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
    use super::strips;

    #[test]
    fn every_thread_gets_as_many_strips() {
        let of = |threads, bands| strips(threads, bands);
        assert_eq!((of(1, 3), of(2, 1), of(2, 3), of(2, 4), of(8, 4), of(8, 3)), (1, 2, 2, 1, 2, 8));
    }
}
