//! Arguments of `cog tms`.

use std::ffi::OsString;

use clap::{Args, ValueHint};

#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cog tms WebMercatorQuad > web.json\n  cog tms a.tif > own.json")]
pub(crate) struct Tms {
    /// A set that is known by name, or a file: its levels are the matrices, its blocks the tiles. Without it the names are listed.
    #[arg(value_name = "ID|LOCATION", value_hint = ValueHint::AnyPath)]
    pub(crate) what: Option<OsString>,
    /// Print the list of names as JSON.
    #[arg(long, conflicts_with = "what")]
    pub(crate) json: bool,
}
