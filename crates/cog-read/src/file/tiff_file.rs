//! One TIFF file: its bytes and its structure.

use std::sync::Arc;

use cog_io::Source;
use cog_tiff::{Parser, Progress, Stop, Tiff};

use crate::error::{Error, Result};
use crate::file::header_bytes::HeaderBytes;
use crate::session::Session;

/// A file that was opened: the image itself, or one beside it that holds its overviews or mask.
pub(crate) struct TiffFile {
    pub(crate) header: HeaderBytes,
    pub(crate) tiff: Tiff,
}

impl TiffFile {
    pub(crate) async fn open(session: &Session, source: Source) -> Result<Arc<TiffFile>> {
        TiffFile::parse(session, TiffFile::first_bytes(session, source).await?).await
    }

    /// The first read: one request.
    pub(crate) async fn first_bytes(session: &Session, source: Source) -> Result<HeaderBytes> {
        let first = session.io().config().ingested_bytes_at_open.max(16);
        HeaderBytes::open(source, first, session.limits().max_round_trips).await
    }

    pub(crate) async fn parse(session: &Session, header: HeaderBytes) -> Result<Arc<TiffFile>> {
        let mut parser = Parser::new(session.limits().parse.clone());
        header
            .lookup(|known| match parser.advance(known)? {
                Progress::Complete => Ok(()),
                Progress::Need(ranges) => Err(Stop::Need(ranges)),
            })
            .await?;
        let tiff = parser.finish().map_err(|source| Error::Structure { location: header.location(), source })?;
        Ok(Arc::new(TiffFile { header, tiff }))
    }

    pub(crate) fn source(&self) -> &Source {
        self.header.source()
    }

    pub(crate) fn location(&self) -> Arc<str> {
        self.header.location()
    }
}
