//! The bands of all files in one grid, beside GDAL.

use std::sync::{Arc, Mutex};

use cog_mosaic::raster::{Raster, SampleType};
use cog_mosaic::reader::{Session, SessionOptions};
use cog_mosaic::warp::{GridRequest, OutputGrid};
use cog_mosaic::{Composite, Error, ErrorClass, StacItem};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::scene;

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn masks(raster: &Raster) -> Vec<u8> {
    (0..raster.dim().0).flat_map(|band| raster.band_mask(band).unwrap().into_iter()).collect()
}

async fn item(session: &Session) -> StacItem {
    StacItem::open(session, scene::path("item-1.0.json").to_str().unwrap()).await.unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Assets of two resolutions and types in the grid of the first: as GDAL's `WarpedVRT` makes them.
#[tokio::test]
async fn a_stack_has_the_pixels_that_gdal_warps() {
    let expected = &scene::json("expected.json")["stack"];
    let names: Vec<&str> = expected["assets"].as_array().unwrap().iter().map(text).collect();
    let session = Session::default();
    let composite = item(&session).await.select(&names).unwrap().composite(&session).unwrap();
    let grid = composite.grid().await.unwrap();
    let raster = composite.stack(&grid).await.unwrap();
    assert_eq!(raster.dim(), (4, 140, 150));
    assert_eq!(raster.pixels.sample_type(), SampleType::U16);
    assert_eq!(sha256(&raster.pixels.to_le_bytes()), text(&expected["sha256"]));
    assert_eq!(sha256(&masks(&raster)), text(&expected["masks_sha256"]));
    let called: Vec<Option<&str>> = raster.band_names.iter().map(Option::as_deref).collect();
    assert_eq!(called, [Some("red"), Some("nir"), Some("swir"), Some("classes")]);
    // One of the files has no nodata value, so that 0 may be data there.
    assert_eq!((raster.nodata, raster.epsg), (None, Some(32633)));
    assert_eq!(raster.transform, Some(grid.transform()));
    let three = composite.filter(|reader| reader.name() != "classes").stack(&grid).await.unwrap();
    assert_eq!(three.nodata.map(|nodata| nodata.as_f64()), Some(0.0));
}

/// The same part as `STACReader.part` of rio-tiler.
#[tokio::test]
async fn a_part_is_that_of_rio_tiler() {
    let expected = &scene::json("expected.json")["rio_tiler"]["part"];
    let bounds: Vec<f64> = expected["bounds"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    let session = Session::default();
    let composite = item(&session).await.select(["red", "nir"]).unwrap().composite(&session).unwrap();
    let grid = OutputGrid::of_bounds("EPSG:32633".parse().unwrap(), bounds.try_into().unwrap(), 64, 60).unwrap();
    let raster = composite.stack(&grid).await.unwrap();
    assert_eq!(sha256(&raster.pixels.to_le_bytes()), text(&expected["sha256"]));
    assert_eq!(sha256(&masks(&raster)), text(&expected["masks_sha256"]));
}

/// NDVI in one expression of `ndarray`, beside NumPy's.
#[tokio::test]
async fn ndvi_of_a_scene_is_that_of_numpy() {
    let expected = &scene::json("expected.json")["ndvi"];
    let session = Session::default();
    let composite = item(&session).await.select(["red", "nir"]).unwrap().composite(&session).unwrap();
    let grid = composite.grid().await.unwrap();
    let raster = composite.stack(&grid).await.unwrap();
    let (values, masks) = (raster.pixels.to_f64(), masks(&raster));
    let (mut sum, mut count) = (0.0, 0);
    let ndvi = |row: usize, column: usize| {
        let (red, nir) = (values[[0, row, column]], values[[1, row, column]]);
        (nir - red) / (nir + red)
    };
    for place in 0..140 * 150 {
        if masks[place] > 0 && masks[140 * 150 + place] > 0 {
            sum += ndvi(place / 150, place % 150);
            count += 1;
        }
    }
    assert_eq!(count, expected["valid"].as_u64().unwrap());
    assert!((sum / count as f64 - expected["mean"].as_f64().unwrap()).abs() < 1e-12);
    for at in expected["at"].as_array().unwrap() {
        let [row, column] = [0, 1].map(|i| at[i].as_u64().unwrap() as usize);
        assert!((ndvi(row, column) - at[2].as_f64().unwrap()).abs() < 1e-15);
    }
}

/// aiocogeo's showcase: NDVI of one place, of assets that a filter chose, by a reducer; with the values of rio-tiler's `STACReader.point`.
#[tokio::test]
async fn ndvi_of_a_place_is_that_of_rio_tiler() {
    let expected = &scene::json("expected.json")["rio_tiler"]["point"];
    let numbers = |value: &Value| value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect::<Vec<_>>();
    let (place, wanted) = (numbers(&expected["lonlat"]), numbers(&expected["values"]));
    let session = Session::default();
    let item = item(&session).await.filter(|asset| matches!(asset.name(), "red" | "nir"));
    let composite = item.composite(&session).unwrap();
    let wgs84 = "EPSG:4326".parse().unwrap();
    let value = |points: &cog_mosaic::reader::Points| points.values.to_f64()[[0, 0, 0]];
    let values = composite.point_in(&wgs84, place[0], place[1]).await.unwrap();
    assert_eq!(values.iter().map(value).collect::<Vec<_>>(), wanted);
    let ndvi = move |points: Vec<cog_mosaic::reader::Points>| {
        let (red, nir) = (value(&points[0]), value(&points[1]));
        (nir - red) / (nir + red)
    };
    let found = composite.point_in(&wgs84, place[0], place[1]).reduce(ndvi).await.unwrap();
    assert_eq!(found, (wanted[1] - wanted[0]) / (wanted[1] + wanted[0]));

    let utm = "EPSG:32633".parse().unwrap();
    let here = composite.point_in(&utm, 400_000.0, 5_299_000.0).await.unwrap();
    let same = composite.point(400_000.0, 5_299_000.0).await.unwrap();
    assert_eq!(here[0].values, same[0].values);
    let error = composite.point_in(&wgs84, f64::NAN, 0.0).await.unwrap_err();
    assert!(error.to_string().starts_with("'red': the place NaN,0 has no coordinates in the CRS"), "{error}");
}

#[tokio::test]
async fn bands_of_a_file_with_several_have_numbers() {
    let session = Session::default();
    let composite = item(&session).await.select(["visual", "red"]).unwrap().composite(&session).unwrap();
    let grid = GridRequest::new("EPSG:3857".parse().unwrap()).max_size(32);
    let cog = composite.get("red").unwrap().cog().await.unwrap();
    let grid = grid.build(&cog_mosaic::warp::extent_of(&cog).unwrap()).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let hook = Arc::clone(&seen);
    let raster = composite.stack(&grid).progress(move |now| hook.lock().unwrap().push(now)).await.unwrap();
    let called: Vec<Option<&str>> = raster.band_names.iter().map(Option::as_deref).collect();
    assert_eq!(called, [Some("visual_b1"), Some("visual_b2"), Some("visual_b3"), Some("red")]);
    let last = seen.lock().unwrap().iter().map(|now| (now.done, now.pixels)).max();
    let all = u64::from(grid.width()) * u64::from(grid.height()) * 2;
    assert_eq!(last, Some((all, all)));
}

/// Outputs of more than 64 MiB are made in slabs, and are what one read of all of it would give.
#[tokio::test]
async fn a_large_stack_is_the_same_as_large_reads() {
    let session = Session::default();
    let composite = item(&session).await.select(["red", "nir"]).unwrap().composite(&session).unwrap();
    let bounds = [399_900.0, 5_298_600.0, 401_500.0, 5_300_100.0];
    let grid = OutputGrid::of_bounds("EPSG:32633".parse().unwrap(), bounds, 4000, 6000).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let hook = Arc::clone(&seen);
    let raster = composite.stack(&grid).progress(move |now| hook.lock().unwrap().push(now)).await.unwrap();
    let all = 4000 * 6000 * 2;
    assert_eq!(seen.lock().unwrap().iter().map(|now| (now.done, now.pixels)).max(), Some((all, all)));
    let mut whole = Vec::new();
    for cog in composite.open().await.unwrap() {
        whole.push(cog_mosaic::warp::WarpedRead::new(&cog, &grid).await.unwrap());
    }
    let samples = raster.pixels.view::<u16>().unwrap();
    for (band, whole) in whole.iter().enumerate() {
        let same =
            whole.pixels.view::<u16>().unwrap().outer_iter().all(|own| own == samples.outer_iter().nth(band).unwrap());
        assert!(same && raster.band_mask(band) == whole.band_mask(0), "band {band}");
    }

    let expression = || "(nir - red) / (nir + red)".parse().unwrap();
    let ndvi = composite.stack(&grid).expression(expression()).await.unwrap();
    assert_eq!(ndvi.dim(), (1, 6000, 4000));
    // The same of a small part, which is one slab.
    let part = grid.window(1500, 5000, 300, 200).unwrap();
    let small = composite.stack(&part).expression(expression()).await.unwrap();
    let (large, small) = (ndvi.pixels.view::<f32>().unwrap(), small.pixels.view::<f32>().unwrap());
    let same = |a: f32, b: f32| a == b || a.is_nan() && b.is_nan();
    assert!(small.indexed_iter().all(|((_, row, column), value)| same(*value, large[[0, 5000 + row, 1500 + column]])));
}

#[tokio::test]
async fn what_cannot_be_stacked_says_why() {
    let session = Session::default();
    let files = |name: &str| scene::path(name).to_str().unwrap().to_owned();
    let plain = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/files/no_georeference.tif").to_owned();
    let composite = Composite::new(&session, [("red", files("red.tif")), ("plain", plain.clone())]).unwrap();
    let grid = composite.grid().await.unwrap();
    let error = composite.stack(&grid).await.unwrap_err();
    assert!(error.to_string().starts_with("'plain': ") && error.to_string().contains("no transform leads"), "{error}");
    let only = composite.filter(|reader| reader.name() == "plain");
    assert!(only.grid().await.unwrap_err().to_string().starts_with("'plain': "));
    let none = composite.filter(|_| false);
    assert!(matches!(none.stack(&grid).await, Err(Error::NoReaders)));
    assert!(matches!(none.grid().await, Err(Error::NoReaders)));

    let mut options = SessionOptions::default();
    options.limits.max_output_bytes = 100_000;
    let small = Composite::new(&Session::new(options), [("a", files("red.tif")), ("b", files("nir.tif"))]).unwrap();
    let error = small.stack(&grid).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Limits);
    assert!(error.to_string().contains("126000 bytes"), "{error}");
}
