//! `cog tms`: tile matrix sets, those that are known by name and those of files.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context as _, bail};
use cog_crs::tiles::{NAMES, TileMatrixSet};
use serde_json::{Value, json};

use crate::cli;
use crate::commands::own_grid::{named_after, own_grid};
use crate::context::Context;
use crate::exit::Exit;
use crate::output::stdout;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Tms) -> anyhow::Result<Exit> {
    let cli::Tms { what, json } = arguments;
    let text = match what {
        None => list(*json)?,
        Some(what) => match what.to_str().filter(|name| NAMES.contains(name)) {
            Some(name) => TileMatrixSet::named(name)?.to_json_pretty() + "\n",
            None => of_file(context, what).await?,
        },
    };
    stdout::print(text.as_bytes())?;
    Ok(Exit::Done)
}

async fn of_file(context: &mut Context, what: &OsStr) -> anyhow::Result<String> {
    let name = what.to_string_lossy();
    if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !Path::new(what).exists() {
        bail!("'{name}' is neither a file nor the name of a tile matrix set; cog tms lists the names");
    }
    let cog = context.open(what, 0).await?;
    let location = cog.location();
    let grid = own_grid(&cog)?.id(named_after(location)).title(format!("Blocks of {location}"));
    let set = grid.build().with_context(|| location.to_string())?;
    context.done(&cog);
    Ok(set.to_json_pretty() + "\n")
}

/// The sets that are known by name: names, CRSs, zooms, titles.
fn list(json: bool) -> anyhow::Result<String> {
    let sets = NAMES.iter().map(|name| TileMatrixSet::named(name)).collect::<cog_crs::Result<Vec<_>>>()?;
    let rows = sets.iter().map(|set| Row {
        id: set.id().unwrap_or(""),
        // OGC:CRS84 is EPSG:4326 but for the order of axes, which is what a set of tiles has to say.
        crs: set.crs().authority().map(|(authority, code)| format!("{authority}:{code}")).unwrap_or_default(),
        zooms: (set.min_zoom(), set.max_zoom()),
        title: set.title().unwrap_or(""),
    });
    if json {
        let list: Vec<Value> = rows.map(|row| row.json()).collect();
        return Ok(serde_json::to_string_pretty(&list)? + "\n");
    }
    Ok(rows.map(|row| row.text()).collect())
}

/// A set in the list.
struct Row<'a> {
    id: &'a str,
    crs: String,
    zooms: (i32, i32),
    title: &'a str,
}

impl Row<'_> {
    fn json(&self) -> Value {
        json!({"id": self.id, "title": self.title, "crs": self.crs, "zoom": {"min": self.zooms.0, "max": self.zooms.1}})
    }

    fn text(&self) -> String {
        let zooms = format!("{} to {}", self.zooms.0, self.zooms.1);
        format!("{:<26}{:<12}{zooms:<11}{}\n", self.id, self.crs, self.title)
    }
}
