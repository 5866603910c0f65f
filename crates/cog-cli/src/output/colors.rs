//! Colours for samples: tables by name, and files of other programs.

mod color;
mod named;
mod relief;
mod rio_tiler;

use anyhow::bail;
use cog_read::ndarray::{Array2, Array3};
use cog_read::tiff::ColorMap;
use cog_read::{Pixels, Raster, Validity};

use self::color::Color;
use self::relief::Relief;
use self::rio_tiler::Tabled;

/// Files of colours are small.
const MOST_BYTES: u64 = 16 << 20;

/// Which colour a sample has.
#[derive(Clone, Debug)]
pub(crate) enum Colors {
    /// Of 0 to 255: one of the known tables.
    Named(Box<[Color; 256]>),
    /// gdaldem's: straight lines between values.
    Relief(Relief),
    /// rio-tiler's: of single values, or of intervals.
    Tabled(Tabled),
}

/// What people type: a name, else a file.
pub(crate) fn parse(text: &str) -> Result<Colors, String> {
    if let Some(table) = named::table(text) {
        return Ok(Colors::Named(table));
    }
    let read = std::fs::metadata(text).and_then(|meta| match meta.len() > MOST_BYTES {
        true => Err(std::io::Error::other(format!("has more than {MOST_BYTES} bytes"))),
        false => std::fs::read_to_string(text),
    });
    match read {
        Ok(content) if content.trim_start().starts_with(['{', '[']) => rio_tiler::parse(&content).map(Colors::Tabled),
        Ok(content) => relief::parse(&content).map(Colors::Relief),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(format!("neither a file nor one of {}, each also with _r for the other way round", named::names()))
        }
        Err(error) => Err(error.to_string()),
    }
}

impl Colors {
    /// Whether samples stand for themselves: between two of them lies nothing.
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self, Colors::Tabled(Tabled::Values(_)))
    }

    /// Whether samples have to be 0 to 255.
    pub(crate) fn is_of_bytes(&self) -> bool {
        matches!(self, Colors::Named(_))
    }

    /// Whether the colour of a sample depends on no other.
    pub(crate) fn is_by_pixel(&self) -> bool {
        !matches!(self, Colors::Relief(relief) if relief.has_percent())
    }

    fn of(&self, value: f64) -> Color {
        match self {
            // A cast cuts off what lies outside.
            Colors::Named(table) => table.get(usize::from(value as u8)).copied().unwrap_or_default(),
            Colors::Relief(relief) => relief.of(value),
            Colors::Tabled(tabled) => tabled.of(value),
        }
    }

    /// Red, green and blue of the one band, and how much each pixel counts.
    ///
    /// # Errors
    /// More than one band, and samples that have no such colours.
    pub(crate) fn paint(&self, raster: Raster) -> anyhow::Result<Raster> {
        let (bands, ..) = raster.dim();
        if bands != 1 {
            bail!("--colormap gives colours to one band, and these are {bands}: choose it with --bands");
        }
        let sample = raster.pixels.sample_type();
        if self.is_of_bytes() && !matches!(raster.pixels, Pixels::U8(_)) {
            bail!("this --colormap has colours for 0 to 255: --rescale MIN,MAX maps {sample} samples to that");
        }
        let of_missing = match self {
            Colors::Relief(relief) => relief.of_missing(),
            _ => [0; 4],
        };
        let resolved = match self {
            Colors::Relief(relief) if relief.has_percent() => Some(Colors::Relief(relief.resolved(extremes(&raster)))),
            _ => None,
        };
        let colors = resolved.as_ref().unwrap_or(self);
        paint(raster, of_missing, |value| colors.of(value), sample)
    }
}

/// Each sample is the number of a colour in the file's own table.
///
/// # Errors
/// Samples that are no numbers of colours.
pub(crate) fn by_table(raster: Raster, map: &ColorMap) -> anyhow::Result<Raster> {
    let sample = raster.pixels.sample_type();
    // A number behind the end of the table has no colour.
    paint(raster, [0; 4], |value| map.get(value as usize).unwrap_or([0; 4]), sample)
}

/// Paints the first band.
fn paint(
    mut raster: Raster,
    of_missing: Color,
    color: impl Fn(f64) -> Color,
    sample: cog_read::tiff::SampleType,
) -> anyhow::Result<Raster> {
    let (_, height, width) = raster.dim();
    macro_rules! each {
        ($array:expr, $number:expr) => {
            $array.iter().map(|sample| color($number(*sample))).collect()
        };
    }
    let mut colors: Vec<Color> = match &raster.pixels {
        Pixels::U8(a) => {
            let table: Vec<Color> = (0..=u8::MAX).map(|value| color(value.into())).collect();
            a.iter().map(|sample| table.get(usize::from(*sample)).copied().unwrap_or_default()).collect()
        }
        Pixels::U16(a) => {
            let table: Vec<Color> = (0..=u16::MAX).map(|value| color(value.into())).collect();
            a.iter().map(|sample| table.get(usize::from(*sample)).copied().unwrap_or_default()).collect()
        }
        Pixels::I8(a) => each!(a, f64::from),
        Pixels::I16(a) => each!(a, f64::from),
        Pixels::I32(a) => each!(a, f64::from),
        Pixels::U32(a) => each!(a, f64::from),
        Pixels::I64(a) => each!(a, |v| v as f64),
        Pixels::U64(a) => each!(a, |v| v as f64),
        Pixels::F32(a) => each!(a, f64::from),
        Pixels::F64(a) => each!(a, |v| v),
        _ => bail!("{sample} samples have no colours"),
    };
    for (color, valid) in colors.iter_mut().zip(&raster.mask()) {
        if *valid == 0 {
            *color = of_missing;
        }
    }
    let channel = |index: usize| colors.iter().map(move |color| color.get(index).copied().unwrap_or(0));
    let painted: Vec<u8> = (0..3).flat_map(channel).collect();
    let counts = Array2::from_shape_vec((height, width), channel(3).collect())?;
    raster.pixels = Pixels::U8(Array3::from_shape_vec((3, height, width), painted)?);
    raster.validity = match counts.iter().all(|alpha| *alpha == 255) {
        true => Validity::AllValid,
        false => Validity::Shared(counts),
    };
    raster.bands = vec![1, 2, 3];
    raster.band_names = vec![Some("red".into()), Some("green".into()), Some("blue".into())].into();
    raster.nodata = None;
    Ok(raster)
}

/// The smallest and the largest sample that holds data; both 0 where none does.
fn extremes(raster: &Raster) -> (f64, f64) {
    let mask = raster.mask();
    let values = raster.pixels.to_f64();
    let valid = values.iter().zip(&mask).filter(|(value, valid)| **valid > 0 && value.is_finite());
    let found = valid.fold(None, |found: Option<(f64, f64)>, (value, _)| {
        let (low, high) = found.unwrap_or((*value, *value));
        Some((low.min(*value), high.max(*value)))
    });
    found.unwrap_or((0.0, 0.0))
}
