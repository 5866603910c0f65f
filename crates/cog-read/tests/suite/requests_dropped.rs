//! Reads that are given up, streams that are not consumed, and files that change meanwhile.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::run;
use cog_read::io::Config;
use cog_read::{Cog, Error, Session, SessionOptions};
use cog_testkit::server::{CogPlan, Fault, Server, TILE, Validators};
use futures_util::StreamExt;

fn plan() -> CogPlan {
    CogPlan { mask: true, ..CogPlan::new(4096, 4096) }
}

fn serve() -> Server {
    Server::start([("/a.tif", plan().make().bytes)])
}

async fn open(server: &Server, io: Config) -> Cog {
    let session = Session::new(SessionOptions::default().with_threads(2).with_io(io));
    session.open(&server.url("/a.tif")).await.unwrap()
}

#[test]
fn a_read_that_is_dropped_asks_for_nothing_more_and_decodes_nothing_more() {
    let server = serve();
    run(async {
        let cog = open(&server, Config::default().with_max_in_flight_per_read(2)).await;
        server.set_latency(Duration::from_millis(150));
        server.take_log();
        let done = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&done);
        // A column of tiles: eight requests, two at a time.
        let tiles = cog.tiles((0..8).map(|y| (3, y))).progress(move |progress| {
            seen.fetch_max(progress.blocks_done, Ordering::SeqCst);
        });
        assert!(tokio::time::timeout(Duration::from_millis(220), tiles).await.is_err());
        tokio::time::sleep(Duration::from_millis(200)).await;
        let (sent, decoded) = (server.log().len(), done.load(Ordering::SeqCst));
        assert!(sent < 8, "{sent} requests");
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!((server.log().len(), done.load(Ordering::SeqCst)), (sent, decoded));
        // The file can be read all the same.
        assert!(cog.tile(3, 3).await.is_ok());
    });
}

#[test]
fn progress_counts_every_block_and_byte() {
    let plan = plan();
    let made = plan.make();
    let (blocks, bytes) = {
        let len = |ranges: &Vec<std::ops::Range<u64>>| ranges.iter().map(|r| r.end - r.start).sum::<u64>();
        let stored = [&made.blocks[1], &made.mask_blocks[1]];
        (stored.iter().map(|r| r.len() as u64).sum::<u64>(), stored.iter().map(|r| len(r)).sum::<u64>())
    };
    let server = Server::start([("/a.tif", made.bytes)]);
    run(async {
        let cog = open(&server, Config::default()).await;
        let all = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&all);
        cog.read().level(1).progress(move |progress| seen.lock().unwrap().push(progress)).await.unwrap();
        let all = all.lock().unwrap();
        let last = all.iter().max_by_key(|progress| progress.blocks_done).unwrap();
        assert_eq!((last.blocks_done, last.blocks), (blocks, blocks));
        assert_eq!((last.bytes_done, last.bytes), (bytes, bytes));
        assert_eq!(all.len() as u64, blocks + 1, "before the first block and after every one");
    });
}

#[test]
fn a_stream_of_blocks_fetches_a_few_groups_ahead_and_no_more() {
    let plan = CogPlan { mask: false, ..CogPlan::new(8192, 8192) };
    let server = Server::start([("/a.tif", plan.make().bytes)]);
    run(async {
        let cog = open(&server, Config::default()).await;
        server.take_log();
        let mut blocks = cog.blocks().stream().unwrap();
        let first = blocks.next().await.unwrap().unwrap();
        assert_eq!((first.x, first.y), (0, 0));
        tokio::time::sleep(Duration::from_millis(300)).await;
        let fetched: u64 = server.log().iter().map(|entry| entry.bytes).sum();
        // The file has 45 MB; a group is 32 tiles, 5.6 MB.
        assert!(fetched < 18_000_000, "{fetched} bytes ahead of the consumer");
        let mut count = 1;
        while let Some(block) = blocks.next().await {
            let block = block.unwrap();
            assert_eq!((block.x, block.y), (count % 16, count / 16));
            let pixels = block.raster.pixels.view::<u8>().unwrap();
            assert_eq!(pixels[[0, 77, 99]], plan.value(0, block.x * TILE + 99, block.y * TILE + 77));
            count += 1;
        }
        assert_eq!(count, 256);
    });
}

#[test]
fn a_file_that_changes_between_header_and_tiles_is_an_error_and_then_the_new_file() {
    for validators in [Validators::Strong, Validators::StrongUnchecked, Validators::Weak, Validators::LastModified] {
        let server = serve();
        server.set_validators("/a.tif", validators);
        run(async {
            let session = Session::new(SessionOptions::default().with_threads(2));
            let url = server.url("/a.tif");
            let cog = session.open(&url).await.unwrap();
            cog.tile(0, 0).await.unwrap();
            let changed = CogPlan { seed: 9, ..plan() };
            server.put("/a.tif", changed.make().bytes);
            for _ in 0..2 {
                let error = cog.tile(5, 5).await.unwrap_err();
                assert!(matches!(&error, Error::Io(e) if e.is_changed()), "{validators:?}: {error}");
            }
            let again = session.open(&url).await.unwrap();
            for (x, y) in [(0, 0), (5, 5)] {
                let tile = again.tile(x, y).await.unwrap();
                let value = changed.value(0, x * TILE + 7, y * TILE + 9);
                assert_eq!(tile.pixels.view::<u8>().unwrap()[[0, 9, 7]], value, "{validators:?}");
            }
        });
    }
}

#[test]
fn a_server_without_ranges_gives_the_same_pixels() {
    let plan = CogPlan::new(2048, 2048);
    let server = Server::start([("/a.tif", plan.make().bytes)]);
    server.inject("/a.tif", usize::MAX, Fault::IgnoreRange);
    run(async {
        let cog = open(&server, Config::default()).await;
        let tile = cog.tile(2, 3).await.unwrap();
        assert_eq!(tile.pixels.view::<u8>().unwrap()[[0, 500, 3]], plan.value(0, 2 * TILE + 3, 3 * TILE + 500));
        assert_eq!(server.log().len(), 1, "the whole file came with the first answer");
    });
}
