//! A COG that goes into a bucket.

use std::io::{BufWriter, Seek, Write};

use anyhow::{Context as _, bail};
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
        _ if arguments.location.to_str() == Some(text) => bail!("{location}: is the input itself"),
        _ => Ok(Some(location)),
    }
}

/// Makes the COG and sends it: what was there before stays until all of it has arrived.
pub(super) async fn run(context: &mut Context, arguments: &cli::Convert, object: &Location) -> anyhow::Result<()> {
    let cog = context.open(&arguments.location, arguments.page).await?;
    let started = std::time::Instant::now();
    let (source, options) = prepare(context, &cog, arguments).await?;
    let encoded = made(context, &source, &options).await?;
    // Parts are read from a file, so that one that is lost can be sent again.
    let folder = &options.spool_folder;
    let failed = || format!("temporary file in {}", folder.display());
    let mut file = tempfile::tempfile_in(folder).with_context(failed)?;
    let mut out = BufWriter::with_capacity(1 << 18, &file);
    encoded.write_to(&mut out).and_then(|()| out.flush()).with_context(failed)?;
    drop(out);
    file.rewind().with_context(failed)?;
    context.session.io().upload(object, encoded.size(), &mut file).await.map_err(cog_read::Error::Io)?;
    context.stats.read = Some(started.elapsed());
    context.done(&cog);
    context.say(&format!("{object}: {}, {}", summary(&encoded), BinaryBytes(encoded.size())));
    Ok(())
}
