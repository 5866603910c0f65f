//! How much of the machine a command takes.

use clap::Args;

/// A process that tries to start tens of thousands of threads is ended by the system.
pub(crate) const MOST_THREADS: u16 = 1024;

/// How much of the machine.
#[derive(Args, Debug)]
pub(crate) struct Tuning {
    /// Decoding threads; the default is one for each processor.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=i64::from(MOST_THREADS)))]
    pub(crate) threads: Option<u16>,
    /// Refuse to produce more than this; the default is half of the machine's memory.
    #[arg(long, value_name = "SIZE", value_parser = crate::byte_size::parse)]
    pub(crate) max_output: Option<u64>,
}
