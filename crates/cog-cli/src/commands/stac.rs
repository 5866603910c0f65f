//! `cog stac`: the assets of an item, listed or read as bands.

mod listing;
mod reading;

use std::ffi::OsStr;

use anyhow::bail;
use cog_mosaic::{Document, Limits, StacItem, StacPages};
use cog_read::io::Location;

use crate::cli;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::text::one_line;
use crate::stdin;

/// How many files are opened at once.
const AT_ONCE: usize = 32;

/// Ids that a message lists.
const LISTED: usize = 5;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Stac) -> anyhow::Result<Exit> {
    match &arguments.output {
        Some(output) => reading::run(context, arguments, output).await.map(|()| Exit::Done),
        None => listing::run(context, arguments).await,
    }
}

/// What an argument leads to.
enum Found {
    Item(StacItem),
    Items(Box<StacPages>),
}

async fn find(context: &Context, typed: &OsStr) -> anyhow::Result<Found> {
    let limits = Limits::default();
    let (document, location) = match typed == "-" {
        true => {
            let bytes = stdin::text("a STAC item", limits.max_document_bytes)?;
            (Document::parse("standard input", &bytes, &limits)?, None)
        }
        false => {
            let location = Location::from_os_str(typed).map_err(cog_mosaic::Error::from)?;
            (Document::open(context.session.io(), &location, &limits).await?, Some(location))
        }
    };
    Ok(match document.value().get("features") {
        Some(_) => Found::Items(Box::new(StacPages::from_document(&context.session, document, location))),
        None => Found::Item(StacItem::from_document(document, location)?),
    })
}

/// The one item that is meant: that of `--id`, or the only one.
async fn one(context: &Context, arguments: &cli::Stac) -> anyhow::Result<StacItem> {
    let typed = one_line(&arguments.item.to_string_lossy());
    let mut pages = match (find(context, &arguments.item).await?, &arguments.id) {
        (Found::Item(item), None) => return Ok(item),
        (Found::Item(item), Some(id)) if item.id() == id => return Ok(item),
        (Found::Item(item), Some(id)) => bail!("the item is '{}', not '{id}'", one_line(item.id())),
        (Found::Items(pages), _) => pages,
    };
    let mut seen: Vec<StacItem> = Vec::new();
    while let Some(items) = pages.next_page().await? {
        for item in items {
            match &arguments.id {
                Some(id) if item.id() == id => return Ok(item),
                Some(_) => {}
                None => seen.push(item),
            }
        }
        if seen.len() > LISTED {
            break;
        }
    }
    match (&arguments.id, seen.len()) {
        (Some(id), _) => bail!("no item of the collection is '{id}'"),
        (None, 1) => seen.pop().map_or_else(|| bail!("there are no items in {typed}"), Ok),
        (None, 0) => bail!("the collection has no items"),
        (None, _) => {
            let ids: Vec<String> = seen.iter().take(LISTED).map(|item| one_line(item.id())).collect();
            let more = if seen.len() > LISTED { ", …" } else { "" };
            bail!("the collection has several items, of which --id chooses one: {}{more}", ids.join(", "))
        }
    }
}

/// The item with the assets that are asked for.
fn chosen(item: &StacItem, arguments: &cli::Stac) -> cog_mosaic::Result<StacItem> {
    let mut item = item.clone();
    if let Some(name) = &arguments.alternate {
        item = item.prefer_alternate(name);
    }
    if let Some(names) = &arguments.assets {
        item = item.select(names)?;
    }
    match &arguments.types {
        Some(types) => item.include_types(types),
        None => Ok(item),
    }
}
