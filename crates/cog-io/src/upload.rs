//! Bytes that go into a bucket.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{FuturesUnordered, StreamExt};
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload, UploadPart};

use crate::error::store::from_store;
use crate::error::{Error, Result};
use crate::location::{Location, LocationKind};
use crate::session::Session;
use crate::store::Bucket;

/// Bytes of a part, at least: S3 wants 5 MiB of all but the last.
const PART: u64 = 8 << 20;
/// Parts that an object may have (S3).
const PARTS: u64 = 10_000;
/// Parts that are on their way at once.
const AT_ONCE: usize = 4;

impl Session {
    /// Writes an object of S3, Google or Azure: `size` bytes that `from` gives, in parts of 8 MiB or more. What is there under the same name
    /// is replaced when all parts have arrived; if one does not, those that did are given up, and nothing changes.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a location that is in no bucket, what `from` says, and what the store says.
    pub async fn upload(&self, location: &Location, size: u64, from: &mut (dyn Read + Send)) -> Result<()> {
        let (bucket, path) = self.place_in_bucket(location)?;
        let store = bucket.store();
        let refused = |error| bucket.explain(from_store(location.shown(), error));
        let unread = |error: io::Error| Error::io(location.shown(), error);
        if size <= PART {
            let part = part(from, size).map_err(unread)?;
            store.put(&path, PutPayload::from_bytes(part)).await.map_err(refused)?;
            return Ok(());
        }
        let mut upload = store.put_multipart(&path).await.map_err(refused)?;
        let sent = parts(&mut *upload, size, from).await;
        let ended = match sent {
            Ok(()) => upload.complete().await.map(|_| ()).map_err(refused),
            Err(Broken::Store(error)) => Err(refused(error)),
            Err(Broken::Source(error)) => Err(unread(error)),
        };
        if ended.is_err() {
            // What is left of it costs money; that it could not be given up changes nothing about the error.
            _ = upload.abort().await;
        }
        ended
    }

    /// Whether an object of S3, Google or Azure may be written: an upload in parts is begun and given up. What is there stays.
    ///
    /// # Errors
    /// As [`upload`](Session::upload).
    pub async fn check_upload(&self, location: &Location) -> Result<()> {
        let (bucket, path) = self.place_in_bucket(location)?;
        let refused = |error| bucket.explain(from_store(location.shown(), error));
        let mut upload = bucket.store().put_multipart(&path).await.map_err(refused)?;
        // Some stores have nothing to give up before the first part.
        _ = upload.abort().await;
        Ok(())
    }

    fn place_in_bucket(&self, location: &Location) -> Result<(Arc<Bucket>, Path)> {
        let (LocationKind::S3 { key, .. } | LocationKind::Gs { key, .. } | LocationKind::Azure { key, .. }) =
            location.kind()
        else {
            return Err(Error::Unsupported {
                location: location.shown().clone(),
                what: "writing there".into(),
                hint: "objects in buckets of S3, Google and Azure can be written".into(),
            });
        };
        let path = Path::parse(key).ok().filter(|path| path.as_ref() == key.as_str() && !key.is_empty());
        let path = path.ok_or_else(|| Error::Unsupported {
            location: location.shown().clone(),
            what: "writing under such a key".into(),
            hint: "name a key without empty parts".into(),
        })?;
        let bucket = self.bucket_of(location)?;
        Ok((bucket, path))
    }
}

/// Why parts did not all arrive.
enum Broken {
    Store(object_store::Error),
    Source(io::Error),
}

async fn parts(
    upload: &mut dyn MultipartUpload,
    size: u64,
    from: &mut (dyn Read + Send),
) -> std::result::Result<(), Broken> {
    let each = PART.max(size.div_ceil(PARTS));
    let mut left = size;
    let mut under_way: FuturesUnordered<UploadPart> = FuturesUnordered::new();
    while left > 0 {
        if under_way.len() >= AT_ONCE
            && let Some(sent) = under_way.next().await
        {
            sent.map_err(Broken::Store)?;
        }
        let bytes = part(from, each.min(left)).map_err(Broken::Source)?;
        left -= bytes.len() as u64;
        under_way.push(upload.put_part(PutPayload::from_bytes(bytes)));
    }
    while let Some(sent) = under_way.next().await {
        sent.map_err(Broken::Store)?;
    }
    Ok(())
}

fn part(from: &mut (dyn Read + Send), size: u64) -> io::Result<Bytes> {
    let size = usize::try_from(size).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
    let mut bytes = vec![0; size];
    from.read_exact(&mut bytes)?;
    Ok(bytes.into())
}
