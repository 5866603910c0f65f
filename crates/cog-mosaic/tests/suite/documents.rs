//! Mosaics from MosaicJSON, outlines and items, and MosaicJSON made.

use std::path::{Path, PathBuf};

use cog_mosaic::crs::tiles::TileMatrixSet;
use cog_mosaic::io::Location;
use cog_mosaic::reader::Session;
use cog_mosaic::{Document, ErrorClass, Limits, Mosaic, MosaicJson, OnError, PixelSelection};
use serde_json::{Value, json};

use crate::scenes::{Scene, asked, bounds, serve};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/mosaic")
}

fn parsed(value: &Value) -> cog_mosaic::Result<MosaicJson> {
    MosaicJson::new(&Document::parse("mosaic.json", value.to_string().as_bytes(), &Limits::default()).unwrap())
}

fn document(value: &Value) -> Document {
    Document::parse("document.json", value.to_string().as_bytes(), &Limits::default()).unwrap()
}

/// `testdata/mosaic/mosaic_json.py` wrote what cogeo-mosaic makes of the same files, which its own model accepts.
#[tokio::test]
async fn a_mosaic_json_is_that_of_cogeo_mosaic() {
    let text = std::fs::read_to_string(folder().join("cogeo_mosaic.json")).unwrap();
    let all: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut tiles = 0;
    for one in &all {
        let files: Vec<String> =
            one["files"].as_array().unwrap().iter().map(|f| f.as_str().unwrap().to_string()).collect();
        let prefix = format!("{}/", folder().display());
        let mut request = MosaicJson::create(&Session::default(), files.iter().map(|file| format!("{prefix}{file}")));
        if let Some(zoom) = one["quadkey_zoom"].as_i64() {
            request = request.quadkey_zoom(zoom as i32);
        }
        if let Some(name) = one["tms"].as_str() {
            request = request.tile_matrix_set(TileMatrixSet::named(name).unwrap());
        }
        let made = request.asset_prefix(prefix.clone()).await.unwrap();
        let made: Value = serde_json::from_str(&made.to_json()).unwrap();
        let theirs = &one["mosaic"];
        for member in ["mosaicjson", "version", "minzoom", "maxzoom", "quadkey_zoom"] {
            assert_eq!(made[member], theirs[member], "{member} of {}", one["files"]);
        }
        for member in ["bounds", "center"] {
            let numbers =
                |value: &Value| -> Vec<f64> { value.as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect() };
            let (ours, theirs) = (numbers(&made[member]), numbers(&theirs[member]));
            assert!(ours.iter().zip(&theirs).all(|(a, b)| (a - b).abs() < 1e-9), "{member}: {ours:?} for {theirs:?}");
        }
        match one["tms"].is_null() {
            true => assert_eq!(made["tiles"], theirs["tiles"], "{} at {}", one["files"], one["quadkey_zoom"]),
            // Where meridians are no columns, cogeo-mosaic takes the boxes around tiles in degrees for the tiles: only most are the same.
            false => {
                let (ours, theirs) = (made["tiles"].as_object().unwrap(), theirs["tiles"].as_object().unwrap());
                let same = theirs.keys().filter(|key| ours.contains_key(*key)).count();
                assert!(same * 3 > theirs.len() * 2, "{same} of {}", theirs.len());
            }
        }
        tiles += made["tiles"].as_object().unwrap().len();
        assert_eq!(made["asset_prefix"], json!(prefix));
        assert_eq!(made["tilematrixset"]["id"], one["tms"], "{}", made["tilematrixset"]["id"]);
        // And it is read again.
        assert_eq!(serde_json::from_str::<Value>(&parsed(&made).unwrap().to_json()).unwrap(), made);
    }
    assert!(tiles > 60, "{tiles}");
}

#[tokio::test]
async fn a_mosaic_json_is_read_like_its_files() {
    let scenes: Vec<Scene> = (0..6).map(|i| Scene::new(i * 40, i * 10, 64, i as f32)).collect();
    let (server, urls) = serve(scenes.iter().map(|scene| scene.bytes()));
    let session = Session::default();
    let json = MosaicJson::create(&session, urls.clone()).quadkey_zoom(19).await.unwrap();
    assert_eq!(json.fields()["data_type"], "float32");
    let base = server.url("/");
    server.put("/mosaic.json", json.to_json().replace(&base, "").into_bytes());
    let files = Mosaic::of_locations(&session, urls).unwrap();
    // Names without a scheme lie beside the document.
    let mosaic = Mosaic::open(&session, server.url("/mosaic.json")).await.unwrap();
    server.take_log();
    for selection in [PixelSelection::First, PixelSelection::Last, PixelSelection::Mean] {
        for (column, row, size) in [(0, 0, 300), (100, 20, 30), (70, 0, 64)] {
            let read = |mosaic: &Mosaic| mosaic.read().bounds(bounds(column, row, size)).pixel_selection(selection);
            let (ours, theirs) = (read(&mosaic).await.unwrap(), read(&files).await.unwrap());
            assert_eq!(ours.pixels.to_le_bytes(), theirs.pixels.to_le_bytes(), "{selection} {column}");
        }
    }
    // Of a document whose tiles say so, files elsewhere are not opened.
    let mosaic = Mosaic::open(&Session::default(), server.url("/mosaic.json")).await.unwrap();
    server.take_log();
    mosaic.read().bounds(bounds(232, 60, 20)).await.unwrap();
    assert_eq!(asked(&server), ["/0.tif", "/5.tif"]);
}

#[test]
fn documents_of_all_versions_are_read() {
    let tiles = json!({"0302310": ["s3://b/a.tif"]});
    let old = parsed(&json!({"mosaicjson": "0.0.1", "minzoom": 7, "maxzoom": 9, "tiles": tiles})).unwrap();
    assert_eq!((old.bounds(), old.quadkey_zoom()), ([-180.0, -90.0, 180.0, 90.0], 7));
    let second = json!({"mosaicjson": "0.0.2", "minzoom": 5, "maxzoom": 9, "quadkey_zoom": 7, "bounds": "none", "tiles": tiles, "my": 1});
    let second = parsed(&second).unwrap();
    assert_eq!((second.quadkey_zoom(), second.min_zoom(), &second.fields()["my"]), (7, 5, &json!(1)));
    assert_eq!(second.tile_matrix_set().id(), Some("WebMercatorQuad"));
}

#[test]
fn documents_that_are_no_mosaic_say_why() {
    let tiles = json!({"0302310": ["a.tif"]});
    for (value, why) in [
        (json!([1]), "it is no object"),
        (json!({"tiles": tiles}), "no member 'mosaicjson'"),
        (json!({"mosaicjson": "1.0.0", "minzoom": 7, "maxzoom": 9, "tiles": tiles}), "known are 0.0.1 to 0.0.3"),
        (json!({"mosaicjson": "0.0.3", "minzoom": 77, "maxzoom": 9, "tiles": tiles}), "'minzoom' is no zoom"),
        (json!({"mosaicjson": "0.0.3", "minzoom": 7, "tiles": tiles}), "'maxzoom' is no zoom"),
        (json!({"mosaicjson": "0.0.3", "minzoom": 7, "maxzoom": 9}), "'tiles' is no object"),
        (json!({"mosaicjson": "0.0.3", "minzoom": 7, "maxzoom": 9, "tiles": {"04": ["a.tif"]}}), "digits 0 to 3"),
        (json!({"mosaicjson": "0.0.3", "minzoom": 7, "maxzoom": 9, "tiles": {"03": "a.tif"}}), "no list of strings"),
        (
            json!({"mosaicjson": "0.0.3", "minzoom": 7, "maxzoom": 9, "tiles": tiles, "tilematrixset": {"id": "x"}}),
            "'tilematrixset'",
        ),
    ] {
        let error = parsed(&value).unwrap_err();
        assert!(error.to_string().starts_with("mosaic.json: ") && error.to_string().contains(why), "{error}");
        assert_eq!(error.class(), ErrorClass::Format);
    }
}

#[tokio::test]
async fn files_that_cannot_be_opened_are_named_or_left_out_of_a_document() {
    let (server, mut urls) = serve([Scene::new(0, 0, 32, 1.0).bytes()]);
    urls.push(server.url("/gone.tif"));
    let create = || MosaicJson::create(&Session::default(), urls.clone());
    let error = create().await.unwrap_err();
    assert!(error.to_string().starts_with("source 2 of 2: ") && error.class() == ErrorClass::NotFound, "{error}");
    let (json, skipped) = create().on_error(OnError::Skip).with_skipped().await.unwrap();
    assert_eq!((json.assets().collect::<Vec<_>>(), skipped.len()), (urls[..1].to_vec(), 1));
    let error = MosaicJson::create(&Session::default(), [urls[1].clone()]).on_error(OnError::Skip).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::NotFound);
    let error = create().on_error(OnError::Skip).tile_matrix_set(TileMatrixSet::named("WorldCRS84Quad").unwrap()).await;
    assert!(error.unwrap_err().to_string().contains("WorldCRS84Quad"), "no quadkeys");
}

#[tokio::test]
async fn tiles_without_end_are_refused_before_they_are_listed() {
    let (_server, urls) = serve([Scene::new(0, 0, 64, 1.0).bytes()]);
    // 640 m in tiles of 1.6 m, forty times.
    let urls = vec![urls[0].clone(); 40];
    let error = MosaicJson::create(&Session::default(), urls).quadkey_zoom(24).await.unwrap_err();
    assert!(error.to_string().starts_with("at zoom 24 the sources overlap more than"), "{error}");
    assert_eq!(error.class(), ErrorClass::Limits);
}

#[tokio::test]
async fn two_hundred_files_over_a_slow_line_take_little_longer_than_one() {
    let (server, urls) = serve((0..200).map(|i| Scene::new(i * 8, 0, 32, i as f32).bytes()));
    server.set_latency(std::time::Duration::from_millis(40));
    let time = async |urls: &[String]| {
        let started = std::time::Instant::now();
        let json = MosaicJson::create(&Session::default(), urls.to_vec()).await.unwrap();
        assert_eq!(json.assets().count(), urls.len());
        started.elapsed()
    };
    let one = time(&urls[..1]).await;
    let mut best = time(&urls).await;
    for _ in 0..4 {
        best = best.min(time(&urls).await);
    }
    assert!(best <= one * 4, "{best:?} for 200 files, {one:?} for one");
    // One request a file.
    let log = server.take_log();
    assert_eq!(log.len(), 1 + 5 * 200);
}

/// As `gdaltindex` writes it, and `cog bounds`.
#[tokio::test]
async fn outlines_name_files() {
    let scenes: Vec<Scene> = (0..4).map(|i| Scene::new(i * 100, 0, 64, i as f32)).collect();
    let (server, urls) = serve(scenes.iter().map(|scene| scene.bytes()));
    let utm = |scene: &Scene| {
        let [west, south, east, north] = scene.bounds();
        json!({"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]})
    };
    let feature = |(scene, url): (&Scene, &String)| json!({"type": "Feature", "properties": {"location": url}, "geometry": utm(scene)});
    let mut collection = json!({
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}},
        "features": scenes.iter().zip(&urls).map(feature).collect::<Vec<_>>(),
    });
    let session = Session::default();
    let mosaic = Mosaic::of_document::<&str>(&session, document(&collection), None, &[]).await.unwrap();
    let raster = mosaic.read().bounds(bounds(210, 10, 40)).await.unwrap();
    assert!(raster.pixels.view::<f32>().unwrap().iter().all(|v| *v == 2.0));
    assert_eq!(asked(&server), ["/0.tif", "/2.tif"]);

    // Without an outline the file is opened to find out.
    collection["features"][1]["geometry"] = Value::Null;
    collection["features"][1]["properties"] = json!({"path": "1.tif"});
    let base = Location::parse(&server.url("/outlines.geojson")).unwrap();
    let mosaic = Mosaic::of_document::<&str>(&session, document(&collection), Some(base), &[]).await.unwrap();
    let raster = mosaic.read().bounds(bounds(110, 10, 40)).await.unwrap();
    assert!(raster.pixels.view::<f32>().unwrap().iter().all(|v| *v == 1.0));

    collection["features"][3]["properties"] = json!({"name": "x"});
    let error = Mosaic::of_document::<&str>(&session, document(&collection), None, &[]).await.unwrap_err().to_string();
    assert!(error.starts_with("document.json: feature 4 has no property with a location"), "{error}");
    for value in [json!({"a": 1}), json!("text")] {
        let error = Mosaic::of_document::<&str>(&session, document(&value), None, &[]).await.unwrap_err().to_string();
        assert!(error.contains("is no mosaic"), "{error}");
    }
}

#[tokio::test]
async fn items_of_stac_are_sources() {
    let scenes = [
        Scene::new(0, 0, 64, 1.0),
        Scene::new(0, 0, 64, 2.0),
        Scene::new(600, 0, 64, 3.0),
        Scene::new(600, 0, 64, 4.0),
    ];
    let (server, _) = serve(scenes.iter().map(|scene| scene.bytes()));
    let item = |id: &str, bbox: Value, files: [&str; 2]| {
        let asset =
            |href: &str| json!({"href": href, "type": "image/tiff; application=geotiff; profile=cloud-optimized"});
        json!({
            "type": "Feature", "stac_version": "1.0.0", "id": id, "bbox": bbox, "geometry": null, "properties": {}, "links": [],
            "assets": {"red": asset(files[0]), "nir": asset(files[1]), "thumbnail": {"href": "t.png", "type": "image/png"}},
        })
    };
    let items = json!({"type": "FeatureCollection", "features": [
        item("west", json!([15.0, 47.84, 15.01, 47.86]), ["0.tif", "1.tif"]),
        item("east", json!([15.08, 47.84, 15.09, 47.86]), ["2.tif", "3.tif"]),
    ]});
    server.put("/items.json", items.to_string().into_bytes());
    let session = Session::default();
    let base = Location::parse(&server.url("/items.json")).unwrap();
    let mosaic = Mosaic::of_document(&session, document(&items), Some(base), &["nir", "red"]).await.unwrap();
    let raster = mosaic.read().bounds(bounds(4, 4, 20)).await.unwrap();
    let pixels = raster.pixels.view::<f32>().unwrap();
    assert_eq!((raster.dim().0, pixels[[0, 0, 0]], pixels[[1, 0, 0]]), (2, 2.0, 1.0));
    // The box of the other item says that it lies elsewhere.
    assert_eq!(asked(&server), ["/0.tif", "/1.tif"]);
    let names: Vec<&str> = mosaic.sources().iter().map(|source| source.name()).collect();
    assert_eq!(names, ["west", "east"]);

    let error = Mosaic::open(&session, server.url("/items.json")).await.unwrap_err();
    assert_eq!(error.to_string(), "the item 'west' has several assets that can be read: choose of red, nir");
    assert_eq!(error.class(), ErrorClass::Usage);
}
