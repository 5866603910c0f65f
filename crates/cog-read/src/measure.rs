//! Requests for statistics: blocks stream through accumulators.

use std::future::IntoFuture;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use ndarray::{Array3, Axis};

use crate::cog::Cog;
use crate::error::{Error, Result, UsageProblem};
use crate::pool::Pool;
use crate::raster::{Pixels, Raster};
use crate::request::Request;
use crate::selection::{Selection, selection_setters};
use crate::statistics::{Accumulator, BandStatistics, Ordered, StatisticsOptions};
use crate::tile::{Groups, area_of, read_blocks};
use crate::unscale::unscaled;

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
        let threads = self.cog.session().pool().threads();
        let mut sums = sums_of(&request, &self.options, self.unscale, threads)?;
        let grid = request.layer.image.grid;
        let places = (0..grid.down()).flat_map(move |y| (0..grid.across()).map(move |x| (x, y)));
        let counter = self.selection.counter();
        let read = |group: Vec<(u32, u32)>| {
            let (request, counter) = (Arc::clone(&request), Arc::clone(&counter));
            async move {
                let areas = group.iter().map(|&(x, y)| area_of(&request, x, y, true)).collect::<Result<Vec<_>>>()?;
                read_blocks(&request, &areas, counter).await
            }
        };
        let groups = Groups::new(Arc::clone(&request), Box::new(places));
        let mut rasters = futures_util::stream::iter(groups).map(read).buffered(2);
        while let Some(group) = rasters.next().await {
            let mut group = group?;
            if self.unscale {
                for raster in &mut group {
                    raster.pixels = unscaled(&raster.pixels, &raster.validity, &request.scales());
                }
            }
            let counted = sums.push(self.cog.session().pool(), group).await;
            counted
                .ok_or_else(|| Error::Worker { location: request.location(), message: "counting stopped".into() })?;
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

/// Accumulators of any type of samples.
trait Sums: Send {
    /// Counts rasters; `None` if a worker stopped.
    fn push<'a>(&'a mut self, pool: &'a Pool, rasters: Vec<Raster>) -> BoxFuture<'a, Option<()>>;
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
        let parts = threads.div_ceil(bands.max(1)).max(1);
        let part = || (0..parts).map(|_| Some(Accumulator::new(options))).collect();
        Typed { parts: (0..bands).map(|_| part()).collect() }
    }
}

impl<T: Ordered> Sums for Typed<T>
where
    for<'p> &'p Array3<T>: TryFrom<&'p Pixels>,
{
    fn push<'a>(&'a mut self, pool: &'a Pool, rasters: Vec<Raster>) -> BoxFuture<'a, Option<()>> {
        let rasters = Arc::new(rasters);
        Box::pin(async move {
            let mut working = Vec::new();
            for (band, parts) in self.parts.iter_mut().enumerate() {
                let count = parts.len();
                for (number, part) in parts.iter_mut().enumerate() {
                    let (mut sums, rasters) = (part.take()?, Arc::clone(&rasters));
                    let done = pool.run(move || {
                        for raster in rasters.iter().skip(number).step_by(count) {
                            if let Ok(pixels) = <&Array3<T>>::try_from(&raster.pixels) {
                                sums.push(pixels.index_axis(Axis(0), band), raster.validity.of_band(band));
                            }
                        }
                        sums
                    });
                    working.push((part, done));
                }
            }
            for (part, done) in working {
                *part = Some(done.await.ok()?);
            }
            Some(())
        })
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
