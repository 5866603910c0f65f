//! Arguments of `cog create-tms`.

use std::ffi::OsString;

use clap::{Args, ValueHint};

#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cog create-tms a.tif > tms.json")]
pub(crate) struct CreateTms {
    /// The files.
    #[arg(required = true, value_name = "LOCATION", value_hint = ValueHint::AnyPath)]
    pub(crate) locations: Vec<OsString>,
    /// Identifier of the tile matrix set; the default is made from the file's name.
    #[arg(long)]
    pub(crate) identifier: Option<String>,
    /// Print a list for one location too, as for several.
    #[arg(long)]
    pub(crate) list: bool,
}
