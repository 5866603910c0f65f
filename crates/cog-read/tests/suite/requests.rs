//! How many requests opening and reading take, as a server counts them.

use crate::support::{bytes, run};
use cog_read::io::Config;
use cog_read::tiff::Tag;
use cog_read::{Cog, Session, SessionOptions};
use cog_testkit::server::{Logged, Server};

fn serve(name: &str) -> (Server, String) {
    let server = Server::start([("/a.tif", bytes(name))]);
    let url = server.url("/a.tif");
    (server, url)
}

fn first_read(len: u64) -> Session {
    let io = Config::default().with_ingested_bytes_at_open(len).with_block_cache(false);
    Session::new(SessionOptions::default().with_threads(2).with_io(io))
}

fn gets(log: &[Logged]) -> usize {
    assert!(log.iter().all(|r| r.method == "GET" && r.range.is_some()), "{log:?}");
    log.len()
}

/// Where the pixels of the file begin: the least offset of any block.
async fn first_block(cog: &Cog) -> u64 {
    let mut least = u64::MAX;
    for ifd in 0..cog.tiff().ifds().len() {
        let offsets = cog.tag(ifd, Tag::TILE_OFFSETS).await.unwrap().unwrap();
        least = offsets.u64s().unwrap().into_iter().filter(|o| *o > 0).fold(least, u64::min);
    }
    least
}

#[test]
fn opening_takes_one_request() {
    for name in ["cog_deflate_p2_uint8_rgb", "cog_jpeg_mask_interleaved", "cog_bigtiff_deflate", "cog_web_mercator"] {
        let (server, url) = serve(name);
        run(async {
            let cog = first_read(16_384).open(&url).await.unwrap();
            cog.profile().unwrap();
            cog.levels().unwrap();
            assert_eq!((gets(&server.log()), cog.source().stats().requests), (1, 1), "{name}");
        });
    }
}

#[test]
fn blocks_inside_the_first_read_take_no_more() {
    for name in ["cog_deflate_uint16_mask", "cog_lzw_rgba_alpha", "sparse_nodata", "deflate_p2_int16_5_bands_planar"] {
        let (server, url) = serve(name);
        run(async {
            let cog = first_read(1 << 20).open(&url).await.unwrap();
            for level in 0..cog.levels().unwrap().len() {
                cog.read().level(level).await.unwrap();
            }
            assert_eq!(gets(&server.log()), 1, "{name}");
        });
    }
}

#[test]
fn a_tile_with_its_interleaved_mask_takes_one_request() {
    let (server, url) = serve("cog_jpeg_mask_interleaved");
    run(async {
        let whole = first_read(1 << 20).open(&url).await.unwrap();
        let (header, expected) = (first_block(&whole).await, whole.tile(1, 1).await.unwrap());
        server.take_log();
        let cog = first_read(header).open(&url).await.unwrap();
        assert_eq!(gets(&server.take_log()), 1, "a header of {header} bytes");
        let (tile, cost) = cog.tile(1, 1).with_cost().await.unwrap();
        assert_eq!(gets(&server.log()), 1, "{:?}", server.log());
        assert_eq!(cost.blocks, 2, "the tile and its mask");
        assert_eq!((tile.pixels, tile.validity), (expected.pixels, expected.validity));
    });
}

#[test]
fn blocks_left_out_are_not_asked_for() {
    let (server, url) = serve("cog_sparse_first_tile_missing");
    run(async {
        let cog = first_read(16_384).open(&url).await.unwrap();
        server.take_log();
        let (_, cost) = cog.tile(0, 0).with_cost().await.unwrap();
        assert_eq!((cost.blocks, cost.sparse, gets(&server.log())), (0, 1, 0));
    });
}

#[test]
fn a_block_that_begins_in_the_header_is_fetched_from_where_that_ends() {
    let (server, url) = serve("cog_web_mercator");
    run(async {
        let whole = first_read(1 << 20).open(&url).await.unwrap();
        let (begin, expected) = (first_block(&whole).await, whole.read().level(1).await.unwrap());
        server.take_log();
        let cog = first_read(begin + 100).open(&url).await.unwrap();
        let raster = cog.read().level(1).await.unwrap();
        assert_eq!(raster.pixels, expected.pixels);
        let log = server.log();
        let ranges: Vec<_> = log.iter().filter_map(|r| r.range.clone()).collect();
        for pair in ranges.windows(2) {
            assert!(pair[1].start >= pair[0].end, "bytes fetched twice: {ranges:?}");
        }
    });
}

#[test]
fn opening_again_takes_no_request_and_two_sessions_share_nothing() {
    let (server, url) = serve("cog_deflate_p2_uint8_rgb");
    run(async {
        let session = first_read(16_384);
        session.open(&url).await.unwrap();
        session.open(&url).await.unwrap();
        assert_eq!(gets(&server.log()), 1);
        first_read(16_384).open(&url).await.unwrap();
        assert_eq!(gets(&server.log()), 2);
    });
}
