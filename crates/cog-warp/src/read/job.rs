//! A request with all it needs: what both ways to warp a file begin and end with.

use std::sync::Arc;

use cog_crs::Crs;
use cog_raster::{Area, Nodata, OverviewStrategy, Pixels, Raster};
use cog_read::tiff::{ColorInterpretation, Profile};
use cog_read::{Cog, Level, TilesLayout, TilesRead};

use super::blocks::Place;
use super::choice::{self, Source};
use super::place::Tie;
use super::progress::Hook;
use crate::alpha::Alpha;
use crate::cutline::{CutMask, Cutline};
use crate::error::{Error, Result};
use crate::grid::OutputGrid;
use crate::level::Rectangle;
use crate::method::Method;
use crate::output::Output;
use crate::sampling::Ordered;

/// Which samples are read, as all reads say it.
#[derive(Clone, Debug, Default)]
pub(super) struct Selection {
    pub(super) bands: Option<Vec<usize>>,
    pub(super) nodata: Option<f64>,
    pub(super) raw_color: bool,
}

impl Selection {
    pub(super) fn tiles(&self, cog: &Cog, places: &[Place], level: usize) -> TilesRead {
        let mut read = cog.tiles(places.iter().copied()).level(level).clipped().of_pieces();
        if let Some(bands) = &self.bands {
            read = read.bands(bands.iter().copied());
        }
        if let Some(nodata) = self.nodata {
            read = read.nodata(nodata);
        }
        if self.raw_color {
            read = read.raw_color();
        }
        read
    }
}

/// A request with all it needs.
pub(super) struct Job {
    pub(super) cog: Cog,
    pub(super) crs: Crs,
    pub(super) tie: Tie,
    pub(super) grid: OutputGrid,
    pub(super) method: Method,
    pub(super) selection: Selection,
    pub(super) level: usize,
    pub(super) layout: TilesLayout,
    pub(super) alpha: Option<Alpha>,
    pub(super) unscale: bool,
    pub(super) validity: bool,
    pub(super) fill: Option<f64>,
    pub(super) cutline: Option<Cutline>,
    pub(super) progress: Option<Hook>,
}

/// The level for a grid: the one that was asked for, or the one whose pixels are as large as the grid's.
pub(super) fn level_of(
    cog: &Cog,
    (crs, tie): (&Crs, &Tie),
    grid: &OutputGrid,
    asked: Option<usize>,
    (strategy, as_gdal): (OverviewStrategy, bool),
) -> Result<usize> {
    let levels = cog.levels()?;
    match asked {
        Some(level) => return Ok(cog.level(level)?.index),
        None if levels.len() < 2 => return Ok(0),
        None => {}
    }
    let source = Source { crs, tie, width: cog.width()?, height: cog.height()? };
    let reduction = match as_gdal {
        true => choice::reduction_of_gdal(&source, grid)?,
        false => choice::reduction(&source, grid.crs(), grid.whole_transform())?,
    };
    let decimations: Vec<(f64, f64)> = levels.iter().map(|l| l.decimation).collect();
    Ok(reduction.map_or(0, |reduction| choice::level(strategy, &decimations, reduction)))
}

/// Refuses an output over the session's limit.
pub(super) fn check_size<T>(job: &Job) -> Result<()> {
    let (rectangle, bands) = (job.grid.rectangle(), job.layout.bands.len());
    // Values as f64 beside those that they are made from; a byte of validity.
    let sample = size_of::<T>() as u64 + if job.unscale { 8 } else { 0 };
    let pixel = (bands as u64).saturating_mul(sample).saturating_add(1);
    let bytes = u64::from(rectangle.width).saturating_mul(rectangle.height.into()).saturating_mul(pixel);
    let limit = job.cog.session().limits().max_output_bytes;
    if bytes > limit { Err(Error::TooLarge { bytes, limit }) } else { Ok(()) }
}

/// What pixels without data are filled with, in each band: there is no alpha where there are no data.
pub(super) fn fills_of<T: Ordered>(job: &Job) -> Vec<T> {
    let fill = job.fill.map(Nodata::Float).or(job.layout.nodata).map_or_else(T::default, T::from_nodata);
    let is_alpha = |band: usize| job.alpha.as_ref().is_some_and(|alpha| alpha.has(band));
    (0..job.layout.bands.len()).map(|band| if is_alpha(band) { T::default() } else { fill }).collect()
}

/// The alpha bands among those that are read: the last one of the file, if it is alpha and its colours are not those of another kind that stay
/// as stored. A nodata value of one's own replaces it.
pub(super) fn alpha_of(profile: &Profile, selection: &Selection, level: &Level, layout: &TilesLayout) -> Option<Alpha> {
    let is_last = profile.color_interpretation.last() == Some(&ColorInterpretation::Alpha);
    let is_stored = selection.raw_color && level.image.converted_bands().is_some();
    if !is_last || is_stored || selection.nodata.is_some() {
        return None;
    }
    let last = profile.color_interpretation.len();
    let bands = layout.bands.iter().enumerate().filter(|(_, band)| **band == last).map(|(at, _)| at).collect();
    let bits = level.image.converted_bands().is_none().then_some(level.image.bits);
    Alpha::new(bands, layout.sample_type, bits)
}

/// Whether an output has validity: where nobody asks for it, it has none.
pub(super) fn keeps_validity(job: &Job, cut: Option<&CutMask>) -> bool {
    // What is computed from validity at the end needs all of it.
    job.validity || job.unscale || cut.is_some()
}

/// What of an output counts: nothing is read for what lies outside of a cut-line.
pub(super) fn looked_at(all: Rectangle, cut: Option<&CutMask>) -> Option<Rectangle> {
    let Some(cut) = cut else { return Some(all) };
    let Area { x, y, width, height } = cut.bounds()?;
    Some(Rectangle { column: all.column + x, row: all.row + y, width, height })
}

/// Leaves out what a cut-line cuts off.
pub(super) fn finish<T: Ordered>(
    job: &Job,
    cut: Option<&CutMask>,
    mut output: Output<T>,
    mut dataset: Option<Output<u8>>,
) -> Result<Raster> {
    if let Some(cut) = cut {
        output.weigh(|rows, weights| cut.fill(rows, weights));
        output.fill_invalid(&fills_of(job));
        dataset.iter_mut().for_each(|mask| mask.weigh(|rows, weights| cut.fill(rows, weights)));
    }
    let (samples, validity) = output.finish(dataset, job.alpha.as_ref()).ok_or(Error::WrongSize)?;
    let (mut pixels, mut nodata) = (Pixels::from(samples), job.layout.nodata);
    if job.unscale {
        pixels = pixels.unscaled(&validity, &job.layout.scales);
        nodata = Some(Nodata::Float(f64::NAN));
    }
    let mut raster = Raster::new(pixels, validity);
    raster.level = job.level;
    raster.transform = Some(job.grid.transform());
    raster.epsg = job.grid.crs().epsg().and_then(|code| u16::try_from(code).ok());
    raster.bands.clone_from(&job.layout.bands);
    raster.nodata = nodata;
    raster.band_names = Arc::clone(&job.layout.band_names);
    Ok(raster)
}
