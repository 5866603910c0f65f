//! How answers for many files are printed.

use clap::Args;

/// How answers are printed.
#[derive(Args, Debug)]
pub(crate) struct Answers {
    /// Print JSON: an object for one location, a list for several. docs/schema describes it.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print a list in JSON for one location too.
    #[arg(long, requires = "json")]
    pub(crate) list: bool,
    /// Print JSON: an object in each line, as soon as it is known.
    #[arg(long, conflicts_with = "json")]
    pub(crate) ndjson: bool,
    /// Print one value of the JSON plainly, a line for each file: crs.epsg, levels.0.width. Several stand in a line, with tabs between them. What a
    /// file does not have is empty.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["json", "ndjson"])]
    pub(crate) field: Vec<String>,
}

impl Answers {
    /// Whether people read it.
    pub(crate) fn is_text(&self) -> bool {
        !self.json && !self.ndjson && self.field.is_empty()
    }
}
