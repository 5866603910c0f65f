//! One command over many files: opened side by side, answered in the order of the command line, the bad ones named at the end.

use std::ffi::{OsStr, OsString};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use cog_read::{Cog, Session};
use futures_util::{StreamExt, stream};
use serde_json::{Map, Value, json};

use crate::cli::Answers;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::fail;
use crate::open;
use crate::output::json_list::JsonList;
use crate::output::{field, stdout};
use crate::progress::Progress;

/// How many files are worked on at once.
const AT_ONCE: usize = 16;

/// The files of a command.
pub(crate) struct Files<'a> {
    locations: &'a [OsString],
    page: usize,
    form: Form,
    /// Paths of values, of [`Form::Fields`].
    fields: &'a [String],
}

/// How answers are printed.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Text,
    Json,
    JsonList,
    /// An object in a line.
    Lines,
    /// Single values.
    Fields,
    /// GeoJSON: a Feature in a line.
    Feature,
    /// A FeatureCollection with a Feature in each line.
    Features,
}

/// What a command says of one file.
pub(crate) enum Answer {
    Text(String),
    /// An object, to which is added where it comes from: `input`, `location`.
    Json(Value),
    /// JSON whose form a standard fixes: alone it stands as it is, in a list it is an answer like others.
    Standard(Value),
    /// A Feature of GeoJSON, to whose properties is added where it comes from.
    Feature(Value),
}

/// An answer that waits for its turn.
struct Ready {
    cog: Cog,
    /// Since the first of the files was asked for.
    opened: Duration,
    answer: Answer,
}

impl<'a> Files<'a> {
    /// JSON of several files is a list, and of one if that is wanted.
    pub(crate) fn new(locations: &'a [OsString], page: usize, json: bool, list: bool) -> Files<'a> {
        let form = match (json, list || locations.len() > 1) {
            (false, _) => Form::Text,
            (true, false) => Form::Json,
            (true, true) => Form::JsonList,
        };
        Files { locations, page, form, fields: &[] }
    }

    /// As the arguments say.
    pub(crate) fn answered(locations: &'a [OsString], page: usize, answers: &'a Answers) -> Files<'a> {
        let files = Files { fields: &answers.field, ..Files::new(locations, page, answers.json, answers.list) };
        match (answers.ndjson, answers.field.is_empty()) {
            (true, _) => Files { form: Form::Lines, ..files },
            (false, false) => Files { form: Form::Fields, ..files },
            (false, true) => files,
        }
    }

    /// GeoJSON: a FeatureCollection for several files, and for one if that is wanted.
    pub(crate) fn features(locations: &'a [OsString], page: usize, list: bool) -> Files<'a> {
        let form = if list || locations.len() > 1 { Form::Features } else { Form::Feature };
        Files { locations, page, form, fields: &[] }
    }

    /// GeoJSON too: a Feature in each line.
    pub(crate) fn feature_lines(locations: &'a [OsString], page: usize) -> Files<'a> {
        Files { locations, page, form: Form::Feature, fields: &[] }
    }

    /// More than one, so that each has to say which it is.
    pub(crate) fn many(&self) -> bool {
        self.locations.len() > 1
    }

    /// Prints the answer for each file that has one, as soon as those before it are printed; then names the others.
    pub(crate) async fn answer(
        &self,
        context: &mut Context,
        work: impl AsyncFn(&Cog) -> anyhow::Result<Answer>,
    ) -> anyhow::Result<Exit> {
        let started = Instant::now();
        let session = context.session.clone();
        let (session, work) = (&session, &work);
        let one = |(index, typed): (usize, &'a OsString)| async move {
            let cog = self.open(session, index, typed).await?;
            let opened = started.elapsed();
            let answer = work(&cog).await?;
            anyhow::Ok((typed, Ready { cog, opened, answer }))
        };
        let mut all = stream::iter(self.locations.iter().enumerate()).map(one).buffered(AT_ONCE).boxed_local();
        let list = if self.form == Form::Features { JsonList::of_features() } else { JsonList::default() };
        let mut printer = Printer { form: self.form, list, fields: self.fields, tight: false, wrong: None };
        let mut failures: Vec<anyhow::Error> = Vec::new();
        let mut printed = Ok(());
        let progress = Progress::of_files(context.quiet || !self.many(), self.locations.len());
        let mut done = 0;
        while let Some(result) = all.next().await {
            done += 1;
            progress.files_done(done, session.io().stats().bytes);
            match result {
                Ok((typed, Ready { cog, opened, answer })) => {
                    context.done(&cog);
                    context.stats.open = context.stats.open.max(opened);
                    match printer.text(typed, &cog, answer) {
                        Ok(text) => printed = progress.aside(|| stdout::print(text.as_bytes())),
                        Err(error) => failures.push(error),
                    }
                    failures.extend(printer.wrong.take());
                }
                Err(error) => failures.push(error),
            }
            if printed.is_err() {
                break;
            }
        }
        drop(progress);
        if printed.is_ok() && matches!(self.form, Form::JsonList | Form::Features) {
            printed = stdout::print(printer.list.end().as_bytes());
        }
        let failed = failures.iter().fold(Exit::Done, |exit, error| exit.and(fail(error)));
        Ok(printed.map_or_else(|error| failed.and(fail(&error)), |()| failed))
    }

    async fn open(&self, session: &Session, index: usize, typed: &OsStr) -> anyhow::Result<Cog> {
        match open::place(typed) {
            Ok(place) => open::page(session, &place, self.page).await,
            // What cannot be parsed may hold a secret and is not repeated: its place has to do.
            Err(error) if self.many() => {
                Err(anyhow::Error::new(error).context(format!("location {} of {}", index + 1, self.locations.len())))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Prints one answer behind the other.
struct Printer<'a> {
    form: Form,
    list: JsonList,
    fields: &'a [String],
    /// The last text did not end with an empty line.
    tight: bool,
    /// What the last answer lacks.
    wrong: Option<anyhow::Error>,
}

impl Printer<'_> {
    /// What is printed for a file.
    ///
    /// # Errors
    /// What JSON cannot say.
    fn text(&mut self, typed: &OsStr, cog: &Cog, answer: Answer) -> anyhow::Result<String> {
        Ok(match answer {
            Answer::Text(text) => {
                let gap = if self.tight { "\n" } else { "" };
                self.tight = !text.ends_with("\n\n");
                format!("{gap}{text}")
            }
            Answer::Feature(mut value) => {
                if let Some(properties) = value.get_mut("properties") {
                    *properties = with_source(typed, cog, properties.take());
                }
                if self.form == Form::Features { self.list.item(&value)? } else { format!("{value}\n") }
            }
            Answer::Standard(value) if self.form == Form::Json => pretty(&value)?,
            Answer::Standard(value) | Answer::Json(value) => {
                let value = with_source(typed, cog, value);
                match self.form {
                    Form::JsonList => self.list.item(&value)?,
                    Form::Lines => format!("{value}\n"),
                    Form::Fields => {
                        let (line, wrong) = field::line(&value, self.fields);
                        self.wrong = wrong.map(|path| {
                            anyhow!("{}: there is no '{path}': it has {}", cog.location(), field::names(&value))
                        });
                        line
                    }
                    _ => pretty(&value)?,
                }
            }
        })
    }
}

fn pretty(value: &Value) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// The answer behind what was typed, by which a script finds it, and where that led, by which people do.
fn with_source(typed: &OsStr, cog: &Cog, answer: Value) -> Value {
    let mut map = Map::new();
    map.insert("input".into(), json!(typed.to_string_lossy()));
    map.insert("location".into(), json!(cog.location()));
    if let Value::Object(answer) = answer {
        for (name, value) in answer {
            map.entry(name).or_insert(value);
        }
    }
    Value::Object(map)
}
