//! Decoders of other people that may panic on a hostile stream.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Error, Result};

/// Runs a decoder; should it panic, the block has an error and the program lives on.
pub(crate) fn caught<T>(codec: &'static str, decode: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| Err(Error::corrupt(codec, "the decoder gave up (panic)")))
}
