//! Comparison with NumPy: `testdata/resample/statistics.json`, made by `xtask/oracle/resample.py`.

use std::path::{Path, PathBuf};

use ndarray::Array2;
use serde_json::Value;

use super::{Accumulator, BandStatistics, StatisticsOptions};
use crate::pixels::sample::Sample;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/resample")
}

fn npy<T: Clone, const N: usize>(name: &str, read: fn([u8; N]) -> T) -> Array2<T> {
    let npy = cog_testkit::npy::Npy::open(&folder().join(format!("{name}.npy"))).unwrap();
    let shape = (npy.shape[0] as usize, npy.shape[1] as usize);
    let bytes = npy.bytes().unwrap();
    let values = bytes.chunks_exact(N).map(|chunk| read(chunk.try_into().unwrap())).collect();
    Array2::from_shape_vec(shape, values).unwrap()
}

fn of<T: Sample>(values: &Array2<T>) -> BandStatistics {
    let valid = npy("valid", u8::from_le_bytes);
    let options = StatisticsOptions {
        percentiles: vec![0.0, 2.0, 12.5, 50.0, 66.6, 98.0, 100.0],
        ..StatisticsOptions::default()
    };
    let mut accumulator = Accumulator::new(&options, usize::MAX);
    accumulator.push(values.view(), Some(valid.view()));
    accumulator.finish()
}

fn assert_close(got: f64, expected: &Value, what: &str) {
    let expected = expected.as_f64().unwrap();
    assert!((got - expected).abs() <= 1e-12 * expected.abs(), "{what}: {got}, numpy has {expected}");
}

#[test]
fn statistics_are_numpys() {
    let all: Value = serde_json::from_slice(&std::fs::read(folder().join("statistics.json")).unwrap()).unwrap();
    assert_eq!(all.as_object().unwrap().len(), 10);
    for (dtype, expected) in all.as_object().unwrap() {
        let got = match dtype.as_str() {
            "uint8" => of(&npy(dtype, u8::from_le_bytes)),
            "int8" => of(&npy(dtype, i8::from_le_bytes)),
            "uint16" => of(&npy(dtype, u16::from_le_bytes)),
            "int16" => of(&npy(dtype, i16::from_le_bytes)),
            "uint32" => of(&npy(dtype, u32::from_le_bytes)),
            "int32" => of(&npy(dtype, i32::from_le_bytes)),
            "uint64" => of(&npy(dtype, u64::from_le_bytes)),
            "int64" => of(&npy(dtype, i64::from_le_bytes)),
            "float32" => of(&npy(dtype, f32::from_le_bytes)),
            _ => of(&npy(dtype, f64::from_le_bytes)),
        };
        let numbers = [
            ("min", got.min),
            ("max", got.max),
            ("mean", got.mean),
            ("std", got.std),
            ("sum", got.sum),
            ("median", got.median),
            ("majority", got.majority.unwrap()),
            ("minority", got.minority.unwrap()),
            ("valid_percent", got.valid_percent),
        ];
        numbers.into_iter().for_each(|(name, value)| assert_close(value, &expected[name], &format!("{dtype} {name}")));
        assert_eq!((Some(got.count), got.unique), (expected["count"].as_u64(), expected["unique"].as_u64()));
        for ((percent, value), expected) in got.percentiles.iter().zip(expected["percentiles"].as_array().unwrap()) {
            assert_eq!(Some(*percent), expected[0].as_f64());
            assert_close(*value, &expected[1], &format!("{dtype} {percent} %"));
        }
        let histogram = got.histogram.unwrap();
        assert_eq!(serde_json::json!(histogram.counts), expected["histogram"], "{dtype}");
        let edges = histogram.edges.iter().zip(expected["edges"].as_array().unwrap());
        edges.for_each(|(edge, expected)| assert_close(*edge, expected, &format!("{dtype} edge")));
        assert_eq!(got.resolution, 0.0);
    }
}
