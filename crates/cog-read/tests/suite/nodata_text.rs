//! GDAL_NODATA of every type: what of it counts, and which samples it hides. `testdata/strange/nodata.json` has what rasterio
//! 1.4.4 (GDAL 3.10.3) says of sixteen zeros.

use crate::forge::{NODATA, Order, Page, SAMPLE_FORMAT, tiff};
use crate::support::{open_bytes, run, session};
use cog_read::tiff::Nodata;
use serde_json::{Value, json};

#[test]
fn nodata_of_every_type_is_that_of_gdal() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/strange/nodata.json");
    let table: Vec<(String, String, Value, Vec<String>, usize)> =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(table.len() > 800, "{}", table.len());
    let mut wrong = Vec::new();
    for (name, text, value, flags, hidden) in table {
        let (bits, format) = match name.as_str() {
            "complex64" => (64, 6),
            "complex128" => (128, 6),
            name => {
                let kind = name.trim_end_matches(char::is_numeric);
                let bits = name.trim_start_matches(char::is_alphabetic).parse().unwrap();
                (bits, ["uint", "int", "float"].iter().position(|k| *k == kind).unwrap() as u16 + 1)
            }
        };
        let zeros = vec![0; 16 * usize::from(bits) / 8];
        let page = Page::new(4, 4, 1, bits, &zeros).with(SAMPLE_FORMAT, &[format]).with_text(NODATA, &text);
        let (ours, our_flags, our_hidden) = run(async {
            let cog = open_bytes(&session(), tiff(&[page], Order::Little)).await;
            let profile = cog.profile().unwrap();
            let raster = cog.read().await.unwrap();
            (profile.nodata, profile.mask_flags[0].names(), raster.mask().iter().filter(|v| **v == 0).count())
        });
        // rasterio gives 64-bit integers as doubles, and none where the rounded one does not fit.
        let doubled = ours.map(Nodata::as_f64);
        let rounded = matches!(ours, Some(Nodata::Int(i64::MAX) | Nodata::Uint(0xffff_ffff_ffff_f800..)));
        let same_value = match (&value, doubled) {
            (Value::Null, found) => found.is_none() || rounded,
            (Value::String(text), Some(found)) => {
                text.parse::<f64>().is_ok_and(|v| v == found || v.is_nan() && found.is_nan())
            }
            // The last digit of a number is not serde_json's.
            (number, Some(found)) => number.as_f64().is_some_and(|v| (v - found).abs() <= 1e-15 * v.abs()),
            (_, None) => false,
        };
        // The flags of GDAL name a nodata for `int8` that none of its samples can have.
        let flags_aside = name == "int8" && ours.is_none() && flags == ["nodata"];
        // Beyond the largest float32 by less than a rounding: rasterio names it, GDAL hides nothing by it.
        let beside_float = name == "complex64" && ours.is_none() && flags == ["all_valid"];
        if !(same_value || beside_float) || our_hidden != hidden || our_flags != flags && !flags_aside {
            wrong.push(format!(
                "{name} {text:?}: {ours:?} {our_flags:?} {our_hidden}, not {}",
                json!([value, flags, hidden])
            ));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
