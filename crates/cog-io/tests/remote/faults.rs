use std::time::{Duration, Instant};

use bytes::Bytes;
use cog_io::{Error, Session, Source};
use cog_testkit::server::{Fault, Server};

use super::{content, open, quick, source};

async fn first(server: &Server) -> cog_io::Result<Bytes> {
    source(server, "/a").await.read_first(1000).await
}

fn serve() -> Server {
    Server::start([("/a", content(5000))])
}

#[tokio::test]
async fn passing_trouble_is_retried() {
    for fault in [
        Fault::Status(500),
        Fault::Status(502),
        Fault::Status(503),
        Fault::Status(504),
        Fault::Status(408),
        Fault::Status(429),
        Fault::Reset,
        Fault::Cut(10),
        Fault::Short(10),
    ] {
        let server = serve();
        server.inject("/a", 2, fault.clone());
        let source = source(&server, "/a").await;
        assert_eq!(source.read_first(1000).await.unwrap(), content(1000), "{fault:?}");
        assert_eq!(server.log().len(), 3, "{fault:?}");
        assert!(source.stats().requests >= 3 || fault == Fault::Reset, "{fault:?}");
    }
}

#[tokio::test]
async fn what_the_client_did_wrong_is_not_retried() {
    for (fault, expected) in [
        (Fault::Status(404), "not found (HTTP 404)"),
        (Fault::Status(403), "access denied (HTTP 403)"),
        (Fault::Status(401), "access denied (HTTP 401, credentials are needed or were refused)"),
        (
            Fault::S3Error("ExpiredToken".into()),
            "access denied (HTTP 403, ExpiredToken, a new token or signed URL is needed)",
        ),
        (Fault::Status(400), "HTTP 400 (Bad Request)"),
        (Fault::Status(410), "not found (HTTP 410)"),
    ] {
        let server = serve();
        server.inject("/a", usize::MAX, fault.clone());
        let error = first(&server).await.unwrap_err().to_string();
        assert_eq!(error, format!("{}: {expected}", server.url("/a")));
        assert_eq!(server.log().len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn retries_end_and_the_last_error_is_told() {
    let server = serve();
    server.inject("/a", usize::MAX, Fault::Status(503));
    let error = first(&server).await.unwrap_err();
    assert!(matches!(error, Error::Http { status: 503, .. }), "{error}");
    assert_eq!(server.log().len(), 6);
}

#[tokio::test]
async fn retry_after_is_honoured() {
    let server = serve();
    server.inject("/a", 1, Fault::RetryAfter(429, 1));
    let started = Instant::now();
    assert_eq!(first(&server).await.unwrap(), content(1000));
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_wait_longer_than_the_request_may_take_is_not_begun() {
    let server = serve();
    server.inject("/a", usize::MAX, Fault::RetryAfter(503, 3600));
    let started = Instant::now();
    assert!(matches!(first(&server).await, Err(Error::Http { status: 503, .. })));
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn answers_that_contradict_the_request_are_never_used() {
    for (fault, named) in [
        (Fault::ShiftedContentRange, "bytes 0-999 were asked for"),
        (Fault::NoContentRange, "without Content-Range"),
        (Fault::Gzip, "gzip"),
        (Fault::Long(5), "longer"),
    ] {
        let server = serve();
        server.inject("/a", usize::MAX, fault.clone());
        let error = first(&server).await.unwrap_err();
        assert!(matches!(error, Error::Protocol { .. }) && error.to_string().contains(named), "{fault:?}: {error}");
        assert_eq!(server.log().len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_body_that_stays_short_is_an_error() {
    let server = serve();
    server.inject("/a", usize::MAX, Fault::Short(10));
    let error = first(&server).await.unwrap_err().to_string();
    assert!(error.contains("16 answers brought only 160 of 1000 bytes"), "{error}");
}

#[tokio::test]
async fn a_size_that_is_not_told_is_not_needed() {
    let server = serve();
    server.inject("/a", usize::MAX, Fault::UnknownSize);
    let source = source(&server, "/a").await;
    assert_eq!(source.read_first(1000).await.unwrap(), content(1000));
    assert_eq!(source.size(), None);
    assert_eq!(source.read(2000..2010).await.unwrap(), content(5000)[2000..2010]);
}

#[tokio::test]
async fn a_small_object_of_a_server_without_ranges_is_fetched_once() {
    let server = serve();
    server.inject("/a", usize::MAX, Fault::IgnoreRange);
    let source = source(&server, "/a").await;
    assert_eq!(source.read_first(1000).await.unwrap(), content(1000));
    assert_eq!(source.size(), Some(5000));
    assert_eq!(source.read(3000..3100).await.unwrap(), content(5000)[3000..3100]);
    assert_eq!(server.log().len(), 1);
}

#[tokio::test]
async fn a_large_object_of_a_server_without_ranges_is_refused() {
    let server = serve();
    server.inject("/a", usize::MAX, Fault::IgnoreRange);
    let session = Session::new(quick().with_max_whole_object_bytes(4999));
    let error = open(&session, &server.url("/a")).await.read_first(1000).await.unwrap_err();
    assert!(matches!(error, Error::Limits { value: 5000, limit: 4999, .. }), "{error}");
}

async fn impatient(server: &Server) -> Source {
    let mut config = quick().with_read_timeout(Duration::from_millis(150));
    config.retry.max_retries = 1;
    open(&Session::new(config), &server.url("/a")).await
}

#[tokio::test]
async fn silence_and_a_stalled_body_end_in_a_timeout_after_retries() {
    for fault in [Fault::Silence, Fault::Stall(10)] {
        let server = serve();
        server.inject("/a", usize::MAX, fault.clone());
        let error = impatient(&server).await.read_first(1000).await.unwrap_err();
        assert!(matches!(error, Error::Timeout { .. }), "{fault:?}: {error}");
        assert_eq!(server.log().len(), 2, "{fault:?}");
        server.behave();
        server.inject("/a", 1, fault.clone());
        assert_eq!(impatient(&server).await.read_first(1000).await.unwrap(), content(1000), "{fault:?}");
    }
}

#[tokio::test]
async fn the_total_time_bounds_all_retries() {
    let server = serve();
    server.inject("/a", usize::MAX, Fault::Silence);
    let config = quick().with_request_timeout(Duration::from_millis(300));
    let started = Instant::now();
    let error = open(&Session::new(config), &server.url("/a")).await.read_first(10).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn an_empty_object_is_named() {
    let server = Server::start([("/a", Bytes::new())]);
    let error = first(&server).await.unwrap_err();
    assert!(matches!(error, Error::Empty { .. }), "{error}");
    assert!(error.to_string().ends_with("is empty (0 bytes)"));
}

#[tokio::test]
async fn refused_connections_and_unknown_names_are_told_with_the_host() {
    let server = serve();
    let url = server.url("/a");
    drop(server);
    let session = Session::new(quick());
    let error = open(&session, &url).await.read_first(10).await.unwrap_err();
    assert!(
        matches!(&error, Error::Connect { host, reason, .. } if host.contains(':') && reason == "connection refused"),
        "{error}"
    );
    let error = open(&session, "http://no-such-host.invalid/a").await.read_first(10).await.unwrap_err();
    assert!(matches!(&error, Error::Connect { host, .. } if host == "no-such-host.invalid"), "{error}");
}

#[tokio::test]
async fn secrets_are_sent_and_never_shown() {
    let server = serve();
    server.require_header("/a", "authorization", "Basic bWU6c2VjcmV0IQ==");
    let url = server.url("/a").replace("http://", "http://me:secret%21@");
    let source = open(&Session::new(quick()), &format!("{url}?sig=topsecret")).await;
    source.read_first(10).await.unwrap();
    server.inject("/a", usize::MAX, Fault::Status(403));
    let error = source.read(100..200).await.unwrap_err();
    let shown = format!("{error} {error:?} {source:?} {}", source.location());
    assert!(!shown.contains("secret"), "{shown}");
    let session = Session::new(quick().with_bearer("tok").with_header("X-Key", "k"));
    server.behave();
    server.require_header("/a", "authorization", "Bearer tok");
    open(&session, &server.url("/a")).await.read_first(10).await.unwrap();
    assert_eq!(server.log().last().unwrap().header("x-key"), Some("k"));
    assert!(!format!("{session:?}").contains("tok\""));
}

#[tokio::test]
async fn thousands_of_reads_with_random_faults_give_right_bytes_or_a_named_error() {
    let data = content(2_000_000);
    let server = Server::start([("/a", data.clone())]);
    let faults = vec![
        Fault::Status(503),
        Fault::Reset,
        Fault::Cut(7),
        Fault::Short(3),
        Fault::ShiftedContentRange,
        Fault::Gzip,
        Fault::NoContentRange,
        Fault::WrongSize,
        Fault::Long(3),
        Fault::Status(404),
    ];
    server.inject_randomly(50, faults, 0x5EED);
    let session = Session::new(quick().with_block_cache(false).with_header_cache(false));
    let (mut right, mut named) = (0, 0);
    for round in 0..60u64 {
        let source = open(&session, &server.url("/a")).await;
        let ranges: Vec<_> =
            (0..50u64).map(|i| (i * 37_003 + round * 101) % 1_900_000).map(|at| at..at + 900).collect();
        let mut stream = source.stream_ranges(ranges.clone());
        while let Some((index, bytes)) = futures_util::StreamExt::next(&mut stream).await {
            match bytes {
                Ok(bytes) => {
                    assert_eq!(bytes, data[ranges[index].start as usize..ranges[index].end as usize]);
                    right += 1;
                }
                Err(
                    Error::Protocol { .. } | Error::NotFound { .. } | Error::Changed { .. } | Error::OutOfBounds { .. },
                ) => named += 1,
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert_eq!(right + named, 3000);
    assert!(right > 2000 && named > 0, "{right} right, {named} errors");
}

/// Something that takes connections and never says a word.
#[tokio::test]
async fn a_server_that_never_speaks_ends_in_a_timeout_with_and_without_tls() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let held = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    let mut config = quick().with_read_timeout(Duration::from_millis(200));
    config.retry.max_retries = 1;
    let schemes: &[&str] = if cfg!(feature = "tls") { &["http", "https"] } else { &["http"] };
    for scheme in schemes {
        let started = Instant::now();
        let url = format!("{scheme}://127.0.0.1:{port}/a");
        let error = open(&Session::new(config.clone()), &url).await.read_first(10).await.unwrap_err();
        assert!(matches!(error, Error::Timeout { .. }), "{scheme}: {error}");
        assert!(started.elapsed() < Duration::from_secs(5), "{scheme}: {:?}", started.elapsed());
    }
    held.abort();
}
