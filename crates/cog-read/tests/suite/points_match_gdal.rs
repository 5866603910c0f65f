//! Values between pixels are GDAL's: those that `xtask/oracle/points.py` wrote to `testdata/points`.

use std::path::Path;

use crate::support::{run, session};
use cog_read::num_complex::Complex;
use cog_read::{Interpolation, Pixels};
use serde_json::Value;

/// Of its size: sums of sixteen products may be made in another order.
const ROUNDING: f64 = 1e-12;

#[test]
fn a_value_at_a_place_is_what_gdal_interpolates() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/points");
    let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(folder.join("points.json")).unwrap()).unwrap();
    let (mut compared, mut without_data) = (0, 0);
    run(async {
        let session = session();
        for case in &cases {
            let (file, method) = (case["file"].as_str().unwrap(), case["method"].as_str().unwrap());
            let how = match method {
                "nearest" => Interpolation::Nearest,
                "bilinear" => Interpolation::Bilinear,
                _ => Interpolation::Cubic,
            };
            let number = |v: &Value| v.as_f64().unwrap();
            let places = case["places"].as_array().unwrap().iter().map(|at| (number(&at[0]), number(&at[1])));
            let cog = session.open(folder.join(file).to_str().unwrap()).await.unwrap();
            let points = cog.points(places.clone()).in_pixels().interpolation(how).await.unwrap();
            let ours: Vec<Complex<f64>> = match points.values {
                Pixels::Complex64(values) if how != Interpolation::Nearest => values.into_iter().collect(),
                Pixels::Complex32(values) => values.iter().map(|v| Complex::new(v.re.into(), v.im.into())).collect(),
                other => other.to_f64().iter().map(|v| Complex::new(*v, 0.0)).collect(),
            };
            let theirs = case["values"].as_array().unwrap().iter().flat_map(|band| band.as_array().unwrap());
            let validity = points.validity.iter().zip(places.clone().cycle());
            for ((ours, theirs), (valid, place)) in ours.into_iter().zip(theirs).zip(validity) {
                let what = format!("{file} {method} at {place:?}");
                assert_eq!(*valid == 255, !theirs.is_null(), "{what}: GDAL has {theirs}");
                compared += 1;
                if theirs.is_null() {
                    without_data += 1;
                    continue;
                }
                let theirs = match theirs.as_array() {
                    Some(parts) => Complex::new(number(&parts[0]), number(&parts[1])),
                    None => Complex::new(number(theirs), 0.0),
                };
                let off = (ours - theirs).norm();
                assert!(off <= ROUNDING * theirs.norm().max(1.0), "{what}: {ours}, not {theirs}");
            }
        }
    });
    assert!(compared > 4_000 && without_data > 200, "{compared} compared, {without_data} without data");
}
