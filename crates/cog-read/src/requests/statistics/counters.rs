//! Accumulators for bands of any type, which count on the pool.

use std::sync::Arc;

use cog_raster::statistics::Accumulator;
use cog_raster::{BandStatistics, Sample, StatisticsOptions, dispatch};
use futures_util::future::BoxFuture;
use ndarray::Axis;

use crate::error::{Result, UsageProblem};
use crate::render::band_source::{BandSource, Part};
use crate::session::pool::Pool;

/// Bytes that the counts of all bands share, unless one band alone wants more.
pub(super) const COUNTER_BYTES: usize = 128 << 20;

/// Tasks for each thread, of one accumulator at least.
const TASKS: usize = 16;

/// Why counting cannot go on.
pub(super) enum Stopped {
    /// A worker is gone.
    Worker,
    /// Memory for counts is short.
    Memory,
}

/// Accumulators of any type of samples.
pub(super) trait Counters: Send {
    /// Counts pixels that were read.
    fn push<'a>(&'a mut self, pool: &'a Pool, read: Vec<Part>) -> BoxFuture<'a, std::result::Result<(), Stopped>>;
    /// Counts so many pixels that are like this one.
    fn push_same(&mut self, pixel: &Part, count: u64) -> std::result::Result<(), Stopped>;
    fn finish(self: Box<Self>) -> Vec<BandStatistics>;
}

/// Several accumulators a band, so that all threads have work even with one band.
struct Accumulators<T: Sample> {
    /// By band, then by share; taken while they work.
    bands: Vec<Vec<Option<Accumulator<T>>>>,
}

/// Counters for the bands of a level; where samples are unscaled, for the values that these become.
pub(super) fn counters_of(
    source: &BandSource,
    options: &StatisticsOptions,
    unscaled: bool,
    threads: usize,
) -> Result<Box<dyn Counters>> {
    fn of<T: Sample>(bands: usize, options: &StatisticsOptions, threads: usize) -> Box<dyn Counters> {
        Box::new(Accumulators::<T>::new(bands, options, threads))
    }
    let (bands, sample_type) = (source.bands.len(), source.layer.sample_type);
    let no_order = || source.cog.usage(UsageProblem::NoOrder { sample_type });
    if sample_type.is_complex() {
        return Err(no_order());
    }
    if unscaled {
        return Ok(of::<f64>(bands, options, threads));
    }
    dispatch!(sample_type, T => Ok(of::<T>(bands, options, threads)), _ => Err(no_order()))
}

impl<T: Sample> Accumulators<T> {
    fn new(bands: usize, options: &StatisticsOptions, threads: usize) -> Accumulators<T> {
        let wanted = Accumulator::<T>::wanted_bytes(options);
        let bytes = COUNTER_BYTES.max(wanted);
        let bands = bands.max(1);
        // Not more shares than can all be exact.
        let affordable = bytes / bands.saturating_mul(wanted).max(1);
        let shares = threads.div_ceil(bands).min(affordable).max(1);
        let share = bytes / (bands * shares);
        let band = || (0..shares).map(|_| Some(Accumulator::new(options, share))).collect();
        Accumulators { bands: (0..bands).map(|_| band()).collect() }
    }
}

impl<T: Sample> Counters for Accumulators<T> {
    fn push<'a>(&'a mut self, pool: &'a Pool, read: Vec<Part>) -> BoxFuture<'a, std::result::Result<(), Stopped>> {
        let read = Arc::new(read);
        Box::pin(async move {
            let shares = self.bands.first().map_or(1, Vec::len);
            let mut idle = Vec::new();
            for (band, of_band) in self.bands.iter_mut().enumerate() {
                for (share, accumulator) in of_band.iter_mut().enumerate() {
                    idle.push((band, share, accumulator.take().ok_or(Stopped::Worker)?));
                }
            }
            // Of very many bands, several at once: work of a few pixels is not worth a task.
            let together = idle.len().div_ceil(pool.threads() * TASKS).max(1);
            let mut working = Vec::new();
            let mut idle = idle.into_iter().peekable();
            while idle.peek().is_some() {
                let mut some: Vec<_> = idle.by_ref().take(together).collect();
                let read = Arc::clone(&read);
                working.push(pool.run(move || {
                    for (band, share, accumulator) in &mut some {
                        for part in read.iter().skip(*share).step_by(shares) {
                            if let Ok(samples) = part.pixels.view::<T>() {
                                accumulator.push(samples.index_axis(Axis(0), *band), part.validity.of_band(*band));
                            }
                        }
                    }
                    some
                }));
            }
            let mut short = false;
            for done in working {
                for (band, share, accumulator) in done.await.map_err(|_| Stopped::Worker)? {
                    short |= accumulator.is_short();
                    if let Some(place) = self.bands.get_mut(band).and_then(|of_band| of_band.get_mut(share)) {
                        *place = Some(accumulator);
                    }
                }
            }
            if short { Err(Stopped::Memory) } else { Ok(()) }
        })
    }

    fn push_same(&mut self, pixel: &Part, count: u64) -> std::result::Result<(), Stopped> {
        let samples = pixel.pixels.view::<T>().map_err(|_| Stopped::Worker)?;
        for (band, of_band) in self.bands.iter_mut().enumerate() {
            let accumulator = of_band.first_mut().and_then(Option::as_mut).ok_or(Stopped::Worker)?;
            let value = samples.get((band, 0, 0)).ok_or(Stopped::Worker)?;
            accumulator.push_same(*value, pixel.validity.is_valid(band, 0, 0), count);
            if accumulator.is_short() {
                return Err(Stopped::Memory);
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Vec<BandStatistics> {
        let band = |of_band: Vec<Option<Accumulator<T>>>| {
            let mut shares = of_band.into_iter().flatten();
            let mut all = shares.next()?;
            shares.for_each(|share| all.merge(&share));
            Some(all.finish())
        };
        self.bands.into_iter().filter_map(band).collect()
    }
}
