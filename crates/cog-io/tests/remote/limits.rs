//! How much is in flight, with the limits that nobody has set.

use std::time::Duration;

use cog_io::Session;
use cog_testkit::server::Server;

use super::{content, open, quick};

/// Ranges so far apart that none are merged.
fn apart(n: u64) -> Vec<std::ops::Range<u64>> {
    (0..n).map(|i| i * 100_000..i * 100_000 + 10).collect()
}

#[tokio::test]
async fn a_read_has_64_requests_in_flight_and_no_more() {
    let server = Server::start([("/a", content(15_000_000))]);
    // Long enough for all that may be sent to be sent.
    server.set_latency(Duration::from_millis(1000));
    let source = open(&Session::new(quick()), &server.url("/a")).await;
    let data = content(15_000_000);
    for (i, part) in source.read_ranges(&apart(150)).await.unwrap().iter().enumerate() {
        assert_eq!(*part, data[i * 100_000..i * 100_000 + 10], "range {i}");
    }
    assert_eq!(server.log().len(), 150);
    assert_eq!(server.peak_in_flight(), 64);
}

#[tokio::test]
async fn a_session_has_256_requests_in_flight_and_no_more() {
    let server = Server::start((0..6).map(|i| (format!("/{i}"), content(10_000_000))));
    server.set_latency(Duration::from_millis(1500));
    let session = Session::new(quick());
    let reads = (0..6).map(|i| {
        let (session, url) = (session.clone(), server.url(&format!("/{i}")));
        tokio::spawn(async move { open(&session, &url).await.read_ranges(&apart(64)).await.unwrap().len() })
    });
    for read in reads.collect::<Vec<_>>() {
        assert_eq!(read.await.unwrap(), 64);
    }
    assert_eq!(server.log().len(), 6 * 64);
    assert_eq!(server.peak_in_flight(), 256);
}
