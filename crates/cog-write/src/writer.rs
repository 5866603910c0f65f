//! From a source to a file.

use std::sync::Arc;

use cog_raster::Resampling;

use crate::coder::Coder;
use crate::encoded_cog::EncodedCog;
use crate::error::{Error, Result};
use crate::grid::Grid;
use crate::image::{Image, MetadataItem};
use crate::layout::{Directory, Layout, Level};
use crate::options::{Options, Overviews};
use crate::pyramid::reduce::{Reduction, Rule, Weights};
use crate::pyramid::step::Step;
use crate::run::{Blocks, Levels, Progress, ProgressHook, Run};
use crate::source::{CopiedBlocks, CopiedLevel, EncodedBlock, Source};
use crate::spool::{Kept, Spool};
use crate::statistics;
use crate::tags::{self, Role};
use crate::threads::Threads;

/// Bytes of copied blocks that are fetched at once.
const FETCHED: usize = 8 << 20;

/// Encodes a source: reads it once, makes overviews on the way, and keeps the compressed blocks.
///
/// The same source and options give the same bytes, whatever the threads.
///
/// # Errors
/// Options that do not go together, and what the source, a codec or the disk says.
pub async fn encode<'a>(
    source: &'a dyn Source,
    options: &Options,
    threads: &dyn Threads,
    progress: Option<ProgressHook>,
) -> Result<EncodedCog<'a>> {
    let mut image = source.image().clone();
    image.check()?;
    check(options)?;
    check_copied(options)?;
    check_palette(&image, options)?;
    let coder = |codec| Coder::new(&image, codec, options.predictor, options.block, options.sparse).map(Arc::new);
    let first = coder(options.codec)?;
    let others = match options.overview_codec {
        Some(codec) if codec != options.codec => coder(codec)?,
        _ => Arc::clone(&first),
    };
    let grid = |(width, height)| Grid { width, height, block: options.block };
    let sizes = sizes(&image, options, source);
    let grids: Vec<Grid> = sizes.iter().copied().map(grid).collect();
    let coders: Vec<Arc<Coder>> =
        (0..grids.len()).map(|level| Arc::clone(if level == 0 { &first } else { &others })).collect();

    let told = Progress { of_blocks: grids.iter().map(Grid::count).sum(), ..Progress::default() };
    let mut spool = Spool::new(&options.spool_folder, options.spool_bytes);
    let mut run = Run { source, image: &image, threads, spool: &mut spool, progress, told, shared: Vec::new() };
    let mut blocks = Vec::new();
    let mut sums = Vec::new();
    let copied = options.copied.len().min(grids.len());
    if options.overviews == Overviews::Keep || copied == grids.len() {
        blocks.extend(grids.iter().take(copied).map(|grid| Blocks::new(*grid, image.mask)));
        if let Some(grid) = grids.first().filter(|_| options.statistics && copied > 0) {
            // Read for its statistics alone.
            let coders = coders.iter().take(1).cloned().collect();
            let levels =
                Levels { level: 0, grids: vec![*grid], steps: Vec::new(), coders, copied: 1, statistics: true };
            sums = run.levels(&levels).await?.1;
        }
        for (level, grid) in grids.iter().enumerate().skip(copied) {
            let levels = Levels {
                level,
                grids: vec![*grid],
                steps: Vec::new(),
                coders: coders.get(level).cloned().into_iter().collect(),
                copied: 0,
                statistics: options.statistics && level == 0,
            };
            let (made, of_level) = run.levels(&levels).await?;
            blocks.extend(made);
            sums.extend(of_level);
        }
    } else {
        let steps = steps(&image, options, &grids)?;
        let statistics = options.statistics;
        let levels = Levels { level: 0, grids: grids.clone(), steps, coders: coders.clone(), copied, statistics };
        (blocks, sums) = run.levels(&levels).await?;
    }
    let at_hand = if source.is_at_hand() { copied } else { 0 };
    for (level, blocks) in blocks.iter_mut().enumerate().take(copied).skip(at_hand) {
        if let Some(from) = options.copied.get(level) {
            fetch(source, level, from, blocks, &mut spool).await?;
        }
    }
    spool.flush()?;

    if options.statistics {
        image.metadata.retain(|item| !item.name.starts_with("STATISTICS_") || item.band.is_none());
        // In the order in which a file gives them back.
        let (with_roles, mut items): (Vec<_>, Vec<_>) =
            std::mem::take(&mut image.metadata).into_iter().partition(|item| item.role.is_some());
        items.extend(statistics::items(usize::from(image.bands), &sums));
        items.extend(with_roles);
        image.metadata = items;
    }
    let mut levels = Vec::new();
    for ((number, blocks), coder) in blocks.iter().enumerate().zip(&coders) {
        levels.push(match options.copied.get(number) {
            Some(copied) => copied_level(&image, number, &blocks.grid, copied, &options.structure)?,
            None => level(&image, number, blocks, coder)?,
        });
    }
    let layout = Layout::new(&levels, options.big_tiff, true)?;
    Ok(EncodedCog { source, layout, levels, blocks, at_hand, spool })
}

/// Refuses what means nothing.
fn check(options: &Options) -> Result<()> {
    let block = options.block;
    if !(64..=4096).contains(&block) || !block.is_multiple_of(16) {
        return Err(Error::Option(format!("blocks of {block} pixels: a multiple of 16 from 64 to 4096 is needed")));
    }
    Ok(())
}

/// Refuses to change the numbers of colours.
fn check_palette(image: &Image, options: &Options) -> Result<()> {
    let levels = options.codec.is_lossy() && options.copied.is_empty();
    let overviews = options.overview_codec.is_some_and(|codec| codec.is_lossy());
    match image.palette.is_some() && (levels || overviews) {
        true => Err(Error::Option(format!(
            "{} loses some of each sample, and these are numbers of colours",
            options.codec.compression()
        ))),
        false => Ok(()),
    }
}

/// Width and height of each level, full resolution first.
fn sizes(image: &Image, options: &Options, source: &dyn Source) -> Vec<(u32, u32)> {
    let mut sizes = vec![(image.width, image.height)];
    let most = match options.overviews {
        Overviews::None => 0,
        Overviews::Keep => {
            sizes.extend(source.overviews());
            return sizes;
        }
        Overviews::Count(count) => count,
        Overviews::Fresh => u32::MAX,
    };
    // GDAL's COG driver: halves, rounded down, until one fits a block.
    let (mut width, mut height) = (image.width, image.height);
    for number in 0..most {
        let fits = width <= options.block && height <= options.block;
        if (fits && options.overviews == Overviews::Fresh) || (width == 1 && height == 1) || number >= 31 {
            break;
        }
        (width, height) = ((width / 2).max(1), (height / 2).max(1));
        sizes.push((width, height));
    }
    sizes
}

/// From each level to the next.
fn steps(image: &Image, options: &Options, grids: &[Grid]) -> Result<Vec<Arc<Step>>> {
    let palette = image.palette.is_some();
    let default = if palette { Resampling::Mode } else { Resampling::Average };
    // What is not more than black and white can be mixed (GDAL).
    let method = options.resampling.unwrap_or(default).for_image(palette && image.bits > 1);
    let weights = match image.alpha() {
        _ if image.mask => Weights::Mask,
        Some(alpha) if image.nodata.is_none() => Weights::Alpha(alpha),
        _ => Weights::Alike,
    };
    let nodata = image.nodata.map(|nodata| nodata.as_f64().trunc());
    let colors = image.palette.as_ref().map(|palette| {
        let opaque = |(number, color): (usize, &[u8; 3])| (nodata != Some(number as f64)).then_some(*color);
        Arc::new(palette.iter().enumerate().map(opaque).collect())
    });
    let rule = Arc::new(Rule {
        method,
        weights,
        nodata: vec![image.nodata; usize::from(image.bands)],
        bits: image.bits,
        colors,
    });
    let complex = image.sample.is_complex();
    let step = |(source, level): (&Grid, &Grid)| {
        let (from, to) = ((source.width, source.height), (level.width, level.height));
        let (small_from, small_to) = Step::small_sizes(from, to);
        let reduction = Reduction::new(&rule, complex, from, to)?;
        let small = Reduction::new(&rule, complex, small_from, small_to)?;
        Ok(Arc::new(Step::new(reduction, small, *source)))
    };
    grids.iter().zip(grids.iter().skip(1)).map(step).collect()
}

/// A level with its tags and the sizes of its blocks.
fn level(image: &Image, number: usize, blocks: &Blocks, coder: &Coder) -> Result<Level> {
    let role = if number == 0 { Role::Full } else { Role::Overview };
    let coded = coder.coded();
    let sizes = |kept: &[Kept]| kept.iter().map(|kept| kept.len()).collect();
    let mask = match (&blocks.mask, coder.coded_mask()) {
        (Some(kept), Some(coded)) => {
            let fields = tags::of_mask(role, &blocks.grid, tags::Blocks::Coded(&coded))?;
            Some(Directory { fields, sizes: sizes(kept) })
        }
        _ => None,
    };
    let fields = tags::of_image(image, role, &blocks.grid, tags::Blocks::Coded(&coded), &[])?;
    Ok(Level { image: Directory { fields, sizes: sizes(&blocks.image) }, mask })
}

/// A level of copied blocks with its tags.
fn copied_level(
    image: &Image,
    number: usize,
    grid: &Grid,
    copied: &CopiedLevel,
    structure: &[MetadataItem],
) -> Result<Level> {
    let role = if number == 0 { Role::Full } else { Role::Overview };
    let of_mask = |blocks: &CopiedBlocks| -> Result<Directory> {
        let fields = tags::of_mask(role, grid, tags::Blocks::Copied(&blocks.tags))?;
        Ok(Directory { fields, sizes: blocks.sizes.clone() })
    };
    let fields = tags::of_image(image, role, grid, tags::Blocks::Copied(&copied.image.tags), structure)?;
    Ok(Level {
        image: Directory { fields, sizes: copied.image.sizes.clone() },
        mask: copied.mask.as_ref().map(of_mask).transpose()?,
    })
}

/// Refuses copies that do not fit the file.
fn check_copied(options: &Options) -> Result<()> {
    for copied in &options.copied {
        let grid = Grid { width: copied.width, height: copied.height, block: options.block };
        let fits = |blocks: &CopiedBlocks| blocks.sizes.len() as u64 == grid.count();
        if !fits(&copied.image) || copied.mask.as_ref().is_some_and(|mask| !fits(mask)) {
            let (width, height, block) = (grid.width, grid.height, options.block);
            return Err(Error::Option(format!(
                "copied blocks are not those of {width} × {height} pixels in blocks of {block}"
            )));
        }
    }
    Ok(())
}

/// Keeps the blocks of a level that is copied from a source that has to be waited for.
async fn fetch(
    source: &dyn Source,
    level: usize,
    from: &CopiedLevel,
    blocks: &mut Blocks,
    spool: &mut Spool,
) -> Result<()> {
    for mask in [false, true] {
        let (sizes, kept) = match (mask, &from.mask, &mut blocks.mask) {
            (false, ..) => (&from.image.sizes, &mut blocks.image),
            (true, Some(of_mask), Some(kept)) => (&of_mask.sizes, kept),
            _ => continue,
        };
        let mut wanted: Vec<EncodedBlock> = Vec::new();
        let mut bytes = 0;
        for (index, size) in sizes.iter().enumerate() {
            if *size > 0 {
                wanted.push(EncodedBlock { mask, index });
                bytes += *size as usize;
            }
            if bytes >= FETCHED || (index + 1 == sizes.len() && !wanted.is_empty()) {
                let found = source.encoded(level, &wanted).await?;
                for (block, bytes) in wanted.drain(..).zip(found) {
                    if let Some(place) = kept.get_mut(block.index) {
                        *place = spool.put(&bytes)?;
                    }
                }
                bytes = 0;
            }
        }
    }
    Ok(())
}
