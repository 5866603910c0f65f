//! Tiles in a part of a matrix, one by one.

use super::matrix::{SLACK, TileMatrix, floor};
use super::set::Tile;
use crate::error::{Error, Result};

/// Tiles of one zoom, row by row. However many they are, they take no memory.
#[derive(Clone, Debug)]
pub struct Tiles<'a> {
    matrix: &'a TileMatrix,
    /// First and last of each part, in ascending order.
    columns: Vec<(u64, u64)>,
    rows: (u64, u64),
    /// The row that is walked, and its first column that was not looked at.
    at: (u64, u64),
}

impl<'a> Tiles<'a> {
    pub(super) fn none(matrix: &'a TileMatrix) -> Tiles<'a> {
        Tiles { matrix, columns: Vec::new(), rows: (0, 0), at: (0, 0) }
    }

    /// Those of these columns and rows, both ends included.
    pub(super) fn among(matrix: &'a TileMatrix, columns: (u64, u64), rows: (u64, u64)) -> Tiles<'a> {
        Tiles { matrix, columns: vec![columns], rows, at: (rows.0, 0) }
    }

    /// Those that overlap bounds in the set's CRS.
    pub(super) fn over(matrix: &'a TileMatrix, bounds: [f64; 4]) -> Result<Tiles<'a>> {
        Tiles::over_parts(matrix, vec![bounds])
    }

    /// Those that overlap any of several bounds side by side, all of one height.
    pub(super) fn over_parts(matrix: &'a TileMatrix, mut parts: Vec<[f64; 4]>) -> Result<Tiles<'a>> {
        let mut tiles = Tiles::none(matrix);
        parts.sort_by(|a, b| a[0].total_cmp(&b[0]));
        for bounds in parts {
            let [left, bottom, right, top] = bounds;
            if let Some(edge) = bounds.iter().find(|edge| !edge.is_finite()) {
                return Err(Error::value("bounds", edge, "no coordinate"));
            }
            if left > right || bottom > top {
                return Err(Error::value("bounds", format!("{bounds:?}"), "not left, bottom, right, top"));
            }
            let (a, b) = (matrix.place(left, top), matrix.place(right, bottom));
            let slack = (SLACK / f64::from(matrix.tile_width), SLACK / f64::from(matrix.tile_height));
            let columns = overlapped(a.0, b.0, matrix.matrix_width, slack.0);
            let rows = overlapped(a.1.min(b.1), a.1.max(b.1), matrix.matrix_height, slack.1);
            if let (Some(columns), Some(rows)) = (columns, rows) {
                tiles.columns.push(columns);
                (tiles.rows, tiles.at) = (rows, (rows.0, 0));
            }
        }
        Ok(tiles)
    }

    /// How many tiles there are in all, counted without walking them.
    pub fn total(&self) -> u64 {
        let (first, last) = self.rows;
        if self.columns.is_empty() {
            return 0;
        }
        let mut total = 0_u64;
        let mut plain = last - first + 1;
        for width in &self.matrix.variable_widths {
            let (from, to) = (width.min_row.max(first), width.max_row.min(last));
            if from <= to {
                plain -= to - from + 1;
                total = total.saturating_add((to - from + 1).saturating_mul(self.in_row(width.coalesce)));
            }
        }
        total.saturating_add(plain.saturating_mul(self.in_row(1)))
    }

    /// Tiles in a row in which so many columns are one.
    fn in_row(&self, coalesce: u64) -> u64 {
        let mut free = 0;
        let parts = self.columns.iter().map(|(first, last)| {
            let (first, last) = ((first / coalesce).max(free), last / coalesce);
            free = free.max(last + 1);
            (last + 1).saturating_sub(first)
        });
        parts.sum()
    }
}

impl Iterator for Tiles<'_> {
    type Item = Tile;

    fn next(&mut self) -> Option<Tile> {
        if self.columns.is_empty() {
            return None;
        }
        while self.at.0 <= self.rows.1 {
            let (row, free) = self.at;
            let coalesce = self.matrix.coalescence(row);
            for (first, last) in &self.columns {
                let column = (first - first % coalesce).max(free);
                if column <= *last {
                    self.at.1 = column + coalesce;
                    return Some(Tile { x: column, y: row, zoom: self.matrix.zoom });
                }
            }
            self.at = (row + 1, 0);
        }
        None
    }
}

/// First and last tile between two places. What reaches into a tile by less than the slack does not count, unless it is in no other.
fn overlapped(from: f64, to: f64, count: u64, slack: f64) -> Option<(u64, u64)> {
    let end = count as f64;
    if to < -slack || from > end + slack {
        return None;
    }
    let (first, last) = ((from + slack).clamp(0.0, end), (to - slack).clamp(0.0, end));
    // Of bounds that are smaller than the slack, the middle.
    let (first, last) = if first > last { ((first + last) / 2.0, (first + last) / 2.0) } else { (first, last) };
    // What begins at the end, or ends at the beginning, only touches.
    if from < to && (first >= end || last <= 0.0) {
        return None;
    }
    Some((floor(first).min(count - 1), floor(last).min(count - 1)))
}
