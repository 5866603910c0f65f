//! Arguments of `cog validate`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use cog_validate::Authority;

use super::Answers;

#[derive(Args, Debug)]
#[command(
    after_help = "The exit code is 0 if all files are valid, 1 if one is not, 3 if one could not be checked.\n\nExamples:\n  cog validate a.tif\n  cog validate --strict --json https://example.com/a.tif\n  cog validate --field valid --field location scenes/\n  cog validate --ndjson s3://bucket/scenes/ > verdicts.ndjson\n  find . -name '*.tif' | cog validate @-\n  cog validate a.tif --fix good.tif"
)]
pub(crate) struct Validate {
    /// The files. A folder, or s3://bucket/prefix/ (gs://, az:// too) with a / at its end, stands for every .tif and .tiff below it;
    /// @FILE has one location in each line; @- is a list on standard input.
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub(crate) files: Vec<OsString>,
    /// Warnings make a file invalid too.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Look at every block, as GDAL's full check does; local files are looked at so anyway.
    #[arg(long, conflicts_with = "header_only")]
    pub(crate) full: bool,
    /// Look at the header alone, of local files too.
    #[arg(long)]
    pub(crate) header_only: bool,
    /// Whose verdicts decide whether a file is valid, and the exit code; the others inform.
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',', default_value = "rio-cogeo,gdal")]
    pub(crate) rules: Vec<Rules>,
    /// Print advice for each of several files too: what makes a file better to read, and what looks like a mistake. It never makes a
    /// file invalid. Of one file it is printed anyway.
    #[arg(long)]
    pub(crate) advice: bool,
    #[command(flatten)]
    pub(crate) answers: Answers,
    /// Lay the one FILE out anew as a valid COG, and check that too: its verdict decides then. Blocks that fit are copied as they are; cog
    /// convert has more to choose from.
    #[arg(long, value_name = "OUT.tif")]
    pub(crate) fix: Option<PathBuf>,
    /// Files that are checked at once.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), default_value_t = 16)]
    pub(crate) at_once: u16,
}

/// Who judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rules {
    /// `rio cogeo validate`.
    RioCogeo,
    /// GDAL's validate_cloud_optimized_geotiff.py.
    Gdal,
    /// OGC 21-026, Cloud Optimized GeoTIFF.
    Ogc,
}

impl Rules {
    /// All of them, in the order in which they are told.
    pub(crate) const ALL: [Rules; 3] = [Rules::RioCogeo, Rules::Gdal, Rules::Ogc];

    pub(crate) fn authority(self) -> Authority {
        match self {
            Rules::RioCogeo => Authority::RioCogeo,
            Rules::Gdal => Authority::Gdal,
            Rules::Ogc => Authority::Ogc,
        }
    }

    /// What people call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Rules::RioCogeo => "rio-cogeo",
            Rules::Gdal => "GDAL",
            Rules::Ogc => "OGC 21-026",
        }
    }

    /// What it is called in JSON.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Rules::RioCogeo => "rio_cogeo",
            Rules::Gdal => "gdal",
            Rules::Ogc => "ogc",
        }
    }
}
