//! The inner loops, compiled for the widest vectors the processor has. No fused multiply-add: it rounds once where GDAL
//! rounds twice.
#![allow(unsafe_code)]

mod convolve;
mod frequent;
mod samples;
mod sums;

pub(crate) use convolve::convolve;
pub(crate) use frequent::most_frequent;
pub(crate) use samples::{
    from_mean_squares, from_means, from_sums, means_of_four, pair_means, small_means, small_means_of_four, small_roots,
};
pub(crate) use sums::{add_line, add_lines, add_pairs, add_runs, add_small, add_weight, add_wide, widen};

/// Output columns side by side.
pub(crate) const LANES: usize = 32;

/// Samples that one register-sized step of a loop takes.
const STEP: usize = 16;

/// A length that the loops need no remainder for.
pub(crate) fn padded(len: usize) -> usize {
    len.next_multiple_of(STEP)
}

/// Declares a function twice: for any processor, and for those with AVX2, chosen at run time.
macro_rules! vectorized {
    ($(#[$doc:meta])* fn $name:ident $(<$t:ident: $bound:ident>)? ($($arg:ident: $type:ty),* $(,)?) = $body:ident;) => {
        $(#[$doc])*
        pub(crate) fn $name $(<$t: $bound>)? ($($arg: $type),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2 $(<$t: $bound>)? ($($arg: $type),*) {
                    $body($($arg),*);
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has AVX2.
                    return unsafe { avx2($($arg),*) };
                }
            }
            $body($($arg),*);
        }
    };
}
use vectorized;
