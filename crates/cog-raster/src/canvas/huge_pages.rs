//! Fresh memory in large pages, each faulted in by one thread alone.
#![allow(unsafe_code)]

use std::ptr::NonNull;
use std::sync::atomic::{AtomicU8, Ordering};

/// What Linux backs fresh memory with at once, where it is asked to.
const PAGE: usize = 2 << 20;

/// From here on large pages are worth asking for: the memory then comes from the system, never touched before.
const LEAST_BYTES: usize = 4 << 20;

/// How often a thread looks whether another one is done with a page. Zeroing one takes 0.1 to 0.3 ms.
const LOOKS: u32 = 2000;

const FRESH: u8 = 0;
const IN_WORK: u8 = 1;
const THERE: u8 = 2;

/// Which large pages of a memory are there.
///
/// Two threads that write to a fresh page at once would both be given a page, and both wait for its zeroing; one of them is
/// thrown away. The first bytes of a large page are therefore written by one thread, and the others wait for it.
pub(super) struct HugePages {
    first: usize,
    states: Box<[AtomicU8]>,
}

impl HugePages {
    /// Asks the system to back `bytes` bytes from `memory` on with large pages; without any nothing is ever waited for.
    pub(super) fn ask(memory: NonNull<u8>, bytes: usize) -> HugePages {
        let start = memory.as_ptr().addr();
        let count = if advise(memory, bytes) { (start + bytes).div_ceil(PAGE) - start / PAGE } else { 0 };
        HugePages { first: start / PAGE, states: (0..count).map(|_| AtomicU8::new(FRESH)).collect() }
    }

    /// All of the memory was written to.
    pub(super) fn all_there(&mut self) {
        self.states = Box::default();
    }

    /// Sees to it that the page of `address` is there: by `touch`, which writes to it, or by waiting for another thread.
    pub(super) fn bring(&self, address: usize, touch: impl FnOnce()) {
        let Some(state) = (address / PAGE).checked_sub(self.first).and_then(|page| self.states.get(page)) else {
            return;
        };
        match state.compare_exchange(FRESH, IN_WORK, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => {
                touch();
                state.store(THERE, Ordering::Release);
            }
            // Not for ever: a page that is faulted in twice costs time, nothing else.
            Err(_) => {
                for _ in 0..LOOKS {
                    if state.load(Ordering::Acquire) == THERE {
                        break;
                    }
                    std::thread::yield_now();
                }
            }
        }
    }

    /// Bytes from `address` to the page behind its own.
    pub(super) fn rest(address: usize) -> usize {
        PAGE - address % PAGE
    }
}

/// Lets Linux back fresh memory with large pages, as NumPy does; whether it was asked. First writes to pages of 4 KiB take a third of
/// the time of a fast codec.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn advise(memory: NonNull<u8>, bytes: usize) -> bool {
    if bytes < LEAST_BYTES {
        return false;
    }
    // SAFETY: a question about the system; no pointers.
    let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(0);
    if !page.is_power_of_two() {
        return false;
    }
    let start = memory.as_ptr();
    let before = start.align_offset(page);
    let len = bytes.saturating_sub(before) / page * page;
    if len == 0 {
        return false;
    }
    // SAFETY: whole pages inside memory that we own. The advice changes how they are backed, not what they hold; that
    // a kernel refuses it does no harm.
    unsafe { libc::madvise(start.add(before).cast(), len, libc::MADV_HUGEPAGE) == 0 }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn advise(_memory: NonNull<u8>, _bytes: usize) -> bool {
    false
}
