//! The workspace's chores: `cargo xtask test`, `cargo xtask fetch-fixtures`, `cargo xtask licences`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool")]

mod fixtures;
mod licences;
mod moto;
mod test;
mod test_environment;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The workspace's chores.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Run every test, with the Python readers and the S3 server that they need (made under target/)
    Test {
        /// Passed on to `cargo test` as they are, for example `-p cog-tiff` (instead of `--workspace`) or `-- --nocapture`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Bring the public test files that testdata/fixtures.json lists into testdata/fixtures, each verified
    FetchFixtures {
        /// Take them from this folder instead of the network
        #[arg(long, value_name = "DIR")]
        mirror: Option<PathBuf>,
        /// Print the table and fetch nothing
        #[arg(long)]
        list: bool,
    },
    /// Fail if a dependency's licence is not among those that deny.toml allows
    Licences,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().chore {
        // As typed: clap takes a leading `--` for its own, and cargo needs it.
        Chore::Test { .. } => test::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        Chore::FetchFixtures { list: true, .. } => fixtures::list(),
        Chore::FetchFixtures { mirror, .. } => fixtures::fetch(mirror.as_deref()),
        Chore::Licences => licences::check(),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
