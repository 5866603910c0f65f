//! Completion of arguments in shells.

mod bash;
mod install;
mod running;

use clap::{CommandFactory, ValueHint};

use crate::cli::{Cli, Shell};
use crate::exit::Exit;
use crate::output::stdout;

/// Prints what a shell has to read to complete the arguments of `cog`.
pub(crate) fn show(shell: Option<Shell>) -> anyhow::Result<Exit> {
    stdout::print(script(chosen(shell)?).as_bytes())?;
    Ok(Exit::Done)
}

/// Puts it where the shell finds it when it starts, and says where that is.
pub(crate) fn install(shell: Option<Shell>) -> anyhow::Result<Exit> {
    let shell = chosen(shell)?;
    let place = install::install(shell, &script(shell), &install::Folders::of_user()?)?;
    let text = format!(
        "Completion for {} is installed in {}\nIt works in each shell started from now on\n",
        name(shell),
        place.display()
    );
    stdout::print(text.as_bytes())?;
    Ok(Exit::Done)
}

fn chosen(shell: Option<Shell>) -> anyhow::Result<Shell> {
    shell.or_else(running::shell).ok_or_else(|| {
        anyhow::anyhow!("which shell this is cannot be told: name it, one of bash, zsh, fish, powershell, elvish")
    })
}

fn name(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => "bash",
        Shell::Zsh => "zsh",
        Shell::Fish => "fish",
        Shell::Pwsh => "PowerShell",
        Shell::Elvish => "elvish",
    }
}

const FISH_SHELLS: &str =
    "complete -c cog -n \"__fish_cog_using_subcommand completions\" -f -a \"bash zsh fish powershell elvish\"\n";

fn script(shell: Shell) -> String {
    use clap_complete::Shell as S;

    let made = match shell {
        Shell::Bash => S::Bash,
        Shell::Zsh => S::Zsh,
        Shell::Fish => S::Fish,
        Shell::Pwsh => S::PowerShell,
        Shell::Elvish => S::Elvish,
    };
    let mut bytes = Vec::new();
    let mut command = Cli::command();
    clap_complete::generate(made, &mut command, "cog", &mut bytes);
    let script = String::from_utf8_lossy(&bytes).into_owned();
    match shell {
        Shell::Bash => {}
        // Values of positional arguments are what clap's completion for fish lacks.
        Shell::Fish => return script + FISH_SHELLS,
        _ => return script,
    }
    let takes_files = |command: &&clap::Command| {
        command.get_positionals().any(|argument| argument.get_value_hint() == ValueHint::AnyPath)
    };
    let names: Vec<String> =
        command.get_subcommands().filter(takes_files).map(|command| command.get_name().to_owned()).collect();
    bash::with_files(&script, &names)
}
