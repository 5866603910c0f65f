//! Which grid pixels are read into, if it is not the file's own, and which part of it counts.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum, ValueHint};
use cog_crs::Crs;
use cog_warp::Cutline;

use super::values;

/// Which grid.
#[derive(Args, Debug)]
pub(crate) struct Warping {
    /// Warp to this CRS: a code such as EPSG:3857, WKT, PROJJSON, a PROJ string, or @FILE with one of them. The output has exactly the grid
    /// that is asked for; what lies outside the file holds no data.
    #[arg(long, value_name = "CRS", value_parser = values::crs)]
    pub(crate) crs: Option<Crs>,
    /// The CRS of --bounds, where it is not that of the output.
    #[arg(long, value_name = "CRS", value_parser = values::crs, requires = "bounds")]
    pub(crate) bounds_crs: Option<Crs>,
    #[command(flatten)]
    pub(crate) cut: Cut,
}

/// Whose formulas warp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Formulas {
    Exact,
    Gdal,
}

/// Polygons outside of which nothing counts.
#[derive(Args, Debug)]
pub(crate) struct Cut {
    /// Pixels outside of the polygons of this GeoJSON file hold no data. Its coordinates are longitudes and latitudes, unless it says otherwise;
    /// - is standard input.
    #[arg(long, value_name = "FILE.geojson", value_hint = ValueHint::FilePath)]
    pub(crate) cutline: Option<PathBuf>,
    /// Pixels that an edge of the polygons passes through count too, not only those whose middle lies inside.
    #[arg(long, requires = "cutline")]
    pub(crate) all_touched: bool,
}

impl Cut {
    /// The polygons.
    ///
    /// # Errors
    /// What cannot be read, and what is no polygon.
    pub(crate) fn cutline(&self) -> anyhow::Result<Option<Cutline>> {
        let Some(path) = &self.cutline else { return Ok(None) };
        let text = match path.as_os_str() == "-" {
            true => std::io::read_to_string(std::io::stdin()),
            false => std::fs::read_to_string(path),
        };
        let text = text.with_context(|| format!("cannot read the cut-line {}", path.display()))?;
        let cutline = Cutline::from_geojson(&text).with_context(|| format!("the cut-line {}", path.display()))?;
        Ok(Some(cutline.all_touched(self.all_touched)))
    }
}
