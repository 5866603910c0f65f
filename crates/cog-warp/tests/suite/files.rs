//! Files give the pixels that their arrays in memory give.

use cog_crs::Crs;
use cog_raster::ndarray::{Array3, s};
use cog_raster::{Raster, Validity};
use cog_warp::reader::{Cog, Session, SessionOptions};
use cog_warp::{Error, ErrorClass, Method, OutputGrid, Warp, WarpedRead};
use proptest::prelude::*;

use crate::cut::{places, source, validity};
use crate::made_tiff::MadeTiff;

pub(crate) const NODATA: f32 = -9999.0;

/// Two bands of 200 × 200 pixels at one of the places, with two overviews whose pixels are means.
pub(crate) fn file(place: usize, tile: u32, with_nodata: bool) -> MadeTiff {
    let (from, transform, ..) = places()[place];
    let mut full = source();
    if with_nodata {
        let masks = validity();
        full.indexed_iter_mut()
            .filter(|((_, row, column), _)| masks[[*row, *column]] == 0)
            .for_each(|(_, v)| *v = NODATA);
    }
    let mut levels = vec![full];
    while levels.len() < 3 {
        let fine = levels.last().unwrap();
        let (bands, rows, columns) = fine.dim();
        levels.push(Array3::from_shape_fn((bands, rows / 2, columns / 2), |(band, row, column)| {
            let own = fine.slice(s![band, 2 * row..2 * row + 2, 2 * column..2 * column + 2]);
            let valid: Vec<f32> = own.iter().copied().filter(|v| *v != NODATA).collect();
            if valid.is_empty() { NODATA } else { valid.iter().sum::<f32>() / valid.len() as f32 }
        }));
    }
    let epsg = from.strip_prefix("EPSG:").unwrap().parse().unwrap();
    MadeTiff { levels, tile, epsg, transform, nodata: with_nodata.then_some(NODATA) }
}

pub(crate) fn read(
    bytes: Vec<u8>,
    threads: usize,
    request: impl FnOnce(&Cog) -> WarpedRead,
) -> (Array3<f32>, Vec<u8>, usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let session = Session::new(SessionOptions::default().with_threads(threads));
        let cog = session.open_source(cog_warp::reader::io::Source::from_bytes(bytes.into())).await.unwrap();
        let raster = request(&cog).await.unwrap();
        let mask = raster.mask().iter().copied().collect();
        let level = raster.level;
        (raster.pixels.into_array::<f32>().unwrap(), mask, level)
    })
}

pub(crate) fn same(a: &Array3<f32>, b: &Array3<f32>) -> bool {
    a.dim() == b.dim() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_part_of_a_file_equals_that_part_of_its_array_bit_for_bit(
        place in 0..6_usize,
        method in 0..Method::ALL.len(),
        with_nodata in any::<bool>(),
        threads in 1..=4_usize,
        // One strip is large enough to be read by rows.
        tile in prop_oneof![Just(16_u32), Just(64), Just(256), Just(0)],
        (width, height) in (60..200_u32, 60..200_u32),
        cut in (0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64),
        scale in prop_oneof![Just(0.3), Just(1.0), Just(1.9), Just(3.1)],
    ) {
        let (from, source_transform, to, output_transform) = places()[place];
        let method = Method::ALL[method];
        let made = file(place, tile, with_nodata);
        let valid = if with_nodata { Validity::Shared(validity()) } else { Validity::AllValid };
        let mut array = Raster::new(made.levels[0].clone(), valid);
        array.transform = Some(source_transform);
        array.nodata = with_nodata.then_some(cog_raster::Nodata::Float(NODATA.into()));
        let grid = OutputGrid::new(to.parse().unwrap(), output_transform.scaled(scale, scale), width, height).unwrap();
        let part = |first: f64, length: f64, of: u32| {
            let first = (first * f64::from(of)) as u32;
            (first, 1 + (length * f64::from(of - first - 1)) as u32)
        };
        let ((column, w), (row, h)) = (part(cut.0, cut.1, width), part(cut.2, cut.3, height));
        let window = grid.window(column, row, w, h).unwrap();
        let expected = Warp::new(&array, &from.parse().unwrap(), &window).method(method).run().unwrap();
        let found = read(made.bytes(), threads, |cog| WarpedRead::new(cog, &window).method(method).level(0));
        prop_assert_eq!(&found.1, &expected.mask().iter().copied().collect::<Vec<u8>>(), "{} {}", method, place);
        prop_assert!(same(&found.0, &expected.pixels.into_array::<f32>().unwrap()), "{method} {place}");
    }

    #[test]
    fn windows_of_a_grid_come_from_the_level_of_the_whole(
        place in 0..6_usize,
        method in 0..Method::ALL.len(),
        cut in (0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64),
        scale in 1.0..6.0_f64,
    ) {
        let (_, _, to, output_transform) = places()[place];
        let method = Method::ALL[method];
        let bytes = file(place, 32, true).bytes();
        let grid = OutputGrid::new(to.parse().unwrap(), output_transform.scaled(scale, scale), 90, 80).unwrap();
        let part = |first: f64, length: f64, of: u32| {
            let first = (first * f64::from(of)) as u32;
            (first, 1 + (length * f64::from(of - first - 1)) as u32)
        };
        let ((column, w), (row, h)) = (part(cut.0, cut.1, 90), part(cut.2, cut.3, 80));
        let window = grid.window(column, row, w, h).unwrap();
        let whole = read(bytes.clone(), 1, |cog| WarpedRead::new(cog, &grid).method(method));
        let own = read(bytes, 2, |cog| WarpedRead::new(cog, &window).method(method));
        prop_assert_eq!(own.2, whole.2);
        let (x, y) = (column as usize, row as usize);
        let crop = whole.0.slice(s![.., y..y + h as usize, x..x + w as usize]).to_owned();
        prop_assert!(same(&own.0, &crop), "{method} {place}");
    }
}

#[test]
fn without_validity_the_samples_are_the_same() {
    for place in 0..6 {
        let (_, _, to, output_transform) = places()[place];
        let bytes = file(place, 32, true).bytes();
        let grid = OutputGrid::new(to.parse().unwrap(), output_transform, 190, 180).unwrap();
        for fill in [None, Some(7.0)] {
            let request = |cog: &Cog| {
                let request = WarpedRead::new(cog, &grid).method(Method::Bilinear);
                fill.map_or(request.clone(), |fill| request.fill(fill))
            };
            let (with, mask, _) = read(bytes.clone(), 2, request);
            let (without, none, _) = read(bytes.clone(), 2, |cog| request(cog).without_validity());
            assert!(same(&with, &without), "{place}");
            assert!(none.iter().all(|v| *v == 255) && mask.contains(&0) && mask.contains(&255));
        }
    }
}

#[test]
fn the_grid_of_a_level_is_copied_whatever_the_method() {
    let made = file(0, 32, true);
    for (level, side) in [(0, 200), (1, 100), (2, 50)] {
        let scale = f64::from(200 / side);
        let grid =
            OutputGrid::new("EPSG:32633".parse().unwrap(), made.transform.scaled(scale, scale), side, side).unwrap();
        for method in [Method::Nearest, Method::Cubic, Method::Average] {
            let (pixels, _, from) = read(made.bytes(), 2, |cog| WarpedRead::new(cog, &grid).method(method));
            assert_eq!(from, level, "{method}");
            assert!(same(&pixels, &made.levels[level]), "{method} of level {level}");
        }
    }
}

#[test]
fn what_a_file_does_not_have_is_named() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let of = |request: fn(&Cog, &OutputGrid) -> WarpedRead, epsg: u16| -> Error {
        let made = MadeTiff { epsg, ..file(0, 32, false) };
        runtime.block_on(async {
            let cog = Cog::from_bytes(made.bytes()).await.unwrap();
            let grid = OutputGrid::new("EPSG:3857".parse::<Crs>().unwrap(), made.transform, 10, 10).unwrap();
            request(&cog, &grid).await.unwrap_err()
        })
    };
    let no_band = of(|cog, grid| WarpedRead::new(cog, grid).bands([3]), 32633);
    assert_eq!(no_band.class(), ErrorClass::Usage, "{no_band}");
    let no_level = of(|cog, grid| WarpedRead::new(cog, grid).level(7), 32633);
    assert_eq!(no_level.class(), ErrorClass::Usage, "{no_level}");
    let no_crs = of(WarpedRead::new, 1);
    assert!(no_crs.to_string().contains('1'), "{no_crs}");
}
