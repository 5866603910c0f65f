//! Arguments of `cog convert`.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, Parser, ValueEnum, ValueHint};
use cog_crs::Crs;
use cog_crs::tiles::ZoomLevel;
use cog_read::tiff::{Compression, Image, Predictor, SampleType};
use cog_read::{Bounds, Resampling};
use cog_warp::Method;
use cog_write::{BigTiff, EncodeCodec, JpegColors, LercWrapping, Options, Overviews, Sparse};

use super::Tuning;
use super::values::{self, Resample};

/// Width and height of blocks, unless set.
pub(crate) const BLOCK: u32 = 512;

/// The tile matrix set of web maps, and what GDAL calls it.
pub(crate) const WEB_MERCATOR: &str = "WebMercatorQuad";
pub(crate) const GOOGLE_MAPS: &str = "GoogleMapsCompatible";

#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cog convert scene.tif cog.tif --compress zstd --statistics")]
pub(crate) struct Convert {
    /// The file.
    #[arg(value_name = "LOCATION", value_hint = ValueHint::AnyPath)]
    pub(crate) location: OsString,
    /// The COG to write: a file, or an object of s3://, gs:// or az://. - is standard output.
    #[arg(value_name = "OUT.tif")]
    pub(crate) output: PathBuf,
    /// The page of a file of several, from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) page: usize,
    /// Bands to take, counted from 1, in this order.
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    pub(crate) bands: Vec<usize>,
    /// Warp to this CRS: a code such as EPSG:3857, WKT, PROJJSON, a PROJ string, or @FILE with one of them.
    #[arg(long, value_name = "CRS", value_parser = values::crs)]
    pub(crate) crs: Option<Crs>,
    /// Take what lies within these bounds, in the CRS of the COG. Without --crs and --resolution: all pixels of the file that they touch, as they
    /// are. With --crs exactly what lies within, in pixels of about the file's size; with --resolution in pixels of just that size, to half a pixel.
    #[arg(long, value_name = "MINX,MINY,MAXX,MAXY", value_parser = values::bounds, allow_hyphen_values = true)]
    pub(crate) bounds: Option<Bounds>,
    /// Size of a pixel in units of the CRS: one number, or two for x and y.
    #[arg(long, value_name = "RES[,RES]", value_parser = values::resolution)]
    pub(crate) resolution: Option<[f64; 2]>,
    /// Take over the grid of this raster: its CRS, its bounds, its size.
    #[arg(long, value_name = "LOCATION", value_hint = ValueHint::AnyPath, conflicts_with_all = ["crs", "bounds", "resolution"])]
    pub(crate) like: Option<OsString>,
    /// Make each block a tile of a map: warp to the grid of a tile matrix set at the zoom level that fits the file's resolution.
    #[arg(long, conflicts_with_all = ["crs", "bounds", "resolution", "like"])]
    pub(crate) web: bool,
    /// The tile matrix set: WebMercatorQuad unless set; cog tms lists others.
    #[arg(long, value_name = "NAME", requires = "web")]
    pub(crate) tms: Option<String>,
    /// How pixels are made in another grid: nearest unless set.
    #[arg(long, value_name = "METHOD")]
    pub(crate) resampling: Option<Resample>,
    /// Another type of samples: rounded and cut to what it can hold.
    #[arg(long, value_name = "TYPE", value_parser = sample_type)]
    pub(crate) dtype: Option<SampleType>,
    /// Stretch samples: MIN and MAX become the lowest and highest value of --dtype, uint8 unless set (of floating point 0 and 1). Once for all
    /// bands, or once for each.
    #[arg(long, value_name = "MIN,MAX", value_parser = values::range, allow_hyphen_values = true)]
    pub(crate) rescale: Vec<[f64; 2]>,
    /// The value of samples without data, whatever the file says; none takes it away. Samples stay as they are, unless a mask says what has
    /// no data, or other options make samples anew: then those without data become this value.
    #[arg(long, value_name = "VALUE|none", allow_hyphen_values = true)]
    pub(crate) nodata: Option<String>,
    /// Write a mask of what holds data, by nodata or alpha, instead of nodata.
    #[arg(long)]
    pub(crate) add_mask: bool,
    /// Everything that no option says as GDAL's COG driver has it: lzw without predictor, cubic overviews and cubic in another grid (of palettes
    /// nearest), blocks of --web as large as the tiles of the set, no block left out or copied.
    #[arg(long, value_name = "WHOSE")]
    pub(crate) defaults: Option<Defaults>,
    /// An option of GDAL's COG driver, in its words; -co works as well.
    #[arg(long = "co", value_name = "NAME=VALUE")]
    pub(crate) creation_options: Vec<String>,
    /// How blocks are compressed: as those of the file if they can be copied, else deflate.
    #[arg(long, value_name = "CODEC")]
    pub(crate) compress: Option<Compress>,
    /// How hard the codec tries: 1 to 12 for deflate (6 unless set), 1 to 22 for zstd (9), 0 to 9 for lzma (6).
    #[arg(long, value_name = "N")]
    pub(crate) level: Option<u8>,
    /// How much of a picture is kept by jpeg and webp, 1 to 100 (75 unless set); webp of 100 loses nothing.
    #[arg(long, value_name = "N")]
    pub(crate) quality: Option<u8>,
    /// How much a value may be off in lerc: 0 unless set, which loses nothing.
    #[arg(long, value_name = "ERROR")]
    pub(crate) max_error: Option<f64>,
    /// What is done to samples before compression: what fits them unless set.
    #[arg(long, value_name = "PREDICTOR", default_value = "auto")]
    pub(crate) predictor: PredictorChoice,
    /// Width and height of blocks in pixels: those of the file if they can be copied, else 512; 256 or 384 where a level of more than 512 rows
    /// would be exactly one block wide, which rio-cogeo takes for strips and calls not valid.
    #[arg(long, value_name = "PIXELS")]
    pub(crate) blocksize: Option<u32>,
    /// Whether blocks of the file are copied as they are, where no option asks for others: nothing is lost a second time, and nothing is
    /// decoded that need not be. Where rio-cogeo would take copied blocks for strips, those that lose nothing are made anew in another size;
    /// --blocksize with that of the file copies them all the same.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) copy_blocks: CopyBlocks,
    /// Which overviews: made anew, those of the file, none, or a number of them. Unless set, they are made anew if not all blocks of the file
    /// can be copied down to an overview that fits one block.
    #[arg(long, value_name = "fresh|keep|none|N", value_parser = overviews)]
    pub(crate) overviews: Option<Overviews>,
    /// How overviews are made: the average unless set, of palettes the mode.
    #[arg(long, value_name = "METHOD")]
    pub(crate) overview_resampling: Option<Resampling>,
    /// Leave blocks out that hold nothing but nodata.
    #[arg(long)]
    pub(crate) sparse: bool,
    /// Work out statistics of each band and write them into the file.
    #[arg(long)]
    pub(crate) statistics: bool,
    /// Whether the file is a BigTIFF.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) bigtiff: WhenBig,
    /// What only -co says of --web.
    #[arg(skip)]
    pub(crate) tiling: Tiling,
    /// Pixels of --resolution are fitted to --bounds: RES.
    #[arg(skip)]
    pub(crate) fills_bounds: bool,
    /// No mask of what lies outside of the file: ADD_ALPHA=NO.
    #[arg(skip)]
    pub(crate) no_alpha: bool,
    #[command(flatten)]
    pub(crate) tuning: Tuning,
}

/// Which tiles of a set blocks are, where GDAL's names say so.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tiling {
    /// ZOOM_LEVEL.
    pub(crate) zoom: Option<i32>,
    /// ZOOM_LEVEL_STRATEGY.
    pub(crate) strategy: ZoomLevel,
    /// ALIGNED_LEVELS.
    pub(crate) aligned: u32,
}

/// Names of codecs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub(crate) enum Compress {
    None,
    Deflate,
    Lzw,
    Zstd,
    Packbits,
    Lzma,
    Jpeg,
    Webp,
    Lerc,
    #[value(name = "lerc_deflate", alias = "lerc-deflate")]
    LercDeflate,
    #[value(name = "lerc_zstd", alias = "lerc-zstd")]
    LercZstd,
}

/// Names of predictors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub(crate) enum PredictorChoice {
    /// 2 for integers, 3 for floating point.
    Auto,
    /// None.
    #[value(alias = "1")]
    No,
    /// Differences of neighbours.
    #[value(name = "2", alias = "horizontal")]
    Horizontal,
    /// Byte planes of floating point.
    #[value(name = "3", alias = "float")]
    Float,
    /// As auto, and blocks without it are not copied: GDAL's YES.
    #[value(skip)]
    Always,
}

/// Whose defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub(crate) enum Defaults {
    Gdal,
}

fn sample_type(name: &str) -> Result<SampleType, String> {
    use SampleType as S;
    let all = [S::U8, S::U16, S::U32, S::U64, S::I8, S::I16, S::I32, S::I64, S::F32, S::F64];
    let found = all.into_iter().find(|sample| sample.name().eq_ignore_ascii_case(name));
    found.ok_or_else(|| format!("one of {}", all.map(SampleType::name).join(", ")))
}

/// When blocks are copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub(crate) enum CopyBlocks {
    /// Where they can be.
    Auto,
    /// All are decoded and encoded.
    Never,
}

/// When a file is a BigTIFF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub(crate) enum WhenBig {
    /// If it needs to be.
    Auto,
    Yes,
    No,
}

fn overviews(text: &str) -> Result<Overviews, String> {
    match text {
        "fresh" => Ok(Overviews::Fresh),
        "keep" => Ok(Overviews::Keep),
        "none" => Ok(Overviews::None),
        number => number.parse().map(Overviews::Count).map_err(|_| "fresh, keep, none or a number".into()),
    }
}

impl Compress {
    /// The numbers of tag 259 that mean this codec.
    pub(crate) fn numbers(self) -> &'static [Compression] {
        use Compression as C;
        match self {
            Compress::None => &[C::None],
            Compress::Deflate => &[C::AdobeDeflate, C::Deflate],
            Compress::Lzw => &[C::Lzw],
            Compress::Zstd => &[C::Zstd],
            Compress::Packbits => &[C::PackBits],
            Compress::Lzma => &[C::Lzma],
            Compress::Jpeg => &[C::Jpeg],
            Compress::Webp => &[C::WebP],
            // What the blob is wrapped in stands in another tag.
            Compress::Lerc | Compress::LercDeflate | Compress::LercZstd => &[],
        }
    }

    /// The codec that a file has, where it can be written.
    fn of(image: &Image) -> Option<Compress> {
        use Compress as C;
        let all = [C::None, C::Deflate, C::Lzw, C::Zstd, C::Packbits, C::Lzma, C::Jpeg, C::Webp];
        all.into_iter().find(|codec| codec.numbers().contains(&image.compression))
    }
}

/// A command line of its own.
#[derive(Parser)]
struct Alone {
    #[command(flatten)]
    convert: Convert,
}

impl Convert {
    /// What `cog convert LOCATION OUT` means.
    ///
    /// # Errors
    /// None that a user could cause.
    pub(crate) fn plain(location: &OsStr, output: &Path) -> anyhow::Result<Convert> {
        let words = [OsStr::new("convert"), OsStr::new("--"), location, output.as_os_str()];
        Ok(Alone::try_parse_from(words)?.convert)
    }

    /// The codec of overviews that are made for copied blocks: that of the blocks, if it can be written.
    ///
    /// # Errors
    /// Settings that the codec does not have.
    pub(crate) fn codec_like(&self, image: &Image, rgb: bool, other: EncodeCodec) -> anyhow::Result<EncodeCodec> {
        Compress::of(image).map_or(Ok(other), |codec| self.codec_of(codec, rgb))
    }

    /// What the arguments ask of the writer; `rgb` says that the bands are red, green and blue and nothing else,
    /// `palette` that samples are numbers of colours.
    ///
    /// # Errors
    /// Settings that the codec does not have.
    pub(crate) fn options(&self, rgb: bool, palette: bool) -> anyhow::Result<Options> {
        let mut options = Options::default();
        options.codec = self.codec(rgb)?;
        let gdal = self.defaults == Some(Defaults::Gdal);
        options.predictor = match self.predictor {
            PredictorChoice::Auto if gdal => Some(Predictor::None),
            PredictorChoice::Auto | PredictorChoice::Always => None,
            PredictorChoice::No => Some(Predictor::None),
            PredictorChoice::Horizontal => Some(Predictor::Horizontal),
            PredictorChoice::Float => Some(Predictor::FloatingPoint),
        };
        options.block = self.blocksize.unwrap_or(BLOCK);
        options.overviews = self.overviews.unwrap_or_default();
        options.resampling = match (self.overview_resampling, gdal) {
            (None, true) if palette => Some(Resampling::Nearest),
            (None, true) => Some(Resampling::Cubic),
            (method, _) => method,
        };
        options.sparse = match (self.sparse, gdal) {
            (true, _) => Sparse::Yes,
            (false, true) => Sparse::No,
            (false, false) => Sparse::AsSource,
        };
        options.statistics = self.statistics;
        options.big_tiff = match self.bigtiff {
            WhenBig::Auto => BigTiff::Auto,
            WhenBig::Yes => BigTiff::Yes,
            WhenBig::No => BigTiff::No,
        };
        Ok(options)
    }

    /// How pixels of an image are made in another grid.
    ///
    /// # Errors
    /// Methods for the file's own grid only.
    pub(crate) fn method(&self, image: &cog_write::Image) -> Result<Method, String> {
        let smooth = image.palette.is_none() && !image.sample.is_complex();
        match &self.resampling {
            Some(resampling) => resampling.warp(),
            None if self.defaults == Some(Defaults::Gdal) && smooth => Ok(Method::Cubic),
            None => Ok(Method::Nearest),
        }
    }

    fn codec(&self, rgb: bool) -> anyhow::Result<EncodeCodec> {
        let other = if self.defaults == Some(Defaults::Gdal) { Compress::Lzw } else { Compress::Deflate };
        self.codec_of(self.compress.unwrap_or(other), rgb)
    }

    fn codec_of(&self, compress: Compress, rgb: bool) -> anyhow::Result<EncodeCodec> {
        let level = |default| self.level.unwrap_or(default);
        let lerc = |wrapping| EncodeCodec::Lerc { max_error: self.max_error.unwrap_or(0.0), wrapping };
        let codec = match compress {
            Compress::None => EncodeCodec::None,
            Compress::Deflate => EncodeCodec::Deflate { level: level(6) },
            Compress::Lzw => EncodeCodec::Lzw,
            Compress::Zstd => EncodeCodec::Zstd { level: level(9) },
            Compress::Packbits => EncodeCodec::PackBits,
            Compress::Lzma => EncodeCodec::Lzma { level: level(6) },
            Compress::Jpeg => {
                let colors = if rgb { JpegColors::YCbCr } else { JpegColors::Stored };
                EncodeCodec::Jpeg { quality: self.quality.unwrap_or(75), colors }
            }
            Compress::Webp => match self.quality.unwrap_or(75) {
                100 => EncodeCodec::WebPLossless,
                quality => EncodeCodec::WebP { quality },
            },
            Compress::Lerc => lerc(LercWrapping::None),
            Compress::LercDeflate => lerc(LercWrapping::Deflate { level: level(6) }),
            Compress::LercZstd => lerc(LercWrapping::Zstd { level: level(9) }),
        };
        let name = compress.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
        let refuse = |option: &str, has: bool, set: bool, what: &str| match set && !has {
            true => bail!("{option}: {name} has no {what}"),
            false => Ok(()),
        };
        use Compress as C;
        let leveled = matches!(compress, C::Deflate | C::Zstd | C::Lzma | C::LercDeflate | C::LercZstd);
        refuse("--level", leveled, self.level.is_some(), "level")?;
        refuse("--quality", matches!(compress, C::Webp | C::Jpeg), self.quality.is_some(), "quality")?;
        let lossy = matches!(compress, C::Lerc | C::LercDeflate | C::LercZstd);
        refuse("--max-error", lossy, self.max_error.is_some(), "greatest error")?;
        Ok(codec)
    }
}
