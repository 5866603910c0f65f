//! Every level of every file of `testdata` is what GDAL, or tifffile, reads, whatever the bytes come from.

use crate::support;
use std::fs::File;
use std::sync::Arc;

use crate::support::{open, run, session};
use bytes::Bytes;
use cog_read::io::object_store::{ObjectStore, ObjectStoreExt, memory::InMemory};
use cog_read::io::{self, Source};
use cog_read::{Cog, Raster, Session};
use cog_testkit::expected::Level;
use cog_testkit::npy::sha256;
use cog_testkit::server::Server;
use cog_testkit::{Corpus, Expected};

/// sha256 with every NaN as NumPy writes it.
fn plain_nan(raster: &Raster) -> String {
    let mut bytes = raster.pixels.to_le_bytes();
    if let Ok(pixels) = raster.pixels.view::<f32>() {
        bytes =
            pixels.iter().flat_map(|v| if v.is_nan() { 0x7fc0_0000u32 } else { v.to_bits() }.to_le_bytes()).collect();
    }
    sha256(&bytes)
}

fn check_level(name: &str, expected: &Expected, level: &Level, raster: &Raster) {
    let what = format!("{name} level {}", level.level);
    let (bands, height, width) = raster.dim();
    assert_eq!(Some([bands as u64, height as u64, width as u64]), level.shape, "{what}");
    let compression = level.compression_code.or_else(|| expected.tifffile.as_ref().and_then(|t| t.compression));
    // JPEG decoders differ by a little; other tests judge those pixels.
    if compression != Some(7) {
        let ours = sha256(&raster.pixels.to_le_bytes());
        let same = level.sha256.as_ref() == Some(&ours) || level.sha256_plain_nan == Some(plain_nan(raster));
        assert!(same, "{what}: sha256 {ours} where the oracle has {:?}", level.sha256);
    }
    let mask = if level.level == 0 { &expected.dataset_mask } else { &level.dataset_mask };
    let Some(theirs) = mask else { return };
    let ours = raster.mask();
    assert_eq!(ours.dim(), (height, width), "{what}");
    assert_eq!(ours.iter().filter(|v| **v == 0).count() as u64, theirs.zeros, "{what}: zeros of the mask");
    if let Some(binary) = theirs.binary_sha256() {
        assert_eq!(sha256(&ours.iter().copied().collect::<Vec<u8>>()), binary, "{what}: mask");
    }
}

/// Reads and checks every level; returns how many.
async fn check_file(name: &str, expected: &Expected, cog: &Cog) -> usize {
    let levels = expected.readable_levels();
    for level in &levels {
        let raster = cog.read().level(level.level as usize).await.unwrap_or_else(|e| panic!("{name}: {e}"));
        check_level(name, expected, level, &raster);
    }
    levels.len()
}

fn well_formed() -> Vec<(String, std::path::PathBuf, Expected)> {
    let files = Corpus::testdata().well_formed().unwrap();
    files.into_iter().map(|f| (f.name().to_owned(), f.path.clone(), f.expected().unwrap())).collect()
}

#[test]
fn every_level_of_every_file_is_the_oracles() {
    run(async {
        let session = session();
        let mut levels = 0;
        for (name, path, expected) in well_formed() {
            levels += check_file(&name, &expected, &session.open(path.to_str().unwrap()).await.unwrap()).await;
        }
        assert!(levels >= 80, "{levels} levels");
    });
}

#[test]
fn bytes_in_memory_and_an_open_file_give_the_same() {
    run(async {
        let session = session();
        for (name, path, expected) in well_formed() {
            let bytes = Source::from_bytes(std::fs::read(&path).unwrap().into());
            check_file(&name, &expected, &session.open_source(bytes).await.unwrap()).await;
            let file = Source::from_file(File::open(&path).unwrap(), name.as_str()).unwrap();
            check_file(&name, &expected, &session.open_source(file).await.unwrap()).await;
        }
    });
}

async fn in_store(session: &Session, bytes: Vec<u8>) -> Cog {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let path = io::object_store::path::Path::from("a.tif");
    store.put(&path, bytes.into()).await.unwrap();
    session.open_source(Source::from_store(session.io(), store, path)).await.unwrap()
}

#[test]
fn an_object_store_of_the_callers_gives_the_same() {
    run(async {
        let session = session();
        for (name, path, expected) in well_formed() {
            check_file(&name, &expected, &in_store(&session, std::fs::read(path).unwrap()).await).await;
        }
    });
}

#[test]
fn http_gives_the_same() {
    let files = well_formed();
    let served = files.iter().map(|(name, path, _)| (format!("/{name}"), Bytes::from(std::fs::read(path).unwrap())));
    let server = Server::start(served);
    run(async {
        let session = session();
        for (name, _, expected) in &files {
            let cog = session.open(&server.url(&format!("/{name}"))).await.unwrap();
            assert!(check_file(name, expected, &cog).await > 0, "{name} has no level to check");
        }
    });
}

/// Header pieces and blocks then border on each other in every way: a block can begin in one piece, hold the whole of the
/// next, and end among bytes that were never fetched.
#[test]
fn small_header_reads_change_no_pixel() {
    run(async {
        for (first, block) in [(16, 16), (16, 256), (100, 64), (300, 1000), (1000, 100), (4096, 512)] {
            let config = io::Config::default().with_ingested_bytes_at_open(first).with_header_block_bytes(block);
            let session = Session::new(cog_read::SessionOptions::default().with_threads(2).with_io(config));
            for (name, path, expected) in well_formed() {
                let name = format!("{name} with first read {first} and header block {block}");
                check_file(&name, &expected, &in_store(&session, std::fs::read(path).unwrap()).await).await;
            }
        }
    });
}

#[test]
fn pages_of_different_kinds_are_each_read() {
    // sha256 of GDAL's GTIFF_DIR:1, 2 and 3 of this file.
    let expected = [
        ((1, 48, 56), "54565571ff7e1790ee564da9c72ae594bbbb5f8a4b8e83a7e4ab38e0e0db1b4c"),
        ((1, 20, 30), "0739409ef6d385a04a6f21d34439cc52b496affb8eb05fdcb0ea43d4e669d6ca"),
        ((1, 25, 35), "7e4f74d114d4898d705cba46057d002bb97a0548c004e73cb4e7e3810a3ea8d8"),
    ];
    run(async {
        let cog = open("pages_of_different_kinds").await;
        assert_eq!(cog.page_count(), 3);
        for (page, (dim, sha)) in expected.into_iter().enumerate() {
            let raster = cog.page(page).unwrap().read().await.unwrap();
            assert_eq!((raster.dim(), sha256(&raster.pixels.to_le_bytes()).as_str()), (dim, sha), "page {page}");
        }
    });
}

#[test]
fn many_reads_at_once_on_one_session_do_not_mix() {
    run(async {
        let session = session();
        let mut reads = Vec::new();
        for (name, path, expected) in well_formed().into_iter().cycle().take(200) {
            let session = session.clone();
            reads.push(tokio::spawn(async move {
                let cog = session.open(path.to_str().unwrap()).await.unwrap();
                check_file(&name, &expected, &cog).await
            }));
        }
        for read in reads {
            read.await.unwrap();
        }
    });
}

#[test]
fn blocking_reads_give_the_same() {
    let session = cog_read::blocking::Session::new(cog_read::SessionOptions::default()).unwrap();
    for (name, path, expected) in well_formed() {
        let cog = session.open(path.to_str().unwrap()).unwrap();
        for level in expected.readable_levels() {
            let raster = cog.read(|r| r.level(level.level as usize)).unwrap();
            check_level(&name, &expected, &level, &raster);
        }
    }
    let cog = session.open(support::file("cog_deflate_p2_uint8_rgb").path.to_str().unwrap()).unwrap();
    assert_eq!(cog.tile(2, 2, |t| t.clipped()).unwrap().dim(), (3, 22, 42));
    assert_eq!(cog.page(0).unwrap().get().page_count(), 1);
}
