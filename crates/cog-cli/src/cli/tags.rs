//! Arguments of `cog tags`.

use clap::Args;

#[derive(Args, Debug)]
pub(crate) struct Tags {
    /// The file.
    #[arg(value_name = "LOCATION")]
    pub(crate) location: String,
    /// Only this IFD, counted from 0.
    #[arg(long, value_name = "N")]
    pub(crate) ifd: Option<usize>,
    /// Print JSON, with every value of every tag.
    #[arg(long)]
    pub(crate) json: bool,
}
