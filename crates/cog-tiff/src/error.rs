//! What can be wrong with a file, or too much for this crate.

pub use cog_error::ErrorClass;

use crate::tag::Tag;

/// A shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a file, or a part of it, cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The first bytes are not those of a TIFF.
    #[error("not a TIFF: the file starts with {0}")]
    NotTiff(String),
    /// There are no bytes at all.
    #[error("not a TIFF: the file is empty")]
    Empty,
    /// A BigTIFF header announces offsets that are not 8 bytes long.
    #[error("BigTIFF header says that offsets have {0} bytes; only 8 is defined")]
    OffsetSize(u16),
    /// A part of the file would lie behind its end.
    #[error("{part}: offset {offset} with length {length} is out of bounds for a {file_len}-byte file")]
    OutOfBounds {
        /// What was looked for.
        part: Part,
        /// Where it should start.
        offset: u64,
        /// How many bytes it should have.
        length: u64,
        /// The length of the file.
        file_len: u64,
    },
    /// The header points to no IFD.
    #[error("the file has no IFD")]
    NoIfd,
    /// A tag is missing, or says what cannot be.
    #[error("IFD at offset {ifd}: tag {tag} {problem}")]
    Tag {
        /// Offset of the IFD.
        ifd: u64,
        /// The tag.
        tag: Tag,
        /// What is wrong with it.
        problem: TagProblem,
    },
    /// A block index outside the grid.
    #[error("IFD at offset {ifd}: block {index} does not exist, there are {count}")]
    NoSuchBlock {
        /// Offset of the IFD.
        ifd: u64,
        /// The index asked for.
        index: u64,
        /// The number of blocks.
        count: u64,
    },
    /// The file is legal, but this crate (and GDAL) cannot represent it.
    #[error("IFD at offset {ifd}: {what} is not supported")]
    Unsupported {
        /// Offset of the IFD.
        ifd: u64,
        /// What it is.
        what: Unsupported,
    },
    /// A bound of [`Limits`](crate::Limits) was reached.
    #[error("{name} {value} is over the limit of {limit} (Limits::{name})")]
    Limit {
        /// The field of `Limits`.
        name: &'static str,
        /// What the file asks for.
        value: u64,
        /// The bound.
        limit: u64,
    },
    /// Reading from a `Read + Seek` failed.
    #[error("cannot read the file: {0}")]
    Io(String),
}

impl Error {
    /// Who can act on it.
    pub fn class(&self) -> ErrorClass {
        match self {
            Error::Unsupported { .. } => ErrorClass::Unsupported,
            Error::Limit { .. } => ErrorClass::Limits,
            Error::Io(_) => ErrorClass::Io,
            Error::NoSuchBlock { .. } => ErrorClass::Usage,
            Error::NotTiff(_)
            | Error::Empty
            | Error::OffsetSize(_)
            | Error::OutOfBounds { .. }
            | Error::NoIfd
            | Error::Tag { .. } => ErrorClass::Format,
        }
    }
}

/// A part of a file, for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The first 8 (BigTIFF: 16) bytes.
    Header,
    /// A directory.
    Ifd,
    /// The value of a tag.
    Value(Tag),
    /// An entry of a tile or strip table.
    Table(Tag),
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Part::Header => f.write_str("header"),
            Part::Ifd => f.write_str("IFD"),
            Part::Value(tag) => write!(f, "value of tag {tag}"),
            Part::Table(tag) => write!(f, "entry of table {tag}"),
        }
    }
}

/// What is wrong with a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TagProblem {
    /// It is needed and not there.
    Missing,
    /// Its field type cannot hold such a value.
    Type(u16),
    /// It has too few values, or far too many.
    Count {
        /// How many there are.
        count: u64,
        /// How many are needed.
        needed: u64,
    },
    /// A number that cannot be.
    Value(u64),
    /// Its value lies behind the end of the file.
    OutOfBounds {
        /// Where it should start.
        offset: u64,
        /// How many bytes it should have.
        length: u64,
    },
}

impl std::fmt::Display for TagProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TagProblem::Missing => f.write_str("is missing"),
            TagProblem::Type(code) => write!(f, "has field type {code}, which cannot hold its value"),
            TagProblem::Count { count, needed } => write!(f, "has {count} values where {needed} are needed"),
            TagProblem::Value(v) => write!(f, "has the impossible value {v}"),
            TagProblem::OutOfBounds { offset, length } => {
                write!(f, "has {length} bytes at offset {offset}, behind the end of the file")
            }
        }
    }
}

/// Legal layouts that this crate and GDAL refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsupported {
    /// Samples of one pixel have different depths.
    MixedDepths(Vec<u16>),
    /// Samples of one pixel have different formats.
    MixedFormats(Vec<u16>),
    /// A sample format with a depth that no reader delivers.
    Sample {
        /// Tag 339.
        format: u16,
        /// Tag 258.
        bits: u16,
    },
    /// Tag 284 with a number that TIFF does not define.
    PlanarConfiguration(u16),
    /// Images with a depth (ImageDepth, 32997) above 1.
    Depth(u64),
}

impl std::fmt::Display for Unsupported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unsupported::MixedDepths(v) => write!(f, "a pixel with samples of different depths {v:?}"),
            Unsupported::MixedFormats(v) => write!(f, "a pixel with samples of different formats {v:?}"),
            Unsupported::Sample { format, bits } => write!(f, "sample format {format} with {bits} bits"),
            Unsupported::PlanarConfiguration(v) => write!(f, "planar configuration {v}"),
            Unsupported::Depth(v) => write!(f, "an image depth of {v}"),
        }
    }
}
