//! The values of a mosaic at a place.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use cog_crs::{Crs, Transform};
use cog_raster::ndarray::Axis;
use cog_raster::{Nodata, Pixels, Raster, Validity};
use cog_warp::extent_of;
use futures_util::{StreamExt, stream};

use super::accumulate::accumulator;
use super::accumulate::shape::Shape;
use super::collection::Mosaic;
use super::globe::Globe;
use super::job::{Look, bands_of, first_of};
use super::options::{OnError, Samples};
use super::rectangle::Rectangle;
use super::report::Skipped;
use super::selection::PixelSelection;
use crate::error::{Error, Result};

/// Sources that are read at once by selections that need all of them.
const AT_ONCE: usize = 64;

/// A request for the values at a place; await it to get a [`MosaicPoint`].
///
/// Of each source it is the pixel of full resolution that the place lies in.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct MosaicPointRead {
    mosaic: Mosaic,
    place: (f64, f64),
    crs: Option<Crs>,
    selection: PixelSelection,
    samples: Samples,
    on_error: OnError,
}

/// The values at a place.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MosaicPoint {
    /// (band, 0, 0). Where no source holds data nodata of the first source, else 0.
    pub values: Pixels,
    /// Of each band, whether a source holds data.
    pub valid: Vec<bool>,
    /// Names of the sources that were read and hold data there, in the order of the mosaic.
    pub used: Vec<Arc<str>>,
    /// Sources that failed and were left out.
    pub skipped: Vec<Skipped>,
}

impl Mosaic {
    /// The values at a place, in the CRS of the first source unless [`crs`](MosaicPointRead::crs) says otherwise.
    pub fn point(&self, x: f64, y: f64) -> MosaicPointRead {
        MosaicPointRead::new(self, x, y)
    }
}

impl MosaicPointRead {
    fn new(mosaic: &Mosaic, x: f64, y: f64) -> MosaicPointRead {
        MosaicPointRead {
            mosaic: mosaic.clone(),
            place: (x, y),
            crs: None,
            selection: PixelSelection::default(),
            samples: Samples::default(),
            on_error: OnError::default(),
        }
    }

    /// The CRS of the coordinates.
    pub fn crs(mut self, crs: Crs) -> Self {
        self.crs = Some(crs);
        self
    }

    /// Which value counts; the first one unless set.
    pub fn pixel_selection(mut self, selection: PixelSelection) -> Self {
        self.selection = selection;
        self
    }

    /// Reads these bands of every source, numbered from 1, in this order.
    pub fn bands(mut self, bands: impl IntoIterator<Item = usize>) -> Self {
        self.samples.bands = Some(bands.into_iter().collect());
        self
    }

    /// Values that hold no data, whatever the files say.
    pub fn nodata(mut self, nodata: f64) -> Self {
        self.samples.nodata = Some(nodata);
        self
    }

    /// Applies the scale and offset of each band of each source: values come as `f64`.
    pub fn unscale(mut self) -> Self {
        self.samples.unscale = true;
        self
    }

    /// What becomes of a source that fails.
    pub fn on_error(mut self, on_error: OnError) -> Self {
        self.on_error = on_error;
        self
    }

    async fn run(self) -> Result<MosaicPoint> {
        let MosaicPointRead { mosaic, place, crs, selection, samples, on_error } = self;
        let skips = on_error == OnError::Skip;
        let look = Look::at(&mosaic, &samples, selection, skips).await?;
        let crs = match crs {
            Some(crs) => crs,
            None => {
                let (number, cogs) = mosaic.first(skips).await?;
                let extent = first_of(cogs).and_then(|cog| Ok(extent_of(cog)?));
                extent.map_err(|error| mosaic.of_source(error, *number))?.crs().clone()
            }
        };
        let on_globe = Globe::of(&crs).place(place.0, place.1);
        let boxes = on_globe.map(|(x, y)| {
            let x = (x + 180.0).rem_euclid(360.0) - 180.0;
            vec![[x, y, x, y]]
        });
        let mut sources = mosaic.candidates(boxes.as_deref());
        if selection == PixelSelection::Last {
            sources.reverse();
        }
        let one = Rectangle::all(1, 1);
        let fill = look.nodata_of(selection);
        let shape = Shape { bands: look.numbers.len(), width: 1, height: 1, fill, sources: mosaic.sources().len() };
        let mut heap = accumulator(selection, look.sample_type, shape)?;
        let at_once = if selection.stops_when_filled() { 1 } else { AT_ONCE };
        let read = |source: usize| {
            let (mosaic, samples, look, crs) = (&mosaic, &samples, &look, &crs);
            async move {
                let read = values(mosaic, source, samples, look, crs, place).await;
                (source, read.map_err(|error| mosaic.of_source(error, source)))
            }
        };
        let mut reads = stream::iter(sources).map(read).buffered(at_once);
        let (mut used, mut skipped) = (Vec::new(), Vec::new());
        let name = |source: usize| {
            mosaic.sources().get(source).map_or_else(|| "".into(), |source| Arc::clone(source.shared_name()))
        };
        while let Some((source, result)) = reads.next().await {
            match result {
                Ok(None) => {}
                Ok(Some(rasters)) => {
                    if heap.feed(rasters, one)? {
                        used.push((source, name(source)));
                    }
                    if selection.stops_when_filled() && heap.missing().is_none() {
                        break;
                    }
                }
                Err(error) if skips => skipped.push(Skipped { name: name(source), error }),
                Err(error) => return Err(error),
            }
        }
        drop(reads);
        used.sort_by_key(|(source, _)| *source);
        let (values, masks) = heap.finish()?;
        let valid = (0..values.dim().0).map(|band| masks.band(band).first().is_some_and(|valid| *valid > 0)).collect();
        Ok(MosaicPoint { values, valid, used: used.into_iter().map(|(_, name)| name).collect(), skipped })
    }
}

/// What a source has at a place; `None` outside of it.
async fn values(
    mosaic: &Mosaic,
    source: usize,
    samples: &Samples,
    look: &Look,
    crs: &Crs,
    place: (f64, f64),
) -> Result<Option<Vec<Raster>>> {
    let cogs = mosaic.open_source(source).await?;
    let counts = cogs.iter().map(|cog| bands_of(cog, samples)).collect::<Result<Vec<usize>>>()?;
    let mut rasters = Vec::new();
    for (file, bands) in look.bands.of_files(&counts)? {
        let cog = cogs.get(file).ok_or(Error::Internal { what: "a source has fewer files than it says" })?;
        let own = extent_of(cog)?.crs().clone();
        let own_place =
            if own == *crs { Some(place) } else { Transform::new_or_ballpark(crs, &own)?.point(place.0, place.1) };
        let Some(own_place) = own_place else { return Ok(None) };
        let mut request = cog.points([own_place]);
        if let Some(bands) = bands {
            request = request.bands(bands);
        }
        if let Some(nodata) = samples.nodata {
            request = request.nodata(nodata);
        }
        if samples.unscale {
            request = request.unscale();
        }
        let points = request.await?;
        let mut raster = Raster::new(points.values, Validity::PerBand(points.validity.insert_axis(Axis(2))));
        raster.nodata = samples.nodata.map(Nodata::Float);
        rasters.push(raster);
    }
    Ok(Some(rasters))
}

impl IntoFuture for MosaicPointRead {
    type Output = Result<MosaicPoint>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<MosaicPoint>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
