//! One source of a mosaic, and what is known of it before it is opened.

use std::fmt;
use std::sync::Arc;

use cog_io::Location;
use cog_read::{Cog, Session};

use super::coverage::Coverage;
use crate::error::Result;

/// A source of a mosaic: a file, or several whose bands follow each other, and where it lies if that is known. Nothing is opened.
#[derive(Clone)]
pub struct MosaicSource {
    name: Arc<str>,
    files: Arc<[File]>,
    coverage: Option<Coverage>,
}

#[derive(Clone)]
enum File {
    /// As it was typed: it may name a directory of a file (GTIFF_DIR).
    Named(String),
    At(Location),
    Open(Cog),
}

impl MosaicSource {
    /// A path or URL, as [`Session::open`] takes it.
    ///
    /// # Errors
    /// What is no location.
    pub fn new(location: impl Into<String>) -> Result<MosaicSource> {
        let location = location.into();
        // What is shown is redacted.
        let name = cog_read::file_location(&location)?.to_string();
        Ok(MosaicSource::of(name.into(), File::Named(location)))
    }

    /// A location that is parsed already.
    pub fn at(location: Location) -> MosaicSource {
        MosaicSource::of(location.to_string().into(), File::At(location))
    }

    /// A file that is open.
    pub fn of_cog(cog: Cog) -> MosaicSource {
        MosaicSource::of(cog.location().into(), File::Open(cog))
    }

    fn of(name: Arc<str>, file: File) -> MosaicSource {
        MosaicSource { name, files: [file].into(), coverage: None }
    }

    /// The bands of another file behind those of this one, as if they were of one file: the assets of a scene. The files may have
    /// different grids.
    #[must_use]
    pub fn and(mut self, other: MosaicSource) -> Self {
        self.files = self.files.iter().chain(&*other.files).cloned().collect();
        self.coverage = self.coverage.filter(|own| Some(own) == other.coverage.as_ref());
        self
    }

    /// What it is called in errors and reports, instead of its location.
    #[must_use]
    pub fn named(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = name.into();
        self
    }

    /// Where it lies: the file need not be opened to know that it is not wanted.
    #[must_use]
    pub fn covering(mut self, coverage: Coverage) -> Self {
        self.coverage = Some(coverage);
        self
    }

    /// What it is called: its location, redacted, unless it was named.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn shared_name(&self) -> &Arc<str> {
        &self.name
    }

    /// Where it lies, as far as is known without opening it.
    pub fn coverage(&self) -> Option<&Coverage> {
        self.coverage.as_ref()
    }

    /// Its files, opened side by side.
    pub(super) async fn open(&self, session: &Session) -> Result<Arc<[Cog]>> {
        let open = self.files.iter().map(|file| async move {
            match file {
                File::Named(text) => session.open(text).await,
                File::At(location) => session.open_location(location).await,
                File::Open(cog) => Ok(cog.clone()),
            }
        });
        Ok(futures_util::future::try_join_all(open).await?.into())
    }
}

impl fmt::Debug for MosaicSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MosaicSource({})", self.name)
    }
}

impl From<Location> for MosaicSource {
    fn from(location: Location) -> MosaicSource {
        MosaicSource::at(location)
    }
}

impl From<Cog> for MosaicSource {
    fn from(cog: Cog) -> MosaicSource {
        MosaicSource::of_cog(cog)
    }
}
