//! Which sources may lie in a part of the Earth.

use std::collections::BTreeSet;

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::coverage::{Box4, Coverage, overlap};

type Entry = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// The places of sources in an R-tree. Those of which nothing is known yet may lie anywhere.
#[derive(Debug, Default)]
pub(super) struct Index {
    tree: RTree<Entry>,
    unknown: BTreeSet<usize>,
}

impl Index {
    /// Of sources in their order.
    pub(super) fn new<'a>(sources: impl Iterator<Item = Option<&'a Coverage>>) -> Index {
        let (mut entries, mut unknown) = (Vec::new(), BTreeSet::new());
        for (source, coverage) in sources.enumerate() {
            match coverage {
                Some(coverage) => entries.extend(entries_of(source, coverage)),
                None => _ = unknown.insert(source),
            }
        }
        Index { tree: RTree::bulk_load(entries), unknown }
    }

    /// Where a source lies is known now.
    pub(super) fn found(&mut self, source: usize, coverage: &Coverage) {
        if self.unknown.remove(&source) {
            entries_of(source, coverage).for_each(|entry| self.tree.insert(entry));
        }
    }

    /// The sources that may overlap any of some boxes, in their order.
    pub(super) fn candidates(&self, boxes: &[Box4]) -> Vec<usize> {
        let mut found = self.unknown.clone();
        for wanted in boxes {
            let [west, south, east, north] = *wanted;
            let envelope = AABB::from_corners([west, south], [east, north]);
            let near = self.tree.locate_in_envelope_intersecting(envelope);
            found.extend(near.filter(|entry| overlap(&box_of(entry), wanted)).map(|entry| entry.data));
        }
        found.into_iter().collect()
    }
}

fn entries_of(source: usize, coverage: &Coverage) -> impl Iterator<Item = Entry> {
    coverage.boxes().iter().map(move |[west, south, east, north]| {
        GeomWithData::new(Rectangle::from_corners([*west, *south], [*east, *north]), source)
    })
}

fn box_of(entry: &Entry) -> Box4 {
    let ([west, south], [east, north]) = (entry.geom().lower(), entry.geom().upper());
    [west, south, east, north]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_found_in_their_order_whatever_is_known_of_them() {
        let of = |bounds| Coverage::of_bounds(bounds).unwrap();
        let places =
            [Some(of([0.0, 0.0, 2.0, 2.0])), None, Some(of([1.0, 1.0, 3.0, 3.0])), Some(of([179.0, 0.0, -179.0, 1.0]))];
        let mut index = Index::new(places.iter().map(Option::as_ref));
        assert_eq!(index.candidates(&[[1.5, 1.5, 1.6, 1.6]]), [0, 1, 2]);
        assert_eq!(index.candidates(&[[-179.5, 0.0, -179.1, 1.0]]), [1, 3]);
        index.found(1, &of([50.0, 0.0, 60.0, 1.0]));
        assert_eq!(index.candidates(&[[1.5, 1.5, 1.6, 1.6]]), [0, 2]);
        assert_eq!(index.candidates(&[[2.5, 2.5, 55.0, 2.6], [54.0, 0.0, 55.0, 1.0]]), [1, 2]);
    }
}
