//! Lists of locations: `@FILE`.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Context as _;

/// Locations as typed, and those of lists: `@FILE`, and `@-` for standard input. Empty lines, and what stands behind `#` at the beginning
/// of one, do not count.
pub(crate) fn listed(typed: &[OsString]) -> anyhow::Result<Vec<OsString>> {
    let mut all = Vec::new();
    for argument in typed {
        let list = argument.to_str().and_then(|text| text.strip_prefix('@')).filter(|_| !Path::new(argument).exists());
        let Some(list) = list else {
            all.push(argument.clone());
            continue;
        };
        let text = match list {
            "-" => std::io::read_to_string(std::io::stdin()).context("standard input: cannot be read"),
            path => std::fs::read_to_string(path).with_context(|| format!("cannot read the list {path}")),
        };
        let lines = text?;
        let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        all.extend(lines.map(OsString::from));
    }
    Ok(all)
}
