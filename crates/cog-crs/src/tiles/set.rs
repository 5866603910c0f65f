//! A tile matrix set and what its tiles cover.

use super::matrix::TileMatrix;
use super::range::Tiles;
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::transform::Transform;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Cell sizes of a register may differ by this part from what they are meant to be: CDB's and GNOSIS's have 13 decimals.
const ROUNDED: f64 = 1e-3;

/// One tile: column, row and zoom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tile {
    /// Column, from the matrix's corner.
    pub x: u64,
    /// Row, from the matrix's corner.
    pub y: u64,
    /// The zoom's number.
    pub zoom: i32,
}

/// Grids of tiles over a CRS, from coarse to fine.
#[derive(Clone, Debug)]
pub struct TileMatrixSet {
    pub(super) about: About,
    pub(super) crs: Crs,
    /// In the order of their zooms; at least one.
    pub(super) matrices: Vec<TileMatrix>,
    /// From longitude and latitude to the CRS, made when first needed.
    to_native: OnceLock<Result<Arc<Transform>>>,
    to_geographic: OnceLock<Result<Arc<Transform>>>,
}

/// What a set says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct About {
    pub(super) id: Option<String>,
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) keywords: Vec<String>,
    pub(super) uri: Option<String>,
    pub(super) well_known_scale_set: Option<String>,
    pub(super) ordered_axes: Option<[String; 2]>,
    /// In the set's CRS, x first.
    pub(super) bounding_box: Option<[f64; 4]>,
}

impl PartialEq for TileMatrixSet {
    /// The same words, CRS and matrices.
    fn eq(&self, other: &TileMatrixSet) -> bool {
        self.about == other.about && self.crs == other.crs && self.matrices == other.matrices
    }
}

impl Tile {
    /// Column, row, zoom.
    pub fn new(x: u64, y: u64, zoom: i32) -> Tile {
        Tile { x, y, zoom }
    }
}

impl fmt::Display for Tile {
    /// `zoom/x/y`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.zoom, self.x, self.y)
    }
}

impl TileMatrixSet {
    /// From parts that were read or made.
    pub(super) fn new(about: About, crs: Crs, matrices: Vec<TileMatrix>) -> Result<TileMatrixSet> {
        let mut matrices = matrices.into_iter().map(TileMatrix::checked).collect::<Result<Vec<_>>>()?;
        if matrices.is_empty() {
            return Err(Error::missing("the tile matrix set", "tile matrix"));
        }
        matrices.sort_by_key(|matrix| matrix.zoom);
        Ok(TileMatrixSet { about, crs, matrices, to_native: OnceLock::new(), to_geographic: OnceLock::new() })
    }

    /// The set's identifier.
    pub fn id(&self) -> Option<&str> {
        self.about.id.as_deref()
    }

    /// What people call it.
    pub fn title(&self) -> Option<&str> {
        self.about.title.as_deref()
    }

    /// Where its official definition is found.
    pub fn uri(&self) -> Option<&str> {
        self.about.uri.as_deref()
    }

    /// The CRS of its coordinates.
    pub fn crs(&self) -> &Crs {
        &self.crs
    }

    /// The matrices in the order of their zooms.
    pub fn matrices(&self) -> &[TileMatrix] {
        &self.matrices
    }

    /// The first zoom.
    pub fn min_zoom(&self) -> i32 {
        self.matrices.first().map_or(0, |matrix| matrix.zoom)
    }

    /// The last zoom.
    pub fn max_zoom(&self) -> i32 {
        self.matrices.last().map_or(0, |matrix| matrix.zoom)
    }

    /// The matrix of a zoom.
    ///
    /// # Errors
    /// [`Error::Zoom`] if the set has none.
    pub fn matrix(&self, zoom: i32) -> Result<&TileMatrix> {
        let at = self.matrices.binary_search_by_key(&zoom, |matrix| matrix.zoom).ok();
        at.and_then(|at| self.matrices.get(at)).ok_or_else(|| Error::Zoom {
            zoom,
            min: self.min_zoom(),
            max: self.max_zoom(),
        })
    }

    /// `[left, bottom, right, top]` of the first zoom in the set's CRS.
    pub fn bounds(&self) -> [f64; 4] {
        self.matrices.first().map_or([0.0; 4], TileMatrix::bounds)
    }

    /// `[left, bottom, right, top]` of a tile in the set's CRS. Where tiles are coalesced, of the whole.
    ///
    /// # Errors
    /// [`Error::Zoom`], and [`Error::NoTile`] outside the matrix.
    pub fn tile_bounds(&self, tile: Tile) -> Result<[f64; 4]> {
        let matrix = self.matrix(tile.zoom)?;
        inside(matrix, tile)?;
        Ok(matrix.tile_bounds(tile.x, tile.y))
    }

    /// The tile at a point of the set's CRS; `None` outside the matrix. Its far edges belong to the last tiles.
    ///
    /// # Errors
    /// [`Error::Zoom`].
    pub fn tile_at(&self, x: f64, y: f64, zoom: i32) -> Result<Option<Tile>> {
        Ok(self.matrix(zoom)?.tile_at(x, y).map(|(x, y)| Tile { x, y, zoom }))
    }

    /// The tile at a longitude and latitude, which are those of the geographic CRS below the set's; `None` outside the matrix and
    /// outside the projection.
    ///
    /// # Errors
    /// [`Error::Zoom`], and [`Error::Unsupported`] if the CRS has no transform.
    pub fn tile_of(&self, longitude: f64, latitude: f64, zoom: i32) -> Result<Option<Tile>> {
        self.matrix(zoom)?;
        let point = self.to_native()?.point(longitude, latitude);
        point.map_or(Ok(None), |(x, y)| self.tile_at(x, y, zoom))
    }

    /// The tiles of a zoom that overlap bounds in the set's CRS, row by row. Touching is not overlapping; bounds without width or
    /// height are a line or a point.
    ///
    /// # Errors
    /// [`Error::Zoom`], and [`Error::Value`] for bounds that are not finite or not in order.
    pub fn tiles(&self, bounds: [f64; 4], zoom: i32) -> Result<Tiles<'_>> {
        Tiles::over(self.matrix(zoom)?, bounds)
    }

    /// The tiles of the next coarser zoom that overlap a tile: one in a set whose tiles are quartered, none at the first zoom.
    ///
    /// # Errors
    /// As [`TileMatrixSet::tile_bounds`].
    pub fn parents(&self, tile: Tile) -> Result<Tiles<'_>> {
        self.relatives(tile, self.matrices.iter().rev().find(|matrix| matrix.zoom < tile.zoom))
    }

    /// The tiles of the next finer zoom that overlap a tile: four in a set whose tiles are quartered, none at the last zoom.
    ///
    /// # Errors
    /// As [`TileMatrixSet::tile_bounds`].
    pub fn children(&self, tile: Tile) -> Result<Tiles<'_>> {
        self.relatives(tile, self.matrices.iter().find(|matrix| matrix.zoom > tile.zoom))
    }

    fn relatives<'a>(&'a self, tile: Tile, there: Option<&'a TileMatrix>) -> Result<Tiles<'a>> {
        let matrix = self.matrix(tile.zoom)?;
        inside(matrix, tile)?;
        let Some(there) = there else { return Ok(Tiles::none(matrix)) };
        let coalesce = matrix.coalescence(tile.y);
        let first = tile.x - tile.x % coalesce;
        let last = (first + coalesce - 1).min(matrix.matrix_width - 1);
        // By number where tiles nest: cell sizes that a register rounds would reach into neighbours.
        if let Some(times) = divides(matrix, there) {
            let columns = (first * times, (last + 1) * times - 1);
            return Ok(Tiles::among(there, columns, (tile.y * times, (tile.y + 1) * times - 1)));
        }
        if let Some(times) = divides(there, matrix) {
            return Ok(Tiles::among(there, (first / times, last / times), (tile.y / times, tile.y / times)));
        }
        Tiles::over(there, matrix.tile_bounds(tile.x, tile.y))
    }

    /// From longitude and latitude on the geographic CRS below the set's to the set's coordinates.
    pub(super) fn to_native(&self) -> Result<Arc<Transform>> {
        self.to_native.get_or_init(|| Ok(Arc::new(Transform::new(&self.geographic()?, &self.crs)?))).clone()
    }

    /// The way back.
    pub(super) fn to_geographic(&self) -> Result<Arc<Transform>> {
        self.to_geographic.get_or_init(|| Ok(Arc::new(Transform::new(&self.crs, &self.geographic()?)?))).clone()
    }

    fn geographic(&self) -> Result<Crs> {
        let without = || Error::Unsupported(format!("'{}', which has no longitudes and latitudes,", self.crs.name()));
        self.crs.geographic().ok_or_else(without)
    }
}

/// Into how many columns and rows of another matrix every column and row of one is divided, if it is without remainder.
fn divides(coarse: &TileMatrix, fine: &TileMatrix) -> Option<u64> {
    let times = fine.matrix_width / coarse.matrix_width;
    let counts = times > 0
        && coarse.matrix_width.checked_mul(times) == Some(fine.matrix_width)
        && coarse.matrix_height.checked_mul(times) == Some(fine.matrix_height);
    let same = |coarse: f64, fine: f64| (fine * times as f64 / coarse - 1.0).abs() < ROUNDED;
    let sizes = same(coarse.span().0, fine.span().0) && same(coarse.span().1, fine.span().1);
    (counts && sizes && coarse.origin == fine.origin && coarse.corner == fine.corner).then_some(times)
}

fn inside(matrix: &TileMatrix, tile: Tile) -> Result<()> {
    let (width, height) = (matrix.matrix_width, matrix.matrix_height);
    if tile.x < width && tile.y < height {
        Ok(())
    } else {
        Err(Error::NoTile { tile: tile.to_string(), width, height })
    }
}
