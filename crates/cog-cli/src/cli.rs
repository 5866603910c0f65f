//! The command line: arguments and nothing else.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use cog_read::Window;

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
    /// 0 is full resolution, 1 … are the overviews.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) level: usize,
    /// Read this part, in pixels of the chosen level.
    #[arg(long, value_name = "COL,ROW,WIDTH,HEIGHT", value_parser = window, allow_hyphen_values = true)]
    pub(crate) window: Option<Window>,
    /// Bands to read, counted from 1, in this order.
    #[arg(long, value_name = "1,3", value_delimiter = ',')]
    pub(crate) bands: Option<Vec<usize>>,
    /// Read samples as stored where GDAL would convert colours (8-bit CMYK, CIELab, YCbCr that is not JPEG).
    #[arg(long)]
    pub(crate) raw_color: bool,
    /// Read this page of a multi-page file, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) page: usize,
    /// Decoding threads; the default is one for each processor.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
    /// Refuse to produce more than this; the default is half of the machine's memory.
    #[arg(long, value_name = "SIZE", value_parser = crate::byte_size::parse)]
    pub(crate) max_output: Option<u64>,
}

pub(crate) fn parse() -> Cli {
    Cli::parse()
}

fn window(text: &str) -> Result<Window, String> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let [column, row, width, height] = parts[..] else {
        return Err("four numbers are needed: column,row,width,height".to_string());
    };
    let corner = |s: &str| s.parse::<i64>().map_err(|_| format!("'{s}' is not a whole number"));
    let size = |s: &str| s.parse::<u64>().map_err(|_| format!("'{s}' is not a size in pixels"));
    Ok(Window::new(corner(column)?, corner(row)?, size(width)?, size(height)?))
}
