//! How many requests and bytes it takes to open and to read, cold, as a server counts them: the promises that are made to people who
//! pay for both.

use std::ops::Range;
use std::time::Duration;

use crate::support::run;
use bytes::Bytes;
use cog_read::io::Config;
use cog_read::{Cog, Raster, Session, SessionOptions, Window};
use cog_testkit::server::{CogPlan, MadeCog, Server, TILE, VastTiff};

const KIB: u64 = 1 << 10;

/// What one step took.
#[derive(Debug)]
struct Taken {
    requests: u64,
    bytes: u64,
}

/// Requests and bytes since the last time. Only GETs of ranges, and no byte twice.
fn taken(server: &Server) -> Taken {
    let log = server.take_log();
    assert!(log.iter().all(|entry| entry.method == "GET" && entry.status == 206), "{log:?}");
    let mut ranges: Vec<Range<u64>> = log.iter().map(|entry| entry.range.clone().unwrap()).collect();
    ranges.sort_by_key(|range| range.start);
    for pair in ranges.windows(2) {
        assert!(pair[0].end <= pair[1].start, "bytes were fetched twice: {ranges:?}");
    }
    Taken { requests: log.len() as u64, bytes: log.iter().map(|entry| entry.bytes).sum() }
}

fn session() -> Session {
    Session::new(SessionOptions::default().with_threads(2))
}

async fn open(server: &Server) -> Cog {
    session().open(&server.url("/a.tif")).await.unwrap()
}

fn serve(plan: CogPlan) -> (MadeCog, Server) {
    let mut made = plan.make();
    let server = Server::start([("/a.tif", std::mem::take(&mut made.bytes))]);
    (made, server)
}

/// A COG of 4096 × 4096 pixels with three overviews: 64 tiles of about 170 KiB at full resolution.
fn plan() -> CogPlan {
    CogPlan::new(4096, 4096)
}

/// Bytes of the blocks that touch a window of a level of `width` pixels, and in how many rows they stand.
fn blocks(places: &[Range<u64>], width: u32, [x, y, w, h]: [u32; 4]) -> (u64, u64) {
    let across = width.div_ceil(TILE);
    let (columns, rows) = (x / TILE..(x + w).div_ceil(TILE), y / TILE..(y + h).div_ceil(TILE));
    let cells = rows.clone().flat_map(|y| columns.clone().map(move |x| (y * across + x) as usize));
    let bytes = cells.map(|i| places[i].end - places[i].start).sum();
    (bytes, u64::from(rows.end - rows.start))
}

fn assert_pixels(raster: &Raster, plan: &CogPlan, level: u32, [x, y]: [u32; 2]) {
    let pixels = raster.pixels.view::<u8>().unwrap();
    for ((_, row, column), value) in pixels.indexed_iter() {
        let (x, y) = (x + column as u32, y + row as u32);
        assert_eq!(*value, plan.value(level, x, y), "level {level}, pixel ({x}, {y})");
    }
}

#[test]
fn opening_a_cog_takes_one_request_of_32_kib() {
    let (_, server) = serve(plan());
    run(async {
        let cog = open(&server).await;
        assert_eq!(cog.levels().unwrap().len(), 4);
        let taken = taken(&server);
        assert_eq!((taken.requests, taken.bytes), (1, 32 * KIB));
    });
}

#[test]
fn opening_and_one_tile_take_two() {
    for level in 0..4u32 {
        let (made, server) = serve(plan());
        run(async {
            let cog = open(&server).await;
            let last = cog.levels().unwrap()[level as usize].image.grid.across() - 1;
            let tile = cog.tile(last, last).level(level as usize).await.unwrap();
            assert_pixels(&tile, &plan(), level, [last * TILE, last * TILE]);
            let (taken, block) = (taken(&server), made.blocks[level as usize].last().unwrap());
            assert_eq!(taken.requests, 2, "level {level}");
            assert!(taken.bytes <= block.end - block.start + 32 * KIB + 8, "level {level}: {taken:?}");
        });
    }
}

#[test]
fn a_tile_and_its_interleaved_mask_take_two_with_the_opening() {
    let plan = CogPlan { mask: true, ..plan() };
    let (made, server) = serve(plan);
    run(async {
        let cog = open(&server).await;
        let tile = cog.tile(5, 6).await.unwrap();
        assert_pixels(&tile, &plan, 0, [5 * TILE, 6 * TILE]);
        let mask = tile.mask();
        for ((row, column), value) in mask.indexed_iter() {
            let valid = plan.valid(0, 5 * TILE + column as u32, 6 * TILE + row as u32);
            assert_eq!(*value, if valid { 255 } else { 0 }, "{row} {column}");
        }
        let len = |blocks: &Vec<Vec<Range<u64>>>| blocks[0][6 * 8 + 5].end - blocks[0][6 * 8 + 5].start;
        let taken = taken(&server);
        assert_eq!(taken.requests, 2);
        // Trailer of the one, leader of the other.
        assert!(taken.bytes <= len(&made.blocks) + len(&made.mask_blocks) + 32 * KIB + 8, "{taken:?}");
    });
}

#[test]
fn a_window_takes_one_request_a_row_of_blocks_all_in_flight_at_once() {
    for mask in [false, true] {
        let plan = CogPlan { mask, ..plan() };
        let (made, server) = serve(plan);
        // The answers wait longer than any machine takes to send five requests.
        server.set_latency(Duration::from_millis(400));
        run(async {
            for [x, y] in [[0, 0], [300, 700], [2096, 2096], [1024, 1024]] {
                let cog = open(&server).await;
                let opened = taken(&server);
                let raster = cog.read().window(Window::new(x, y, 2000, 2000)).await.unwrap();
                assert_pixels(&raster, &plan, 0, [x, y]);
                let in_flight = server.peak_in_flight() as u64;
                let (mut bytes, rows) = blocks(&made.blocks[0], plan.width, [x, y, 2000, 2000]);
                if mask {
                    bytes += blocks(&made.mask_blocks[0], plan.width, [x, y, 2000, 2000]).0;
                }
                let read = taken(&server);
                assert!(read.requests <= rows, "{read:?} for {rows} rows at {x}, {y}");
                assert_eq!(in_flight, read.requests, "at {x}, {y}");
                assert!(opened.bytes == 32 * KIB && read.bytes * 10 <= bytes * 11, "{read:?} for {bytes} at {x}, {y}");
            }
        });
    }
}

#[test]
fn neighbouring_rows_share_requests() {
    // Four tiles across: the rows of a window of the whole width are neighbours.
    let plan = CogPlan::new(2048, 4096);
    let (_, server) = serve(plan);
    run(async {
        let cog = open(&server).await;
        server.take_log();
        let raster = cog.read().window(Window::new(24, 1000, 2000, 2000)).await.unwrap();
        assert_pixels(&raster, &plan, 0, [24, 1000]);
        assert_eq!(taken(&server).requests, 1);
    });
}

#[test]
fn opening_and_a_whole_overview_take_two() {
    for mask in [false, true] {
        for level in [1, 2, 3] {
            let plan = CogPlan { mask, ..plan() };
            let (_, server) = serve(plan);
            run(async {
                let raster = open(&server).await.read().level(level).await.unwrap();
                assert_pixels(&raster, &plan, level as u32, [0, 0]);
                assert_eq!(taken(&server).requests, 2, "level {level}");
            });
        }
    }
}

#[test]
fn opening_ten_million_tiles_takes_one_request() {
    let server = Server::start([("/a.tif", VastTiff::new().content())]);
    run(async {
        let cog = open(&server).await;
        let profile = cog.profile().unwrap();
        assert_eq!((profile.width, profile.height), (1_638_400, 1_600_000));
        let taken = taken(&server);
        assert_eq!((taken.requests, taken.bytes), (1, 32 * KIB));
    });
}

#[test]
fn a_first_tile_of_ten_million_takes_three_more() {
    for vast in [VastTiff::new(), VastTiff::without_ghost()] {
        first_tiles_take_three_more(&vast);
    }
}

fn first_tiles_take_three_more(vast: &VastTiff) {
    let server = Server::start([("/a.tif", vast.content())]);
    run(async {
        for (x, y) in [(0, 0), (1700, 1500), (1, 1), (2047, 2049), (777, 3000)] {
            let cog = open(&server).await;
            server.take_log();
            let tile = cog.tile(x, y).await.unwrap();
            let value = |x: u64, y: u64| vast.value(x, y);
            let pixels = tile.pixels.view::<u8>().unwrap();
            assert_eq!(pixels[[0, 511, 3]], value(u64::from(x) * 512 + 3, u64::from(y) * 512 + 511), "{x}, {y}");
            let block = vast.block(x.into(), y.into()).map_or(0, |block| block.end - block.start);
            let taken = taken(&server);
            assert!(taken.requests <= 3 && block > 0, "{taken:?} at {x}, {y}");
            assert!(taken.bytes - block <= 64 * KIB, "{taken:?} with {block} at {x}, {y}");
        }
    });
}

/// When the requests for one cold tile are sent, of an answer that takes 300 ms.
fn sent_for_a_tile(vast: &VastTiff) -> Vec<Duration> {
    let server = Server::start([("/a.tif", vast.content())]);
    server.set_latency(Duration::from_millis(300));
    run(async {
        let cog = open(&server).await;
        server.take_log();
        let tile = cog.tile(1700, 1500).await.unwrap();
        assert_eq!(tile.pixels.view::<u8>().unwrap()[[0, 511, 3]], vast.value(1700 * 512 + 3, 1500 * 512 + 511));
        let mut at: Vec<_> = server.log().iter().map(|entry| entry.at).collect();
        at.sort_unstable();
        at
    })
}

#[test]
fn the_tables_of_a_tile_are_asked_for_together() {
    let at = sent_for_a_tile(&VastTiff::without_ghost());
    assert_eq!(at.len(), 3);
    assert!(at[1] - at[0] < Duration::from_millis(250), "offsets and byte counts in one round trip: {at:?}");
    assert!(at[2] - at[1] >= Duration::from_millis(250), "then the block: {at:?}");
}

#[test]
fn frames_around_blocks_save_the_request_for_byte_counts() {
    let at = sent_for_a_tile(&VastTiff::new());
    assert_eq!(at.len(), 2, "offsets, then the block: {at:?}");
}

#[test]
fn a_window_of_ten_million_tiles_takes_two_for_the_tables_and_one_a_row_that_holds_data() {
    for vast in [VastTiff::new(), VastTiff::without_ghost()] {
        windows_take_two_for_the_tables(&vast);
    }
}

fn windows_take_two_for_the_tables(vast: &VastTiff) {
    let server = Server::start([("/a.tif", vast.content())]);
    run(async {
        // In the middle, at the begin of the blocks of some rows, in and around rows without any, at the end.
        let corners = [(800_000, 700_000), (20_000, 4000), (1_000_000, 22 * 4096 - 1000), (1_630_000, 1_598_000)];
        for (x, y) in corners {
            let cog = open(&server).await;
            let raster = cog.read().window(Window::new(x, y, 2000, 2000)).await.unwrap();
            let pixels = raster.pixels.view::<u8>().unwrap();
            for (row, column) in [(0, 0), (0, 1999), (1999, 0), (1999, 1999), (999, 1001)] {
                let expected = vast.value(u64::from(x) + column as u64, u64::from(y) + row as u64);
                assert_eq!(pixels[[0, row, column]], expected, "{x}, {y}: {row}, {column}");
            }
            let (columns, rows) = (x / TILE..(x + 2000).div_ceil(TILE), y / TILE..(y + 2000).div_ceil(TILE));
            let row = |y: u32| columns.clone().map(move |x| (x, y)).collect::<Vec<_>>();
            let sizes: Vec<u64> = rows
                .map(|y| {
                    row(y)
                        .into_iter()
                        .filter_map(|(x, y)| vast.block(x.into(), y.into()))
                        .map(|b| b.end - b.start)
                        .sum()
                })
                .collect();
            let with_data = sizes.iter().filter(|bytes| **bytes > 0).count() as u64;
            let taken = taken(&server);
            assert!(taken.requests <= 1 + 2 + with_data, "{taken:?} for {with_data} rows at {x}, {y}");
            let beyond = taken.bytes - sizes.iter().sum::<u64>();
            assert!(beyond <= 320 * KIB, "{beyond} bytes beyond the blocks at {x}, {y}");
        }
    });
}

#[test]
fn an_ifd_at_the_tail_takes_two() {
    for overviews in [0, 3] {
        let (_, server) = serve(CogPlan { tail: true, overviews, ..plan() });
        run(async {
            let cog = open(&server).await;
            assert_eq!(cog.levels().unwrap().len(), 1 + overviews as usize);
            let taken = taken(&server);
            assert_eq!(taken.requests, 2, "{overviews} overviews");
            assert!(taken.bytes <= 64 * KIB, "{taken:?}");
            // The tables came with the IFDs.
            cog.tile(3, 4).await.unwrap();
            assert_eq!(server.log().len(), 1);
        });
    }
}

#[test]
fn a_block_inside_the_first_read_takes_none() {
    let (_, server) = serve(CogPlan { mask: true, ..plan() });
    run(async {
        let io = Config::default().with_ingested_bytes_at_open(2 << 20);
        let session = Session::new(SessionOptions::default().with_threads(2).with_io(io));
        let cog = session.open(&server.url("/a.tif")).await.unwrap();
        cog.tile(0, 0).level(3).await.unwrap();
        cog.read().level(2).await.unwrap();
        assert_eq!(taken(&server).requests, 1, "the opening alone");
    });
}

#[test]
fn what_was_read_before_takes_none() {
    let (_, server) = serve(CogPlan { mask: true, ..plan() });
    run(async {
        let session = session();
        let url = server.url("/a.tif");
        let cog = session.open(&url).await.unwrap();
        let first = cog.tile(2, 2).await.unwrap();
        let opened = taken(&server).requests;
        let again = session.open(&url).await.unwrap();
        assert_eq!((opened, taken(&server).requests), (2, 0), "the second opening");
        assert_eq!(cog.tile(2, 2).await.unwrap().pixels, first.pixels);
        assert_eq!(again.tile(2, 2).await.unwrap().pixels, first.pixels);
        assert_eq!(taken(&server).requests, 0, "the same tile");
        assert!(session.io().stats().cache_hits > 0);
        // What the second opening knows of the tables came from the cache too.
        again.tile(2, 3).await.unwrap();
        assert_eq!(taken(&server).requests, 1);
    });
}

#[test]
fn the_tables_of_an_opened_file_are_kept_for_the_next() {
    let server = Server::start([("/a.tif", VastTiff::new().content())]);
    run(async {
        let session = session();
        let url = server.url("/a.tif");
        session.open(&url).await.unwrap().tile(1700, 1500).await.unwrap();
        server.take_log();
        session.open(&url).await.unwrap().tile(1700, 1500).await.unwrap();
        assert_eq!(taken(&server).requests, 0);
    });
}

#[test]
fn two_hundred_cogs_open_at_once_with_a_request_each() {
    let made: Bytes = CogPlan { overviews: 0, ..CogPlan::new(512, 512) }.make().bytes.into();
    let server = Server::start((0..200).map(|i| (format!("/{i}.tif"), made.clone())));
    // Long enough for all of them to be on their way.
    server.set_latency(Duration::from_millis(1500));
    run(async {
        let session = session();
        let opens = (0..200).map(|i| {
            let (session, url) = (session.clone(), server.url(&format!("/{i}.tif")));
            tokio::spawn(async move { session.open(&url).await.unwrap().profile().unwrap().width })
        });
        for open in opens.collect::<Vec<_>>() {
            assert_eq!(open.await.unwrap(), 512);
        }
        let log = server.log();
        assert_eq!(log.len(), 200);
        assert!(log.iter().all(|entry| entry.method == "GET" && entry.bytes == 32 * KIB));
        assert_eq!(server.peak_in_flight(), 200, "all at once");
        assert_eq!(session.io().stats().requests, 200);
    });
}

#[test]
fn many_tiles_share_requests_where_they_are_neighbours() {
    let (made, server) = serve(plan());
    run(async {
        let cog = open(&server).await;
        server.take_log();
        // Three neighbours, named out of order and one twice, and one far away.
        let tiles = cog.tiles([(3, 1), (1, 1), (2, 1), (3, 1), (6, 7)]).await.unwrap();
        for (raster, (x, y)) in tiles.iter().zip([(3, 1), (1, 1), (2, 1), (3, 1), (6, 7)]) {
            assert_pixels(raster, &plan(), 0, [x * TILE, y * TILE]);
        }
        let wanted: u64 = [9, 10, 11, 62].into_iter().map(|i| made.blocks[0][i].end - made.blocks[0][i].start).sum();
        let taken = taken(&server);
        assert_eq!(taken.requests, 2);
        assert_eq!(taken.bytes, wanted + 2 * 8, "the framing between three neighbours");
    });
}

#[test]
fn encoded_tiles_are_the_bytes_of_the_file() {
    let plan = CogPlan { mask: true, ..plan() };
    let made = plan.make();
    let server = Server::start([("/a.tif", made.bytes.clone())]);
    run(async {
        let cog = open(&server).await;
        server.take_log();
        let tile = cog.tile(4, 3).encoded().await.unwrap();
        assert_eq!(taken(&server).requests, 1);
        let part = |range: &Range<u64>| Bytes::copy_from_slice(&made.bytes[range.start as usize..range.end as usize]);
        assert_eq!(tile.planes, [Some(part(&made.blocks[0][28]))]);
        assert_eq!(tile.mask, Some(part(&made.mask_blocks[0][28])));
    });
}
