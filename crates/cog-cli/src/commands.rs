//! One file a command.

mod arrays;
mod bounds;
mod convert;
mod create_tms;
mod expressions;
mod files;
mod geotiff;
mod info;
mod listed;
mod look;
mod man;
mod mosaic;
mod own_grid;
mod point;
mod preview;
mod read;
mod rows;
mod stac;
mod stats;
mod tags;
mod tile;
mod tms;
mod validate;
mod warped;

use cog_read::SessionOptions;

use crate::cli::{Command, Global, Task};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::fail;
use crate::output::stderr;
use crate::{completion, interrupt, logs};

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
    let mut context = Context::new(options, global);
    let result = runtime.block_on(async {
        match command {
            Command::Info(arguments) => info::run(&mut context, arguments).await,
            Command::Tags(arguments) => tags::run(&mut context, arguments).await,
            Command::Bounds(arguments) => bounds::run(&mut context, arguments).await,
            Command::Tms(arguments) => tms::run(&mut context, arguments).await,
            Command::CreateTms(arguments) => create_tms::run(&mut context, arguments).await,
            Command::Read(arguments) => read::run(&mut context, arguments).await.map(|()| Exit::Done),
            Command::Convert(arguments) => convert::run(&mut context, arguments).await.map(|()| Exit::Done),
            Command::Tile(arguments) => tile::run(&mut context, arguments).await.map(|()| Exit::Done),
            Command::Point(arguments) => point::run(&mut context, arguments).await,
            Command::Stats(arguments) => stats::run(&mut context, arguments).await,
            Command::Preview(arguments) => preview::run(&mut context, arguments).await.map(|()| Exit::Done),
            Command::Stac(arguments) => stac::run(&mut context, arguments).await,
            Command::Mosaic(arguments) => mosaic::run(&mut context, arguments).await.map(|()| Exit::Done),
            Command::Validate(arguments) => validate::run(&mut context, arguments).await,
            Command::Completions(arguments) => completion::show(arguments.shell),
            Command::Man(arguments) => man::run(arguments),
        }
    });
    let exit = result.unwrap_or_else(|error| fail(&error));
    if global.stats {
        stderr::line(&context.stats.line(&context.session, context.ranges));
    }
    Ok(exit)
}
