//! What can go wrong in a mosaic.

use std::fmt;
use std::sync::Arc;

use cog_error::ErrorClass;
use cog_raster::SampleType;

use super::Error;

/// Why a mosaic could not be made or read.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MosaicError {
    /// One source of several.
    #[error("source {number} of {count}{}", Told(.name, .cause))]
    Source {
        /// Its name: its location, redacted, unless it was named.
        name: Arc<str>,
        /// Which one, from 1, in the order of the mosaic.
        number: usize,
        /// Sources of the mosaic.
        count: usize,
        /// What is wrong with it.
        cause: Box<Error>,
    },
    /// A mosaic of nothing.
    #[error("a mosaic needs at least one source")]
    NoSources,
    /// Sources with different numbers of bands, and none chosen.
    #[error("has {bands} {}, while '{first}' has {expected}: choose bands that all of them have", if *.bands == 1 { "band" } else { "bands" })]
    BandCount {
        /// Bands of this source.
        bands: usize,
        /// The source by which the mosaic's bands are known.
        first: Arc<str>,
        /// Its bands.
        expected: usize,
    },
    /// A band that a source does not have.
    #[error("has no band {band}: its {count} bands are counted from 1")]
    NoSuchBand {
        /// Which one.
        band: usize,
        /// How many there are.
        count: usize,
    },
    /// A selection that compares samples which have no order.
    #[error("'{selection}' compares samples, and those of type {sample_type} have no order")]
    ComplexSelection {
        /// Its name.
        selection: String,
        /// What the samples are.
        sample_type: SampleType,
    },
    /// A selection by the last band, of one band only.
    #[error("'{selection}' needs the band that decides, and at least one before it: there is one band")]
    NoBandLeft {
        /// Its name.
        selection: String,
    },
    /// A document that does not say what a mosaic needs to know.
    #[error("{location}: {problem}")]
    Document {
        /// Which document, redacted.
        location: Arc<str>,
        /// What is wrong with it.
        problem: String,
    },
    /// More tiles in a MosaicJSON than are sensible.
    #[error("at zoom {zoom} the sources overlap more than {limit} tiles: choose a coarser quadkey zoom")]
    TooManyTiles {
        /// The quadkey zoom.
        zoom: i32,
        /// The bound, over all sources.
        limit: u64,
    },
    /// A tile matrix set without quadkeys.
    #[error("the tile matrix set '{id}' has no quadkeys: its zoom 0 is not one tile, or its tiles are not quartered")]
    NoQuadkeys {
        /// Its identifier.
        id: String,
    },
    /// An item of STAC with several assets that can be read, of which none was chosen.
    #[error("the item '{item}' has several assets that can be read: choose of {there}")]
    ChooseAssets {
        /// Its id.
        item: String,
        /// Their names.
        there: String,
    },
}

/// A cause, behind the name of the source unless it says it itself.
struct Told<'a>(&'a Arc<str>, &'a Error);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cause = self.1.to_string();
        if cause.contains(&**self.0) { write!(f, ": {cause}") } else { write!(f, ", {}: {cause}", self.0) }
    }
}

impl MosaicError {
    /// Who can act on it.
    pub fn class(&self) -> ErrorClass {
        match self {
            MosaicError::Source { cause, .. } => cause.class(),
            MosaicError::Document { .. } => ErrorClass::Format,
            MosaicError::TooManyTiles { .. } => ErrorClass::Limits,
            MosaicError::ComplexSelection { .. } => ErrorClass::Unsupported,
            MosaicError::NoSources
            | MosaicError::BandCount { .. }
            | MosaicError::NoSuchBand { .. }
            | MosaicError::NoBandLeft { .. }
            | MosaicError::NoQuadkeys { .. }
            | MosaicError::ChooseAssets { .. } => ErrorClass::Usage,
        }
    }
}
