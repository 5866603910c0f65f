//! Which vector code this processor runs.

/// Instruction sets beyond the target's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cpu {
    /// What the program was compiled for.
    Baseline,
    /// x86-64 with AVX2 and the bit instructions BMI1, BMI2 and LZCNT.
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Cpu {
    /// The best that this processor has.
    pub(crate) fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
        {
            return Self::Avx2;
        }
        Self::Baseline
    }
}

/// A function compiled twice, once for AVX2.
macro_rules! compiled_twice {
    ($(#[$doc:meta])* $vis:vis fn $name:ident($cpu:ident, $($argument:ident: $kind:ty),* $(,)?) $(-> $result:ty)? = $plain:path) => {
        $(#[$doc])*
        #[allow(unsafe_code)]
        $vis fn $name($cpu: Cpu, $($argument: $kind),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
            fn for_avx2($($argument: $kind),*) $(-> $result)? {
                $plain($($argument),*)
            }
            match $cpu {
                Cpu::Baseline => $plain($($argument),*),
                // SAFETY: `Cpu::Avx2` is made only where the processor was found to have these instructions.
                #[cfg(target_arch = "x86_64")]
                Cpu::Avx2 => unsafe { for_avx2($($argument),*) },
            }
        }
    };
}
pub(crate) use compiled_twice;
