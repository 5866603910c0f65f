//! BENCHMARKS.md: sections that different benchmarks write, and a summary of them.

mod summary;

use std::fs;

use anyhow::{Context, Result};

use crate::workspace;

/// Replaces the section of this name, or adds it at the end, and makes the summary anew.
pub(crate) fn put(name: &str, section: &str) -> Result<()> {
    let path = workspace::root().join("BENCHMARKS.md");
    let old = fs::read_to_string(&path).unwrap_or_else(|_| "# Benchmarks\n".to_owned());
    let new = with_section(&old, name, section);
    fs::write(&path, with_section(&new, "summary", &summary::summary(&new)))
        .with_context(|| path.display().to_string())?;
    println!("wrote the section \"{name}\" of {}", path.display());
    Ok(())
}

/// What stands between the markers of a section.
fn section<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<!-- {name} -->"))?;
    rest.split_once(&format!("<!-- /{name} -->")).map(|(section, _)| section)
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
    use super::*;

    #[test]
    fn a_section_is_added_and_then_replaced() {
        let added = with_section("# Benchmarks\n\ndecoding\n", "a", "first");
        assert_eq!(added, "# Benchmarks\n\ndecoding\n\n<!-- a -->\nfirst\n<!-- /a -->\n");
        assert_eq!(with_section(&added, "a", "second\n"), added.replace("first", "second"));
    }

    #[test]
    fn the_file_begins_with_the_summary_of_its_own_tables() {
        let path = workspace::root().join("BENCHMARKS.md");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# Benchmarks\n\n<!-- summary -->\n## In short\n"), "{}", &text[..200]);
        assert_eq!(section(&text, "summary").map(str::trim), Some(summary::summary(&text).trim()));
    }
}
