use std::time::{Duration, Instant};

use cog_io::Session;
use cog_testkit::server::{Fault, Server};

use super::{content, open, quick};

#[tokio::test]
async fn a_second_open_and_a_second_read_cost_no_request() {
    let server = Server::start([("/a", content(200_000))]);
    let session = Session::new(quick());
    for round in 0..2 {
        let source = open(&session, &server.url("/a")).await;
        assert_eq!(source.read_first(1000).await.unwrap(), content(1000));
        assert_eq!(source.size(), Some(200_000));
        assert_eq!(source.read_header(&[16_384..32_768, 0..0]).await.unwrap()[0], content(200_000)[16_384..32_768]);
        assert_eq!(source.read(90_000..91_000).await.unwrap(), content(200_000)[90_000..91_000]);
        let stats = source.stats();
        assert_eq!((stats.requests, stats.cache_hits), if round == 0 { (3, 0) } else { (0, 3) });
    }
    assert_eq!(server.log().len(), 3);
    assert_eq!(session.stats().requests, 3);
}

#[tokio::test]
async fn without_caches_everything_is_asked_again() {
    let server = Server::start([("/a", content(200_000))]);
    let session = Session::new(quick().with_header_cache(false).with_block_cache(false));
    for _ in 0..2 {
        let source = open(&session, &server.url("/a")).await;
        source.read_first(1000).await.unwrap();
        source.read(90_000..91_000).await.unwrap();
    }
    assert_eq!(server.log().len(), 4);
}

#[tokio::test]
async fn an_old_version_is_confirmed_without_its_bytes_and_a_new_one_is_fetched() {
    let server = Server::start([("/a", content(50_000))]);
    let session = Session::new(quick().with_version_ttl(Duration::ZERO));
    open(&session, &server.url("/a")).await.read_first(1000).await.unwrap();
    let second = open(&session, &server.url("/a")).await;
    assert_eq!(second.read_first(1000).await.unwrap(), content(1000));
    assert_eq!(server.log().last().unwrap().status, 304);
    assert_eq!(second.stats().bytes, 0);
    server.put("/a", content(40_000));
    let third = open(&session, &server.url("/a")).await;
    third.read_first(1000).await.unwrap();
    assert_eq!(third.size(), Some(40_000));
    assert_eq!(server.log().last().unwrap().status, 206);
}

#[tokio::test]
async fn an_object_without_validators_is_not_taken_for_the_same_at_the_next_open() {
    let server = Server::start([("/a", content(50_000))]);
    server.set_validators("/a", cog_testkit::server::Validators::None);
    let session = Session::new(quick().with_version_ttl(Duration::ZERO));
    open(&session, &server.url("/a")).await.read_first(1000).await.unwrap();
    let other: Vec<u8> = content(50_000).iter().rev().copied().collect();
    server.put("/a", other.clone());
    assert_eq!(open(&session, &server.url("/a")).await.read_first(1000).await.unwrap(), other[..1000]);
}

#[tokio::test]
async fn callers_who_want_the_same_bytes_at_once_share_one_request() {
    let server = Server::start([("/a", content(50_000))]);
    server.set_latency(Duration::from_millis(100));
    let session = Session::new(quick().with_header_cache(false).with_block_cache(false));
    let source = open(&session, &server.url("/a")).await;
    let other = open(&session, &server.url("/a")).await;
    let (a, b, c) = tokio::join!(source.read_first(1000), other.read_first(1000), source.read_first(1000));
    assert_eq!((a.unwrap(), b.unwrap(), c.unwrap()), (content(1000), content(1000), content(1000)));
    assert_eq!(server.log().len(), 1);
    let (a, b) = tokio::join!(source.read(10_000..20_000), other.read(10_000..20_000));
    assert_eq!(a.unwrap(), b.unwrap());
    assert_eq!(server.log().len(), 2);
}

#[tokio::test]
async fn the_request_goes_on_when_only_the_first_caller_goes_away() {
    let server = Server::start([("/a", content(50_000))]);
    server.set_latency(Duration::from_millis(200));
    let session = Session::new(quick());
    let source = open(&session, &server.url("/a")).await;
    let first = {
        let source = source.clone();
        tokio::spawn(async move { source.read_first(1000).await })
    };
    tokio::time::sleep(Duration::from_millis(60)).await;
    let second = {
        let source = source.clone();
        tokio::spawn(async move { source.read_first(1000).await })
    };
    tokio::time::sleep(Duration::from_millis(20)).await;
    first.abort();
    assert_eq!(second.await.unwrap().unwrap(), content(1000));
    assert_eq!(server.log().len(), 1);
}

#[tokio::test]
async fn a_failure_is_not_remembered() {
    let server = Server::start([("/a", content(5000))]);
    server.inject("/a", 1, Fault::Status(404));
    let session = Session::new(quick());
    let source = open(&session, &server.url("/a")).await;
    assert!(source.read_first(100).await.unwrap_err().is_not_found());
    assert_eq!(source.read_first(100).await.unwrap(), content(100));
}

#[tokio::test]
async fn two_hundred_objects_open_side_by_side() {
    let server = Server::start((0..200).map(|i| (format!("/{i}"), content(40_000 + i))));
    server.set_latency(Duration::from_millis(40));
    let session = Session::new(quick());
    open(&session, &server.url("/0")).await.read_first(32_768).await.unwrap();
    let started = Instant::now();
    let opens = (1..200).map(|i| {
        let (session, url) = (session.clone(), server.url(&format!("/{i}")));
        tokio::spawn(async move { open(&session, &url).await.read_first(32_768).await.unwrap().len() })
    });
    for task in opens.collect::<Vec<_>>() {
        assert_eq!(task.await.unwrap(), 32_768);
    }
    assert_eq!(server.log().len(), 200);
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_source_that_is_dropped_takes_nothing_from_the_others_of_its_session() {
    let server = Server::start([("/a", content(50_000)), ("/b", content(60_000))]);
    let session = Session::new(quick());
    let one = open(&session, &server.url("/a")).await;
    let other = open(&session, &server.url("/b")).await;
    one.read_first(1000).await.unwrap();
    other.read_first(1000).await.unwrap();
    let connections = server.connections();
    drop((one, session));
    assert_eq!(other.read(50_000..51_000).await.unwrap(), content(60_000)[50_000..51_000]);
    assert_eq!(server.connections(), connections, "the same connection goes on");
}

#[tokio::test]
async fn local_files_never_enter_a_cache() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content(5000)).unwrap();
    let session = Session::new(quick());
    for _ in 0..2 {
        let source = open(&session, file.path().to_str().unwrap()).await;
        source.read_first(1000).await.unwrap();
        source.read_header(&[0..50, 50..100]).await.unwrap();
        source.read_ranges(&[200..300, 300..300]).await.unwrap();
        assert_eq!((source.stats().requests, source.stats().cache_hits, source.stats().bytes), (0, 0, 1200));
    }
}
