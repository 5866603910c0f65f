//! Remote reads against a server in this process that counts and misbehaves.
#![cfg(feature = "http")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod caches;
mod examples;
mod far_link;
mod faults;
#[cfg(all(feature = "aws", feature = "gcp", feature = "azure"))]
mod keys;
mod limits;
mod mirrors;
mod nginx;
mod odd_answers;
mod proxies;
mod ranges;
mod redirects;
mod refusals;
mod stores;
mod tls;
mod versions;

use bytes::Bytes;
use cog_io::{Config, Location, Session, Source};
use cog_testkit::server::Server;

/// Bytes that tell their own offset.
fn content(len: usize) -> Bytes {
    (0..len).map(|i| (i ^ (i >> 8) ^ (i >> 16)) as u8).collect::<Vec<_>>().into()
}

fn quick() -> Config {
    let mut config = Config::default();
    config.retry.base_delay = std::time::Duration::from_millis(2);
    config
}

async fn open(session: &Session, url: &str) -> Source {
    session.open(&Location::parse(url).unwrap()).await.unwrap()
}

async fn source(server: &Server, path: &str) -> Source {
    open(&Session::new(quick()), &server.url(path)).await
}
