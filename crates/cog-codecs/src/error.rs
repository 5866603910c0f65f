//! What can go wrong with one block.

pub use cog_error::ErrorClass;
use cog_tiff::{Compression, Predictor, SampleFormat};

/// Why a block was not decoded, or not encoded.
///
/// The text names the codec and the cause; where the block lies in its file is known to the caller alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Format: the stream holds fewer bytes than the block needs.
    #[error("{codec}: stream ends after {got} of {want} bytes")]
    Short {
        /// Name of the codec.
        codec: &'static str,
        /// Bytes the stream gave.
        got: usize,
        /// Bytes the block needs.
        want: usize,
    },
    /// Format: the stream breaks the rules of its codec.
    #[error("{codec}: {cause}")]
    Corrupt {
        /// Name of the codec.
        codec: &'static str,
        /// What the decoder found, with numbers where it gives them.
        cause: String,
    },
    /// Format: the picture inside the stream has another size than the block.
    #[error(
        "{codec}: the stream holds {} × {} pixels of {} bands, the block {} × {} of {}",
        found.0, found.1, found.2, expected.0, expected.1, expected.2
    )]
    Shape {
        /// Name of the codec.
        codec: &'static str,
        /// Width, height and bands of the stream.
        found: (u32, u32, u32),
        /// Width, height and bands of the block.
        expected: (u32, u32, u32),
    },
    /// Unsupported: no codec is registered for this compression.
    #[error("compression {0} is not supported")]
    Compression(Compression),
    /// Unsupported: the codec exists but was left out of this build.
    #[error("compression {compression} is not in this build: enable the feature `{feature}` of cog-codecs")]
    Disabled {
        /// The compression of the block.
        compression: Compression,
        /// The Cargo feature that brings its codec.
        feature: &'static str,
    },
    /// Unsupported: samples of this format and depth (GDAL refuses them as well).
    #[error("samples of format {} with {bits} bits are not supported", format.code())]
    SampleLayout {
        /// Tag 339.
        format: SampleFormat,
        /// Tag 258.
        bits: u16,
    },
    /// Unsupported: this predictor with samples of this format and depth.
    #[error(
        "predictor {} is not defined for samples of format {} with {bits} bits",
        predictor.code(), format.code()
    )]
    Predictor {
        /// Tag 317.
        predictor: Predictor,
        /// Tag 339.
        format: SampleFormat,
        /// Tag 258.
        bits: u16,
    },
    /// Unsupported: a variant of the codec's format that the decoder does not know.
    #[error("{codec}: {what} is not supported")]
    Variant {
        /// Name of the codec.
        codec: &'static str,
        /// The variant.
        what: String,
    },
    /// Usage: what a codec or a predictor has no way to encode.
    #[error("{codec} cannot encode {what}")]
    CannotEncode {
        /// Name of the codec or the predictor.
        codec: &'static str,
        /// Samples, bands or sizes.
        what: String,
    },
    /// Usage: a setting of an encoder beyond its bounds.
    #[error("{codec}: {name} {value} is not within {least} to {most}")]
    Setting {
        /// Name of the codec.
        codec: &'static str,
        /// Of the setting: "level", "quality".
        name: &'static str,
        /// What it was set to.
        value: u32,
        /// The least that it can be.
        least: u32,
        /// The most that it can be.
        most: u32,
    },
    /// Limits: the decoded block does not fit the address space.
    #[error("a block of {width} × {height} pixels with {samples} samples is too large for this machine")]
    TooLarge {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
        /// Samples per pixel.
        samples: u16,
    },
    /// Limits: memory for a working buffer was refused.
    #[error("{codec}: no memory for {bytes} bytes")]
    OutOfMemory {
        /// Name of the codec.
        codec: &'static str,
        /// Bytes asked for.
        bytes: usize,
    },
    /// Usage: the slice handed in has not the length of the block.
    #[error("the output slice has {got} bytes, the block needs {want}")]
    OutputLength {
        /// Bytes of the slice.
        got: usize,
        /// What [`BlockSpec::output_len`](crate::block::BlockSpec::output_len) says.
        want: usize,
    },
    /// Usage: arguments that do not fit together.
    #[error("{0}")]
    Usage(&'static str),
}

impl Error {
    /// Who can act on it.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Short { .. } | Self::Corrupt { .. } | Self::Shape { .. } => ErrorClass::Format,
            Self::Compression(_)
            | Self::Disabled { .. }
            | Self::SampleLayout { .. }
            | Self::Predictor { .. }
            | Self::Variant { .. } => ErrorClass::Unsupported,
            Self::TooLarge { .. } | Self::OutOfMemory { .. } => ErrorClass::Limits,
            Self::OutputLength { .. } | Self::CannotEncode { .. } | Self::Setting { .. } | Self::Usage(_) => {
                ErrorClass::Usage
            }
        }
    }

    /// A stream that breaks the rules of `codec`.
    pub fn corrupt(codec: &'static str, cause: impl Into<String>) -> Self {
        Self::Corrupt { codec, cause: cause.into() }
    }

    /// What `codec` has no way to encode.
    pub(crate) fn cannot_encode(codec: &'static str, what: impl Into<String>) -> Self {
        Self::CannotEncode { codec, what: what.into() }
    }

    /// A variant of a format that its decoder here does not know.
    pub fn variant(codec: &'static str, what: impl Into<String>) -> Self {
        Self::Variant { codec, what: what.into() }
    }
}

/// The result of everything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;
