//! Arguments of `cog stac`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use cog_mosaic::expression::Expression;

use super::values::Resample;
use super::{Cut, Grid, Rendering, Tuning};

#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  cog stac https://example.com/item.json\n  cog stac item.json --assets red,nir --max-size 1024 -o red-nir.npy"
)]
pub(crate) struct Stac {
    /// The item, version 0.9 to 1.1: JSON at a location, or - for standard input. Also a collection of items or the answer of a
    /// search, whose next pages are followed.
    #[arg(value_name = "ITEM", value_hint = ValueHint::AnyPath)]
    pub(crate) item: OsString,
    /// Only these assets, in this order, whatever their types.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub(crate) assets: Option<Vec<String>>,
    /// Only assets of these media types. A type admits what is a kind of it: image/tiff every GeoTIFF. Without it all assets are listed, and COGs are
    /// read.
    #[arg(long, value_name = "TYPE,…", value_delimiter = ',')]
    pub(crate) types: Option<Vec<String>>,
    /// Take assets from their alternate location of this name, where they have it.
    #[arg(long, value_name = "NAME")]
    pub(crate) alternate: Option<String>,
    /// Of a collection, the item with this id.
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    /// List no more items of a collection than this; no further page is fetched then.
    #[arg(long, value_name = "N", conflicts_with = "output", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_items: Option<u64>,
    /// Look into every TIFF, also where the item tells its size, CRS, type and bands.
    #[arg(long, conflicts_with = "output")]
    pub(crate) headers: bool,
    /// Print JSON: an object for one item, a list for a collection.
    #[arg(long, conflicts_with = "output")]
    pub(crate) json: bool,
    /// Read the assets as bands of one array and write it, by the ending of the name: .npy is a NumPy array of shape (bands, height, width), little-endian, in
    /// the type that holds those of all assets; .tif is a COG; .png, .jpg and .webp are pictures. The grid is that of the first asset unless options say otherwise; assets in
    /// other grids are warped to it. - is standard output: NumPy, or what --format says.
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// Also write a mask: (height, width) uint8, 255 where any band has data, else 0. - is standard output.
    #[arg(long, value_name = "MASK.npy", requires = "output")]
    pub(crate) mask: Option<PathBuf>,
    /// Also write the grid of the output: its transform, CRS, bounds and size, as JSON. - is standard output.
    #[arg(long, value_name = "GRID.json", requires = "output")]
    pub(crate) grid: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: Grid,
    /// How pixels are made where an asset has another grid: nearest, bilinear, cubic, cubic-spline, lanczos, average, mode, rms, min, max, med,
    /// q1, q3, sum.
    #[arg(long, value_name = "METHOD", default_value = "nearest")]
    pub(crate) resampling: Resample,
    #[command(flatten)]
    pub(crate) cut: Cut,
    /// What pixels without data are filled with; the nodata value of the assets if they have one, else 0, unless given.
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    pub(crate) fill: Option<f64>,
    /// Make bands by an expression of the assets' names: (nir-red)/(nir+red), several by ;. Of an asset with several bands visual_b1 is the first. Only
    /// assets that it names are opened. The output is float32, NaN where there is no value.
    #[arg(long, value_name = "EXPRESSION", conflicts_with = "fill")]
    pub(crate) expression: Option<Expression>,
    /// Apply each band's scale and offset; the output is float64, NaN where there is no data.
    #[arg(long)]
    pub(crate) unscale: bool,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
    #[command(flatten)]
    pub(crate) tuning: Tuning,
}

impl Stac {
    /// Arguments that do not go together.
    pub(super) fn check(&self) -> Result<(), String> {
        self.resampling.warp()?;
        if self.output.is_none() {
            let reading = [
                ("--crs", self.place.crs.is_some()),
                ("--bounds", self.place.bounds.is_some()),
                ("--width, --height, --max-size and --resolution", self.place.has_size()),
                ("--cutline", self.cut.cutline.is_some()),
                ("--fill", self.fill.is_some()),
                ("--expression", self.expression.is_some()),
                ("--unscale", self.unscale),
                ("--format", self.rendering.format.is_some()),
                ("--rescale", !self.rendering.rescale.is_empty()),
                ("--colormap", self.rendering.colormap.is_some()),
                ("--quality", self.rendering.quality.is_some()),
            ];
            if let Some((name, _)) = reading.iter().find(|(_, given)| *given) {
                return Err(format!("{name}: only with -o, for assets that are read"));
            }
        }
        if self.item == "-" && self.cut.cutline.as_ref().is_some_and(|path| path.as_os_str() == "-") {
            return Err("standard input cannot be both the item and the cut-line".into());
        }
        Ok(())
    }
}
