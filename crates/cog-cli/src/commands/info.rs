//! `cog info`: what a file is.

use anyhow::Context as _;
use cog_crs::Crs;
use cog_read::Cog;

use crate::cli;
use crate::commands::files::{Answer, Files};
use crate::context::Context;
use crate::description::describe;
use crate::exit::Exit;
use crate::output::{info_json, info_text};

pub(crate) async fn run(context: &mut Context, arguments: &cli::Info) -> anyhow::Result<Exit> {
    let cli::Info { locations, page, answers, wkt2, projjson, block_sizes } = arguments;
    let work = async |cog: &Cog| {
        if *wkt2 || *projjson {
            let crs = crs_of(cog)?;
            let text = if *wkt2 { crs.to_wkt2_pretty() } else { pretty(&crs.to_projjson())? };
            return Ok(Answer::Text(text + "\n"));
        }
        let file = describe(cog.clone(), *block_sizes).await?;
        Ok(match answers.is_text() {
            false => Answer::Json(info_json::describe(&file)?),
            true => Answer::Text(info_text::describe(&file)?),
        })
    };
    Files::answered(locations, *page, answers).answer(context, work).await
}

fn crs_of(cog: &Cog) -> anyhow::Result<Crs> {
    let location = cog.location();
    let crs = cog_warp::crs_of(&cog.profile()?).with_context(|| format!("{location}: the CRS is not known"))?;
    crs.with_context(|| format!("{location}: has no CRS"))
}

fn pretty(json: &str) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(json)?)?)
}
