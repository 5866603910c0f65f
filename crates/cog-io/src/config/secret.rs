//! Text that is never shown.

use std::fmt;
use std::sync::Arc;

/// A key, token or header value: `Debug` prints `Secret(…)`, there is no `Display`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(Arc<str>);

impl Secret {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<T: Into<Arc<str>>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// `Basic` credentials (RFC 7617) for `user:password`.
pub(crate) fn basic(user_and_password: &str) -> Secret {
    use base64::Engine;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(user_and_password)).into()
}
