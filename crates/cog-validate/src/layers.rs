//! The images of a file as GDAL counts them: which IFD is the image, which are its overviews, which are masks.

use cog_tiff::{Compression, Error, Ifd, Image, Place, Result, SampleType, SubfileType, Tag, TagProblem, Tiff};

use crate::report::ImagePlace;
use crate::tables::Tables;

/// GDAL opens no more overviews of one file.
const MOST_OVERVIEWS: usize = 30;

/// Compressions that libtiff has and this project reads no pixels of: NeXT, ThunderScan, PixarLog, SGILog of two kinds. Of any other
/// unknown one no reader opens the file.
const RARE_CODECS: [u16; 5] = [32766, 32809, 32909, 34676, 34677];

/// The number of a compression that nobody knows.
pub(crate) fn unknown_codec(image: &Image) -> Option<u16> {
    match image.compression {
        Compression::Other(code) if !RARE_CODECS.contains(&code) => Some(code),
        _ => None,
    }
}

/// One image or mask.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) place: ImagePlace,
    /// Offset of its IFD.
    pub(crate) offset: u64,
    pub(crate) image: Image,
    pub(crate) tables: Tables,
}

impl Layer {
    fn of(ifd: &Ifd, place: ImagePlace) -> Result<Layer> {
        let image = Image::of(ifd)?;
        image.sample_type(ifd)?;
        if let Some(code) = unknown_codec(&image) {
            let problem = TagProblem::Value(u64::from(code));
            return Err(Error::Tag { ifd: ifd.offset(), tag: Tag::COMPRESSION, problem });
        }
        Ok(Layer { place, offset: ifd.offset(), tables: Tables::of(ifd, &image)?, image })
    }

    /// Width and height in pixels.
    pub(crate) fn size(&self) -> (u32, u32) {
        (self.image.width, self.image.height)
    }

    /// Width and height of a block.
    pub(crate) fn block_size(&self) -> (u32, u32) {
        (self.image.grid.block_width, self.image.grid.block_height)
    }

    /// Bands as GDAL delivers them.
    fn bands(&self) -> u16 {
        self.image.converted_bands().unwrap_or(self.image.samples)
    }
}

/// An image and its mask.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) layer: Layer,
    pub(crate) mask: Option<Layer>,
}

/// The first image of a file with all that GDAL takes for its overviews and masks.
#[derive(Clone, Debug)]
pub(crate) struct Levels {
    pub(crate) full: Level,
    pub(crate) overviews: Vec<Level>,
}

impl Levels {
    /// GDAL's rules (`GTiffDataset::ScanDirectories`): all reduced images of the chain with as many bands as the first one are its
    /// overviews, whatever image they stand behind; if the first IFD has SubIFDs, these are, and not those of the chain behind an IFD
    /// with SubIFDs of its own.
    ///
    /// # Errors
    /// What is wrong with the first image; others that are damaged are left out.
    pub(crate) fn of(tiff: &Tiff, beside: bool) -> Result<Levels> {
        let place = |ifd, level, mask| ImagePlace { ifd, level: Some(level), mask, beside };
        let first = tiff.ifds().first().ok_or(Error::NoIfd)?;
        let full = Layer::of(first, place(0, 0, false))?;
        let mut found = Levels { full: Level { layer: full, mask: None }, overviews: Vec::new() };
        for (index, ifd) in tiff.ifds().iter().enumerate().skip(1) {
            let counts = match tiff.place(index) {
                Some(Place::SubIfd(parent)) => parent == 0,
                _ => ifd.entry(Tag::SUB_IFDS).is_none(),
            };
            if !counts {
                continue;
            }
            let subfile = SubfileType::of(ifd);
            let layer = |level, mask| Layer::of(ifd, place(index, level, mask));
            match (subfile.reduced, subfile.mask) {
                (true, false) if found.overviews.len() < MOST_OVERVIEWS => {
                    let level = found.overviews.len() + 1;
                    if let Some(layer) = layer(level, false).ok().filter(|o| o.bands() == found.full.layer.bands()) {
                        found.overviews.push(Level { layer, mask: None });
                    }
                }
                (reduced, true) => {
                    let Some(mask) = layer(0, true).ok().filter(|mask| is_byte(ifd, mask)) else { continue };
                    let bands = found.full.layer.bands();
                    let fits = |level: &&mut Level| {
                        level.mask.is_none()
                            && level.layer.size() == mask.size()
                            && (mask.bands() == 1 || mask.bands() == bands)
                    };
                    let owner = match reduced {
                        false => Some(&mut found.full).filter(fits),
                        true => found.overviews.iter_mut().find(fits),
                    };
                    if let Some(level) = owner {
                        let place = ImagePlace { level: level.layer.place.level, ..mask.place };
                        level.mask = Some(Layer { place, ..mask });
                    }
                }
                _ => {}
            }
        }
        Ok(found)
    }

    /// The overviews of a file `NAME.ovr` beside an image: its own image is the first of them.
    pub(crate) fn into_overviews(self) -> Vec<Level> {
        let mut all = vec![self.full];
        all.extend(self.overviews);
        for (index, level) in all.iter_mut().enumerate() {
            level.layer.place.level = Some(index + 1);
            if let Some(mask) = &mut level.mask {
                mask.place.level = Some(index + 1);
            }
        }
        all
    }

    /// The image, then its overviews.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Level> + Clone {
        std::iter::once(&self.full).chain(&self.overviews)
    }
}

fn is_byte(ifd: &Ifd, mask: &Layer) -> bool {
    mask.image.sample_type(ifd).is_ok_and(|sample| sample == SampleType::U8)
}
