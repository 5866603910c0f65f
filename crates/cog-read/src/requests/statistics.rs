//! Requests for statistics: blocks stream through accumulators.

use std::future::IntoFuture;
use std::pin::pin;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use ndarray::{Array3, Axis};

use crate::cog::Cog;
use crate::error::{Error, Result, UsageProblem};
use crate::geometry::window::Area;
use crate::pipeline::locate;
use crate::pixels::raster::{Pixels, Raster, ReadCost};
use crate::pixels::unscale::unscaled;
use crate::render::areas::read_blocks;
use crate::render::selection::{Selection, selection_setters};
use crate::render::source::Request;
use crate::render::unwritten;
use crate::render::walk::{Step, Walk};
use crate::session::pool::Pool;
use crate::statistics::{Accumulator, BandStatistics, Ordered, StatisticsOptions};

impl Cog {
    /// Reads a whole level for statistics of its bands.
    ///
    /// ```no_run
    /// # async fn example(cog: cog_read::Cog) -> cog_read::Result<()> {
    /// let statistics = cog.statistics().bands([1]).await?;
    /// println!("{:?}", statistics.bands[0].mean);
    /// # Ok(()) }
    /// ```
    pub fn statistics(&self) -> StatisticsRead {
        StatisticsRead::new(self)
    }
}

/// A request for statistics of whole bands; await it to get [`Statistics`].
///
/// Every pixel of the level is read, block after block in bounded memory. Full resolution is exact; an overview is quicker, and
/// describes the overview.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct StatisticsRead {
    cog: Cog,
    level: usize,
    selection: Selection,
    unscale: bool,
    options: StatisticsOptions,
}

/// Statistics of bands.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Statistics {
    /// One for each band, in the order they were asked for.
    pub bands: Vec<BandStatistics>,
    /// Their numbers, from 1.
    pub band_numbers: Vec<usize>,
    /// Names of the bands, where the file has them.
    pub band_names: Arc<[Option<String>]>,
    /// The level used; 0 is full resolution.
    pub level: usize,
    /// Its width and height.
    pub size: (u32, u32),
}

impl StatisticsRead {
    pub(crate) fn new(cog: &Cog) -> StatisticsRead {
        StatisticsRead {
            cog: cog.clone(),
            level: 0,
            selection: Selection::default(),
            unscale: false,
            options: StatisticsOptions::default(),
        }
    }

    /// Uses this level instead of full resolution.
    pub fn level(mut self, level: usize) -> Self {
        self.level = level;
        self
    }

    /// Applies each band's scale and offset first.
    pub fn unscale(mut self) -> Self {
        self.unscale = true;
        self
    }

    /// Percentiles to work out, 0 to 100.
    pub fn percentiles(mut self, percentiles: impl IntoIterator<Item = f64>) -> Self {
        self.options.percentiles = percentiles.into_iter().collect();
        self
    }

    /// Counts values in this many bins, between the least and the greatest value or over `range`; 0 for none.
    pub fn histogram(mut self, bins: usize, range: Option<(f64, f64)>) -> Self {
        self.options.bins = bins;
        self.options.range = range;
        self
    }

    /// How many different values of a type above 16 bits are counted one by one: see [`StatisticsOptions`].
    pub fn max_distinct(mut self, values: usize) -> Self {
        self.options.max_distinct = values;
        self
    }

    selection_setters!(selection);

    async fn run(self) -> Result<Statistics> {
        let request = Arc::new(Request::new(&self.cog, self.level, &self.selection)?);
        if let Some(wrong) = self.options.percentiles.iter().find(|p| !(0.0..=100.0).contains(*p)) {
            return Err(self.cog.usage(UsageProblem::NoPercentile { percent: *wrong }));
        }
        let pool = self.cog.session().pool();
        let mut sums = sums_of(&request, &self.options, self.unscale, pool.threads())?;
        for (layer, _) in request.layers() {
            locate::check(self.cog.session(), layer, self.level)?;
        }
        let counter = self.selection.counter();
        let read = |step: Result<Step>| {
            let (request, counter) = (Arc::clone(&request), Arc::clone(&counter));
            async move {
                let Step { areas, unwritten } = step?;
                let rasters =
                    if areas.is_empty() { Vec::new() } else { read_blocks(&request, &areas, counter).await? };
                Ok::<_, Error>((rasters, unwritten))
            }
        };
        let unscale = |raster: &mut Raster| {
            if self.unscale {
                raster.pixels = unscaled(&raster.pixels, &raster.validity, &request.scales());
            }
        };
        let stopped = |stopped| match stopped {
            Stopped::Worker => Error::Worker { location: request.location(), message: "counting stopped".into() },
            Stopped::Memory => Error::OutOfMemory { location: request.location(), bytes: COUNTER_BYTES as u64 },
        };
        let mut unwritten = 0;
        // The next step is read while one is counted, unless that would be much memory: with the one that is done, three are held.
        let ahead = if request.bytes(&first_block(&request)) > HELD_THRICE { 1 } else { 2 };
        let mut steps = pin!(Walk::new(Arc::clone(&request))?.steps().map(read).buffered(ahead));
        while let Some(step) = steps.next().await {
            let (mut rasters, more) = step?;
            unwritten += more;
            rasters.iter_mut().for_each(unscale);
            sums.push(pool, rasters).await.map_err(stopped)?;
        }
        if unwritten > 0 {
            let area = Area { x: 0, y: 0, width: 1, height: 1 };
            let part = unwritten::part(&request, area)?;
            let mut pixel = request.raster(area, part.pixels, part.validity, ReadCost::default())?;
            unscale(&mut pixel);
            sums.push_same(&pixel, unwritten).map_err(stopped)?;
        }
        Ok(Statistics {
            bands: sums.finish(),
            band_numbers: request.bands.iter().map(|b| b + 1).collect(),
            band_names: request.band_names(),
            level: self.level,
            size: request.image_size(),
        })
    }
}

impl IntoFuture for StatisticsRead {
    type Output = Result<Statistics>;
    type IntoFuture = BoxFuture<'static, Result<Statistics>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// Bytes that the counts of all bands share, unless one band alone wants more.
const COUNTER_BYTES: usize = 128 << 20;

/// Bytes of a block up to which blocks are read ahead.
const HELD_THRICE: u64 = 32 << 20;

fn first_block(request: &Request) -> Area {
    let grid = request.layer.image.grid;
    Area { x: 0, y: 0, width: grid.block_width.min(grid.image_width), height: grid.block_height.min(grid.image_height) }
}

/// Tasks for each thread, of one accumulator at least.
const TASKS: usize = 16;

/// Why counting cannot go on.
enum Stopped {
    /// A worker is gone.
    Worker,
    /// Memory for counts is short.
    Memory,
}

/// Accumulators of any type of samples.
trait Sums: Send {
    /// Counts rasters.
    fn push<'a>(&'a mut self, pool: &'a Pool, rasters: Vec<Raster>) -> BoxFuture<'a, std::result::Result<(), Stopped>>;
    /// Counts so many pixels that are like this one.
    fn push_same(&mut self, pixel: &Raster, count: u64) -> std::result::Result<(), Stopped>;
    fn finish(self: Box<Self>) -> Vec<BandStatistics>;
}

/// Several accumulators a band, so that all threads have work even with one band.
struct Typed<T: Ordered> {
    /// By band, then by part; taken while they work.
    parts: Vec<Vec<Option<Accumulator<T>>>>,
}

fn sums_of(request: &Request, options: &StatisticsOptions, unscaled: bool, threads: usize) -> Result<Box<dyn Sums>> {
    use cog_tiff::SampleType as S;
    macro_rules! of {
        ($type:ty) => {
            Box::new(Typed::<$type>::new(request.bands.len(), options, threads)) as Box<dyn Sums>
        };
    }
    let complex = matches!(request.layer.sample_type, S::Complex32 | S::Complex64);
    if unscaled && !complex {
        return Ok(of!(f64));
    }
    Ok(match request.layer.sample_type {
        S::U8 => of!(u8),
        S::U16 => of!(u16),
        S::U32 => of!(u32),
        S::U64 => of!(u64),
        S::I8 => of!(i8),
        S::I16 => of!(i16),
        S::I32 => of!(i32),
        S::I64 => of!(i64),
        S::F32 => of!(f32),
        S::F64 => of!(f64),
        _ => return Err(request.cog.usage(UsageProblem::NoOrder { sample_type: request.layer.sample_type })),
    })
}

impl<T: Ordered> Typed<T> {
    fn new(bands: usize, options: &StatisticsOptions, threads: usize) -> Typed<T> {
        let wanted = Accumulator::<T>::wanted_bytes(options);
        let bytes = COUNTER_BYTES.max(wanted);
        let bands = bands.max(1);
        // Not more parts than can all be exact.
        let affordable = bytes / bands.saturating_mul(wanted).max(1);
        let parts = threads.div_ceil(bands).min(affordable).max(1);
        let share = bytes / (bands * parts);
        let part = || (0..parts).map(|_| Some(Accumulator::new(options, share))).collect();
        Typed { parts: (0..bands).map(|_| part()).collect() }
    }
}

impl<T: Ordered> Sums for Typed<T>
where
    for<'p> &'p Array3<T>: TryFrom<&'p Pixels>,
{
    fn push<'a>(&'a mut self, pool: &'a Pool, rasters: Vec<Raster>) -> BoxFuture<'a, std::result::Result<(), Stopped>> {
        let rasters = Arc::new(rasters);
        Box::pin(async move {
            let counts = self.parts.first().map_or(1, Vec::len);
            let mut idle = Vec::new();
            for (band, parts) in self.parts.iter_mut().enumerate() {
                for (number, part) in parts.iter_mut().enumerate() {
                    idle.push((band, number, part.take().ok_or(Stopped::Worker)?));
                }
            }
            // Of very many bands, several at once: work of a few pixels is not worth a task.
            let together = idle.len().div_ceil(pool.threads() * TASKS).max(1);
            let mut working = Vec::new();
            let mut idle = idle.into_iter().peekable();
            while idle.peek().is_some() {
                let mut some: Vec<_> = idle.by_ref().take(together).collect();
                let rasters = Arc::clone(&rasters);
                working.push(pool.run(move || {
                    for (band, number, sums) in &mut some {
                        for raster in rasters.iter().skip(*number).step_by(counts) {
                            if let Ok(pixels) = <&Array3<T>>::try_from(&raster.pixels) {
                                sums.push(pixels.index_axis(Axis(0), *band), raster.validity.of_band(*band));
                            }
                        }
                    }
                    some
                }));
            }
            let mut short = false;
            for done in working {
                for (band, number, sums) in done.await.map_err(|_| Stopped::Worker)? {
                    short |= sums.is_short();
                    if let Some(part) = self.parts.get_mut(band).and_then(|parts| parts.get_mut(number)) {
                        *part = Some(sums);
                    }
                }
            }
            if short { Err(Stopped::Memory) } else { Ok(()) }
        })
    }

    fn push_same(&mut self, pixel: &Raster, count: u64) -> std::result::Result<(), Stopped> {
        let pixels = <&Array3<T>>::try_from(&pixel.pixels).map_err(|_| Stopped::Worker)?;
        for (band, parts) in self.parts.iter_mut().enumerate() {
            let sums = parts.first_mut().and_then(Option::as_mut).ok_or(Stopped::Worker)?;
            let value = pixels.get((band, 0, 0)).ok_or(Stopped::Worker)?;
            sums.push_same(*value, pixel_is_valid(pixel, band), count);
            if sums.is_short() {
                return Err(Stopped::Memory);
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Vec<BandStatistics> {
        let band = |parts: Vec<Option<Accumulator<T>>>| {
            let mut parts = parts.into_iter().flatten();
            let mut sums = parts.next()?;
            parts.for_each(|part| sums.merge(&part));
            Some(sums.finish())
        };
        self.parts.into_iter().filter_map(band).collect()
    }
}

fn pixel_is_valid(pixel: &Raster, band: usize) -> bool {
    let mask = pixel.validity.of_band(band);
    mask.is_none_or(|mask| mask.get((0, 0)).is_some_and(|valid| *valid != 0))
}
