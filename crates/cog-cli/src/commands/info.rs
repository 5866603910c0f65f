//! `cog info`: what a file is.

use cog_read::Cog;

use crate::cli;
use crate::commands::files::{Answer, Files};
use crate::context::Context;
use crate::description::describe;
use crate::exit::Exit;
use crate::output::{info_json, info_text};

pub(crate) async fn run(context: &mut Context, arguments: &cli::Info) -> anyhow::Result<Exit> {
    let cli::Info { locations, page, json, list, block_sizes } = arguments;
    let work = async |cog: &Cog| {
        let file = describe(cog.clone(), *block_sizes).await?;
        Ok(match json {
            true => Answer::Json(info_json::describe(&file)?),
            false => Answer::Text(info_text::describe(&file)?),
        })
    };
    Files::new(locations, *page, *json, *list).answer(context, work).await
}
