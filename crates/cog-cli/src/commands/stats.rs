//! `cog stats`: statistics of each band.

mod results;

use std::fmt::Write;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use cog_read::{BandStatistics, Cog, Statistics, StatisticsOptions};
use cog_warp::{Cutline, OutputGrid, crs_of};
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;

use crate::cli::{self, select};
use crate::commands::expressions::Expressions;
use crate::commands::files::{Answer, Files};
use crate::commands::warped;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::bars;
use crate::output::json_number::number;
use crate::output::text::one_line;
use crate::progress::Progress;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Stats) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let cli::Stats { locations, answers, selection, .. } = arguments;
    let files = Files::answered(locations, selection.page, answers);
    let named = files.many();
    // Several bars would tear each other: of many files there is one that counts them.
    let quiet = context.quiet || named;
    let cutline = arguments.cut.cutline()?;
    // Bytes of the next files come while the threads decode; more at once would only take more memory.
    let turns = Semaphore::new(4);
    let work = async |cog: &Cog| {
        let _turn = turns.acquire().await?;
        let expressions = Expressions::of(cog, selection, &arguments.tuning)?;
        let statistics = match (arguments.bounds.is_some() || cutline.is_some(), &expressions) {
            (true, _) => measure_part(cog, arguments, cutline.clone(), expressions.as_ref()).await?,
            (false, Some(expressions)) => results::measure(cog, arguments, expressions, quiet).await?,
            (false, None) => measure(cog, arguments, quiet).await?.into(),
        };
        Ok(match answers.is_text() {
            false => Answer::Json(object(&statistics)),
            true => Answer::Text(text(&statistics, named.then(|| cog.location()))?),
        })
    };
    let exit = files.answer(context, work).await;
    context.stats.read = Some(started.elapsed());
    exit
}

/// What is printed of a file.
struct Measured {
    bands: Vec<BandStatistics>,
    numbers: Vec<usize>,
    names: Arc<[Option<String>]>,
    level: usize,
    /// Columns and rows that were looked at.
    size: (u32, u32),
}

impl From<Statistics> for Measured {
    fn from(all: Statistics) -> Measured {
        let Statistics { bands, band_numbers: numbers, band_names: names, level, size, .. } = all;
        Measured { bands, numbers, names, level, size }
    }
}

/// Statistics of a part: what lies within bounds, or polygons, or both.
async fn measure_part(
    cog: &Cog,
    arguments: &cli::Stats,
    cutline: Option<Cutline>,
    expressions: Option<&Expressions>,
) -> anyhow::Result<Measured> {
    let mut request = cog.read().level(arguments.level);
    let own = crs_of(&cog.profile()?).map_err(cog_warp::Error::from)?;
    let no_crs = || cog_warp::Error::NoCrs { location: cog.location().into() };
    if let Some(bounds) = arguments.bounds {
        request = request.bounds(match &arguments.bounds_crs {
            Some(crs) => warped::bounds_of_file(cog, bounds, crs)?,
            None => bounds,
        });
    } else if let Some(cutline) = &cutline {
        let around = warped::bounds_of(cog, cutline, own.as_ref().ok_or_else(no_crs)?)?;
        let transform = cog.transform()?.ok_or(cog_warp::Error::NoTransform)?;
        let (across, down) = cog.level(arguments.level)?.decimation;
        let to_pixels = transform.scaled(across, down).inverse().ok_or(cog_warp::Error::FlatSource)?;
        request = request.window(warped::whole_pixels(&to_pixels, around));
    }
    request = select!(request, arguments.selection);
    if let Some(expressions) = expressions {
        request = request.bands(expressions.bands());
    }
    if arguments.unscale {
        request = request.unscale();
    }
    let mut raster = request.await?;
    if let Some(expressions) = expressions {
        raster = expressions.apply(&raster)?;
    }
    let (_, rows, columns) = raster.dim();
    let size = (u32::try_from(columns)?, u32::try_from(rows)?);
    if let Some(cutline) = cutline {
        let transform = raster.transform.ok_or(cog_warp::Error::NoTransform)?;
        let grid = OutputGrid::new(own.ok_or_else(no_crs)?, transform, size.0, size.1)?;
        cutline.on(&grid)?.cut(&mut raster, 0, 0);
    }
    let mut options = StatisticsOptions::default();
    options.percentiles.clone_from(&arguments.percentiles);
    options.bins = arguments.bins();
    let bands = raster.statistics(&options).with_context(|| cog.location().to_string())?;
    Ok(Measured { bands, numbers: raster.bands, names: raster.band_names, level: arguments.level, size })
}

async fn measure(cog: &Cog, arguments: &cli::Stats, quiet: bool) -> cog_read::Result<Statistics> {
    let mut request = cog
        .statistics()
        .level(arguments.level)
        .percentiles(arguments.percentiles.iter().copied())
        .histogram(arguments.bins(), None);
    request = select!(request, arguments.selection);
    if arguments.unscale {
        request = request.unscale();
    }
    // The blocks are planned bit by bit; how many there are is known from the grid.
    let blocks = cog.level(arguments.level).map_or(0, |level| level.pieces.count());
    let progress = Progress::of_blocks(quiet).expecting(blocks);
    if let Some(hook) = progress.hook() {
        request = request.progress(hook);
    }
    request.await
}

/// The numbers of a band by name, in the order they are printed.
fn numbers(band: &BandStatistics) -> Vec<(String, Value)> {
    let optional = |v: Option<f64>| v.map_or(Value::Null, number);
    let mut all = vec![
        ("min".to_owned(), number(band.min)),
        ("max".to_owned(), number(band.max)),
        ("mean".to_owned(), number(band.mean)),
        ("std".to_owned(), number(band.std)),
        ("sum".to_owned(), number(band.sum)),
        ("count".to_owned(), json!(band.count)),
        ("valid_percent".to_owned(), number(band.valid_percent)),
        ("median".to_owned(), number(band.median)),
        ("majority".to_owned(), optional(band.majority)),
        ("minority".to_owned(), optional(band.minority)),
        ("unique".to_owned(), json!(band.unique)),
    ];
    all.extend(band.percentiles.iter().map(|(percent, value)| (format!("percentile_{percent}"), number(*value))));
    if band.resolution > 0.0 {
        all.push(("percentile_resolution".to_owned(), number(band.resolution)));
    }
    all
}

fn object(statistics: &Measured) -> Value {
    let bands = statistics.bands.iter().zip(&statistics.numbers).zip(statistics.names.iter());
    let band = |((band, index), name): ((&BandStatistics, &usize), &Option<String>)| {
        let mut object = Map::new();
        object.insert("band".into(), json!(index));
        if let Some(name) = name {
            object.insert("name".into(), json!(name));
        }
        object.extend(numbers(band));
        if let Some(histogram) = &band.histogram {
            let edges: Vec<Value> = histogram.edges.iter().map(|edge| number(*edge)).collect();
            object.insert("histogram".into(), json!({"counts": histogram.counts, "edges": edges}));
        }
        Value::Object(object)
    };
    json!({
        "schema": "stats-1",
        "level": statistics.level,
        "width": statistics.size.0,
        "height": statistics.size.1,
        "bands": bands.map(band).collect::<Vec<_>>(),
    })
}

/// `location` if it has to be said which file this is.
fn text(statistics: &Measured, location: Option<&str>) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    if let Some(location) = location {
        writeln!(out, "{}", one_line(location))?;
    }
    let (width, height) = statistics.size;
    writeln!(out, "Level {}: {width} × {height} pixels", statistics.level)?;
    let bands = statistics.bands.iter().zip(&statistics.numbers).zip(statistics.names.iter());
    for ((band, index), name) in bands {
        match name {
            Some(name) => writeln!(out, "\nBand {index} ({})", one_line(name))?,
            None => writeln!(out, "\nBand {index}")?,
        }
        for (name, value) in numbers(band) {
            let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            writeln!(out, "    {:<22}{}", name.replace('_', " "), if value.is_null() { "-" } else { &shown })?;
        }
        if let Some(histogram) = &band.histogram {
            out += &bars::draw(&histogram.counts, &histogram.edges);
        }
    }
    Ok(out)
}
