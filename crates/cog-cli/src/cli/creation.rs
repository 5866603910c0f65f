//! Creation options in GDAL's names: `-co NAME=VALUE`.

use clap::ValueEnum;
use cog_write::Overviews;

use super::convert::{Compress, Convert, PredictorChoice, WhenBig};
use super::values;

/// The names that are understood.
const NAMES: &str = "ADD_ALPHA, ALIGNED_LEVELS, BIGTIFF, BLOCKSIZE, COMPRESS, EXTENT, LEVEL, MAX_Z_ERROR, NUM_THREADS, OVERVIEWS, \
                     OVERVIEW_COUNT, OVERVIEW_RESAMPLING, PREDICTOR, QUALITY, RES, RESAMPLING, SPARSE_OK, STATISTICS, TARGET_SRS, \
                     TILING_SCHEME, WARP_RESAMPLING";

impl Convert {
    /// Takes over what `-co` says.
    ///
    /// # Errors
    /// Names and values that GDAL's COG driver has and this command does not, and those that neither has.
    pub(crate) fn take_creation_options(&mut self) -> Result<(), String> {
        for option in std::mem::take(&mut self.creation_options) {
            let Some((name, value)) = option.split_once('=') else {
                return Err(format!("-co {option}: NAME=VALUE is needed"));
            };
            self.take(&name.to_ascii_uppercase(), value).map_err(|problem| format!("-co {option}: {problem}"))?;
        }
        Ok(())
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        let number = || value.parse().map_err(|_| format!("'{value}' is not a number"));
        let yes = || match value.to_ascii_uppercase().as_str() {
            "YES" | "TRUE" | "ON" | "1" => Ok(true),
            "NO" | "FALSE" | "OFF" | "0" => Ok(false),
            _ => Err(format!("'{value}' is neither YES nor NO")),
        };
        match name {
            "COMPRESS" => self.compress = Some(Compress::from_str(&value.to_ascii_lowercase(), true)?),
            "LEVEL" => self.level = Some(number()?),
            "QUALITY" => self.quality = Some(number()?),
            "MAX_Z_ERROR" => {
                let error = value.parse().map_err(|_| format!("'{value}' is not a number"))?;
                self.max_error = Some(error);
            }
            "BLOCKSIZE" => self.blocksize = Some(value.parse().map_err(|_| format!("'{value}' is not a number"))?),
            "PREDICTOR" => {
                self.predictor = match value.to_ascii_uppercase().as_str() {
                    "YES" => PredictorChoice::Auto,
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
            "WARP_RESAMPLING" => self.resampling = value.parse()?,
            "RESAMPLING" => {
                self.resampling = value.parse()?;
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
            // What lies outside gets a mask here, whatever this says.
            "ADD_ALPHA" => _ = yes()?,
            "NUM_THREADS" if value.eq_ignore_ascii_case("ALL_CPUS") => self.tuning.threads = None,
            "NUM_THREADS" => {
                let threads = value.parse().ok().filter(|threads| *threads > 0);
                self.tuning.threads = Some(threads.ok_or_else(|| format!("'{value}' is no number of threads"))?);
            }
            "TARGET_SRS" => self.crs = Some(values::crs(value)?),
            "RES" => self.resolution = Some(values::resolution(value)?),
            "EXTENT" => self.bounds = Some(values::bounds(value)?),
            "TILING_SCHEME" if value.eq_ignore_ascii_case("CUSTOM") => {}
            "TILING_SCHEME" => {
                self.web = true;
                self.tms = Some(if value == "GoogleMapsCompatible" { "WebMercatorQuad".into() } else { value.into() });
            }
            "ALIGNED_LEVELS" if value == "1" => {}
            _ => return Err(format!("is not understood; there are {NAMES}")),
        }
        Ok(())
    }
}
