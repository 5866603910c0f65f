//! Boundless resampled reads whose edges cut output pixels are rasterio's: those that `xtask/oracle/boundless.py` wrote to
//! `testdata/boundless`.

use std::path::Path;

use crate::support::{open, run};
use cog_read::{Pixels, Resampling, Window};
use serde_json::Value;

/// How far a sample may be off: averages and Lanczos of integers by one, as in GDAL's own fixtures; floats by their rounding.
fn allowed(pixels: &Pixels, method: Resampling, value: f64) -> f64 {
    let rounds = matches!(method, Resampling::Average | Resampling::Rms | Resampling::Lanczos);
    match pixels {
        Pixels::F32(_) => 1e-5 * value.abs().max(1.0),
        _ if rounds => 1.0,
        _ => 0.0,
    }
}

/// Samples of `size` bytes as numbers.
fn numbers(bytes: &[u8], pixels: &Pixels) -> Vec<f64> {
    match pixels {
        Pixels::U8(_) => bytes.iter().map(|v| f64::from(*v)).collect(),
        Pixels::I8(_) => bytes.iter().map(|v| f64::from(*v as i8)).collect(),
        Pixels::U16(_) => bytes.as_chunks::<2>().0.iter().map(|v| f64::from(u16::from_le_bytes(*v))).collect(),
        Pixels::F32(_) => bytes.as_chunks::<4>().0.iter().map(|v| f64::from(f32::from_le_bytes(*v))).collect(),
        other => panic!("{:?} is not among the files", other.sample_type()),
    }
}

#[test]
fn a_boundless_read_whose_edges_cut_output_pixels_is_rasterios() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/boundless");
    let reads: Vec<Value> = serde_json::from_slice(&std::fs::read(folder.join("reads.json")).unwrap()).unwrap();
    let results = std::fs::read(folder.join("reads.bin")).unwrap();
    let mut wrong = Vec::new();
    run(async {
        for read in &reads {
            let method: Resampling = read["method"].as_str().unwrap().parse().unwrap();
            let [x, y, width, height] = [0, 1, 2, 3].map(|i| read["window"][i].as_f64().unwrap());
            let out = [0, 1].map(|i| read["out"][i].as_u64().unwrap() as usize);
            let cog = open(read["file"].as_str().unwrap().trim_end_matches(".tif")).await;
            let request = cog.read().window(Window::new(x, y, width, height)).boundless(None).shape(out[1], out[0]);
            let raster = request.resampling(method).await.unwrap();
            let at = read["at"].as_u64().unwrap() as usize;
            let theirs = numbers(&results[at..at + read["bytes"].as_u64().unwrap() as usize], &raster.pixels);
            let ours = raster.pixels.to_f64();
            let off = ours.indexed_iter().zip(&theirs);
            let off = off.filter(|((_, v), theirs)| (*v - **theirs).abs() > allowed(&raster.pixels, method, **theirs));
            let off: Vec<_> = off.collect();
            if let Some(((place, ours), theirs)) = off.first() {
                wrong.push(format!("{read}: {} samples, at {place:?} {ours}, not {theirs}", off.len()));
            }
        }
    });
    assert!(reads.len() > 100);
    assert!(wrong.is_empty(), "{} of {} reads differ:\n{}", wrong.len(), reads.len(), wrong.join("\n"));
}
