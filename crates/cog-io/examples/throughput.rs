//! Prints how long it takes to open many objects at once and to read many ranges, from a server in this process with a latency.
//!
//! ```text
//! cargo run --release -p cog-io --example throughput
//! ```
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::time::{Duration, Instant};

use cog_io::{Config, Location, Session};
use cog_testkit::server::Server;

#[tokio::main]
async fn main() {
    let server = Server::start((0..200).map(|i| (format!("/{i}"), vec![i as u8; 4 << 20])));
    server.set_latency(Duration::from_millis(40));
    let session = Session::new(Config::default());
    let started = Instant::now();
    open(&session, &server.url("/0")).await;
    open(&session, &server.url("/0")).await;
    println!("first open: {:?}", started.elapsed());
    let started = Instant::now();
    let tasks: Vec<_> = (1..200)
        .map(|i| {
            let (session, url) = (session.clone(), server.url(&format!("/{i}")));
            tokio::spawn(async move { open(&session, &url).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    println!("199 opens at once: {:?}, {} requests", started.elapsed(), server.log().len());
    let source = session.open(&Location::parse(&server.url("/7")).unwrap()).await.unwrap();
    let started = Instant::now();
    let ranges: Vec<_> = (0..40u64).map(|i| i * 100_000..i * 100_000 + 90_000).collect();
    let parts = source.read_ranges(&ranges).await.unwrap();
    println!("{} ranges: {:?}, {} requests", parts.len(), started.elapsed(), source.stats().requests);
}

async fn open(session: &Session, url: &str) {
    session.open(&Location::parse(url).unwrap()).await.unwrap().read_first(32_768).await.unwrap();
}
