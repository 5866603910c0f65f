//! Who can act on an error: [`ErrorClass`], which `cog-tiff`, `cog-io`, `cog-codecs`, `cog-crs`, `cog-raster` and `cog-read` share.
//!
//! Each of those crates has an `Error` of its own that says what happened, and `Error::class()` says whom to tell. A program that
//! retries, answers over HTTP or chooses an exit code needs the class alone:
//!
//! ```
//! use cog_error::ErrorClass;
//!
//! fn http_status(class: ErrorClass) -> u16 {
//!     match class {
//!         ErrorClass::NotFound => 404,
//!         ErrorClass::Denied => 403,
//!         ErrorClass::Usage => 400,
//!         ErrorClass::Changed => 409,
//!         ErrorClass::Format | ErrorClass::Unsupported | ErrorClass::Limits => 422,
//!         ErrorClass::Io => 502,
//!         _ => 500,
//!     }
//! }
//! assert_eq!(http_status(ErrorClass::NotFound), 404);
//! ```
//!
//! Each of those crates re-exports the type, so that few need this crate by name. It has no dependencies and needs no `std`.
#![no_std]
#![forbid(unsafe_code)]

use core::fmt;

/// Who can act on an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ErrorClass {
    /// The file is wrong: damaged, cut off, or not what it says it is. Whoever made it can act; reading it again does not help.
    Format,
    /// The file is sound, and this library or this build of it cannot read it. Another build, another version or a request for it can
    /// help.
    Unsupported,
    /// A bound was hit, or memory was refused. The caller can raise the bound that the text names, or ask for less.
    Limits,
    /// Nothing is at the location. The caller can look at how it is spelled.
    NotFound,
    /// The store refused, or credentials are missing. Whoever holds the credentials can act.
    Denied,
    /// The object was replaced while it was read. The caller can open it again.
    Changed,
    /// The network, the server or the disk failed. Trying again later can help; the library has retried already what deserves it.
    Io,
    /// The caller asked for what there is not, or with arguments or settings that mean nothing. The caller can ask otherwise.
    Usage,
    /// A mistake of this library, whatever the input was. Its authors can act, if they are told.
    Internal,
}

impl ErrorClass {
    /// Every class, in the order of their definition.
    pub const ALL: [ErrorClass; 9] = [
        ErrorClass::Format,
        ErrorClass::Unsupported,
        ErrorClass::Limits,
        ErrorClass::NotFound,
        ErrorClass::Denied,
        ErrorClass::Changed,
        ErrorClass::Io,
        ErrorClass::Usage,
        ErrorClass::Internal,
    ];

    /// One lower-case word, as a metric or a log would label it: `format`, `unsupported`, `limits`, `not-found`, `denied`,
    /// `changed`, `io`, `usage`, `internal`.
    pub const fn as_str(self) -> &'static str {
        match self {
            ErrorClass::Format => "format",
            ErrorClass::Unsupported => "unsupported",
            ErrorClass::Limits => "limits",
            ErrorClass::NotFound => "not-found",
            ErrorClass::Denied => "denied",
            ErrorClass::Changed => "changed",
            ErrorClass::Io => "io",
            ErrorClass::Usage => "usage",
            ErrorClass::Internal => "internal",
        }
    }
}

impl fmt::Display for ErrorClass {
    /// As [`as_str`](Self::as_str); width and alignment count.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::collections::BTreeSet;
    use std::format;
    use std::string::ToString;

    use super::*;

    #[test]
    fn every_class_is_listed_once_and_has_a_word_of_its_own() {
        let words: BTreeSet<_> = ErrorClass::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(words.len(), ErrorClass::ALL.len());
        assert!(words.iter().all(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')), "{words:?}");
        assert!(ErrorClass::ALL.is_sorted());
    }

    #[test]
    fn a_class_can_be_set_in_columns() {
        assert_eq!(format!("[{:<9}][{:>6}]", ErrorClass::NotFound, ErrorClass::Io), "[not-found][    io]");
    }
}

/// The example of the README, kept compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
