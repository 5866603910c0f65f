//! Arguments of `cog create-tms`.

use clap::Args;

#[derive(Args, Debug)]
pub(crate) struct CreateTms {
    /// The file.
    #[arg(value_name = "LOCATION")]
    pub(crate) location: String,
    /// Identifier of the tile matrix set; the default is made from the file's name.
    #[arg(long)]
    pub(crate) identifier: Option<String>,
}
