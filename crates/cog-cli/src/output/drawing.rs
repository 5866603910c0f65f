//! What becomes of pixels before they are written: ranges, colours, and a picture of them.

use anyhow::bail;
use cog_read::tiff::{ColorMap, SampleType};
use cog_read::{Pixels, Raster};

use crate::output::colors::{self, Colors};
use crate::output::format::FileFormat;
use crate::output::picture::{self, Picture};
use crate::output::rescale::{self, Range};
use crate::output::rows::Shape;
use crate::output::written::Output;
use crate::output::{jpeg, png, webp};

/// What was asked for, and what the file says.
#[derive(Clone, Default)]
pub(crate) struct Drawing<'a> {
    pub(crate) ranges: &'a [Range],
    pub(crate) colors: Option<&'a Colors>,
    /// The file's own colours, for pictures.
    pub(crate) table: Option<ColorMap>,
    /// Which of the bands says how much a pixel counts.
    pub(crate) alpha: Option<usize>,
    /// Whether samples that a picture cannot hold are stretched.
    pub(crate) stretch: bool,
    /// 1 to 100, of formats that lose something.
    pub(crate) quality: Option<u8>,
}

impl Drawing<'_> {
    /// Refuses samples of which no picture can be made, before they are read.
    ///
    /// # Errors
    /// The format does not hold them, and nothing makes bytes of them.
    pub(crate) fn check(&self, sample: SampleType, format: FileFormat) -> anyhow::Result<()> {
        let plain = self.ranges.is_empty() && self.colors.is_none() && self.table.is_none() && !self.stretch;
        if plain && !format.holds(sample) {
            bail!("{} cannot hold {sample} samples: --rescale MIN,MAX maps them to 0 to 255", format.name());
        }
        Ok(())
    }

    /// Writes a picture, and says in words what was written.
    ///
    /// # Errors
    /// Pixels that the format cannot hold; what the system says.
    pub(crate) fn write(&self, output: &mut Output, raster: &Raster, format: FileFormat) -> anyhow::Result<String> {
        let picture = self.picture(raster, format)?;
        let longest = format.longest_side();
        if picture.width.max(picture.height) > longest {
            let (width, height) = (picture.width, picture.height);
            bail!("{width} × {height} pixels: a {} has at most {longest} along a side", format.name());
        }
        match format {
            FileFormat::Jpeg => {
                let picture = picture.opaque();
                jpeg::write(output, &picture, self.quality)?;
                Ok(picture.summary(format))
            }
            FileFormat::Webp => webp::write(output, &picture, self.quality).map(|()| picture.summary(format)),
            _ => png::write(output, &picture).map(|()| picture.summary(format)),
        }
    }

    /// What arrays hold, where that is not what was read.
    ///
    /// # Errors
    /// Ranges and colours that do not fit.
    pub(crate) fn changed(&self, raster: &Raster) -> anyhow::Result<Option<Raster>> {
        let rescaled = match self.ranges {
            [] => None,
            ranges => Some(rescale::apply(raster.clone(), ranges)?),
        };
        match self.colors {
            Some(colors) => colors.paint(rescaled.unwrap_or_else(|| raster.clone())).map(Some),
            None => Ok(rescaled),
        }
    }

    /// Whether samples of arrays stay as they are.
    pub(crate) fn is_plain(&self) -> bool {
        self.ranges.is_empty() && self.colors.is_none()
    }

    /// What becomes of an array.
    pub(crate) fn shape(&self, Shape { dim: (bands, height, width), sample }: Shape) -> Shape {
        match (self.colors, self.ranges) {
            (Some(_), _) => Shape { dim: (3, height, width), sample: SampleType::U8 },
            (None, [_, ..]) => Shape { dim: (bands, height, width), sample: SampleType::U8 },
            (None, []) => Shape { dim: (bands, height, width), sample },
        }
    }

    /// Whether each pixel is changed for itself, so that rows may come one behind the other.
    pub(crate) fn is_by_pixel(&self) -> bool {
        self.colors.is_none_or(Colors::is_by_pixel)
    }

    /// A picture that this format holds.
    ///
    /// # Errors
    /// Pixels that it cannot hold.
    pub(crate) fn picture(&self, raster: &Raster, format: FileFormat) -> anyhow::Result<Picture> {
        let is_number = matches!(raster.pixels, Pixels::U8(_) | Pixels::U16(_));
        let plain = self.ranges.is_empty() && self.colors.is_none();
        if let (Some(table), true, true) = (&self.table, plain, is_number) {
            return Picture::of(&colors::by_table(raster.clone(), table)?, None, format);
        }
        let by_value = self.colors.is_some_and(|colors| !colors.is_of_bytes());
        let stretched =
            (self.stretch && self.ranges.is_empty() && !by_value && !matches!(raster.pixels, Pixels::U8(_)))
                .then(|| picture::stretched(raster.clone()));
        let raster = stretched.as_ref().unwrap_or(raster);
        let changed = self.changed(raster)?;
        // A band of its own says nothing of what was painted.
        let alpha = self.alpha.filter(|_| self.colors.is_none());
        Picture::of(changed.as_ref().unwrap_or(raster), alpha, format)
    }
}
