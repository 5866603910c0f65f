//! A COG that goes into a bucket.

use std::path::Path;

use anyhow::bail;
use cog_read::io::{Location, LocationKind};
use indicatif::BinaryBytes;

use super::{made, prepare, summary};
use crate::cli;
use crate::context::Context;

/// The object that the output is; `None` if it is a file.
///
/// # Errors
/// Locations that cannot be written, and the input itself.
pub(super) fn object(arguments: &cli::Convert) -> anyhow::Result<Option<Location>> {
    let Some(text) = arguments.output.to_str().filter(|text| text.contains("://") || text.starts_with("/vsi")) else {
        return Ok(None);
    };
    let location: Location = text.parse()?;
    match location.kind() {
        LocationKind::Local(_) => Ok(None),
        LocationKind::Http(_) => {
            bail!("{location}: over HTTP nothing can be written; name an object of s3://, gs:// or az://")
        }
        _ if is_same(&location, Path::new(&arguments.location)) => bail!("{location}: is the input itself"),
        kind if !has_ending(kind) => bail!("{location}: a COG can be written only as .tif or .tiff"),
        _ => Ok(Some(location)),
    }
}

/// Whether a location, however it is spelled, is the same object.
fn is_same(object: &Location, other: &Path) -> bool {
    let other = other.to_str().and_then(|text| text.parse::<Location>().ok());
    other.is_some_and(|other| other.kind() == object.kind())
}

/// Whether the key has an ending of TIFF, or none.
fn has_ending(kind: &LocationKind) -> bool {
    let (LocationKind::S3 { key, .. } | LocationKind::Gs { key, .. } | LocationKind::Azure { key, .. }) = kind else {
        return true;
    };
    let ending = Path::new(key).extension();
    ending.is_none_or(|ending| super::TIFF.endings.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// Makes the COG and sends it: what was there before stays until all of it has arrived.
pub(super) async fn run(context: &mut Context, arguments: &cli::Convert, object: &Location) -> anyhow::Result<()> {
    let cog = context.open(&arguments.location, arguments.page).await?;
    let started = std::time::Instant::now();
    let (source, options) = prepare(context, &cog, arguments).await?;
    // What may not be written is known before hours of work.
    context.session.io().check_upload(object).await.map_err(cog_read::Error::Io)?;
    let encoded = made(context, &source, &options).await?;
    let mut bytes = encoded.reader();
    context.session.io().upload(object, encoded.size(), &mut *bytes).await.map_err(cog_read::Error::Io)?;
    context.stats.read = Some(started.elapsed());
    context.done(&cog);
    context.say(&format!("{object}: {}, {}", summary(&encoded), BinaryBytes(encoded.size())));
    Ok(())
}
