//! `cog validate`: are files valid COGs, and why not.

mod checked;
mod inputs;
mod printer;

use anyhow::{Context as _, bail};
use futures_util::{StreamExt, stream};

use crate::cli;
use crate::commands::convert;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::fail;
use crate::progress::Progress;
use checked::check;
use inputs::Input;
use printer::Printer;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Validate) -> anyhow::Result<Exit> {
    let inputs = inputs::all(&context.session, &arguments.files).await?;
    if arguments.fix.is_some() && inputs.len() != 1 {
        bail!("--fix is for one file, not for {}", inputs.len());
    }
    let many = inputs.len() > 1 || arguments.fix.is_some();
    let session = context.session.clone();
    let side_cars = context.side_cars();
    let one = |input: Input| {
        let session = &session;
        async move { check(session, input, arguments, side_cars).await }
    };
    let progress = Progress::of_files(context.quiet || !many, inputs.len());
    let mut printer = Printer::new(arguments, many);
    let mut all = stream::iter(inputs).map(one).buffered(usize::from(arguments.at_once));
    let (mut exit, mut done) = (Exit::Done, 0);
    let mut printed = Ok(());
    while let Some(checked) = all.next().await {
        done += 1;
        progress.files_done(done, session.io().stats().bytes);
        context.ranges += checked.ranges;
        exit = worse(exit, checked.exit(arguments));
        printed = progress.aside(|| printer.print(checked));
        if printed.is_err() {
            break;
        }
    }
    drop(all);
    drop(progress);
    if let Some(out) = arguments.fix.as_ref().filter(|_| printed.is_ok() && exit != Exit::Unchecked) {
        let file = arguments.files.first().context("a file is needed")?;
        convert::run(context, &cli::Convert::plain(file, out)?).await?;
        for fixed in inputs::all(&context.session, &[out.into()]).await? {
            let checked = check(&context.session, fixed, arguments, side_cars).await;
            exit = checked.exit(arguments);
            printed = printed.and_then(|()| printer.print(checked));
        }
    }
    context.stats.open = context.stats.elapsed();
    printed = printed.and_then(|()| printer.end());
    Ok(printed.map_or_else(|error| worse(exit, fail(&error)), |()| exit))
}

/// Of two ends the one that says more: a file that could not be checked outranks one that is not valid.
fn worse(a: Exit, b: Exit) -> Exit {
    let rank = |exit| match exit {
        Exit::Done => 0,
        Exit::Failed => 1,
        Exit::Unchecked => 2,
        _ => 3,
    };
    if rank(b) > rank(a) { b } else { a }
}
