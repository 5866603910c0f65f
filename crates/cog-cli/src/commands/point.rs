//! `cog point`: values at places.

mod lines;
mod printer;

use std::ffi::OsString;
use std::time::Instant;

use anyhow::{Context as _, bail};
use cog_read::{Cog, Points, Session};
use cog_warp::places_of;
use futures_util::{StreamExt, stream};

use self::lines::{Line, Lines};
use self::printer::{Printer, Source};
use crate::cli::{self, select};
use crate::commands::expressions::Expressions;
use crate::commands::warped::warn_of_ballpark;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::fail;
use crate::open;
use crate::output::text::shortened;
use crate::output::{stderr, stdout};

/// Places asked for together: those that share a block then cost it once.
const MOST_PLACES: usize = 1 << 17;

/// The same in samples, for files of many bands.
const MOST_SAMPLES: usize = 1 << 20;

/// Of a bad line as much is repeated.
const SHOWN_CHARACTERS: usize = 80;

/// How many files are worked on at once.
const AT_ONCE: usize = 16;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Point) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let (files, numbers) = arguments.parts();
    let given = pairs(&numbers)?;
    if given.is_empty() && files.iter().any(|file| file == "-") {
        bail!("standard input cannot be both the file and the places: name one of them");
    }
    let printed = match files {
        [file] => of_one(context, arguments, file, &given).await,
        files => of_many(context, arguments, files, given).await,
    };
    context.stats.read = Some(started.elapsed());
    printed
}

/// The values of one file at the places of the arguments, else of standard input: as they come, so that their number does not matter.
async fn of_one(
    context: &mut Context,
    arguments: &cli::Point,
    file: &OsString,
    given: &[(f64, f64)],
) -> anyhow::Result<Exit> {
    let cog = context.open(file, arguments.selection.page).await?;
    if let Some(crs) = &arguments.crs {
        warn_of_ballpark(context, &cog, crs)?;
    }
    let asked = Asked::of(&cog, arguments)?;
    let input = file.to_string_lossy();
    let mut printer = Printer::new(arguments, false);
    let mut exit = Exit::Done;
    let source = asked.source(&input);
    if given.is_empty() {
        let mut lines = Lines::of_stdin();
        while let Some(places) = next(&mut lines, asked.most, &mut exit).await? {
            for places in places.chunks(asked.most) {
                stdout::print(printer.values(&source, &asked.points(places).await?, places)?.as_bytes())?;
            }
        }
    } else {
        for places in given.chunks(asked.most) {
            stdout::print(printer.values(&source, &asked.points(places).await?, places)?.as_bytes())?;
        }
    }
    stdout::print(printer.end().as_bytes())?;
    context.done(&cog);
    Ok(exit)
}

/// The values of many files, one behind the other; the bad ones are named at the end.
async fn of_many<'a>(
    context: &mut Context,
    arguments: &cli::Point,
    files: &'a [OsString],
    mut places: Vec<(f64, f64)>,
) -> anyhow::Result<Exit> {
    let mut exit = Exit::Done;
    if places.is_empty() {
        let mut lines = Lines::of_stdin();
        while let Some(more) = next(&mut lines, MOST_PLACES, &mut exit).await? {
            places.extend(more);
        }
    }
    let (session, places) = (context.session.clone(), &places[..]);
    let one = |(index, file): (usize, &'a OsString)| read(&session, arguments, (index, files.len()), file, places);
    let mut all = stream::iter(files.iter().enumerate()).map(one).buffered(AT_ONCE).boxed_local();
    let mut printer = Printer::new(arguments, true);
    let mut failures: Vec<anyhow::Error> = Vec::new();
    while let Some(found) = all.next().await {
        let printed = found.and_then(|(input, cog, expressions, chunks)| {
            context.done(&cog);
            let expressions = expressions.as_ref().map(Expressions::texts);
            let source = Source { input: &input, location: cog.location(), expressions };
            let mut text = printer.begin(&source);
            for (points, places) in &chunks {
                text += &printer.values(&source, points, places)?;
            }
            Ok(text)
        });
        match printed {
            Ok(text) => stdout::print(text.as_bytes())?,
            Err(error) => failures.push(error),
        }
    }
    stdout::print(printer.end().as_bytes())?;
    Ok(failures.iter().fold(exit, |exit, error| exit.and(fail(error))))
}

/// What a file has at all places.
type Found<'a> = (String, Cog, Option<Expressions>, Vec<(Points, &'a [(f64, f64)])>);

async fn read<'a>(
    session: &Session,
    arguments: &cli::Point,
    (index, count): (usize, usize),
    file: &'a OsString,
    places: &'a [(f64, f64)],
) -> anyhow::Result<Found<'a>> {
    // What cannot be parsed may hold a secret and is not repeated: its place has to do.
    let place = open::place(file).with_context(|| format!("location {} of {count}", index + 1))?;
    let cog = open::page(session, &place, arguments.selection.page).await?;
    let asked = Asked::of(&cog, arguments)?;
    let mut chunks = Vec::new();
    for places in places.chunks(asked.most) {
        chunks.push((asked.points(places).await?, places));
    }
    let expressions = asked.expressions;
    Ok((file.to_string_lossy().into_owned(), cog, expressions, chunks))
}

/// The places of some lines; lines that are none are named.
async fn next(lines: &mut Lines, most: usize, exit: &mut Exit) -> anyhow::Result<Option<Vec<(f64, f64)>>> {
    let Some(lines) = lines.next(most).await.context("cannot read standard input")? else { return Ok(None) };
    let mut places = Vec::new();
    for line in lines {
        match line {
            Line::Place(place) => places.push(place),
            Line::Bad(number, text) => {
                *exit = Exit::Failed;
                let text = shortened(&text, SHOWN_CHARACTERS);
                stderr::line(&format!("cog: line {number} of standard input is not a pair of numbers: {text:?}"));
            }
        }
    }
    Ok(Some(places))
}

/// What is asked of a file.
struct Asked<'a> {
    cog: Cog,
    arguments: &'a cli::Point,
    expressions: Option<Expressions>,
    /// Places at once.
    most: usize,
}

impl<'a> Asked<'a> {
    fn of(cog: &Cog, arguments: &'a cli::Point) -> anyhow::Result<Asked<'a>> {
        let expressions = Expressions::of(cog, &arguments.selection, &arguments.tuning)?;
        let bands = match (&expressions, &arguments.selection.bands) {
            (Some(expressions), _) => expressions.bands().count().max(expressions.texts().len()),
            (None, Some(bands)) => bands.len(),
            (None, None) => cog.profile()?.count.into(),
        };
        let most = (MOST_SAMPLES / bands.max(1)).clamp(1, MOST_PLACES);
        Ok(Asked { cog: cog.clone(), arguments, expressions, most })
    }

    fn source<'b>(&'b self, input: &'b str) -> Source<'b> {
        let expressions = self.expressions.as_ref().map(Expressions::texts);
        Source { input, location: self.cog.location(), expressions }
    }

    async fn points(&self, places: &[(f64, f64)]) -> anyhow::Result<Points> {
        let arguments = self.arguments;
        let own = in_file(&self.cog, arguments, places)?;
        let mut request = self.cog.points(own).level(arguments.level).interpolation(arguments.interpolation);
        request = select!(request, arguments.selection);
        if let Some(expressions) = &self.expressions {
            request = request.bands(expressions.bands());
        }
        if arguments.pixels {
            request = request.in_pixels();
        }
        if arguments.unscale {
            request = request.unscale();
        }
        let points = request.await?;
        match &self.expressions {
            Some(expressions) => expressions.apply_to_points(points),
            None => Ok(points),
        }
    }
}

/// Places in the CRS of the file; not-a-number where it has no such place.
fn in_file(cog: &Cog, arguments: &cli::Point, places: &[(f64, f64)]) -> anyhow::Result<Vec<(f64, f64)>> {
    let Some(crs) = &arguments.crs else { return Ok(places.to_vec()) };
    Ok(places_of(cog, crs, places.iter().copied())?)
}

fn pairs(numbers: &[f64]) -> anyhow::Result<Vec<(f64, f64)>> {
    let (pairs, rest) = numbers.as_chunks::<2>();
    if let [odd] = rest {
        bail!("{odd} has no partner: coordinates come in pairs, X Y");
    }
    Ok(pairs.iter().map(|[x, y]| (*x, *y)).collect())
}
