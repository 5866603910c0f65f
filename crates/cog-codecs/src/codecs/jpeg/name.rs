//! What errors call this codec.

pub(super) const NAME: &str = "JPEG";
