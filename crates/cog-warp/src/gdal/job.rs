//! What is to be warped, without its samples.

use super::source_window::Forward;
use crate::level::Rectangle;
use crate::mapping::Mapping;
use crate::method::Kind;

/// What GDAL's warper is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) mapping: &'a Mapping,
    pub(crate) forward: &'a Forward,
    /// Columns and rows of the whole grid.
    pub(crate) within: Rectangle,
    /// Columns and rows of the source.
    pub(crate) source: (u32, u32),
    pub(crate) kind: Kind,
}
