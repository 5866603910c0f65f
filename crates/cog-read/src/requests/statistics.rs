//! Requests for statistics: blocks stream through accumulators.

mod counters;

use std::future::IntoFuture;
use std::pin::pin;
use std::sync::Arc;

use cog_raster::{Area, BandStatistics, StatisticsOptions};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;

use crate::cog::Cog;
use crate::error::{Error, Result, UsageProblem};
use crate::pipeline::locate;
use crate::render::areas::read_blocks;
use crate::render::band_source::{BandSource, Part};
use crate::render::selection::{Selection, selection_setters};
use crate::render::unwritten;
use crate::render::walk::{Step, Walk};
use counters::{COUNTER_BYTES, Stopped, counters_of};

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
        let source = Arc::new(BandSource::new(&self.cog, self.level, &self.selection)?);
        if let Some(wrong) = self.options.percentiles.iter().find(|p| !(0.0..=100.0).contains(*p)) {
            return Err(self.cog.usage(UsageProblem::NoPercentile { percent: *wrong }));
        }
        let pool = self.cog.session().pool();
        let mut counters = counters_of(&source, &self.options, self.unscale, pool.threads())?;
        for (layer, _) in source.layers() {
            locate::check(self.cog.session(), layer, self.level)?;
        }
        let counter = self.selection.counter();
        let read = |step: Result<Step>| {
            let (source, counter) = (Arc::clone(&source), Arc::clone(&counter));
            async move {
                let Step { areas, unwritten } = step?;
                let parts = match areas.is_empty() {
                    true => Vec::new(),
                    false => read_blocks(&source, &areas, counter).await?.0,
                };
                Ok::<_, Error>((parts, unwritten))
            }
        };
        let unscale = |part: &mut Part| {
            if self.unscale {
                part.pixels = part.pixels.unscaled(&part.validity, &source.scales());
            }
        };
        let stopped = |stopped| match stopped {
            Stopped::Worker => Error::Worker { location: source.location(), message: "counting stopped".into() },
            Stopped::Memory => Error::OutOfMemory { location: source.location(), bytes: COUNTER_BYTES as u64 },
        };
        let mut unwritten = 0;
        // The next step is read while one is counted, unless that would be much memory: with the one that is done, three are held.
        let ahead = if source.bytes(&first_block(&source)) > HELD_THRICE { 1 } else { 2 };
        let mut steps = pin!(Walk::new(Arc::clone(&source))?.steps().map(read).buffered(ahead));
        while let Some(step) = steps.next().await {
            let (mut parts, more) = step?;
            unwritten += more;
            parts.iter_mut().for_each(unscale);
            counters.push(pool, parts).await.map_err(stopped)?;
        }
        if unwritten > 0 {
            let area = Area { x: 0, y: 0, width: 1, height: 1 };
            let mut pixel = unwritten::part(&source, area)?;
            unscale(&mut pixel);
            counters.push_same(&pixel, unwritten).map_err(stopped)?;
        }
        Ok(Statistics {
            bands: counters.finish(),
            band_numbers: source.bands.iter().map(|b| b + 1).collect(),
            band_names: source.band_names(),
            level: self.level,
            size: source.image_size(),
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

/// Bytes of a block up to which blocks are read ahead.
const HELD_THRICE: u64 = 32 << 20;

fn first_block(source: &BandSource) -> Area {
    let grid = source.layer.image.grid;
    Area { x: 0, y: 0, width: grid.block_width.min(grid.image_width), height: grid.block_height.min(grid.image_height) }
}
