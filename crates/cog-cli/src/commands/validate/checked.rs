//! One file, checked.

use std::ffi::OsString;

use cog_read::Session;
use cog_read::io::{LocationKind, Source, Stats};
use cog_validate::{Report, Validation};

use super::inputs::{Input, Place};
use crate::cli;
use crate::exit::Exit;
use crate::failure;
use crate::stdin;

/// What came of a file.
pub(super) struct Checked {
    pub(super) typed: OsString,
    /// What it is called: redacted.
    pub(super) location: Option<String>,
    pub(super) report: anyhow::Result<Report>,
    pub(super) requests: u64,
    pub(super) bytes: u64,
    pub(super) ranges: u64,
}

/// Checks a file.
pub(super) async fn check(session: &Session, input: Input, arguments: &cli::Validate, side_cars: bool) -> Checked {
    let Input { typed, place } = input;
    let mut checked =
        Checked { typed, location: None, report: Ok(Report::default()), requests: 0, bytes: 0, ranges: 0 };
    let mut sources = Vec::new();
    checked.report = report(session, place, arguments, side_cars, &mut sources).await;
    checked.location = sources.first().map(|source| source.location().to_owned());
    for Stats { requests, bytes, ranges, .. } in sources.iter().map(Source::stats) {
        checked.requests += requests;
        checked.bytes += bytes;
        checked.ranges += ranges.len() as u64;
    }
    checked
}

async fn report(
    session: &Session,
    place: anyhow::Result<Place>,
    arguments: &cli::Validate,
    side_cars: bool,
    sources: &mut Vec<Source>,
) -> anyhow::Result<Report> {
    let io = session.io();
    let mut beside = None;
    let source = match place? {
        Place::StandardInput => stdin::source(session.limits().max_output_bytes)?,
        Place::At(location) => {
            let source = io.open(&location).await.map_err(cog_validate::Error::Io)?;
            // To look beside a remote file costs a request.
            if side_cars || matches!(location.kind(), LocationKind::Local(_)) {
                beside = io.open(&location.with_suffix(".ovr")).await.ok();
            }
            source
        }
    };
    sources.push(source.clone());
    let mut validation =
        Validation::of(source).limits(session.limits().parse.clone()).first_read(io.config().ingested_bytes_at_open);
    if let Some(beside) = beside {
        sources.push(beside.clone());
        validation = validation.overviews_beside(beside);
    }
    if arguments.full || arguments.header_only {
        validation = validation.full(arguments.full);
    }
    Ok(validation.run().await?)
}

impl Checked {
    /// Whether the file is valid for those who decide; `None` if that is not known.
    pub(super) fn is_valid(&self, arguments: &cli::Validate) -> Option<bool> {
        let report = self.report.as_ref().ok()?;
        let mut verdicts = arguments.rules.iter().filter_map(|rules| report.verdict(rules.authority()));
        Some(verdicts.all(|verdict| verdict.is_valid(arguments.strict)))
    }

    /// How the command ends if this is the only file.
    pub(super) fn exit(&self, arguments: &cli::Validate) -> Exit {
        match (self.is_valid(arguments), &self.report) {
            (Some(true), _) => Exit::Done,
            (Some(false), _) => Exit::Failed,
            (None, Err(error)) if failure::exit(error) == Exit::Bug => Exit::Bug,
            _ => Exit::Unchecked,
        }
    }
}
