//! `cog`: what a Cloud Optimized GeoTIFF is, and its pixels, from the shell.
#![forbid(unsafe_code)]

mod byte_size;
mod cli;
mod commands;
mod output;
mod run_stats;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::run(cli::parse())
}
