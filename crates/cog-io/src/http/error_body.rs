//! What a store says in the body of a refusal: XML of S3, Google and Azure, JSON of Google and of gateways.

use http::{HeaderMap, Uri};
use serde_json::Value;

use crate::redact;

/// Bodies are read up to this: enough for a store's XML with code and message.
pub(super) const MAX: usize = 8192;

/// Characters of a message that are shown.
const MAX_SHOWN: usize = 240;

/// The code and the message of a refusal. The message is redacted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ErrorBody {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
}

impl ErrorBody {
    /// Reads a body, which may be cut off. `secrets` are never shown, wherever they stand.
    pub(super) fn parse(body: &[u8], secrets: &[String]) -> Self {
        let text = String::from_utf8_lossy(body.get(..MAX).unwrap_or(body));
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let (code, messages) = match text.chars().next() {
            Some('<') => of_xml(text),
            Some('{') => of_json(text),
            _ => return Self::default(),
        };
        let code = code.filter(|code| code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
        let shown: Vec<_> = messages
            .iter()
            .map(|message| redact::message(&without_trailer(message), secrets, MAX_SHOWN))
            .filter(|message| !message.is_empty())
            .collect();
        Self { code, message: (!shown.is_empty()).then(|| shown.join(" ")) }
    }

    /// `Code: message`, or what there is of them.
    pub(super) fn shown(&self) -> Option<String> {
        match (&self.code, &self.message) {
            (Some(code), Some(message)) => Some(format!("{code}: {message}")),
            (code, message) => code.clone().or_else(|| message.clone()),
        }
    }

    /// True if the code says that credentials were refused, whatever the status: S3 sends 400 for some.
    pub(super) fn is_denial(&self) -> bool {
        matches!(
            self.code.as_deref(),
            Some(
                "AccessDenied"
                    | "AuthorizationHeaderMalformed"
                    | "AuthorizationQueryParametersError"
                    | "ExpiredToken"
                    | "InvalidAccessKeyId"
                    | "InvalidAuthenticationInfo"
                    | "InvalidToken"
                    | "RequestExpired"
                    | "RequestTimeTooSkewed"
                    | "SignatureDoesNotMatch"
                    | "TokenRefreshRequired"
            )
        )
    }

    /// What may help.
    pub(super) fn hint(&self) -> &'static str {
        let message = self.message.as_deref().unwrap_or_default().to_ascii_lowercase();
        match self.code.as_deref() {
            Some("RequestTimeTooSkewed") => "check the clock",
            Some("SignatureDoesNotMatch") => "the secret key is wrong, or a signed URL was altered",
            Some("ExpiredToken" | "RequestExpired" | "TokenRefreshRequired") => "a new token or signed URL is needed",
            _ if message.contains("expired") || message.contains("not valid in the specified time frame") => {
                "a new token or signed URL is needed"
            }
            _ => "",
        }
    }
}

/// What the request itself says in secret: values of the query, and what its headers authorize with.
pub(super) fn secrets_of(uri: &Uri, headers: &HeaderMap) -> Vec<String> {
    let query = uri.query().unwrap_or_default();
    let values = url::form_urlencoded::parse(query.as_bytes()).map(|(_, value)| value.into_owned());
    let raw = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(_, value)| value.to_owned());
    let named = |name: &str| {
        ["authorization", "cookie", "x-amz-security-token"].contains(&name)
            || name.contains("key")
            || name.contains("token")
    };
    let sent = headers
        .iter()
        .filter(|(name, value)| value.is_sensitive() || named(name.as_str()))
        .filter_map(|(_, value)| value.to_str().ok())
        .flat_map(|value| value.split([' ', ',', '=', ':', '/', ';']).map(str::to_owned).collect::<Vec<_>>());
    // Short values (a version, a number of seconds) stand in messages for other reasons.
    values.chain(raw).chain(sent).filter(|value| value.len() >= 8).collect()
}

fn of_xml(text: &str) -> (Option<String>, Vec<String>) {
    let messages =
        ["Message", "Details", "AuthenticationErrorDetail"].into_iter().filter_map(|name| element(text, name));
    (element(text, "Code"), messages.collect())
}

/// The text of the first element of this name; XML is not parsed further, because the body may be cut off.
fn element(text: &str, name: &str) -> Option<String> {
    let inner = text.split_once(&format!("<{name}>"))?.1.split_once(&format!("</{name}>"))?.0;
    let inner = inner.trim().trim_start_matches("<![CDATA[").trim_end_matches("]]>");
    let plain = inner
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&apos;", "'")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    (!plain.is_empty()).then_some(plain)
}

fn of_json(text: &str) -> (Option<String>, Vec<String>) {
    let Ok(body) = serde_json::from_str::<Value>(text) else { return (None, Vec::new()) };
    let error = body.get("error").filter(|error| error.is_object()).unwrap_or(&body);
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let code = text(error.pointer("/errors/0/reason"))
        .or_else(|| text(error.get("status")))
        .or_else(|| text(error.get("code")))
        .or_else(|| text(body.get("error")));
    let message =
        ["message", "Message", "error_description", "detail", "msg"].into_iter().find_map(|name| text(error.get(name)));
    (code, message.into_iter().collect())
}

/// Azure writes the id and the time of the request below its message.
fn without_trailer(message: &str) -> String {
    message.split("RequestId:").next().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(body: &str) -> String {
        ErrorBody::parse(body.as_bytes(), &[]).shown().unwrap_or_default()
    }

    /// Bodies as the stores' documentation and trackers show them.
    #[test]
    fn code_and_message_of_each_store_are_read() {
        let s3 = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>Request has expired\
                  </Message><X-Amz-Expires>3600</X-Amz-Expires><Expires>2024-01-01T01:00:00Z</Expires></Error>";
        assert_eq!(shown(s3), "AccessDenied: Request has expired");
        let google = "<?xml version='1.0' encoding='UTF-8'?><Error><Code>ExpiredToken</Code><Message>The provided token has \
                      expired.</Message><Details>Request signature expired at: 2024-01-01T01:00:00+00:00</Details></Error>";
        assert_eq!(
            shown(google),
            "ExpiredToken: The provided token has expired. Request signature expired at: 2024-01-01T01:00:00+00:00"
        );
        let google = r#"{"error": {"code": 403, "message": "ann@x.org does not have storage.objects.get access.", "errors": [{"message": "…", "domain": "global", "reason": "forbidden"}]}}"#;
        assert_eq!(shown(google), "forbidden: ann@x.org does not have storage.objects.get access.");
        let azure = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>AuthenticationFailed</Code><Message>Server \
                     failed to authenticate the request.\nRequestId:11111111-2222-3333-4444-555555555555\nTime:2024-01-01T00:00:00Z\
                     </Message><AuthenticationErrorDetail>Signature not valid in the specified time frame: Start [Mon, 01 Jan \
                     2024 00:00:00 GMT] - Expiry [Mon, 01 Jan 2024 01:00:00 GMT]</AuthenticationErrorDetail></Error>";
        assert_eq!(
            shown(azure),
            "AuthenticationFailed: Server failed to authenticate the request. Signature not valid in the specified time \
             frame: Start [Mon, 01 Jan 2024 00:00:00 GMT] - Expiry [Mon, 01 Jan 2024 01:00:00 GMT]"
        );
        assert_eq!(shown(r#"{"message":"Forbidden"}"#), "Forbidden");
        assert_eq!(shown("<html><body><h1>403 Forbidden</h1></body></html>"), "");
        assert_eq!(shown("<Error><Code>AccessDenied</Code><Message>cut o"), "AccessDenied");
        assert_eq!(shown(""), "");
    }

    #[test]
    fn keys_and_signatures_in_a_body_are_not_shown() {
        let body = "<Error><Code>AuthenticationFailed</Code><Message>no</Message><AuthenticationErrorDetail>The MAC signature \
                    found in the HTTP request 'f6Kt0hXkq8Xb3m/1Q+yPaZC2u9s0Jw5r7Vd4TgBnLcE=' is not the same as any \
                    computed signature, see https://h/a?sig=abc and sv=2024-01-01 of AKIAIOSFODNN7EXAMPLE or hunter2hunter2\
                    </AuthenticationErrorDetail></Error>";
        let shown = ErrorBody::parse(body.as_bytes(), &["hunter2hunter2".into()]).shown().unwrap();
        assert!(shown.contains("'…' is not the same as any computed signature, see https://h/a?sig=…"), "{shown}");
        for secret in ["f6Kt0", "LcE", "AKIA", "hunter2", "=abc", "2024-01-01"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn a_message_is_one_short_line_without_control_characters() {
        let body = format!("<Error><Message>a\u{1b}[31m\n\tb {}</Message></Error>", "word ".repeat(500));
        let shown = shown(&body);
        assert!(shown.starts_with("a [31m b word") && shown.chars().count() <= MAX_SHOWN + 1, "{shown}");
    }

    #[test]
    fn what_the_request_authorizes_with_is_secret() {
        let uri = "https://h/a?X-Amz-Signature=abcdef0123&X-Amz-Expires=3600&sig=a%2Fb%2Bcdefgh".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("authorization", "Bearer tokentoken".parse().unwrap());
        headers.insert("range", "bytes=0-1000000000".parse().unwrap());
        let secrets = secrets_of(&uri, &headers);
        for secret in ["abcdef0123", "a/b+cdefgh", "a%2Fb%2Bcdefgh", "tokentoken"] {
            assert!(secrets.iter().any(|s| s == secret), "{secrets:?}");
        }
        assert!(!secrets.iter().any(|s| s.contains("1000000000")), "{secrets:?}");
    }
}
