//! Requests for pixels.

mod parts;

use std::future::IntoFuture;
use std::sync::Arc;

use cog_raster::resample::ReducedRead;
use cog_raster::{Bounds, Nodata, OverviewStrategy, Pixels, Raster, Resampling, Validity, Window};
use futures_util::future::BoxFuture;

use crate::cog::Cog;
use crate::error::{Error, Result};
use crate::pipeline::cost::ReadCost;
use crate::pipeline::progress::Counter;
use crate::render::areas::read_areas;
use crate::render::band_source::BandSource;
use crate::render::output_grid::{OutputGrid, Region, Size};
use crate::render::padding;
use crate::render::resampled;
use crate::render::selection::{Selection, selection_setters};

pub use self::parts::ReadParts;

impl Cog {
    /// Reads pixels: the whole of full resolution unless the request says otherwise.
    ///
    /// ```no_run
    /// # async fn example(cog: cog_read::Cog) -> cog_read::Result<()> {
    /// let raster = cog.read().level(1).bands([1, 3]).await?;
    /// println!("{:?}", raster.dim()); // bands, rows, columns
    /// # Ok(()) }
    /// ```
    pub fn read(&self) -> RasterRead {
        RasterRead::new(self)
    }
}

/// A request for pixels; await it to get a [`Raster`].
///
/// Any mix of its options makes sense: which part (nothing, a window or bounds), how large (nothing, a shape, a resolution, a
/// maximum), from which level (nothing: GDAL's choice), by which method.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct RasterRead {
    cog: Cog,
    region: Region,
    size: Size,
    level: Option<usize>,
    overviews: OverviewStrategy,
    resampling: Resampling,
    selection: Selection,
    boundless: bool,
    fill: Option<f64>,
    unscale: bool,
}

impl RasterRead {
    pub(crate) fn new(cog: &Cog) -> RasterRead {
        let defaults = cog.session().read_defaults();
        RasterRead {
            cog: cog.clone(),
            region: Region::All,
            size: Size::Native,
            level: None,
            overviews: defaults.overviews,
            resampling: Resampling::Nearest,
            selection: Selection::default(),
            boundless: defaults.boundless,
            fill: defaults.fill,
            unscale: false,
        }
    }

    /// Reads from this level: 0 is full resolution, 1 … are the overviews. A [`window`](Self::window) is then in its pixels. Without
    /// this, the level is chosen for the size of the output, as [`overviews`](Self::overviews) says.
    pub fn level(mut self, level: usize) -> Self {
        self.level = Some(level);
        self
    }

    /// Reads this window, in pixels of full resolution (or of the [`level`](Self::level)). What reaches over the edges of the image is
    /// cut off, unless the read is [`boundless`](Self::boundless).
    pub fn window(mut self, window: impl Into<Window>) -> Self {
        self.region = Region::Window(window.into());
        self
    }

    /// Reads the pixels within these bounds, in the file's own CRS. Edges within a millionth of a pixel count as whole pixels.
    pub fn bounds(mut self, bounds: impl Into<Bounds>) -> Self {
        self.region = Region::Bounds(bounds.into());
        self
    }

    /// The output has this many rows and columns, whatever that does to the shape of its pixels.
    pub fn shape(mut self, rows: usize, columns: usize) -> Self {
        self.size = Size::Shape(rows, columns);
        self
    }

    /// The output has this many columns, and as many rows as keep the shape of the pixels.
    pub fn width(mut self, columns: usize) -> Self {
        self.size = Size::Width(columns);
        self
    }

    /// The output has this many rows, and as many columns as keep the shape of the pixels.
    pub fn height(mut self, rows: usize) -> Self {
        self.size = Size::Height(rows);
        self
    }

    /// Neither side of the output is longer than this; the shape of the pixels is kept, and nothing is enlarged.
    pub fn max_size(mut self, pixels: usize) -> Self {
        self.size = Size::Longest(pixels);
        self
    }

    /// Output pixels have this width and height, in units of the CRS.
    pub fn resolution(mut self, x: f64, y: f64) -> Self {
        self.size = Size::Resolution(x, y);
        self
    }

    /// How pixels are made where the output is not one to one; nearest neighbour unless set.
    pub fn resampling(mut self, resampling: Resampling) -> Self {
        self.resampling = resampling;
        self
    }

    /// How the level is chosen for a reduced output; as GDAL does unless set.
    pub fn overviews(mut self, choice: OverviewStrategy) -> Self {
        self.overviews = choice;
        self
    }

    /// Keeps the part of a window that lies outside the image: filled with `fill`, else with nodata, else with 0, and not
    /// valid. A window that lies outside altogether stays an error.
    ///
    /// Of an image that is rotated or sheared rasterio gives other pixels: it warps the window to a grid that is north-up. Here
    /// they are those of the image's own grid, as without `boundless`.
    pub fn boundless(mut self, fill: Option<f64>) -> Self {
        self.boundless = true;
        self.fill = fill;
        self
    }

    /// Cuts windows to the image: the default, unless the session's options say otherwise.
    pub fn within_image(mut self) -> Self {
        self.boundless = false;
        self
    }

    /// Applies each band's scale and offset: pixels come as `f64`, those without data as NaN.
    pub fn unscale(mut self) -> Self {
        self.unscale = true;
        self
    }

    selection_setters!(selection);

    /// The pixels, and what it cost to read them.
    ///
    /// # Errors
    /// As awaiting the request.
    pub async fn with_cost(self) -> Result<(Raster, ReadCost)> {
        let base = BandSource::new(&self.cog, self.level.unwrap_or(0), &self.selection)?;
        let transform = self.cog.level_transform(&base.level)?;
        let asked = OutputGrid::of(self.region, self.size, self.boundless, base.image_size(), transform.as_ref())
            .map_err(|problem| self.cog.usage(problem))?;
        let output = (asked.width as u64).saturating_mul(asked.height as u64);
        base.check_output(base.output_bytes(output, self.unscale))?;

        let counter = self.selection.counter();
        let (source, grid) = self.at_level(base, asked)?;
        let (mut pixels, mut validity, cost) = self.render(&source, &grid, Arc::clone(&counter)).await?;
        if let Some(mask) = source.missing_mask()? {
            let (across, down) = source.level.decimation;
            let (mask, ..) = self.render(&mask, &grid.shrunk((1.0 / across, 1.0 / down)), counter).await?;
            validity = validity.and(Validity::of_mask(mask));
        }
        if (grid.inside.width, grid.inside.height) != (grid.width, grid.height) {
            (pixels, validity) = padding::pad(&source, &grid, pixels, validity, self.fill)?;
        }
        if self.unscale {
            pixels = pixels.unscaled(&validity, &source.scales());
        }
        let transform = transform.map(|t| asked.transform(&t));
        let mut raster = source.raster(grid.window, transform, pixels, validity);
        if self.unscale {
            raster.nodata = Some(Nodata::Float(f64::NAN));
        }
        Ok((raster, cost))
    }

    /// Reads what lies on the image, at the size of the output.
    async fn render(
        &self,
        source: &BandSource,
        grid: &OutputGrid,
        counter: Arc<Counter>,
    ) -> Result<(Pixels, Validity, ReadCost)> {
        let Some(area) = grid.copy() else {
            let (columns, rows) = (grid.inside.width, grid.inside.height);
            return resampled::read(source, &grid.inside.window, (columns, rows), self.resampling, counter).await;
        };
        let (mut parts, cost) = read_areas(source, &[area], counter).await?;
        match parts.pop() {
            Some(part) => Ok((part.pixels, part.validity, cost)),
            None => Err(Error::Worker { location: source.location(), message: "nothing was read".into() }),
        }
    }

    /// The level to read from, and the grid of the output in its pixels.
    fn at_level(&self, base: BandSource, grid: OutputGrid) -> Result<(BandSource, OutputGrid)> {
        let levels = self.cog.cached_levels()?;
        if self.level.is_some() || levels.len() < 2 {
            return Ok((base, grid));
        }
        let overviews: Vec<(u32, u32)> = levels.iter().skip(1).map(|l| (l.image.width, l.image.height)).collect();
        let Window { column, row, width, height } = grid.inside.window;
        let read = ReducedRead {
            window: Window { column: column.max(0.0), row: row.max(0.0), width, height },
            output: (grid.inside.width, grid.inside.height),
            // GDAL turns the kernels into nearest for numbers of colours before it chooses, the others after.
            method: match self.resampling.is_kernel() {
                true => self.resampling.for_image(base.is_palette()),
                false => self.resampling,
            },
            oversampling: self.cog.session().read_defaults().oversampling,
        };
        let chosen = self.overviews.choose(base.image_size(), &overviews, &read);
        match levels.get(chosen) {
            Some(level) if chosen > 0 => {
                let mut source = base.at_level(chosen, &self.selection)?;
                source.chosen = true;
                Ok((source, grid.shrunk(level.decimation)))
            }
            _ => Ok((base, grid)),
        }
    }
}

impl IntoFuture for RasterRead {
    type Output = Result<Raster>;
    type IntoFuture = BoxFuture<'static, Result<Raster>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.with_cost().await?.0) })
    }
}
