//! The workspace's chores: `cargo xtask test`, `cargo xtask bench`, `cargo xtask fetch-fixtures`, `cargo xtask rooms`,
//! `cargo xtask licences`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool")]

mod attended;
mod azurite;
mod bench;
mod bench_convert;
mod bench_encode;
mod bench_expression;
mod bench_requests;
mod bench_transforms;
mod bench_validate;
mod bench_warp;
mod bench_write;
mod benchmarks_file;
mod fixtures;
mod licences;
mod moto;
mod nginx;
mod rooms;
mod test;
mod test_environment;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

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
    /// Measure against other readers
    Bench {
        #[command(subcommand)]
        what: Bench,
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
    /// Show how files and crates use each other; fail where arrows run upward or files stand in a circle
    Rooms {
        /// Only these crates
        crates: Vec<String>,
    },
    /// Fail if a dependency's licence is not among those that deny.toml allows
    Licences,
}

#[derive(Subcommand)]
enum Bench {
    /// Whole images of local files with every codec, next to GDAL, tifffile and async-tiff; writes its section of BENCHMARKS.md
    Decode(Measure),
    /// Reduced and enlarged parts by every resampling method, next to GDAL; writes its section of BENCHMARKS.md
    Read(Measure),
    /// Requests and bytes that reading over HTTP takes, next to GDAL and async-geotiff; writes its section of BENCHMARKS.md
    Requests {
        /// How often each reader does each task; the middle time counts
        #[arg(long, value_name = "N", default_value_t = 3)]
        rounds: u32,
    },
    /// Band maths over arrays, next to numexpr and NumPy; writes its section of BENCHMARKS.md
    Expression {
        /// How often each of them evaluates; the best time counts
        #[arg(long, value_name = "N", default_value_t = 7)]
        rounds: u32,
    },
    /// Coordinates from one CRS to another, next to pyproj; writes its section of BENCHMARKS.md
    Transforms {
        /// How often each of them converts the points; the best time counts
        #[arg(long, value_name = "N", default_value_t = 7)]
        rounds: u32,
    },
    /// Verdicts on 1,000 local files, next to rio-cogeo; writes its section of BENCHMARKS.md
    Validate {
        /// How often each of them checks all files; the best time counts
        #[arg(long, value_name = "N", default_value_t = 5)]
        rounds: u32,
    },
    /// Files made into COGs, next to GDAL's COG driver and rio-cogeo; writes its section of BENCHMARKS.md
    Convert {
        /// How often each of them converts; the best time counts
        #[arg(long, value_name = "N", default_value_t = 2)]
        rounds: u32,
        /// Pixels along the sides of the images; below 4096 the tables are printed only
        #[arg(long, value_name = "PIXELS", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1024..))]
        side: u32,
    },
    /// Blocks encoded with every codec, next to libtiff and imagecodecs; writes its section of BENCHMARKS.md
    Encode {
        /// How often each of them encodes; the best time counts
        #[arg(long, value_name = "N", default_value_t = 5)]
        rounds: u32,
    },
    /// Arrays written to files, beside reading them; writes its section of BENCHMARKS.md
    Write {
        /// How often each is done; the best time counts
        #[arg(long, value_name = "N", default_value_t = 7)]
        rounds: u32,
    },
    /// Arrays in another CRS, next to GDAL; writes its section of BENCHMARKS.md
    Warp {
        /// How often each of them warps; the best time counts
        #[arg(long, value_name = "N", default_value_t = 5)]
        rounds: u32,
    },
}

#[derive(Args)]
struct Measure {
    /// Images of 2048 × 2048 pixels instead of 4096 × 4096, and fewer rounds
    #[arg(long)]
    quick: bool,
    /// How often each reader reads each file; the best time counts
    #[arg(long, value_name = "N")]
    rounds: Option<u32>,
    /// Only inputs whose file name contains this, for example lzw or u16; prints the tables, leaves BENCHMARKS.md alone
    #[arg(long, value_name = "PART")]
    only: Vec<String>,
    /// With only so many threads, 1 or 2; prints the tables, leaves BENCHMARKS.md alone
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=2))]
    threads: Option<u8>,
}

impl From<Measure> for bench::Options {
    fn from(Measure { quick, rounds, only, threads }: Measure) -> Self {
        bench::Options { quick, rounds, only, threads: threads.map(usize::from) }
    }
}

fn main() -> ExitCode {
    let done = match Arguments::parse().chore {
        // As typed: clap takes a leading `--` for its own, and cargo needs it.
        Chore::Test { .. } => test::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        Chore::Bench { what: Bench::Decode(measure) } => bench::decode(&measure.into()),
        Chore::Bench { what: Bench::Read(measure) } => bench::read(&measure.into()),
        Chore::Bench { what: Bench::Requests { rounds } } => bench_requests::run(rounds),
        Chore::Bench { what: Bench::Expression { rounds } } => bench_expression::run(rounds),
        Chore::Bench { what: Bench::Transforms { rounds } } => bench_transforms::run(rounds),
        Chore::Bench { what: Bench::Validate { rounds } } => bench_validate::run(rounds),
        Chore::Bench { what: Bench::Convert { rounds, side } } => bench_convert::run(rounds, side),
        Chore::Bench { what: Bench::Encode { rounds } } => bench_encode::run(rounds),
        Chore::Bench { what: Bench::Warp { rounds } } => bench_warp::run(rounds),
        Chore::Bench { what: Bench::Write { rounds } } => bench_write::run(rounds),
        Chore::FetchFixtures { list: true, .. } => fixtures::list(),
        Chore::FetchFixtures { mirror, .. } => fixtures::fetch(mirror.as_deref()),
        Chore::Rooms { crates } => rooms::check(&crates),
        Chore::Licences => licences::check(),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
