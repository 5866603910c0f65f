//! A colour.

/// Red, green, blue, and 0 for transparent to 255.
pub(crate) type Color = [u8; 4];
