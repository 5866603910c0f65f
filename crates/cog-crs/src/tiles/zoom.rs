//! Which zoom fits a resolution.

use super::set::TileMatrixSet;
use crate::error::{Error, Result};

/// Which of the two zooms around a resolution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ZoomLevel {
    /// The one whose cells are nearer in size, as a ratio.
    #[default]
    Auto,
    /// The coarser one.
    Lower,
    /// The finer one.
    Upper,
}

/// Cell sizes that differ by less are the same.
const SAME: f64 = 1e-8;

impl TileMatrixSet {
    /// The zoom for pixels of this size in units of the set's CRS. The rule is that of GDAL's COG driver (ZOOM_LEVEL_STRATEGY) and of
    /// morecantile; beyond the coarsest and finest zoom it answers with these.
    ///
    /// # Errors
    /// [`Error::Value`] for what is no size.
    pub fn zoom_for_resolution(&self, resolution: f64, level: ZoomLevel) -> Result<i32> {
        if !resolution.is_finite() || resolution <= 0.0 {
            return Err(Error::value("resolution", resolution, "no size of a pixel"));
        }
        let same = |cell: f64| (resolution - cell).abs() / cell <= SAME;
        let mut coarser = None;
        for matrix in &self.matrices {
            let cell = matrix.cell_size;
            if resolution > cell || same(cell) {
                let coarser = coarser.filter(|_| !same(cell));
                return Ok(match (coarser, level) {
                    (Some((zoom, _)), ZoomLevel::Lower) => zoom,
                    (Some((zoom, size)), ZoomLevel::Auto) if size / resolution < resolution / cell => zoom,
                    _ => matrix.zoom,
                });
            }
            coarser = Some((matrix.zoom, cell));
        }
        Ok(self.max_zoom())
    }
}
