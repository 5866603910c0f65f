//! The files that are read: made once by xtask/bench/inputs.py, made again when it changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::workspace;

/// One file, as the script describes it.
#[derive(Clone, Deserialize)]
pub(crate) struct Input {
    pub(crate) name: String,
    #[serde(rename = "file")]
    pub(crate) path: PathBuf,
    /// Bytes of the array that a reader delivers.
    pub(crate) output_bytes: u64,
    /// Whether all readers must deliver the same samples: not so for JPEG, where decoders round differently.
    pub(crate) exact: bool,
    /// Whether our reader is the one with the feature `turbojpeg`.
    #[serde(skip)]
    pub(crate) turbojpeg: bool,
}

impl Input {
    pub(crate) fn is_jpeg(&self) -> bool {
        self.name.starts_with("JPEG,")
    }

    /// The same file for the reader with the feature `turbojpeg`.
    pub(crate) fn with_turbojpeg(&self) -> Input {
        Input { name: format!("{}, with `turbojpeg`", self.name), turbojpeg: true, ..self.clone() }
    }
}

/// The inputs of size × size pixels, each with its full path.
pub(crate) fn prepare(python: &Path, size: u32) -> Result<Vec<Input>> {
    let script = workspace::root().join("xtask/bench/inputs.py");
    let wanted = fs::read_to_string(&script).with_context(|| script.display().to_string())?;
    let folder = workspace::target().join("bench").join(size.to_string());
    // Written last, so files of an interrupted run are not taken for finished ones.
    let stamp = folder.join("made-by.py");
    if !fs::read_to_string(&stamp).is_ok_and(|made_by| made_by == wanted) {
        println!("making inputs of {size} × {size} pixels in {} (once)", folder.display());
        let status = Command::new(python).arg(&script).arg(&folder).arg(size.to_string()).status()?;
        ensure!(status.success(), "{} failed with {status}", script.display());
        fs::write(&stamp, wanted).with_context(|| stamp.display().to_string())?;
    }
    let table = folder.join("inputs.json");
    let text = fs::read(&table).with_context(|| table.display().to_string())?;
    let mut inputs: Vec<Input> = serde_json::from_slice(&text).with_context(|| table.display().to_string())?;
    let folder = folder.canonicalize().with_context(|| folder.display().to_string())?;
    inputs.iter_mut().for_each(|input| input.path = folder.join(&input.path));
    Ok(inputs)
}
