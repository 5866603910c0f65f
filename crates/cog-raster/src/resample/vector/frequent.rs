//! The value that occurs most often, of many columns side by side.

use super::{LANES, vectorized};
use crate::pixels::sample::Sample;

vectorized! {
    /// Of each lane the value that first has the largest count, and that count. `valid`, where it is not empty, holds 0 for what
    /// does not count.
    fn most_frequent<T: Sample>(
        values: &[[T; LANES]],
        valid: &[[T::Count; LANES]],
        found: &mut [T; LANES],
        best: &mut [T::Count; LANES],
    ) = most_frequent_body;
}

#[inline(always)]
fn most_frequent_body<T: Sample>(
    values: &[[T; LANES]],
    valid: &[[T::Count; LANES]],
    found: &mut [T; LANES],
    best: &mut [T::Count; LANES],
) {
    let none = T::Count::default();
    let one = T::Count::from(true);
    for (k, of) in values.iter().enumerate() {
        let before = values.get(..k).unwrap_or_default();
        let mut counts = [one; LANES];
        match valid.get(..k) {
            Some(valid) => {
                for (other, valid) in before.iter().zip(valid) {
                    for ((count, valid), (a, b)) in counts.iter_mut().zip(valid).zip(other.iter().zip(of)) {
                        *count += if a.same(*b) { *valid } else { none };
                    }
                }
            }
            None => {
                for other in before {
                    for (count, (a, b)) in counts.iter_mut().zip(other.iter().zip(of)) {
                        *count += T::Count::from(a.same(*b));
                    }
                }
            }
        }
        if let Some(valid) = valid.get(k) {
            counts.iter_mut().zip(valid).for_each(|(count, valid)| *count = if *valid == none { none } else { *count });
        }
        for ((found, best), (count, v)) in found.iter_mut().zip(best.iter_mut()).zip(counts.iter().zip(of)) {
            *found = if *count > *best { *v } else { *found };
            *best = (*best).max(*count);
        }
    }
    if T::FORMS {
        // The first of those that are the same.
        for (k, of) in values.iter().enumerate().rev() {
            let valid = valid.get(k);
            for (i, (found, v)) in found.iter_mut().zip(of).enumerate() {
                let counts = valid.is_none_or(|valid| valid.get(i).is_some_and(|valid| *valid > none));
                *found = if counts && v.same(*found) { *v } else { *found };
            }
        }
    }
}
