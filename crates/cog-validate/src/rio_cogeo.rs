//! The rules of `rio cogeo validate` (rio-cogeo 7.0.4), in its order.

use crate::alike::{blocks_in_order, broken, ifd_before, is_large, is_untiled, untiled, without_overviews};
use crate::facts::{Facts, decimation};
use crate::layers::Layer;
use crate::report::{Finding, Verdict};
use crate::rule::Rule;

/// Where the first IFD has to begin.
const FIRST_IFD: u64 = 300;

pub(crate) fn judge(facts: &Facts) -> Verdict {
    let mut verdict = Verdict::default();
    let full = &facts.levels.full.layer;
    let overviews: Vec<&Layer> = facts.overviews().iter().map(|level| &level.layer).collect();
    if facts.beside.is_some() {
        verdict.add(Finding::new(Rule::R02, "overviews lie in a file .ovr beside this one"));
    }
    if is_large(full) && is_untiled(full) {
        verdict.add(untiled(Rule::R03, full, full));
    }
    if is_large(full) && overviews.is_empty() {
        verdict.add(without_overviews(Rule::R04, full));
    }
    if full.offset > FIRST_IFD {
        let text = format!("the IFD of the image begins at byte {}, not within the first {FIRST_IFD}", full.offset);
        verdict.add(Finding::new(Rule::R05, text).of(full.place).with("offset", full.offset).with("most", FIRST_IFD));
    }
    if facts.ghost.broken {
        verdict.add(broken(Rule::R06));
    }
    let decimations: Vec<u64> = overviews.iter().map(|overview| decimation(full, overview)).collect();
    if !decimations.is_sorted() {
        let listed: Vec<String> = decimations.iter().map(u64::to_string).collect();
        let text = format!("overviews are not sorted: they are {} times smaller than the image", listed.join(", "));
        verdict.add(Finding::new(Rule::R07, text));
    }
    let mut before = full;
    for (overview, by) in overviews.iter().zip(&decimations) {
        if *by <= 1 {
            let text = format!("{} is not smaller than the image: {by} times", overview.place.name());
            verdict.add(Finding::new(Rule::R08, text).of(overview.place).with("decimation", *by));
        }
        if overview.offset < before.offset {
            verdict.add(ifd_before(Rule::R09, overview, before));
        }
        before = overview;
    }
    // A level of which it finds no block is left out here, not counted as one without.
    let blocks: Vec<(&Layer, u64)> = std::iter::once(full)
        .chain(overviews.iter().copied())
        .zip(&facts.first_blocks)
        .filter_map(|(layer, first)| Some((layer, first.rio_cogeo?)))
        .collect();
    blocks_in_order(&mut verdict, [Rule::R10, Rule::R11, Rule::R12], &blocks, before);
    for overview in overviews.iter().filter(|overview| is_large(overview) && is_untiled(overview)) {
        verdict.add(untiled(Rule::R13, overview, full));
    }
    verdict
}
