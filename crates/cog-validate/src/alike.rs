//! What rio-cogeo and GDAL ask for in the same way: the rules are theirs, each with an id of its own.

use cog_tiff::BlockKind;

use crate::layers::Layer;
use crate::report::{Finding, Verdict};
use crate::rule::{Authority, Rule};
use crate::tile_side::tile_side;

/// Smaller images need neither tiles nor overviews.
const SMALL: u32 = 512;

/// Blocks of the smallest overview first, those of the image last, all behind the last IFD. `blocks` are of levels from the image down;
/// one at offset 0 is not judged.
pub(crate) fn blocks_in_order(
    verdict: &mut Verdict,
    [behind, overviews, image]: [Rule; 3],
    blocks: &[(&Layer, u64)],
    last: &Layer,
) {
    if let Some((layer, offset)) = blocks.last().filter(|(_, offset)| *offset != 0 && *offset < last.offset) {
        let (name, ifd) = (layer.place.name(), last.offset);
        let text = format!(
            "the first block of {name} lies at byte {offset}, before the IFD at byte {ifd} that it should follow"
        );
        verdict.add(Finding::new(behind, text).of(layer.place).with("offset", *offset).with("ifd_offset", ifd));
    }
    for (rule, index) in (1..blocks.len().saturating_sub(1)).rev().map(|i| (overviews, i)).chain([(image, 0)]) {
        let (Some((large, at)), Some((small, other))) = (blocks.get(index), blocks.get(index + 1)) else { continue };
        if *at != 0 && at < other {
            let (large_name, small_name) = (large.place.name(), small.place.name());
            let text = format!(
                "the first block of {large_name} lies at byte {at}, before that of {small_name} at byte {other}: smaller levels should come first"
            );
            verdict.add(Finding::new(rule, text).of(large.place).with("offset", *at).with("other_offset", *other));
        }
    }
}

/// Wider or higher than what is read whole anyway.
pub(crate) fn is_large(layer: &Layer) -> bool {
    layer.image.width > SMALL || layer.image.height > SMALL
}

/// Whether blocks reach from edge to edge: strips, or tiles as wide as the image.
pub(crate) fn is_untiled(layer: &Layer) -> bool {
    layer.block_size().0 == layer.image.width
}

/// `full` is the image that the layer is a level of.
pub(crate) fn untiled(rule: Rule, layer: &Layer, full: &Layer) -> Finding {
    let ((width, height), (block_width, block_height)) = (layer.size(), layer.block_size());
    let name = layer.place.name();
    let numbers = [("width", width), ("height", height), ("block_width", block_width), ("block_height", block_height)];
    let finding = |text: String| {
        numbers.into_iter().fold(Finding::new(rule, text).of(layer.place), |f, (name, n)| f.with(name, n.into()))
    };
    if layer.image.grid.kind == BlockKind::Strip {
        return finding(format!(
            "{name} has {width} × {height} pixels and is not tiled: its blocks are {block_width} × {block_height}"
        ));
    }
    let who = if rule.authority() == Authority::Gdal { "GDAL's validator" } else { "rio-cogeo" };
    let side = tile_side(full.size(), None);
    Finding {
        remedy: Some(format!("`cog convert --blocksize {side}` makes tiles that are not taken for strips")),
        ..finding(format!(
            "{name} has {width} × {height} pixels and is made of tiles as wide as it is, {block_width} × {block_height}, which {who} takes for strips"
        ))
    }
}

pub(crate) fn without_overviews(rule: Rule, full: &Layer) -> Finding {
    let (width, height) = full.size();
    let text = format!("the image has {width} × {height} pixels and no overviews");
    Finding::new(rule, text).of(full.place).with("width", width.into()).with("height", height.into())
}

pub(crate) fn broken(rule: Rule) -> Finding {
    Finding::new(
        rule,
        "the file was changed by a program that did not keep its layout (KNOWN_INCOMPATIBLE_EDITION=YES)",
    )
}

pub(crate) fn ifd_before(rule: Rule, layer: &Layer, before: &Layer) -> Finding {
    let (name, at) = (layer.place.name(), layer.offset);
    let (other, other_at) = (before.place.name(), before.offset);
    let text = format!("the IFD of {name} lies at byte {at}, before that of {other} at byte {other_at}");
    Finding::new(rule, text).of(layer.place).with("offset", at).with("other_offset", other_at)
}
