//! Requests for pixels.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use cog_tiff::Profile;
use ndarray::{Array2, ArrayView2, Axis, Zip};

use crate::assemble::{Target, assemble};
use crate::canvas::{Canvas, Tiling};
use crate::cog::{Cog, Level};
use crate::error::{Error, Result, UsageProblem};
use crate::layer::Layer;
use crate::planar_color;
use crate::raster::{Pixels, Raster};
use crate::validity::{Validity, ValiditySource, fill_bytes};
use crate::window::{Area, Window};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A request for pixels of one level; await it to get a [`Raster`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct Read<'a> {
    cog: &'a Cog,
    level: usize,
    window: Option<Window>,
    bands: Option<Vec<usize>>,
    raw_color: bool,
}

impl<'a> Read<'a> {
    pub(crate) fn new(cog: &'a Cog) -> Read<'a> {
        Read { cog, level: 0, window: None, bands: None, raw_color: false }
    }

    /// Reads this level instead of full resolution.
    pub fn level(mut self, level: usize) -> Self {
        self.level = level;
        self
    }

    /// Reads this window, in pixels of the level. What reaches over the edges of the image is cut off.
    pub fn window(mut self, window: Window) -> Self {
        self.window = Some(window);
        self
    }

    /// Reads these bands, numbered from 1, in this order.
    pub fn bands(mut self, bands: impl IntoIterator<Item = usize>) -> Self {
        self.bands = Some(bands.into_iter().collect());
        self
    }

    /// Delivers samples as they are stored where GDAL would convert colours (8-bit CMYK, CIELab, YCbCr that is not JPEG).
    pub fn raw_color(mut self) -> Self {
        self.raw_color = true;
        self
    }

    async fn run(self) -> Result<Raster> {
        let Read { cog, level, window, bands, raw_color } = self;
        let request = Request::new(cog, level, bands, raw_color)?;
        let (width, height) = (request.layer.image.width, request.layer.image.height);
        let area = match window {
            None => Area { x: 0, y: 0, width, height },
            Some(w) if w.width == 0 || w.height == 0 => return Err(cog.usage(UsageProblem::EmptyWindow)),
            Some(w) => w.clip(width, height).ok_or_else(|| {
                let saturated = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
                let window = [w.column, w.row, saturated(w.width), saturated(w.height)];
                cog.usage(UsageProblem::OutsideWindow { window, image: [width, height] })
            })?,
        };
        request.run(area).await
    }
}

impl<'a> IntoFuture for Read<'a> {
    type Output = Result<Raster>;
    type IntoFuture = BoxFuture<'a, Result<Raster>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// A request for one block; await it to get a [`Raster`] of the block's size.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct TileRead<'a> {
    cog: &'a Cog,
    x: u32,
    y: u32,
    level: usize,
    bands: Option<Vec<usize>>,
    clipped: bool,
    raw_color: bool,
}

impl<'a> TileRead<'a> {
    pub(crate) fn new(cog: &'a Cog, x: u32, y: u32, level: usize) -> TileRead<'a> {
        TileRead { cog, x, y, level, bands: None, clipped: false, raw_color: false }
    }

    /// Reads these bands, numbered from 1, in this order.
    pub fn bands(mut self, bands: impl IntoIterator<Item = usize>) -> Self {
        self.bands = Some(bands.into_iter().collect());
        self
    }

    /// Cuts off the padding of a block at the right or lower edge.
    pub fn clipped(mut self) -> Self {
        self.clipped = true;
        self
    }

    /// Delivers samples as they are stored where GDAL would convert colours.
    pub fn raw_color(mut self) -> Self {
        self.raw_color = true;
        self
    }

    async fn run(self) -> Result<Raster> {
        let TileRead { cog, x, y, level, bands, clipped, raw_color } = self;
        let request = Request::new(cog, level, bands, raw_color)?;
        let grid = request.layer.image.grid;
        let (across, down) = (grid.across(), grid.down());
        if x >= across || y >= down {
            return Err(cog.usage(UsageProblem::NoSuchTile { x, y, across, down }));
        }
        let (width, height) = if clipped { grid.inside(x, y) } else { (grid.block_width, grid.block_height) };
        let (x, y) = (x.saturating_mul(grid.block_width), y.saturating_mul(grid.block_height));
        request.run(Area { x, y, width, height }).await
    }
}

impl<'a> IntoFuture for TileRead<'a> {
    type Output = Result<Raster>;
    type IntoFuture = BoxFuture<'a, Result<Raster>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// What both kinds of request have in common: an area of a level and the bands wanted.
struct Request<'a> {
    cog: &'a Cog,
    level: Level,
    layer: Layer,
    profile: Profile,
    /// Bands wanted, from 0.
    bands: Vec<usize>,
    validity: ValiditySource,
}

impl<'a> Request<'a> {
    fn new(cog: &'a Cog, level: usize, bands: Option<Vec<usize>>, raw_color: bool) -> Result<Request<'a>> {
        let level = cog.level(level)?;
        let layer = cog.layer(level.ifd, raw_color)?;
        let profile = cog.profile()?;
        let count = layer.bands;
        let bands = match bands {
            None => (0..count).collect(),
            Some(bands) if bands.is_empty() => return Err(cog.usage(UsageProblem::NoBands)),
            Some(bands) => bands
                .into_iter()
                .map(|band| match band.checked_sub(1) {
                    Some(index) if index < count => Ok(index),
                    _ => Err(cog.usage(UsageProblem::NoSuchBand { band, count })),
                })
                .collect::<Result<Vec<_>>>()?,
        };
        let validity = cog.validity_source(&level, &layer, &profile);
        Ok(Request { cog, level, layer, profile, bands, validity })
    }

    async fn run(self, area: Area) -> Result<Raster> {
        let Request { cog, level, layer, profile, bands, validity } = self;
        let location = cog.header().location();
        let image_size = (layer.image.width, layer.image.height);
        let nodata = cog.nodata(layer.sample_type)?;
        let mut read: Vec<usize> = bands.clone();
        read.extend(validity.bands().into_iter().filter(|band| !bands.contains(band)));
        let converts_planes = layer.converts_planes();
        let wanted = read.clone();
        if converts_planes {
            read = (0..usize::from(layer.image.samples)).collect();
        }

        let pixels = u64::from(area.width) * u64::from(area.height);
        let samples = Canvas::bytes(layer.sample_type, read.len(), &area);
        let bytes = samples.map_or(u64::MAX, |n| n.saturating_add(validity.bytes(bands.len(), pixels)));
        let limit = cog.session().limits().max_output_bytes;
        if bytes > limit {
            return Err(Error::TooLarge { location, what: "output", bytes, limit });
        }

        let tiling =
            |layer: &Layer| Tiling { area, block: (layer.image.grid.block_width, layer.image.grid.block_height) };
        let fill = fill_bytes(nodata, layer.sample_type);
        let image_tiling = tiling(&layer);
        let mut targets = Vec::new();
        if let ValiditySource::Mask(ifd) = validity {
            let mask = cog.layer(ifd, true)?;
            let tiling = tiling(&mask);
            targets.push(Target::new(mask, tiling, vec![0], None, level.index, &location)?.into_mask());
        }
        targets.push(Target::new(layer.clone(), image_tiling, read.clone(), fill, level.index, &location)?);

        let (filled, cost) = assemble(cog.session(), cog.header(), targets).await?;
        let mut filled = filled.into_iter().rev();
        let Some(mut pixels) = filled.next() else {
            return Err(Error::Worker { location, message: "nothing was read".into() });
        };
        if converts_planes {
            let failed = |source| Error::Image { location: location.clone(), level: level.index, source };
            pixels = planar_color::convert(pixels, &layer).map_err(failed)?.select(&wanted);
            read = wanted;
        }
        let place = |band: usize| read.iter().position(|b| *b == band);
        let derived = match filled.next() {
            Some(Pixels::U8(mask)) => Validity::Shared(mask.index_axis_move(Axis(0), 0)),
            _ => validity.of_pixels(&pixels, bands.len(), place),
        };
        pixels.truncate(bands.len());
        let transform = cog.transform(&level)?.map(|t| t.translated(f64::from(area.x), f64::from(area.y)));
        let names: Vec<Option<String>> =
            bands.iter().map(|b| profile.metadata.description(*b as u32).map(str::to_string)).collect();
        Ok(Raster {
            pixels,
            validity: without_padding(derived, &area, image_size),
            window: Window::new(i64::from(area.x), i64::from(area.y), area.width.into(), area.height.into()),
            level: level.index,
            bands: bands.iter().map(|b| b + 1).collect(),
            transform,
            nodata,
            band_names: Arc::from(names),
            cost,
        })
    }
}

/// Padding is never valid, whatever it holds.
fn without_padding(validity: Validity, area: &Area, image: (u32, u32)) -> Validity {
    let inside = (image.0.saturating_sub(area.x).min(area.width), image.1.saturating_sub(area.y).min(area.height));
    if inside == (area.width, area.height) {
        return validity;
    }
    let shape = (area.height as usize, area.width as usize);
    let within =
        Array2::from_shape_fn(shape, |(y, x)| if x < inside.0 as usize && y < inside.1 as usize { 255u8 } else { 0 });
    let and = |mask: &mut ndarray::ArrayViewMut2<'_, u8>, within: ArrayView2<'_, u8>| {
        Zip::from(mask).and(&within).for_each(|m, w| *m &= *w);
    };
    match validity {
        Validity::AllValid => Validity::Shared(within),
        Validity::Shared(mut mask) => {
            and(&mut mask.view_mut(), within.view());
            Validity::Shared(mask)
        }
        Validity::PerBand(mut masks) => {
            for mut mask in masks.outer_iter_mut() {
                and(&mut mask, within.view());
            }
            Validity::PerBand(masks)
        }
    }
}
