//! Files beside an image: what GDAL reads of them (testdata/side_cars), and what looking for them costs.

use crate::support;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::run;
use bytes::Bytes;
use cog_read::io::Config;
use cog_read::tiff::{Domain, Georeference};
use cog_read::{Cog, ErrorClass, Resampling, Session, SessionOptions};
use cog_testkit::npy::sha256;
use cog_testkit::server::{Content, Server};
use futures_util::StreamExt;
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/side_cars")
}

fn expected() -> serde_json::Map<String, Value> {
    let text = std::fs::read_to_string(folder().join("expected.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap().as_object().unwrap().clone()
}

fn session(side_cars: bool) -> Session {
    let io = Config::default().with_ingested_bytes_at_open(1 << 20);
    Session::new(SessionOptions::default().with_threads(2).with_io(io).with_side_cars(side_cars))
}

async fn open(name: &str) -> Cog {
    session(true).open(folder().join(format!("{name}.tif")).to_str().unwrap()).await.unwrap()
}

fn tags(domains: &[Domain]) -> BTreeMap<String, BTreeMap<String, String>> {
    let all = domains.iter().map(|d| (d.name.clone(), d.items.iter().cloned().collect()));
    all.filter(|(name, _)| name != "IMAGE_STRUCTURE").collect()
}

#[test]
fn images_are_described_as_gdal_describes_them() {
    for (name, expected) in expected() {
        run(async {
            let cog = open(&name).await;
            let profile = cog.profile().unwrap();
            let full = cog.ifd(0).unwrap();
            let bands = 1..=u32::from(profile.count);
            let same = |what: &str, found: Value| assert_eq!(found, expected[what], "{name}: {what}");
            same("epsg", json!(profile.epsg()));
            let identity = cog_read::tiff::GeoTransform::IDENTITY;
            same("transform", json!(profile.georeference.transform().unwrap_or(identity).to_array()));
            same("nodata", json!(profile.band_nodata.iter().map(|n| n.map(|n| n.as_f64())).collect::<Vec<_>>()));
            same("scales", json!(bands.clone().map(|b| profile.metadata.scale(b)).collect::<Vec<_>>()));
            same("offsets", json!(bands.clone().map(|b| profile.metadata.offset(b)).collect::<Vec<_>>()));
            same("units", json!(bands.clone().map(|b| profile.unit(b)).collect::<Vec<_>>()));
            same("descriptions", json!(bands.clone().map(|b| profile.metadata.description(b)).collect::<Vec<_>>()));
            let colors: Vec<_> = profile.color_interpretation.iter().map(|c| c.name()).collect();
            same("colorinterp", json!(colors));
            same("mask_flags", json!(profile.mask_flags.iter().map(|flags| flags.names()).collect::<Vec<_>>()));
            same("overviews", json!(profile.overviews));
            let mut found = tags(&profile.tags(cog.tiff(), full));
            found.entry(String::new()).or_default();
            same("tags", json!(found));
            let band_tags = |b| tags(&profile.band_tags(full, b)).remove("").unwrap_or_default();
            same("band_tags", json!(bands.map(band_tags).collect::<Vec<_>>()));
            let gcps = match &profile.georeference {
                Georeference::Gcps(points) => points.iter().map(|p| [p.column, p.row, p.x, p.y, p.z]).collect(),
                _ => Vec::new(),
            };
            same("gcps", json!(gcps));
        });
    }
}

#[test]
fn pixels_and_masks_at_every_size_are_those_of_gdal() {
    let mut compared = 0;
    let mut other = Vec::new();
    for (name, expected) in expected() {
        run(async {
            let cog = open(&name).await;
            for read in expected["reads"].as_array().unwrap() {
                let method: Resampling = read["resampling"].as_str().unwrap().parse().unwrap();
                let [rows, columns] = [0, 1].map(|i| read["shape"][i].as_u64().unwrap() as usize);
                let raster = cog.read().shape(rows, columns).resampling(method).await.unwrap();
                let what = format!("{name}, {rows} × {columns}, {method}, level {}", raster.level);
                if sha256(&raster.pixels.to_le_bytes()) != read["sha256"] {
                    other.push(what.clone());
                }
                let mask: Vec<u8> = raster.mask().iter().copied().collect();
                if sha256(&mask) != read["mask_sha256"] {
                    other.push(format!("the mask of {what}"));
                }
                compared += 1;
            }
        });
    }
    assert_eq!(other, Vec::<String>::new());
    assert_eq!(compared, 8 * 6 * 5);
}

/// A server of some of the files in the folder.
fn serve(names: &[&str]) -> Server {
    let file = |name: &&str| (format!("/{name}"), Bytes::from(std::fs::read(folder().join(name)).unwrap()));
    Server::start(names.iter().map(file).collect::<Vec<(String, Bytes)>>())
}

fn paths(server: &Server) -> Vec<String> {
    let mut paths: Vec<String> = server.take_log().into_iter().map(|logged| logged.path).collect();
    paths.sort();
    paths
}

#[test]
fn nothing_is_looked_for_unless_asked() {
    let server = serve(&["all.tif", "all.tif.ovr", "all.tif.msk", "all.tif.msk.ovr"]);
    run(async {
        let cog = session(false).open(&server.url("/all.tif")).await.unwrap();
        assert_eq!((cog.levels().unwrap().len(), cog.side_cars().len()), (1, 0));
        cog.read().await.unwrap();
    });
    assert_eq!(paths(&server), ["/all.tif"]);
}

#[test]
fn what_a_file_lacks_is_looked_for_once() {
    let server = serve(&["all.tif", "all.tif.ovr", "all.tif.msk", "all.tif.msk.ovr"]);
    run(async {
        let cog = session(true).open(&server.url("/all.tif")).await.unwrap();
        let names = ["/all.tif", "/all.tif.aux.xml", "/all.tif.msk", "/all.tif.msk.ovr", "/all.tif.ovr"];
        assert_eq!(paths(&server), names);
        // Everything came with the first reads, the pixels of the overviews and the masks too.
        let raster = cog.read().shape(50, 75).await.unwrap();
        assert_eq!((raster.level, raster.mask().iter().filter(|v| **v == 0).count() > 0), (1, true));
        assert_eq!(paths(&server), Vec::<String>::new());
    });
    let server = serve(&["own.tif", "own.tif.ovr", "own.tif.msk"]);
    run(async {
        session(true).open(&server.url("/own.tif?token=1")).await.unwrap();
    });
    assert_eq!(paths(&server), ["/own.tif.aux.xml?token=1", "/own.tif?token=1"]);
}

/// An image that nothing places, 2 × 2 pixels.
fn unplaced() -> Bytes {
    let page = crate::forge::Page::new(2, 2, 1, 8, &[1, 2, 3, 4]);
    crate::forge::tiff(&[page], crate::forge::Order::Little).into()
}

#[test]
fn a_world_file_is_looked_for_only_where_the_file_has_no_place_and_only_when_asked() {
    const WORLD: &[u8] = b"10\n0\n0\n-10\n105\n195\n";
    let server = Server::start(vec![
        ("/a.TIF".to_string(), unplaced()),
        ("/a.TFW".to_string(), Bytes::from_static(WORLD)),
        ("/a.wld".to_string(), Bytes::from_static(b"5\n0\n0\n-5\n1\n2\n")),
    ]);
    run(async {
        let cog = session(true).open(&server.url("/a.TIF?token=1")).await.unwrap();
        let place = cog.profile().unwrap().georeference.transform().unwrap().to_array();
        assert_eq!(place, [10.0, 0.0, 100.0, 0.0, -10.0, 200.0]);
        assert_eq!(cog.side_cars().len(), 1);
        let others = [".TIF.aux.xml", ".TIF.msk", ".TIF.ovr", ".TIFW", ".WLD", ".tfw", ".tifw", ".wld", ".TFW", ".TIF"];
        let mut expected = others.map(|end| format!("/a{end}?token=1"));
        expected.sort();
        assert_eq!(paths(&server), expected);
        let plain = session(false).open(&server.url("/a.TIF")).await.unwrap();
        assert_eq!(plain.profile().unwrap().georeference, Georeference::None);
        assert_eq!(paths(&server), ["/a.TIF"]);
    });
}

#[test]
fn blocks_of_several_files_are_fetched_for_one_read() {
    let server = serve(&["all.tif", "all.tif.msk"]);
    run(async {
        // So little comes at open that no block is among it.
        let io = Config::default().with_ingested_bytes_at_open(256);
        let session = Session::new(SessionOptions::default().with_threads(2).with_io(io).with_side_cars(true));
        let cog = session.open(&server.url("/all.tif")).await.unwrap();
        let remote = cog.read().await.unwrap();
        let local = open("all").await.read().await.unwrap();
        assert!(remote.pixels == local.pixels && remote.mask() == local.mask());
        let small = cog.read().shape(40, 60).resampling(Resampling::Cubic).await.unwrap();
        let other = open("all").await.read().level(0).shape(40, 60).resampling(Resampling::Cubic).await.unwrap();
        assert!(small.pixels == other.pixels && small.mask() == other.mask());
    });
}

#[test]
fn tiles_and_statistics_of_a_level_without_a_mask_heed_that_of_the_image() {
    run(async {
        let cog = open("mask_without_overviews").await;
        // What rasterio reads at this size by the nearest pixel: see the test above.
        let level = cog.read().shape(50, 75).await.unwrap();
        assert_eq!((level.level, cog.level(1).unwrap().mask), (1, None));
        let hidden = level.mask().iter().filter(|v| **v == 0).count();
        assert!(hidden > 100);
        let statistics = cog.statistics().level(1).await.unwrap();
        assert_eq!(statistics.bands[0].count, (50 * 75 - hidden) as u64);
        let tile = cog.tile(0, 0).level(1).await.unwrap();
        let (_, rows, columns) = tile.dim();
        for row in 0..rows.min(50) {
            for column in 0..columns.min(75) {
                assert_eq!(tile.mask()[[row, column]], level.mask()[[row, column]], "{row}, {column}");
            }
        }
        let blocks: Vec<_> = cog.blocks().level(1).stream().unwrap().collect().await;
        let of_blocks = blocks.into_iter().map(|b| b.unwrap().raster.mask().iter().filter(|v| **v == 0).count());
        assert_eq!(of_blocks.sum::<usize>(), hidden);
    });
}

#[test]
fn a_store_that_denies_what_is_not_there_is_believed() {
    let server = serve(&["all.tif"]);
    for suffix in [".ovr", ".msk", ".aux.xml"] {
        server.put(&format!("/all.tif{suffix}"), Content::from(Bytes::from_static(b"secret")));
        server.require_header(&format!("/all.tif{suffix}"), "authorization", "none has it");
    }
    run(async {
        let cog = session(true).open(&server.url("/all.tif")).await.unwrap();
        assert_eq!(cog.side_cars().len(), 0);
    });
}

/// Opens a copy of an image with these bytes beside it.
fn beside(suffix: &str, bytes: &[u8]) -> cog_read::Result<Cog> {
    let folder_of_test = tempfile::tempdir().unwrap();
    let path = folder_of_test.path().join("a.tif");
    std::fs::copy(folder().join("all.tif"), &path).unwrap();
    std::fs::write(folder_of_test.path().join(format!("a.tif{suffix}")), bytes).unwrap();
    run(async { session(true).open(path.to_str().unwrap()).await })
}

#[test]
fn a_side_car_that_does_not_fit_is_named() {
    let file = |name: &str| std::fs::read(folder().join(name)).unwrap();
    let other_size = std::fs::read(support::file("cog_deflate_uint16_mask").path).unwrap();
    for (suffix, bytes, words) in [
        (".ovr", file("mask_without_overviews.tif.ovr"), "3 bands of uint8"),
        (".ovr", other_size, "bands of uint16"),
        (".ovr", file("all.tif.ovr")[..100].to_vec(), "a.tif.ovr"),
        (".msk", file("all.tif.msk.ovr"), "75 × 50 pixels, the image of 150 × 100"),
    ] {
        let error = beside(suffix, &bytes).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(words) && text.contains(&format!("a.tif{suffix}")), "{text}");
        assert_eq!(error.class(), ErrorClass::Format, "{text}");
    }
}

#[test]
fn a_side_car_without_sense_is_passed_over() {
    for (suffix, bytes) in [
        (".ovr", &b""[..]),
        (".ovr", b"II"),
        (".msk", b"<html>"),
        (".aux.xml", b"<PAMDataset><SRS>"),
        (".aux.xml", b"\xff\xfe\0"),
    ] {
        let cog = beside(suffix, bytes).unwrap();
        assert_eq!((cog.side_cars().len(), cog.levels().unwrap().len()), (0, 1), "{suffix}");
    }
}
