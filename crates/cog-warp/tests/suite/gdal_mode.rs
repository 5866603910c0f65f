//! What GDAL 3.10 makes with its defaults (see `xtask/oracle/gdal_mode.py`): interpolated coordinates, kernels scaled by chunk.

use std::collections::BTreeMap;

use cog_raster::ndarray::{Array2, Array3, Axis};
use cog_raster::{GeoTransform, Raster, Validity};
use cog_warp::{Method, OutputGrid, Warp};
use serde_json::Value;

fn value(row: usize, column: usize) -> u8 {
    ((row * 37 + column * 91 + row * column * 3) % 251) as u8
}

fn source(entry: &Value) -> Raster {
    let size = |at: usize| entry["source"][at].as_u64().unwrap() as usize;
    let shape = (1, size(1), size(0));
    let validity = if entry["masked"].as_bool().unwrap() {
        let hole = |row: usize, column: usize| if (row * 7 + column * 5).is_multiple_of(31) { 0 } else { 255 };
        Validity::Shared(Array2::from_shape_fn((shape.1, shape.2), |(r, c)| hole(r, c)))
    } else {
        Validity::AllValid
    };
    let mut raster = match entry["dtype"].as_str().unwrap() {
        "uint8" => Raster::new(Array3::from_shape_fn(shape, |(_, r, c)| value(r, c)), validity),
        "float32" => Raster::new(Array3::from_shape_fn(shape, |(_, r, c)| f32::from(value(r, c))), validity),
        _ => Raster::new(Array3::from_shape_fn(shape, |(_, r, c)| f64::from(value(r, c))), validity),
    };
    raster.transform = Some(transform(&entry["transform"]));
    raster
}

fn samples(bytes: &[u8], dtype: &str) -> Vec<f64> {
    match dtype {
        "uint8" => bytes.iter().map(|b| f64::from(*b)).collect(),
        "float32" => bytes.as_chunks::<4>().0.iter().map(|b| f64::from(f32::from_le_bytes(*b))).collect(),
        _ => bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect(),
    }
}

fn transform(values: &Value) -> GeoTransform {
    let v: Vec<f64> = values.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    GeoTransform { a: v[0], b: v[1], c: v[2], d: v[3], e: v[4], f: v[5] }
}

#[derive(Default)]
struct Count {
    pixels: usize,
    close: usize,
    same_validity: usize,
    both_valid: usize,
}

#[test]
fn warps_equal_those_that_gdal_makes_by_default() {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
    let folder = std::env::var("COG_GDAL_MODE").unwrap_or(own.to_string());
    let entries: Value = serde_json::from_slice(&std::fs::read(format!("{folder}/gdal_mode.json")).unwrap()).unwrap();
    let data = std::fs::read(format!("{folder}/gdal_mode.bin")).unwrap();
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    let mut by_warp = Vec::new();
    for entry in entries.as_array().unwrap() {
        let number = |key: &str| entry[key].as_u64().unwrap() as usize;
        let (width, height) = (number("width"), number("height"));
        let target = entry["target"].as_str().unwrap().parse().unwrap();
        let grid = OutputGrid::new(target, transform(&entry["grid"]), width as u32, height as u32).unwrap();
        let name = entry["method"].as_str().unwrap();
        let method: Method = name.parse().unwrap();
        let crs = entry["crs"].as_str().unwrap().parse().unwrap();
        let source = source(entry);
        let warped = Warp::new(&source, &crs, &grid).method(method).gdal().threads(2).run().unwrap();

        let dtype = entry["dtype"].as_str().unwrap();
        let size = match dtype {
            "uint8" => 1,
            "float32" => 4,
            _ => 8,
        };
        let (at, len) = (number("offset"), height * width);
        let (bytes, bits) = data[at..at + len * size + len.div_ceil(8)].split_at(len * size);
        let expected = samples(bytes, dtype);
        let valid: Vec<bool> = (0..len).map(|i| bits[i / 8] >> (7 - i % 8) & 1 == 1).collect();
        let (values, mask) = (warped.pixels.to_f64(), warped.mask());
        let mut own = Count::default();
        for (((ours, theirs), ours_valid), theirs_valid) in values.iter().zip(&expected).zip(&mask).zip(&valid) {
            own.pixels += 1;
            own.same_validity += usize::from((*ours_valid != 0) == *theirs_valid);
            if *ours_valid != 0 && *theirs_valid {
                own.both_valid += 1;
                let tolerance = match method {
                    Method::Nearest | Method::Mode => 0.0,
                    // Sums may be large.
                    Method::Sum => (0.02 * theirs.abs()).max(1.0),
                    _ => 1.0,
                };
                own.close += usize::from((ours - theirs).abs() <= tolerance);
            }
        }
        let share = own.close as f64 / own.both_valid.max(1) as f64;
        let validity = own.same_validity as f64 / own.pixels as f64;
        if share < 0.999 || validity < 0.999 {
            by_warp.push(format!(
                "{} to {} x {} {name} {}: {share:.5} {validity:.5} of {}",
                entry["crs"], entry["target"], entry["scale"], entry["masked"], own.both_valid
            ));
        }
        let count = counts.entry(name.to_string()).or_default();
        count.pixels += own.pixels;
        count.close += own.close;
        count.same_validity += own.same_validity;
        count.both_valid += own.both_valid;
    }
    let mut failures = Vec::new();
    for (name, count) in &counts {
        let share = count.close as f64 / count.both_valid as f64;
        let validity = count.same_validity as f64 / count.pixels as f64;
        let least = match name.as_str() {
            "nearest" => 0.9999,
            _ => 0.999,
        };
        println!("{name}: {share:.6} of the values, {validity:.6} of the validity of {}", count.pixels);
        if share < least || validity < 0.9995 {
            failures.push(format!("{name}: {share:.5} of the values, {validity:.5} of the validity"));
        }
    }
    assert!(failures.is_empty(), "{}\n{}", failures.join("\n"), by_warp.join("\n"));
}

#[test]
fn bands_with_masks_of_their_own_are_warped_each_for_itself_on_any_number_of_threads() {
    let shape = (2, 90, 110);
    let samples = Array3::from_shape_fn(shape, |(b, r, c)| f32::from(value(r + 7 * b, c)));
    let masks = Array3::from_shape_fn(shape, |(b, r, c)| if (r * (3 + b) + c * 5) % 17 == 0 { 0 } else { 255 });
    let transform = GeoTransform { a: 1000.0, b: 0.0, c: 4_000_000.0, d: 0.0, e: -1000.0, f: 3_500_000.0 };
    let crs = "EPSG:3035".parse().unwrap();
    let pixel = GeoTransform { a: 0.02, b: 0.0, c: 5.6, d: 0.0, e: -0.015, f: 54.3 };
    let grid = OutputGrid::new("EPSG:4326".parse().unwrap(), pixel, 80, 70).unwrap();
    let warp = |mut raster: Raster, method: Method, threads: usize| {
        raster.transform = Some(transform);
        Warp::new(&raster, &crs, &grid).method(method).gdal().threads(threads).run().unwrap()
    };
    for method in Method::ALL {
        let both = warp(Raster::new(samples.clone(), Validity::PerBand(masks.clone())), method, 3);
        let values = both.pixels.view::<f32>().unwrap();
        for band in 0..2 {
            let (own, mask) = (samples.index_axis(Axis(0), band), masks.index_axis(Axis(0), band).to_owned());
            let one = warp(Raster::new(own.to_owned().insert_axis(Axis(0)), Validity::Shared(mask)), method, 1);
            assert_eq!(both.band_mask(band).unwrap(), one.mask(), "{method}");
            assert!(one.mask().iter().any(|v| *v == 0) && one.mask().iter().any(|v| *v == 255), "{method}");
            assert_eq!(
                values.index_axis(Axis(0), band),
                one.pixels.view::<f32>().unwrap().index_axis(Axis(0), 0),
                "{method}"
            );
        }
    }
}
