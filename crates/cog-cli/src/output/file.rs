//! Output files that are whole or not there.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Writes beside the path and renames at the end, so that no half file ever has the name.
pub(crate) fn write(path: &Path, body: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> anyhow::Result<()> {
    let beside = beside(path);
    let written = (|| {
        let mut out = BufWriter::with_capacity(1 << 18, File::create(&beside)?);
        body(&mut out)?;
        out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        if beside == path { Ok(()) } else { std::fs::rename(&beside, path) }
    })();
    if written.is_err() {
        _ = std::fs::remove_file(&beside);
    }
    written.with_context(|| format!("cannot write {}", path.display()))
}

/// The name to write under; a device such as /dev/null is written itself.
fn beside(path: &Path) -> PathBuf {
    match std::fs::metadata(path) {
        Ok(meta) if !meta.is_file() => path.to_path_buf(),
        _ => {
            let mut name = path.file_name().unwrap_or_default().to_os_string();
            name.push(format!(".{}.part", std::process::id()));
            path.with_file_name(name)
        }
    }
}
