//! How often each value occurs, in bounded memory.

/// Counts by key. Memory is asked for as keys come.
#[derive(Clone, Debug)]
pub(crate) struct Counts {
    table: Table,
    /// Number of all keys; 0 if too many for a place each.
    keys: usize,
    /// Memory that was asked for was not there: counts are missing.
    short: bool,
}

#[derive(Clone, Debug)]
enum Table {
    /// Every key has a place. Four tables side by side: neighbours that are alike need not wait for each other.
    Dense(Vec<[u64; 4]>),
    /// The same in a quarter of the memory.
    Narrow(Vec<u64>),
    Sparse(Sparse),
}

/// Bytes of a place of [`Table::Dense`].
pub(crate) const DENSE_PLACE: usize = size_of::<[u64; 4]>();

/// Bytes that a key of [`Table::Sparse`] takes at most.
pub(crate) const SPARSE_PLACE: usize = 48;

/// Places that a table of all keys begins with.
const FIRST_PLACES: usize = 256;

impl Counts {
    /// `dense`: number of all keys, 0 if too many. Takes `bytes` at most.
    pub(crate) fn new(dense: usize, max_distinct: usize, bytes: usize) -> Counts {
        let fits = |place: usize| dense > 0 && dense.saturating_mul(place) <= bytes;
        let table = if fits(DENSE_PLACE) {
            Table::Dense(Vec::new())
        } else if fits(size_of::<u64>()) {
            Table::Narrow(Vec::new())
        } else {
            Table::Sparse(Sparse::new(max_distinct.min(bytes / SPARSE_PLACE)))
        };
        Counts { table, keys: dense, short: false }
    }

    /// True if every key has a place of its own.
    pub(crate) fn is_dense(&self) -> bool {
        !matches!(self.table, Table::Sparse(_))
    }

    /// True once memory was short: the counts are worth nothing.
    pub(crate) fn is_short(&self) -> bool {
        self.short
    }

    /// Counts the keys of a block.
    #[inline(always)]
    pub(crate) fn add_all(&mut self, keys: impl Iterator<Item = u64>) {
        let (all, short) = (self.keys, &mut self.short);
        // `for_each`, and one loop a table: arrays give their elements to a loop of their own much faster than one by one.
        match &mut self.table {
            Table::Dense(counts) => keys.enumerate().for_each(|(turn, key)| match counts.get_mut(key as usize) {
                Some(four) => four.get_mut(turn % 4).into_iter().for_each(|n| *n += 1),
                None => *short |= first_of(counts, key, all).map(|[first, ..]| *first += 1).is_none(),
            }),
            Table::Narrow(counts) => keys.for_each(|key| match counts.get_mut(key as usize) {
                Some(n) => *n += 1,
                None => *short |= first_of(counts, key, all).map(|n| *n += 1).is_none(),
            }),
            Table::Sparse(sparse) => keys.for_each(|key| *short |= sparse.add(key, 1).is_none()),
        }
    }

    /// Counts a key.
    #[inline(always)]
    pub(crate) fn add(&mut self, key: u64) {
        match &mut self.table {
            Table::Sparse(sparse) => self.short |= sparse.add(key, 1).is_none(),
            _ => self.add_many(key, 1),
        }
    }

    /// Counts a key as often as it occurs.
    #[cold]
    pub(crate) fn add_many(&mut self, key: u64, count: u64) {
        let grown = match &mut self.table {
            Table::Dense(counts) => first_of(counts, key, self.keys).map(|[first, ..]| first),
            Table::Narrow(counts) => first_of(counts, key, self.keys),
            Table::Sparse(sparse) => return self.short |= sparse.add(key, count).is_none(),
        };
        match grown {
            Some(n) => *n += count,
            None => self.short = true,
        }
    }

    pub(crate) fn merge(&mut self, other: &Counts) {
        self.short |= other.short;
        match (&mut self.table, &other.table) {
            (Table::Sparse(mine), Table::Sparse(others)) => self.short |= mine.merge(others).is_none(),
            (_, Table::Sparse(_)) => {}
            _ => other.sorted().into_iter().for_each(|(key, n)| self.add_many(key, n)),
        }
    }

    /// Keys that occur and their counts, in order; keys stand for `2^shift` neighbours each.
    pub(crate) fn sorted(&self) -> Vec<(u64, u64)> {
        let occurring = |(key, n): (usize, u64)| (n > 0).then_some((key as u64, n));
        match &self.table {
            Table::Dense(counts) => {
                counts.iter().map(|four| four.iter().sum::<u64>()).enumerate().filter_map(occurring).collect()
            }
            Table::Narrow(counts) => counts.iter().copied().enumerate().filter_map(occurring).collect(),
            Table::Sparse(sparse) => {
                let mut all: Vec<_> = sparse.places.iter().copied().filter(|(_, n)| *n > 0).collect();
                all.sort_unstable();
                all
            }
        }
    }

    /// Bits of the keys that are left out.
    pub(crate) fn shift(&self) -> u32 {
        match &self.table {
            Table::Dense(_) | Table::Narrow(_) => 0,
            Table::Sparse(sparse) => sparse.shift,
        }
    }
}

/// The place of a key that may be its first; `None` if there is no room for it, or no such key.
#[cold]
fn first_of<C: Default + Clone>(counts: &mut Vec<C>, key: u64, keys: usize) -> Option<&mut C> {
    let place = key as usize;
    if place >= counts.len() {
        let len = place.checked_add(1)?.checked_next_power_of_two()?.max(FIRST_PLACES).min(keys);
        counts.try_reserve_exact(len.saturating_sub(counts.len())).ok()?;
        counts.resize(len, C::default());
    }
    counts.get_mut(place)
}

/// Places that open addressing begins with.
const FIRST_KEYS: usize = 16;

/// Open addressing; when it would hold too many keys, it leaves out their last bits.
#[derive(Clone, Debug)]
pub(crate) struct Sparse {
    /// Key and count; 0 for an empty place.
    places: Vec<(u64, u64)>,
    used: usize,
    max: usize,
    shift: u32,
}

impl Sparse {
    fn new(max: usize) -> Sparse {
        Sparse { places: Vec::new(), used: 0, max: max.max(32), shift: 0 }
    }

    /// `None` if memory is short.
    #[inline(always)]
    fn add(&mut self, key: u64, count: u64) -> Option<()> {
        // 32 keys at least are kept apart, so a shift is below 60.
        self.put(key >> (self.shift & 63), count)
    }

    #[inline]
    fn put(&mut self, key: u64, count: u64) -> Option<()> {
        let mask = self.places.len().wrapping_sub(1);
        let mut at = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20) as usize & mask;
        while let Some((there, n)) = self.places.get_mut(at) {
            if *n != 0 && *there == key {
                *n += count;
                return Some(());
            }
            if *n == 0 {
                (*there, *n) = (key, count);
                return self.took_place();
            }
            at = (at + 1) & mask;
        }
        // There is no place yet.
        self.rebuild(FIRST_KEYS, 0)?;
        self.put(key, count)
    }

    /// Keeps half of the places empty, once a key took one more.
    #[cold]
    fn took_place(&mut self) -> Option<()> {
        self.used += 1;
        if self.used > self.max {
            while self.used > self.max / 4 * 3 {
                self.shift += 1;
                self.rebuild(self.places.len(), 1)?;
            }
        } else if self.used * 2 > self.places.len() {
            self.rebuild(self.places.len() * 2, 0)?;
        }
        Some(())
    }

    fn rebuild(&mut self, size: usize, shift: u32) -> Option<()> {
        let mut places = Vec::new();
        places.try_reserve_exact(size).ok()?;
        places.resize(size, (0, 0));
        let old = std::mem::replace(&mut self.places, places);
        self.used = 0;
        let mask = size - 1;
        for (key, count) in old.into_iter().filter(|(_, n)| *n > 0) {
            let key = key >> shift;
            let mut at = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20) as usize & mask;
            while let Some((there, n)) = self.places.get_mut(at) {
                if *n == 0 {
                    self.used += 1;
                }
                if *n == 0 || *there == key {
                    *there = key;
                    *n += count;
                    break;
                }
                at = (at + 1) & mask;
            }
        }
        Some(())
    }

    fn merge(&mut self, other: &Sparse) -> Option<()> {
        if other.shift > self.shift {
            let by = other.shift - self.shift;
            self.shift = other.shift;
            if !self.places.is_empty() {
                self.rebuild(self.places.len(), by)?;
            }
        }
        for (key, count) in other.places.iter().filter(|(_, n)| *n > 0) {
            // The shift may grow from key to key.
            self.put(*key >> (self.shift - other.shift), *count)?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_keys_are_counted_together() {
        let mut counts = Counts::new(0, 100, usize::MAX);
        counts.add_all(0..1000);
        assert!(counts.shift() >= 4);
        let sorted = counts.sorted();
        assert!(sorted.len() <= 100);
        assert_eq!(sorted.iter().map(|(_, n)| n).sum::<u64>(), 1000);
        assert!(sorted.is_sorted());
    }

    #[test]
    fn merging_is_as_counting_all() {
        let (mut all, mut a, mut b) =
            (Counts::new(0, 64, usize::MAX), Counts::new(0, 64, usize::MAX), Counts::new(0, 64, usize::MAX));
        for key in 0..5000u64 {
            let key = key * key % 7919;
            all.add(key);
            if key % 3 == 0 { a.add(key) } else { b.add(key) }
        }
        a.merge(&b);
        let coarse = |counts: &Counts| {
            let mut sums = std::collections::BTreeMap::new();
            counts.sorted().iter().for_each(|(key, n)| *sums.entry(key << counts.shift() >> 8).or_insert(0) += n);
            sums
        };
        assert!(all.shift() <= 8 && a.shift() <= 8);
        assert_eq!(coarse(&all), coarse(&a));
    }

    #[test]
    fn all_keys_are_counted_alike_whatever_the_memory_for_their_places() {
        let count = |bytes: usize| {
            let mut counts = Counts::new(1 << 16, 1 << 18, bytes);
            counts.add_all((0..200_000u64).map(|i| i * i % 65_521));
            counts.add_many(65_535, 1 << 40);
            assert!(!counts.is_short());
            counts
        };
        let (four, one, few) = (count(1 << 21), count(1 << 19), count(SPARSE_PLACE * 1000));
        assert!(four.is_dense() && one.is_dense() && !few.is_dense());
        assert_eq!(four.sorted(), one.sorted());
        assert!(few.shift() > 0 && few.sorted().len() <= 1000);
        let total = |counts: &Counts| counts.sorted().iter().map(|(_, n)| n).sum::<u64>();
        assert_eq!((total(&four), total(&few)), ((1 << 40) + 200_000, (1 << 40) + 200_000));
    }

    #[test]
    fn a_table_takes_no_more_than_its_largest_key_asks_for() {
        let mut counts = Counts::new(1 << 16, 0, usize::MAX);
        counts.add_all([300].into_iter());
        assert!(matches!(&counts.table, Table::Dense(places) if places.len() == 512));
        counts.add(65_535);
        assert!(matches!(&counts.table, Table::Dense(places) if places.len() == 65_536));
        assert_eq!(counts.sorted(), [(300, 1), (65_535, 1)]);
    }
}
