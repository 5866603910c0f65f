//! Frames around the blocks of GDAL's COGs stand in for the table of byte counts, and are checked.

use crate::support;
use crate::support::{bytes, run};
use cog_read::io::Config;
use cog_read::tiff::Tag;
use cog_read::{Cog, Session, SessionOptions};
use cog_testkit::server::Server;

const NAME: &str = "cog_web_mercator";

/// So small that the tables are not among the first bytes, and offsets and byte counts are fetched one without the other.
async fn open(server: &Server) -> Cog {
    let io = Config::default().with_ingested_bytes_at_open(600).with_header_block_bytes(16).with_block_cache(false);
    let io = io.with_header_cache(false);
    let session = Session::new(SessionOptions::default().with_threads(2).with_io(io));
    session.open(&server.url("/a.tif")).await.unwrap()
}

fn serve(file: Vec<u8>) -> Server {
    Server::start([("/a.tif", file)])
}

/// Ranges of the requests for one tile.
async fn tile(server: &Server, x: u32, y: u32) -> (cog_read::Raster, Vec<std::ops::Range<u64>>) {
    let cog = open(server).await;
    server.take_log();
    let raster = cog.tile(x, y).await.unwrap();
    (raster, server.take_log().into_iter().filter_map(|r| r.range).collect())
}

/// Where a tile of level 0 lies: of its first byte and behind its last.
async fn place(x: u32, y: u32) -> std::ops::Range<u64> {
    let cog = support::open(NAME).await;
    let index = (y * cog.level(0).unwrap().image.grid.across() + x) as usize;
    let offsets = cog.tag(0, Tag::TILE_OFFSETS).await.unwrap().unwrap().u64s().unwrap();
    let counts = cog.tag(0, Tag::TILE_BYTE_COUNTS).await.unwrap().unwrap().u64s().unwrap();
    offsets[index]..offsets[index] + counts[index]
}

#[test]
fn the_table_of_byte_counts_is_not_asked_for() {
    run(async {
        let place = place(0, 0).await;
        let (expected, _) = tile(&serve(bytes(NAME).to_vec()), 0, 0).await;
        let (raster, ranges) = tile(&serve(bytes(NAME).to_vec()), 0, 0).await;
        assert_eq!(raster.pixels, expected.pixels);
        assert!(ranges.contains(&(place.start - 4..place.end + 4)), "{ranges:?} for a block at {place:?}");
        let mut edited = bytes(NAME).to_vec();
        let at = edited.windows(30).position(|w| w == b"KNOWN_INCOMPATIBLE_EDITION=NO\n").unwrap();
        edited[at + 27..at + 30].copy_from_slice(b"YES");
        let (raster, by_counts) = tile(&serve(edited), 0, 0).await;
        assert_eq!(raster.pixels, expected.pixels);
        assert!(by_counts.contains(&place), "{by_counts:?}");
        let table = |ranges: &[std::ops::Range<u64>]| -> u64 {
            ranges.iter().filter(|r| r.end <= 5_000).map(|r| r.end - r.start).sum()
        };
        assert!(table(&ranges) < table(&by_counts), "{ranges:?} instead of {by_counts:?}");
    });
}

#[test]
fn a_wrong_frame_costs_another_read_but_no_pixel() {
    run(async {
        let expected = support::open(NAME).await.tile(1, 0).await.unwrap();
        let place = place(1, 0).await;
        for at in [place.start - 4, place.end] {
            let mut file = bytes(NAME).to_vec();
            file[at as usize] ^= 0x5a;
            let server = serve(file);
            let cog = open(&server).await;
            let raster = cog.tile(1, 0).await.unwrap();
            assert_eq!((raster.pixels, raster.validity), (expected.pixels.clone(), expected.validity.clone()));
            // Once one was wrong none is believed.
            server.take_log();
            cog.tile(0, 0).await.unwrap();
            let first = self::place(0, 0).await;
            assert!(server.take_log().into_iter().filter_map(|r| r.range).any(|range| range == first));
        }
    });
}
