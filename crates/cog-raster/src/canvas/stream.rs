//! Writes that go past the caches: what is written to a large array is not read again soon.
//!
//! An ordinary write first brings its cache line in. The rows of a block are short pieces of the rows of an array, so that is
//! slow: it takes as long as a fast codec. Whole lines written at once are spared it.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{_MM_HINT_T0, _mm_loadu_si128, _mm_prefetch, _mm_sfence, _mm_stream_si128};

/// Bytes of a cache line.
#[cfg(target_arch = "x86_64")]
const LINE: usize = 64;

/// Bytes that are written at once.
#[cfg(target_arch = "x86_64")]
const PART: usize = 16;

/// Whether this processor has such writes.
pub(super) const AVAILABLE: bool = cfg!(target_arch = "x86_64");

/// Copies bytes; those that fill whole lines past the caches. Other threads may look at them after a [`fence`].
#[cfg(target_arch = "x86_64")]
pub(super) fn copy(to: &mut [u8], from: &[u8]) {
    let before = to.as_ptr().align_offset(LINE).min(to.len()).min(from.len());
    let ((to_first, to), (first, from)) = (to.split_at_mut(before), from.split_at(before));
    to_first.copy_from_slice(first);
    let whole = to.len().min(from.len()) / LINE * LINE;
    let ((to_lines, to_last), (lines, last)) = (to.split_at_mut(whole), from.split_at(whole));
    for (to, part) in to_lines.chunks_exact_mut(PART).zip(lines.chunks_exact(PART)) {
        // SAFETY: every x86-64 processor has SSE2. 16 bytes are read at any address, and as many are written to an address that is a
        // multiple of 16: `to_lines` begins at a multiple of 64.
        unsafe { _mm_stream_si128(to.as_mut_ptr().cast(), _mm_loadu_si128(part.as_ptr().cast())) };
    }
    to_last.iter_mut().zip(last).for_each(|(to, from)| *to = *from);
}

#[cfg(not(target_arch = "x86_64"))]
pub(super) fn copy(to: &mut [u8], from: &[u8]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}

/// Brings in the lines that bytes to be copied later fill in part: the first and the last.
pub(super) fn expect(to: &mut [u8]) {
    #[cfg(target_arch = "x86_64")]
    for byte in [to.first(), to.last()].into_iter().flatten() {
        // SAFETY: every x86-64 processor has SSE; a hint reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(byte).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = to;
}

/// Brings in all lines of bytes to be written later: those of short rows, which no processor expects by itself.
pub(super) fn expect_all(to: &[u8]) {
    #[cfg(target_arch = "x86_64")]
    for byte in to.iter().step_by(LINE).chain(to.last()) {
        // SAFETY: every x86-64 processor has SSE; a hint reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(byte).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = to;
}

/// Whatever this thread copied is there for others before what it writes from now on.
pub(super) fn fence() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 processor has SSE; it orders writes, nothing else.
    unsafe {
        _mm_sfence();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_copied_from_and_to_any_address() {
        let from: Vec<u8> = (0..=255).cycle().take(400).collect();
        for (start, len) in (0..70).flat_map(|start| [0, 1, 15, 63, 64, 65, 128, 300].map(|len| (start, len))) {
            let mut to = vec![7; 400];
            expect(&mut to[start..start + len]);
            copy(&mut to[start..start + len], &from[start / 2..start / 2 + len]);
            fence();
            let want: Vec<u8> = (0..400)
                .map(|i| if (start..start + len).contains(&i) { from[i - start + start / 2] } else { 7 })
                .collect();
            assert_eq!(to, want, "{len} bytes at {start}");
        }
    }
}
