//! `cog convert`: a COG of a file.

mod describe;
mod source;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use cog_read::Session;
use cog_write::{Job, Options, ProgressHook, Threads, encode};

use crate::cli;
use crate::context::Context;
use crate::output::destination::{Format, Wanted, folder_of};
use crate::output::written::finish;
use crate::progress::Progress;
use source::FileSource;

/// What the ending of a TIFF may be.
pub(crate) const TIFF: Format = Format { name: "GeoTIFF", endings: &["tif", "tiff", "gtiff", "cog"] };

pub(crate) async fn run(context: &mut Context, arguments: &cli::Convert) -> anyhow::Result<()> {
    let wanted = Wanted { path: &arguments.output, what: "COG", format: TIFF };
    let mut outputs = context.outputs(&arguments.location, &[wanted])?;
    let cog = context.open(&arguments.location, arguments.page).await?;
    let started = Instant::now();
    let bands = arguments.bands.clone();
    let image = describe::image(&cog, &bands).await?;
    let mut options: Options = arguments.options(image.bands == 3 && image.is_rgb())?;
    options.spool_folder = spool_folder(&arguments.output);
    let source = FileSource::new(&cog, image, bands)?;
    let threads = Decoding(context.session.clone());
    let progress = Progress::of_pixels(context.quiet);
    let hook = progress.steps().map(|told| -> ProgressHook { Arc::new(move |now| told(now.blocks, now.of_blocks)) });
    let encoded = encode(&source, &options, &threads, hook).await?;
    drop(progress);
    for output in &mut outputs {
        output.write(Some(encoded.size()), |out| encoded.write_to(out))?;
    }
    context.stats.read = Some(started.elapsed());
    context.done(&cog);
    let (width, height) = encoded.sizes().first().copied().unwrap_or_default();
    let what = format!("{width} × {height} pixels, {} overviews", encoded.sizes().len().saturating_sub(1));
    let lines: Vec<String> = outputs.iter().map(|output| output.summary(&what)).collect();
    finish(outputs)?;
    lines.iter().for_each(|line| context.say(line));
    Ok(())
}

/// Where compressed blocks wait: beside the output, if that is a file.
pub(crate) fn spool_folder(output: &Path) -> std::path::PathBuf {
    let folder = folder_of(output);
    match output.as_os_str() != "-" && folder.is_dir() && !folder.starts_with("/dev") {
        true => folder.into(),
        false => std::env::temp_dir(),
    }
}

/// The threads that decode also encode.
pub(crate) struct Decoding(pub(crate) Session);

impl Threads for Decoding {
    fn count(&self) -> usize {
        self.0.threads()
    }

    fn start(&self, job: Job) {
        drop(self.0.run(job));
    }
}
