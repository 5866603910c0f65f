//! Random expressions beside NumPy.
//!
//! `COG_EXPRESSIONS=N` compares so many, of another seed with `COG_EXPRESSIONS_SEED`.

use std::path::Path;
use std::time::Duration;

use cog_expression::raster::ndarray::Array2;
use cog_expression::raster::{Pixels, Sample};
use cog_expression::{Band, BandNames, Expression};
use cog_testkit::python;
use serde_json::{Value, json};

use crate::random::{NAMES, Random, expression};

/// As many in every run.
const SAMPLE: usize = 400;

const COLUMNS: usize = 1500;

/// A band as pixels, as a mask, and as JSON.
fn band<T: Sample + Into<f64>>(random: &mut Random, value: impl Fn(usize) -> T) -> (Pixels, Array2<u8>, Value) {
    let values: Vec<T> = (0..COLUMNS).map(|_| value(random.below(1 << 20))).collect();
    let mask: Vec<u8> = (0..COLUMNS).map(|_| if random.below(10) == 0 { 0 } else { 255 }).collect();
    let numbers: Vec<Value> = values.iter().map(|v| number((*v).into())).collect();
    let json = json!({"values": numbers, "mask": mask});
    let array = Array2::from_shape_vec((1, COLUMNS), values).unwrap();
    let pixels = Pixels::from(array.insert_axis(cog_expression::raster::ndarray::Axis(0)));
    (pixels, Array2::from_shape_vec((1, COLUMNS), mask).unwrap(), json)
}

fn number(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { json!(value.to_string()) }
}

#[test]
fn random_expressions_are_what_numpy_makes_of_them() {
    let setting = |name: &str| std::env::var(name).ok().map(|v| v.parse::<u64>().unwrap());
    let count = setting("COG_EXPRESSIONS").map_or(SAMPLE, |count| count as usize);
    let mut random = Random::new(setting("COG_EXPRESSIONS_SEED").unwrap_or(14));
    let bands = [
        band(&mut random, |v| v as u8),
        band(&mut random, |v| v as u16),
        band(&mut random, |v| (v % 2001) as i16 - 1000),
        band(&mut random, |v| (v as f32 / 1e5) - 5.0),
        band(&mut random, |v| [0.0, -0.0, f64::NAN, f64::INFINITY, -1.5, 1e-310, 1e200, 0.1][v % 8]),
        band(&mut random, |v| v as u32 * 4000),
    ];
    let mut asked = Vec::new();
    while asked.len() < count {
        let depth = 1 + random.below(5);
        let text = expression(&mut random, depth);
        let program = match Expression::parse(&text).unwrap().bind(&BandNames::numbered(NAMES.len())) {
            Ok(program) => program,
            Err(_) => continue, // no name of a band
        };
        let inputs: Vec<Band<'_>> =
            program.bands().iter().map(|i| Band::new(&bands[*i].0, 0).mask(bands[*i].1.view())).collect();
        let found = program.evaluate(&inputs).unwrap();
        let values: Vec<Value> =
            found.samples.iter().map(|v| if v.is_nan() { Value::Null } else { json!(v) }).collect();
        assert!((0..COLUMNS).all(|at| found.validity.is_valid(0, 0, at) != values[at].is_null()), "{text}");
        asked.push(json!({"text": text, "values": values}));
    }
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("expressions.json");
    let bands: Vec<&Value> = bands.iter().map(|(_, _, json)| json).collect();
    std::fs::write(&input, serde_json::to_vec(&json!({"bands": bands, "expressions": asked})).unwrap()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge/numpy_values.py");
    let test = "random_expressions_are_what_numpy_makes_of_them";
    let Some(said) = python::judge(test, &script, &input, Duration::from_secs(3600)).unwrap() else { return };
    let verdict: Value = serde_json::from_str(&said).unwrap();
    println!("{} expressions: {}", verdict["compared"], verdict["summary"]);
    assert_eq!(verdict["compared"], json!(count));
    assert_eq!(verdict["wrong"], json!([]));
    // Not all are invalid everywhere.
    assert!(verdict["valid"].as_f64().unwrap() > 0.2, "{verdict}");
}
