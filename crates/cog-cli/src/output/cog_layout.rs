//! Whether a file is laid out as a Cloud Optimized GeoTIFF, as far as its header tells.

use cog_read::tiff::{BlockKind, Ghost, Profile};

use crate::description::Described;

/// Images that are larger both ways want tiles and overviews: rio-cogeo's rule.
const SMALL: u32 = 512;

/// The verdict. The order of the blocks in the file is not looked at.
pub(crate) struct Layout {
    /// GDAL's COG driver says so at the start of the file.
    pub(crate) announced: bool,
    /// What keeps it from being one, a few words each.
    pub(crate) problems: Vec<String>,
}

impl Layout {
    pub(crate) fn of(file: &Described, profile: &Profile) -> Layout {
        let tiff = file.cog.tiff();
        let mut problems = Vec::new();
        let own = tiff.ifds().len();
        let tiled = |level: &cog_read::Level| level.image.grid.kind == BlockKind::Tile;
        let large = |level: &cog_read::Level| level.image.width > SMALL && level.image.height > SMALL;
        let levels = &file.levels;
        if levels.first().is_some_and(|full| large(full) && !tiled(full)) {
            problems.push("not tiled".to_string());
        }
        if levels.first().is_some_and(large) && levels.len() < 2 {
            problems.push("no overviews".to_string());
        }
        if levels.iter().any(|level| level.ifd >= own) {
            problems.push("overviews in another file".to_string());
        }
        if levels.iter().skip(1).any(|level| large(level) && !tiled(level)) {
            problems.push("overviews that are not tiled".to_string());
        }
        let sizes: Vec<(u32, u32)> = levels.iter().map(|level| (level.image.width, level.image.height)).collect();
        if sizes.iter().zip(sizes.iter().skip(1)).any(|(a, b)| a.0 < b.0 || a.1 < b.1) || profile.overviews.contains(&1)
        {
            problems.push("overviews not in order of their size".to_string());
        }
        let offsets: Vec<u64> =
            levels.iter().filter_map(|level| tiff.ifds().get(level.ifd)).map(cog_read::tiff::Ifd::offset).collect();
        if offsets.iter().zip(offsets.iter().skip(1)).any(|(a, b)| a >= b) {
            problems.push("directories not in the order of their images".to_string());
        }
        let ghost = tiff.ghost();
        let head = ghost.map_or(MOST_BEFORE_FIRST_IFD, |ghost| ghost.end().max(MOST_BEFORE_FIRST_IFD));
        if offsets.first().is_some_and(|first| *first > head) {
            problems.push("its directory is not at the start of the file".to_string());
        }
        if ghost.is_some_and(Ghost::is_broken) {
            problems.push("changed since it was written as one".to_string());
        }
        Layout { announced: ghost.is_some_and(Ghost::ifds_before_data), problems }
    }

    /// In a line for people.
    pub(crate) fn verdict(&self) -> String {
        match (self.problems.as_slice(), self.announced) {
            ([], true) => "yes".to_string(),
            ([], false) => "yes by its header, not declared".to_string(),
            (problems, _) => format!("no: {}", problems.join(", ")),
        }
    }
}

/// Where the first directory lies at most: rio-cogeo's rule.
const MOST_BEFORE_FIRST_IFD: u64 = 300;
