//! What can go wrong between many files and their pixels.

mod mosaic;

use std::fmt;
use std::sync::Arc;

use cog_error::ErrorClass;

pub use mosaic::MosaicError;

/// A shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why many files could not be read as one.
///
/// Locations in the text are redacted. The text tells the whole cause; [`source`](std::error::Error::source) does not repeat it.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// One file of several.
    #[error("'{name}': {cause}")]
    Reader {
        /// Its name.
        name: Arc<str>,
        /// What is wrong with it.
        cause: Box<Error>,
    },
    /// A location that cannot be opened, or whose bytes did not come.
    #[error(transparent)]
    Io(#[from] cog_io::Error),
    /// A file that cannot be read.
    #[error(transparent)]
    Read(#[from] cog_read::Error),
    /// A file that cannot be warped.
    #[error(transparent)]
    Warp(#[from] cog_warp::Error),
    /// No way between CRSs, or a CRS that is not known.
    #[error(transparent)]
    Crs(#[from] cog_crs::Error),
    /// An expression that has no value.
    #[error("the expression: {0}")]
    Expression(cog_expression::Error),
    /// A document that is not JSON.
    #[error("{location}: is not JSON: {problem}")]
    NotJson {
        /// Which document, redacted.
        location: Arc<str>,
        /// What the parser says, with line and column.
        problem: String,
    },
    /// A document over its bound.
    #[error("{location}: a JSON document of {} bytes is over the limit of {limit} (Limits::max_document_bytes)", bytes_text(*.bytes, *.limit))]
    DocumentTooLarge {
        /// Which document, redacted.
        location: Arc<str>,
        /// Its size, if it is known.
        bytes: Option<u64>,
        /// The bound.
        limit: u64,
    },
    /// A document with more values than allowed.
    #[error(
        "{location}: a JSON document of {values} values is over the limit of {limit} (Limits::max_document_values)"
    )]
    TooManyValues {
        /// Which document, redacted.
        location: Arc<str>,
        /// How many there may be in it.
        values: u64,
        /// The bound.
        limit: u64,
    },
    /// JSON that is not what was wanted.
    #[error("{location}: is {found}, not {wanted}")]
    NotStac {
        /// Which document, redacted.
        location: Arc<str>,
        /// "a STAC item", "STAC items".
        wanted: &'static str,
        /// What it is, in a few words.
        found: String,
    },
    /// An item without an asset of the types that are wanted.
    #[error("{location}: has no asset of the types that are wanted ({wanted}); the types of its assets are: {there}")]
    MissingAssets {
        /// Which item, redacted.
        location: Arc<str>,
        /// The types that are wanted.
        wanted: String,
        /// The types that are there.
        there: String,
    },
    /// An asset that the item has not.
    #[error("{location}: has no asset '{name}'; there are: {there}")]
    NoSuchAsset {
        /// Which item, redacted.
        location: Arc<str>,
        /// The name that was asked for.
        name: Arc<str>,
        /// The names that are there.
        there: String,
    },
    /// A text that is no media type.
    #[error("'{text}' is no media type: image/tiff, image/tiff; profile=cloud-optimized, image/* are")]
    NotAMediaType {
        /// The text.
        text: String,
    },
    /// An asset without an href.
    #[error("the asset has no href")]
    NoHref,
    /// A relative href in a document of which nobody knows where it is.
    #[error("the href '{href}' is relative, and the document has neither a location nor an absolute self link")]
    RelativeHref {
        /// The href, redacted.
        href: String,
    },
    /// A `next` link that cannot be followed.
    #[error("{location}: its next link cannot be followed: {problem}")]
    NextLink {
        /// Which page, redacted.
        location: Arc<str>,
        /// Why.
        problem: String,
    },
    /// A `next` link that leads where another one led.
    #[error("{location}: is the next page of itself or of a page before it ({pages} pages were read)")]
    CyclicPages {
        /// Which page, redacted.
        location: Arc<str>,
        /// Pages that were read.
        pages: u64,
    },
    /// More pages, items or bytes than allowed.
    #[error("{location}: {value} {what} are more than the limit of {limit} ({})", .what.setting())]
    TooManyPages {
        /// Which page, redacted.
        location: Arc<str>,
        /// Of what there is too much.
        what: PageLimit,
        /// How much there is, at least.
        value: u64,
        /// The limit.
        limit: u64,
    },
    /// Two readers of one name: neither could be told from the other.
    #[error("there are two readers named '{name}'")]
    SameName {
        /// The name.
        name: Arc<str>,
    },
    /// A place that a CRS does not show.
    #[error("the place {},{} has no coordinates in the CRS '{crs}'", place[0], place[1])]
    NoPlace {
        /// x and y, as they were given.
        place: [f64; 2],
        /// The name of the CRS.
        crs: Arc<str>,
    },
    /// A composite without files, where one is needed.
    #[error("there are no files to read")]
    NoReaders,
    /// A mosaic that cannot be made or read.
    #[error(transparent)]
    Mosaic(#[from] MosaicError),
    /// A mistake of this crate: please report it.
    #[error("{what} (a mistake in cog-mosaic)")]
    Internal {
        /// What should not have happened.
        what: &'static str,
    },
}

/// What pages of items have too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageLimit {
    /// [`Limits::max_pages`](crate::Limits::max_pages).
    Pages,
    /// [`Limits::max_items`](crate::Limits::max_items).
    Items,
    /// [`Limits::max_total_bytes`](crate::Limits::max_total_bytes).
    Bytes,
}

impl PageLimit {
    fn setting(self) -> &'static str {
        match self {
            PageLimit::Pages => "Limits::max_pages",
            PageLimit::Items => "Limits::max_items",
            PageLimit::Bytes => "Limits::max_total_bytes",
        }
    }
}

impl fmt::Display for PageLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PageLimit::Pages => "pages",
            PageLimit::Items => "items",
            PageLimit::Bytes => "bytes of pages",
        })
    }
}

fn bytes_text(bytes: Option<u64>, limit: u64) -> String {
    bytes.map_or_else(|| format!("more than {limit}"), |bytes| bytes.to_string())
}

impl From<cog_expression::Error> for Error {
    fn from(problem: cog_expression::Error) -> Error {
        Error::Expression(problem)
    }
}

impl Error {
    /// Who can act on it.
    pub fn class(&self) -> ErrorClass {
        match self {
            Error::Reader { cause, .. } => cause.class(),
            Error::Io(e) => e.class(),
            Error::Read(e) => e.class(),
            Error::Warp(e) => e.class(),
            Error::Crs(e) => e.class(),
            Error::Expression(e) => e.class(),
            Error::NotJson { .. }
            | Error::NotStac { .. }
            | Error::NoHref
            | Error::RelativeHref { .. }
            | Error::NextLink { .. }
            | Error::CyclicPages { .. } => ErrorClass::Format,
            Error::DocumentTooLarge { .. } | Error::TooManyValues { .. } | Error::TooManyPages { .. } => {
                ErrorClass::Limits
            }
            Error::SameName { .. }
            | Error::NoPlace { .. }
            | Error::NoReaders
            | Error::MissingAssets { .. }
            | Error::NoSuchAsset { .. }
            | Error::NotAMediaType { .. } => ErrorClass::Usage,
            Error::Mosaic(e) => e.class(),
            Error::Internal { .. } => ErrorClass::Internal,
        }
    }

    /// The same, said of one reader.
    pub(crate) fn of_reader(self, name: &Arc<str>) -> Error {
        Error::Reader { name: Arc::clone(name), cause: Box::new(self) }
    }
}
