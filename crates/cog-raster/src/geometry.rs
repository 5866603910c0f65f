//! Rectangles, in pixels and in a CRS.

pub(crate) mod bounds;
pub(crate) mod window;
