//! The rules of GDAL's `validate_cloud_optimized_geotiff.py` (GDAL 3.6), in its order. Those of its full check are in
//! [`frames`](crate::frames).

use crate::alike::{blocks_in_order, broken, ifd_before, is_large, is_untiled, untiled, without_overviews};
use crate::facts::Facts;
use crate::layers::Layer;
use crate::report::{Finding, Verdict};
use crate::rule::Rule;

/// Strips of a narrower image are as good as tiles.
const NARROW: u32 = 1024;

pub(crate) fn judge(facts: &Facts) -> Verdict {
    let mut verdict = Verdict::default();
    let full = &facts.levels.full.layer;
    if facts.beside.is_some() {
        verdict.add(Finding::new(Rule::G02, "overviews lie in a file .ovr beside this one"));
    }
    if is_large(full) && is_wide_untiled(full) {
        verdict.add(untiled(Rule::G03, full, full));
    }
    if is_large(full) && facts.overviews().is_empty() {
        verdict.add(without_overviews(Rule::G04, full));
    }
    // An IFD that follows the header is as it should be, and no announcement is looked for.
    if !is_first(full.offset) {
        if facts.ghost.broken {
            verdict.add(broken(Rule::G05));
        }
        let expected = facts.ghost.first_ifd;
        if full.offset != expected {
            let text = format!("the IFD of the image begins at byte {}, not at byte {expected}", full.offset);
            let finding = Finding::new(Rule::G06, text).of(full.place);
            verdict.add(finding.with("offset", full.offset).with("expected", expected));
        }
    }
    let mut before = full;
    for (index, level) in facts.overviews().iter().enumerate() {
        let overview = &level.layer;
        let (first, other) = (index == 0, before.place.name());
        if overview.image.width > before.image.width || overview.image.height > before.image.height {
            let ((width, height), (most_width, most_height)) = (overview.size(), before.size());
            let name = overview.place.name();
            let text =
                format!("{name} has {width} × {height} pixels, more than {other} with {most_width} × {most_height}");
            let finding = Finding::new(if first { Rule::G07 } else { Rule::G08 }, text).of(overview.place);
            verdict.add(finding.with("width", width.into()).with("height", height.into()));
        }
        if is_wide_untiled(overview) {
            verdict.add(untiled(Rule::G09, overview, full));
        }
        if overview.offset < before.offset {
            verdict.add(ifd_before(if first { Rule::G10 } else { Rule::G11 }, overview, before));
        }
        before = overview;
    }
    let blocks: Vec<(&Layer, u64)> =
        facts.shown().zip(&facts.first_blocks).map(|(level, first)| (&level.layer, first.gdal)).collect();
    blocks_in_order(&mut verdict, [Rule::G12, Rule::G13, Rule::G14], &blocks, before);
    verdict
}

/// Whether an IFD at this offset follows the header of a TIFF or BigTIFF.
pub(crate) fn is_first(offset: u64) -> bool {
    matches!(offset, 8 | 16)
}

fn is_wide_untiled(layer: &Layer) -> bool {
    is_untiled(layer) && layer.image.width > NARROW
}
