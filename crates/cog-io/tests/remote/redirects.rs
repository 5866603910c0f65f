use cog_io::{Error, Session};
use cog_testkit::server::{Fault, Server};

use super::{content, open, quick};

#[tokio::test]
async fn a_redirect_is_followed_and_remembered() {
    let server = Server::start([("/a", content(0)), ("/b", content(5000))]);
    server.inject("/a", usize::MAX, Fault::Redirect(302, "/b".into()));
    let source = open(&Session::new(quick()), &server.url("/a")).await;
    assert_eq!(source.read_first(100).await.unwrap(), content(100));
    assert_eq!(source.read(200..300).await.unwrap(), content(5000)[200..300]);
    let paths: Vec<_> = server.log().into_iter().map(|entry| entry.path).collect();
    assert_eq!(paths, ["/a", "/b", "/b"]);
    assert_eq!(source.stats().requests, 3);
}

#[tokio::test]
async fn secrets_do_not_follow_to_another_host() {
    let target = Server::start([("/b", content(5000))]);
    let server = Server::start([("/a", content(10))]);
    server.inject("/a", usize::MAX, Fault::Redirect(307, target.url("/b?sig=x")));
    let session = Session::new(quick().with_bearer("tok").with_header("X-Key", "k"));
    let source = open(&session, &server.url("/a")).await;
    source.read_first(100).await.unwrap();
    source.read(200..300).await.unwrap();
    assert_eq!(server.log()[0].header("authorization"), Some("Bearer tok"));
    for entry in target.log() {
        assert_eq!((entry.header("authorization"), entry.header("x-key")), (None, None));
        assert!(entry.range.is_some());
    }
    assert_eq!((server.log().len(), target.log().len()), (1, 2));
}

#[tokio::test]
async fn a_remembered_target_that_expires_is_asked_for_again() {
    let server = Server::start([("/a", content(0)), ("/b", content(5000)), ("/c", content(5000))]);
    server.inject("/a", 1, Fault::Redirect(302, "/b?expires=soon".into()));
    server.inject("/a", usize::MAX, Fault::Redirect(302, "/c".into()));
    let source = open(&Session::new(quick()), &server.url("/a")).await;
    source.read_first(100).await.unwrap();
    server.inject("/b", usize::MAX, Fault::Status(403));
    // The new target has the same version here, as a freshly signed URL would.
    assert_eq!(source.read(200..300).await.unwrap(), content(5000)[200..300]);
}

#[tokio::test]
async fn a_loop_of_redirects_ends() {
    let server = Server::start([("/a", content(10))]);
    server.inject("/a", usize::MAX, Fault::Redirect(301, "/a".into()));
    let error = open(&Session::new(quick()), &server.url("/a")).await.read_first(10).await.unwrap_err();
    assert!(matches!(error, Error::Protocol { .. }) && error.to_string().contains("10 redirects"), "{error}");
    assert_eq!(server.log().len(), 11);
}
