//! Requests for pixels.

use std::future::IntoFuture;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::cog::Cog;
use crate::error::Result;
use crate::progress::{Counter, ProgressHook, ReadProgress};
use crate::raster::Raster;
use crate::request::Request;
use crate::tile::read_areas;
use crate::window::{Area, Window};

/// A request for pixels of one level; await it to get a [`Raster`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct Read {
    cog: Cog,
    level: usize,
    window: Option<Window>,
    bands: Option<Vec<usize>>,
    raw_color: bool,
    progress: Option<ProgressHook>,
}

impl Read {
    pub(crate) fn new(cog: &Cog) -> Read {
        Read { cog: cog.clone(), level: 0, window: None, bands: None, raw_color: false, progress: None }
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

    /// Calls `hook` before the first block and after every block, from the threads that decode: it should be quick. Two calls
    /// may come at once, so the numbers of one may be behind those of the other.
    pub fn progress(mut self, hook: impl Fn(ReadProgress) + Send + Sync + 'static) -> Self {
        self.progress = Some(ProgressHook(Arc::new(hook)));
        self
    }

    async fn run(self) -> Result<Raster> {
        let Read { cog, level, window, bands, raw_color, progress } = self;
        let request = Request::new(&cog, level, bands, raw_color, None)?;
        let (width, height) = request.image_size();
        let area = match window {
            None => Area { x: 0, y: 0, width, height },
            Some(w) => cog.clip(&w, (width, height))?.area().unwrap(),
        };
        let mut rasters = read_areas(&request, &[area], Arc::new(Counter::new(progress))).await?;
        Ok(rasters.pop().unwrap())
    }
}

impl IntoFuture for Read {
    type Output = Result<Raster>;
    type IntoFuture = BoxFuture<'static, Result<Raster>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
