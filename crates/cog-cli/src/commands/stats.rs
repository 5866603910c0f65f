//! `cog stats`: statistics of each band.

use std::io::Write;
use std::time::Instant;

use cog_read::{BandStatistics, Statistics};
use serde_json::{Map, Value, json};

use crate::cli;
use crate::commands::Context;
use crate::output::json_number::number;
use crate::output::text;
use crate::progress::Progress;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Stats) -> anyhow::Result<()> {
    let started = Instant::now();
    let cog = context.open(&arguments.location, arguments.selection.page).await?;
    let mut request = cog
        .statistics()
        .level(arguments.level)
        .percentiles(arguments.percentiles.iter().copied())
        .histogram(arguments.histogram.unwrap_or(0) as usize, None);
    if let Some(bands) = &arguments.selection.bands {
        request = request.bands(bands.iter().copied());
    }
    if arguments.selection.raw_color {
        request = request.raw_color();
    }
    if let Some(nodata) = arguments.nodata {
        request = request.nodata(nodata);
    }
    if arguments.unscale {
        request = request.unscale();
    }
    // The blocks are planned bit by bit; how many there are is known from the grid.
    let blocks = cog.level(arguments.level).map_or(0, |level| level.image.grid.count());
    let progress = Progress::of_blocks(context.quiet).expecting(blocks);
    if let Some(hook) = progress.hook() {
        request = request.progress(hook);
    }
    let statistics = request.await?;
    drop(progress);
    context.stats.read = Some(started.elapsed());
    context.done(&cog);
    let mut out = std::io::stdout().lock();
    if arguments.json {
        serde_json::to_writer_pretty(&mut out, &object(&statistics))?;
        writeln!(out)?;
    } else {
        print(&mut out, &statistics)?;
    }
    Ok(())
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

fn object(statistics: &Statistics) -> Value {
    let bands = statistics.bands.iter().zip(&statistics.band_numbers).zip(statistics.band_names.iter());
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
        "level": statistics.level,
        "width": statistics.size.0,
        "height": statistics.size.1,
        "bands": bands.map(band).collect::<Vec<_>>(),
    })
}

fn print(out: &mut impl Write, statistics: &Statistics) -> std::io::Result<()> {
    let (width, height) = statistics.size;
    writeln!(out, "Level {}: {width} × {height} pixels", statistics.level)?;
    let bands = statistics.bands.iter().zip(&statistics.band_numbers).zip(statistics.band_names.iter());
    for ((band, index), name) in bands {
        match name {
            Some(name) => writeln!(out, "\nBand {index} ({})", text::one_line(name))?,
            None => writeln!(out, "\nBand {index}")?,
        }
        for (name, value) in numbers(band) {
            let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            writeln!(out, "    {:<22}{}", name.replace('_', " "), if value.is_null() { "-" } else { &shown })?;
        }
        if let Some(histogram) = &band.histogram {
            for (count, edges) in histogram.counts.iter().zip(histogram.edges.windows(2)) {
                if let [from, to] = edges {
                    writeln!(out, "    {from} to {to}: {count}")?;
                }
            }
        }
    }
    Ok(())
}
