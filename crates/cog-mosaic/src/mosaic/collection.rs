//! The sources of a mosaic: which lie where, and those that are open.

use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use cog_read::{Cog, Session};
use cog_warp::extent_of;
use futures_util::{StreamExt, stream};
use tokio::sync::OnceCell;

use super::coverage::{Box4, Coverage};
use super::files::OpenFiles;
use super::index::Index;
use super::order::Order;
use super::source::MosaicSource;
use crate::error::{Error, MosaicError, Result};

/// Files that are kept open.
const OPEN_FILES: usize = 512;

/// Files that are opened at once.
pub(super) const OPENED_AT_ONCE: usize = 256;

/// Many files as one: each is warped to the grid that is asked for, and a [`PixelSelection`](crate::PixelSelection) says which pixel counts. Cheap to clone.
///
/// Nothing is opened before it is needed, and what is open is kept for the next read, up to a bound. Where sources lie is in an R-tree, in
/// longitudes and latitudes: of those that were told ([`MosaicSource::covering`]) none is opened that lies elsewhere; others are opened to find out.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use cog_mosaic::reader::Session;
/// use cog_mosaic::{Mosaic, PixelSelection};
///
/// let session = Session::default();
/// let mosaic = Mosaic::of_locations(&session, ["https://host/may.tif", "https://host/june.tif", "july.tif"])?;
/// let raster = mosaic
///     .read()
///     .crs("EPSG:3857".parse()?)
///     .bounds([1.0e6, 6.0e6, 1.1e6, 6.1e6])
///     .resolution(30.0, 30.0)
///     .pixel_selection(PixelSelection::Median)
///     .await?;
/// println!("{:?}", raster.dim());
/// # Ok(()) }
/// ```
///
/// # What all sources are brought to
/// The mosaic has the CRS, the number of bands, the type of samples and the nodata value of its first source (of the first that can be opened,
/// where others are skipped), which is opened once to know them, unless a read says otherwise. Samples of other types are rounded and cut
/// to the range of this one; validity, not nodata, says which pixels of a source count.
#[derive(Clone)]
pub struct Mosaic {
    inner: Arc<Inner>,
}

struct Inner {
    session: Session,
    sources: Vec<MosaicSource>,
    order: Order,
    /// Where sources lie that were opened.
    found: Vec<OnceLock<Coverage>>,
    index: RwLock<Index>,
    files: OpenFiles,
    /// The first source that can be opened, with its number.
    first: OnceCell<(usize, Arc<[Cog]>)>,
}

impl Mosaic {
    /// Of sources in the order in which they count.
    ///
    /// # Errors
    /// [`MosaicError::NoSources`].
    pub fn new(session: &Session, sources: impl IntoIterator<Item = MosaicSource>) -> Result<Mosaic> {
        let sources: Vec<MosaicSource> = sources.into_iter().collect();
        Mosaic::with_order(session, sources, Order::Given)
    }

    /// Of paths and URLs, in the order in which they count.
    ///
    /// # Errors
    /// [`MosaicError::NoSources`], and what is no location.
    pub fn of_locations<L: Into<String>>(session: &Session, locations: impl IntoIterator<Item = L>) -> Result<Mosaic> {
        let locations: Vec<String> = locations.into_iter().map(Into::into).collect();
        let count = locations.len();
        let source = |(index, location): (usize, String)| {
            // What cannot be parsed may hold a secret and is not repeated: its place has to do.
            MosaicSource::new(location).map_err(|error| named(error, &"location".into(), index, count))
        };
        let sources = locations.into_iter().enumerate().map(source).collect::<Result<Vec<_>>>()?;
        Mosaic::new(session, sources)
    }

    pub(super) fn with_order(session: &Session, sources: Vec<MosaicSource>, order: Order) -> Result<Mosaic> {
        if sources.is_empty() {
            return Err(MosaicError::NoSources.into());
        }
        Ok(Mosaic::build(session, sources, order, OPEN_FILES))
    }

    fn build(session: &Session, sources: Vec<MosaicSource>, order: Order, most_open: usize) -> Mosaic {
        let index = RwLock::new(Index::new(sources.iter().map(MosaicSource::coverage)));
        let found = sources.iter().map(|_| OnceLock::new()).collect();
        let (session, files, first) = (session.clone(), OpenFiles::new(most_open), OnceCell::new());
        Mosaic { inner: Arc::new(Inner { session, sources, order, found, index, files, first }) }
    }

    /// The same mosaic, of which nothing is open yet, that keeps so many sources open instead of 512.
    #[must_use]
    pub fn keep_open(&self, most: usize) -> Mosaic {
        let Inner { session, sources, order, .. } = &*self.inner;
        Mosaic::build(session, sources.clone(), order.clone(), most)
    }

    /// What its sources share with other files.
    pub fn session(&self) -> &Session {
        &self.inner.session
    }

    /// Its sources, in the order in which they count.
    pub fn sources(&self) -> &[MosaicSource] {
        &self.inner.sources
    }

    /// The files of the first source that can be opened, whose bands follow each other. What its samples are, and what they mean, is the mosaic's.
    ///
    /// # Errors
    /// The first source cannot be opened, and no read has left it out.
    pub async fn first_files(&self) -> Result<Vec<Cog>> {
        Ok(self.first(false).await?.1.to_vec())
    }

    /// Opens all sources whose place is not known, side by side, so that later reads open what lies where they read and nothing else.
    ///
    /// # Errors
    /// The first source, in their order, that cannot be opened or has no place.
    pub async fn locate(&self) -> Result<()> {
        let unknown: Vec<usize> = (0..self.inner.sources.len()).filter(|i| self.coverage(*i).is_none()).collect();
        for (_, located) in self.find(&unknown).await {
            located?;
        }
        Ok(())
    }

    /// Opens sources to find out where they lie; in their order.
    pub(super) async fn find(&self, sources: &[usize]) -> Vec<(usize, Result<()>)> {
        let open = |index: usize| async move { (index, self.open_source(index).await.map(|_| ())) };
        stream::iter(sources.iter().copied()).map(open).buffered(OPENED_AT_ONCE).collect().await
    }

    /// Where a source lies, as far as is known now.
    pub(super) fn coverage(&self, index: usize) -> Option<&Coverage> {
        let found = self.inner.found.get(index).and_then(OnceLock::get);
        found.or_else(|| self.inner.sources.get(index)?.coverage())
    }

    /// True if a source may overlap boxes; `None` is a place of which nobody knows where it is.
    pub(super) fn overlaps(&self, index: usize, boxes: Option<&[Box4]>) -> bool {
        match (self.coverage(index), boxes) {
            (Some(coverage), Some(boxes)) => coverage.overlaps(boxes),
            _ => true,
        }
    }

    /// The sources that may overlap boxes, in the order in which they count.
    pub(super) fn candidates(&self, boxes: Option<&[Box4]>) -> Vec<usize> {
        let mut found = match (&self.inner.order, boxes) {
            (Order::Listed(lists), boxes) => lists.candidates(boxes),
            (Order::Given, None) => (0..self.inner.sources.len()).collect(),
            (Order::Given, Some(boxes)) => {
                self.inner.index.read().unwrap_or_else(PoisonError::into_inner).candidates(boxes)
            }
        };
        found.retain(|index| self.overlaps(*index, boxes));
        found
    }

    /// Opens a source, and remembers where it lies.
    pub(super) async fn open_source(&self, index: usize) -> Result<Arc<[Cog]>> {
        let Inner { session, sources, files, .. } = &*self.inner;
        let source = sources.get(index).ok_or(Error::Internal { what: "a mosaic has no such source" })?;
        let open = async {
            let cogs = files.get(session, index, source).await?;
            if let Some(found) = self.inner.found.get(index).filter(|found| found.get().is_none()) {
                let coverage = coverage_of(&cogs)?;
                self.inner.index.write().unwrap_or_else(PoisonError::into_inner).found(index, &coverage);
                _ = found.set(coverage);
            }
            Ok(cogs)
        };
        open.await.map_err(|error| self.of_source(error, index))
    }

    /// The first source that can be opened; with `skip`, where others cannot.
    pub(super) async fn first(&self, skip: bool) -> Result<&(usize, Arc<[Cog]>)> {
        let find = || async {
            let mut failed = None;
            for index in 0..self.inner.sources.len() {
                match self.open_source(index).await {
                    Ok(cogs) => return Ok((index, cogs)),
                    Err(error) if skip => failed = failed.or(Some(error)),
                    Err(error) => return Err(error),
                }
            }
            Err(failed.unwrap_or_else(|| MosaicError::NoSources.into()))
        };
        self.inner.first.get_or_try_init(find).await
    }

    /// An error of a source, with its name.
    pub(super) fn of_source(&self, error: Error, index: usize) -> Error {
        let none: Arc<str> = "".into();
        let name = self.inner.sources.get(index).map_or(&none, |source| source.shared_name());
        named(error, name, index, self.inner.sources.len())
    }
}

pub(super) fn named(error: Error, name: &Arc<str>, index: usize, count: usize) -> Error {
    match error {
        Error::Mosaic(named @ MosaicError::Source { .. }) => named.into(),
        cause => {
            MosaicError::Source { name: Arc::clone(name), number: index + 1, count, cause: Box::new(cause) }.into()
        }
    }
}

/// Where files lie together.
fn coverage_of(cogs: &[Cog]) -> Result<Coverage> {
    match cogs {
        [one] => Ok(Coverage::of_extent(&extent_of(one)?)),
        many => {
            let all = many.iter().map(|cog| Ok(Coverage::of_extent(&extent_of(cog)?)));
            let all = all.collect::<Result<Vec<Coverage>>>()?;
            Ok(Coverage::of_boxes(all.iter().flat_map(|coverage| coverage.boxes()).copied().collect()))
        }
    }
}

impl fmt::Debug for Mosaic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mosaic({} sources)", self.inner.sources.len())
    }
}
