//! `cargo xtask rooms`: how the files of each crate use each other, and whether arrows run downward.
//!
//! A wing is a file or folder directly below `src`. [`HOUSE`] lists the wings of each crate from the top: a file may use what
//! stands in its own wing or in one further down. Inside a wing, and in crates whose wings have no order, no more than three files
//! may use each other in a circle. `lib.rs` and `main.rs` see everything and are left out; so are tests.

mod circles;
mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::workspace;
use imports::Arrow;

/// A crate: whom of the workspace's crates it may use, and its wings from the top. A crate without wings has no order of them.
struct Plan {
    name: &'static str,
    may_use: &'static [&'static str],
    wings: &'static [&'static str],
}

/// The workspace, from the top. `cog-testkit` and `xtask` serve tests and chores, and may use anything.
const HOUSE: &[Plan] = &[
    Plan {
        name: "cog-cli",
        may_use: &[
            "cog-read",
            "cog-crs",
            "cog-warp",
            "cog-mosaic",
            "cog-expression",
            "cog-validate",
            "cog-write",
            "cog-codecs",
        ],
        wings: &[
            "commands",
            "completion",
            "context",
            "logs",
            "cli",
            "open",
            "stdin",
            "failure",
            "output",
            "description",
            "geography",
            "interrupt",
            "exit",
            "progress",
            "run_stats",
            "byte_size",
        ],
    },
    Plan {
        name: "cog-write",
        may_use: &["cog-raster", "cog-codecs", "cog-tiff", "cog-error"],
        wings: &[
            "writer",
            "encoded_cog",
            "run",
            "walk",
            "coder",
            "statistics",
            "pyramid",
            "options",
            "source",
            "tags",
            "layout",
            "image",
            "patch",
            "grid",
            "spool",
            "threads",
            "error",
        ],
    },
    Plan {
        name: "cog-mosaic",
        may_use: &["cog-warp", "cog-read", "cog-raster", "cog-crs", "cog-expression", "cog-io", "cog-error"],
        wings: &["mosaic", "stac", "composite", "documents", "sample_types", "limits", "error"],
    },
    Plan {
        name: "cog-warp",
        may_use: &["cog-read", "cog-raster", "cog-crs", "cog-error"],
        wings: &[
            "read", "array", "cutline", "gdal", "engine", "row", "lattice", "frame", "output", "sampling", "mapping",
            "grid", "vector", "level", "method", "alpha", "error",
        ],
    },
    Plan {
        name: "cog-validate",
        may_use: &["cog-tiff", "cog-io", "cog-crs", "cog-error"],
        wings: &[
            "validation",
            "advice",
            "blocks",
            "frames",
            "rio_cogeo",
            "gdal",
            "ogc",
            "alike",
            "facts",
            "first_block",
            "ghost",
            "layers",
            "tables",
            "header_bytes",
            "report",
            "rule",
            "tile_side",
            "error",
        ],
    },
    Plan {
        name: "cog-expression",
        may_use: &["cog-raster", "cog-error"],
        wings: &["evaluate", "program", "names", "expression", "syntax", "error", "function", "operation", "limits"],
    },
    Plan {
        name: "cog-read",
        may_use: &["cog-raster", "cog-tiff", "cog-io", "cog-codecs", "cog-error"],
        wings: &["blocking", "requests", "render", "pipeline", "cog", "file", "session", "error"],
    },
    Plan {
        name: "cog-raster",
        may_use: &["cog-tiff", "cog-error"],
        wings: &["canvas", "statistics", "resample", "pixels", "geometry"],
    },
    Plan {
        name: "cog-codecs",
        may_use: &["cog-tiff", "cog-error"],
        wings: &[
            "encode",
            "decode",
            "registry",
            "codecs",
            "samples",
            "cpu",
            "codec",
            "block",
            "foreign_panic",
            "scratch",
            "error",
        ],
    },
    Plan {
        name: "cog-io",
        may_use: &["cog-error"],
        wings: &[
            "post", "list", "upload", "open", "source", "session", "flight", "store", "http", "location", "cache",
            "config", "align", "merge", "stats", "version", "error", "redact",
        ],
    },
    Plan {
        name: "cog-crs",
        may_use: &["cog-tiff", "cog-error"],
        wings: &[
            "extent",
            "tiles",
            "gcps",
            "transform",
            "crs",
            "geokeys",
            "identify",
            "text",
            "registered",
            "wkt",
            "output",
            "equal",
            "bound",
            "registry",
            "methods",
            "geodetic",
            "found",
            "model",
            "error",
        ],
    },
    Plan {
        name: "cog-tiff",
        may_use: &["cog-error"],
        wings: &[
            "profile",
            "color_map",
            "gdal",
            "read_seek",
            "tiff",
            "structure",
            "block_table",
            "geo",
            "image",
            "ifd",
            "fragments",
            "known_bytes",
            "ghost",
            "header",
            "value",
            "limits",
            "error",
            "tag",
            "color_interpretation",
            "block_grid",
            "compression",
            "color",
            "layout",
            "sample",
            "byte_order",
        ],
    },
    // One file.
    Plan { name: "cog-error", may_use: &[], wings: &[] },
];

/// As many files may use each other in a circle.
const CIRCLE: usize = 3;

/// What was found in one crate.
struct Findings {
    files: usize,
    arrows: BTreeSet<Arrow>,
    circles: Vec<Vec<String>>,
    upward: Vec<Arrow>,
    /// Wings that the plan does not know, if it knows any.
    unknown: Vec<String>,
}

impl Findings {
    fn is_sound(&self) -> bool {
        self.upward.is_empty() && self.unknown.is_empty() && self.circles.iter().all(|circle| circle.len() <= CIRCLE)
    }
}

/// Prints the structure of every crate, or of those named; fails where it breaks the plan.
pub(crate) fn check(names: &[String]) -> Result<ExitCode> {
    let mut sound = true;
    for crate_of in HOUSE.iter().filter(|plan| names.is_empty() || names.iter().any(|name| name == plan.name)) {
        let findings = look_at(crate_of)?;
        print(crate_of, &findings);
        sound &= findings.is_sound();
    }
    for problem in wrong_dependencies()? {
        println!("{problem}");
        sound = false;
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn look_at(plan: &Plan) -> Result<Findings> {
    let source = workspace::root().join("crates").join(plan.name).join("src");
    let modules = imports::modules(&source).with_context(|| source.display().to_string())?;
    let arrows = imports::arrows(&modules);
    let place = |file: &str| plan.wings.iter().position(|wing| *wing == wing_of(file));
    let upward = |arrow: &&Arrow| matches!((place(&arrow.from), place(&arrow.to)), (Some(from), Some(to)) if to < from);
    let known = |wing: &String| plan.wings.is_empty() || plan.wings.contains(&wing.as_str());
    Ok(Findings {
        files: modules.len(),
        circles: circles::circles(&arrows),
        upward: arrows.iter().filter(upward).cloned().collect(),
        unknown: imports::wings(&modules).into_iter().filter(|wing| !known(wing)).collect(),
        arrows,
    })
}

/// The part of a module's path that stands directly below `src`.
fn wing_of(module: &str) -> &str {
    module.split("::").next().unwrap_or(module)
}

fn print(plan: &Plan, findings: &Findings) {
    let Findings { files, arrows, circles, upward, unknown } = findings;
    println!("{}: {files} files, {} arrows", plan.name, arrows.len());
    let mut between: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for arrow in arrows {
        let (from, to) = (wing_of(&arrow.from), wing_of(&arrow.to));
        if from != to {
            *between.entry(from).or_default().entry(to).or_default() += 1;
        }
    }
    let order = |wing: &str| plan.wings.iter().position(|known| *known == wing).unwrap_or(usize::MAX);
    let mut wings: Vec<_> = between.into_iter().collect();
    wings.sort_by_key(|(wing, _)| (order(wing), *wing));
    for (from, to) in wings {
        let mut to: Vec<_> = to.into_iter().collect();
        to.sort_by_key(|(wing, _)| (order(wing), *wing));
        let list: Vec<String> = to.iter().map(|(wing, count)| format!("{wing} ({count})")).collect();
        println!("  {from} → {}", list.join(", "));
    }
    for circle in circles {
        let verdict = if circle.len() > CIRCLE { "TOO MANY" } else { "together" };
        println!("  circle of {} files, {verdict}: {}", circle.len(), circle.join(", "));
    }
    for arrow in upward {
        println!("  UPWARD: {} → {}", arrow.from, arrow.to);
    }
    for wing in unknown {
        println!("  UNKNOWN WING: {wing} (its place belongs into xtask/src/rooms.rs)");
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    source: Option<String>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
    path: Option<String>,
}

/// Crates of the workspace that use a crate they must not know. What only tests need does not count.
fn wrong_dependencies() -> Result<Vec<String>> {
    let output = workspace::cargo().args(["metadata", "--format-version", "1", "--no-deps", "--locked"]).output()?;
    anyhow::ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim());
    let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
    let mut problems = Vec::new();
    for package in metadata.packages.iter().filter(|package| package.source.is_none()) {
        if matches!(package.name.as_str(), "cog-testkit" | "xtask") {
            continue;
        }
        let Some(plan) = HOUSE.iter().find(|plan| plan.name == package.name) else {
            problems.push(format!("UNKNOWN CRATE: {} (its place belongs into xtask/src/rooms.rs)", package.name));
            continue;
        };
        let uses = package.dependencies.iter().filter(|d| d.path.is_some() && d.kind.as_deref() != Some("dev"));
        for used in uses.filter(|d| !plan.may_use.contains(&d.name.as_str())) {
            problems.push(format!("WRONG DEPENDENCY: {} must not know {}", package.name, used.name));
        }
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_arrow_runs_upward_and_no_circle_is_large() {
        for plan in HOUSE {
            let findings = look_at(plan).unwrap();
            let looked_at = plan.name == "cog-error" || findings.files > 5 && !findings.arrows.is_empty();
            assert!(looked_at, "{}: nothing was looked at", plan.name);
            let upward: Vec<String> = findings.upward.iter().map(|a| format!("{} → {}", a.from, a.to)).collect();
            assert!(findings.is_sound(), "{}: {upward:?} {:?} {:?}", plan.name, findings.circles, findings.unknown);
        }
    }

    #[test]
    fn no_crate_knows_one_it_must_not_know() {
        assert_eq!(wrong_dependencies().unwrap(), Vec::<String>::new());
    }
}
