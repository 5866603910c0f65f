//! What every signed store is built with, and how it refuses.

use std::sync::Arc;

use object_store::{BackoffConfig, ClientOptions, RetryConfig};

use crate::error::Error;

/// Our client retries; a second loop around it would multiply the attempts.
pub(super) fn no_retry() -> RetryConfig {
    RetryConfig { max_retries: 0, retry_timeout: std::time::Duration::ZERO, backoff: BackoffConfig::default() }
}

pub(super) fn options() -> ClientOptions {
    ClientOptions::new().with_allow_http(true)
}

pub(super) fn refused(location: &Arc<str>, error: object_store::Error) -> Error {
    crate::error::store::from_store(location, error)
}

pub(super) fn no_credentials(location: &Arc<str>, hint: &str) -> Error {
    Error::Denied { location: Arc::clone(location), detail: format!("no credentials were found; {hint}") }
}
