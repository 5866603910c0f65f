//! The bytes of a COG as GDAL's driver lays them out: header, structural metadata ("ghost area"), IFDs with their values, tables of
//! blocks, then the blocks: those of the smallest overview first, each framed by its size and its last four bytes.

pub(crate) mod field;
mod ifd;
pub(crate) mod piece;

use cog_tiff::Variant;

use crate::error::{Error, Result};
use field::Field;
use ifd::{Ifd, align};

/// An image of the file, with the sizes of its blocks row by row: 0 for one that is left out.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    pub(crate) fields: Vec<Field>,
    pub(crate) sizes: Vec<u32>,
}

/// A level: an image, and its mask if it has one.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) image: Directory,
    pub(crate) mask: Option<Directory>,
}

/// Which of the two kinds of TIFF the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum BigTiff {
    /// As the size of the file needs it.
    #[default]
    Auto,
    /// BigTIFF, whatever the size.
    Yes,
    /// Classic TIFF: an error if the file has 4 GiB or more.
    No,
}

/// Bytes before and behind each block.
const FRAME: u64 = 8;
/// What a classic TIFF can have.
const CLASSIC_BYTES: u64 = u32::MAX as u64;

/// Where everything lies.
#[derive(Debug)]
pub(crate) struct Layout {
    head: Vec<u8>,
    size: u64,
    variant: Variant,
}

/// A block, in the order of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockAt {
    pub(crate) level: usize,
    pub(crate) mask: bool,
    /// Its number in the level, row by row.
    pub(crate) index: usize,
    pub(crate) size: u32,
}

impl Layout {
    /// Lays out levels, full resolution first.
    ///
    /// # Errors
    /// A classic TIFF that would be too large.
    pub(crate) fn new(levels: &[Level], big: BigTiff, interleaved: bool) -> Result<Layout> {
        match big {
            BigTiff::Yes => Ok(Layout::of(levels, Variant::Big, interleaved)),
            BigTiff::Auto | BigTiff::No => {
                let layout = Layout::of(levels, Variant::Classic, interleaved);
                match layout.size {
                    ..=CLASSIC_BYTES => Ok(layout),
                    bytes if big == BigTiff::No => Err(Error::TooLarge { bytes }),
                    _ => Ok(Layout::of(levels, Variant::Big, interleaved)),
                }
            }
        }
    }

    fn of(levels: &[Level], variant: Variant, interleaved: bool) -> Layout {
        let ghost = ghost(levels.iter().any(|level| level.mask.is_some()), interleaved);
        let masks = || levels.iter().map(|level| level.mask.as_ref());
        // GDAL's order: image, its mask, overviews, masks of overviews.
        let (first, rest) = levels.split_at(levels.len().min(1));
        let directories: Vec<&Directory> = first
            .iter()
            .flat_map(|level| [Some(&level.image), level.mask.as_ref()])
            .chain(rest.iter().map(|level| Some(&level.image)))
            .chain(masks().skip(1))
            .flatten()
            .collect();
        let mut at = align(variant.header_len() + ghost.len() as u64);
        let mut ifds: Vec<Ifd<'_>> = Vec::new();
        for directory in &directories {
            let ifd = Ifd::new(directory, variant, at);
            at = ifd.end();
            ifds.push(ifd);
        }
        for ifd in &mut ifds {
            at = ifd.place_tables(at);
        }
        let mut offsets: Vec<Vec<u64>> = directories.iter().map(|d| vec![0; d.sizes.len()]).collect();
        for block in blocks(levels) {
            let directory = number_of(levels, block.level, block.mask);
            if let Some(offset) = offsets.get_mut(directory).and_then(|o| o.get_mut(block.index)) {
                *offset = at + 4;
            }
            at += u64::from(block.size) + FRAME;
        }
        let mut head = header(variant, align(variant.header_len() + ghost.len() as u64));
        head.extend_from_slice(ghost.as_bytes());
        let count = ifds.len();
        for (i, (ifd, offsets)) in ifds.iter().zip(&offsets).enumerate() {
            ifd.write(&mut head, i + 1 < count, offsets);
        }
        for (ifd, offsets) in ifds.iter().zip(&offsets) {
            ifd.write_tables(&mut head, offsets);
        }
        Layout { head, size: at, variant }
    }

    /// Bytes of the file.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The kind of TIFF.
    pub(crate) fn variant(&self) -> Variant {
        self.variant
    }

    /// Bytes before the first block.
    pub(crate) fn head(&self) -> &[u8] {
        &self.head
    }
}

/// The blocks that are there, in the order of the file: the smallest level first, row by row, each followed by its mask.
pub(crate) fn blocks(levels: &[Level]) -> impl Iterator<Item = BlockAt> + Send {
    levels.iter().enumerate().rev().flat_map(|(number, level)| {
        let mask = level.mask.as_ref();
        level.image.sizes.iter().enumerate().flat_map(move |(index, size)| {
            let mask = mask.and_then(|mask| mask.sizes.get(index)).copied().unwrap_or(0);
            let block = |mask, size| BlockAt { level: number, mask, index, size };
            [block(false, *size), block(true, mask)].into_iter().filter(|block| block.size > 0)
        })
    })
}

/// The place of an image among the directories.
fn number_of(levels: &[Level], level: usize, mask: bool) -> usize {
    let first_mask = usize::from(levels.first().is_some_and(|level| level.mask.is_some()));
    let masks_before = levels.iter().take(level).skip(1).filter(|level| level.mask.is_some()).count();
    match (level, mask) {
        (0, false) => 0,
        (0, true) => 1,
        (level, false) => level + first_mask,
        (_, true) => levels.len() + first_mask + masks_before,
    }
}

/// GDAL's structural metadata. A blank follows "NO", which GDAL overwrites by "YES" when it changes the file later.
fn ghost(masked: bool, interleaved: bool) -> String {
    let mut lines = String::from(
        "LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\nBLOCK_TRAILER=LAST_4_BYTES_REPEATED\nKNOWN_INCOMPATIBLE_EDITION=NO\n ",
    );
    if masked && interleaved {
        lines.push_str("MASK_INTERLEAVED_WITH_IMAGERY=YES\n");
    }
    let mut ghost = format!("GDAL_STRUCTURAL_METADATA_SIZE={:06} bytes\n{lines}", lines.len());
    if ghost.len() % 2 == 1 {
        ghost.push('\0');
    }
    ghost
}

fn header(variant: Variant, first_ifd: u64) -> Vec<u8> {
    match variant {
        Variant::Classic => [&b"II"[..], &42u16.to_le_bytes(), &(first_ifd as u32).to_le_bytes()].concat(),
        Variant::Big => {
            [&b"II"[..], &43u16.to_le_bytes(), &8u16.to_le_bytes(), &[0, 0], &first_ifd.to_le_bytes()].concat()
        }
    }
}
