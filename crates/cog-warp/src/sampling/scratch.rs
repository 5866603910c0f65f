//! What is known of a row of places while it is sampled.

use super::axis::Axis;
use super::number::{Number, Sum};
use super::places::ROW;
use crate::vector::Indices;

/// The weight of one tap at each place of a row.
pub(super) type WeightRow<T> = [<<T as Number>::Sum as Sum>::Weight; ROW];

/// Memory that one row after the other uses: what the last one left in it does not matter.
#[derive(Clone, Debug)]
pub(crate) struct Scratch<T: Number> {
    /// Index of the first tap of each place; 0 where not all of them are inside the view.
    pub(super) first: Indices,
    /// 255 where all taps lie inside the view, else 0.
    pub(super) inner: [u8; ROW],
    /// Where taps lie along y.
    pub(super) rows: Axis<T>,
    /// Two samples of each of two rows.
    pub(super) pairs: [[[T; 2]; ROW]; 2],
    /// Four samples of each of four rows.
    pub(super) fours: [[[T; 4]; ROW]; 4],
}

impl<T: Number> Scratch<T> {
    pub(crate) fn new() -> Scratch<T> {
        Scratch {
            first: Indices::new(),
            inner: [0; ROW],
            rows: Axis::new(),
            pairs: [[[T::default(); 2]; ROW]; 2],
            fours: [[[T::default(); 4]; ROW]; 4],
        }
    }
}
