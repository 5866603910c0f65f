//! From a source to a file.

use std::io::{self, Write};
use std::sync::Arc;

use cog_raster::Resampling;
use cog_tiff::Variant;

use crate::coder::Coder;
use crate::error::{Error, Result};
use crate::grid::Grid;
use crate::image::Image;
use crate::layout::{Directory, Layout, Level};
use crate::options::{Options, Overviews};
use crate::pyramid::reduce::{Reduction, Rule, Weights};
use crate::pyramid::step::Step;
use crate::run::{Blocks, Levels, Progress, ProgressHook, Run};
use crate::source::Source;
use crate::spool::Spool;
use crate::statistics;
use crate::tags::{self, Meaning, Role};
use crate::threads::Threads;

/// A COG that was encoded: its size is known, and all that is left is to write it.
#[derive(Debug)]
pub struct EncodedCog {
    layout: Layout,
    levels: Vec<Level>,
    blocks: Vec<Blocks>,
    spool: Spool,
}

/// Encodes a source: reads it once, makes overviews on the way, and keeps the compressed blocks.
///
/// The same source and options give the same bytes, whatever the threads.
///
/// # Errors
/// Options that do not go together, and what the source, a codec or the disk says.
pub async fn encode(
    source: &dyn Source,
    options: &Options,
    threads: &dyn Threads,
    progress: Option<ProgressHook>,
) -> Result<EncodedCog> {
    let mut image = source.image().clone();
    image.check()?;
    check(options)?;
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
    if options.overviews == Overviews::Keep {
        for (level, grid) in grids.iter().enumerate() {
            let levels = Levels {
                level,
                grids: vec![*grid],
                steps: Vec::new(),
                coders: coders.get(level).cloned().into_iter().collect(),
                statistics: options.statistics && level == 0,
            };
            let (made, of_level) = run.levels(&levels).await?;
            blocks.extend(made);
            sums.extend(of_level);
        }
    } else {
        let steps = steps(&image, options, &grids)?;
        let levels =
            Levels { level: 0, grids: grids.clone(), steps, coders: coders.clone(), statistics: options.statistics };
        (blocks, sums) = run.levels(&levels).await?;
    }
    spool.flush()?;

    if options.statistics {
        image.metadata.retain(|item| !item.name.starts_with("STATISTICS_") || item.band.is_none());
        image.metadata.extend(statistics::items(usize::from(image.bands), &sums));
    }
    let mut levels = Vec::new();
    for ((number, blocks), coder) in blocks.iter().enumerate().zip(&coders) {
        levels.push(level(&image, number, blocks, coder)?);
    }
    let layout = Layout::new(&levels, options.big_tiff, true)?;
    Ok(EncodedCog { layout, levels, blocks, spool })
}

impl EncodedCog {
    /// Bytes of the file.
    pub fn size(&self) -> u64 {
        self.layout.size()
    }

    /// Bytes before the first block: what a reader needs to know where everything lies.
    pub fn header_size(&self) -> u64 {
        self.layout.head_size()
    }

    /// True for BigTIFF.
    pub fn is_big_tiff(&self) -> bool {
        self.layout.variant() == Variant::Big
    }

    /// Bytes of the temporary file; 0 if all blocks are in memory.
    pub fn spooled_bytes(&self) -> u64 {
        self.spool.file_bytes()
    }

    /// Width and height of each level, full resolution first.
    pub fn sizes(&self) -> Vec<(u32, u32)> {
        self.blocks.iter().map(|blocks| (blocks.grid.width, blocks.grid.height)).collect()
    }

    /// Writes the file from its first byte to its last.
    ///
    /// # Errors
    /// What the writer says, and the system about the temporary file.
    pub fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        self.layout.write(&self.levels, out, |block, bytes| {
            let blocks = self.blocks.get(block.level);
            let list = blocks.and_then(|blocks| if block.mask { blocks.mask.as_ref() } else { Some(&blocks.image) });
            match list.and_then(|list| list.get(block.index)) {
                Some(kept) => self.spool.get(*kept, bytes),
                None => Err(io::Error::other("a block is not where it was put")),
            }
        })
    }
}

/// Refuses what means nothing.
fn check(options: &Options) -> Result<()> {
    let block = options.block;
    if !(64..=4096).contains(&block) || !block.is_multiple_of(16) {
        return Err(Error::Option(format!("blocks of {block} pixels: a multiple of 16 from 64 to 4096 is needed")));
    }
    Ok(())
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
    let method = options.resampling.unwrap_or(default).for_image(palette);
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
    let meaning = Meaning::of(image, &coded.encoding.codec);
    let sizes = |kept: &[crate::spool::Kept]| kept.iter().map(|kept| kept.len()).collect();
    let mask = match (&blocks.mask, coder.coded_mask()) {
        (Some(kept), Some(coded)) => {
            Some(Directory { fields: tags::of_mask(role, &blocks.grid, &coded), sizes: sizes(kept) })
        }
        _ => None,
    };
    let fields = tags::of_image(image, role, &blocks.grid, &coded, &meaning)?;
    Ok(Level { image: Directory { fields, sizes: sizes(&blocks.image) }, mask })
}
