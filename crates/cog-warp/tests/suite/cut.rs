//! What is made of a part equals the part of what is made of the whole.

use cog_crs::Crs;
use cog_raster::ndarray::{Array2, Array3, s};
use cog_raster::{GeoTransform, Raster, Validity};
use cog_warp::{Method, OutputGrid, Warp};
use proptest::prelude::*;

/// Source CRS and transform, output CRS and transform: each pair has the output over the source, at about its resolution.
pub(crate) fn places() -> Vec<(&'static str, GeoTransform, &'static str, GeoTransform)> {
    let t = |a, b, c, d, e, f| GeoTransform { a, b, c, d, e, f };
    vec![
        (
            "EPSG:32633",
            t(10.0, 0.0, 399_960.0, 0.0, -10.0, 5_500_020.0),
            "EPSG:3857",
            t(15.3, 0.0, 1_515_500.0, 0.0, -15.3, 6_385_000.0),
        ),
        (
            "EPSG:4326",
            t(0.5, 0.0, -180.0, 0.0, -0.5, 90.0),
            "EPSG:3857",
            t(150_000.0, 0.0, -20_037_508.34, 0.0, -150_000.0, 20_037_508.34),
        ),
        (
            "EPSG:4326",
            t(0.5, 0.0, 0.0, 0.0, -0.5, 60.0),
            "EPSG:3031",
            t(80_000.0, 0.0, -9_000_000.0, 0.0, -80_000.0, 9_000_000.0),
        ),
        (
            "EPSG:3413",
            t(10_000.0, 0.0, -1_500_000.0, 0.0, -10_000.0, 1_500_000.0),
            "EPSG:4326",
            t(1.5, 0.0, -180.0, 0.0, -0.15, 90.0),
        ),
        (
            "EPSG:3035",
            t(900.0, 300.0, 4_000_000.0, 300.0, -900.0, 3_000_000.0),
            "EPSG:25832",
            t(1100.0, 0.0, 330_000.0, 0.0, -1100.0, 5_680_000.0),
        ),
        ("EPSG:3857", t(100.0, 0.0, 0.0, 0.0, -100.0, 100.0), "EPSG:3857", t(130.0, 20.0, 30.0, 15.0, -140.0, 50.0)),
    ]
}

const SIDE: usize = 200;

pub(crate) fn source() -> Array3<f32> {
    Array3::from_shape_fn((2, SIDE, SIDE), |(band, row, column)| {
        let (x, y) = (column as f32, row as f32);
        (x * 0.37 + band as f32).sin() * 40.0 + (y * 0.21).cos() * 30.0 + x * 0.5
    })
}

pub(crate) fn validity() -> Array2<u8> {
    Array2::from_shape_fn((SIDE, SIDE), |(row, column)| if (row * 31 + column * 17) % 23 == 0 { 0 } else { 255 })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_part_equals_the_same_part_of_the_whole_bit_for_bit(
        place in 0..6_usize,
        method in 0..Method::ALL.len(),
        with_mask in any::<bool>(),
        threads in 1..=4_usize,
        (width, height) in (60..200_u32, 60..200_u32),
        cut in (0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64),
        scale in prop_oneof![Just(1.0), Just(1.9), Just(3.1)],
    ) {
        let (from, source_transform, to, output_transform) = places()[place];
        let (from, to): (Crs, Crs) = (from.parse().unwrap(), to.parse().unwrap());
        let method = Method::ALL[method];
        let mut source = Raster::new(source(), if with_mask { Validity::Shared(validity()) } else { Validity::AllValid });
        source.transform = Some(source_transform);
        let warp = |grid: &OutputGrid, threads: usize| {
            let warped = Warp::new(&source, &from, grid).method(method).threads(threads).run().unwrap();
            let mask = warped.mask();
            (warped.pixels.into_array::<f32>().unwrap(), mask)
        };
        let grid = OutputGrid::new(to, output_transform.scaled(scale, scale), width, height).unwrap();
        let part = |first: f64, length: f64, of: u32| {
            let first = (first * f64::from(of)) as u32;
            (first, 1 + (length * f64::from(of - first - 1)) as u32)
        };
        let ((column, w), (row, h)) = (part(cut.0, cut.1, width), part(cut.2, cut.3, height));
        let whole = warp(&grid, 1);
        let window = grid.window(column, row, w, h).unwrap();
        let own = warp(&window, threads);
        let [x, y] = [column as usize, row as usize];
        let crop = whole.0.slice(s![.., y..y + h as usize, x..x + w as usize]);
        prop_assert!(own.0.iter().zip(crop).all(|(a, b)| a.to_bits() == b.to_bits()), "{method} {place}");
        prop_assert_eq!(&own.1, &whole.1.slice(s![y..y + h as usize, x..x + w as usize]));
    }
}

#[test]
fn each_of_the_places_shows_much_of_its_source() {
    for (i, (from, source_transform, to, output_transform)) in places().into_iter().enumerate() {
        let grid = OutputGrid::new(to.parse().unwrap(), output_transform, 200, 200).unwrap();
        let mut source = Raster::new(source(), Validity::AllValid);
        source.transform = Some(source_transform);
        let warped = Warp::new(&source, &from.parse().unwrap(), &grid).threads(2).run().unwrap();
        let valid = warped.mask().iter().filter(|v| **v != 0).count();
        assert!(valid > 4_000, "{i}: {valid}");
    }
}
