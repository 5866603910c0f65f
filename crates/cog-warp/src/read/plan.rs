//! Which pixels of the source each part of an output looks at.

use std::sync::Arc;

use super::reach::{Looker, Reach};
use crate::frame::Frame;
use crate::lattice::{self, Leaf};
use crate::level::{Rectangle, SIDE};
use crate::method::Kind;

/// Squares of the lattice along a side of what is planned together.
const SQUARES: u32 = 16;

/// A square of the lattice, as far as it is asked for.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// Column and row in the lattice.
    pub(super) square: (u32, u32),
    pub(super) leaves: Arc<[Leaf]>,
    /// What of it looks at the source at all: one rectangle, unless what they see lies far apart.
    pub(super) parts: Vec<Part>,
}

/// A rectangle of a square.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) within: Rectangle,
    /// The pixels of the level that it looks at.
    pub(super) reach: Reach,
}

impl Piece {
    pub(super) fn pixels(&self) -> usize {
        self.parts.iter().map(|part| part.within.pixels()).sum()
    }
}

/// Rectangles of up to 1024 × 1024 pixels that cover an output, row by row.
pub(super) fn sections(output: Rectangle) -> Vec<Rectangle> {
    let side = SIDE * SQUARES;
    let cuts = |first: u32, length: u32| {
        let end = first.saturating_add(length);
        (first / side..end.div_ceil(side)).map(move |i| (first.max(i * side), end.min((i + 1).saturating_mul(side))))
    };
    cuts(output.row, output.height)
        .flat_map(|(top, bottom)| {
            cuts(output.column, output.width).map(move |(left, right)| Rectangle {
                column: left,
                row: top,
                width: right - left,
                height: bottom - top,
            })
        })
        .collect()
}

/// The squares of a section that look at the source at all.
pub(super) fn pieces(kind: Kind, frame: &Frame<'_>, section: Rectangle) -> Vec<Piece> {
    let mut looker = Looker::new(kind);
    let mut pieces = Vec::new();
    let [(left, right), (top, bottom)] = section.squares();
    for y in top..bottom {
        for x in left..right {
            let leaves: Arc<[Leaf]> = lattice::leaves(frame.mapping, x, y).into();
            let square = Rectangle { column: x * SIDE, row: y * SIDE, width: SIDE, height: SIDE };
            let mut parts = Vec::new();
            if let Some(within) = section.intersect(square) {
                divide(&mut looker, frame, &leaves, within, &mut parts);
            }
            if !parts.is_empty() {
                pieces.push(Piece { square: (x, y), leaves, parts });
            }
        }
    }
    pieces
}

/// Halves a rectangle until the source around it is not much larger than what its pixels cover: neighbours that look at both ends of
/// the source, as over the antimeridian, are told apart.
fn divide(looker: &mut Looker, frame: &Frame<'_>, leaves: &[Leaf], within: Rectangle, parts: &mut Vec<Part>) {
    /// So much more than is needed is read for one piece, at most.
    const WASTE: f64 = 8.0;
    /// Below this many pixels nothing is halved.
    const SMALL: u64 = 256 * 256;
    let Some(reach) = looker.look(frame, leaves, within) else { return };
    if reach.area() > SMALL
        && reach.area() as f64 > WASTE * looker.needed(frame, leaves, within)
        && let Some(halves) = within.halves()
    {
        for half in halves {
            divide(looker, frame, leaves, half, parts);
        }
        return;
    }
    parts.push(Part { within, reach });
}
