//! What a store says when it refuses, shown without what is secret.

use cog_io::{Error, Location, Session};
use cog_testkit::server::{Fault, Server};

use super::{content, open, quick};

fn s3(code: &str, message: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>\
         <AWSAccessKeyId>AKIAIOSFODNN7EXAMPLE</AWSAccessKeyId><StringToSign>AWS4-HMAC-SHA256 hush</StringToSign>\
         <SignatureProvided>abcdef0123456789</SignatureProvided><RequestId>X</RequestId></Error>"
    )
}

async fn refusal(status: u16, body: String) -> Error {
    let server = Server::start([("/a", content(100))]);
    server.inject("/a", usize::MAX, Fault::Body(status, body));
    let url = format!("{}?X-Amz-Signature=abcdef0123456789&X-Amz-Expires=60", server.url("/a"));
    let error = open(&Session::new(quick()), &url).await.read_first(10).await.unwrap_err();
    let shown = error.to_string();
    for secret in ["AKIA", "hush", "abcdef0123456789"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    error
}

#[tokio::test]
async fn the_stores_own_words_are_shown() {
    let azure = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>AuthenticationFailed</Code><Message>Server \
                 failed to authenticate the request.\nRequestId:1\nTime:2</Message><AuthenticationErrorDetail>Signature not \
                 valid in the specified time frame: Expiry [Mon, 01 Jan 2024 01:00:00 GMT]</AuthenticationErrorDetail></Error>";
    let google = r#"{"error": {"code": 403, "message": "x@y.org does not have storage.objects.get access to the object.", "errors": [{"reason": "forbidden"}]}}"#;
    for (status, body, detail) in [
        (
            403,
            s3("AccessDenied", "Request has expired"),
            "HTTP 403, AccessDenied: Request has expired, a new token or signed URL is needed",
        ),
        (403, s3("AccessDenied", "Access Denied"), "HTTP 403, AccessDenied: Access Denied"),
        (403, s3("AccessDenied", ""), "HTTP 403, AccessDenied"),
        (
            403,
            s3(
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided.",
            ),
            "HTTP 403, SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided., \
             the secret key is wrong, or a signed URL was altered",
        ),
        (
            403,
            s3("RequestTimeTooSkewed", "The difference between the request time and the current time is too large."),
            "HTTP 403, RequestTimeTooSkewed: The difference between the request time and the current time is too large., \
             check the clock",
        ),
        (
            403,
            s3("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."),
            "HTTP 403, InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records.",
        ),
        (
            400,
            s3("ExpiredToken", "The provided token has expired."),
            "HTTP 400, ExpiredToken: The provided token has expired., a new token or signed URL is needed",
        ),
        (
            403,
            azure.to_owned(),
            "HTTP 403, AuthenticationFailed: Server failed to authenticate the request. Signature not valid in the specified \
             time frame: Expiry [Mon, 01 Jan 2024 01:00:00 GMT], a new token or signed URL is needed",
        ),
        (
            403,
            s3(
                "AuthorizationPermissionMismatch",
                "This request is not authorized to perform this operation using this permission.",
            ),
            "HTTP 403, AuthorizationPermissionMismatch: This request is not authorized to perform this operation using this \
             permission.",
        ),
        (
            403,
            google.to_owned(),
            "HTTP 403, forbidden: x@y.org does not have storage.objects.get access to the object.",
        ),
        (403, "<html><h1>Forbidden</h1></html>".to_owned(), "HTTP 403"),
        (401, String::new(), "HTTP 401, credentials are needed or were refused"),
    ] {
        match refusal(status, body).await {
            Error::Denied { detail: told, .. } => assert_eq!(told, detail),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn a_body_that_echoes_the_request_does_not_tell_its_secrets() {
    let message =
        "no https://h/a?X-Amz-Signature=abcdef0123456789 with abcdef0123456789 and sig=short of AKIAIOSFODNN7EXAMPLE";
    let shown = refusal(403, s3("AccessDenied", message)).await.to_string();
    assert!(shown.contains("no https://h/a?X-Amz-Signature=… with … and sig=… of …"), "{shown}");
}

#[tokio::test]
async fn a_body_without_end_is_cut() {
    let shown = refusal(403, s3("AccessDenied", &"long ".repeat(1_000_000))).await.to_string();
    assert!(shown.ends_with("access denied (HTTP 403, AccessDenied)"), "{shown}");
    let shown = refusal(500, s3("InternalError", &"long ".repeat(200))).await.to_string();
    assert!(shown.contains("HTTP 500 (InternalError: long long") && shown.len() < 400, "{shown}");
}

#[tokio::test]
async fn options_of_vsicurl_are_followed_for_that_location_alone() {
    let server = Server::start([("/a", content(100)), ("/b", content(100))]);
    server.inject("/a", usize::MAX, Fault::Status(503));
    server.inject("/b", usize::MAX, Fault::Status(503));
    let session = Session::new(quick());
    let encoded = server.url("/a").replace(':', "%3A").replace('/', "%2F");
    let text = format!("/vsicurl?max_retry=2&retry_delay=0.001&list_dir=no&useragent=me&unsafessl=yes&url={encoded}");
    let source = session.open(&Location::parse(&text).unwrap()).await.unwrap();
    assert!(source.read_first(10).await.is_err());
    assert_eq!(server.take_log().len(), 3, "one attempt and two retries");
    assert!(source.warnings().len() == 1 && source.warnings()[0].contains("\"unsafessl\""), "{:?}", source.warnings());
    server.behave();
    assert_eq!(source.read_first(10).await.unwrap(), content(10));
    assert_eq!(server.take_log()[0].header("user-agent"), Some("me"));
    server.inject("/b", usize::MAX, Fault::Status(503));
    assert!(open(&session, &server.url("/b")).await.read_first(10).await.is_err());
    assert_eq!(server.take_log().len(), 6, "the session's own five retries");
    let wrong = Location::parse(&text.replace("max_retry=2", "max_retry=many")).unwrap();
    assert_eq!(session.open(&wrong).await.unwrap_err().to_string(), "GDAL_HTTP_MAX_RETRY must be a whole number");
}

#[tokio::test]
async fn a_missing_path_that_was_meant_as_a_url_says_what_to_type() {
    let session = Session::new(quick());
    for (text, hint) in
        [("http:/host/a.tif", "(for a URL type http://host/a.tif)"), ("'no/a.tif'", "without them: no/a.tif")]
    {
        let error = session.open(&Location::parse(text).unwrap()).await.unwrap_err();
        assert!(error.is_not_found() && error.to_string().contains(hint), "{error}");
    }
}
