//! Reads whose pixels are made from several: blocks stream through resamplers, row of blocks after row of blocks.

mod block_rows;
mod chunk;
mod stripes;

use std::sync::Arc;

use cog_raster::resample::Plan;
use cog_raster::{Area, Pixels, ResampleError, Resampling, Validity, Window};

use crate::error::{Error, Result};
use crate::pipeline::cost::ReadCost;
use crate::pipeline::locate;
use crate::pipeline::progress::Counter;
use crate::render::band_source::BandSource;
use crate::render::resampled_output::ResampledOutput;
use crate::render::unwritten::{self, Look};
use block_rows::{ROW_BYTES, block_height, bytes, lists, most_bytes};
use chunk::{Chunk, push_unwritten};
use stripes::Stripes;

/// Reads a window of a level into `out` (columns, rows). Beside the output it holds one row of decoded blocks (or
/// 4 MiB of smaller ones, or 96 MiB of a wider one), and of a remote file their compressed bytes.
pub(crate) async fn read(
    source: &BandSource,
    window: &Window,
    out: (usize, usize),
    method: Resampling,
    counter: Arc<Counter>,
) -> Result<(Pixels, Validity, ReadCost)> {
    let method = match method {
        // Without a table of colours there is nothing to mix.
        Resampling::Average | Resampling::Rms if source.is_palette() && source.colors().is_none() => {
            Resampling::Nearest
        }
        method => method.for_image(source.is_palette()),
    };
    let limit = source.cog.session().limits().max_output_bytes;
    let refused = |e: ResampleError| Error::Resampling { location: source.location(), source: e };
    let new = match source.layer.sample_type.is_complex() {
        true => Plan::for_complex,
        false if source.chosen => Plan::on_overview,
        false => Plan::new,
    };
    let plan = new(method, window, out, source.image_size(), limit).map_err(refused)?;
    for (layer, _) in source.layers() {
        locate::check(source.cog.session(), layer, source.level.index)?;
    }
    let mut output = ResampledOutput::new(source, &plan)?;
    let mut cost = ReadCost::default();
    let strips = strips(source, &plan);
    let listed =
        |plan: &Plan| lists(source, &plan.source_area()).map(|(list, _)| list.left()).fold(0, u64::saturating_add);
    counter.list(strips.iter().map(listed).fold(0, u64::saturating_add));
    for plan in strips {
        output.begin(source, &plan)?;
        read_strip(source, &plan, &mut output, &mut cost, &counter).await?;
    }
    let (pixels, validity) = output.finish();
    Ok((pixels, validity, cost))
}

/// Reads what some columns of the output are made from, from the top.
async fn read_strip(
    source: &BandSource,
    plan: &Plan,
    output: &mut ResampledOutput,
    cost: &mut ReadCost,
    counter: &Arc<Counter>,
) -> Result<()> {
    let area = plan.source_area();
    let layers = source.layers();
    for list in lists(source, &area) {
        list.0.check_entries(list.1)?;
    }
    // What is not known of a remote table comes with the next blocks.
    let look = if source.cog.source().is_remote() { Look::Peek } else { Look::Fetch };
    let mut stripes = Stripes::new(source, plan).peekable();
    while let Some(start) = stripes.peek().map(|stripe| stripe.start) {
        let until = unwritten::rows_until(&layers, &area, start, look).await?;
        if until == start {
            let chunk = Chunk::locate(source, &area, &mut stripes).await?;
            counter.expect(chunk.stored().count() as u64, locate::total_length(chunk.stored()));
            chunk.read(source, output, cost, counter).await?;
            continue;
        }
        while let Some(stripe) = stripes.peek_mut().filter(|stripe| stripe.start < until) {
            let end = stripe.end.min(until);
            let skipped = Area { y: stripe.start, height: end - stripe.start, ..area };
            let blocks = lists(source, &skipped).map(|(list, _)| list.left().saturating_add(list.unwritten()));
            cost.sparse = blocks.fold(cost.sparse, u64::saturating_add);
            stripe.start = end;
            if stripe.start == stripe.end {
                stripes.next();
            }
        }
        push_unwritten(source, &area, start..until, output).await?;
    }
    Ok(())
}

/// The plan, cut into strips of output columns if rows of blocks, or what resamplers hold, are too wide to be held whole. Blocks
/// between two strips are decoded for both.
fn strips(source: &BandSource, plan: &Plan) -> Vec<Plan> {
    let area = plan.source_area();
    let columns = plan.out_size().0;
    let row = Area { height: block_height(source).min(area.height), ..area };
    let held = plan.held_bytes(source.layer.sample_type.size(), source.bands.len());
    let count = bytes(source, &row).div_ceil(most_bytes(source)).max(held.div_ceil(ROW_BYTES));
    let count = count.clamp(1, columns.max(1) as u64) as usize;
    (0..count).map(|i| plan.strip(i * columns / count..(i + 1) * columns / count)).collect()
}
