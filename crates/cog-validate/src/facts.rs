//! What the rules of all validators need to know of a file, found out once.

use cog_tiff::{Image, Stop, Tiff, join_ranges};

use crate::error::{Error, Result};
use crate::first_block::{Corner, first_block};
use crate::ghost::Ghost;
use crate::header_bytes::HeaderBytes;
use crate::layers::{Layer, Level, Levels, unknown_codec};

/// A file, what is in it, and what lies beside it.
pub(crate) struct Facts {
    pub(crate) tiff: Tiff,
    pub(crate) size: Option<u64>,
    pub(crate) ghost: Ghost,
    /// Those inside the file.
    pub(crate) levels: Levels,
    /// Those of a file `NAME.ovr`, which count where the file has no overviews of its own.
    pub(crate) beside: Option<Vec<Level>>,
    /// By level, as GDAL's validator and rio-cogeo find them.
    pub(crate) first_blocks: Vec<FirstBlocks>,
    /// Whether the block in the top left corner of the image is not stored.
    pub(crate) first_is_empty: bool,
}

/// Where the first block of a level lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FirstBlocks {
    /// GDAL's: 0 if none is stored.
    pub(crate) gdal: u64,
    /// rio-cogeo's: `None` if it finds none.
    pub(crate) rio_cogeo: Option<u64>,
}

impl Facts {
    pub(crate) async fn of(bytes: &mut HeaderBytes, tiff: Tiff, beside: Option<Beside>) -> Result<Facts> {
        let first = tiff.ifds().first().and_then(|ifd| Image::of(ifd).ok());
        if let Some(code) = first.as_ref().and_then(unknown_codec) {
            return Err(Error::Codec { location: bytes.location(), code });
        }
        let levels = Levels::of(&tiff, false).map_err(|error| bytes.structure(error))?;
        let ghost = bytes.lookup(|known| Ghost::lookup(known, &tiff)).await?;
        fetch_first_entries(bytes, levels.all()).await?;
        let mut other = None;
        let mut overviews = None;
        if let Some(Beside { mut bytes, levels: found }) = beside {
            fetch_first_entries(&mut bytes, found.iter()).await?;
            (other, overviews) = (Some(bytes), Some(found));
        }
        let mut facts = Facts {
            size: bytes.size(),
            tiff,
            ghost,
            levels,
            beside: overviews,
            first_blocks: Vec::new(),
            first_is_empty: false,
        };
        let full = &facts.levels.full.layer;
        let first = bytes.lookup(|known| full.tables.entries(known, 0..1)).await?;
        facts.first_is_empty = first.first().is_none_or(|block| block.length == 0);
        let mut blocks = Vec::new();
        let full = &facts.levels.full.layer;
        for (index, level) in facts.shown().enumerate() {
            let layer = &level.layer;
            let bytes = match &mut other {
                Some(other) if layer.place.beside => other,
                _ => &mut *bytes,
            };
            let gdal = first_block(bytes, layer, Corner::whole(layer), |_| true).await?;
            // An overview that is not smaller is no such for rio-cogeo, which fails.
            let shown = if index == 0 { Some(layer.size()) } else { shown_size(full, layer) };
            let rio_cogeo = match shown {
                Some(size) => first_block(bytes, layer, swapped(full, size), |block| block.offset > 0).await?,
                None => None,
            };
            blocks.push(FirstBlocks { gdal: gdal.map_or(0, |b| b.offset), rio_cogeo: rio_cogeo.map(|b| b.offset) });
        }
        facts.first_blocks = blocks;
        Ok(facts)
    }

    /// The image and the overviews that GDAL shows.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &Level> {
        std::iter::once(&self.levels.full).chain(self.overviews())
    }

    /// The overviews that GDAL shows: those inside, else those beside.
    pub(crate) fn overviews(&self) -> &[Level] {
        match &self.beside {
            Some(beside) if self.levels.overviews.is_empty() => beside,
            _ => &self.levels.overviews,
        }
    }
}

/// A file of overviews beside an image.
pub(crate) struct Beside {
    pub(crate) bytes: HeaderBytes,
    pub(crate) levels: Vec<Level>,
}

/// How many times an overview is smaller, as rasterio says it: by width alone, rounded half to even.
pub(crate) fn decimation(full: &Layer, overview: &Layer) -> u64 {
    (f64::from(full.image.width) / f64::from(overview.image.width)).round_ties_even() as u64
}

/// The size that rio-cogeo takes an overview to have.
fn shown_size(full: &Layer, overview: &Layer) -> Option<(u32, u32)> {
    let by = u32::try_from(decimation(full, overview)).ok()?;
    Some((full.image.width.checked_div(by)?, full.image.height.checked_div(by)?))
}

/// The corner in which rio-cogeo looks for blocks. It takes rows for columns: blocks as high as those of the image are wide, and the
/// other way round; and those of overviews for as large as those of the image.
fn swapped(full: &Layer, (width, height): (u32, u32)) -> Corner {
    let (block_width, block_height) = full.block_size();
    let count = |pixels: u32, block: u32| u64::from(pixels).div_ceil(u64::from(block.max(1)));
    Corner { columns: count(width, block_height), rows: count(height, block_width) }
}

/// Makes known where the first block of each level lies: all at once, in one round trip.
async fn fetch_first_entries(bytes: &mut HeaderBytes, levels: impl Iterator<Item = &Level> + Clone) -> Result<()> {
    bytes
        .lookup(|known| {
            let mut need = Vec::new();
            for level in levels.clone() {
                match level.layer.tables.entries(known, 0..1) {
                    Ok(_) => {}
                    Err(Stop::Need(ranges)) => need.extend(ranges),
                    Err(failed) => return Err(failed),
                }
            }
            if need.is_empty() { Ok(()) } else { Err(Stop::Need(join_ranges(need))) }
        })
        .await
}
