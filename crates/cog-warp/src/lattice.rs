//! Source coordinates of output pixels: exact at a few places, interpolated between them within a stated bound.
//!
//! The lattice is fixed to the origin of the output grid: squares of [`SIDE`] pixels, each halved where interpolation is not good
//! enough. What a pixel gets depends on the grid alone, never on which part of it is asked for, or in which order.

mod leaf;

pub(crate) use leaf::Leaf;

use crate::level::SIDE;
use crate::mapping::Mapping;

/// Squares of this size are not halved again: their pixels are computed one by one.
const SMALLEST: u32 = 4;

/// The squares that cover one large square of the lattice, column `x` and row `y` of it.
pub(crate) fn leaves(mapping: &Mapping, x: u32, y: u32) -> Vec<Leaf> {
    let mut leaves = Vec::with_capacity(1);
    divide(mapping, x.saturating_mul(SIDE), y.saturating_mul(SIDE), SIDE, &mut leaves);
    leaves
}

fn divide(mapping: &Mapping, column: u32, row: u32, side: u32, leaves: &mut Vec<Leaf>) {
    if let Some(leaf) = Leaf::interpolated(mapping, column, row, side) {
        leaves.push(leaf);
    } else if side <= SMALLEST {
        leaves.push(Leaf::exact(column, row, side));
    } else {
        let half = side / 2;
        for (dx, dy) in [(0, 0), (half, 0), (0, half), (half, half)] {
            divide(mapping, column + dx, row + dy, half, leaves);
        }
    }
}

#[cfg(test)]
mod tests;
