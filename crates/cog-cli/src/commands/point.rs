//! `cog point`: values at places.

use std::io::{BufRead, Write};
use std::time::Instant;

use anyhow::{Context as _, bail};
use cog_read::{Pixels, Points};
use serde_json::{Value, json};

use crate::cli;
use crate::commands::Context;
use crate::output::json_number;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Point) -> anyhow::Result<()> {
    let started = Instant::now();
    let places = match arguments.coordinates.is_empty() {
        true => from_lines(std::io::stdin().lock())?,
        false => pairs(&arguments.coordinates)?,
    };
    let cog = context.open(&arguments.location, arguments.selection.page).await?;
    let mut request = cog.points(places.iter().copied()).level(arguments.level).interpolation(arguments.interpolation);
    if let Some(bands) = &arguments.selection.bands {
        request = request.bands(bands.iter().copied());
    }
    if arguments.selection.raw_color {
        request = request.raw_color();
    }
    if arguments.pixels {
        request = request.in_pixels();
    }
    if let Some(nodata) = arguments.nodata {
        request = request.nodata(nodata);
    }
    if arguments.unscale {
        request = request.unscale();
    }
    let points = request.await?;
    context.stats.read = Some(started.elapsed());
    context.done(&cog);
    // A single place is asked for on purpose; among many, some may lie outside.
    if let ([(x, y)], [None]) = (&places[..], &points.pixels[..]) {
        let image = cog.level(arguments.level)?.image;
        bail!(
            "{}: the place {x}, {y} lies outside the image of {} × {} pixels",
            cog.location(),
            image.width,
            image.height
        );
    }
    let mut out = std::io::stdout().lock();
    if arguments.json {
        let all: Vec<Value> = places.iter().enumerate().map(|(i, place)| object(&points, i, place)).collect();
        serde_json::to_writer_pretty(&mut out, &all)?;
        writeln!(out)?;
    } else {
        for (i, (x, y)) in places.iter().enumerate() {
            let values: Vec<String> =
                values(&points, i).map(|v| v.as_str().map_or(v.to_string(), str::to_owned)).collect();
            writeln!(out, "{x} {y}: {}", values.join(" "))?;
        }
    }
    Ok(())
}

/// The values of a place in each band; null where there is no data.
fn values(points: &Points, place: usize) -> impl Iterator<Item = Value> + '_ {
    (0..points.bands.len()).map(move |band| match points.validity.get((band, place)) {
        Some(0) | None => Value::Null,
        Some(_) => sample(&points.values, (band, 0, place)),
    })
}

fn object(points: &Points, index: usize, (x, y): &(f64, f64)) -> Value {
    let pixel = points.pixels.get(index).copied().flatten();
    json!({
        "x": json_number::number(*x),
        "y": json_number::number(*y),
        "pixel": pixel.map(|(column, row)| [column, row]),
        "level": points.level,
        "bands": points.bands,
        "values": values(points, index).collect::<Vec<_>>(),
    })
}

/// One sample; a complex one as [re, im].
fn sample(pixels: &Pixels, at: (usize, usize, usize)) -> Value {
    macro_rules! of {
        ($($integer:ident),*) => {
            match pixels {
                $(Pixels::$integer(a) => a.get(at).map_or(Value::Null, |v| json!(v)),)*
                // Shortest digits that read back as this float32.
                Pixels::F32(a) => a.get(at).map_or(Value::Null, |v| match v.is_finite() {
                    true => v.to_string().parse::<f64>().map_or(Value::Null, json_number::number),
                    false => json_number::number(f64::from(*v)),
                }),
                Pixels::F64(a) => a.get(at).map_or(Value::Null, |v| json_number::number(*v)),
                Pixels::Complex32(a) => a.get(at).map_or(Value::Null, |v| {
                    json!([json_number::number(v.re.into()), json_number::number(v.im.into())])
                }),
                Pixels::Complex64(a) => a
                    .get(at)
                    .map_or(Value::Null, |v| json!([json_number::number(v.re), json_number::number(v.im)])),
                _ => Value::Null,
            }
        };
    }
    of!(U8, U16, U32, U64, I8, I16, I32, I64)
}

fn pairs(numbers: &[f64]) -> anyhow::Result<Vec<(f64, f64)>> {
    let (pairs, rest) = numbers.as_chunks::<2>();
    if let [odd] = rest {
        bail!("{odd} has no partner: coordinates come in pairs, X Y");
    }
    Ok(pairs.iter().map(|[x, y]| (*x, *y)).collect())
}

fn from_lines(input: impl BufRead) -> anyhow::Result<Vec<(f64, f64)>> {
    let mut places = Vec::new();
    for (i, line) in input.lines().enumerate() {
        let line = line.context("cannot read standard input")?;
        let mut words = line.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
        let (Some(x), Some(y)) = (words.next(), words.next()) else {
            if line.trim().is_empty() {
                continue;
            }
            bail!("line {} of standard input is no pair of numbers: {line:?}", i + 1);
        };
        let number =
            |word: &str| word.parse::<f64>().with_context(|| format!("line {}: '{word}' is not a number", i + 1));
        places.push((number(x)?, number(y)?));
    }
    Ok(places)
}
