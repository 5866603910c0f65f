//! Arguments of `cog mosaic`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};
use cog_crs::Crs;
use cog_mosaic::PixelSelection;
use cog_read::Bounds;

use super::values::{self, Resample, bounds, resolution};
use super::{Rendering, Tuning};

#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:\n  cog mosaic may.tif june.tif july.tif --pixel-selection median -o summer.npy --mask summer_mask.npy\n  cog mosaic create s3://bucket/*.tif -o mosaic.json\n  cog mosaic mosaic.json --crs EPSG:3857 --bounds 1000000,6000000,1100000,6100000 --resolution 30 -o part.npy"
)]
pub(crate) struct Mosaic {
    #[command(subcommand)]
    pub(crate) command: Option<MosaicCommand>,
    #[command(flatten)]
    pub(crate) read: MosaicRead,
}

#[derive(Subcommand, Debug)]
pub(crate) enum MosaicCommand {
    /// Write a MosaicJSON (0.0.3) of files: which of them lie in which tile.
    Create(Box<MosaicCreate>),
}

/// What is read.
#[derive(Args, Debug)]
pub(crate) struct MosaicRead {
    /// The files, in the order in which they count, or documents that name files, known by the endings .json and .geojson, with .gz too: a MosaicJSON, items
    /// of STAC, GeoJSON outlines as cog bounds and gdaltindex write them. @FILE has one of these in each line; @- is standard input.
    #[arg(required = true, value_name = "SOURCE", value_hint = ValueHint::AnyPath)]
    pub(crate) sources: Vec<OsString>,
    /// The file to write, by its ending: .npy is a NumPy array of shape (bands, height, width), little-endian, in the first source's data type; .tif is a COG; .png, .jpg and
    /// .webp are pictures. - is standard output: NumPy, or what --format says.
    #[arg(short, long, required = true, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// Also write a mask: (height, width) uint8, 255 where there is data, else 0. - is standard output.
    #[arg(long, value_name = "MASK.npy")]
    pub(crate) mask: Option<PathBuf>,
    /// Also write the grid of the output: its transform, CRS, bounds and size, as JSON. - is standard output.
    #[arg(long, value_name = "GRID.json")]
    pub(crate) grid: Option<PathBuf>,
    /// Which pixel counts where several sources hold data: first, last, highest, lowest, mean, median, stdev, sum, count; lastbandhigh or
    /// lastbandlow: all bands but the last of the source whose last band is highest or lowest.
    #[arg(long, value_name = "METHOD", default_value = "first")]
    pub(crate) pixel_selection: PixelSelection,
    /// The CRS of the output: a code such as EPSG:3857, WKT, PROJJSON, a PROJ string, or @FILE with one of them; the first source's unless
    /// given.
    #[arg(long, value_name = "CRS", value_parser = values::crs)]
    pub(crate) crs: Option<Crs>,
    /// Read what lies within these bounds, in the CRS of the output; all sources unless given.
    #[arg(long, value_name = "MINX,MINY,MAXX,MAXY", value_parser = bounds, allow_hyphen_values = true)]
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
    /// Size of an output pixel in units of the CRS: one number, or two for x and y; the first source's unless given.
    #[arg(long, value_name = "RES[,RES]", value_parser = resolution, conflicts_with_all = ["width", "height", "max_size"])]
    pub(crate) resolution: Option<[f64; 2]>,
    /// How pixels of each source are made: as for cog read --crs.
    #[arg(long, value_name = "METHOD", default_value = "nearest")]
    pub(crate) resampling: Resample,
    /// Bands to read of every source, counted from 1, in this order.
    #[arg(long, value_name = "1,3", value_delimiter = ',')]
    pub(crate) bands: Option<Vec<usize>>,
    /// Assets to read of items of STAC: their bands follow each other.
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',')]
    pub(crate) assets: Vec<String>,
    /// The value of pixels without data, instead of what the files say.
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    pub(crate) nodata: Option<f64>,
    /// What fills pixels without data; nodata of the first source or 0 unless given.
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    pub(crate) fill: Option<f64>,
    /// Read from this level of every source: 0 is full resolution. Without it the level is chosen for the size of the output's pixels.
    #[arg(long, value_name = "N")]
    pub(crate) level: Option<usize>,
    /// Apply the scale and offset of each band of each source; the output is float64, NaN where there is no data.
    #[arg(long)]
    pub(crate) unscale: bool,
    /// Read samples as stored where GDAL would convert colours (8-bit CMYK, CIELab, YCbCr that is not JPEG).
    #[arg(long)]
    pub(crate) raw_color: bool,
    /// Leave out sources that cannot be opened or read, and name them on standard error.
    #[arg(long)]
    pub(crate) skip_errors: bool,
    /// Sources that are read at once.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) at_once: Option<u16>,
    /// Sources that are read ahead of time where later ones may not be needed (first, last): faster for pictures with holes. The default is
    /// none.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) look_ahead: u16,
    /// Memory for pixels of sources, beside the output; what takes more is made in parts. The default is 192 MiB.
    #[arg(long, value_name = "SIZE", value_parser = crate::byte_size::parse)]
    pub(crate) memory: Option<u64>,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
    #[command(flatten)]
    pub(crate) tuning: Tuning,
}

#[derive(Args, Debug)]
pub(crate) struct MosaicCreate {
    /// The files, in the order in which they count. @FILE has one in each line; @- is standard input.
    #[arg(required = true, value_name = "SOURCE", value_hint = ValueHint::AnyPath)]
    pub(crate) sources: Vec<OsString>,
    /// The file to write; - is standard output, which is the default.
    #[arg(short, long, value_name = "OUT.json", default_value = "-")]
    pub(crate) output: PathBuf,
    /// The coarsest zoom, instead of what the files say.
    #[arg(long, value_name = "Z", value_parser = clap::value_parser!(i32).range(0..=30), alias = "minzoom")]
    pub(crate) min_zoom: Option<i32>,
    /// The finest zoom, instead of what the files say.
    #[arg(long, value_name = "Z", value_parser = clap::value_parser!(i32).range(0..=30), alias = "maxzoom")]
    pub(crate) max_zoom: Option<i32>,
    /// The zoom of the quadkeys; the coarsest zoom unless given.
    #[arg(long, value_name = "Z", value_parser = clap::value_parser!(i32).range(0..=30))]
    pub(crate) quadkey_zoom: Option<i32>,
    /// The tile matrix set of the quadkeys: a name that cog tms lists, or the JSON file of one (OGC TMS 2.0).
    #[arg(long, value_name = "ID|FILE.json", default_value = "WebMercatorQuad")]
    pub(crate) tms: String,
    /// A name of the mosaic.
    #[arg(long, value_name = "TEXT")]
    pub(crate) name: Option<String>,
    /// A description of the mosaic.
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// Who made the files.
    #[arg(long, value_name = "TEXT")]
    pub(crate) attribution: Option<String>,
    /// With what locations begin: it is written once, and left out of those that begin with it.
    #[arg(long, value_name = "PREFIX")]
    pub(crate) asset_prefix: Option<String>,
    /// Leave out files that cannot be opened or have no place, and name them on standard error.
    #[arg(long)]
    pub(crate) skip_errors: bool,
    /// Files that are opened at once.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) at_once: Option<u16>,
}

impl Mosaic {
    /// Arguments that do not go together.
    pub(super) fn check(&self) -> Result<(), String> {
        self.read.resampling.warp().map(|_| ())
    }

    /// How much of the machine.
    pub(super) fn tuning(&self) -> &Tuning {
        &self.read.tuning
    }
}
