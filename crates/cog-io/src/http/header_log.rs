//! Headers as logs may show them.

use std::fmt;

use http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::redact;

/// Parts of names whose values are not shown: `Authorization`, `Set-Cookie`, `x-amz-security-token`, `X-Api-Key` …
const SECRET: [&str; 9] =
    ["auth", "cookie", "credential", "key", "password", "secret", "session", "signature", "token"];

/// Shows `name: value, name: value`, each value that may be a secret as `…`.
pub(super) struct Shown<'a>(pub(super) &'a HeaderMap);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, value)) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { ", " };
            write!(f, "{separator}{name}: {}", shown(name, value))?;
        }
        Ok(())
    }
}

fn shown(name: &HeaderName, value: &HeaderValue) -> String {
    // Names are in lower case. What the caller set is marked as sensitive.
    if value.is_sensitive() || SECRET.iter().any(|part| name.as_str().contains(part)) {
        return "…".into();
    }
    let text = redact::text(&String::from_utf8_lossy(value.as_bytes()));
    match text.split_once('?') {
        // The rest of a relative URL, which may be signed.
        Some((path, _)) if !text.contains("://") => format!("{path}?…"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("range", "bytes=0-99"),
            ("authorization", "AWS4-HMAC-SHA256 Credential=AKIA/x, Signature=hidden"),
            ("x-amz-security-token", "hidden"),
            ("x-amz-server-side-encryption-customer-key", "hidden"),
            ("cookie", "hidden"),
            ("set-cookie", "hidden"),
            ("proxy-authorization", "hidden"),
            ("x-aws-ec2-metadata-token", "hidden"),
            ("location", "https://u:hidden@h/a?X-Amz-Signature=hidden&sig=hidden"),
            ("content-location", "/a?sig=hidden"),
            ("link", "<https://h/b?se=1&sig=hidden>; rel=\"next\""),
            ("etag", "\"abc\""),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let mut mine = HeaderValue::from_static("hidden");
        mine.set_sensitive(true);
        headers.insert("x-mine", mine);
        let shown = Shown(&headers).to_string();
        assert!(!shown.contains("hidden"), "{shown}");
        for part in [
            "range: bytes=0-99",
            "authorization: …",
            "x-amz-security-token: …",
            "location: https://h/a?X-Amz-Signature=…&sig=…",
            "content-location: /a?…",
            "<https://h/b?se=…&sig=…>; rel=\"next\"",
            "etag: \"abc\"",
            "x-mine: …",
        ] {
            assert!(shown.contains(part), "{part} is not in {shown}");
        }
    }
}
