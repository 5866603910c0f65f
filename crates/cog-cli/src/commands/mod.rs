//! One file a command, and what all of them share: session, errors, exit code.

mod create_tms;
pub(crate) mod info;
mod point;
mod preview;
mod read;
mod stats;
mod tags;

use cog_read::{Cog, Session, SessionOptions};

use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::output::destination::{self, Refused, Wanted};
use crate::output::identity::Inputs;
use crate::output::written::Output;
use crate::output::{stderr, stdout};
use crate::run_stats::RunStats;
use crate::{interrupt, logs, stdin};

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

/// Runs a command.
pub(crate) fn run(cli: &Cli) -> Exit {
    execute(cli).unwrap_or_else(|error| fail(&error))
}

fn execute(cli: &Cli) -> anyhow::Result<Exit> {
    logs::start(&cli.verbosity);
    let mut options = SessionOptions::from_env()?.with_side_cars(cli.side_cars);
    if let Some(tuning) = cli.command.tuning() {
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
        side_cars: cli.side_cars,
        quiet: cli.verbosity.quiet,
        stats: RunStats::start(),
        ranges: 0,
    };
    let result = runtime.block_on(async {
        match &cli.command {
            Command::Info(arguments) => info::run(&mut context, arguments).await,
            Command::Tags(arguments) => tags::run(&mut context, arguments).await,
            Command::CreateTms(arguments) => create_tms::run(&mut context, arguments).await,
            Command::Read(arguments) => read::run(&mut context, arguments).await,
            Command::Point(arguments) => point::run(&mut context, arguments).await,
            Command::Stats(arguments) => stats::run(&mut context, arguments).await,
            Command::Preview(arguments) => preview::run(&mut context, arguments).await,
        }
    });
    let exit = match result {
        Ok(()) => Exit::Done,
        Err(error) => fail(&error),
    };
    if cli.stats {
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
    pub(crate) async fn open(&mut self, location: &str, page: usize) -> anyhow::Result<Cog> {
        let started = std::time::Instant::now();
        let cog = match location {
            "-" => self.session.open_source(stdin::source(self.session.limits().max_output_bytes)?).await?,
            _ => self.session.open(location).await?,
        };
        self.stats.open += started.elapsed();
        Ok(if page == 0 { cog } else { cog.page(page)? })
    }

    /// Makes what is needed to write the outputs of a command that reads `location`, so that what cannot be written is known
    /// before anything is read.
    ///
    /// # Errors
    /// Outputs that would harm the input or each other, and those that cannot be written.
    pub(crate) fn outputs(&self, location: &str, wanted: &[Wanted<'_>]) -> anyhow::Result<Vec<Output>> {
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
