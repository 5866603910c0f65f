//! Inner loops, compiled for the widest vectors the processor has. No fused multiply-add: it rounds once where others round twice, and
//! pixels would depend on the processor.
//!
//! All that the compiler cannot prove to be safe stands in this file.
#![allow(unsafe_code)]

use crate::level::SIDE;

/// Pixels of a row that are made together, at most.
const ROW: usize = SIDE as usize;

/// Declares functions three times: for any processor, for those with AVX2, and for those with AVX-512, chosen at run time. Bodies are
/// `#[inline(always)]`; what they call without it is compiled for any processor.
macro_rules! vectorized {
    ($($(#[$doc:meta])* $visible:vis fn $name:ident $(<$t:ident: $bound:path>)? ($($arg:ident: $type:ty),* $(,)?) = $body:path;)*) => { $(
        $(#[$doc])*
        #[allow(unsafe_code)]
        $visible fn $name $(<$t: $bound>)? ($($arg: $type),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2 $(<$t: $bound>)? ($($arg: $type),*) {
                    $body($($arg),*);
                }
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
                fn avx512 $(<$t: $bound>)? ($($arg: $type),*) {
                    $body($($arg),*);
                }
                match $crate::vector::Widest::of_processor() {
                    // SAFETY: the processor has these instructions.
                    $crate::vector::Widest::Avx512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: the processor has these instructions.
                    $crate::vector::Widest::Avx2 => return unsafe { avx2($($arg),*) },
                    $crate::vector::Widest::Other => {}
                }
            }
            $body($($arg),*);
        }
    )* };
}
pub(crate) use vectorized;

/// The widest vectors that are worth it.
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Widest {
    Other,
    Avx2,
    Avx512,
}

#[cfg(target_arch = "x86_64")]
impl Widest {
    /// Processors without VBMI2 are the first ones with AVX-512, which run slower while they use it. AVX-512 brings AVX2, FMA and F16C for the
    /// compiler, so they are asked for too.
    #[inline(always)]
    pub(crate) fn of_processor() -> Widest {
        use std::arch::is_x86_feature_detected as has;
        let is_wide =
            has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl") && has!("avx512vbmi2");
        let widest = if is_wide && has!("avx2") && has!("fma") && has!("f16c") {
            Widest::Avx512
        } else if has!("avx2") {
            Widest::Avx2
        } else {
            Widest::Other
        };
        #[cfg(test)]
        let widest = widest.min(AT_MOST.get());
        widest
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
thread_local! {
    /// What a test limits vectors of its thread to.
    pub(crate) static AT_MOST: std::cell::Cell<Widest> = const { std::cell::Cell::new(Widest::Avx512) };
}

/// Where to look in an array for a row of pixels.
#[derive(Clone, Debug)]
pub(crate) struct Indices {
    at: [usize; ROW],
    len: usize,
    /// None of the first `len` is larger.
    largest: usize,
}

impl Indices {
    pub(crate) fn new() -> Indices {
        Indices { at: [0; ROW], len: 0, largest: 0 }
    }

    /// Room for `len` new ones, up to the length of a row. Nothing is looked at until they are measured.
    #[inline(always)]
    pub(crate) fn renew(&mut self, len: usize) -> &mut [usize] {
        self.len = len.min(ROW);
        self.largest = usize::MAX;
        self.at.get_mut(..self.len).unwrap_or_default()
    }

    /// Finds the largest one, and returns it.
    #[inline(always)]
    pub(crate) fn measure(&mut self) -> usize {
        self.largest = self.get().iter().copied().fold(0, usize::max);
        self.largest
    }

    /// Places in rows of `width` samples, by their columns and rows: one index for each, if all of them lie before the ends of columns and
    /// rows, which are within the width. Else there are none.
    #[inline(always)]
    pub(crate) fn locate(&mut self, [columns, rows]: [&[i32]; 2], width: usize, [across, down]: [usize; 2]) -> bool {
        let most = |places: &[i32]| {
            // Those below 0 are the largest of all without a sign.
            let most = places.iter().fold(0, |most: u32, place| most.max(*place as u32));
            most as usize
        };
        let (last_column, last_row) = (most(columns), most(rows));
        self.len = 0;
        let len = columns.len().min(rows.len()).min(ROW);
        if last_column >= across || last_row >= down || across > width || width > u32::MAX as usize {
            return false;
        }
        for ((at, column), row) in self.at.iter_mut().zip(columns).zip(rows).take(len) {
            // Factors of 32 bits: processors multiply several of them at once.
            *at = (u64::from(*row as u32) * u64::from(width as u32)) as usize + *column as u32 as usize;
        }
        self.len = len;
        // Neither a column nor a row is larger than the last of them.
        self.largest = last_row * width + last_column;
        true
    }

    /// Brings in what lies `offset` samples behind each index, which is looked at soon: about the lines of it.
    #[inline(always)]
    pub(crate) fn expect<T>(&self, samples: &[T], offset: usize) {
        /// Bytes of a cache line.
        #[cfg(target_arch = "x86_64")]
        const LINE: usize = 64;
        #[cfg(target_arch = "x86_64")]
        for at in self.get().iter().step_by((LINE / size_of::<T>().max(1)).max(1)).chain(self.get().last()) {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            if let Some(sample) = samples.get(at + offset) {
                // SAFETY: every x86-64 processor has SSE; a hint reads nothing.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(sample).cast()) };
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = (samples, offset);
    }

    pub(crate) fn get(&self) -> &[usize] {
        self.at.get(..self.len).unwrap_or_default()
    }

    /// `N` samples from each of the indices on, if all of them are there.
    ///
    /// Not a part of loops that use wide vectors: samples would be put together in vectors one by one, which takes longer than to copy
    /// them.
    #[inline(never)]
    pub(crate) fn gather<T: Copy, const N: usize>(&self, samples: &[T], out: &mut [[T; N]]) {
        if self.largest >= samples.len() || samples.len() - self.largest < N {
            return;
        }
        for (out, first) in out.iter_mut().zip(self.get()) {
            // SAFETY: no index is larger than `largest`, from which on there are `N` samples.
            *out = unsafe { *samples.as_ptr().add(*first).cast::<[T; N]>() };
        }
    }

    /// As [`gather`](Self::gather) from `offset` behind each index. What lies behind the end of the samples stays as it was.
    #[inline(always)]
    pub(crate) fn gather_inside<T: Copy, const N: usize>(&self, samples: &[T], offset: usize, out: &mut [[T; N]]) {
        if self.largest.saturating_add(offset).saturating_add(N) <= samples.len() {
            return self.gather(samples.get(offset..).unwrap_or_default(), out);
        }
        for (out, first) in out.iter_mut().zip(self.get()) {
            for (i, out) in (*first + offset..).zip(out) {
                *out = samples.get(i).copied().unwrap_or(*out);
            }
        }
    }
}

/// The whole number next to a number in direction of 0, of a range within that of i32; of what is no number, the least one.
#[inline(always)]
pub(crate) fn truncate(v: f32, least: i16, most: u16) -> i32 {
    let (least, most) = (f32::from(least), f32::from(most));
    let v = if v > least { v } else { least };
    let v = if v < most { v } else { most };
    // SAFETY: `v` lies between the ends of the range, which are numbers.
    unsafe { v.to_int_unchecked() }
}
