//! Mosaics beside those that rio-tiler's `mosaic_reader` makes of the same scenes, by every method: `testdata/mosaic/make.py` wrote both.

use std::path::{Path, PathBuf};

use cog_mosaic::raster::{Pixels, Raster};
use cog_mosaic::reader::Session;
use cog_mosaic::{Mosaic, PixelSelection};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/mosaic")
}

/// What rio-tiler made.
struct Expected {
    values: Vec<f64>,
    valid: Vec<bool>,
}

fn numbers<const N: usize>(value: &Value) -> [f64; N] {
    let all: Vec<f64> = value.as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
    all.try_into().unwrap()
}

fn expected(blob: &[u8], of: &Value) -> Expected {
    let count: u64 = of["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).product();
    let (count, start) = (count as usize, of["offset"].as_u64().unwrap() as usize);
    let dtype = of["dtype"].as_str().unwrap();
    let value = |bytes: &[u8]| match dtype {
        "uint8" => f64::from(bytes[0]),
        "uint16" => f64::from(u16::from_le_bytes(bytes.try_into().unwrap())),
        "int16" => f64::from(i16::from_le_bytes(bytes.try_into().unwrap())),
        "float32" => f64::from(f32::from_le_bytes(bytes.try_into().unwrap())),
        "float64" => f64::from_le_bytes(bytes.try_into().unwrap()),
        other => panic!("{other}"),
    };
    let size = match dtype {
        "uint8" => 1,
        "uint16" | "int16" => 2,
        "float32" => 4,
        _ => 8,
    };
    let end = start + count * size;
    Expected {
        values: blob[start..end].chunks(size).map(value).collect(),
        valid: blob[end..end + count].iter().map(|v| *v == 255).collect(),
    }
}

fn values(pixels: &Pixels) -> Vec<f64> {
    match pixels {
        Pixels::U8(a) => a.iter().map(|v| f64::from(*v)).collect(),
        Pixels::U16(a) => a.iter().map(|v| f64::from(*v)).collect(),
        Pixels::I16(a) => a.iter().map(|v| f64::from(*v)).collect(),
        Pixels::F32(a) => a.iter().map(|v| f64::from(*v)).collect(),
        Pixels::F64(a) => a.iter().copied().collect(),
        other => panic!("{}", other.sample_type()),
    }
}

/// The mosaic as it was described, with more asked of it.
async fn mosaic(
    document: &Value,
    of: &Value,
    more: impl FnOnce(cog_mosaic::MosaicRead) -> cog_mosaic::MosaicRead,
) -> Raster {
    let files = of["files"].as_array().unwrap().iter().map(|file| folder().join(file.as_str().unwrap()));
    let locations: Vec<String> = files.map(|path| path.to_str().unwrap().to_string()).collect();
    let [width, height] = numbers::<2>(&document["size"]);
    let bands: Vec<usize> = of["bands"].as_array().unwrap().iter().map(|b| b.as_u64().unwrap() as usize).collect();
    let selection: PixelSelection = of["method"].as_str().unwrap().parse().unwrap();
    let read = Mosaic::of_locations(&Session::default(), locations)
        .unwrap()
        .read()
        .bounds(numbers(&document["bounds"]))
        .shape(height as u32, width as u32)
        .bands(bands)
        .pixel_selection(selection);
    more(read).await.unwrap()
}

fn document() -> (Value, Vec<u8>) {
    let text = std::fs::read_to_string(folder().join("mosaics.json")).unwrap();
    (serde_json::from_str(&text).unwrap(), std::fs::read(folder().join("mosaics.bin")).unwrap())
}

#[tokio::test]
async fn every_selection_is_that_of_rio_tiler() {
    let (document, blob) = document();
    let mut compared = 0;
    for of in document["mosaics"].as_array().unwrap() {
        let what = format!("{} by {}", of["case"], of["method"]);
        let raster = mosaic(&document, of, |read| read).await;
        let Expected { values: theirs, valid } = expected(&blob, of);
        let (bands, height, width) = raster.dim();
        assert_eq!(serde_json::json!([bands, height, width]), of["shape"], "{what}");
        assert_eq!(raster.pixels.sample_type().to_string(), of["dtype"].as_str().unwrap(), "{what}");
        let masks: Vec<bool> =
            (0..bands).flat_map(|band| raster.band_mask(band).unwrap().into_iter().map(|v| v > 0)).collect();
        assert_eq!(masks, valid, "{what}: validity");
        // rio-tiler sums up floats of 32 bits as such.
        let slack = if of["case"] == "nan_f32" { 1e-6 } else { 1e-12 };
        // Its sums of integers overflow, ours end at the range.
        let most = match (of["method"].as_str(), of["dtype"].as_str()) {
            (Some("sum"), Some("uint8")) => 255.0,
            (Some("sum"), Some("uint16")) => 65535.0,
            _ => f64::INFINITY,
        };
        for (i, (ours, theirs)) in values(&raster.pixels).into_iter().zip(theirs).enumerate() {
            if valid[i] && ours < most {
                let close = (ours - theirs).abs() <= slack * theirs.abs().max(1.0);
                assert!(close, "{what}, sample {i}: {ours} for {theirs}");
                compared += 1;
            }
        }
    }
    assert!(compared > 80_000, "{compared}");
}

#[tokio::test]
async fn little_memory_and_few_at_once_make_the_same_mosaic() {
    let (document, _) = document();
    for of in document["mosaics"].as_array().unwrap() {
        let whole = mosaic(&document, of, |read| read).await;
        let parts = mosaic(&document, of, |read| read.memory(1).at_once(1)).await;
        // NaN is not equal to itself.
        assert_eq!(whole.pixels.to_le_bytes(), parts.pixels.to_le_bytes(), "{} by {}", of["case"], of["method"]);
        let (bands, height, width) = whole.dim();
        for band in 0..bands {
            assert_eq!(whole.validity.band(band, height, width), parts.validity.band(band, height, width));
        }
    }
}
