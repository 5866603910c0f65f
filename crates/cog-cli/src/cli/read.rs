//! Arguments of `cog read`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use cog_read::{Bounds, Window};

use super::values::{Resample, bounds, resolution, window};
use super::{Formulas, Rendering, Selection, Tuning, Warping};

#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  cog read a.tif --bounds 399960,5298640,400960,5299640 --max-size 512 -o part.npy\n  cog read a.tif --crs EPSG:3857 --resampling bilinear -o web.npy --grid web.json\n  cog read a.tif --expression '(b4-b1)/(b4+b1)' -o ndvi.npy --mask mask.npy\n  cog read dem.tif --rescale 0,3000 --colormap terrain -o dem.png"
)]
pub(crate) struct Read {
    /// The file.
    #[arg(value_name = "LOCATION", value_hint = ValueHint::AnyPath)]
    pub(crate) location: OsString,
    /// The file to write, by its ending: .npy is a NumPy array of shape (bands, height, width), little-endian, in the file's data type; .tif is a COG; .png, .jpg
    /// and .webp are pictures of one band or three, transparent (in JPEG black) where there is no data. - is standard output: NumPy, or what --format says.
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Also write a mask: (height, width) uint8, 255 where there is data, else 0. - is standard output.
    #[arg(long, value_name = "MASK.npy")]
    pub(crate) mask: Option<PathBuf>,
    /// Read from this level: 0 is full resolution, 1 … are the overviews. Without it the level is chosen for the size of the
    /// output, as GDAL does.
    #[arg(long, value_name = "N")]
    pub(crate) level: Option<usize>,
    /// Read this part, in pixels of full resolution, or of the level that --level names. Fractions are fine. With --crs or --like it counts
    /// pixels of the output's grid, and the part equals that part of the whole.
    #[arg(long, value_name = "COL,ROW,WIDTH,HEIGHT", value_parser = window, allow_hyphen_values = true)]
    pub(crate) window: Option<Window>,
    /// Read what lies within these bounds, in the CRS of the output: the file's own, or that of --crs.
    #[arg(long, value_name = "MINX,MINY,MAXX,MAXY", value_parser = bounds, allow_hyphen_values = true)]
    pub(crate) bounds: Option<Bounds>,
    /// Columns of the output; alone it keeps the shape of the pixels.
    #[arg(long, value_name = "W")]
    pub(crate) width: Option<usize>,
    /// Rows of the output; alone it keeps the shape of the pixels.
    #[arg(long, value_name = "H")]
    pub(crate) height: Option<usize>,
    /// The longer side of the output at most; nothing is enlarged.
    #[arg(long, value_name = "N", conflicts_with_all = ["width", "height"])]
    pub(crate) max_size: Option<usize>,
    /// Size of an output pixel in units of the CRS: one number, or two for x and y.
    #[arg(long, value_name = "RES[,RES]", value_parser = resolution, conflicts_with_all = ["width", "height", "max_size"])]
    pub(crate) resolution: Option<[f64; 2]>,
    /// How pixels are made where the output is not one to one: nearest, bilinear, cubic, cubic-spline, lanczos, average, mode, rms; gauss in
    /// the file's own grid; min, max, med, q1, q3, sum in others.
    #[arg(long, value_name = "METHOD", default_value = "nearest")]
    pub(crate) resampling: Resample,
    #[command(flatten)]
    pub(crate) warping: Warping,
    /// The output is no larger than the polygons of --cutline: it covers the rectangle around them.
    #[arg(long, requires = "cutline", conflicts_with_all = ["bounds", "like"])]
    pub(crate) crop_to_cutline: bool,
    /// Read into the grid of this raster: its CRS, its bounds, its size.
    #[arg(long, value_name = "LOCATION", value_hint = ValueHint::AnyPath, conflicts_with_all = ["crs", "bounds", "width", "height", "max_size", "resolution"])]
    pub(crate) like: Option<OsString>,
    /// Whose formulas warp: exact ones, for which a part has the pixels of the whole; or those of GDAL 3.10 with its defaults, which change with the
    /// grid that is asked for. With --crs, --like or --cutline.
    #[arg(long, value_name = "FORMULAS", default_value = "exact")]
    pub(crate) warp: Formulas,
    /// Also write the grid of the output: its transform, CRS, bounds and size, as JSON. - is standard output.
    #[arg(long, value_name = "GRID.json")]
    pub(crate) grid: Option<PathBuf>,
    /// Keep the part of the window that lies outside the image.
    #[arg(long)]
    pub(crate) boundless: bool,
    /// What fills the part outside the image, with --boundless, --crs or --like; nodata or 0 unless given.
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    pub(crate) fill: Option<f64>,
    /// Apply each band's scale and offset; the output is float64, NaN where there is no data.
    #[arg(long)]
    pub(crate) unscale: bool,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) tuning: Tuning,
}

impl Read {
    /// Whether the output has another grid than the file, or is cut out.
    pub(crate) fn is_warped(&self) -> bool {
        self.warping.crs.is_some() || self.like.is_some() || self.warping.cut.cutline.is_some()
    }

    /// Whether bounds or a size are given.
    pub(crate) fn has_size(&self) -> bool {
        let sizes = [self.width, self.height, self.max_size];
        self.bounds.is_some() || self.resolution.is_some() || sizes.iter().any(Option::is_some)
    }

    /// Arguments that do not go together, which depends on the grid.
    pub(super) fn check(&self) -> Result<(), String> {
        let is_standard_input = |path: &PathBuf| path.as_os_str() == "-";
        if self.location == "-" && self.warping.cut.cutline.as_ref().is_some_and(is_standard_input) {
            return Err("standard input cannot be both the file and the cut-line".into());
        }
        if self.fill.is_some() && self.selection.expression.is_some() {
            return Err("--fill and --expression do not go together: what has no data is NaN in the result".into());
        }
        if self.is_warped() {
            return self.resampling.warp().map(|_| ());
        }
        self.resampling.read()?;
        if self.warp == Formulas::Gdal {
            return Err("--warp gdal goes together with --crs, --like or --cutline only".into());
        }
        if self.window.is_some() && self.bounds.is_some() {
            return Err("--window and --bounds go together with --crs or --cutline only".into());
        }
        if self.fill.is_some() && !self.boundless {
            return Err("--fill needs --boundless, --crs, --like or --cutline".into());
        }
        Ok(())
    }
}
