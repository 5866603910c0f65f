//! `cog mosaic create`: which files lie in which tile.

use anyhow::{Context as _, anyhow};
use cog_crs::tiles::{NAMES, TileMatrixSet};
use cog_mosaic::{CreateProgress, MosaicJson, OnError};

use super::tell_skipped;
use crate::cli;
use crate::commands::listed::listed;
use crate::context::Context;
use crate::output::destination::{Format, Wanted};
use crate::output::written;
use crate::progress::Progress;

/// How such files are named.
const FORMAT: Format = Format { name: "MosaicJSON", endings: &["json"] };

pub(crate) async fn run(context: &mut Context, arguments: &cli::MosaicCreate) -> anyhow::Result<()> {
    let sources = listed(&arguments.sources)?;
    let wanted = [Wanted { path: &arguments.output, what: "mosaic", format: FORMAT }];
    let mut outputs = context.outputs_of(&sources, &wanted)?;
    let text = |(index, typed): (usize, &std::ffi::OsString)| {
        typed
            .to_str()
            .map(str::to_string)
            .with_context(|| format!("source {}: JSON cannot hold its name, which is not UTF-8", index + 1))
    };
    let locations = sources.iter().enumerate().map(text).collect::<anyhow::Result<Vec<String>>>()?;
    let count = locations.len();
    let mut request = MosaicJson::create(&context.session, locations).tile_matrix_set(set(&arguments.tms)?);
    for (zoom, put) in [
        (arguments.min_zoom, cog_mosaic::CreateMosaicJson::min_zoom as fn(_, i32) -> _),
        (arguments.max_zoom, cog_mosaic::CreateMosaicJson::max_zoom),
        (arguments.quadkey_zoom, cog_mosaic::CreateMosaicJson::quadkey_zoom),
    ] {
        if let Some(zoom) = zoom {
            request = put(request, zoom);
        }
    }
    if let Some(name) = &arguments.name {
        request = request.name(name);
    }
    if let Some(description) = &arguments.description {
        request = request.description(description);
    }
    if let Some(attribution) = &arguments.attribution {
        request = request.attribution(attribution);
    }
    if let Some(prefix) = &arguments.asset_prefix {
        request = request.asset_prefix(prefix);
    }
    if arguments.skip_errors {
        request = request.on_error(OnError::Skip);
    }
    if let Some(at_once) = arguments.at_once {
        request = request.at_once(at_once.into());
    }
    let progress = Progress::of_files(context.quiet, count);
    if let Some(show) = progress.file_steps() {
        let session = context.session.clone();
        request = request.progress(move |now: CreateProgress| show(now.done, session.io().stats().bytes));
    }
    let made = request.with_skipped().await;
    drop(progress);
    context.stats.open = context.stats.elapsed();
    let (json, skipped) = made?;
    tell_skipped(context, &skipped);
    let text = json.to_json() + "\n";
    let what =
        format!("{} files in {} tiles of zoom {}", count - skipped.len(), json.tile_count(), json.quadkey_zoom());
    let Some(output) = outputs.first_mut() else { return Err(anyhow!("there is no output")) };
    output.write(Some(text.len() as u64), |out| out.write_all(text.as_bytes()))?;
    let said = output.summary(&what);
    written::finish(outputs)?;
    context.say(&format!("wrote {said}"));
    Ok(())
}

fn set(named: &str) -> anyhow::Result<TileMatrixSet> {
    if NAMES.contains(&named) {
        return Ok(TileMatrixSet::named(named)?);
    }
    if !named.ends_with(".json") {
        return Err(anyhow!("--tms {named}: is no file and no known set; cog tms lists them: {}", NAMES.join(", ")));
    }
    let text = std::fs::read_to_string(named).with_context(|| format!("cannot read {named}"))?;
    text.parse().with_context(|| named.to_string())
}
