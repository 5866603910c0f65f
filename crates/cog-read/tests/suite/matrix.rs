//! Every combination of compression, predictor, data type, planes, byte order and layout, written by GDAL and tifffile just
//! now, is what they read (`testdata/matrix.py`).

use std::path::Path;
use std::time::Duration;

use crate::support::{run, session};
use cog_testkit::npy::sha256;
use cog_testkit::python;
use serde_json::Value;

#[test]
fn every_combination_is_what_gdal_and_tifffile_read() {
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/matrix.py");
    let test = "the matrix of compressions, types and layouts";
    let Some(lines) = python::judge(test, &script, folder.path(), Duration::from_secs(600)).unwrap() else { return };
    let cases: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(cases.len() >= 1000, "only {} combinations were written", cases.len());
    let wrong = run(async {
        let session = session();
        let mut wrong = Vec::new();
        for case in &cases {
            let path = case["path"].as_str().unwrap();
            let read = async { session.open(path).await?.read().await };
            let difference = match read.await {
                Err(error) => Some(error.to_string()),
                Ok(raster) => {
                    let (bands, rows, columns) = raster.dim();
                    let dtype = raster.pixels.sample_type().name();
                    if case["shape"] != serde_json::json!([bands, rows, columns]) || case["dtype"] != dtype {
                        Some(format!("{:?} of {dtype}", raster.dim()))
                    } else if case["sha256"] != sha256(&raster.pixels.to_le_bytes()) {
                        Some("other pixels".to_owned())
                    } else {
                        None
                    }
                }
            };
            wrong.extend(difference.map(|difference| format!("{path}: {difference}")));
        }
        wrong
    });
    println!("{} combinations", cases.len());
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
