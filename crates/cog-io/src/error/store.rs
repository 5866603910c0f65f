//! Errors of `object_store`, sorted.

use std::sync::Arc;

use super::Error;

fn own<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(own) = error.downcast_ref::<Error>() {
            return Some(own);
        }
        next = error.source();
    }
    None
}

/// True if our connector made the error.
pub(crate) fn has_own(error: &object_store::Error) -> bool {
    own(error).is_some()
}

/// An error of `object_store`: ours if our connector made it, sorted by kind if not.
pub(crate) fn from_store(location: &Arc<str>, error: object_store::Error) -> Error {
    if let Some(own) = own(&error) {
        return own.clone();
    }
    let location = Arc::clone(location);
    let text = crate::redact::text(&error.to_string());
    match error {
        object_store::Error::NotFound { .. } => Error::NotFound { location, detail: String::new() },
        object_store::Error::Precondition { .. } => Error::changed(&location, "the store says its ETag is another"),
        object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
            Error::Denied { location, detail: text }
        }
        _ => Error::Store { location, detail: text },
    }
}
