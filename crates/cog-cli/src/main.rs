//! `cog`: what a Cloud Optimized GeoTIFF is, and its pixels, from the shell.
#![forbid(unsafe_code)]

mod byte_size;
mod cli;
mod commands;
mod completion;
mod context;
mod description;
mod exit;
mod failure;
mod geography;
mod interrupt;
mod logs;
mod open;
mod output;
mod progress;
mod run_stats;
mod stdin;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::parse().map_or_else(ExitCode::from, |task| commands::run(&task).into())
}
