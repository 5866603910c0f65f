//! Room on the disk, taken before the first byte is written.

use std::fs::File;
use std::io;

/// Takes room for `size` bytes on the disk without changing the file. What is surely too much is refused before the system is asked:
/// many file systems hand out all they have before they say no, and other programs find the disk full meanwhile.
///
/// # Errors
/// No room, or more than a file may hold. File systems that cannot reserve say nothing.
#[cfg(target_os = "linux")]
pub(in crate::output) fn reserve(file: &File, size: u64) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;
    use rustix::process::{Resource, getrlimit};
    if size == 0 {
        return Ok(());
    }
    if i64::try_from(size).is_err() {
        return Err(Errno::FBIG.into());
    }
    check(size, getrlimit(Resource::Fsize).current, held(file), free(file))?;
    match fallocate(file, FallocateFlags::KEEP_SIZE, 0, size) {
        Err(error @ (Errno::NOSPC | Errno::DQUOT | Errno::FBIG)) => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
pub(in crate::output) fn reserve(_: &File, _: u64) -> io::Result<()> {
    Ok(())
}

/// Bytes of the disk that a file has already.
#[cfg(target_os = "linux")]
fn held(file: &File) -> u64 {
    use std::os::unix::fs::MetadataExt;
    // The unit of this field is always 512 bytes.
    file.metadata().map_or(0, |m| m.blocks().saturating_mul(512))
}

/// Bytes of the disk that this user may take; none where the system does not know.
#[cfg(target_os = "linux")]
fn free(file: &File) -> Option<u64> {
    let system = rustix::fs::fstatvfs(file).ok().filter(|s| s.f_blocks > 0)?;
    // A part is kept for root.
    let blocks = if rustix::process::geteuid().is_root() { system.f_bfree } else { system.f_bavail };
    Some(blocks.saturating_mul(system.f_frsize))
}

/// Whether a file of `size` bytes may be and can be written, of which the disk holds `held` already.
#[cfg(any(target_os = "linux", test))]
fn check(size: u64, limit: Option<u64>, held: u64, free: Option<u64>) -> io::Result<()> {
    if let Some(limit) = limit.filter(|&limit| size > limit) {
        let said = format!("file too large: {size} bytes, and this process may write {limit} (ulimit -f)");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, said));
    }
    let needed = size.saturating_sub(held);
    match free {
        Some(free) if needed > free => {
            let said = format!("no space left on the disk: {needed} bytes are needed, {free} are free");
            Err(io::Error::new(io::ErrorKind::StorageFull, said))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_fit_is_refused_with_both_numbers() {
        let error = check(8 << 40, None, 0, Some(50 << 30)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(
            error.to_string(),
            "no space left on the disk: 8796093022208 bytes are needed, 53687091200 are free"
        );
        check(50 << 30, None, 0, Some(50 << 30)).unwrap();
    }

    #[test]
    fn what_a_file_holds_is_not_needed_again() {
        check(60, None, 50, Some(10)).unwrap();
        check(60, None, 100, Some(0)).unwrap();
        check(61, None, 50, Some(10)).unwrap_err();
    }

    #[test]
    fn a_file_system_that_does_not_know_is_believed() {
        check(u64::MAX, None, 0, None).unwrap();
    }

    #[test]
    fn more_than_a_process_may_write_is_refused() {
        let error = check(101, Some(100), 0, Some(1000)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        check(100, Some(100), 0, Some(1000)).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_reservation_takes_blocks_and_leaves_the_length() {
        let file = tempfile::tempfile().unwrap();
        reserve(&file, 1 << 20).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 0);
        let before = held(&file);
        // Some file systems take no reservations, or do not know what is free.
        if before > 0 && free(&file).is_some() {
            assert!(before >= 1 << 20);
            reserve(&file, u64::MAX >> 1).unwrap_err();
            assert_eq!(held(&file), before, "nothing more was taken");
        }
    }
}
