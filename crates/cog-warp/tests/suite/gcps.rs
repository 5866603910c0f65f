//! Rasters that ground control points place, beside GDAL 3.10 (see `xtask/oracle/gcps.py`).

use cog_crs::{Crs, Extent, Gcp, GcpTransform};
use cog_raster::ndarray::Array3;
use cog_raster::{GeoTransform, Raster, Validity};
use cog_warp::{Error, Method, OutputGrid, Warp};
use serde_json::Value;

fn numbers(values: &Value) -> Vec<f64> {
    values.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn source() -> Raster {
    let value = |(_, row, column): (usize, usize, usize)| ((row * 37 + column * 91 + row * column * 3) % 251) as u8;
    Raster::new(Array3::from_shape_fn((1, 300, 400), value), Validity::AllValid)
}

#[test]
fn warps_by_ground_control_points_equal_those_of_gdal() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/gcp_warps.json");
    let cases: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let source = source();
    for case in cases.as_array().unwrap() {
        let crs: Crs = case["crs"].as_str().unwrap().parse().unwrap();
        let target: Crs = case["target"].as_str().unwrap().parse().unwrap();
        let name = format!("{} to {}", case["crs"], case["target"]);
        let points: Vec<Gcp> = case["gcps"]
            .as_array()
            .unwrap()
            .iter()
            .map(numbers)
            .map(|v| Gcp { column: v[0], row: v[1], x: v[2], y: v[3], z: 0.0 })
            .collect();
        let gcps = GcpTransform::new(&points, None).unwrap();

        let extent = Extent::of_gcps(&crs, &gcps, 400, 300).unwrap();
        let suggested = OutputGrid::suggested(&extent, &target).unwrap();
        let expected = numbers(&case["suggested"]);
        assert_eq!([suggested.width(), suggested.height()], [expected[6] as u32, expected[7] as u32], "{name}");
        let own = suggested.transform().to_array();
        assert!(
            own.iter().zip(&expected).all(|(a, b)| (a - b).abs() <= 1e-9 * b.abs()),
            "{name}: {own:?} {expected:?}"
        );

        let v = numbers(&case["grid"]);
        let size = case["size"].as_u64().unwrap() as u32;
        let transform = GeoTransform { a: v[0], b: v[1], c: v[2], d: v[3], e: v[4], f: v[5] };
        let grid = OutputGrid::new(target, transform, size, size).unwrap();
        for method in [Method::Nearest, Method::Bilinear, Method::Cubic] {
            let warped = Warp::new(&source, &crs, &grid).gcps(&gcps).method(method).run().unwrap();
            let values = warped.pixels.to_f64();
            let theirs = numbers(&case["methods"][method.name()]);
            let tolerance = if method == Method::Nearest { 0.0 } else { 1.0 };
            let close = values.iter().zip(&theirs).filter(|(a, b)| (*a - *b).abs() <= tolerance).count();
            assert!(close as f64 >= 0.999 * theirs.len() as f64, "{name} {method}: {close} of {}", theirs.len());
            assert!(warped.mask().iter().all(|v| *v == 255), "{name}");

            let larger = OutputGrid::new(grid.crs().clone(), transform.scaled(1.6, 1.6), size, size).unwrap();
            let warped = Warp::new(&source, &crs, &larger).gcps(&gcps).method(method).gdal().run().unwrap();
            let theirs = numbers(&case["defaults"][method.name()]);
            let close =
                warped.pixels.to_f64().iter().zip(&theirs).filter(|(a, b)| (*a - *b).abs() <= tolerance).count();
            assert!(
                close as f64 >= 0.999 * theirs.len() as f64,
                "{name} {method} as GDAL: {close} of {}",
                theirs.len()
            );
        }
    }
}

#[test]
fn a_part_of_a_warp_by_points_equals_the_part_of_the_whole() {
    let at = |column, row, x, y| Gcp { column, row, x, y, z: 0.0 };
    let points = [
        at(0.0, 0.0, 179.0, -16.0),
        at(400.0, 0.0, 181.1, -16.1),
        at(0.0, 300.0, 179.1, -17.5),
        at(400.0, 300.0, 181.0, -17.4),
        at(200.0, 150.0, 180.1, -16.7),
        at(200.0, 0.0, 180.0, -16.02),
        at(0.0, 150.0, 179.02, -16.8),
    ];
    let gcps = GcpTransform::new(&points, None).unwrap();
    let crs: Crs = "EPSG:4326".parse().unwrap();
    let grid = OutputGrid::of_bounds(
        "EPSG:3832".parse().unwrap(),
        [3_200_000.0, -1_970_000.0, 3_500_000.0, -1_800_000.0],
        150,
        130,
    )
    .unwrap();
    let source = source();
    let warp = |grid: &OutputGrid| Warp::new(&source, &crs, grid).gcps(&gcps).method(Method::Cubic).run().unwrap();
    let whole = warp(&grid);
    let part = warp(&grid.window(31, 17, 70, 90).unwrap());
    let (all, own) = (whole.pixels.view::<u8>().unwrap(), part.pixels.view::<u8>().unwrap());
    for ((_, row, column), v) in own.indexed_iter() {
        assert_eq!(*v, all[[0, row + 17, column + 31]]);
    }
    // Longitudes beyond 180 degrees are found, though those of the output are negative there.
    assert!(whole.mask().iter().filter(|v| **v > 0).count() > 5_000);
}

#[test]
fn a_raster_without_a_place_is_an_error() {
    let grid = OutputGrid::new("EPSG:4326".parse().unwrap(), GeoTransform::IDENTITY, 2, 2).unwrap();
    let error = Warp::new(&source(), &"EPSG:4326".parse().unwrap(), &grid).run().unwrap_err();
    assert!(matches!(error, Error::NoTransform));
}
