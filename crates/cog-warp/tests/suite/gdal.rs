//! The same pixels as GDAL 3.10, where it computes coordinates exactly and does not widen kernels (see `xtask/oracle/warp.py`).

use cog_raster::ndarray::Array3;
use cog_raster::{GeoTransform, Raster, Sample, Validity};
use cog_warp::{Method, OutputGrid, Warp};
use serde_json::Value;

const SIZE: (usize, usize) = (60, 50);

/// The source that the script warps.
fn value(band: usize, row: usize, column: usize) -> u8 {
    ((row * 37 + column * 91 + row * column * (3 + band)) % 251) as u8
}

fn source(entry: &Value) -> Raster {
    let (width, height) = SIZE;
    let shape = (entry["bands"].as_u64().unwrap() as usize, height, width);
    let hole = |row: usize, column: usize| if (row * 7 + column * 5).is_multiple_of(31) { 0 } else { 255 };
    let validity = if entry["masked"].as_bool().unwrap() {
        Validity::Shared(
            Array3::from_shape_fn((1, height, width), |(_, r, c)| hole(r, c)).remove_axis(cog_raster::ndarray::Axis(0)),
        )
    } else {
        Validity::AllValid
    };
    let mut raster = match entry["dtype"].as_str().unwrap() {
        "uint8" => Raster::new(Array3::from_shape_fn(shape, |(b, r, c)| value(b, r, c)), validity),
        _ => Raster::new(Array3::from_shape_fn(shape, |(b, r, c)| f32::from(value(b, r, c))), validity),
    };
    raster.transform = Some(transform(&entry["transform"]));
    raster
}

fn transform(values: &Value) -> GeoTransform {
    let v: Vec<f64> = values.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    GeoTransform { a: v[0], b: v[1], c: v[2], d: v[3], e: v[4], f: v[5] }
}

fn samples<T: Sample>(bytes: &[u8], of: impl Fn(&[u8]) -> T) -> Vec<f64> {
    bytes.chunks_exact(size_of::<T>()).map(|b| of(b).real()).collect()
}

#[test]
fn warps_equal_those_of_gdal() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
    let index: Value = serde_json::from_slice(&std::fs::read(format!("{folder}/warps.json")).unwrap()).unwrap();
    let data = std::fs::read(format!("{folder}/warps.bin")).unwrap();
    let mut failures = Vec::new();
    let warps = index["warps"].as_array().unwrap();
    assert_eq!(warps.len(), 92);
    for entry in warps {
        let number = |key: &str| entry[key].as_u64().unwrap() as usize;
        let name = format!("{} {} {}", entry["name"], entry["method"], entry["dtype"]);
        let (width, height, bands) = (number("width"), number("height"), number("bands"));
        let target = entry["target"].as_str().unwrap().parse().unwrap();
        let grid = OutputGrid::new(target, transform(&entry["grid"]), width as u32, height as u32).unwrap();
        let method: Method = entry["method"].as_str().unwrap().parse().unwrap();
        let crs = entry["crs"].as_str().unwrap().parse().unwrap();
        let warped = Warp::new(&source(entry), &crs, &grid).method(method).run().unwrap();

        let is_byte = entry["dtype"] == "uint8";
        let size = if is_byte { 1 } else { 4 };
        let (at, len) = (number("offset"), bands * height * width);
        let bytes = &data[at..at + len * size];
        let expected = if is_byte {
            samples(bytes, |b| b[0])
        } else {
            samples(bytes, |b| f32::from_le_bytes(b.try_into().unwrap()))
        };
        let expected_valid = &data[at + len * size..at + len * size + height * width];
        let mask = warped.mask();
        let same = mask.iter().zip(expected_valid).filter(|(a, b)| a == b).count() as f64 / (height * width) as f64;

        let covers = matches!(method, Method::Average | Method::Min | Method::Median | Method::Sum);
        let values = warped.pixels.to_f64();
        let (mut close, mut count) = (0.0, 0.0);
        for (i, (ours, theirs)) in values.iter().zip(&expected).enumerate() {
            let pixel = i % (height * width);
            if mask.as_slice().unwrap()[pixel] == 0 || expected_valid[pixel] == 0 {
                continue;
            }
            let tolerance: f64 = match method {
                Method::Nearest => 0.0,
                // Bytes are rounded.
                _ if is_byte => 1.0,
                _ => 1e-4 * 251.0,
            };
            count += 1.0;
            // GDAL takes the upright rectangle around two corners for the pixel.
            let tolerance = if covers { tolerance.max(0.06 * 251.0) } else { tolerance };
            close += f64::from((ours - theirs).abs() <= tolerance);
        }
        assert!(count > 100.0, "{name}: {count} pixels");
        // The source is noise: a neighbour more in the rectangle changes what is smallest, or in the middle.
        let least = match method {
            Method::Average => 0.98,
            Method::Min => 0.92,
            Method::Median => 0.85,
            _ => 0.999,
        };
        let least_same = if covers { 0.985 } else { 0.999 };
        if close / count < least || same < least_same {
            failures.push(format!("{name}: {:.4} of the values, {same:.4} of the validity", close / count));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
