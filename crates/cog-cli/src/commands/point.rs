//! `cog point`: values at places.

mod lines;

use std::fmt::Write;
use std::time::Instant;

use anyhow::{Context as _, bail};
use cog_read::{Cog, Pixels, Points};
use cog_warp::places_of;
use serde_json::{Value, json};

use self::lines::{Line, Lines};
use crate::cli::{self, select};
use crate::commands::expressions::Expressions;
use crate::commands::warped::warn_of_ballpark;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::json_list::JsonList;
use crate::output::text::shortened;
use crate::output::{json_number, stderr, stdout};

/// Places asked for together: those that share a block then cost it once.
const MOST_PLACES: usize = 1 << 17;

/// The same in samples, for files of many bands.
const MOST_SAMPLES: usize = 1 << 20;

/// Of a bad line as much is repeated.
const SHOWN_CHARACTERS: usize = 80;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Point) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let given = pairs(&arguments.coordinates)?;
    if given.is_empty() && arguments.location == "-" {
        bail!("standard input cannot be both the file and the places: name one of them");
    }
    let cog = context.open(&arguments.location, arguments.selection.page).await?;
    if let Some(crs) = &arguments.crs {
        warn_of_ballpark(context, &cog, crs)?;
    }
    let printed = print(&cog, arguments, given).await;
    context.stats.read = Some(started.elapsed());
    context.done(&cog);
    printed
}

/// Prints the values at the places of the arguments, else of standard input: as they come, so that their number does not matter.
async fn print(cog: &Cog, arguments: &cli::Point, given: Vec<(f64, f64)>) -> anyhow::Result<Exit> {
    let expressions = Expressions::of(cog, &arguments.selection, &arguments.tuning)?;
    let bands = match (&expressions, &arguments.selection.bands) {
        (Some(expressions), _) => expressions.bands().count().max(expressions.texts().len()),
        (None, Some(bands)) => bands.len(),
        (None, None) => cog.profile()?.count.into(),
    };
    let most = (MOST_SAMPLES / bands.max(1)).clamp(1, MOST_PLACES);
    let mut list = JsonList::default();
    let mut exit = Exit::Done;
    if given.is_empty() {
        let mut lines = Lines::of_stdin();
        while let Some(lines) = lines.next(most).await.context("cannot read standard input")? {
            let mut places = Vec::new();
            for line in lines {
                match line {
                    Line::Place(place) => places.push(place),
                    Line::Bad(number, text) => {
                        exit = Exit::Failed;
                        let text = shortened(&text, SHOWN_CHARACTERS);
                        stderr::line(&format!(
                            "cog: line {number} of standard input is not a pair of numbers: {text:?}"
                        ));
                    }
                }
            }
            for places in places.chunks(most) {
                print_values(cog, arguments, expressions.as_ref(), places, &mut list).await?;
            }
        }
    } else {
        for places in given.chunks(most) {
            print_values(cog, arguments, expressions.as_ref(), places, &mut list).await?;
        }
    }
    if arguments.json {
        stdout::print(list.end().as_bytes())?;
    }
    Ok(exit)
}

async fn print_values(
    cog: &Cog,
    arguments: &cli::Point,
    expressions: Option<&Expressions>,
    places: &[(f64, f64)],
    list: &mut JsonList,
) -> anyhow::Result<()> {
    let own = in_file(cog, arguments, places)?;
    let mut request = cog.points(own).level(arguments.level).interpolation(arguments.interpolation);
    request = select!(request, arguments.selection);
    if let Some(expressions) = expressions {
        request = request.bands(expressions.bands());
    }
    if arguments.pixels {
        request = request.in_pixels();
    }
    if arguments.unscale {
        request = request.unscale();
    }
    let mut points = request.await?;
    if let Some(expressions) = expressions {
        points = expressions.apply_to_points(points)?;
    }
    let mut text = String::new();
    for (i, place) in places.iter().enumerate() {
        if arguments.json {
            text += &list.item(&object(&points, i, place, expressions))?;
        } else {
            let (x, y) = place;
            let values: Vec<String> =
                values(&points, i).map(|v| v.as_str().map_or(v.to_string(), str::to_owned)).collect();
            writeln!(text, "{x} {y}: {}", values.join(" "))?;
        }
    }
    stdout::print(text.as_bytes())
}

/// Places in the CRS of the file; not-a-number where it has no such place.
fn in_file(cog: &Cog, arguments: &cli::Point, places: &[(f64, f64)]) -> anyhow::Result<Vec<(f64, f64)>> {
    let Some(crs) = &arguments.crs else { return Ok(places.to_vec()) };
    Ok(places_of(cog, crs, places.iter().copied())?)
}

/// The values of a place in each band; null where there is no data.
fn values(points: &Points, place: usize) -> impl Iterator<Item = Value> + '_ {
    (0..points.bands.len()).map(move |band| match points.validity.get((band, place)) {
        Some(0) | None => Value::Null,
        Some(_) => sample(&points.values, (band, 0, place)),
    })
}

fn object(points: &Points, index: usize, (x, y): &(f64, f64), expressions: Option<&Expressions>) -> Value {
    let pixel = points.pixels.get(index).copied().flatten();
    let mut object = json!({
        "x": json_number::number(*x),
        "y": json_number::number(*y),
        "pixel": pixel.map(|(column, row)| [column, row]),
        "level": points.level,
        "bands": points.bands,
        "values": values(points, index).collect::<Vec<_>>(),
    });
    if let (Some(expressions), Value::Object(object)) = (expressions, &mut object) {
        object.insert("expressions".into(), json!(expressions.texts()));
    }
    object
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
