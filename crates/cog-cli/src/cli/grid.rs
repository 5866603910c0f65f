//! Which grid several files are read into.

use clap::Args;
use cog_crs::Crs;
use cog_read::Bounds;
use cog_warp::GridRequest;

use super::values;

/// Which grid.
#[derive(Args, Debug)]
pub(crate) struct Grid {
    /// Warp to this CRS: a code such as EPSG:3857, WKT, PROJJSON, a PROJ string, or @FILE with one of them.
    #[arg(long, value_name = "CRS", value_parser = values::crs)]
    pub(crate) crs: Option<Crs>,
    /// Read what lies within these bounds, in the CRS of the output.
    #[arg(long, value_name = "MINX,MINY,MAXX,MAXY", value_parser = values::bounds, allow_hyphen_values = true)]
    pub(crate) bounds: Option<Bounds>,
    /// The CRS of --bounds, where it is not that of the output.
    #[arg(long, value_name = "CRS", value_parser = values::crs, requires = "bounds")]
    pub(crate) bounds_crs: Option<Crs>,
    /// Columns of the output; alone it keeps the shape of the pixels.
    #[arg(long, value_name = "W")]
    pub(crate) width: Option<u32>,
    /// Rows of the output; alone it keeps the shape of the pixels.
    #[arg(long, value_name = "H")]
    pub(crate) height: Option<u32>,
    /// The longer side of the output at most; nothing is enlarged.
    #[arg(long, value_name = "N", conflicts_with_all = ["width", "height"])]
    pub(crate) max_size: Option<u32>,
    /// Size of an output pixel in units of the CRS: one number, or two for x and y.
    #[arg(long, value_name = "RES[,RES]", value_parser = values::resolution, conflicts_with_all = ["width", "height", "max_size"])]
    pub(crate) resolution: Option<[f64; 2]>,
}

impl Grid {
    /// Whether a size of the output or of its pixels is given.
    pub(crate) fn has_size(&self) -> bool {
        [self.width, self.height, self.max_size].iter().any(Option::is_some) || self.resolution.is_some()
    }

    /// The request for such a grid, in `own` where no CRS is asked for.
    pub(crate) fn request(&self, own: &Crs) -> GridRequest {
        let mut request = GridRequest::new(self.crs.as_ref().unwrap_or(own).clone());
        if let Some(Bounds { minx, miny, maxx, maxy }) = self.bounds {
            request = request.bounds([minx, miny, maxx, maxy]);
        }
        if let Some(crs) = &self.bounds_crs {
            request = request.bounds_crs(crs.clone());
        }
        match (self.width, self.height, self.max_size, self.resolution) {
            (Some(width), Some(height), ..) => request.shape(height, width),
            (Some(width), None, ..) => request.width(width),
            (None, Some(height), ..) => request.height(height),
            (None, None, Some(most), _) => request.max_size(most),
            (None, None, None, Some([x, y])) => request.resolution(x, y),
            (None, None, None, None) => request,
        }
    }
}
