//! A row of output pixels from a source in memory.

mod alpha;
mod axis;
mod coverage;
mod covering;
mod cubic;
mod kernel;
mod linear;
mod mean;
mod nearest;
mod number;
mod places;
mod quads;
mod scratch;
mod shares;
mod taps;
mod view;

pub(crate) use alpha::{alpha_of_areas, alpha_of_places};
pub(crate) use axis::Axis;
pub(crate) use coverage::Coverage;
pub(crate) use covering::{CoveringRow, Ordered};
pub(crate) use kernel::{KernelRow, lanczos_sees_half};
pub(crate) use number::{Number, Sum};
pub(crate) use places::{Extent, Places};
pub(crate) use quads::{Quad, Quads};
pub(crate) use scratch::Scratch;
pub(crate) use view::{Plane, View, ViewValidity};

pub(crate) use {cubic::cubic, linear::linear, nearest::nearest};

#[cfg(test)]
mod tests;
