//! Statistics of what expressions make of a file, a part at a time.

use anyhow::{bail, ensure};
use cog_expression::raster::Validity;
use cog_expression::raster::statistics::Accumulator;
use cog_read::ndarray::Axis;
use cog_read::{Cog, StatisticsOptions, Window};

use super::Measured;
use crate::cli::{self, select};
use crate::commands::expressions::Expressions;
use crate::progress::Progress;

/// Pixels that are read together, or one block where that has more.
const PIXELS: u64 = 4 << 20;

/// Bytes that the counts of all results share.
const COUNTER_BYTES: usize = 128 << 20;

pub(super) async fn measure(
    cog: &Cog,
    arguments: &cli::Stats,
    expressions: &Expressions,
    quiet: bool,
) -> anyhow::Result<Measured> {
    if let Some(wrong) = arguments.percentiles.iter().find(|percent| !(0.0..=100.0).contains(*percent)) {
        bail!("{}: {wrong} is no percentile: they go from 0 to 100", cog.location());
    }
    let mut options = StatisticsOptions::default();
    options.percentiles.clone_from(&arguments.percentiles);
    options.bins = arguments.bins();
    let texts = expressions.texts();
    let share = COUNTER_BYTES.max(Accumulator::<f32>::wanted_bytes(&options)) / texts.len().max(1);
    let mut all: Vec<Accumulator<f32>> = texts.iter().map(|_| Accumulator::new(&options, share)).collect();

    let level = cog.level(arguments.level)?;
    let grid = level.pieces;
    let (columns, rows) = (grid.image_width, grid.image_height);
    let progress = Progress::of_pixels(quiet);
    let mut done = 0;
    for (x, y, width, height) in parts((columns, rows), (grid.block_width, grid.block_height)) {
        let window = Window::new(x, y, width, height);
        let mut request = select!(cog.read().level(arguments.level).window(window), arguments.selection);
        request = request.bands(expressions.bands());
        if arguments.unscale {
            request = request.unscale();
        }
        let results = expressions.apply(&request.await?)?;
        for (band, (all, samples)) in all.iter_mut().zip(results.pixels.view::<f32>()?.axis_iter(Axis(0))).enumerate() {
            let mask = match &results.validity {
                Validity::AllValid => None,
                validity => validity.of_band(band),
            };
            all.push(samples, mask);
        }
        done += u64::from(width) * u64::from(height);
        progress.pixels_done(done, u64::from(columns) * u64::from(rows));
    }
    ensure!(!all.iter().any(Accumulator::is_short), "{}: no memory for counting", cog.location());
    let numbers = (1..=texts.len()).collect();
    let names = texts.iter().cloned().map(Some).collect();
    let bands = all.iter().map(Accumulator::finish).collect();
    Ok(Measured { bands, numbers, names, level: arguments.level, size: (columns, rows) })
}

/// Parts of whole blocks, of which each is read once: column, row, width, height.
fn parts((columns, rows): (u32, u32), block: (u32, u32)) -> impl Iterator<Item = (u32, u32, u32, u32)> {
    let (block_width, block_height) = (block.0.clamp(1, columns.max(1)), block.1.clamp(1, rows.max(1)));
    let across = |blocks: u64| u32::try_from(blocks.max(1)).unwrap_or(u32::MAX);
    // As many columns of blocks as fit; if all do, as many rows of blocks.
    let area = u64::from(block_width) * u64::from(block_height);
    let width = block_width.saturating_mul(across(PIXELS / area)).min(columns.max(1));
    let height = match width == columns {
        true => block_height.saturating_mul(across(PIXELS / (u64::from(columns) * u64::from(block_height)))),
        false => block_height,
    };
    let height = height.min(rows.max(1));
    (0..rows).step_by(height as usize).flat_map(move |y| {
        let across = (0..columns).step_by(width as usize);
        across.map(move |x| (x, y, width.min(columns - x), height.min(rows - y)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_whole_blocks_and_cover_an_image_once() {
        for (size, block) in [
            ((5000, 4000), (512, 512)),
            ((1 << 20, 300), (256, 256)),
            ((3, 2), (256, 256)),
            ((100, 9000), (100, 9000)),
            ((9, 9), (4, 1)),
        ] {
            let all: Vec<_> = parts(size, block).collect();
            let pixels: u64 = all.iter().map(|(_, _, width, height)| u64::from(*width) * u64::from(*height)).sum();
            assert_eq!(pixels, u64::from(size.0) * u64::from(size.1), "{size:?} {block:?}");
            for (x, y, width, height) in &all {
                assert_eq!((x % block.0, y % block.1), (0, 0));
                assert!(u64::from(*width) * u64::from(*height) <= PIXELS.max(u64::from(block.0) * u64::from(block.1)));
            }
        }
        assert_eq!(parts((0, 0), (1, 1)).count(), 0);
    }
}
