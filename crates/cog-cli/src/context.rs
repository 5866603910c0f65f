//! What a command works with: a session, what was asked for of all commands, and what it cost.

use std::ffi::{OsStr, OsString};

use cog_read::{Cog, Session, SessionOptions};

use crate::cli::Global;
use crate::open;
use crate::output::destination::{self, Wanted};
use crate::output::identity::Inputs;
use crate::output::stderr;
use crate::output::written::Output;
use crate::run_stats::RunStats;

/// What a command works with.
pub(crate) struct Context {
    pub(crate) session: Session,
    /// Whether side-cars are read.
    side_cars: bool,
    /// Whether nothing is said but errors.
    pub(crate) quiet: bool,
    pub(crate) stats: RunStats,
    /// Ranges asked for by the files opened.
    pub(crate) ranges: u64,
}

impl Context {
    /// Nothing is opened yet.
    pub(crate) fn new(options: SessionOptions, global: &Global) -> Context {
        Context {
            session: Session::new(options),
            side_cars: global.side_cars,
            quiet: global.verbosity.quiet,
            stats: RunStats::start(),
            ranges: 0,
        }
    }

    /// Opens a file and adds the time to the statistics.
    pub(crate) async fn open(&mut self, location: &OsStr, page: usize) -> anyhow::Result<Cog> {
        let started = std::time::Instant::now();
        let cog = open::page(&self.session, &open::place(location)?, page).await?;
        self.stats.open += started.elapsed();
        Ok(cog)
    }

    /// Makes what is needed to write the outputs of a command that reads `location`, so that what cannot be written is known
    /// before anything is read.
    ///
    /// # Errors
    /// Outputs that would harm the input or each other, and those that cannot be written.
    pub(crate) fn outputs(&self, location: &OsStr, wanted: &[Wanted<'_>]) -> anyhow::Result<Vec<Output>> {
        let settled = destination::settle(wanted, &Inputs::of(location, self.side_cars))?;
        settled.into_iter().map(Output::create).collect()
    }

    /// The same for a command that reads several locations.
    ///
    /// # Errors
    /// As [`outputs`](Self::outputs).
    pub(crate) fn outputs_of(&self, locations: &[OsString], wanted: &[Wanted<'_>]) -> anyhow::Result<Vec<Output>> {
        let settled = destination::settle(wanted, &Inputs::of_all(locations, self.side_cars))?;
        settled.into_iter().map(Output::create).collect()
    }

    /// Says what was done, on standard error.
    pub(crate) fn say(&self, line: &str) {
        if !self.quiet {
            stderr::line(line);
        }
    }

    /// Whether side-cars are read.
    pub(crate) fn side_cars(&self) -> bool {
        self.side_cars
    }

    /// Counts the ranges of a file that is done with.
    pub(crate) fn done(&mut self, cog: &Cog) {
        self.ranges += cog.source().stats().ranges.len() as u64;
    }
}
