//! Polynomials through ground control points, beside GDAL's (see `xtask/oracle/gcps.py`).

use cog_crs::{Crs, Error, ErrorClass, Extent, Gcp, GcpTransform};
use serde_json::Value;

fn pairs(values: &Value) -> Vec<(f64, f64)> {
    let number = |v: &Value| v.as_f64().unwrap();
    values.as_array().unwrap().iter().map(|pair| (number(&pair[0]), number(&pair[1]))).collect()
}

fn gcps(values: &Value) -> Vec<Gcp> {
    let number = |v: &Value| v.as_f64().unwrap();
    let gcp = |v: &Value| Gcp { column: number(&v[0]), row: number(&v[1]), x: number(&v[2]), y: number(&v[3]), z: 0.0 };
    values.as_array().unwrap().iter().map(gcp).collect()
}

#[test]
fn polynomials_of_all_orders_equal_those_of_gdal_both_ways() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/gcps.json");
    let cases: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let (mut by_order, mut worst) = ([0; 4], (0.0_f64, 0.0_f64));
    for case in cases.as_array().unwrap() {
        let points = gcps(&case["gcps"]);
        let asked = case["order"].as_u64().map(|order| order as u8);
        let transform = GcpTransform::new(&points, asked).unwrap();
        by_order[usize::from(transform.order())] += 1;
        let (pixels, forward, backward) = (pairs(&case["pixels"]), pairs(&case["forward"]), pairs(&case["backward"]));
        let is_degrees = points[0].y < 100.0;
        // About 150 metres, or 0.002 degrees, are a pixel.
        let pixel = if is_degrees { 0.002 } else { 150.0 };
        for ((pixel_place, place), back) in pixels.iter().zip(&forward).zip(&backward) {
            let ours = transform.forward(pixel_place.0, pixel_place.1);
            worst.0 = worst.0.max((ours.0 - place.0).hypot(ours.1 - place.1) / pixel);
            let ours = transform.backward(place.0, place.1);
            worst.1 = worst.1.max((ours.0 - back.0).hypot(ours.1 - back.1));
        }
    }
    assert!(by_order[1] >= 10 && by_order[2] >= 10 && by_order[3] >= 6, "{by_order:?}");
    assert!(worst.0 < 1e-6 && worst.1 < 1e-6, "{worst:?} pixels");
}

#[test]
fn points_that_place_nothing_are_named() {
    let at = |column: f64, row: f64| Gcp { column, row, x: column * 0.1, y: row * -0.1, z: 0.0 };
    let of = |points: &[Gcp], order| GcpTransform::new(points, order).unwrap_err();
    let square = [at(0.0, 0.0), at(9.0, 0.0), at(0.0, 9.0), at(9.0, 9.0)];
    assert_eq!(
        of(&square[..2], None).to_string(),
        "ground control points: 2 is too few for polynomials of order 1: 3 are needed"
    );
    assert!(of(&square, Some(2)).to_string().ends_with("too few for polynomials of order 2: 6 are needed"));
    assert_eq!(of(&square, Some(4)).to_string(), "order of polynomials: 4 is not 1, 2 or 3");
    let line: Vec<Gcp> = (0..5).map(|i| at(f64::from(i), 2.0 * f64::from(i))).collect();
    let one = [at(1.0, 1.0); 4];
    for points in [line.as_slice(), &one] {
        assert!(of(points, None).to_string().contains("too much in line"), "{}", of(points, None));
    }
    let infinite = [at(0.0, 0.0), at(9.0, f64::INFINITY), at(0.0, 9.0)];
    assert!(of(&infinite, None).to_string().contains("not all finite"));
    assert!(matches!(of(&[], None), Error::Value { .. }) && of(&[], None).class() == ErrorClass::Format);
}

#[test]
fn an_extent_of_points_on_an_affine_map_is_that_of_the_map() {
    let utm = Crs::from_epsg(32633).unwrap();
    let transform = [30.0, 2.0, 500_000.0, 1.0, -28.0, 5_400_000.0];
    let [a, b, c, d, e, f] = transform;
    let at =
        |column: f64, row: f64| Gcp { column, row, x: a * column + b * row + c, y: d * column + e * row + f, z: 0.0 };
    let gcps = [at(0.0, 0.0), at(100.0, 3.0), at(20.0, 80.0), at(95.0, 70.0)];
    let own = Extent::of_gcps(&utm, &GcpTransform::new(&gcps, None).unwrap(), 100, 80).unwrap();
    let affine = Extent::new(&utm, transform, 100, 80).unwrap();
    let near = |a: f64, b: f64| (a - b).abs() < 1e-6 * b.abs();
    assert!(own.bounds().iter().zip(affine.bounds()).all(|(a, b)| near(*a, b)));
    let web = Crs::from_epsg(3857).unwrap();
    let (own_grid, grid) = (own.suggested_grid(&web).unwrap(), affine.suggested_grid(&web).unwrap());
    assert_eq!((own_grid.width, own_grid.height), (grid.width, grid.height));
    assert!([0, 2, 4, 5].iter().all(|i| near(own_grid.transform[*i], grid.transform[*i])));
    let (own, affine) = (own.geographic_bounds().unwrap(), affine.geographic_bounds().unwrap());
    assert!(near(own.west, affine.west) && near(own.north, affine.north));
}
