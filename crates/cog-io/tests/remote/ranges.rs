use std::time::Duration;

use cog_io::{Error, MergeRules, Session};
use cog_testkit::server::Server;
use futures_util::StreamExt;

use super::{content, open, quick, source};

#[tokio::test]
async fn the_first_read_is_one_get_and_brings_the_size() {
    let data = content(100_000);
    let server = Server::start([("/a", data.clone())]);
    let source = source(&server, "/a").await;
    assert_eq!(source.size(), None);
    assert_eq!(server.log().len(), 0, "opening asks nothing");
    assert_eq!(source.read_first(32_768).await.unwrap(), data[..32_768]);
    assert_eq!(source.size(), Some(100_000));
    let log = server.log();
    assert_eq!((log.len(), log[0].method.as_str(), log[0].range.clone()), (1, "GET", Some(0..32_768)));
    let stats = source.stats();
    assert_eq!((stats.requests, stats.bytes, &stats.ranges[0]), (1, 32_768, &(0..32_768)));
}

#[tokio::test]
async fn an_object_shorter_than_the_first_read_is_no_error() {
    let server = Server::start([("/a", content(100))]);
    let source = source(&server, "/a").await;
    assert_eq!(source.read_first(32_768).await.unwrap(), content(100));
    assert_eq!(source.size(), Some(100));
}

#[tokio::test]
async fn neighbours_share_a_request_and_no_byte_comes_twice() {
    let data = content(3_000_000);
    let server = Server::start([("/a", data.clone())]);
    let source = source(&server, "/a").await;
    source.read_first(1000).await.unwrap();
    server.take_log();
    let ranges = [5000..6000, 1_000_000..1_000_500, 4000..5000, 5500..6500, 7..7, 5000..6000];
    let parts = source.read_ranges(&ranges).await.unwrap();
    for (range, part) in ranges.iter().zip(&parts) {
        assert_eq!(*part, data[range.start as usize..range.end as usize]);
    }
    let mut asked: Vec<_> = server.log().into_iter().filter_map(|entry| entry.range).collect();
    asked.sort_by_key(|range| range.start);
    assert_eq!(asked, [4000..6500, 1_000_000..1_000_500]);
}

#[tokio::test]
async fn a_stream_gives_every_range_once_while_the_consumer_bounds_what_is_fetched() {
    let data = content(4_000_000);
    let server = Server::start([("/a", data.clone())]);
    let rules = {
        let mut rules = MergeRules::default();
        rules.enabled = false;
        rules
    };
    let session = Session::new(quick().with_merge(rules).with_read_ahead_bytes(50_000));
    let source = open(&session, &server.url("/a")).await;
    let ranges: Vec<_> = (0..100u64).map(|i| i * 40_000..i * 40_000 + 10_000).collect();
    let mut stream = source.stream_ranges(ranges.clone());
    let (first, bytes) = stream.next().await.unwrap();
    assert_eq!(bytes.unwrap(), data[ranges[first].start as usize..ranges[first].end as usize]);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(server.log().len() <= 6, "{} requests ahead of the consumer", server.log().len());
    let mut seen = vec![first];
    while let Some((index, bytes)) = stream.next().await {
        assert_eq!(bytes.unwrap(), data[ranges[index].start as usize..ranges[index].end as usize]);
        seen.push(index);
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..100).collect::<Vec<_>>());
    assert_eq!(server.log().len(), 100);
}

#[tokio::test]
async fn a_read_keeps_to_its_requests_in_flight() {
    let server = Server::start([("/a", content(4_000_000))]);
    server.set_latency(Duration::from_millis(30));
    let source = open(&Session::new(quick().with_max_in_flight_per_read(5)), &server.url("/a")).await;
    let ranges: Vec<_> = (0..40u64).map(|i| i * 100_000..i * 100_000 + 10).collect();
    source.read_ranges(&ranges).await.unwrap();
    assert!(server.peak_in_flight() <= 5, "{}", server.peak_in_flight());
    let other = open(&Session::new(quick().with_max_in_flight(3)), &server.url("/a")).await;
    server.take_log();
    other.read_ranges(&ranges).await.unwrap();
    assert!(server.peak_in_flight() <= 3, "{}", server.peak_in_flight());
}

#[tokio::test]
async fn a_range_past_the_end_is_an_error_with_numbers_and_costs_no_request_once_the_size_is_known() {
    let server = Server::start([("/a", content(512))]);
    let source = source(&server, "/a").await;
    let error = source.read(500..600).await.unwrap_err();
    assert!(matches!(error, Error::OutOfBounds { size: 512, .. }), "{error}");
    source.read_first(100).await.unwrap();
    server.take_log();
    let error = source.read(4096..4160).await.unwrap_err().to_string();
    assert!(error.ends_with("offset 4096 with length 64 is out of bounds for a 512-byte file"), "{error}");
    assert_eq!(server.log().len(), 0);
}

#[tokio::test]
async fn an_absurd_range_is_refused_before_anything_is_allocated() {
    let server = Server::start([("/a", content(512))]);
    let source = source(&server, "/a").await;
    assert!(matches!(source.read(0..1 << 40).await, Err(Error::Limits { .. })));
    #[allow(clippy::reversed_empty_ranges)]
    let backwards = 9..3;
    assert!(matches!(source.read(backwards).await, Err(Error::InvertedRange { .. })));
    assert_eq!(server.log().len(), 0);
}

#[tokio::test]
async fn dropping_a_read_stops_its_requests() {
    let server = Server::start([("/a", content(1_000_000))]);
    server.set_latency(Duration::from_millis(300));
    let source = source(&server, "/a").await;
    let ranges: Vec<_> = (0..200u64).map(|i| i * 5000..i * 5000 + 10).collect();
    let rules_apart: Vec<_> = ranges.iter().step_by(2).cloned().collect();
    let read = tokio::time::timeout(Duration::from_millis(100), source.read_ranges(&rules_apart));
    assert!(read.await.is_err());
    let sent = server.log().len();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(server.log().len(), sent, "requests went on after the read was dropped");
    assert_eq!(source.stats().bytes, 0);
}

#[tokio::test]
async fn odd_characters_of_a_url_reach_the_server_as_they_are() {
    let server = Server::start([("/a%20b+c%2Bd.tif", content(10))]);
    let source = source(&server, "/a%20b+c%2Bd.tif?X-Sig=a%2Fb%3D&n=1").await;
    source.read_first(4).await.unwrap();
    assert_eq!(server.log()[0].path, "/a%20b+c%2Bd.tif?X-Sig=a%2Fb%3D&n=1");
}
