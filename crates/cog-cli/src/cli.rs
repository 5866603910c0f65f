//! The command line: arguments and nothing else.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use cog_read::{Bounds, Interpolation, Resampling, Window};

/// What a Cloud Optimized GeoTIFF is, and its pixels.
///
/// A LOCATION is a path, file://, http(s)://, s3://, gs://, az:// or abfs:// URL, or GDAL's /vsicurl/, /vsis3/, /vsigs/,
/// /vsiaz/ form of one.
#[derive(Parser, Debug)]
#[command(name = "cog", version, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print one JSON object on the last line of standard error: requests, bytes, times.
    #[arg(long, global = true)]
    pub(crate) stats: bool,
    /// Also read what lies beside a file, as GDAL does: overviews in NAME.ovr, a mask in NAME.msk, and CRS, transform, nodata
    /// and metadata in NAME.aux.xml.
    #[arg(long, global = true, alias = "sidecars")]
    pub(crate) side_cars: bool,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Describe files: size, bands, CRS, compression, levels, block sizes, header size.
    Info(Info),
    /// List every tag of every IFD.
    Tags(Tags),
    /// Print a tile matrix set (OGC 2D TMS) for the blocks of a file and its overviews.
    CreateTms(CreateTms),
    /// Read pixels into a NumPy file.
    Read(Read),
    /// Print the values at places.
    Point(Point),
    /// Print statistics of each band.
    Stats(Stats),
    /// Make a PNG picture.
    Preview(Preview),
}

#[derive(Args, Debug)]
pub(crate) struct Info {
    /// One or more files.
    #[arg(required = true, value_name = "LOCATION")]
    pub(crate) locations: Vec<String>,
    /// Print JSON: an object for one location, a list for several.
    #[arg(long)]
    pub(crate) json: bool,
    /// Read the tile tables for block sizes even if that costs many bytes.
    #[arg(long)]
    pub(crate) block_sizes: bool,
    /// Describe this page of a multi-page file, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) page: usize,
}

#[derive(Args, Debug)]
pub(crate) struct Tags {
    /// The file.
    #[arg(value_name = "LOCATION")]
    pub(crate) location: String,
    /// Only this IFD, counted from 0.
    #[arg(long, value_name = "N")]
    pub(crate) ifd: Option<usize>,
    /// Print JSON, with every value of every tag.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct CreateTms {
    /// The file.
    #[arg(value_name = "LOCATION")]
    pub(crate) location: String,
    /// Identifier of the tile matrix set; the default is made from the file's name.
    #[arg(long)]
    pub(crate) identifier: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Read {
    /// The file.
    #[arg(value_name = "LOCATION")]
    pub(crate) location: String,
    /// The NumPy file to write: (bands, height, width), little-endian, in the file's data type.
    #[arg(short, long, value_name = "OUT.npy")]
    pub(crate) output: PathBuf,
    /// Also write a mask: (height, width) uint8, 255 where there is data, else 0.
    #[arg(long, value_name = "MASK.npy")]
    pub(crate) mask: Option<PathBuf>,
    /// Read from this level: 0 is full resolution, 1 … are the overviews. Without it the level is chosen for the size of the
    /// output, as GDAL does.
    #[arg(long, value_name = "N")]
    pub(crate) level: Option<usize>,
    /// Read this part, in pixels of full resolution, or of the level that --level names. Fractions are fine.
    #[arg(long, value_name = "COL,ROW,WIDTH,HEIGHT", value_parser = window, allow_hyphen_values = true)]
    pub(crate) window: Option<Window>,
    /// Read what lies within these bounds, in the file's own CRS.
    #[arg(long, value_name = "MINX,MINY,MAXX,MAXY", value_parser = bounds, allow_hyphen_values = true, conflicts_with = "window")]
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
    /// How pixels are made where the output is not one to one: nearest, bilinear, cubic, cubic-spline, lanczos, average, mode, rms, gauss.
    #[arg(long, value_name = "METHOD", default_value = "nearest")]
    pub(crate) resampling: Resampling,
    /// Keep the part of the window that lies outside the image.
    #[arg(long)]
    pub(crate) boundless: bool,
    /// What fills the part outside the image; nodata or 0 unless given.
    #[arg(long, value_name = "V", requires = "boundless", allow_hyphen_values = true)]
    pub(crate) fill: Option<f64>,
    /// Apply each band's scale and offset; the output is float64, NaN where there is no data.
    #[arg(long)]
    pub(crate) unscale: bool,
    /// The value of pixels without data, instead of what the file says.
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    pub(crate) nodata: Option<f64>,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) tuning: Tuning,
}

/// Which samples.
#[derive(Args, Debug)]
pub(crate) struct Selection {
    /// Bands to read, counted from 1, in this order.
    #[arg(long, value_name = "1,3", value_delimiter = ',')]
    pub(crate) bands: Option<Vec<usize>>,
    /// Read samples as stored where GDAL would convert colours (8-bit CMYK, CIELab, YCbCr that is not JPEG).
    #[arg(long)]
    pub(crate) raw_color: bool,
    /// Read this page of a multi-page file, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) page: usize,
}

/// How much of the machine.
#[derive(Args, Debug)]
pub(crate) struct Tuning {
    /// Decoding threads; the default is one for each processor.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
    /// Refuse to produce more than this; the default is half of the machine's memory.
    #[arg(long, value_name = "SIZE", value_parser = crate::byte_size::parse)]
    pub(crate) max_output: Option<u64>,
}

#[derive(Args, Debug)]
pub(crate) struct Point {
    /// The file.
    #[arg(value_name = "LOCATION")]
    pub(crate) location: String,
    /// Coordinates in the file's own CRS, in pairs: X Y X Y …; without any they are read from standard input, one pair a line,
    /// separated by blanks or a comma.
    #[arg(value_name = "X Y", allow_negative_numbers = true)]
    pub(crate) coordinates: Vec<f64>,
    /// Places are columns and rows of full resolution: 0.5 0.5 is the centre of the first pixel.
    #[arg(long)]
    pub(crate) pixels: bool,
    /// Read from this level: 0 is full resolution.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) level: usize,
    /// Between pixel centres: nearest, bilinear, cubic.
    #[arg(long, value_name = "METHOD", default_value = "nearest", value_parser = interpolation)]
    pub(crate) interpolation: Interpolation,
    /// Apply each band's scale and offset.
    #[arg(long)]
    pub(crate) unscale: bool,
    /// The value of pixels without data, instead of what the file says.
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    pub(crate) nodata: Option<f64>,
    /// Print JSON: a list with an object for each place.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) tuning: Tuning,
}

#[derive(Args, Debug)]
pub(crate) struct Stats {
    /// The file.
    #[arg(value_name = "LOCATION")]
    pub(crate) location: String,
    /// Use this level: 0, every pixel of full resolution, is the default; an overview is quicker.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) level: usize,
    /// Percentiles to print, 0 to 100.
    #[arg(long, value_name = "2,98", value_delimiter = ',', default_value = "2,98")]
    pub(crate) percentiles: Vec<f64>,
    /// Count values in this many bins between minimum and maximum.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) histogram: Option<u32>,
    /// Apply each band's scale and offset.
    #[arg(long)]
    pub(crate) unscale: bool,
    /// The value of pixels without data, instead of what the file says.
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    pub(crate) nodata: Option<f64>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) tuning: Tuning,
}

#[derive(Args, Debug)]
pub(crate) struct Preview {
    /// The file.
    #[arg(value_name = "LOCATION")]
    pub(crate) location: String,
    /// The PNG file to write. Samples that are not of 8 bits are stretched between their 2nd and 98th percentile; pixels
    /// without data are transparent.
    #[arg(short, long, value_name = "OUT.png")]
    pub(crate) output: PathBuf,
    /// The longer side at most, in pixels.
    #[arg(long, value_name = "N", default_value_t = 1024)]
    pub(crate) max_size: usize,
    /// nearest, bilinear, cubic, cubic-spline, lanczos, average, mode, rms, gauss.
    #[arg(long, value_name = "METHOD", default_value = "bilinear")]
    pub(crate) resampling: Resampling,
    /// The value of pixels without data, instead of what the file says.
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    pub(crate) nodata: Option<f64>,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) tuning: Tuning,
}

impl Command {
    /// How much of the machine, for commands that decode.
    pub(crate) fn tuning(&self) -> Option<&Tuning> {
        match self {
            Command::Read(Read { tuning, .. })
            | Command::Point(Point { tuning, .. })
            | Command::Stats(Stats { tuning, .. })
            | Command::Preview(Preview { tuning, .. }) => Some(tuning),
            Command::Info(_) | Command::Tags(_) | Command::CreateTms(_) => None,
        }
    }
}

pub(crate) fn parse() -> Cli {
    Cli::parse()
}

/// Numbers between commas.
fn numbers<const N: usize>(text: &str, what: &str) -> Result<[f64; N], String> {
    let number = |s: &str| s.trim().parse::<f64>().map_err(|_| format!("'{s}' is not a number"));
    let all = text.split(',').map(number).collect::<Result<Vec<f64>, String>>()?;
    all.try_into().map_err(|_| format!("{what} are needed"))
}

fn window(text: &str) -> Result<Window, String> {
    let [column, row, width, height] = numbers(text, "four numbers, column,row,width,height,")?;
    Ok(Window::new(column, row, width, height))
}

fn bounds(text: &str) -> Result<Bounds, String> {
    numbers::<4>(text, "four numbers, minx,miny,maxx,maxy,").map(Bounds::from)
}

fn resolution(text: &str) -> Result<[f64; 2], String> {
    match text.contains(',') {
        true => numbers(text, "one or two numbers"),
        false => numbers::<1>(text, "one or two numbers").map(|[both]| [both; 2]),
    }
}

fn interpolation(text: &str) -> Result<Interpolation, String> {
    match text {
        "nearest" => Ok(Interpolation::Nearest),
        "bilinear" => Ok(Interpolation::Bilinear),
        "cubic" => Ok(Interpolation::Cubic),
        _ => Err("nearest, bilinear or cubic".into()),
    }
}
