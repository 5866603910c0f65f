//! Creation options in GDAL's names: `-co NAME=VALUE`.

use clap::ValueEnum;
use cog_crs::tiles::{TileMatrixSet, ZoomLevel};
use cog_write::Overviews;

use super::convert::{Compress, Convert, Defaults, GOOGLE_MAPS, PredictorChoice, WEB_MERCATOR, WhenBig};
use super::tuning::MOST_THREADS;
use super::values;

/// The names that are understood.
const NAMES: &str = "ADD_ALPHA, ALIGNED_LEVELS, BIGTIFF, BLOCKSIZE, COMPRESS, EXTENT, LEVEL, MAX_Z_ERROR, NUM_THREADS, OVERVIEWS, \
                     OVERVIEW_COUNT, OVERVIEW_RESAMPLING, PREDICTOR, QUALITY, RES, RESAMPLING, SPARSE_OK, STATISTICS, TARGET_SRS, \
                     TILING_SCHEME, WARP_RESAMPLING, ZOOM_LEVEL, ZOOM_LEVEL_STRATEGY";

impl Convert {
    /// Takes over what `-co` says.
    ///
    /// # Errors
    /// Names and values that GDAL's COG driver has and this command does not, and those that neither has.
    pub(crate) fn take_creation_options(&mut self) -> Result<(), String> {
        let mut tiled = self.web && self.defaults == Some(Defaults::Gdal);
        for option in std::mem::take(&mut self.creation_options) {
            let Some((name, value)) = option.split_once('=') else {
                return Err(format!("-co {option}: NAME=VALUE is needed"));
            };
            self.take(&name.to_ascii_uppercase(), value).map_err(|problem| format!("-co {option}: {problem}"))?;
            tiled |= name.eq_ignore_ascii_case("TILING_SCHEME") && self.web;
        }
        self.check_grid()?;
        // As large as the tiles, in GDAL.
        if tiled && self.blocksize.is_none() {
            let set = TileMatrixSet::named(self.tms.as_deref().unwrap_or(WEB_MERCATOR)).map_err(|e| e.to_string())?;
            self.blocksize = set.matrices().first().map(|matrix| matrix.tile_width);
        }
        Ok(())
    }

    /// Refuses what the options themselves refuse, where -co said it.
    fn check_grid(&self) -> Result<(), String> {
        let others = [
            ("--crs (-co TARGET_SRS)", self.crs.is_some()),
            ("--bounds (-co EXTENT)", self.bounds.is_some()),
            ("--resolution (-co RES)", self.resolution.is_some()),
            ("--like", self.like.is_some()),
        ];
        for (option, _) in others.iter().filter(|(_, given)| *given) {
            if self.web {
                return Err(format!("{option} cannot be used with --web (-co TILING_SCHEME)"));
            }
            if self.like.is_some() && *option != "--like" {
                return Err(format!("{option} cannot be used with --like"));
            }
        }
        let of_tiles = self.tiling.zoom.is_some() || self.tiling.aligned > 0 || self.tiling.strategy != ZoomLevel::Auto;
        match of_tiles && !self.web {
            true => {
                Err("-co: ZOOM_LEVEL, ZOOM_LEVEL_STRATEGY and ALIGNED_LEVELS need --web (-co TILING_SCHEME)".into())
            }
            false => Ok(()),
        }
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        let number = || value.parse().map_err(|_| format!("'{value}' is not a number"));
        let yes = || match value.to_ascii_uppercase().as_str() {
            "YES" | "TRUE" | "ON" | "1" => Ok(true),
            "NO" | "FALSE" | "OFF" | "0" => Ok(false),
            _ => Err(format!("'{value}' is neither YES nor NO")),
        };
        match name {
            "COMPRESS" => {
                let known = || {
                    let all = Compress::value_variants().iter().filter_map(|codec| codec.to_possible_value());
                    all.map(|value| value.get_name().to_ascii_uppercase()).collect::<Vec<_>>().join(", ")
                };
                let found = Compress::from_str(value, true);
                self.compress =
                    Some(found.map_err(|_| format!("there is no such codec to write; there are {}", known()))?);
            }
            "LEVEL" => self.level = Some(number()?),
            "QUALITY" => self.quality = Some(number()?),
            "MAX_Z_ERROR" => {
                let error = value.parse().map_err(|_| format!("'{value}' is not a number"))?;
                self.max_error = Some(error);
            }
            "BLOCKSIZE" => self.blocksize = Some(value.parse().map_err(|_| format!("'{value}' is not a number"))?),
            "PREDICTOR" => {
                self.predictor = match value.to_ascii_uppercase().as_str() {
                    "YES" => PredictorChoice::Always,
                    "NO" => PredictorChoice::No,
                    "STANDARD" => PredictorChoice::Horizontal,
                    "FLOATING_POINT" => PredictorChoice::Float,
                    _ => return Err("YES, NO, STANDARD or FLOATING_POINT".into()),
                }
            }
            "OVERVIEWS" => {
                self.overviews = match value.to_ascii_uppercase().as_str() {
                    "AUTO" => None,
                    "IGNORE_EXISTING" => Some(Overviews::Fresh),
                    "FORCE_USE_EXISTING" => Some(Overviews::Keep),
                    "NONE" => Some(Overviews::None),
                    _ => return Err("AUTO, IGNORE_EXISTING, FORCE_USE_EXISTING or NONE".into()),
                }
            }
            "OVERVIEW_COUNT" => {
                let count = value.parse().map_err(|_| format!("'{value}' is not a number"))?;
                self.overviews = Some(Overviews::Count(count));
            }
            "OVERVIEW_RESAMPLING" => {
                self.overview_resampling = Some(value.parse().map_err(|e: cog_read::UnknownResampling| e.to_string())?);
            }
            "WARP_RESAMPLING" => self.resampling = Some(value.parse()?),
            "RESAMPLING" => {
                self.resampling = Some(value.parse()?);
                self.overview_resampling = Some(value.parse().map_err(|e: cog_read::UnknownResampling| e.to_string())?);
            }
            "BIGTIFF" => {
                self.bigtiff = match value.to_ascii_uppercase().as_str() {
                    "YES" => WhenBig::Yes,
                    "NO" => WhenBig::No,
                    "IF_NEEDED" | "IF_SAFER" => WhenBig::Auto,
                    _ => return Err("YES, NO, IF_NEEDED or IF_SAFER".into()),
                }
            }
            "STATISTICS" if value.eq_ignore_ascii_case("AUTO") => {}
            "STATISTICS" => self.statistics = yes()?,
            "SPARSE_OK" => self.sparse = yes()?,
            // What lies outside gets a mask here, not an alpha band.
            "ADD_ALPHA" => self.no_alpha = !yes()?,
            "NUM_THREADS" if value.eq_ignore_ascii_case("ALL_CPUS") => self.tuning.threads = None,
            "NUM_THREADS" => {
                let threads = value.parse().ok().filter(|threads| (1..=MOST_THREADS).contains(threads));
                self.tuning.threads =
                    Some(threads.ok_or_else(|| format!("'{value}' is no number of threads from 1 to {MOST_THREADS}"))?);
            }
            "TARGET_SRS" => self.crs = Some(values::crs(value)?),
            "RES" => {
                self.resolution = Some(values::resolution(value)?);
                self.fills_bounds = true;
            }
            "EXTENT" => self.bounds = Some(values::bounds(value)?),
            "TILING_SCHEME" if value.eq_ignore_ascii_case("CUSTOM") => {}
            "TILING_SCHEME" => {
                self.web = true;
                self.tms = match value.eq_ignore_ascii_case(GOOGLE_MAPS) {
                    true => None,
                    false => Some(value.into()),
                };
            }
            "ZOOM_LEVEL" => {
                self.tiling.zoom = Some(value.parse().map_err(|_| format!("'{value}' is no number of a zoom level"))?);
            }
            "ZOOM_LEVEL_STRATEGY" => {
                self.tiling.strategy = match value.to_ascii_uppercase().as_str() {
                    "AUTO" => ZoomLevel::Auto,
                    "LOWER" => ZoomLevel::Lower,
                    "UPPER" => ZoomLevel::Upper,
                    _ => return Err("AUTO, LOWER or UPPER".into()),
                }
            }
            "ALIGNED_LEVELS" => {
                self.tiling.aligned = value.parse().map_err(|_| format!("'{value}' is no number of levels"))?;
            }
            _ => return Err(format!("is not understood; there are {NAMES}")),
        }
        Ok(())
    }
}
