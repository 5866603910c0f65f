//! What has no data in a COG, and how it is said.

use anyhow::{anyhow, bail};
use cog_read::Cog;
use cog_read::tiff::{Nodata, Profile};
use cog_write::Image;

use super::change::Change;
use crate::cli;
use crate::context::Context;

/// Says so where bands have different nodata, of which a TIFF holds one.
pub(super) fn warn_of_several(context: &Context, cog: &Cog, profile: &Profile, bands: &[usize]) {
    let all: Vec<usize> = (1..=usize::from(profile.count)).collect();
    let wanted = if bands.is_empty() { &all } else { bands };
    let mut values = wanted.iter().map(|band| profile.band_nodata.get(band - 1).copied().flatten());
    if let Some(first) = values.next()
        && values.any(|other| other != first && !both_nan(first, other))
    {
        let location = cog.location();
        context.say(&format!(
            "cog: warning: {location}: its bands have different nodata, and a TIFF holds one: that of the first"
        ));
    }
}

/// True for two that are NaN, which no comparison finds equal.
pub(super) fn both_nan(one: Option<Nodata>, other: Option<Nodata>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one.as_f64().is_nan() && other.as_f64().is_nan())
}

/// Sets what the arguments say of nodata and masks. Gives the nodata that pixels are read with, if it is not the file's.
///
/// A value replaces the name of what has no data, as `gdal_translate -a_nodata`. Where the file has a mask, or samples are changed or
/// made anew, what had no data becomes that value instead.
pub(super) fn settle(
    image: &mut Image,
    arguments: &cli::Convert,
    change: &mut Change,
    made_anew: bool,
) -> anyhow::Result<Option<f64>> {
    let mut read = None;
    match arguments.nodata.as_deref() {
        None => {}
        Some("none") => image.nodata = None,
        Some(text) => {
            let value: f64 = text.parse().map_err(|_| anyhow!("--nodata: '{text}' is neither a number nor none"))?;
            let sample = change.of_type(image.sample);
            let whole = !sample.is_integer() || value.fract() == 0.0;
            let Some(nodata) = Nodata::of(value, sample).filter(|_| whole) else {
                bail!("--nodata: {sample} cannot hold {text}");
            };
            let narrow =
                sample == image.sample && change.ranges.is_empty() && usize::from(image.bits) < 8 * sample.size();
            if narrow && value >= 2f64.powi(i32::from(image.bits)) {
                bail!("--nodata: {sample} of {} bits cannot hold {text}", image.bits);
            }
            let alpha = image.alpha().is_some();
            let known = image.mask || alpha || (image.nodata.is_some() && (made_anew || !change.is_none()));
            if known {
                change.fill = (image.mask || alpha) && !made_anew;
            } else if (made_anew || arguments.add_mask || !change.is_none())
                && Nodata::of(value, image.sample).is_some()
            {
                read = Some(value);
            }
            image.nodata = Some(nodata);
            // What a lossy codec makes of nodata is not nodata.
            image.mask &= matches!(arguments.compress, Some(cli::Compress::Jpeg | cli::Compress::Webp));
        }
    }
    if arguments.add_mask {
        image.nodata = None;
        image.mask = true;
    }
    Ok(read)
}
