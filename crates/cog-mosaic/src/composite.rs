//! Named files that answer the same request.

pub(crate) mod reader;
pub(crate) mod request;
pub(crate) mod stack;

use std::collections::HashSet;
use std::future::IntoFuture;
use std::sync::Arc;

use cog_crs::Crs;
use cog_io::Location;
use cog_raster::Raster;
use cog_read::{Cog, Points, RasterRead, Session};
use cog_warp::{crs_of, places_of};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use crate::composite::reader::Reader;
use crate::composite::request::CompositeRead;
use crate::error::{Error, Result};

/// As many files are opened and read side by side.
const AT_ONCE: usize = 32;

/// Named files that are read together, in the order they were given: the assets of a scene, or the scenes of a time series.
///
/// Nothing is opened before a request needs it; then all are opened side by side, once, and stay open. Requests give one result a
/// file, in order, or what a function [reduces](CompositeRead::reduce) them to. The first file that fails, in order, is the error, by its name.
/// Dropping a request stops it. Cheap to clone; clones share what is open.
#[derive(Clone, Debug)]
pub struct Composite {
    readers: Vec<Reader>,
    at_once: usize,
}

impl Composite {
    /// Files by name and location: paths and URLs as [`Location`] understands them. Nothing is opened.
    ///
    /// # Errors
    /// A text that is no location, and two files of one name.
    pub fn new<N, L>(session: &Session, files: impl IntoIterator<Item = (N, L)>) -> Result<Composite>
    where
        N: Into<Arc<str>>,
        L: AsRef<str>,
    {
        let reader = |(name, location): (N, L)| {
            let name = name.into();
            match Location::parse(location.as_ref()) {
                Ok(location) => Ok(Reader::new(session, name, location)),
                Err(e) => Err(Error::from(e).of_reader(&name)),
            }
        };
        Composite::of(files.into_iter().map(reader).collect::<Result<Vec<_>>>()?)
    }

    /// Readers that were made one by one, some of them open.
    ///
    /// # Errors
    /// Two readers of one name.
    pub fn of(readers: impl IntoIterator<Item = Reader>) -> Result<Composite> {
        let readers: Vec<Reader> = readers.into_iter().collect();
        let mut names = HashSet::with_capacity(readers.len());
        match readers.iter().find(|reader| !names.insert(reader.shared_name())) {
            Some(twice) => Err(Error::SameName { name: Arc::clone(twice.shared_name()) }),
            None => Ok(Composite { readers, at_once: AT_ONCE }),
        }
    }

    /// Sets how many files are opened and read side by side: 32 unless set. The session bounds requests besides.
    #[must_use]
    pub fn at_once(mut self, files: usize) -> Composite {
        self.at_once = files.max(1);
        self
    }

    /// Those of the files that `wanted` accepts, before anything of the others is opened.
    #[must_use]
    pub fn filter(&self, mut wanted: impl FnMut(&Reader) -> bool) -> Composite {
        let readers = self.readers.iter().filter(|reader| wanted(reader)).cloned().collect();
        Composite { readers, at_once: self.at_once }
    }

    /// The files, in order.
    pub fn readers(&self) -> &[Reader] {
        &self.readers
    }

    /// Their names, in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.readers.iter().map(Reader::name)
    }

    /// The file of this name.
    pub fn get(&self, name: &str) -> Option<&Reader> {
        self.readers.iter().find(|reader| reader.name() == name)
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.readers.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.readers.is_empty()
    }

    /// Opens all files that are not open yet, side by side, and gives them in order. Requests do so by themselves.
    ///
    /// # Errors
    /// What is wrong with the first file, in order, that cannot be opened.
    pub async fn open(&self) -> Result<Vec<Cog>> {
        let each = self.readers.clone().into_iter().map(|reader| async move { reader.cog().await });
        stream::iter(each).buffered(self.at_once).try_collect().await
    }

    /// Asks every file for what `request` makes of it; await it for one result a file, in order.
    ///
    /// ```no_run
    /// # async fn example(composite: cog_mosaic::Composite) -> cog_mosaic::Result<()> {
    /// let statistics = composite.map(|cog| cog.statistics().level(1)).await?;
    /// # Ok(()) }
    /// ```
    pub fn map<F, T, E, I>(&self, request: F) -> CompositeRead<T>
    where
        F: Fn(&Cog) -> I + Send + Sync + 'static,
        I: IntoFuture<Output = Result<T, E>>,
        I::IntoFuture: Send + 'static,
        E: Into<Error>,
        T: Send + 'static,
    {
        CompositeRead::new(self.readers.clone(), self.at_once, request)
    }

    /// Reads pixels of every file, as `request` says: parts, sizes, bands and methods are those of [`RasterRead`].
    ///
    /// ```no_run
    /// # async fn example(composite: cog_mosaic::Composite) -> cog_mosaic::Result<()> {
    /// let rasters = composite.read(|read| read.bounds([500_000.0, 5_300_000.0, 501_000.0, 5_301_000.0]).shape(256, 256)).await?;
    /// # Ok(()) }
    /// ```
    pub fn read(&self, request: impl Fn(RasterRead) -> RasterRead + Send + Sync + 'static) -> CompositeRead<Raster> {
        self.map(move |cog| request(cog.read()))
    }

    /// Reads the tile (or strip) in column `x`, row `y` of a level of every file; 0 is full resolution.
    pub fn tile(&self, x: u32, y: u32, level: usize) -> CompositeRead<Raster> {
        self.map(move |cog| cog.tile(x, y).level(level))
    }

    /// Reads every file, small enough that neither side is longer than `max_size`.
    pub fn preview(&self, max_size: usize) -> CompositeRead<Raster> {
        self.read(move |read| read.max_size(max_size))
    }

    /// Reads the values of every file at a place, in the file's own CRS.
    pub fn point(&self, x: f64, y: f64) -> CompositeRead<Points> {
        self.map(move |cog| cog.points([(x, y)]))
    }

    /// Reads the values of every file at a place in a CRS, for files in several: x is longitude or easting, whatever the order of its
    /// axes.
    ///
    /// A file without CRS, and one in whose CRS the place has no coordinates, is an error.
    ///
    /// ```no_run
    /// # async fn example(composite: cog_mosaic::Composite) -> Result<(), Box<dyn std::error::Error>> {
    /// let points = composite.point_in(&"EPSG:4326".parse()?, 13.67, 47.84).await?;
    /// # Ok(()) }
    /// ```
    pub fn point_in(&self, crs: &Crs, x: f64, y: f64) -> CompositeRead<Points> {
        let crs = crs.clone();
        self.map(move |cog| {
            let (cog, place) = (cog.clone(), place_in(cog, &crs, x, y));
            async move { Ok::<_, Error>(cog.points([place?]).await?) }
        })
    }
}

/// A place in the CRS of a file.
fn place_in(cog: &Cog, crs: &Crs, x: f64, y: f64) -> Result<(f64, f64)> {
    let place = places_of(cog, crs, [(x, y)])?.pop().filter(|(x, y)| x.is_finite() && y.is_finite());
    match place {
        Some(place) => Ok(place),
        None => {
            let own = crs_of(&cog.profile()?)?;
            Err(Error::NoPlace { place: [x, y], crs: own.map_or_else(Default::default, |own| own.name().into()) })
        }
    }
}

impl<'a> IntoIterator for &'a Composite {
    type Item = &'a Reader;
    type IntoIter = std::slice::Iter<'a, Reader>;

    fn into_iter(self) -> Self::IntoIter {
        self.readers.iter()
    }
}
