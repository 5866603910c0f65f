//! How often values occur, for one output pixel.

use crate::pixels::sample::Sample;

/// Places of a table that is kept for the next output row; larger ones are given back.
const KEPT: usize = 64;

/// Counts values as they come. The most frequent one is known at any time: of several the one that had the count first.
#[derive(Debug)]
pub(crate) struct Table<T> {
    counts: Counts<T>,
    best: u32,
    found: T,
}

#[derive(Debug)]
enum Counts<T> {
    /// Of each value of an 8-bit type.
    All(Box<[u32; 256]>),
    /// Of the values that came: open addressing, the first form of a value and its count, which is 0 in an empty place.
    Some { places: Vec<(T, u32)>, used: usize },
}

impl<T: Sample> Default for Table<T> {
    fn default() -> Self {
        let counts = match T::DENSE == 256 {
            true => Counts::All(Box::new([0; 256])),
            false => Counts::Some { places: Vec::new(), used: 0 },
        };
        Table { counts, best: 0, found: T::default() }
    }
}

impl<T: Sample> Table<T> {
    /// Bytes that a table of up to `samples` samples takes at most.
    pub(crate) fn most_bytes(sample_size: usize, samples: u64) -> u64 {
        let entry = (sample_size.max(4) as u64).saturating_mul(2).min(sample_size as u64 + 8);
        match sample_size {
            1 => 1024 + size_of::<Table<u64>>() as u64,
            _ => samples.saturating_mul(entry).saturating_mul(16) / 7 + size_of::<Table<u64>>() as u64,
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.best = 0;
        match &mut self.counts {
            Counts::All(counts) => counts.fill(0),
            Counts::Some { places, used } => {
                *used = 0;
                if places.len() > KEPT {
                    *places = Vec::new();
                }
                places.iter_mut().for_each(|(_, count)| *count = 0);
            }
        }
    }

    /// Counts samples; with weights only those whose weight is not 0.
    pub(crate) fn add(&mut self, samples: &[T], weights: Option<&[u8]>) {
        match weights {
            Some(weights) => {
                for (sample, _) in samples.iter().zip(weights).filter(|(_, weight)| **weight != 0) {
                    self.add_one(*sample, 1);
                }
            }
            None => match samples {
                // Frequent in classified images.
                [first, rest @ ..] if rest.iter().fold(true, |alike, v| alike & v.same(*first)) => {
                    self.add_one(*first, samples.len() as u32);
                }
                _ => samples.iter().for_each(|sample| self.add_one(*sample, 1)),
            },
        }
    }

    /// Counts one value many times.
    pub(crate) fn add_times(&mut self, sample: T, times: u64) {
        if times > 0 {
            self.add_one(sample, u32::try_from(times).unwrap_or(u32::MAX));
        }
    }

    /// Several of one value in a row end with the count that the last of them has.
    #[inline(always)]
    fn add_one(&mut self, sample: T, times: u32) {
        let (form, count) = match &mut self.counts {
            Counts::All(counts) => match counts.get_mut(sample.byte()) {
                Some(count) => {
                    *count += times;
                    (sample, *count)
                }
                None => return,
            },
            Counts::Some { places, used } => {
                // An eighth of the places is empty, so one is found.
                if *used * 8 >= places.len() * 7 {
                    *places = grown(places);
                }
                match place(places, sample) {
                    Some((form, count)) => {
                        if *count == 0 {
                            *used += 1;
                            *form = sample;
                        }
                        *count += times;
                        (*form, *count)
                    }
                    None => return,
                }
            }
        };
        if count > self.best {
            (self.best, self.found) = (count, form);
        }
    }

    /// The value that has the largest count, and was the first to have it.
    pub(crate) fn most(&self) -> Option<T> {
        (self.best > 0).then_some(self.found)
    }
}

/// The place of a value: its own or an empty one.
fn place<T: Sample>(places: &mut [(T, u32)], sample: T) -> Option<&mut (T, u32)> {
    let last = places.len().wrapping_sub(1);
    let mut at = sample.hash() as usize & last;
    loop {
        let (form, count) = places.get(at)?;
        if *count == 0 || form.same(sample) {
            return places.get_mut(at);
        }
        at = (at + 1) & last;
    }
}

/// The same counts in twice as many places.
fn grown<T: Sample>(places: &[(T, u32)]) -> Vec<(T, u32)> {
    let mut larger = vec![(T::default(), 0); (places.len() * 2).max(8)];
    for entry in places.iter().filter(|(_, count)| *count > 0) {
        if let Some(to) = place(&mut larger, entry.0) {
            *to = *entry;
        }
    }
    larger
}
