//! Which file of a crate names which other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Item, UseTree};

/// `from` uses something of `to`: paths of modules below the crate's root, such as `store::s3`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arrow {
    pub(super) from: String,
    pub(super) to: String,
}

/// One file.
pub(super) struct Module {
    /// Paths it names, from the crate's root.
    uses: BTreeSet<Vec<String>>,
    /// Names that it hands on from elsewhere, with their path from the crate's root.
    hands_on: BTreeMap<String, Vec<String>>,
}

/// The files below `src`, by the path of their module; the root itself has the empty path.
pub(super) type Modules = BTreeMap<Vec<String>, Module>;

/// Reads every file below `src`.
pub(super) fn modules(src: &Path) -> Result<Modules> {
    let mut modules = Modules::new();
    read_folder(src, &[], &mut modules)?;
    Ok(modules)
}

fn read_folder(folder: &Path, path: &[String], modules: &mut Modules) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let file = entry?.path();
        let Some(stem) = file.file_stem().and_then(|stem| stem.to_str()) else { continue };
        let mut below = path.to_vec();
        if file.is_dir() {
            below.push(stem.to_owned());
            read_folder(&file, &below, modules)?;
        } else if file.extension().is_some_and(|extension| extension == "rs") {
            if !matches!((stem, path.is_empty()), ("mod", _) | ("lib" | "main", true)) {
                below.push(stem.to_owned());
            }
            let text = fs::read_to_string(&file)?;
            let parsed = syn::parse_file(&text).with_context(|| file.display().to_string())?;
            modules.insert(below.clone(), module(&below, &parsed.items));
        }
    }
    Ok(())
}

/// Directly below `src`.
pub(super) fn wings(modules: &Modules) -> BTreeSet<String> {
    modules.keys().filter_map(|path| path.first().cloned()).collect()
}

/// The arrows between files. The root is no file of its own: what it hands on belongs to the file it comes from.
pub(super) fn arrows(modules: &Modules) -> BTreeSet<Arrow> {
    let mut arrows = BTreeSet::new();
    for (path, module) in modules.iter().filter(|(path, _)| !path.is_empty()) {
        for used in &module.uses {
            let Some(target) = resolve(modules, used, 8) else { continue };
            if target != *path && !target.is_empty() {
                arrows.insert(Arrow { from: path.join("::"), to: target.join("::") });
            }
        }
    }
    arrows
}

/// The file that a path leads to: the deepest module on its way, or what that one hands on.
fn resolve(modules: &Modules, path: &[String], depth: usize) -> Option<Vec<String>> {
    let known = (0..=path.len()).rev().find(|len| path.get(..*len).is_some_and(|start| modules.contains_key(start)))?;
    let (module, rest) = path.split_at(known);
    let name = rest.first();
    match name.and_then(|name| modules.get(module)?.hands_on.get(name)) {
        Some(real) if depth > 0 && real != path => {
            let longer: Vec<String> = real.iter().chain(rest.iter().skip(1)).cloned().collect();
            resolve(modules, &longer, depth - 1)
        }
        _ => Some(module.to_vec()),
    }
}

fn module(path: &[String], items: &[Item]) -> Module {
    let mut found = Module { uses: BTreeSet::new(), hands_on: BTreeMap::new() };
    let children: BTreeSet<String> = items
        .iter()
        .filter_map(|item| match item {
            Item::Mod(child) if child.content.is_none() => Some(child.ident.to_string()),
            _ => None,
        })
        .collect();
    let scope = Scope { path, children };
    for item in items.iter().filter(|item| !is_test(attributes(item))) {
        match item {
            Item::Use(item) => {
                let mut names = Vec::new();
                flatten(&item.tree, &mut Vec::new(), &mut names);
                let hands_on = !matches!(item.vis, syn::Visibility::Inherited);
                for (words, name) in names {
                    let Some(real) = scope.path_from_root(&words) else { continue };
                    if hands_on {
                        found.hands_on.insert(name, real);
                    } else {
                        found.uses.insert(real);
                    }
                }
            }
            Item::Mod(child) if child.content.is_none() => {}
            other => paths(other.to_token_stream(), &scope, &mut found.uses),
        }
    }
    found
}

struct Scope<'a> {
    path: &'a [String],
    /// Modules declared here, whose names start paths too.
    children: BTreeSet<String>,
}

impl Scope<'_> {
    /// A path from the crate's root; `None` for one that leads elsewhere.
    fn path_from_root(&self, words: &[String]) -> Option<Vec<String>> {
        let (first, rest) = words.split_first()?;
        let mut start = match first.as_str() {
            "crate" => Vec::new(),
            "self" => self.path.to_vec(),
            "super" => self.path.split_last()?.1.to_vec(),
            child if self.children.contains(child) => {
                return Some(self.path.iter().chain(words).cloned().collect());
            }
            _ => return None,
        };
        for word in rest {
            match word.as_str() {
                "super" => _ = start.pop(),
                "self" => {}
                _ => start.push(word.clone()),
            }
        }
        Some(start)
    }
}

/// Every name that a `use` brings, as its path and the name it gets here.
fn flatten(tree: &UseTree, before: &mut Vec<String>, names: &mut Vec<(Vec<String>, String)>) {
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before, names);
            before.pop();
        }
        UseTree::Name(name) => {
            let words = [before.as_slice(), &[name.ident.to_string()]].concat();
            names.push((words, name.ident.to_string()));
        }
        UseTree::Rename(rename) => {
            names.push(([before.as_slice(), &[rename.ident.to_string()]].concat(), rename.rename.to_string()));
        }
        UseTree::Glob(_) => names.push((before.clone(), "*".to_owned())),
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, before, names)),
    }
}

/// Paths in code, inside macros too.
fn paths(tokens: TokenStream, scope: &Scope<'_>, uses: &mut BTreeSet<Vec<String>>) {
    let mut words: Vec<String> = Vec::new();
    let mut colons = 2;
    let mut finish = |words: &mut Vec<String>| {
        if words.len() > 1 {
            uses.extend(scope.path_from_root(words));
        }
        words.clear();
    };
    let mut groups = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                if colons != 2 {
                    finish(&mut words);
                }
                words.push(ident.to_string());
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' && !words.is_empty() => colons += 1,
            other => {
                finish(&mut words);
                colons = 2;
                if let TokenTree::Group(group) = other {
                    groups.push(group.stream());
                }
            }
        }
    }
    finish(&mut words);
    groups.into_iter().for_each(|tokens| paths(tokens, scope, uses));
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let text = attribute.to_token_stream().to_string().replace(' ', "");
        attribute.path().is_ident("cfg") && (text.contains("(test)") || text.contains("doctest"))
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Mod(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Const(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(files: &[(&str, &str)]) -> BTreeSet<Arrow> {
        let read = |(path, text): &(&str, &str)| {
            let path: Vec<String> = path.split("::").filter(|word| !word.is_empty()).map(str::to_owned).collect();
            let module = module(&path, &syn::parse_file(text).unwrap().items);
            (path, module)
        };
        arrows(&files.iter().map(read).collect())
    }

    #[test]
    fn paths_lead_to_the_file_that_holds_the_item() {
        let found = house(&[
            ("", "mod a; mod b; pub use b::Deep;"),
            ("a", "use crate::Deep; fn f() { matches!(x, crate::b::c::Other) }"),
            ("b", "mod c; pub(crate) use c::Deep; #[cfg(test)] mod tests { use crate::a::T; }"),
            ("b::c", "use super::Own;"),
        ]);
        let found: Vec<String> = found.into_iter().map(|arrow| format!("{} {}", arrow.from, arrow.to)).collect();
        assert_eq!(found, ["a b::c", "b::c b"]);
    }
}
