//! What a file that replaces another keeps of it: owner, mode, access list.

use std::fs::File;
use std::io;

/// Gives the new file what the old one has, as far as this user may.
///
/// # Errors
/// The mode cannot be set.
#[cfg(unix)]
pub(crate) fn keep(old: &File, new: &File) -> io::Result<()> {
    use std::fs::Permissions;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let (was, is) = (old.metadata()?, new.metadata()?);
    let mut mode = was.mode() & 0o7777;
    let owner = was.uid() == is.uid() || fchown(new, Some(was.uid()), None).is_ok();
    let group = was.gid() == is.gid() || fchown(new, None, Some(was.gid())).is_ok();
    // A program that runs as its owner or group must not run as another.
    if !(owner && group) {
        mode &= 0o1777;
    }
    extended(old, new);
    // Last: a change of owner clears bits of it, and an access list changes those of the group.
    new.set_permissions(Permissions::from_mode(mode))
}

#[cfg(not(unix))]
pub(crate) fn keep(_: &File, _: &File) -> io::Result<()> {
    Ok(())
}

/// Linux has no longer list of names, and no longer value (`XATTR_LIST_MAX`, `XATTR_SIZE_MAX`).
#[cfg(target_os = "linux")]
const MOST_BYTES: usize = 64 << 10;

/// Access lists, labels and whatever else hangs on the old file. Without its access list the mode's bits of the group would let in
/// others than before.
#[cfg(target_os = "linux")]
fn extended(old: &File, new: &File) {
    use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};
    let mut names = vec![0; MOST_BYTES];
    let Ok(length) = flistxattr(old, &mut names) else { return };
    names.truncate(length);
    let mut value = vec![0; MOST_BYTES];
    for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        if let Ok(length) = fgetxattr(old, name, &mut value)
            && let Some(value) = value.get(..length)
        {
            // What this user may not set stays behind.
            _ = fsetxattr(new, name, value, XattrFlags::empty());
        }
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn extended(_: &File, _: &File) {}
