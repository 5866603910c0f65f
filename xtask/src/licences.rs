//! `cargo xtask licences`: every dependency's licence expression against the list that deny.toml allows.

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::workspace;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    /// None for the workspace's own crates.
    source: Option<String>,
}

/// Fails if a dependency has no licence that is allowed.
pub(crate) fn check() -> Result<ExitCode> {
    let text = std::fs::read_to_string(workspace::root().join("deny.toml")).context("deny.toml")?;
    let allowed = allow_list(&text).context("deny.toml has no `allow = [...]`")?;
    let output = workspace::cargo().args(["metadata", "--format-version", "1", "--locked"]).output()?;
    if !output.status.success() {
        bail!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
    let foreign: Vec<Package> = metadata.packages.into_iter().filter(|p| p.source.is_some()).collect();
    let mut refused = 0;
    for package in &foreign {
        let licence = package.license.as_deref().unwrap_or("");
        if !is_allowed(licence, &allowed) {
            refused += 1;
            eprintln!("{} {}: {licence:?} is not allowed by deny.toml", package.name, package.version);
        }
    }
    println!("{} of {} dependencies have an allowed licence", foreign.len() - refused, foreign.len());
    Ok(if refused == 0 && !foreign.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The strings of `allow = [ … ]`, comments left out.
fn allow_list(toml: &str) -> Option<BTreeSet<String>> {
    let without_comments: String =
        toml.lines().map(|l| l.split('#').next().unwrap_or("")).collect::<Vec<_>>().join("\n");
    let list = without_comments.split_once("allow = [")?.1.split_once(']')?.0;
    Some(list.split(',').map(|s| s.trim().trim_matches('"')).filter(|s| !s.is_empty()).map(str::to_owned).collect())
}

/// Whether an SPDX expression (or cargo's old `A/B`) can be met with allowed licences alone. A `WITH` exception only widens what
/// the licence permits.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    let met = any_of(&mut words, allowed);
    met == Some(true) && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> Option<bool> {
    let mut met = all_of(words, allowed)?;
    while words.next_if(|w| *w == "OR").is_some() {
        met |= all_of(words, allowed)?;
    }
    Some(met)
}

fn all_of(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> Option<bool> {
    let mut met = one(words, allowed)?;
    while words.next_if(|w| *w == "AND").is_some() {
        met &= one(words, allowed)?;
    }
    Some(met)
}

fn one(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> Option<bool> {
    let word = words.next()?;
    if word == "(" {
        let met = any_of(words, allowed)?;
        return (words.next() == Some(")")).then_some(met);
    }
    if words.next_if(|w| *w == "WITH").is_some() {
        words.next()?;
    }
    Some(allowed.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> BTreeSet<String> {
        allow_list("[licenses]\nallow = [\n  \"MIT\", # with a word\n  \"ISC\",\n  \"Apache-2.0\"\n]\n").unwrap()
    }

    #[test]
    fn one_allowed_alternative_is_enough() {
        for good in [
            "MIT",
            "MIT OR GPL-3.0",
            "GPL-2.0/MIT",
            "(GPL-3.0 OR MIT) AND ISC",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
        ] {
            assert!(is_allowed(good, &list()), "{good}");
        }
    }

    #[test]
    fn every_part_of_a_conjunction_has_to_be_allowed() {
        for bad in ["GPL-3.0", "MIT AND GPL-3.0", "", "MIT AND (GPL-2.0 OR MPL-2.0)", "MIT OR", "(MIT", "MIT MIT"] {
            assert!(!is_allowed(bad, &list()), "{bad}");
        }
    }
}
