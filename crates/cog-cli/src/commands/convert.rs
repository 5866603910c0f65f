//! `cog convert`: a COG of a file.

mod change;
mod copies;
mod describe;
mod grid;
mod nodata;
mod source;
mod tiles;
#[cfg(feature = "remote")]
mod upload;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{anyhow, bail};
use cog_read::tiff::{ColorInterpretation, Compression, Photometric, Predictor, Profile};
use cog_read::{Cog, Session};
use cog_warp::Method;
use cog_write::{
    EncodeCodec, EncodedCog, Image, Job, JpegColors, MetadataItem, Options, Overviews, ProgressHook, Source, Threads,
    encode,
};

use crate::cli;
use crate::commands::{geotiff, warped};
use crate::context::Context;
use crate::output::destination::{Format, Wanted, folder_of};
use crate::output::written::finish;
use crate::progress::Progress;
use change::Change;
use copies::Copies;
pub(crate) use describe::{OF_THE_WHOLE, PLACE, image as described};
use source::FileSource;
use tiles::Scheme;

/// What the ending of a TIFF may be.
pub(crate) const TIFF: Format = Format { name: "GeoTIFF", endings: &["tif", "tiff", "gtiff", "cog"] };

/// Compressed blocks of a file on a local disk may take so much memory if its tiles meet the blocks: little is read ahead of it then.
const NEAR_SPOOL: usize = 96 << 20;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Convert) -> anyhow::Result<()> {
    #[cfg(feature = "remote")]
    if let Some(object) = upload::object(arguments)? {
        return upload::run(context, arguments, &object).await;
    }
    let wanted = Wanted { path: &arguments.output, what: "COG", format: TIFF };
    let mut outputs = context.outputs(&arguments.location, &[wanted])?;
    let cog = context.open(&arguments.location, arguments.page).await?;
    let started = Instant::now();
    let (source, options) = prepare(context, &cog, arguments).await?;
    let encoded = made(context, &source, &options).await?;
    for output in &mut outputs {
        geotiff::put(output, &encoded, context.session.threads())?;
    }
    context.stats.read = Some(started.elapsed());
    context.done(&cog);
    let what = summary(&encoded);
    let lines: Vec<String> = outputs.iter().map(|output| output.summary(&what)).collect();
    finish(outputs)?;
    lines.iter().for_each(|line| context.say(line));
    Ok(())
}

/// Reads and encodes, and shows how far it is.
async fn made<'a>(context: &Context, source: &'a FileSource, options: &Options) -> anyhow::Result<EncodedCog<'a>> {
    let threads = Decoding(context.session.clone());
    let progress = Progress::of_pixels(context.quiet);
    let hook = progress.steps().map(|told| -> ProgressHook { Arc::new(move |now| told(now.blocks, now.of_blocks)) });
    Ok(encode(source, options, &threads, hook).await?)
}

/// What was written, in words.
fn summary(encoded: &EncodedCog<'_>) -> String {
    let (width, height) = encoded.sizes().first().copied().unwrap_or_default();
    match encoded.sizes().len().saturating_sub(1) {
        1 => format!("{width} × {height} pixels, 1 overview"),
        overviews => format!("{width} × {height} pixels, {overviews} overviews"),
    }
}

/// The source that the arguments describe, and how it is written.
async fn prepare(context: &mut Context, cog: &Cog, arguments: &cli::Convert) -> anyhow::Result<(FileSource, Options)> {
    let profile = cog.profile()?;
    let mut bands = arguments.bands.clone();
    if bands.contains(&0) {
        bail!("--bands: bands are counted from 1");
    }
    let mut image = describe::image(cog, &bands).await?;
    // JPEG knows no alpha: it becomes a mask (GDAL).
    if arguments.compress == Some(cli::Compress::Jpeg)
        && let Some(alpha) =
            image.alpha().filter(|alpha| alpha + 1 == usize::from(image.bands) && image.nodata.is_none())
    {
        bands = (1..=usize::from(profile.count)).collect();
        if !arguments.bands.is_empty() {
            bands.clone_from(&arguments.bands);
        }
        bands.remove(alpha);
        image = describe::image(cog, &bands).await?;
        image.mask = true;
    }
    if arguments.nodata.is_none() && !arguments.add_mask {
        nodata::warn_of_several(context, cog, &profile, &bands);
    }
    let ranges = arguments.rescale.len();
    if ranges > 1 && ranges != usize::from(image.bands) {
        bail!("--rescale: {ranges} ranges for {} bands; give one, or one for each", image.bands);
    }
    let own_nodata = image.nodata;
    let target = grid::target(context, cog, arguments).await?;
    let block = arguments.blocksize.or(target.scheme.as_ref().map(Scheme::block));
    let grid = target.grid.as_ref();
    let mut change = Change { ranges: arguments.rescale.clone(), sample: arguments.dtype, ..Change::default() };
    let nodata = nodata::settle(&mut image, arguments, &mut change, grid.is_some())?;
    if !change.is_none() {
        describe::changed(context, cog, &mut image, &change)?;
    }
    change.nodata = image.nodata;
    change.alpha = image.alpha();
    let method = arguments.method(&image).map_err(|problem| anyhow!(problem))?;
    if let Some(grid) = grid {
        warped::warn_of_ballpark(context, cog, grid.crs())?;
        warn_of_colors(context, cog, &image, method);
        describe::in_grid(cog, &mut image, (grid, target.is_part), arguments)?;
    }
    // Where nothing says any more what has no data, all of it has.
    change.all_valid = arguments.nodata.as_deref() == Some("none") && !image.mask && image.alpha().is_none();
    let mut options: Options = arguments.options(image.is_three_bytes(), image.palette.is_some())?;
    options.spool_folder = spool_folder(&arguments.output);
    let nameless =
        |color: &ColorInterpretation| matches!(color, ColorInterpretation::Gray | ColorInterpretation::Undefined);
    if matches!(options.codec, EncodeCodec::Jpeg { colors: JpegColors::YCbCr, .. }) && image.colors.iter().all(nameless)
    {
        // Bands without names are shown as red, green and blue.
        image.colors.clear();
    }
    let copyable = grid.is_none() && change.is_none() && !arguments.add_mask && bands == arguments.bands;
    // What a file left out is its own nodata.
    let same_nodata = image.nodata == own_nodata || nodata::both_nan(image.nodata, own_nodata);
    let copies = match copyable {
        true => copies(cog, arguments, (block, same_nodata), &image, &mut options).await?,
        false => Copies::default(),
    };
    let levels = cog.levels()?;
    let overviews = if grid.is_none() { levels.iter().skip(1).map(size).collect() } else { Vec::new() };
    if let Some(block) = block {
        options.block = block;
    } else if arguments.defaults.is_none() && options.copied.is_empty() {
        options.block = tile_side(&image, &options, &overviews);
    }
    describe::tiling(cog, &mut image, &target, options.block)?;
    let blocks = |level: &cog_read::Level| (level.pieces.block_width, level.pieces.block_height);
    let source = FileSource {
        cog: cog.clone(),
        image,
        bands,
        overviews,
        blocks: levels.iter().map(blocks).collect(),
        grid: target.grid.map(|grid| (grid, method)),
        nodata,
        unwritten: same_nodata && change.is_none() && !arguments.add_mask,
        change,
        places: copies.places,
    };
    let kept = if options.overviews == Overviews::Keep { levels.len() } else { 1 };
    if source.grid.is_none() {
        source.check_memory(levels.get(..kept).unwrap_or_default())?;
    }
    let (width, height) = source.blocks(0);
    let meets = |side: u32| options.block.is_multiple_of(side.max(1)) || side.is_multiple_of(options.block);
    if source.is_near() && width < source.image().width && meets(width) && meets(height) {
        options.spool_bytes = NEAR_SPOOL;
    }
    Ok((source, options))
}

fn size(level: &cog_read::Level) -> (u32, u32) {
    (level.image.width, level.image.height)
}

/// The side of tiles with which rio-cogeo calls the COG valid; `overviews` are those of the source.
pub(crate) fn tile_side(image: &Image, options: &Options, overviews: &[(u32, u32)]) -> u32 {
    cog_validate::tile_side((image.width, image.height), known(options.overviews, overviews))
}

/// The overviews that a COG will have, where they are not halves of each other.
fn known(wanted: Overviews, own: &[(u32, u32)]) -> Option<&[(u32, u32)]> {
    match wanted {
        Overviews::None => Some(&[]),
        Overviews::Keep => Some(own),
        _ => None,
    }
}

/// Says so where numbers of colours are mixed, of which nothing sensible comes.
fn warn_of_colors(context: &Context, cog: &Cog, image: &Image, method: Method) {
    if image.palette.is_some() && !matches!(method, Method::Nearest | Method::Mode) {
        let location = cog.location();
        context.say(&format!(
            "cog: warning: {location}: its samples are numbers of colours, which {method} mixes to other colours: nearest or mode keeps them"
        ));
    }
}

/// Finds the blocks that are copied, of the size that is named if one is, and makes the options fit them. What a file left out can be copied
/// only with `same_nodata`.
async fn copies(
    cog: &Cog,
    arguments: &cli::Convert,
    (block, same_nodata): (Option<u32>, bool),
    image: &Image,
    options: &mut Options,
) -> anyhow::Result<Copies> {
    let wanted = copies::Wanted {
        block,
        compressions: arguments.compress.map(cli::Compress::numbers),
        predictor: match (arguments.predictor, image.sample.is_integer()) {
            (cli::PredictorChoice::Always, true) => Some(Predictor::Horizontal),
            (cli::PredictorChoice::Always, false) => Some(Predictor::FloatingPoint),
            _ => options.predictor,
        },
        mask: image.mask,
        sparse: same_nodata,
    };
    let unchanged = arguments.copy_blocks == cli::CopyBlocks::Auto
        && arguments.bands.is_empty()
        && arguments.defaults.is_none()
        && !arguments.sparse
        && arguments.level.is_none()
        && arguments.quality.is_none()
        && arguments.max_error.is_none();
    if !unchanged {
        return Ok(Copies::default());
    }
    let overviews =
        matches!(arguments.overviews, None | Some(Overviews::Keep)) && arguments.overview_resampling.is_none();
    let mut copies = Copies::of(cog, &wanted, overviews).await?;
    let is_named = block.is_some();
    let Some(block) = copies.block() else { return Ok(copies) };
    let levels = cog.levels()?;
    let fits = |width: u32, height: u32, side: u32| width <= side && height <= side;
    // An image of one large block needs overviews too.
    let small = block.min(512);
    let complete = levels.last().is_some_and(|level| fits(level.image.width, level.image.height, small));
    let all = copies.levels.len() == levels.len();
    let usual = if all && complete { Overviews::Keep } else { Overviews::Fresh };
    if !is_named && is_better_in_other_tiles(&levels, block, arguments.overviews.unwrap_or(usual)) {
        if let Some(full) = levels.first().filter(|_| arguments.compress.is_none()) {
            options.codec = arguments.codec_like(&full.image, false, options.codec)?;
        }
        return Ok(Copies::default());
    }
    if arguments.overviews.is_none() {
        if all && complete {
            options.overviews = Overviews::Keep;
        } else {
            // Overviews that are made anew replace those of the file.
            copies.levels.truncate(1);
            copies.places.truncate(1);
            if block > small {
                let halves = |n: &u32| !fits(image.width >> n, image.height >> n, small);
                options.overviews = Overviews::Count((0..31).take_while(halves).count() as u32);
            }
        }
    }
    options.block = block;
    options.copied = copies.levels.clone();
    options.structure = structure(&cog.profile()?);
    if let Some(full) = levels.first().filter(|_| arguments.compress.is_none()) {
        let ycbcr = full.image.photometric == Photometric::YCbCr;
        options.codec = arguments.codec_like(&full.image, ycbcr, options.codec)?;
    }
    Ok(copies)
}

/// Whether blocks are not copied because rio-cogeo would call the COG not valid: it would take tiles as wide as a level for strips, and with
/// others of another size nothing is lost.
fn is_better_in_other_tiles(levels: &[cog_read::Level], block: u32, overviews: Overviews) -> bool {
    use Compression as C;
    let Some(full) = levels.first() else { return false };
    let loses_nothing = matches!(
        full.image.compression,
        C::None | C::Deflate | C::AdobeDeflate | C::Lzw | C::Zstd | C::PackBits | C::Lzma
    );
    let own: Vec<(u32, u32)> = levels.iter().skip(1).map(size).collect();
    loses_nothing && !cog_validate::is_plain_tile_side(size(full), known(overviews, &own), block)
}

/// Items of GDAL's that say how copied blocks were encoded.
fn structure(profile: &Profile) -> Vec<MetadataItem> {
    let items = profile.metadata.items().iter();
    let of_structure = items.filter(|item| item.domain.as_deref() == Some("IMAGE_STRUCTURE") && item.band.is_none());
    let kept = of_structure.filter(|item| ["WEBP_LEVEL", "MAX_Z_ERROR"].contains(&item.name.as_str()));
    kept.map(|item| MetadataItem {
        name: item.name.clone(),
        value: item.value.clone(),
        domain: item.domain.clone(),
        ..MetadataItem::default()
    })
    .collect()
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
