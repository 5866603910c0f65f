//! Keys as they are written. `object_store` normalises its paths: it has none with empty, `.` or `..` parts, or with `/` at an
//! end. For such keys it makes and signs a request for a stand-in, whose place the key then takes.

use std::fmt;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use http::Uri;
use object_store::client::HttpRequest;
use object_store::path::Path;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::{LocationProblem, Result};

/// What every store writes as it is.
const STAND_IN: &str = "cogStandIn";

/// Unreserved characters (RFC 3986) and `/` stay, as AWS's signature demands and Azure expects.
const IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The path that `object_store` is asked for, and the key that is asked for in its place.
pub(crate) fn path_of(key: &str) -> (Path, Option<Arc<str>>) {
    match Path::parse(key) {
        Ok(path) if path.as_ref() == key => (path, None),
        _ => (Path::from(STAND_IN), Some(key.into())),
    }
}

/// Signs a request anew, if it is signed by its path.
#[async_trait]
pub(crate) trait Sign: fmt::Debug + Send + Sync {
    async fn sign(&self, request: &mut HttpRequest) -> object_store::Result<()>;
}

/// How a store writes keys and signs; known only after the store was built.
pub(crate) type SharedSigner = Arc<OnceLock<Arc<dyn Sign>>>;

/// Puts the key in the place of the stand-in.
pub(crate) async fn write(
    request: &mut HttpRequest,
    key: &str,
    all_encoded: bool,
    signer: &SharedSigner,
    location: &Arc<str>,
) -> Result<()> {
    let set = if all_encoded { NON_ALPHANUMERIC } else { IN_A_PATH };
    let unsendable = || LocationProblem::Unsendable { location: Arc::clone(location), what: "key" };
    let uri = request.uri();
    let before = uri.path().strip_suffix(STAND_IN).ok_or_else(unsendable)?;
    let mut target = format!("{before}{}", utf8_percent_encode(key, set));
    if let Some(query) = uri.query() {
        target.push('?');
        target.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(target.parse().map_err(|_| unsendable())?);
    *request.uri_mut() = Uri::from_parts(parts).map_err(|_| unsendable())?;
    match signer.get() {
        Some(signer) => signer.sign(request).await.map_err(|error| crate::error::store::from_store(location, error)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_that_a_path_would_change_need_a_stand_in() {
        for key in ["a.tif", "a b/c+d%20#?.tif", "ü/é", "a/.hidden", "a./b..c"] {
            assert_eq!(path_of(key), (Path::parse(key).unwrap(), None), "{key}");
        }
        for key in ["/a", "a//b", "a/", "./a", "a/../b", "..", "a\nb", "//"] {
            assert_eq!(path_of(key).1.as_deref(), Some(key));
        }
    }
}
