//! How often each value occurs, in bounded memory.

/// Counts by key.
#[derive(Clone, Debug)]
pub(crate) enum Counts {
    /// Every key has a place. Four tables side by side: neighbours that are alike need not wait for each other.
    Dense(Vec<[u64; 4]>),
    Sparse(Sparse),
}

impl Counts {
    /// `dense`: number of all keys, 0 if too many.
    pub(crate) fn new(dense: usize, max_distinct: usize) -> Counts {
        match dense {
            0 => Counts::Sparse(Sparse::new(max_distinct)),
            _ => Counts::Dense(vec![[0; 4]; dense]),
        }
    }

    /// Counts a key, the `turn`-th of its block.
    #[inline(always)]
    pub(crate) fn add(&mut self, key: u64, turn: usize) {
        match self {
            Counts::Dense(counts) => {
                if let Some([a, b, c, d]) = counts.get_mut(key as usize) {
                    match turn % 4 {
                        0 => *a += 1,
                        1 => *b += 1,
                        2 => *c += 1,
                        _ => *d += 1,
                    }
                }
            }
            Counts::Sparse(sparse) => sparse.add(key, 1),
        }
    }

    pub(crate) fn merge(&mut self, other: &Counts) {
        match (self, other) {
            (Counts::Dense(mine), Counts::Dense(others)) => {
                for (mine, others) in mine.iter_mut().zip(others) {
                    mine.iter_mut().zip(others).for_each(|(m, o)| *m += o);
                }
            }
            (Counts::Sparse(mine), Counts::Sparse(others)) => mine.merge(others),
            _ => {}
        }
    }

    /// Keys that occur and their counts, in order; keys stand for `2^shift` neighbours each.
    pub(crate) fn sorted(&self) -> Vec<(u64, u64)> {
        match self {
            Counts::Dense(counts) => {
                let sums = counts.iter().map(|four| four.iter().sum::<u64>()).enumerate();
                sums.filter(|(_, n)| *n > 0).map(|(key, n)| (key as u64, n)).collect()
            }
            Counts::Sparse(sparse) => {
                let mut all: Vec<_> = sparse.places.iter().copied().filter(|(_, n)| *n > 0).collect();
                all.sort_unstable();
                all
            }
        }
    }

    /// Bits of the keys that are left out.
    pub(crate) fn shift(&self) -> u32 {
        match self {
            Counts::Dense(_) => 0,
            Counts::Sparse(sparse) => sparse.shift,
        }
    }
}

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
        Sparse { places: vec![(0, 0); 64], used: 0, max: max.max(32), shift: 0 }
    }

    #[inline(always)]
    fn add(&mut self, key: u64, count: u64) {
        self.put(key >> self.shift, count);
    }

    fn put(&mut self, key: u64, count: u64) {
        let mask = self.places.len() - 1;
        let mut at = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20) as usize & mask;
        while let Some((there, n)) = self.places.get_mut(at) {
            if *n != 0 && *there == key {
                *n += count;
                return;
            }
            if *n == 0 {
                (*there, *n) = (key, count);
                self.used += 1;
                break;
            }
            at = (at + 1) & mask;
        }
        if self.used > self.max {
            while self.used > self.max / 4 * 3 {
                self.shift += 1;
                self.rebuild(self.places.len(), 1);
            }
        } else if self.used * 2 > self.places.len() {
            self.rebuild(self.places.len() * 2, 0);
        }
    }

    fn rebuild(&mut self, size: usize, shift: u32) {
        let old = std::mem::replace(&mut self.places, vec![(0, 0); size]);
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
    }

    fn merge(&mut self, other: &Sparse) {
        if other.shift > self.shift {
            let by = other.shift - self.shift;
            self.shift = other.shift;
            self.rebuild(self.places.len(), by);
        }
        for (key, count) in other.places.iter().filter(|(_, n)| *n > 0) {
            self.put(key >> (self.shift - other.shift), *count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_keys_are_counted_together() {
        let mut counts = Counts::new(0, 100);
        (0..1000).for_each(|key| counts.add(key, 0));
        assert!(counts.shift() >= 4);
        let sorted = counts.sorted();
        assert!(sorted.len() <= 100);
        assert_eq!(sorted.iter().map(|(_, n)| n).sum::<u64>(), 1000);
        assert!(sorted.is_sorted());
    }

    #[test]
    fn merging_is_as_counting_all() {
        let (mut all, mut a, mut b) = (Counts::new(0, 64), Counts::new(0, 64), Counts::new(0, 64));
        for key in 0..5000u64 {
            let key = key * key % 7919;
            all.add(key, 0);
            if key % 3 == 0 { a.add(key, 0) } else { b.add(key, 0) }
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
}
