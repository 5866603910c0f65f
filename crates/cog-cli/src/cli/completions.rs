//! Arguments of `cog completions`, and the shells.

use clap::{Args, ValueEnum};

#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cog completions bash > cog.bash")]
pub(crate) struct Completions {
    /// The shell; the one this runs in unless given.
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Option<Shell>,
}

/// The shells that can complete what is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell", alias = "pwsh")]
    Pwsh,
    Elvish,
}
