//! Arguments of `cog tags`.

use std::ffi::OsString;

use clap::{Args, ValueHint};

use super::Answers;

#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cog tags --ifd 0 a.tif")]
pub(crate) struct Tags {
    /// The files.
    #[arg(required = true, value_name = "LOCATION", value_hint = ValueHint::AnyPath)]
    pub(crate) locations: Vec<OsString>,
    /// Only this IFD, counted from 0.
    #[arg(long, value_name = "N")]
    pub(crate) ifd: Option<usize>,
    #[command(flatten)]
    pub(crate) answers: Answers,
}
