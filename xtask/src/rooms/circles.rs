//! Files that use each other in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::imports::Arrow;

/// The strongly connected parts of more than one file, largest first.
pub(super) fn circles(arrows: &BTreeSet<Arrow>) -> Vec<Vec<String>> {
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for arrow in arrows {
        next.entry(&arrow.from).or_default().insert(&arrow.to);
        next.entry(&arrow.to).or_default();
    }
    let reach: BTreeMap<&str, BTreeSet<&str>> = next.keys().map(|file| (*file, reachable(&next, file))).collect();
    let mut seen = BTreeSet::new();
    let mut found: Vec<Vec<String>> = Vec::new();
    for (file, others) in &reach {
        if seen.contains(file) {
            continue;
        }
        let back = |other: &&&str| reach.get(**other).is_some_and(|reached| reached.contains(file));
        let circle: Vec<&str> = others.iter().filter(back).copied().collect();
        if circle.len() > 1 {
            seen.extend(circle.iter().copied());
            found.push(circle.into_iter().map(str::to_owned).collect());
        }
    }
    found.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    found
}

/// Files that a file uses, directly or through others; itself if it is part of a circle.
fn reachable<'a>(next: &BTreeMap<&'a str, BTreeSet<&'a str>>, from: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut waiting: Vec<&str> = next.get(from).into_iter().flatten().copied().collect();
    while let Some(file) = waiting.pop() {
        if found.insert(file) {
            waiting.extend(next.get(file).into_iter().flatten());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_reach_each_other_are_one_circle() {
        let arrows = ["a b", "b c", "c a", "c d", "d e", "e d", "x a"];
        let arrow = |text: &str| {
            let (from, to) = text.split_once(' ').unwrap();
            Arrow { from: from.into(), to: to.into() }
        };
        let found = circles(&arrows.into_iter().map(arrow).collect());
        assert_eq!(found, [vec!["a", "b", "c"], vec!["d", "e"]]);
    }
}
