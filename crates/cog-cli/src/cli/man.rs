//! Arguments of `cog man`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  cog man | man -l -\n  cog man read | man -l -\n  cog man --dir ~/.local/share/man/man1"
)]
pub(crate) struct Man {
    /// The page of this command; that of cog itself unless given.
    #[arg(value_name = "COMMAND", conflicts_with = "dir")]
    pub(crate) command: Option<String>,
    /// Write the pages of all commands into this folder, which is there: cog.1, cog-info.1 …
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) dir: Option<PathBuf>,
}
