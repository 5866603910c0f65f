//! One file a command, and what all of them share: session, errors, exit code.
#![allow(clippy::print_stderr, reason = "errors and statistics of a command go to standard error")]

mod create_tms;
pub(crate) mod info;
mod point;
mod preview;
mod read;
mod stats;
mod tags;

use std::process::ExitCode;

use cog_read::{Cog, Session, SessionOptions};

use crate::cli::{Cli, Command};
use crate::output::text;
use crate::run_stats::RunStats;

/// What a command works with.
pub(crate) struct Context {
    pub(crate) session: Session,
    pub(crate) stats: RunStats,
    /// Ranges asked for by the files opened.
    pub(crate) ranges: u64,
}

/// Runs a command; 0 if all went well, 1 if not.
pub(crate) fn run(cli: Cli) -> ExitCode {
    match execute(cli) {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

fn execute(cli: Cli) -> anyhow::Result<ExitCode> {
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
    let mut context = Context { session: Session::new(options), stats: RunStats::start(), ranges: 0 };
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
    let code = match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    };
    if cli.stats {
        eprintln!("{}", context.stats.line(&context.session, context.ranges));
    }
    Ok(code)
}

/// Prints an error as one line.
fn fail(error: &anyhow::Error) -> ExitCode {
    // A reader that closed the pipe has seen enough.
    if error.chain().any(is_broken_pipe) {
        return ExitCode::SUCCESS;
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
    eprintln!("cog: {}{hint}", text::one_line(&message));
    ExitCode::FAILURE
}

fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    let kind = match (error.downcast_ref::<std::io::Error>(), error.downcast_ref::<serde_json::Error>()) {
        (Some(io), _) => Some(io.kind()),
        (_, Some(json)) => json.io_error_kind(),
        _ => None,
    };
    kind == Some(std::io::ErrorKind::BrokenPipe)
}

impl Context {
    /// Opens a file and adds the time to the statistics.
    pub(crate) async fn open(&mut self, location: &str, page: usize) -> anyhow::Result<Cog> {
        let started = std::time::Instant::now();
        let cog = self.session.open(location).await?;
        self.stats.open += started.elapsed();
        Ok(if page == 0 { cog } else { cog.page(page)? })
    }

    /// Counts the ranges of a file that is done with.
    pub(crate) fn done(&mut self, cog: &Cog) {
        self.ranges += cog.source().stats().ranges.len() as u64;
    }
}
