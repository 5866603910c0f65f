//! What a read does when something goes wrong: limits, damage, codecs that panic, callers that lose interest.

use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::support::{bytes, file, open, open_bytes, rows, run, session};
use cog_read::codecs::{BlockSpec, Codec, Codecs, Decoded, Error as CodecError, Scratch};
use cog_read::io::Source;
use cog_read::io::object_store::{ObjectStore, ObjectStoreExt, memory::InMemory, path::Path};
use cog_read::tiff::Tag;
use cog_read::{Cog, Error, ErrorClass, Limits, Session, SessionOptions, Window};
use cog_testkit::Corpus;
use cog_testkit::npy::sha256;

fn with_limit(max_output_bytes: u64) -> Session {
    let mut limits = Limits::default();
    limits.max_output_bytes = max_output_bytes;
    Session::new(SessionOptions::default().with_threads(2).with_limits(limits))
}

fn with_codec(code: u16, codec: Arc<dyn Codec>) -> Session {
    let mut codecs = Codecs::default();
    codecs.register(code, codec);
    Session::new(SessionOptions::default().with_threads(2).with_codecs(codecs))
}

#[test]
fn a_read_over_the_limit_is_refused_with_both_numbers() {
    run(async {
        // 60 × 75 bytes.
        let cog = open_bytes(&with_limit(4500), bytes("lzw_uint8_strips")).await;
        assert_eq!(cog.read().await.unwrap().dim(), (1, 75, 60));
        let cog = open_bytes(&with_limit(4499), bytes("lzw_uint8_strips")).await;
        let error = cog.read().await.unwrap_err();
        assert!(matches!(error, Error::TooLarge { what: "output", bytes: 4500, limit: 4499, .. }), "{error}");
        assert_eq!(error.class(), ErrorClass::Limits);
        assert_eq!(cog.read().window(Window::new(0, 0, 60, 74)).await.unwrap().dim(), (1, 74, 60));
        let error = cog.read().bands(vec![1; 1000]).await.unwrap_err();
        assert!(matches!(error, Error::TooLarge { bytes: 4_500_000, .. }), "{error}");
    });
}

#[test]
fn validity_counts_as_output() {
    run(async {
        // 150 × 140 samples of two bytes, and a mask of one.
        for (limit, fits) in [(150 * 140 * 3, true), (150 * 140 * 3 - 1, false)] {
            let cog = open_bytes(&with_limit(limit), bytes("cog_deflate_uint16_mask")).await;
            assert_eq!(cog.read().await.is_ok(), fits, "{limit}");
        }
    });
}

#[test]
fn a_block_over_the_limit_is_refused_however_small_the_window() {
    run(async {
        // One pixel of tiles of 256 × 256 × 2 bytes.
        let cog = open_bytes(&with_limit(100_000), bytes("cog_web_mercator")).await;
        let error = cog.read().window(Window::new(0, 0, 1, 1)).await.unwrap_err();
        assert!(matches!(error, Error::TooLarge { what: "block", bytes: 131_072, .. }), "{error}");
    });
}

#[test]
fn absurd_sizes_are_refused_at_once() {
    let files = Corpus::testdata().malformed().unwrap();
    let find = |name: &str| files.iter().find(|f| f.name() == name).unwrap().path.to_str().unwrap().to_owned();
    run(async {
        let started = Instant::now();
        let names =
            ["malformed/four_billion_squared_with_huge_tables.tif", "malformed/eight_terabytes_in_one_strip.tif"];
        for name in names {
            let error = match with_limit(1 << 30).open(&find(name)).await {
                Ok(cog) => cog.read().await.unwrap_err(),
                Err(error) => error,
            };
            assert!(matches!(error.class(), ErrorClass::Limits | ErrorClass::Format), "{name}: {error}");
        }
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    });
}

#[test]
fn a_malformed_file_ends_in_an_error_or_a_read_and_harms_no_other() {
    run(async {
        let session = with_limit(64 << 20);
        for file in Corpus::testdata().malformed().unwrap() {
            if let Ok(cog) = session.open(file.path.to_str().unwrap()).await
                && let Err(error) = cog.read().await
            {
                assert!(!matches!(error, Error::Worker { .. }), "{}: {error}", file.name());
            }
        }
        assert_eq!(open_bytes(&session, bytes("lzw_uint8_strips")).await.read().await.unwrap().dim(), (1, 75, 60));
    });
}

/// The texts of an error and of everything that it gives as its source.
fn chain(error: &Error) -> Vec<String> {
    let mut texts = vec![error.to_string()];
    let mut next = std::error::Error::source(error);
    while let Some(source) = next {
        texts.push(source.to_string());
        next = source.source();
    }
    texts
}

#[test]
fn the_text_of_an_error_tells_the_whole_cause_and_its_sources_do_not_repeat_it() {
    run(async {
        let session = with_limit(64 << 20);
        let mut variants = std::collections::BTreeSet::new();
        for file in Corpus::testdata().malformed().unwrap() {
            let error = match session.open(file.path.to_str().unwrap()).await {
                Ok(cog) => cog.read().await.err(),
                Err(error) => Some(error),
            };
            let Some(error) = error else { continue };
            let texts = chain(&error);
            for (at, cause) in texts.iter().enumerate().skip(1) {
                assert!(!texts[..at].iter().any(|text| text.contains(cause)), "{}: {texts:?}", file.name());
            }
            let below = match &error {
                Error::Io(source) | Error::BlockBytes { source, .. } => source.to_string(),
                Error::Structure { source, .. } => source.to_string(),
                Error::Image { source, .. } | Error::Block { source, .. } => source.to_string(),
                other => other.to_string(),
            };
            assert!(texts[0].contains(&below), "{}: {} does not tell {below}", file.name(), texts[0]);
            assert!(texts[0].contains(file.path.file_name().unwrap().to_str().unwrap()), "{}", texts[0]);
            variants.insert(format!("{error:?}").split([' ', '(']).next().unwrap().to_owned());
        }
        for variant in ["Io", "Structure", "Image", "Block", "BlockBytes"] {
            assert!(variants.contains(variant), "{variant} was not met: {variants:?}");
        }
    });
}

#[test]
fn a_corrupt_block_is_named_with_level_place_and_codec() {
    run(async {
        for (name, codec) in [("cog_deflate_p2_uint8_rgb", "deflate"), ("cog_lzw_p2_int16_nodata", "lzw")] {
            let cog = open(name).await;
            let ifd = cog.level(1).unwrap().ifd;
            let number = async |tag| cog.tag(ifd, tag).await.unwrap().unwrap().u64_at(1).unwrap();
            let (offset, count) = (number(Tag::TILE_OFFSETS).await, number(Tag::TILE_BYTE_COUNTS).await);
            let mut damaged = bytes(name).to_vec();
            damaged[offset as usize..(offset + count) as usize].fill(0xff);
            let cog = open_bytes(&session(), damaged).await;
            let error = cog.read().level(1).await.unwrap_err();
            let at =
                matches!(&error, Error::Block { level: 1, mask: false, x: 1, y: 0, offset: o, .. } if *o == offset);
            assert!(at, "{error:?}");
            let text = error.to_string();
            assert!(text.contains("level 1, block (1, 0) at offset"), "{text}");
            assert!(text.to_lowercase().contains(codec), "{text}");
            assert_eq!(error.class(), ErrorClass::Format);
            let beside = cog.tile(0, 0).level(1).await.unwrap();
            assert_eq!(beside.dim().1, 64, "the blocks beside it are whole");
            cog.read().await.expect("level 0 is whole");
        }
    });
}

#[test]
fn a_corrupt_mask_block_is_named_as_such() {
    run(async {
        let cog = open("cog_deflate_uint16_mask").await;
        let ifd = cog.level(0).unwrap().mask.unwrap();
        let offset = cog.tag(ifd, Tag::TILE_OFFSETS).await.unwrap().unwrap().u64_at(0).unwrap() as usize;
        let mut damaged = bytes("cog_deflate_uint16_mask").to_vec();
        damaged[offset..offset + 6].fill(0xff);
        let error = open_bytes(&session(), damaged).await.read().await.unwrap_err();
        assert!(error.to_string().contains("level 0, mask block (0, 0)"), "{error}");
    });
}

#[test]
fn a_codec_that_is_not_there_is_known_before_any_block_is_fetched() {
    run(async {
        let session = Session::new(SessionOptions::default().with_codecs(Codecs::empty()));
        let cog = session.open(file("zstd_p2_uint16").path.to_str().unwrap()).await.unwrap();
        let before = cog.source().stats().bytes;
        let error = cog.read().await.unwrap_err();
        assert!(matches!(error, Error::Image { level: 0, .. }), "{error}");
        assert_eq!((error.class(), cog.source().stats().bytes), (ErrorClass::Unsupported, before));
    });
}

struct Panics;

impl Codec for Panics {
    fn decode(&self, _: &BlockSpec<'_>, _: &[u8], _: &mut Scratch, _: &mut [u8]) -> Result<Decoded, CodecError> {
        panic!("on purpose, in a test");
    }
}

async fn in_store(session: &Session, bytes: impl Into<bytes::Bytes>) -> Cog {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let path = Path::from("a.tif");
    store.put(&path, bytes.into().into()).await.unwrap();
    session.open_source(Source::from_store(session.io(), store, path)).await.unwrap()
}

#[test]
fn a_codec_that_panics_fails_its_read_and_nothing_else() {
    run(async {
        let session = with_codec(5, Arc::new(Panics));
        let expected = file("deflate_p2_uint8_rgb").expected().unwrap();
        for remote in [false, true] {
            for _ in 0..5 {
                let data = bytes("lzw_uint8_strips");
                let cog = if remote { in_store(&session, data).await } else { open_bytes(&session, data).await };
                let error = cog.read().await.unwrap_err();
                let Error::Worker { message, .. } = &error else { panic!("{error}") };
                for part in ["LZW", "level 0", "block (0, ", "on purpose, in a test"] {
                    assert!(message.contains(part), "{message}");
                }
            }
            let cog = open_bytes(&session, bytes("deflate_p2_uint8_rgb")).await;
            let raster = cog.read().await.unwrap();
            assert_eq!(Some(sha256(&raster.pixels.to_le_bytes())), expected.levels[0].sha256);
        }
    });
}

/// Takes a while for each block, and counts.
struct Slow {
    blocks: AtomicUsize,
}

impl Codec for Slow {
    fn decode(&self, _: &BlockSpec<'_>, src: &[u8], _: &mut Scratch, out: &mut [u8]) -> Result<Decoded, CodecError> {
        self.blocks.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(10));
        out.copy_from_slice(src);
        Ok(Decoded::default())
    }
}

#[test]
fn a_read_that_is_dropped_stops_at_the_next_block() {
    let samples: Vec<u8> = (0..200).flat_map(|row| [row; 4]).collect();
    let tiff = rows(4, 200, &samples).bytes();
    run(async {
        for remote in [false, true] {
            let slow = Arc::new(Slow { blocks: AtomicUsize::new(0) });
            let session = with_codec(1, slow.clone());
            let cog = match remote {
                true => in_store(&session, tiff.clone()).await,
                false => open_bytes(&session, tiff.clone()).await,
            };
            let reading = cog.clone();
            let read = tokio::spawn(async move { reading.read().await });
            while slow.blocks.load(Ordering::SeqCst) == 0 {
                std::thread::sleep(Duration::from_millis(1));
            }
            read.abort();
            assert!(read.await.unwrap_err().is_cancelled());
            let at_drop = slow.blocks.load(Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(100));
            let after = slow.blocks.load(Ordering::SeqCst);
            assert!(at_drop < 100 && after <= at_drop + 2, "{at_drop} blocks at the drop, {after} later");
            // Two threads, and all 200 rows would take a second: the pool is free again.
            let raster = cog.read().window(Window::new(0, 198, 4, 2)).await.unwrap();
            assert_eq!(raster.pixels.to_le_bytes(), [198, 198, 198, 198, 199, 199, 199, 199]);
        }
    });
}

#[test]
fn the_first_error_stops_the_other_blocks() {
    struct Fails(Slow);
    impl Codec for Fails {
        fn decode(
            &self,
            s: &BlockSpec<'_>,
            src: &[u8],
            k: &mut Scratch,
            out: &mut [u8],
        ) -> Result<Decoded, CodecError> {
            self.0.decode(s, src, k, out)?;
            Err(CodecError::Short { codec: "fails", got: 0, want: out.len() })
        }
    }
    let samples = [1; 400];
    let tiff = rows(4, 100, &samples).bytes();
    run(async {
        let fails = Arc::new(Fails(Slow { blocks: AtomicUsize::new(0) }));
        let cog = open_bytes(&with_codec(1, fails.clone()), tiff).await;
        let error = cog.read().await.unwrap_err();
        assert!(matches!(error, Error::Block { level: 0, x: 0, .. }), "{error}");
        // One for each of the two threads, and one that was begun meanwhile.
        assert!(fails.0.blocks.load(Ordering::SeqCst) <= 4);
    });
}

#[test]
fn every_future_can_move_between_threads() {
    fn is_send<T: Send>(_: T) {}
    run(async {
        let session = session();
        let cog = open_bytes(&session, bytes("lzw_uint8_strips")).await;
        is_send(cog.read().into_future());
        is_send(cog.tile(0, 0).into_future());
        is_send(cog.block_sizes(0));
        is_send(cog.tag(0, Tag::IMAGE_WIDTH));
        is_send(Cog::open("nowhere.tif"));
        is_send(session.open("nowhere.tif"));
        is_send(session.open_source(Source::from_bytes(bytes("lzw_uint8_strips"))));
    });
}

#[test]
fn a_file_that_is_not_there_is_not_found() {
    run(async {
        let error = session().open("/nowhere/at/all.tif").await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        assert_eq!(error.class(), ErrorClass::NotFound);
    });
}
