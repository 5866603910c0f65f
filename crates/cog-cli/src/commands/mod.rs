//! One file a command, and what all of them share: session, errors, exit code.

mod create_tms;
mod files;
pub(crate) mod info;
mod open;
mod point;
mod preview;
mod read;
mod stats;
mod tags;

use std::ffi::OsStr;

use cog_read::{Cog, Session, SessionOptions};

use crate::cli::{Command, Global, Task};
use crate::exit::Exit;
use crate::output::destination::{self, Refused, Wanted};
use crate::output::identity::Inputs;
use crate::output::written::Output;
use crate::output::{stderr, stdout};
use crate::run_stats::RunStats;
use crate::{completion, interrupt, logs};

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

/// Does what was asked for.
pub(crate) fn run(task: &Task) -> Exit {
    let done = match task {
        Task::Run(command, global) => execute(command, global),
        Task::ShowCompletion(shell) => completion::show(*shell),
        Task::InstallCompletion(shell) => completion::install(*shell),
    };
    done.unwrap_or_else(|error| fail(&error))
}

fn execute(command: &Command, global: &Global) -> anyhow::Result<Exit> {
    logs::start(&global.verbosity);
    let mut options = SessionOptions::from_env()?.with_side_cars(global.side_cars);
    if global.no_pin {
        options.io.pin = false;
    }
    if let Some(tuning) = command.tuning() {
        if let Some(threads) = tuning.threads {
            options = options.with_threads(usize::from(threads));
        }
        if let Some(bytes) = tuning.max_output {
            let mut limits = options.limits.clone();
            limits.max_output_bytes = bytes;
            options = options.with_limits(limits);
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    interrupt::install()?;
    let mut context = Context {
        session: Session::new(options),
        side_cars: global.side_cars,
        quiet: global.verbosity.quiet,
        stats: RunStats::start(),
        ranges: 0,
    };
    let result = runtime.block_on(async {
        match command {
            Command::Info(arguments) => info::run(&mut context, arguments).await,
            Command::Tags(arguments) => tags::run(&mut context, arguments).await,
            Command::CreateTms(arguments) => create_tms::run(&mut context, arguments).await,
            Command::Read(arguments) => read::run(&mut context, arguments).await.map(|()| Exit::Done),
            Command::Point(arguments) => point::run(&mut context, arguments).await,
            Command::Stats(arguments) => stats::run(&mut context, arguments).await,
            Command::Preview(arguments) => preview::run(&mut context, arguments).await.map(|()| Exit::Done),
            Command::Completions(arguments) => completion::show(arguments.shell),
        }
    });
    let exit = result.unwrap_or_else(|error| fail(&error));
    if global.stats {
        stderr::line(&context.stats.line(&context.session, context.ranges));
    }
    Ok(exit)
}

/// Prints an error as one line.
fn fail(error: &anyhow::Error) -> Exit {
    if stdout::is_closed_pipe(error) {
        return Exit::Done;
    }
    let hint = match error.downcast_ref::<cog_read::Error>() {
        Some(cog_read::Error::TooLarge { .. }) => "; --max-output raises it",
        _ => "",
    };
    // An error of the library names its cause itself; others are told with the whole chain.
    let message = match error.downcast_ref::<cog_read::Error>() {
        Some(error) => error.to_string(),
        None => format!("{error:#}"),
    };
    stderr::line(&format!("cog: {message}{hint}"));
    match error.is::<Refused>() {
        true => Exit::Usage,
        false => Exit::Failed,
    }
}

impl Context {
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

    /// Says what was done, on standard error.
    pub(crate) fn say(&self, line: &str) {
        if !self.quiet {
            stderr::line(line);
        }
    }

    /// Counts the ranges of a file that is done with.
    pub(crate) fn done(&mut self, cog: &Cog) {
        self.ranges += cog.source().stats().ranges.len() as u64;
    }
}
