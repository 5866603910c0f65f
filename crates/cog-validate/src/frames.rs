//! Every block of an image: GDAL's full check of what the file announces of them.

use std::ops::Range;

use bytes::Bytes;
use cog_tiff::{BlockLocation, Ghost as Leader};

use crate::error::Result;
use crate::first_block::{CHUNK, Corner};
use crate::ghost::Ghost;
use crate::header_bytes::{HeaderBytes, read_all};
use crate::layers::Layer;
use crate::report::{Finding, Verdict};
use crate::rule::Rule;

/// Blocks that are looked at together: their frames are read at once.
const TOGETHER: u64 = CHUNK / 8;

/// Checks the blocks of the first plane of an image, and where those of its mask lie, as far as the file announces anything of them.
pub(crate) async fn check(
    bytes: &mut HeaderBytes,
    ghost: &Ghost,
    layer: &Layer,
    mask: Option<&Layer>,
    verdict: &mut Verdict,
) -> Result<()> {
    let mask = mask.filter(|_| ghost.mask_interleaved);
    let same = |mask: &&Layer| mask.block_size() == layer.block_size();
    if let Some(other) = mask.filter(|mask| !same(mask)) {
        let ((width, height), (mask_width, mask_height)) = (layer.block_size(), other.block_size());
        let text = format!(
            "blocks of {} are {mask_width} × {mask_height}, those of {} {width} × {height}",
            other.place.name(),
            layer.place.name()
        );
        verdict.add(Finding::new(Rule::G23, text).of(other.place));
    }
    let mask = mask.filter(same);
    let Corner { columns, rows } = Corner::whole(layer);
    // Behind the end of the tables nothing is stored.
    let entries = |layer: &Layer| layer.tables.entry_count(bytes.size());
    let all = columns.saturating_mul(rows).min(entries(layer).max(mask.map_or(0, entries)));
    let mut walk = Walk { ghost, layer, columns, last: 0 };
    let mut start = 0;
    while start < all {
        let end = (start + TOGETHER).min(all);
        let blocks = stored(bytes, layer, start..end).await?;
        let masks = match mask {
            Some(mask) => stored(bytes, mask, start..end).await?,
            None => Vec::new(),
        };
        let frames = Frames::read(bytes, ghost, &blocks).await?;
        for (index, block) in blocks.iter().enumerate() {
            let number = start + index as u64;
            walk.block(number, *block, &frames, index, verdict);
            let offset_of_mask = masks.get(index).map_or(0, |mask| mask.offset);
            let offset = match mask {
                Some(mask) => walk.mask(number, *block, mask, offset_of_mask, verdict),
                None => block.offset,
            };
            walk.last = offset;
        }
        start = end;
    }
    Ok(())
}

/// Entries of the tables; a block without bytes has no offset either.
pub(crate) async fn stored(bytes: &mut HeaderBytes, layer: &Layer, blocks: Range<u64>) -> Result<Vec<BlockLocation>> {
    let mut found = bytes.lookup(|known| layer.tables.entries(known, blocks.clone())).await?;
    for block in found.iter_mut().filter(|block| block.length == 0) {
        block.offset = 0;
    }
    Ok(found)
}

/// Where the walk is.
struct Walk<'a> {
    ghost: &'a Ghost,
    layer: &'a Layer,
    columns: u64,
    /// Offset of the block before; 0 if it is not stored.
    last: u64,
}

impl Walk<'_> {
    fn finding(&self, rule: Rule, number: u64, layer: &Layer, text: String) -> Finding {
        let columns = self.columns.max(1);
        let (x, y) = (number % columns, number / columns);
        Finding::new(rule, format!("block ({x}, {y}) of {} {text}", layer.place.name())).of(layer.place).at(x, y)
    }

    fn block(&self, number: u64, block: BlockLocation, frames: &Frames, index: usize, verdict: &mut Verdict) {
        let BlockLocation { offset, length } = block;
        if offset == 0 {
            return;
        }
        if self.ghost.row_major && offset < self.last {
            let text = format!("lies at byte {offset}, before the one before it at byte {}", self.last);
            let finding = self.finding(Rule::G20, number, self.layer, text);
            verdict.add(finding.with("offset", offset).with("other_offset", self.last));
        }
        if self.ghost.leader {
            match frames.leader(index) {
                Frame::Is(size) if u64::from(size) == length => {}
                Frame::Is(size) => {
                    let text = format!("has {length} bytes, and in front of it stands {size}");
                    let finding = self.finding(Rule::G21, number, self.layer, text);
                    verdict.add(finding.with("length", length).with("leader", size.into()));
                }
                // GDAL's validator ends here with an exception.
                Frame::Outside => {
                    let text = format!("lies at byte {offset}, where the file has no bytes");
                    verdict.add(self.finding(Rule::G21, number, self.layer, text).with("offset", offset));
                }
            }
        }
        if self.ghost.trailer && !frames.is_repeated(index) {
            let text = "is not followed by its last 4 bytes once more".to_string();
            let finding = self.finding(Rule::G22, number, self.layer, text);
            verdict.add(finding.with("offset", offset).with("length", length));
        }
    }

    /// The offset that counts for the order of the next block.
    fn mask(&self, number: u64, block: BlockLocation, mask: &Layer, offset: u64, verdict: &mut Verdict) -> u64 {
        if offset == 0 {
            return block.offset;
        }
        if block.offset > 0 {
            let expected = block.offset.saturating_add(block.length).saturating_add(self.ghost.between());
            if offset != expected {
                let text = format!("lies at byte {offset}, and should follow that of the image, at byte {expected}");
                let finding = self.finding(Rule::G24, number, mask, text);
                verdict.add(finding.with("offset", offset).with("expected", expected));
            }
            return block.offset;
        }
        if self.ghost.row_major && offset < self.last {
            let text = format!("lies at byte {offset}, before the block before it at byte {}", self.last);
            let finding = self.finding(Rule::G20, number, mask, text);
            verdict.add(finding.with("offset", offset).with("other_offset", self.last));
        }
        offset
    }
}

/// What stands in front of a block.
enum Frame {
    Is(u32),
    Outside,
}

/// The bytes around some blocks.
struct Frames {
    /// Sorted, none of them touching another.
    pieces: Vec<(u64, Bytes)>,
    /// Of each block where its leader and its trailer with the bytes it repeats begin, if they lie in the file.
    at: Vec<[Option<u64>; 2]>,
}

impl Frames {
    async fn read(bytes: &HeaderBytes, ghost: &Ghost, blocks: &[BlockLocation]) -> Result<Frames> {
        let size = bytes.size();
        let inside = |start: Option<u64>, length: u64| {
            let end = start?.checked_add(length)?;
            start.filter(|_| size.is_none_or(|size| end <= size))
        };
        let at: Vec<[Option<u64>; 2]> = blocks
            .iter()
            .map(|block| match block.offset {
                0 => [None, None],
                offset => [
                    inside(offset.checked_sub(4).filter(|_| ghost.leader), 4),
                    inside(
                        offset
                            .checked_add(block.length)
                            .and_then(|end| end.checked_sub(4))
                            .filter(|_| ghost.trailer && block.length >= 4),
                        8,
                    ),
                ],
            })
            .collect();
        let wanted = at.iter().flat_map(|[leader, trailer]| {
            [leader.map(|start| start..start + 4), trailer.map(|start| start..start + 8)].into_iter().flatten()
        });
        let ranges = cog_tiff::join_ranges(wanted.collect());
        let pieces = read_all(bytes.source(), &ranges, false).await?;
        Ok(Frames { pieces: ranges.into_iter().map(|range| range.start).zip(pieces).collect(), at })
    }

    fn get<const N: usize>(&self, start: Option<u64>) -> Option<[u8; N]> {
        let start = start?;
        let after = self.pieces.partition_point(|(offset, _)| *offset <= start);
        let (offset, piece) = self.pieces.get(after.checked_sub(1)?)?;
        let within = usize::try_from(start - offset).ok()?;
        piece.get(within..within.checked_add(N)?)?.try_into().ok()
    }

    fn leader(&self, index: usize) -> Frame {
        let start = self.at.get(index).and_then(|[leader, _]| *leader);
        self.get::<4>(start).map_or(Frame::Outside, |bytes| Frame::Is(Leader::leader(bytes)))
    }

    /// True too for a block that is too short, and for one at the end of the file: GDAL's validator looks at neither.
    fn is_repeated(&self, index: usize) -> bool {
        let start = self.at.get(index).and_then(|[_, trailer]| *trailer);
        self.get::<8>(start).is_none_or(|[a, b, c, d, repeated @ ..]| [a, b, c, d] == repeated)
    }
}
