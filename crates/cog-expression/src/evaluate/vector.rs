//! Loops, compiled for the widest vectors the processor has. No fused multiply-add: it rounds once where others round twice, and pixels would
//! depend on the processor.
//!
//! All that the compiler cannot prove to be safe stands in this file.

/// Declares functions twice: for any processor, and for those with AVX2, chosen at run time. Bodies are `#[inline(always)]`; what they
/// call without it is compiled for any processor.
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
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has AVX2.
                    return unsafe { avx2($($arg),*) };
                }
            }
            $body($($arg),*);
        }
    )* };
}
pub(super) use vectorized;
