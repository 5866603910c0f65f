//! Answers that are unusual and right, or wrong in a way that must be named.

use cog_io::{Error, Session};
use cog_testkit::server::{Fault, Server};

use super::{content, open, quick, source};

const SIZE: u64 = 100_000;

fn serve(fault: Fault) -> Server {
    let server = Server::start([("/a", content(SIZE as usize))]);
    server.inject("/a", usize::MAX, fault);
    server
}

async fn refused(fault: Fault) -> String {
    let server = serve(fault);
    let error = source(&server, "/a").await.read_first(1000).await.unwrap_err();
    assert!(matches!(error, Error::Protocol { .. }), "{error}");
    assert_eq!(server.log().len(), 1, "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_content_encoding_that_leaves_the_bytes_alone_is_no_hindrance() {
    for lines in [
        vec![("content-encoding", "aws-chunked")],
        vec![("content-encoding", "")],
        vec![("content-encoding", "identity, aws-chunked")],
        vec![("content-encoding", "AWS-Chunked ,")],
        vec![("content-encoding", "identity"), ("content-encoding", "aws-chunked")],
    ] {
        let server = serve(Fault::Headers(lines.clone()));
        let source = source(&server, "/a").await;
        assert_eq!(source.read_first(1000).await.unwrap(), content(1000), "{lines:?}");
        assert_eq!(source.warnings(), Vec::<String>::new(), "{lines:?}");
    }
}

#[tokio::test]
async fn a_word_that_is_no_coding_is_read_with_one_warning() {
    let server = serve(Fault::Headers(vec![("content-encoding", "utf-8")]));
    let source = source(&server, "/a").await;
    assert_eq!(source.read_first(1000).await.unwrap(), content(1000));
    assert_eq!(source.read(5000..5010).await.unwrap(), content(6000)[5000..5010]);
    assert_eq!(source.warnings().len(), 1, "{:?}", source.warnings());
    assert!(source.warnings()[0].contains("\"utf-8\" is not a known coding"), "{:?}", source.warnings());
}

#[tokio::test]
async fn a_coding_that_changes_the_bytes_is_refused_wherever_it_stands() {
    for lines in [
        vec![("content-encoding", "aws-chunked,gzip")],
        vec![("content-encoding", "identity"), ("content-encoding", "GZIP")],
    ] {
        let error = refused(Fault::Headers(lines)).await;
        assert!(error.contains("Content-Encoding \"gzip\", so they are not those of the object"), "{error}");
    }
    assert!(refused(Fault::Headers(vec![("content-encoding", "zstd")])).await.contains("\"zstd\""));
}

#[tokio::test]
async fn what_a_short_206_left_out_is_asked_for() {
    let server = serve(Fault::Less(300));
    let source = source(&server, "/a").await;
    assert_eq!(source.read_first(1000).await.unwrap(), content(1000));
    let ranges: Vec<_> = server.log().iter().filter_map(|entry| entry.range.clone()).collect();
    assert_eq!(ranges, [0..1000, 300..1000, 600..1000, 900..1000]);
    assert!(server.log()[1..].iter().all(|entry| entry.header("if-match").is_some()), "parts are of one version");
    let stats = source.stats();
    assert_eq!((stats.requests, stats.bytes, stats.ranges), (4, 1000, ranges));
    assert_eq!(source.size(), Some(SIZE));
    // The end of the object, met by a first read that is longer than the object.
    let end = open(&Session::new(quick()), &server.url("/a")).await;
    assert_eq!(end.read(SIZE - 700..SIZE).await.unwrap(), content(SIZE as usize)[SIZE as usize - 700..]);
}

#[tokio::test]
async fn a_server_that_never_sends_much_at_once_is_read_to_the_end() {
    let server = serve(Fault::Less(20_000));
    let source = source(&server, "/a").await;
    assert_eq!(source.read_first(2 * SIZE).await.unwrap(), content(SIZE as usize));
    assert_eq!(server.log().len(), 5);
}

#[tokio::test]
async fn a_body_shorter_than_its_content_range_is_completed() {
    let server = Server::start([("/a", content(SIZE as usize))]);
    server.inject("/a", 1, Fault::Truncated(10));
    let source = source(&server, "/a").await;
    assert_eq!(source.read_first(1000).await.unwrap(), content(1000));
    assert_eq!(server.log().iter().filter_map(|entry| entry.range.clone()).collect::<Vec<_>>(), [0..1000, 10..1000]);
    // One that brings nothing at all is asked again.
    server.inject("/a", 1, Fault::Truncated(0));
    assert_eq!(source.read(5000..5100).await.unwrap(), content(6000)[5000..5100]);
    assert_eq!(server.log().len(), 4);
}

#[tokio::test]
async fn a_server_that_sends_single_bytes_is_given_up() {
    let server = serve(Fault::Less(1));
    let error = source(&server, "/a").await.read_first(1000).await.unwrap_err().to_string();
    assert!(error.contains("16 answers brought only 16 of 1000 bytes"), "{error}");
    assert_eq!(server.log().len(), 16);
}

#[tokio::test]
async fn an_object_that_changes_between_two_parts_is_an_error() {
    let server = Server::start([("/a", content(SIZE as usize))]);
    server.inject("/a", 1, Fault::Less(300));
    server.inject("/a", 1, Fault::Status(503));
    let source = source(&server, "/a").await;
    let reading = tokio::spawn({
        let source = source.clone();
        async move { source.read_first(1000).await }
    });
    // After the part and the 503, before the retry: the server answers that one with another object.
    while server.log().len() < 2 {
        tokio::task::yield_now().await;
    }
    server.put("/a", content(SIZE as usize));
    let error = reading.await.unwrap().unwrap_err();
    assert!(error.is_changed(), "{error}");
}

#[tokio::test]
async fn a_range_under_status_200_is_taken_as_the_range_that_it_says_it_is() {
    for chunked in [false, true] {
        let server = serve(Fault::RangeAs200(chunked));
        let source = source(&server, "/a").await;
        assert_eq!(source.read_first(1000).await.unwrap(), content(1000), "chunked: {chunked}");
        assert_eq!(source.size(), Some(SIZE));
        assert_eq!(source.read(50_000..50_100).await.unwrap(), content(51_000)[50_000..50_100]);
    }
}

/// With status 200 Content-Range means nothing (RFC 9110, section 14.4): a body as long as the object is the object.
#[tokio::test]
async fn the_whole_object_under_status_200_is_the_object_whatever_content_range_says() {
    let server = Server::start([("/a", content(1000))]);
    server.inject("/a", usize::MAX, Fault::RangeAs200(false));
    let source = source(&server, "/a").await;
    assert_eq!(source.read_first(5000).await.unwrap(), content(1000));
    assert_eq!(source.read(300..400).await.unwrap(), content(1000)[300..400]);
    assert_eq!(server.log().len(), 1);
}

#[tokio::test]
async fn what_a_server_did_wrong_is_said() {
    let range = |text: &str| Fault::ContentRange(text.into());
    for (fault, said) in [
        (range("items {first}-{last}/{size}"), "Content-Range \"items 0-999/100000\" does not count in bytes"),
        (range("bytes 0-2000/*"), "bytes 0-999 were asked for and Content-Range says \"bytes 0-2000/*\""),
        (range("bytes */{size}"), "status 206 with Content-Range \"bytes */100000\""),
        (range("0-999"), "makes no sense"),
        (Fault::NoContentRange, "status 206 without Content-Range"),
        (Fault::Multipart, "one range was asked for and status 206 came with multipart/byteranges"),
        (Fault::ShiftedContentRange, "Content-Range says \"bytes 1-1000/100000\""),
    ] {
        let error = refused(fault.clone()).await;
        assert!(error.contains(said), "{fault:?}: {error}");
    }
}

#[tokio::test]
async fn content_range_is_read_in_the_spellings_that_servers_use() {
    for text in
        ["Bytes {first}-{last}/{size}", "bytes={first}-{last}/{size}", "bytes {first}-{last}/*", "bytes {first}-{last}"]
    {
        let server = serve(Fault::ContentRange(text.into()));
        let source = source(&server, "/a").await;
        assert_eq!(source.read_first(1000).await.unwrap(), content(1000), "{text}");
        assert_eq!(source.read(5000..5010).await.unwrap(), content(6000)[5000..5010], "{text}");
    }
}
