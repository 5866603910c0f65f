//! Arrays as GeoTIFFs: COGs, as `cog convert` writes them with its defaults.

mod own;

use std::path::Path;

use cog_crs::Crs;
use cog_read::tiff::ColorInterpretation;
use cog_read::{Cog, Raster, RasterRead};
use cog_write::futures_util::FutureExt;
use cog_write::futures_util::future::BoxFuture;
use cog_write::raster::Area;
use cog_write::{
    ArraySource, Content, EncodedCog, ErrorClass, Image, Options, Source, SourceError, encode, transform_tags,
};

use crate::commands::convert::{Decoding, spool_folder, tile_side};
use crate::commands::expressions::Expressions;
use crate::context::Context;
use crate::output::drawing::Drawing;
use crate::output::rows::Shape;
use crate::output::written::Output;

pub(crate) use own::Own;
use own::Part;

/// Where an array comes from.
#[derive(Clone, Copy, Default)]
pub(crate) struct Origin<'a> {
    pub(crate) crs: Option<&'a Crs>,
    /// The files whose bands it has; `None` if they are made of those.
    pub(crate) own: Option<Own<'a>>,
}

/// What a file says of an array beside its pixels.
#[derive(Clone, Copy, Default)]
pub(crate) struct Place<'a> {
    pub(crate) origin: Origin<'a>,
    /// Which band, from 0, is alpha.
    pub(crate) alpha: Option<usize>,
    /// Where the file lies, for what has to wait on the disk.
    pub(crate) output: Option<&'a Path>,
}

/// Writes an array that is in memory.
///
/// # Errors
/// Samples and sizes that no TIFF has, a CRS that GeoKeys cannot say, and what the system says.
pub(crate) async fn write(
    context: &Context,
    output: &mut Output,
    raster: Raster,
    place: Place<'_>,
) -> anyhow::Result<String> {
    let part = Part::of(&raster);
    let mut source = ArraySource::new(raster)?;
    describe(source.image_mut(), place, part).await?;
    written(context, output, &encoded(context, &source, place.output).await?)
}

/// Adds what a raster does not know of itself.
async fn describe(image: &mut Image, place: Place<'_>, part: Part) -> anyhow::Result<()> {
    if let Some(own) = place.origin.own {
        return own::adopt(image, own, part, place.origin.crs).await;
    }
    own::place(image, place.origin.crs, false)?;
    if let Some(alpha) = place.alpha {
        let bands = usize::from(image.bands);
        let color = |band: usize| match (bands, band) {
            (_, band) if band == alpha => ColorInterpretation::Alpha,
            (4, 0) => ColorInterpretation::Red,
            (4, 1) => ColorInterpretation::Green,
            (4, 2) => ColorInterpretation::Blue,
            (_, 0) => ColorInterpretation::Gray,
            _ => ColorInterpretation::Undefined,
        };
        image.colors = (0..bands).map(color).collect();
        image.mask = false;
    }
    Ok(())
}

async fn encoded<'a>(
    context: &Context,
    source: &'a dyn Source,
    output: Option<&Path>,
) -> anyhow::Result<EncodedCog<'a>> {
    let mut options = Options::default();
    options.block = tile_side(source.image(), &options, &[]);
    if let Some(output) = output {
        options.spool_folder = spool_folder(output);
    }
    Ok(encode(source, &options, &Decoding(context.session.clone()), None).await?)
}

/// Writes a COG: a file with so many threads, anything else from its first byte to its last.
pub(crate) fn put(output: &mut Output, encoded: &EncodedCog<'_>, threads: usize) -> anyhow::Result<()> {
    match output.takes_pieces_anywhere() {
        true => output.write_anywhere(encoded.size(), |put| encoded.write_pieces(threads, put)),
        false => output.write(Some(encoded.size()), |out| encoded.write_to(out)),
    }
}

/// Writes it, and says in words what it is.
fn written(context: &Context, output: &mut Output, encoded: &EncodedCog<'_>) -> anyhow::Result<String> {
    put(output, encoded, context.session.threads())?;
    let (width, height) = encoded.sizes().first().copied().unwrap_or_default();
    let overviews = match encoded.sizes().len().saturating_sub(1) {
        1 => "1 overview".into(),
        count => format!("{count} overviews"),
    };
    Ok(format!("{width} × {height} COG, {overviews}"))
}

/// A read that is not in memory: its pixels are those of a level, one to one, from a place on.
pub(crate) struct Unread<'a> {
    pub(crate) cog: &'a Cog,
    /// What is read, wherever.
    pub(crate) request: RasterRead,
    pub(crate) level: usize,
    /// Column and row of the level at which the array begins.
    pub(crate) from: (u32, u32),
    pub(crate) expressions: Option<&'a Expressions>,
    pub(crate) drawing: &'a Drawing<'a>,
}

/// Writes an array that never is in memory as a whole. `first` is any part of it, for what all have in common.
///
/// # Errors
/// As [`write()`], and what cannot be read.
pub(crate) async fn write_unread(
    context: &Context,
    output: &mut Output,
    unread: Unread<'_>,
    (shape, first): (Shape, &Raster),
    place: Place<'_>,
) -> anyhow::Result<String> {
    let Shape { dim: (bands, height, width), sample } = shape;
    let mut image = Image::new(u32::try_from(width)?, u32::try_from(height)?, u16::try_from(bands)?, sample);
    image.nodata = first.nodata;
    // Whether all pixels hold data is known at the end only: a mask that says so costs next to nothing.
    let flags = unread.cog.profile()?.mask_flags.first().copied().unwrap_or_default();
    image.mask = first.nodata.is_none() && (flags.per_dataset || flags.alpha || unread.expressions.is_some());
    image.tags.extend(first.transform.iter().flat_map(transform_tags));
    let (column, row) = unread.from;
    let part = Part::of(first).reaching(cog_read::Window::new(column, row, image.width, image.height));
    describe(&mut image, place, part).await?;
    let grid = unread.cog.level(unread.level)?.pieces;
    // Rectangles begin at the array's corner: only where that is a corner of blocks do they keep to blocks.
    let aligned =
        unread.from.0.is_multiple_of(grid.block_width.max(1)) && unread.from.1.is_multiple_of(grid.block_height.max(1));
    let blocks = if aligned { (grid.block_width, grid.block_height) } else { (512, 512) };
    let source = Window { unread, image, blocks };
    written(context, output, &encoded(context, &source, place.output).await?)
}

/// The part of a level that an array is.
struct Window<'a> {
    unread: Unread<'a>,
    image: Image,
    blocks: (u32, u32),
}

impl Source for Window<'_> {
    fn image(&self) -> &Image {
        &self.image
    }

    fn blocks(&self, _: usize) -> (u32, u32) {
        self.blocks
    }

    fn read(&self, _: usize, area: Area) -> BoxFuture<'_, Result<Content, SourceError>> {
        let Unread { request, level, from, expressions, drawing, .. } = &self.unread;
        let area = Area { x: from.0.saturating_add(area.x), y: from.1.saturating_add(area.y), ..area };
        let request = request.clone().level(*level).window(area);
        async move {
            let mut raster = request.await.map_err(|error| {
                let class = error.class();
                SourceError::new(error, class)
            })?;
            let other = |error: anyhow::Error| SourceError::new(format!("{error:#}"), ErrorClass::Usage);
            if let Some(expressions) = expressions {
                raster = expressions.apply(&raster).map_err(other)?;
            }
            if let Some(changed) = drawing.changed(&raster).map_err(other)? {
                raster = changed;
            }
            let mask = self.image.mask.then(|| raster.mask());
            Ok(Content::Pixels { pixels: raster.pixels, mask })
        }
        .boxed()
    }
}
