//! Blocks as the file has them, not decoded.

use bytes::Bytes;
use cog_tiff::{BlockLocation, Compression, Photometric};

use crate::error::Result;
use crate::pipeline::fetch::Fetch;
use crate::pipeline::locate::{self, BlockJob};
use crate::render::band_source::BandSource;

/// A block as the file has it: compressed, with the description that a decoder needs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EncodedTile {
    /// Column in the grid of blocks.
    pub x: u32,
    /// Row in the grid of blocks.
    pub y: u32,
    /// Level; 0 is full resolution.
    pub level: usize,
    /// Width of the block in pixels, padding included.
    pub width: u32,
    /// Rows stored; a last strip may have fewer than the others.
    pub height: u32,
    /// How the bytes are compressed.
    pub compression: Compression,
    /// The bytes: one entry, or one a band where each band has planes of its own. `None` for a block that the file leaves out.
    pub planes: Vec<Option<Bytes>>,
    /// The block of the level's mask, where it has one with the same grid.
    pub mask: Option<Bytes>,
    /// How the mask is compressed.
    pub mask_compression: Option<Compression>,
    jpeg_tables: Option<Bytes>,
    photometric: Photometric,
}

impl EncodedTile {
    /// The media type of a block that is a picture by itself.
    pub fn media_type(&self) -> Option<&'static str> {
        match self.compression {
            Compression::Jpeg => Some("image/jpeg"),
            Compression::WebP => Some("image/webp"),
            Compression::JpegXl | Compression::JpegXlDng => Some("image/jxl"),
            Compression::Jpeg2000 => Some("image/j2c"),
            _ => None,
        }
    }

    /// The bytes of a plane with everything that a picture needs: the tables of the JPEGTables tag are joined into a JPEG
    /// (TIFF Technical Note 2), and a marker says whether its colours are YCbCr, which TIFF says in a tag. Blocks of
    /// other compressions come as they are.
    pub fn picture(&self, plane: usize) -> Option<Bytes> {
        let bytes = self.planes.get(plane)?.clone()?;
        if self.compression != Compression::Jpeg {
            return Some(bytes);
        }
        let Some(body) = bytes.strip_prefix(&SOI) else { return Some(bytes) };
        let tables = self.jpeg_tables.as_deref().unwrap_or_default();
        let tables = tables.strip_prefix(&SOI).unwrap_or(tables);
        let tables = tables.strip_suffix(&EOI).unwrap_or(tables);
        let colors = if has_adobe_marker(body) { Vec::new() } else { adobe_marker(self.photometric) };
        Some([&SOI[..], &colors, tables, body].concat().into())
    }
}

const SOI: [u8; 2] = [0xff, 0xd8];
const EOI: [u8; 2] = [0xff, 0xd9];
const APP14: u8 = 0xee;
const SOS: u8 = 0xda;

/// An Adobe APP14 segment, whose last byte says how colours were transformed: 1 is YCbCr, 0 not at all.
fn adobe_marker(photometric: Photometric) -> Vec<u8> {
    let transform = u8::from(photometric == Photometric::YCbCr);
    let mut segment = vec![0xff, APP14, 0, 14];
    segment.extend_from_slice(b"Adobe\0\x64\0\0\0\0");
    segment.push(transform);
    segment
}

/// Looks for APP14 among the segments before the first scan.
fn has_adobe_marker(mut segments: &[u8]) -> bool {
    while let [0xff, marker, high, low, ..] = *segments {
        if marker == APP14 || marker == SOS {
            return marker == APP14;
        }
        let next = 2 + usize::from(u16::from_be_bytes([high, low]));
        let Some(rest) = segments.get(next..) else { return false };
        segments = rest;
    }
    false
}

/// Fetches blocks together. The mask's blocks come along where its grid is that of the image.
pub(crate) async fn read(source: &BandSource, tiles: &[(u32, u32)]) -> Result<Vec<EncodedTile>> {
    let layer = &source.layer.uncut();
    let grid = layer.image.grid;
    let mask = source.mask.as_ref().map(|mask| mask.uncut());
    let mask = mask.as_ref().filter(|mask| {
        let m = mask.image.grid;
        (m.block_width, m.block_height, m.across(), m.down())
            == (grid.block_width, grid.block_height, grid.across(), grid.down())
    });
    let layers: Vec<_> = [Some(layer), mask].into_iter().flatten().collect();
    let planes: Vec<Option<u32>> = match layer.is_planar() {
        true => source.bands.iter().map(|band| Some(*band as u32)).collect(),
        false => vec![None],
    };
    let location = BlockLocation { offset: 0, length: 0 };
    let mut jobs = Vec::new();
    let mut places = Vec::new();
    for (destination, layer) in layers.iter().enumerate() {
        let planes = if destination == 0 { &planes[..] } else { &[None] };
        for (tile, &(x, y)) in tiles.iter().enumerate() {
            for (slot, &plane) in planes.iter().enumerate() {
                let index = layer.image.grid.index(x, y, plane.unwrap_or(0));
                let Some(index) = index else {
                    let (across, down) = (grid.across(), grid.down());
                    return Err(source.cog.usage(crate::UsageProblem::NoSuchTile { x, y, across, down }));
                };
                if index < layer.blocks.entry_count() {
                    jobs.push(BlockJob { destination, x, y, plane, index, location, framed: false });
                    places.push((tile, slot));
                }
            }
        }
    }
    locate::locate(
        |destination| layers.get(destination).map(|layer| locate::LocatedLayer { layer, framed: false }),
        &mut jobs,
    )
    .await?;
    let limit = source.cog.session().limits().max_output_bytes;
    let total = locate::total_length(jobs.iter());
    if total > limit {
        return Err(crate::Error::TooLarge { location: source.location(), what: "output", bytes: total, limit });
    }
    let mut encoded: Vec<EncodedTile> = tiles
        .iter()
        .map(|&(x, y)| EncodedTile {
            x,
            y,
            level: source.level.index,
            width: grid.block_width,
            height: grid.stored_rows(y),
            compression: layer.image.compression,
            planes: vec![None; planes.len()],
            mask: None,
            mask_compression: mask.map(|mask| mask.image.compression),
            jpeg_tables: layer.spec(y).jpeg_tables.map(Bytes::copy_from_slice),
            photometric: layer.image.photometric,
        })
        .collect();
    let range = |location: &BlockLocation| location.offset..location.offset.saturating_add(location.length);
    let stored = jobs.iter().enumerate().filter(|(_, job)| !job.location.is_sparse());
    let ranges = stored.filter_map(|(i, job)| Some((i, &layers.get(job.destination)?.file, range(&job.location))));
    let mut fetch = Fetch::new(ranges);
    while let Some((i, bytes)) = fetch.next().await {
        let bytes = bytes?;
        let Some((job, &(tile, slot))) = jobs.get(i).zip(places.get(i)) else { continue };
        let Some(encoded) = encoded.get_mut(tile) else { continue };
        if job.destination == 1 {
            encoded.mask = Some(bytes);
        } else if let Some(plane) = encoded.planes.get_mut(slot) {
            *plane = Some(bytes);
        }
    }
    Ok(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adobe_marker_is_found_before_the_scan_only() {
        assert!(has_adobe_marker(&[0xff, 0xdb, 0, 4, 1, 2, 0xff, APP14, 0, 2]));
        assert!(!has_adobe_marker(&[0xff, SOS, 0, 2, 0xff, APP14, 0, 2]));
        assert!(!has_adobe_marker(&[0xff, 0xdb, 0xff, 0xff]));
        assert!(!has_adobe_marker(&[]));
    }
}
