//! One tile matrix: the grid of a zoom.

use crate::error::{Error, Result};

/// More tiles in a row or column than this cannot be counted exactly in coordinates.
const MOST_TILES: u64 = 1 << 53;

/// A part of a cell that rounding may add to a coordinate on the edge of a tile.
pub(super) const SLACK: f64 = 1e-3;

/// Where rows and columns are counted from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Corner {
    /// Rows count downward.
    #[default]
    TopLeft,
    /// Rows count upward.
    BottomLeft,
}

/// Rows in which several tiles are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VariableWidth {
    /// So many columns are one tile, at least 2.
    pub coalesce: u64,
    /// The first of the rows.
    pub min_row: u64,
    /// The last of the rows, included.
    pub max_row: u64,
}

/// The grid of one zoom.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TileMatrix {
    /// The number of the zoom: its identifier, or its place from coarse to fine where identifiers are no numbers.
    pub zoom: i32,
    /// As the set calls it.
    pub id: String,
    /// The scale of a map whose pixels are 0.28 mm wide.
    pub scale_denominator: f64,
    /// The edge of a pixel in units of the CRS.
    pub cell_size: f64,
    /// Where tiles are counted from.
    pub corner: Corner,
    /// The coordinates of that corner, x first.
    pub origin: (f64, f64),
    /// Pixels across a tile.
    pub tile_width: u32,
    /// Pixels down a tile.
    pub tile_height: u32,
    /// Columns.
    pub matrix_width: u64,
    /// Rows.
    pub matrix_height: u64,
    /// Rows with wider tiles, in order; none of them twice.
    pub variable_widths: Vec<VariableWidth>,
}

impl TileMatrix {
    /// Refuses what is no grid; sorts the variable widths.
    pub(super) fn checked(mut self) -> Result<TileMatrix> {
        let named = |name: &str| format!("tile matrix {}: {name}", self.id);
        let positive = [("cellSize", self.cell_size), ("scaleDenominator", self.scale_denominator)];
        for (name, value) in positive {
            if !value.is_finite() || value <= 0.0 {
                return Err(Error::value(&named(name), value, "no positive number"));
            }
        }
        for value in [self.origin.0, self.origin.1] {
            if !value.is_finite() {
                return Err(Error::value(&named("pointOfOrigin"), value, "no coordinate"));
            }
        }
        let counts = [
            ("tileWidth", u64::from(self.tile_width)),
            ("tileHeight", u64::from(self.tile_height)),
            ("matrixWidth", self.matrix_width),
            ("matrixHeight", self.matrix_height),
        ];
        for (name, value) in counts {
            if !(1..=MOST_TILES).contains(&value) {
                return Err(Error::value(&named(name), value, "not between 1 and 2^53"));
            }
        }
        if self.bounds().iter().any(|edge| !edge.is_finite()) {
            return Err(Error::value(&named("cellSize"), self.cell_size, "too large for so many tiles"));
        }
        self.variable_widths.sort_by_key(|width| width.min_row);
        let mut free = 0;
        for width in &self.variable_widths {
            if width.coalesce < 2 || width.coalesce > self.matrix_width {
                return Err(Error::value(&named("coalesce"), width.coalesce, "not between 2 and matrixWidth"));
            }
            if width.min_row > width.max_row || width.max_row >= self.matrix_height {
                return Err(Error::value(
                    &named("maxTileRow"),
                    width.max_row,
                    "not between minTileRow and the last row",
                ));
            }
            if width.min_row < free {
                return Err(Error::value(
                    &named("minTileRow"),
                    width.min_row,
                    "also in another of variableMatrixWidths",
                ));
            }
            free = width.max_row + 1;
        }
        Ok(self)
    }

    /// How many columns are one tile in this row; 1 in rows that have none wider.
    pub fn coalescence(&self, row: u64) -> u64 {
        let at = self.variable_widths.partition_point(|width| width.max_row < row);
        self.variable_widths.get(at).filter(|width| width.min_row <= row).map_or(1, |width| width.coalesce)
    }

    /// `[left, bottom, right, top]` of all tiles.
    pub fn bounds(&self) -> [f64; 4] {
        let (left, width) = (self.origin.0, self.across(self.matrix_width, 1));
        let (y, height) = (self.origin.1, self.down(self.matrix_height));
        match self.corner {
            Corner::TopLeft => [left, y - height, left + width, y],
            Corner::BottomLeft => [left, y, left + width, y + height],
        }
    }

    /// `[left, bottom, right, top]` of the tile that holds this column and row.
    pub(super) fn tile_bounds(&self, column: u64, row: u64) -> [f64; 4] {
        let coalesce = self.coalescence(row);
        let tile = column / coalesce;
        let left = self.origin.0 + self.across(tile, coalesce);
        let right = self.origin.0 + self.across(tile + 1, coalesce);
        let y = self.origin.1;
        let (near, far) = (self.down(row), self.down(row + 1));
        match self.corner {
            Corner::TopLeft => [left, y - far, right, y - near],
            Corner::BottomLeft => [left, y + near, right, y + far],
        }
    }

    /// Width and height of a tile in units of the CRS.
    pub(super) fn span(&self) -> (f64, f64) {
        (self.cell_size * f64::from(self.tile_width), self.cell_size * f64::from(self.tile_height))
    }

    /// Width of so many tiles. The order of the factors is morecantile's, so that the last bit is its too.
    fn across(&self, tiles: u64, coalesce: u64) -> f64 {
        tiles as f64 * self.cell_size * coalesce as f64 * f64::from(self.tile_width)
    }

    fn down(&self, tiles: u64) -> f64 {
        tiles as f64 * self.cell_size * f64::from(self.tile_height)
    }

    /// Tiles from the corner, with a fraction: columns, rows.
    pub(super) fn place(&self, x: f64, y: f64) -> (f64, f64) {
        let down = match self.corner {
            Corner::TopLeft => self.origin.1 - y,
            Corner::BottomLeft => y - self.origin.1,
        };
        let (width, height) = self.span();
        ((x - self.origin.0) / width, down / height)
    }

    /// Column and row of the tile at a point; the far edges belong to the last tiles.
    pub(super) fn tile_at(&self, x: f64, y: f64) -> Option<(u64, u64)> {
        let (column, row) = self.place(x, y);
        let column = within(column, self.matrix_width, SLACK / f64::from(self.tile_width))?;
        let row = within(row, self.matrix_height, SLACK / f64::from(self.tile_height))?;
        let coalesce = self.coalescence(row);
        Some((column - column % coalesce, row))
    }
}

/// The number of the tile, if there is one.
fn within(place: f64, count: u64, slack: f64) -> Option<u64> {
    let inside = place >= -slack && place <= count as f64 + slack;
    inside.then(|| floor(place).min(count - 1))
}

/// The whole part of what is not negative, 0 for what is.
pub(super) fn floor(place: f64) -> u64 {
    // A cast of a float saturates.
    place.floor() as u64
}
