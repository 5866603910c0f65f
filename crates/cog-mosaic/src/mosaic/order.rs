//! In which order sources count, and which of them may lie somewhere.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};
use std::sync::Arc;

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::coverage::{Box4, overlap};

/// In which order sources count.
#[derive(Clone, Debug)]
pub(super) enum Order {
    /// As they were given.
    Given,
    /// As the lists of a MosaicJSON say, tile by tile.
    Listed(Arc<Lists>),
}

/// Lists of sources, each of a tile.
#[derive(Debug)]
pub(super) struct Lists {
    /// Boxes of tiles, with the number of their list.
    tree: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
    lists: Vec<Vec<usize>>,
    /// By source: its place in an order that agrees with all lists, as far as these agree with each other.
    ranks: Vec<usize>,
}

impl Lists {
    /// Of so many sources; each list has the boxes of its tile.
    pub(super) fn new(sources: usize, tiles: Vec<(Vec<Box4>, Vec<usize>)>) -> Lists {
        let (mut entries, mut lists) = (Vec::new(), Vec::new());
        for (number, (boxes, list)) in tiles.into_iter().enumerate() {
            let rectangle = |[west, south, east, north]: Box4| Rectangle::from_corners([west, south], [east, north]);
            entries.extend(boxes.into_iter().map(|bounds| GeomWithData::new(rectangle(bounds), number)));
            lists.push(list);
        }
        let ranks = ranks(sources, &lists);
        Lists { tree: RTree::bulk_load(entries), lists, ranks }
    }

    /// The sources listed for tiles that overlap boxes: of one tile as its list has them, of several in the order of all.
    pub(super) fn candidates(&self, boxes: Option<&[Box4]>) -> Vec<usize> {
        let mut tiles = BTreeSet::new();
        match boxes {
            None => tiles.extend(0..self.lists.len()),
            Some(boxes) => boxes.iter().for_each(|wanted| {
                let [west, south, east, north] = *wanted;
                let near = self.tree.locate_in_envelope_intersecting(AABB::from_corners([west, south], [east, north]));
                let box_of = |entry: &GeomWithData<Rectangle<[f64; 2]>, usize>| {
                    let ([w, s], [e, n]) = (entry.geom().lower(), entry.geom().upper());
                    [w, s, e, n]
                };
                tiles.extend(near.filter(|entry| overlap(&box_of(entry), wanted)).map(|entry| entry.data));
            }),
        }
        let mut seen = HashSet::new();
        let lists = tiles.iter().filter_map(|tile| self.lists.get(*tile));
        let mut found: Vec<usize> = lists.flatten().copied().filter(|source| seen.insert(*source)).collect();
        if tiles.len() > 1 {
            found.sort_by_key(|source| self.ranks.get(*source));
        }
        found
    }
}

/// An order in which each list is sorted. Where lists contradict each other, the source that is named first counts first.
fn ranks(sources: usize, lists: &[Vec<usize>]) -> Vec<usize> {
    let mut first: Vec<usize> = vec![usize::MAX; sources];
    let mut before: Vec<usize> = vec![0; sources];
    let mut after: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut seen = HashSet::new();
    for (number, source) in lists.iter().flatten().enumerate() {
        if let Some(first) = first.get_mut(*source).filter(|first| **first == usize::MAX) {
            *first = number;
        }
    }
    for pair in lists.iter().flat_map(|list| list.windows(2)) {
        if let [a, b] = pair
            && a != b
            && seen.insert((*a, *b))
        {
            after.entry(*a).or_default().push(*b);
            before.get_mut(*b).into_iter().for_each(|count| *count += 1);
        }
    }
    let named = |source: usize| first.get(source).copied().unwrap_or(usize::MAX);
    let mut waiting: BTreeSet<(usize, usize)> = (0..sources).map(|source| (named(source), source)).collect();
    let mut ready: BinaryHeap<Reverse<(usize, usize)>> =
        waiting.iter().filter(|(_, source)| before.get(*source) == Some(&0)).map(|entry| Reverse(*entry)).collect();
    let mut ranks = vec![0; sources];
    for rank in 0..sources {
        // In a circle nothing is ready.
        let next = std::iter::from_fn(|| ready.pop()).map(|Reverse(entry)| entry).find(|entry| waiting.contains(entry));
        let Some(entry) = next.or_else(|| waiting.first().copied()) else { break };
        waiting.remove(&entry);
        if let Some(own) = ranks.get_mut(entry.1) {
            *own = rank;
        }
        for later in after.remove(&entry.1).unwrap_or_default() {
            if let Some(count) = before.get_mut(later) {
                *count -= 1;
                if *count == 0 {
                    ready.push(Reverse((named(later), later)));
                }
            }
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(sources: usize, lists: &[&[usize]]) -> Vec<usize> {
        let lists: Vec<Vec<usize>> = lists.iter().map(|list| list.to_vec()).collect();
        let ranks = ranks(sources, &lists);
        let mut all: Vec<usize> = (0..sources).collect();
        all.sort_by_key(|source| ranks[*source]);
        all
    }

    #[test]
    fn the_order_of_all_agrees_with_each_list() {
        assert_eq!(order(4, &[&[1, 3], &[0, 1], &[2, 3, 0][..1], &[2, 0]]), [2, 0, 1, 3]);
        assert_eq!(order(3, &[&[2, 0], &[1, 2]]), [1, 2, 0]);
        // They contradict each other: the first that is named, behind what nothing is said of.
        assert_eq!(order(3, &[&[1, 0], &[0, 1], &[2]]), [2, 1, 0]);
    }

    #[test]
    fn one_tile_has_its_own_list() {
        let left = (vec![[0.0, 0.0, 1.0, 1.0]], vec![1, 0]);
        let right = (vec![[1.0, 0.0, 2.0, 1.0]], vec![0, 1, 2]);
        let lists = Lists::new(3, vec![left, right]);
        assert_eq!(lists.candidates(Some(&[[0.0, 0.0, 1.0, 1.0]])), [1, 0]);
        assert_eq!(lists.candidates(Some(&[[1.2, 0.2, 1.5, 0.9]])), [0, 1, 2]);
        assert_eq!(lists.candidates(Some(&[[0.9, 0.2, 1.1, 0.9]])), [1, 0, 2]);
        assert_eq!(lists.candidates(Some(&[[5.0, 0.2, 5.1, 0.9]])), [0_usize; 0]);
        assert_eq!(lists.candidates(None), [1, 0, 2]);
    }
}
