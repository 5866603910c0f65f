//! Why there is no CRS.

pub use cog_error::ErrorClass;
use thiserror::Error;

/// Why there is no CRS, or why it cannot be written or used as asked.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The registry has no such code.
    #[error("no CRS has the code {authority}:{code}")]
    UnknownCode {
        /// As it was given.
        authority: String,
        /// As it was given.
        code: String,
    },
    /// The text begins like no known way of writing a CRS.
    #[error("'{begins}' is no CRS: expected AUTHORITY:CODE, a URN or URL of one, WKT, PROJJSON or a PROJ string")]
    NotACrs {
        /// The first characters of the text.
        begins: String,
    },
    /// WKT that breaks its grammar.
    #[error("WKT, byte {offset}: {problem}")]
    Syntax {
        /// Where, from the beginning of the text.
        offset: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// A part that a definition must have.
    #[error("{within} has no {part}")]
    Missing {
        /// The object that lacks it.
        within: String,
        /// What is missing.
        part: &'static str,
    },
    /// A value that cannot be one.
    #[error("{name}: {value} is {problem}")]
    Value {
        /// Of what.
        name: String,
        /// As it was given.
        value: String,
        /// Why not.
        problem: &'static str,
    },
    /// Text that is not JSON.
    #[error("PROJJSON: {0}")]
    Json(String),
    /// A definition is valid, and this crate does not know what it describes.
    #[error("{0} is not supported")]
    Unsupported(String),
    /// Text that is no tile matrix set.
    #[error("this is no tile matrix set: {0}")]
    NotATileMatrixSet(String),
    /// A name that [`tiles::NAMES`](crate::tiles::NAMES) has not.
    #[error("no tile matrix set is called '{0}'")]
    UnknownTileMatrixSet(String),
    /// A zoom that a tile matrix set does not have.
    #[error("there is no zoom {zoom}: the tile matrix set has {min} to {max}")]
    Zoom {
        /// What was asked for.
        zoom: i32,
        /// The first.
        min: i32,
        /// The last.
        max: i32,
    },
    /// A tile outside its matrix.
    #[error("there is no tile {tile} (zoom/x/y): its matrix has {width} by {height}")]
    NoTile {
        /// Zoom, column and row.
        tile: String,
        /// Columns of the matrix.
        width: u64,
        /// Rows of the matrix.
        height: u64,
    },
    /// Coordinates that have no place in another CRS.
    #[error("no part of the raster has coordinates in {target}")]
    NoImage {
        /// The name of the other CRS.
        target: String,
    },
    /// The format to write has no words for this CRS.
    #[error("{format} cannot hold this CRS: {problem}")]
    CannotWrite {
        /// WKT1 or GeoKeys.
        format: &'static str,
        /// What it lacks.
        problem: String,
    },
}

/// What this crate's functions answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Who can act on it. A definition that is wrong is [`Format`](ErrorClass::Format), whether it came from a file or from a
    /// caller.
    pub fn class(&self) -> ErrorClass {
        match self {
            Error::NotACrs { .. }
            | Error::Syntax { .. }
            | Error::Missing { .. }
            | Error::Value { .. }
            | Error::Json(_)
            | Error::NotATileMatrixSet(_) => ErrorClass::Format,
            Error::UnknownTileMatrixSet(_) | Error::Zoom { .. } | Error::NoTile { .. } | Error::NoImage { .. } => {
                ErrorClass::Usage
            }
            // A code may be newer than the registry.
            Error::UnknownCode { .. } | Error::Unsupported(_) | Error::CannotWrite { .. } => ErrorClass::Unsupported,
        }
    }

    pub(crate) fn unsupported(what: impl Into<String>) -> Error {
        Error::Unsupported(what.into())
    }

    pub(crate) fn missing(within: &str, part: &'static str) -> Error {
        Error::Missing { within: within.to_string(), part }
    }

    pub(crate) fn value(name: &str, value: impl ToString, problem: &'static str) -> Error {
        Error::Value { name: name.to_string(), value: value.to_string(), problem }
    }
}
