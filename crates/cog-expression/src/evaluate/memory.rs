//! Memory of results.

/// Zeros that take no memory before they are written, where the system has them; `None` if it refuses. First writes to pages of 4 KiB would take
/// longer than a simple expression, so large ones are asked for.
pub(super) fn zeros<T: Copy + Default>(length: usize) -> Option<Vec<T>> {
    let mut probe: Vec<T> = Vec::new();
    probe.try_reserve_exact(length).ok()?;
    drop(probe);
    let mut memory = vec![T::default(); length];
    ask_for_large_pages(&mut memory);
    Some(memory)
}

/// From here on memory comes from the system, never touched before.
#[cfg(any(target_os = "linux", target_os = "android"))]
const LEAST_BYTES: usize = 4 << 20;

/// Lets Linux back fresh memory with large pages, as NumPy does.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[allow(unsafe_code)]
fn ask_for_large_pages<T>(memory: &mut [T]) {
    let bytes = size_of_val(memory);
    if bytes < LEAST_BYTES {
        return;
    }
    // SAFETY: a question about the system; no pointers.
    let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(0);
    if !page.is_power_of_two() {
        return;
    }
    let start = memory.as_mut_ptr().cast::<u8>();
    let before = start.align_offset(page);
    let length = bytes.saturating_sub(before) / page * page;
    if length > 0 {
        // SAFETY: whole pages inside memory that is borrowed for this. The advice changes how they are backed, not what they hold; that a kernel
        // refuses it does no harm.
        unsafe { libc::madvise(start.add(before).cast(), length, libc::MADV_HUGEPAGE) };
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn ask_for_large_pages<T>(_: &mut [T]) {}
