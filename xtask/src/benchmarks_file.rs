//! BENCHMARKS.md: sections that different benchmarks write.

use std::fs;

use anyhow::{Context, Result};

use crate::workspace;

/// Replaces the section of this name, or adds it at the end.
pub(crate) fn put(name: &str, section: &str) -> Result<()> {
    let path = workspace::root().join("BENCHMARKS.md");
    let old = fs::read_to_string(&path).unwrap_or_else(|_| "# Benchmarks\n".to_owned());
    fs::write(&path, with_section(&old, name, section)).with_context(|| path.display().to_string())?;
    println!("wrote the section \"{name}\" of {}", path.display());
    Ok(())
}

/// Replaces what stands between the markers of a section, or adds it at the end.
fn with_section(text: &str, name: &str, section: &str) -> String {
    let (begin, end) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let section = format!("{begin}\n{}\n{end}", section.trim());
    if let Some((before, rest)) = text.split_once(&begin)
        && let Some((_, after)) = rest.split_once(&end)
    {
        return format!("{before}{section}{after}");
    }
    format!("{}\n\n{section}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::with_section;

    #[test]
    fn a_section_is_added_and_then_replaced() {
        let added = with_section("# Benchmarks\n\ndecoding\n", "a", "first");
        assert_eq!(added, "# Benchmarks\n\ndecoding\n\n<!-- a -->\nfirst\n<!-- /a -->\n");
        assert_eq!(with_section(&added, "a", "second\n"), added.replace("first", "second"));
    }
}
