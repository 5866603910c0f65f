//! Which objects a bucket holds.

use futures_util::TryStreamExt;
use object_store::path::Path;

use crate::error::store::from_store;
use crate::error::{Error, Result};
use crate::location::{Location, LocationKind};
use crate::session::Session;

impl Session {
    /// The objects whose keys begin with that of `prefix`, a location of S3, Google or Azure such as `s3://bucket/scenes/`, in the order of
    /// their keys. A key that ends in no `/` counts as if it did: `s3://bucket/scenes` leaves `scenes2.tif` out.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), cog_io::Error> {
    /// let session = cog_io::Session::default();
    /// for location in session.list(&"s3://bucket/scenes/".parse()?).await? {
    ///     println!("{location}");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a location that is in no bucket, [`Error::Denied`] where listing is not allowed or credentials
    /// are missing, and what the store says.
    pub async fn list(&self, prefix: &Location) -> Result<Vec<Location>> {
        let (LocationKind::S3 { key, .. } | LocationKind::Gs { key, .. } | LocationKind::Azure { key, .. }) =
            prefix.kind()
        else {
            return Err(Error::Unsupported {
                location: prefix.shown().clone(),
                what: "listing what is there".into(),
                hint: "buckets of S3, Google and Azure can be listed".into(),
            });
        };
        let bucket = self.bucket_of(prefix)?;
        let path = Path::parse(key.trim_end_matches('/')).map_err(|error| Error::Unsupported {
            location: prefix.shown().clone(),
            what: format!("listing such a key ({error})"),
            hint: "name a key without empty parts".into(),
        })?;
        let path = (!path.as_ref().is_empty()).then_some(path);
        let mut moved = false;
        loop {
            let store = bucket.store();
            let listed = store.list(path.as_ref()).try_collect::<Vec<_>>().await;
            match listed {
                Ok(objects) => {
                    let mut keys: Vec<String> = objects.into_iter().map(|object| object.location.into()).collect();
                    keys.sort();
                    return Ok(keys.iter().map(|key| prefix.with_key(key)).collect());
                }
                Err(error) => {
                    let error = bucket.explain(from_store(prefix.shown(), error));
                    if moved {
                        return Err(error);
                    }
                    // A store that is asked in the wrong region names the right one where an object is read.
                    let before = bucket.region();
                    _ = self.open(&prefix.with_key("region")).await?.read_first(1).await;
                    moved = true;
                    if bucket.region() == before {
                        return Err(error);
                    }
                }
            }
        }
    }
}
