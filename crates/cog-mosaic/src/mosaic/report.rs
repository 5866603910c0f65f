//! What a mosaic was made of.

use std::sync::Arc;

use cog_read::ReadCost;

use crate::error::Error;

/// What a mosaic was made of.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct MosaicReport {
    /// Names of the sources that were read and hold data there, in the order of the mosaic.
    pub used: Vec<Arc<str>>,
    /// Sources that failed and were left out, in the order of the mosaic: see [`OnError::Skip`](crate::OnError::Skip).
    pub skipped: Vec<Skipped>,
    /// What it cost to read all of them.
    pub cost: ReadCost,
}

/// A source that was left out.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Skipped {
    /// Its name: its location, redacted, unless it was named.
    pub name: Arc<str>,
    /// Why, with its name.
    pub error: Error,
}
