//! The assets of an item, one a line or as JSON.

use std::collections::HashMap;
use std::fmt::Write;
use std::time::Instant;

use cog_crs::Crs;
use cog_mosaic::{Composite, Reader, StacAsset, StacItem};
use cog_read::io::LocationKind;
use cog_read::{Cog, Session};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::{AT_ONCE, Found, chosen, find};
use crate::cli;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::fail;
use crate::geography;
use crate::output::json_list::JsonList;
use crate::output::stdout;
use crate::output::text::{one_line, shortened};
use crate::progress::Progress;

/// Types of which headers can be read.
const TIFFS: [&str; 2] = ["image/tiff", "image/vnd.stac.geotiff"];

pub(crate) async fn run(context: &mut Context, arguments: &cli::Stac) -> anyhow::Result<Exit> {
    let mut failures = Vec::new();
    match find(context, &arguments.item).await? {
        Found::Item(item) => {
            let wanted = arguments.id.as_deref().is_none_or(|id| id == item.id());
            anyhow::ensure!(wanted, "the item is '{}'", one_line(item.id()));
            let listed = list(context, &item, arguments, &mut failures).await?;
            let text = match arguments.json {
                true => serde_json::to_string_pretty(&listed.json())? + "\n",
                false => listed.text(),
            };
            stdout::print(text.as_bytes())?;
        }
        Found::Items(mut pages) => {
            let mut json = JsonList::default();
            let (mut found, mut printed) = (false, false);
            let mut left = arguments.max_items.unwrap_or(u64::MAX);
            while left > 0
                && let Some(items) = pages.next_page().await?
            {
                for item in items.iter().filter(|item| arguments.id.as_deref().is_none_or(|id| id == item.id())) {
                    if left == 0 {
                        break;
                    }
                    left -= 1;
                    // An item that lacks what is wanted hides none of the others.
                    let listed = match list(context, item, arguments, &mut failures).await {
                        Ok(listed) => listed,
                        Err(error) => {
                            found = true;
                            failures.push(error);
                            continue;
                        }
                    };
                    let text = match arguments.json {
                        true => json.item(&listed.json())?,
                        false => format!("{}{}", if printed { "\n" } else { "" }, listed.text()),
                    };
                    (found, printed) = (true, true);
                    stdout::print(text.as_bytes())?;
                }
                if found && arguments.id.is_some() {
                    break;
                }
            }
            if arguments.json {
                stdout::print(json.end().as_bytes())?;
            }
            if let Some(id) = arguments.id.as_ref().filter(|_| !found) {
                anyhow::bail!("no item of the collection is '{id}'");
            }
        }
    }
    Ok(failures.iter().fold(Exit::Done, |exit, error| exit.and(fail(error))))
}

/// An item and what is known of its assets.
struct Listed<'a> {
    item: &'a StacItem,
    rows: Vec<Row>,
}

/// One asset.
struct Row {
    asset: StacAsset,
    facts: Option<Facts>,
    /// Why there are none, though there should be.
    error: Option<String>,
}

/// What an asset holds.
struct Facts {
    width: u32,
    height: u32,
    count: usize,
    dtype: String,
    crs: Option<Crs>,
    transform: Option<[f64; 6]>,
    bounds: Option<[f64; 4]>,
    /// From the file, not from the item.
    opened: bool,
}

async fn list<'a>(
    context: &mut Context,
    item: &'a StacItem,
    arguments: &cli::Stac,
    failures: &mut Vec<anyhow::Error>,
) -> anyhow::Result<Listed<'a>> {
    let chosen = chosen(item, arguments)?;
    let assets: Vec<StacAsset> = match &arguments.types {
        Some(_) => {
            // Says which types are there, if none is wanted.
            chosen.composite(&context.session)?;
            chosen.readable().cloned().collect()
        }
        None => chosen.assets().to_vec(),
    };
    let readers = tiffs(&chosen, &context.session);
    let started = Instant::now();
    let work = assets.into_iter().map(|asset| {
        let reader = readers.get(asset.name()).cloned();
        let headers = arguments.headers;
        async move {
            let told = if headers { None } else { of_item(&asset) };
            let described = match (told, reader) {
                (Some(facts), _) => Ok((Some(facts), None)),
                (None, None) => Ok((None, None)),
                (None, Some(reader)) => of_file(&reader).await.map(|(facts, cog)| (Some(facts), Some(cog))),
            };
            (asset, described)
        }
    });
    let work: Vec<_> = work.collect();
    let progress = Progress::of_files(context.quiet || work.len() < 2, work.len());
    let mut all = stream::iter(work).buffered(AT_ONCE);
    let mut rows = Vec::new();
    while let Some((asset, described)) = all.next().await {
        rows.push(match described {
            Ok((facts, cog)) => {
                if let Some(cog) = cog {
                    context.done(&cog);
                }
                Row { asset, facts, error: None }
            }
            Err(error) => {
                let told = format!("{error:#}");
                failures.push(error);
                Row { asset, facts: None, error: Some(told) }
            }
        });
        progress.files_done(rows.len(), context.session.io().stats().bytes);
    }
    context.stats.open += started.elapsed();
    Ok(Listed { item, rows })
}

/// The assets of which headers can be read, by name.
fn tiffs(item: &StacItem, session: &Session) -> HashMap<String, Reader> {
    let composite = item.include_types(TIFFS).and_then(|item| item.composite(session));
    let readers = composite.as_ref().map(Composite::readers).unwrap_or_default();
    readers.iter().map(|reader| (reader.name().to_owned(), reader.clone())).collect()
}

/// What the item tells of an asset, if it tells all.
fn of_item(asset: &StacAsset) -> Option<Facts> {
    let grid = asset.grid().ok()??;
    let (bands, dtype) = (asset.bands(), asset.sample_type()?);
    Some(Facts {
        width: grid.width(),
        height: grid.height(),
        count: bands.len(),
        dtype: dtype.to_string(),
        crs: Some(grid.crs().clone()),
        transform: Some(grid.transform().to_array()),
        bounds: Some(grid.bounds()),
        opened: false,
    })
}

/// What its file tells.
async fn of_file(reader: &Reader) -> anyhow::Result<(Facts, Cog)> {
    let cog = reader.cog().await?;
    let profile = cog.profile()?;
    let transform = profile.georeference.transform();
    let facts = Facts {
        width: profile.width,
        height: profile.height,
        count: usize::from(profile.count),
        dtype: profile.dtype.to_string(),
        crs: cog_warp::crs_of(&profile).ok().flatten(),
        transform: transform.map(|transform| transform.to_array()),
        bounds: transform.map(|transform| transform.bounds(profile.width, profile.height)).map(<[f64; 4]>::from),
        opened: true,
    };
    Ok((facts, cog))
}

/// Where an asset is: absolute and without secrets.
fn href(asset: &StacAsset) -> Option<String> {
    let location = asset.location().ok()?;
    match location.kind() {
        LocationKind::Local(path) => Some(std::path::absolute(path).ok()?.to_string_lossy().into_owned()),
        _ => Some(location.to_string()),
    }
}

impl Listed<'_> {
    fn json(&self) -> Value {
        let assets: Vec<Value> = self.rows.iter().map(Row::json).collect();
        json!({
            "id": self.item.id(),
            "collection": self.item.collection(),
            "datetime": self.item.datetime(),
            "bbox": self.item.bbox(),
            "assets": assets,
        })
    }

    /// A line for the item, and a table of its assets.
    fn text(&self) -> String {
        let item = self.item;
        let mut out = one_line(item.id());
        for (what, value) in [("", item.datetime()), ("collection ", item.collection())] {
            if let Some(value) = value {
                _ = write!(out, "  {what}{}", one_line(value));
            }
        }
        out.push('\n');
        let names = ["Name", "Size", "Bands", "Dtype", "Crs", "Roles", "Type"].map(str::to_owned);
        let rows: Vec<[String; 7]> = std::iter::once(names).chain(self.rows.iter().map(Row::cells)).collect();
        let mut widths = [0; 7];
        for row in &rows {
            row.iter().zip(&mut widths).for_each(|(cell, width)| *width = cell.chars().count().max(*width));
        }
        for row in &rows {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            _ = writeln!(out, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
        out
    }
}

impl Row {
    fn json(&self) -> Value {
        let Row { asset, facts, error } = self;
        let known = facts.as_ref();
        let bands: Vec<Value> = asset.bands().iter().map(|band| json!(band.name)).collect();
        let crs = |facts: &Facts| facts.crs.as_ref().map(|crs| geography::code(crs).unwrap_or_else(|| crs.to_wkt2()));
        let mut value = json!({
            "name": asset.name(),
            "href": href(asset),
            "type": asset.media_type(),
            "title": asset.title(),
            "roles": asset.roles().collect::<Vec<_>>(),
            "width": known.map(|facts| facts.width),
            "height": known.map(|facts| facts.height),
            "count": known.map(|facts| facts.count),
            "dtype": known.map(|facts| &facts.dtype),
            "crs": known.and_then(crs),
            "transform": known.and_then(|facts| facts.transform),
            "bounds": known.and_then(|facts| facts.bounds),
            "band_names": bands,
            "from": known.map(|facts| if facts.opened { "file" } else { "item" }),
        });
        let problem = error.clone().or_else(|| asset.location().err().map(|problem| problem.to_string()));
        if let (Some(problem), Value::Object(map)) = (problem, &mut value) {
            map.insert("error".into(), json!(problem));
        }
        value
    }

    fn cells(&self) -> [String; 7] {
        let Row { asset, facts, .. } = self;
        let known = |cell: fn(&Facts) -> String| facts.as_ref().map_or_else(|| "-".into(), cell);
        let roles = asset.roles().collect::<Vec<_>>().join(", ");
        [
            shortened(asset.name(), 40),
            known(|facts| format!("{}x{}", facts.width, facts.height)),
            known(|facts| facts.count.to_string()),
            known(|facts| facts.dtype.clone()),
            known(|facts| match &facts.crs {
                Some(crs) => shortened(&geography::code(crs).unwrap_or_else(|| crs.name().to_owned()), 30),
                None => "none".into(),
            }),
            if roles.is_empty() { "-".into() } else { shortened(&roles, 30) },
            shortened(asset.media_type().unwrap_or("-"), 60),
        ]
    }
}
