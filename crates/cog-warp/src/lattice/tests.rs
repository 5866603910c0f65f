//! Interpolated coordinates against exact ones.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use cog_raster::GeoTransform;

use super::leaves;
use crate::grid::OutputGrid;
use crate::level::SIDE;
use crate::mapping::{Mapping, SourceGrid};

fn north_up(size: f64, left: f64, top: f64) -> GeoTransform {
    GeoTransform { a: size, b: 0.0, c: left, d: 0.0, e: -size, f: top }
}

/// The largest distance between interpolated and exact coordinates in source pixels, and the share of exact transforms.
fn measure(from: &str, source: GeoTransform, to: &str, output: GeoTransform, pixels: u32) -> (f64, f64) {
    let crs = from.parse().unwrap();
    let grid = OutputGrid::new(to.parse().unwrap(), output, pixels, pixels).unwrap();
    let mapping =
        Mapping::new(&grid, &SourceGrid { crs: &crs, transform: source, width: pixels, height: pixels }).unwrap();
    let (mut worst, mut single, mut squares) = (0.0_f64, 0.0, 0.0);
    for y in 0..pixels / SIDE {
        for x in 0..pixels / SIDE {
            for leaf in leaves(&mapping, x, y) {
                squares += 1.0;
                if leaf.is_exact() {
                    single += f64::from(leaf.side * leaf.side);
                    continue;
                }
                for row in 0..leaf.side {
                    let (mut xs, mut ys) = (vec![0.0; leaf.side as usize], vec![0.0; leaf.side as usize]);
                    leaf.coordinates(&mapping, 0.5, f64::from(row) + 0.5, &mut xs, &mut ys);
                    for (i, (x, y)) in xs.iter().zip(&ys).enumerate() {
                        let place = (f64::from(leaf.column) + i as f64 + 0.5, f64::from(leaf.row + row) + 0.5);
                        let (mut exact_x, mut exact_y) = ([place.0], [place.1]);
                        mapping.points(&mut exact_x, &mut exact_y);
                        mapping.turn_near(&mut exact_x, &mut exact_y, (*x, *y));
                        worst = worst.max((exact_x[0] - x).abs()).max((exact_y[0] - y).abs());
                        assert!(!exact_x[0].is_nan());
                    }
                }
            }
        }
    }
    // Sixteen nodes and nine checks a square; those that were tried and halved are a third more at most.
    let transforms = squares * 25.0 * 4.0 / 3.0 + single;
    (worst, transforms / f64::from(pixels * pixels))
}

#[test]
fn interpolated_coordinates_are_within_a_ten_thousandth_of_a_pixel() {
    let cases = [
        ("EPSG:32633", north_up(10.0, 399_960.0, 5_500_020.0), "EPSG:3857", north_up(15.0, 1_513_000.0, 6_382_000.0)),
        ("EPSG:4326", north_up(0.001, 5.0, 52.0), "EPSG:3857", north_up(111.0, 556_600.0, 6_800_000.0)),
        ("EPSG:3035", north_up(1000.0, 4_000_000.0, 3_500_000.0), "EPSG:4326", north_up(0.01, 5.0, 55.0)),
        ("EPSG:32633", north_up(10.0, 399_960.0, 5_500_020.0), "EPSG:3035", north_up(10.0, 4_600_000.0, 3_000_000.0)),
        ("EPSG:2056", north_up(2.0, 2_600_000.0, 1_200_000.0), "EPSG:4326", north_up(0.000_02, 7.4, 47.0)),
    ];
    for (from, source, to, output) in cases {
        let (worst, share) = measure(from, source, to, output, 1024);
        assert!(worst <= 1e-4, "{from} to {to}: {worst}");
        assert!(share <= 0.05, "{from} to {to}: {share}");
    }
}

#[test]
fn coordinates_of_the_whole_world_near_a_pole_and_over_the_antimeridian_keep_the_bound() {
    let cases = [
        ("EPSG:4326", north_up(0.35, -180.0, 90.0), "EPSG:3857", north_up(39_000.0, -20_037_508.0, 20_037_508.0)),
        ("EPSG:4326", north_up(0.35, -180.0, 90.0), "EPSG:3413", north_up(10_000.0, -5_000_000.0, 5_000_000.0)),
        ("EPSG:3413", north_up(10_000.0, -5_000_000.0, 5_000_000.0), "EPSG:4326", north_up(0.35, -180.0, 90.0)),
        ("EPSG:4326", north_up(0.01, 175.0, -10.0), "EPSG:3832", north_up(1000.0, 2_700_000.0, -1_100_000.0)),
    ];
    for (from, source, to, output) in cases {
        let (worst, _) = measure(from, source, to, output, 1024);
        assert!(worst <= 1e-4, "{from} to {to}: {worst}");
    }
}

#[cfg(feature = "files")]
#[test]
fn no_place_of_a_monotonic_square_lies_further_out_than_its_corners() {
    let turned = GeoTransform { a: 9.0, b: 4.0, c: 399_960.0, d: 4.0, e: -9.0, f: 5_500_020.0 };
    // West, in the middle and east of a zone, upright, turned by a quarter, and bent strongly.
    let cases = [
        ("EPSG:32633", north_up(10.0, 399_960.0, 5_500_020.0), "EPSG:3857", north_up(15.0, 1_513_000.0, 6_382_000.0)),
        ("EPSG:32633", north_up(10.0, 399_960.0, 5_500_020.0), "EPSG:3857", north_up(15.0, 1_668_000.0, 6_382_000.0)),
        ("EPSG:32633", turned, "EPSG:3857", north_up(15.0, 1_513_000.0, 6_382_000.0)),
        ("EPSG:4326", north_up(0.001, 5.0, 52.0), "EPSG:3857", north_up(111.0, 556_600.0, 6_800_000.0)),
        ("EPSG:3413", north_up(5000.0, -2_000_000.0, 2_000_000.0), "EPSG:4326", north_up(0.25, -180.0, 85.0)),
        ("EPSG:3035", north_up(1000.0, 4_000_000.0, 3_500_000.0), "EPSG:4326", north_up(0.01, 5.0, 55.0)),
    ];
    let (mut monotonic, mut others) = (0, 0);
    for (from, source, to, output) in cases {
        let crs = from.parse().unwrap();
        let grid = OutputGrid::new(to.parse().unwrap(), output, 1024, 1024).unwrap();
        let mapping =
            Mapping::new(&grid, &SourceGrid { crs: &crs, transform: source, width: 1024, height: 1024 }).unwrap();
        for leaf in (0..16).flat_map(|i| leaves(&mapping, i, 15 - i / 2)) {
            if !leaf.is_monotonic() {
                others += 1;
                continue;
            }
            monotonic += 1;
            let mut places = Vec::new();
            for row in 0..=leaf.side {
                let (mut xs, mut ys) = (vec![0.0; leaf.side as usize + 1], vec![0.0; leaf.side as usize + 1]);
                leaf.coordinates(&mapping, 0.0, f64::from(row), &mut xs, &mut ys);
                places.push([xs, ys]);
            }
            for axis in 0..2 {
                let last = leaf.side as usize;
                let corners = [(0, 0), (0, last), (last, 0), (last, last)].map(|(row, i)| places[row][axis][i]);
                let (least, most) = (
                    corners.into_iter().fold(f64::INFINITY, f64::min),
                    corners.into_iter().fold(f64::NEG_INFINITY, f64::max),
                );
                assert!(places.iter().flat_map(|row| &row[axis]).all(|v| (least..=most).contains(v)), "{from} to {to}");
            }
        }
    }
    assert!(monotonic > 60 && others > 10, "{monotonic} and {others}");
}
