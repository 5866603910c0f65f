//! `cog man`: the manual, page by page.

use std::fs;

use anyhow::{Context as _, bail};
use clap::CommandFactory;
use clap_mangen::Man;

use crate::cli::{self, Cli};
use crate::exit::Exit;
use crate::output::stdout;

pub(crate) fn run(arguments: &cli::Man) -> anyhow::Result<Exit> {
    let mut cog = Cli::command();
    // Pages of commands tell of options that all of them take.
    cog.build();
    match (&arguments.dir, &arguments.command) {
        (Some(folder), _) => {
            let commands = cog.get_subcommands().filter(|command| command.get_name() != "help");
            let mut pages = vec![("cog.1".to_owned(), page(&cog)?)];
            for command in commands {
                pages.push((format!("cog-{}.1", command.get_name()), page(command)?));
            }
            for (name, page) in pages {
                let path = folder.join(name);
                fs::write(&path, page).with_context(|| format!("cannot write {}", path.display()))?;
            }
        }
        (None, Some(name)) => match cog.find_subcommand(name) {
            Some(command) => stdout::print(&page(command)?)?,
            None => bail!("'{name}' is no command of cog: cog --help lists them"),
        },
        (None, None) => stdout::print(&page(&cog)?)?,
    }
    Ok(Exit::Done)
}

/// In roff.
fn page(command: &clap::Command) -> anyhow::Result<Vec<u8>> {
    let name = command.get_bin_name().unwrap_or("cog").replace(' ', "-");
    let mut page = Vec::new();
    Man::new(command.clone()).title(name.to_uppercase()).render(&mut page)?;
    Ok(page)
}
