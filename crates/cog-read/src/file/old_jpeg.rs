//! What images of old-style JPEG (compression 6) keep outside their blocks: fetched when the file is opened, for such
//! files only.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use cog_codecs::OldJpeg;
use cog_tiff::{BlockTable, Compression, Ifd, Image, KnownBytes, Lookup, Stop, Tag};

use crate::file::layer::Layer;
use crate::file::tiff_file::TiffFile;

/// An interchange stream that goes on beyond this is cut: its tables stand at its start, and what follows is a whole picture only
/// in images of one block.
const MOST: u64 = 16 << 20;
/// Markers before the first block's data: one of each kind fits.
const MARKERS: u64 = 64 << 10;

const INTERCHANGE: Tag = Tag(513);
const INTERCHANGE_LENGTH: Tag = Tag(514);
const QUANTISATION: Tag = Tag(519);
const DC: Tag = Tag(520);
const AC: Tag = Tag(521);

/// The common header of the blocks of each such IFD. One whose header makes no sense has none: its blocks then tell what is
/// missing.
pub(crate) async fn headers(file: &Arc<TiffFile>, limits: &cog_tiff::Limits) -> HashMap<usize, Arc<[u8]>> {
    let mut headers = HashMap::new();
    for (index, ifd) in file.tiff.ifds().iter().enumerate() {
        let Ok(image) = Image::of(ifd) else { continue };
        if image.compression != Compression::OldJpeg {
            continue;
        }
        let Ok(layer) = Layer::of(file, index, true, None, None) else { continue };
        let built = file.header.lookup(|known| build(known, ifd, layer.blocks.table(), limits, &layer)).await;
        if let Ok(Some(built)) = built {
            headers.insert(index, built.into());
        }
    }
    headers
}

fn build(
    known: &dyn KnownBytes,
    ifd: &Ifd,
    table: &BlockTable,
    limits: &cog_tiff::Limits,
    layer: &Layer,
) -> Lookup<Option<Vec<u8>>> {
    let numbers = |tag: Tag| -> Lookup<Vec<u64>> {
        Ok(ifd.lookup_value(known, tag, limits)?.and_then(|value| value.u64s()).unwrap_or_default())
    };
    let end = known.file_len().unwrap_or(u64::MAX);
    let piece = |offset: u64, len: u64| offset..offset.saturating_add(len).min(end).max(offset);
    let mut ranges: Vec<Range<u64>> = Vec::new();
    let mut add = |range: Option<Range<u64>>| {
        ranges.push(range.filter(|r| r.start > 0 && r.start < end).unwrap_or(0..0));
    };
    let length = numbers(INTERCHANGE_LENGTH)?.first().copied().filter(|n| *n > 0).unwrap_or(MOST);
    add(numbers(INTERCHANGE)?.first().map(|offset| piece(*offset, length.min(MOST))));
    for (tag, len) in [(QUANTISATION, 64), (DC, 272), (AC, 272)] {
        let offsets = numbers(tag)?;
        (0..3).for_each(|i| add(offsets.get(i).map(|offset| piece(*offset, len))));
    }
    let first = table.locations(known, 0..1)?;
    add(first.first().filter(|block| !block.is_sparse()).map(|block| piece(block.offset, block.length.min(MARKERS))));
    let mut bytes = Vec::new();
    let mut need = Vec::new();
    for range in &ranges {
        match known.get(range.clone()) {
            Some(found) => bytes.push(found),
            None if range.is_empty() => bytes.push(Default::default()),
            None => need.push(range.clone()),
        }
    }
    if !need.is_empty() {
        return Err(Stop::Need(need));
    }
    let mut tags = OldJpeg::default();
    if let [interchange, q0, q1, q2, d0, d1, d2, a0, a1, a2, block] = &bytes[..] {
        tags.interchange = interchange;
        tags.quantisation = [q0, q1, q2];
        tags.dc = [d0, d1, d2];
        tags.ac = [a0, a1, a2];
        tags.first_block = block;
    }
    Ok(tags.header(&layer.spec(0)).ok())
}
