//! How much of the machine a command takes.

use clap::Args;

/// How much of the machine.
#[derive(Args, Debug)]
pub(crate) struct Tuning {
    /// Decoding threads; the default is one for each processor.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
    /// Refuse to produce more than this; the default is half of the machine's memory.
    #[arg(long, value_name = "SIZE", value_parser = crate::byte_size::parse)]
    pub(crate) max_output: Option<u64>,
}
