//! Many tiles at once, streams of blocks, undecoded blocks, progress.

use crate::support;
use std::sync::{Arc, Mutex};

use crate::support::{bytes, cut, open, run};
use cog_read::io::Config;
use cog_read::tiff::Compression;
use cog_read::{Error, Session, SessionOptions, UsageProblem, Window};
use cog_testkit::server::Server;
use futures_util::StreamExt;

#[test]
fn tiles_read_together_are_those_read_one_by_one() {
    run(async {
        for name in ["cog_jpeg_mask_interleaved", "cog_deflate_uint16_mask", "deflate_p2_int16_5_bands_planar"] {
            let cog = open(name).await;
            let grid = cog.level(0).unwrap().image.grid;
            let places: Vec<_> = (0..grid.down()).rev().flat_map(|y| (0..grid.across()).map(move |x| (x, y))).collect();
            let together = cog.tiles(places.clone()).await.unwrap();
            assert_eq!(together.len(), places.len());
            for ((x, y), tile) in places.into_iter().zip(together) {
                let alone = cog.tile(x, y).await.unwrap();
                assert_eq!((tile.pixels, tile.validity), (alone.pixels, alone.validity), "{name} ({x}, {y})");
                assert_eq!(tile.transform, alone.transform);
            }
        }
    });
}

#[test]
fn neighbouring_tiles_share_a_request_and_a_tile_named_twice_is_fetched_once() {
    let server = Server::start([("/a.tif", bytes("cog_jpeg_mask_interleaved"))]);
    run(async {
        let io = Config::default().with_ingested_bytes_at_open(2048).with_block_cache(false);
        let session = Session::new(SessionOptions::default().with_threads(2).with_io(io));
        let cog = session.open(&server.url("/a.tif")).await.unwrap();
        server.take_log();
        let tiles = cog.tiles([(0, 0), (1, 0), (0, 0)]).await.unwrap();
        assert_eq!(tiles[0].pixels, tiles[2].pixels);
        let log = server.log();
        let blocks: Vec<_> = log.iter().filter_map(|r| r.range.clone()).collect();
        for (i, a) in blocks.iter().enumerate() {
            assert!(blocks[..i].iter().all(|b| a.end <= b.start || b.end <= a.start), "fetched twice: {blocks:?}");
        }
        assert!(blocks.len() <= 2, "tables, then both tiles: {blocks:?}");
    });
}

#[test]
fn shared_blocks_stay_decoded_until_others_take_their_room() {
    let server = Server::start([("/a.tif", bytes("cog_jpeg_mask_interleaved"))]);
    run(async {
        let block = {
            let tile = open("cog_jpeg_mask_interleaved").await.tile(0, 0).await.unwrap();
            let (bands, rows, columns) = tile.dim();
            ((bands + 2) * rows * columns) as u64
        };
        let io = Config::default().with_block_cache(false);
        let options = SessionOptions::default().with_io(io);
        let session = Session::new(options.clone().with_decoded_bytes(2 * block));
        let cog = session.open(&server.url("/a.tif")).await.unwrap();
        let (first, cost) = cog.tiles([(0, 0), (1, 0)]).shared().await.unwrap();
        assert_eq!(cost.blocks, 4, "two tiles, and as many of the mask");
        server.take_log();
        let (again, cost) = cog.tiles([(1, 0), (0, 0), (1, 0)]).shared().await.unwrap();
        assert_eq!((cost.blocks, server.log().len()), (0, 0));
        assert!(Arc::ptr_eq(&again[0], &first[1]) && Arc::ptr_eq(&again[1], &first[0]));
        assert_eq!(again[1].pixels, cog.tile(0, 0).await.unwrap().pixels);

        // Other bands, another level and a file that is opened anew are other blocks.
        assert_eq!(cog.tiles([(0, 0)]).bands([2]).shared().await.unwrap().0[0].dim().0, 1);
        assert_eq!(cog.tiles([(0, 0)]).level(1).shared().await.unwrap().0[0].level, 1);
        let anew = session.open(&server.url("/a.tif")).await.unwrap();
        assert_eq!(anew.tiles([(0, 0)]).shared().await.unwrap().1.blocks, 2);

        // Those that were looked at longest ago are gone by now; without room none stays.
        assert!(cog.tiles([(1, 0)]).shared().await.unwrap().1.blocks > 0);
        let cog = Session::new(options.with_decoded_bytes(0)).open(&server.url("/a.tif")).await.unwrap();
        for _ in 0..2 {
            assert_eq!(cog.tiles([(0, 0)]).shared().await.unwrap().1.blocks, 2);
        }
    });
}

#[test]
fn a_tile_outside_the_grid_is_named_among_many() {
    run(async {
        let cog = open("cog_jpeg_mask_interleaved").await;
        let error = cog.tiles([(0, 0), (99, 0)]).await.unwrap_err();
        let Error::Usage { problem, .. } = error else { panic!("{error}") };
        assert!(matches!(problem, UsageProblem::NoSuchTile { x: 99, y: 0, .. }));
        let overview = cog.tiles([(0, 0)]).level(1).await.unwrap();
        assert_eq!(overview[0].pixels, cog.tile(0, 0).level(1).await.unwrap().pixels);
        assert_eq!(overview[0].level, 1);
        assert!(cog.tiles([]).await.unwrap().is_empty());
    });
}

#[test]
fn a_stream_gives_every_block_of_a_window_row_by_row() {
    run(async {
        for name in ["lzw_uint8_strips", "cog_web_mercator", "jpeg_5_bands_planar"] {
            let cog = open(name).await;
            let whole = cog.read().await.unwrap();
            let (bands, height, width) = whole.dim();
            let all: Vec<usize> = (0..bands).collect();
            let grid = cog.level(0).unwrap().image.grid;
            let window = Window::new(1, 1, width - 1, height / 2);
            let mut blocks = cog.blocks().window(window).stream().unwrap();
            let mut seen = Vec::new();
            while let Some(block) = blocks.next().await {
                let block = block.unwrap();
                let (_, h, w) = block.raster.dim();
                let (x, y) = ((block.x * grid.block_width) as usize, (block.y * grid.block_height) as usize);
                assert_eq!(block.raster.pixels.to_le_bytes(), cut(&whole, &all, [x, y, w, h]), "{name}");
                seen.push((block.y, block.x));
            }
            let rows = 0..(1 + height as u32 / 2).div_ceil(grid.block_height);
            let expected: Vec<_> = rows.flat_map(|y| (0..grid.across()).map(move |x| (y, x))).collect();
            assert_eq!(seen, expected, "{name}");
        }
    });
}

#[test]
fn a_stream_ends_after_an_error() {
    run(async {
        let mut file = bytes("lzw_uint8_strips").to_vec();
        let cog = open("lzw_uint8_strips").await;
        let blocks = cog.blocks().stream().unwrap().count().await;
        let offsets = cog.tag(0, cog_read::tiff::Tag::STRIP_OFFSETS).await.unwrap().unwrap();
        let ends = offsets.u64s().unwrap();
        let second = ends[1] as usize;
        file[second..second + 40].fill(0xff);
        let broken = support::open_bytes(&support::session(), file).await;
        let read: Vec<_> = broken.blocks().stream().unwrap().collect().await;
        assert!(read.len() < blocks + 1);
        assert_eq!(read.iter().filter(|block| block.is_err()).count(), 1);
        assert!(read.last().unwrap().is_err());
    });
}

#[test]
fn an_undecoded_jpeg_block_is_a_picture_with_its_tables_joined() {
    run(async {
        let cog = open("jpeg_ycbcr_420_tiles").await;
        let tile = cog.tile(1, 0).encoded().await.unwrap();
        assert_eq!((tile.compression, tile.media_type()), (Compression::Jpeg, Some("image/jpeg")));
        let stored = tile.planes[0].clone().unwrap();
        let whole = bytes("jpeg_ycbcr_420_tiles");
        assert!(whole.windows(stored.len()).any(|bytes| bytes == stored), "the bytes of the file");
        let picture = tile.picture(0).unwrap();
        assert!(picture.len() > stored.len());
        // Its own tables suffice now: the same block without a JPEGTables tag decodes to the same pixels.
        let decoded = cog.tile(1, 0).await.unwrap();
        let mut spec = cog_read::codecs::BlockSpec::new(
            tile.width,
            tile.height,
            3,
            8,
            cog_read::tiff::SampleFormat::Uint,
            Compression::Jpeg,
        );
        spec.photometric = cog_read::tiff::Photometric::YCbCr;
        let mut out = vec![0; spec.output_len().unwrap()];
        let codecs = cog_read::codecs::Codecs::default();
        codecs.decode_block(&spec, &picture, &mut cog_read::codecs::Scratch::new(), &mut out).unwrap();
        let array = decoded.pixels.into_array::<u8>().unwrap();
        let chunky: Vec<u8> = array.permuted_axes([1, 2, 0]).iter().copied().collect();
        assert_eq!(out, chunky);
    });
}

#[test]
fn an_undecoded_block_comes_with_its_mask_and_a_sparse_one_is_none() {
    run(async {
        let tile = open("cog_jpeg_mask_interleaved").await.tile(0, 0).encoded().await.unwrap();
        assert!(tile.mask.is_some());
        assert_eq!(tile.mask_compression, Some(Compression::AdobeDeflate));
        let sparse = open("cog_sparse_first_tile_missing").await.tile(0, 0).encoded().await.unwrap();
        assert_eq!(sparse.planes, [None]);
        let planar = open("jpeg_5_bands_planar").await.tile(0, 0).encoded().await.unwrap();
        assert_eq!(planar.planes.iter().filter(|plane| plane.is_some()).count(), 5);
    });
}

#[test]
fn progress_ends_with_all_blocks_and_bytes() {
    run(async {
        let cog = open("cog_jpeg_mask_interleaved").await;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&seen);
        let read = cog.read().progress(move |now| told.lock().unwrap().push(now));
        let (_, cost) = read.with_cost().await.unwrap();
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len() as u64, 1 + cost.blocks);
        assert_eq!((seen[0].blocks_done, seen[0].bytes_done), (0, 0));
        let most = seen.iter().max_by_key(|p| p.blocks_done).unwrap();
        assert_eq!((most.blocks_done, most.bytes_done), (most.blocks, most.bytes));
        assert_eq!(most.blocks, cost.blocks);
    });
}
