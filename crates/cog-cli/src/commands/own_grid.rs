//! The tile grid that a file has of its own.

use anyhow::{Context as _, bail};
use cog_crs::tiles::{RasterGrid, RasterLevel};
use cog_read::Cog;
use cog_read::tiff::Georeference;

/// Levels and blocks of a file that has a place for them.
pub(super) fn own_grid(cog: &Cog) -> anyhow::Result<RasterGrid> {
    let location = cog.location();
    let profile = cog.profile()?;
    let Georeference::Transform(transform) = profile.georeference else {
        bail!("{location}: has no geotransform, so its tiles have no place");
    };
    if transform.b != 0.0 || transform.d != 0.0 {
        bail!("{location}: is rotated; a tile matrix set has no way to say so");
    }
    let crs = cog_warp::crs_of(&profile).with_context(|| format!("{location}: the CRS is not known"))?;
    let crs = crs.with_context(|| format!("{location}: has no CRS"))?;
    let levels = cog.levels()?;
    let levels = levels.iter().map(|level| RasterLevel {
        width: level.image.width,
        height: level.image.height,
        tile_width: level.image.grid.block_width,
        tile_height: level.image.grid.block_height,
    });
    Ok(RasterGrid::new(&crs, transform.to_array(), levels.collect::<Vec<_>>()))
}

/// The file's name without its ending, in characters that identifiers may have.
pub(super) fn named_after(location: &str) -> String {
    let name = location.split(['?', '#']).next().unwrap_or(location).rsplit(['/', '\\']).next().unwrap_or("cog");
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_made_from_the_file_name() {
        assert_eq!(named_after("https://h/a/b c.d.tif?x=1"), "b_c_d");
        assert_eq!(named_after("C:\\data\\x.tif"), "x");
    }
}
