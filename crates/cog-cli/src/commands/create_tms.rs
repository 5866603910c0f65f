//! `cog create-tms`: a tile matrix set whose tiles are the file's blocks, as aiocogeo writes it.

use anyhow::{Context as _, bail};
use cog_read::Cog;
use serde_json::Value;

use crate::cli;
use crate::commands::files::{Answer, Files};
use crate::commands::own_grid::{named_after, own_grid};
use crate::context::Context;
use crate::exit::Exit;

pub(crate) async fn run(context: &mut Context, arguments: &cli::CreateTms) -> anyhow::Result<Exit> {
    let cli::CreateTms { locations, identifier, list } = arguments;
    let work = async |cog: &Cog| tile_matrix_set(cog, identifier.as_deref()).map(Answer::Standard);
    Files::new(locations, 0, true, *list).answer(context, work).await
}

fn tile_matrix_set(cog: &Cog, identifier: Option<&str>) -> anyhow::Result<Value> {
    let location = cog.location();
    let grid = own_grid(cog)?
        .id(identifier.map_or_else(|| named_after(location), str::to_owned))
        .title(format!("Tile matrix for {location}"));
    // The code that the file names, else the one that its CRS is found to be.
    let profile = cog.profile()?;
    let keys = profile.geo_keys.as_ref().filter(|_| profile.side_car_crs().is_none());
    let code = keys.and_then(|keys| keys.epsg().or(keys.crs_epsg())).map(u32::from).or(grid.crs().epsg());
    let Some(code) = code else {
        bail!("{location}: has no EPSG code to name the tile matrix set's CRS by");
    };
    let json = grid.to_json_v1(code).with_context(|| location.to_string())?;
    Ok(serde_json::from_str(&json)?)
}
