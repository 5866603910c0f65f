//! From what was typed to the sources of a mosaic.

use std::ffi::{OsStr, OsString};

use anyhow::{Context as _, anyhow};
use cog_mosaic::{Document, Limits, Mosaic, MosaicSource};
use cog_read::io::Location;

use crate::context::Context;

/// Bytes of a document that names files: those of large mosaics have hundreds of megabytes.
const DOCUMENT: u64 = 512 << 20;

/// A mosaic of files and of what documents name.
pub(crate) async fn mosaic(context: &Context, sources: &[OsString], assets: &[String]) -> anyhow::Result<Mosaic> {
    let (session, count) = (&context.session, sources.len());
    let mut all = Vec::new();
    for (index, typed) in sources.iter().enumerate() {
        // What cannot be parsed may hold a secret and is not repeated: its place has to do.
        let place = || format!("source {} of {count}", index + 1);
        let Some((document, location)) = document(context, typed).await? else {
            all.push(source(typed).with_context(place)?);
            continue;
        };
        if count == 1 {
            return Ok(Mosaic::of_document(session, document, Some(location), assets).await?);
        }
        all.extend(MosaicSource::of_document(session, document, Some(location), assets).await?);
    }
    Ok(Mosaic::new(session, all)?)
}

fn source(typed: &OsStr) -> anyhow::Result<MosaicSource> {
    if typed == "-" {
        return Err(anyhow!("standard input cannot be one of several files; @- is a list of them"));
    }
    Ok(match typed.to_str() {
        Some(text) => MosaicSource::new(text)?,
        None => MosaicSource::at(Location::from_os_str(typed)?),
    })
}

/// What is known for a document by its ending.
async fn document(context: &Context, typed: &OsStr) -> anyhow::Result<Option<(Document, Location)>> {
    let Ok(location) = Location::from_os_str(typed) else { return Ok(None) };
    // Compressed or not.
    let is_compressed = || {
        let text = typed.to_string_lossy().to_ascii_lowercase();
        text.split(['?', '#']).next().is_some_and(|path| path.ends_with("json.gz"))
    };
    let is_document = match &*location.extension().unwrap_or_default().to_ascii_lowercase() {
        "json" | "geojson" => true,
        "gz" => is_compressed(),
        _ => false,
    };
    if !is_document {
        return Ok(None);
    }
    let limits = Limits::default().with_max_document_bytes(DOCUMENT);
    let document = Document::open(context.session.io(), &location, &limits).await?;
    Ok(Some((document, location)))
}
