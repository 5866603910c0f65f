//! How pixels are written.

use clap::Args;

use super::values::range;
use crate::output::colors::{self, Colors};
use crate::output::drawing::Drawing;
use crate::output::format::FileFormat;
use crate::output::rescale::Range;

/// How pixels are written.
#[derive(Args, Debug)]
pub(crate) struct Rendering {
    /// What is written, whatever the name of the output: for - and names without ending.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<FileFormat>,
    /// Make 8 bits of samples: MIN becomes 0, MAX becomes 255, what lies outside is cut off. Once for all bands, or once for each.
    #[arg(long, value_name = "MIN,MAX", value_parser = range, allow_hyphen_values = true)]
    pub(crate) rescale: Vec<Range>,
    /// Give colours to one band: by the name of a table for samples from 0 to 255 (viridis, magma, inferno, plasma, cividis, turbo, gray, terrain, jet, ylgn,
    /// rdylgn, spectral …; _r turns one round), or by a file of gdaldem color-relief or rio-tiler (JSON) for samples of any type.
    #[arg(long, value_name = "NAME|FILE", value_parser = colors::parse)]
    pub(crate) colormap: Option<Colors>,
    /// How good JPEG is, 1 to 100; the default is 75. With it WebP loses something too, else nothing.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(crate) quality: Option<u8>,
}

impl Rendering {
    /// What is made of pixels of which nothing else is known.
    pub(crate) fn drawing(&self) -> Drawing<'_> {
        let Rendering { rescale, colormap, quality, .. } = self;
        Drawing { ranges: rescale, colors: colormap.as_ref(), quality: *quality, ..Drawing::default() }
    }
}
