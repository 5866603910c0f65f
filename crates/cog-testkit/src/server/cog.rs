//! Cloud Optimized GeoTIFFs made for one test, laid out as GDAL's COG driver does: IFDs first, the smallest overview's blocks
//! before the others', every block between its size (four bytes, little endian) and a repetition of its last four bytes, the mask's block
//! behind the image's.

use std::io::Write;
use std::ops::Range;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// The side of a tile in pixels.
pub const TILE: u32 = 512;

/// One band of 8 bits in Deflate tiles of 512 × 512.
#[derive(Debug, Clone, Copy)]
pub struct CogPlan {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// How many overviews, each half of the one before.
    pub overviews: u32,
    /// Whether every level has a one-bit mask, interleaved with it.
    pub mask: bool,
    /// IFDs behind the blocks, as writers that do not optimise leave them; then without framing and ghost header.
    pub tail: bool,
    /// Tells its pixels from those of other files.
    pub seed: u32,
}

/// A file and where its blocks lie.
#[derive(Debug)]
pub struct MadeCog {
    /// The file.
    pub bytes: Vec<u8>,
    /// Of each level the blocks of the image, row by row.
    pub blocks: Vec<Vec<Range<u64>>>,
    /// Of each level the blocks of the mask, if there is one.
    pub mask_blocks: Vec<Vec<Range<u64>>>,
}

/// The value of a pixel: a slope with four bits of noise, so that Deflate takes a third off it.
pub(super) fn pixel(seed: u32, x: u32, y: u32) -> u8 {
    let mixed = (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77) ^ seed.wrapping_mul(0xC2B2_AE3D))
        .wrapping_mul(0x27D4_EB2F);
    ((x / 16 + y / 8 + seed) as u8).wrapping_add((mixed >> 28) as u8)
}

/// A Deflate tile of [`pixel`] values whose upper left one is (`x`, `y`).
pub(super) fn tile(seed: u32, x: u32, y: u32) -> Vec<u8> {
    let values: Vec<u8> = (y..y + TILE).flat_map(|y| (x..x + TILE).map(move |x| pixel(seed, x, y))).collect();
    deflate(&values)
}

#[allow(clippy::expect_used, reason = "writing to memory does not fail")]
fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

impl CogPlan {
    /// A COG with three overviews and nothing else special.
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, overviews: 3, mask: false, tail: false, seed: 1 }
    }

    /// Width and height of a level.
    pub fn size(&self, level: u32) -> (u32, u32) {
        (self.width.div_ceil(1 << level), self.height.div_ceil(1 << level))
    }

    /// The value of a pixel of a level.
    pub fn value(&self, level: u32, x: u32, y: u32) -> u8 {
        pixel(self.seed + 100 * level, x, y)
    }

    /// Whether the mask says that a pixel is valid.
    pub fn valid(&self, level: u32, x: u32, y: u32) -> bool {
        !self.mask || !(x / 64 + y / 96 + level).is_multiple_of(5)
    }

    fn tile_of(&self, level: u32, x: u32, y: u32) -> Vec<u8> {
        tile(self.seed + 100 * level, x * TILE, y * TILE)
    }

    fn mask_tile_of(&self, level: u32, x: u32, y: u32) -> Vec<u8> {
        let (left, top) = (x * TILE, y * TILE);
        let eight = |x: u32, y: u32| (0..8).fold(0, |byte, bit| byte << 1 | u8::from(self.valid(level, x + bit, y)));
        let rows = (top..top + TILE).flat_map(|y| (left..left + TILE).step_by(8).map(move |x| eight(x, y)));
        deflate(&rows.collect::<Vec<u8>>())
    }

    /// Makes the file.
    pub fn make(&self) -> MadeCog {
        let levels = 0..=self.overviews;
        // As GDAL orders them: the image, its mask, the overviews, their masks. (level, is it a mask)
        let mut ifds: Vec<(u32, bool)> = vec![(0, false)];
        ifds.extend(self.mask.then_some((0, true)));
        ifds.extend((1..=self.overviews).map(|level| (level, false)));
        ifds.extend((1..=self.overviews).filter(|_| self.mask).map(|level| (level, true)));

        let header = if self.tail { Vec::new() } else { ghost(self.mask) };
        let ifd_bytes: u64 = ifds.iter().map(|&(level, mask)| ifd_len(self.tiles(level), level == 0 && !mask)).sum();
        let mut at = 8 + header.len() as u64 + if self.tail { 0 } else { ifd_bytes };
        let mut data = Vec::new();
        let mut blocks = vec![Vec::new(); levels.clone().count()];
        let mut mask_blocks = blocks.clone();
        let mut put = |bytes: &[u8], to: &mut Vec<Range<u64>>| {
            if !self.tail {
                data.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
                at += 4;
            }
            data.extend_from_slice(bytes);
            to.push(at..at + bytes.len() as u64);
            at += bytes.len() as u64;
            if !self.tail {
                data.extend_from_slice(bytes.last_chunk::<4>().unwrap_or(&[0; 4]));
                at += 4;
            }
        };
        for level in levels.rev() {
            let (width, height) = self.size(level);
            for (x, y) in (0..height.div_ceil(TILE)).flat_map(|y| (0..width.div_ceil(TILE)).map(move |x| (x, y))) {
                if let (Some(images), Some(masks)) =
                    (blocks.get_mut(level as usize), mask_blocks.get_mut(level as usize))
                {
                    put(&self.tile_of(level, x, y), images);
                    if self.mask {
                        put(&self.mask_tile_of(level, x, y), masks);
                    }
                }
            }
        }
        let first_ifd = if self.tail { at } else { 8 + header.len() as u64 };
        let mut bytes = b"II*\0".to_vec();
        bytes.extend_from_slice(&(first_ifd as u32).to_le_bytes());
        bytes.extend_from_slice(&header);
        let mut described = Vec::new();
        for (number, &(level, mask)) in ifds.iter().enumerate() {
            let table = if mask { &mask_blocks } else { &blocks };
            let places = table.get(level as usize).map_or(&[][..], Vec::as_slice);
            let start = first_ifd + described.len() as u64;
            described.extend(self.ifd(level, mask, places, start, number + 1 == ifds.len()));
        }
        if self.tail {
            bytes.extend_from_slice(&data);
            bytes.extend_from_slice(&described);
        } else {
            bytes.extend_from_slice(&described);
            bytes.extend_from_slice(&data);
        }
        MadeCog { bytes, blocks, mask_blocks }
    }

    fn tiles(&self, level: u32) -> u64 {
        let (width, height) = self.size(level);
        u64::from(width.div_ceil(TILE)) * u64::from(height.div_ceil(TILE))
    }

    /// An IFD at `start` with its tables behind it.
    fn ifd(&self, level: u32, mask: bool, places: &[Range<u64>], start: u64, last: bool) -> Vec<u8> {
        let (width, height) = self.size(level);
        let kind = u32::from(level > 0) | if mask { 4 } else { 0 };
        let mut tags: Vec<(u16, u32)> = vec![
            (254, kind),
            (256, width),
            (257, height),
            (258, if mask { 1 } else { 8 }),
            (259, 8),
            (262, if mask { 4 } else { 1 }),
            (277, 1),
            (284, 1),
            (322, TILE),
            (323, TILE),
        ];
        tags.push((339, 1));
        let georeferenced = level == 0 && !mask;
        let fields = tags.len() as u64 + 2 + if georeferenced { 3 } else { 0 };
        let geo = start + 2 + 12 * fields + 4;
        let tables = geo + if georeferenced { geo_values().len() as u64 } else { 0 };
        // Tag, type (3 SHORT, 4 LONG, 12 DOUBLE), count, value.
        let mut entries: Vec<(u16, u16, u32, u32)> =
            tags.into_iter().map(|(tag, value)| (tag, kind_of(tag), 1, value)).collect();
        let count = places.len() as u32;
        let (offsets, counts) = match places {
            // One number stands in the entry itself.
            [only] => (only.start as u32, (only.end - only.start) as u32),
            _ => (tables as u32, tables as u32 + 4 * count),
        };
        entries.extend([(324, 4, count, offsets), (325, 4, count, counts)]);
        if georeferenced {
            entries.extend(GEO_TAGS.map(|(tag, kind, count, at)| (tag, kind, count, geo as u32 + at)));
        }
        entries.sort_unstable();
        let mut ifd = (entries.len() as u16).to_le_bytes().to_vec();
        for (tag, kind, count, value) in entries {
            ifd.extend_from_slice(&tag.to_le_bytes());
            ifd.extend_from_slice(&kind.to_le_bytes());
            ifd.extend_from_slice(&count.to_le_bytes());
            ifd.extend_from_slice(&value.to_le_bytes());
        }
        let next = if last { 0 } else { start + ifd_len(u64::from(count), georeferenced) };
        ifd.extend_from_slice(&(next as u32).to_le_bytes());
        if georeferenced {
            ifd.extend(geo_values());
        }
        if places.len() > 1 {
            places.iter().for_each(|place| ifd.extend_from_slice(&(place.start as u32).to_le_bytes()));
            places.iter().for_each(|place| ifd.extend_from_slice(&((place.end - place.start) as u32).to_le_bytes()));
        }
        ifd
    }
}

/// Bytes of an IFD of [`CogPlan::ifd`] with its values and tables.
fn ifd_len(tiles: u64, georeferenced: bool) -> u64 {
    let geo = if georeferenced { 3 * 12 + geo_values().len() as u64 } else { 0 };
    2 + 12 * 13 + 4 + geo + if tiles > 1 { 8 * tiles } else { 0 }
}

/// The type that TIFF 6.0 gives the value of a tag: 3 SHORT, 4 LONG. A little-endian SHORT stands in the first two bytes of its field.
pub(super) fn kind_of(tag: u16) -> u16 {
    if matches!(tag, 258 | 259 | 262 | 277 | 284 | 339) { 3 } else { 4 }
}

/// The tags of a place in Web Mercator: tag, type, count, and where their values begin in [`geo_values`].
pub(super) const GEO_TAGS: [(u16, u16, u32, u32); 3] = [(33550, 12, 3, 0), (33922, 12, 6, 24), (34735, 3, 16, 72)];

/// ModelPixelScale, ModelTiepoint, GeoKeyDirectory (projected, pixel is area, EPSG:3857).
pub(super) fn geo_values() -> Vec<u8> {
    let doubles: [f64; 9] = [10.0, 10.0, 0.0, 0.0, 0.0, 0.0, 500_000.0, 6_000_000.0, 0.0];
    let keys: [u16; 16] = [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 3857];
    let doubles = doubles.iter().flat_map(|number| number.to_le_bytes());
    doubles.chain(keys.iter().flat_map(|number| number.to_le_bytes())).collect()
}

/// GDAL's structural metadata: see "Cloud Optimized GeoTIFF: header ghost area" in GDAL's documentation of the COG driver.
pub(super) fn ghost(mask: bool) -> Vec<u8> {
    let mut text = "LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\n\
                    BLOCK_TRAILER=LAST_4_BYTES_REPEATED\nKNOWN_INCOMPATIBLE_EDITION=NO\n "
        .to_owned();
    if mask {
        text.push_str("MASK_INTERLEAVED_WITH_IMAGERY=YES\n");
    }
    let mut ghost = format!("GDAL_STRUCTURAL_METADATA_SIZE={:06} bytes\n{text}", text.len()).into_bytes();
    // IFDs begin at even offsets.
    ghost.resize(ghost.len().next_multiple_of(2), 0);
    ghost
}
