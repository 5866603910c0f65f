//! Files read as GDAL warps them: the pixels that GDAL's formulas make of the whole array.

use cog_crs::Crs;
use cog_raster::ndarray::{Array2, Array3};
use cog_raster::{GeoTransform, Nodata, Raster, Validity};
use cog_testkit::server::Server;
use cog_warp::reader::{Cog, Limits, Session, SessionOptions};
use cog_warp::{Cutline, Error, ErrorClass, Method, OutputGrid, Warp, WarpedRead};
use proptest::prelude::*;

use crate::cut::places;
use crate::files::{NODATA, file, read, same};
use crate::made_tiff::MadeTiff;

/// A level of a file as an array of its own.
fn array(made: &MadeTiff, level: usize, with_nodata: bool) -> Raster {
    let samples = made.levels[level].clone();
    let (_, rows, columns) = samples.dim();
    let valid = Array2::from_shape_fn((rows, columns), |(r, c)| if samples[[0, r, c]] == NODATA { 0 } else { 255 });
    let mut array = Raster::new(samples, if with_nodata { Validity::Shared(valid) } else { Validity::AllValid });
    let full = made.levels[0].dim();
    array.transform = Some(made.transform.scaled(full.2 as f64 / columns as f64, full.1 as f64 / rows as f64));
    array.nodata = with_nodata.then_some(Nodata::Float(NODATA.into()));
    array
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_has_the_pixels_of_its_array_bit_for_bit(
        place in 0..6_usize,
        method in 0..Method::ALL.len(),
        with_nodata in any::<bool>(),
        with_cutline in any::<bool>(),
        threads in 1..=4_usize,
        level in 0..3_usize,
        tile in prop_oneof![Just(16_u32), Just(64), Just(256)],
        (width, height) in (60..300_u32, 60..300_u32),
        cut in (0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64),
        scale in prop_oneof![Just(0.1), Just(0.3), Just(1.0), Just(1.9), Just(3.1)],
    ) {
        let (from, _, to, output_transform) = places()[place];
        let method = Method::ALL[method];
        let made = file(place, tile, with_nodata);
        let array = array(&made, level, with_nodata);
        let grid = OutputGrid::new(to.parse().unwrap(), output_transform.scaled(scale, scale), width, height).unwrap();
        let part = |first: f64, length: f64, of: u32| {
            let first = (first * f64::from(of)) as u32;
            (first, 1 + (length * f64::from(of - first - 1)) as u32)
        };
        let ((column, w), (row, h)) = (part(cut.0, cut.1, width), part(cut.2, cut.3, height));
        let window = grid.window(column, row, w, h).unwrap();
        let triangle = with_cutline.then(|| {
            let at = |x: f64, y: f64| {
                let (x, y) = window.transform().apply(x * f64::from(w), y * f64::from(h));
                format!("[{x}, {y}]")
            };
            let ring = [at(0.2, 0.1), at(0.9, 0.5), at(0.3, 0.8), at(0.2, 0.1)].join(", ");
            let crs = format!(r#"{{"type": "name", "properties": {{"name": "{to}"}}}}"#);
            let text = format!(r#"{{"type": "Polygon", "coordinates": [[{ring}]], "crs": {crs}}}"#);
            Cutline::from_geojson(&text).unwrap()
        });
        let from: Crs = from.parse().unwrap();
        let mut expected = Warp::new(&array, &from, &window).method(method).gdal();
        if let Some(triangle) = &triangle {
            expected = expected.cutline(triangle);
        }
        let expected = expected.run().unwrap();
        let found = read(made.bytes(), threads, |cog| {
            let read = WarpedRead::new(cog, &window).method(method).level(level).gdal();
            match triangle {
                Some(triangle) => read.cutline(triangle),
                None => read,
            }
        });
        prop_assert_eq!(&found.1, &expected.mask().iter().copied().collect::<Vec<u8>>(), "{} {}", method, place);
        prop_assert!(same(&found.0, &expected.pixels.into_array::<f32>().unwrap()), "{method} {place}");
    }
}

#[test]
fn an_output_that_gdal_cuts_for_its_memory_is_cut_alike() {
    let (from, _, to, output) = places()[0];
    let made = file(0, 64, true);
    // 2 bands of 2900 × 3100 pixels are more than 64 MB.
    let grid = OutputGrid::new(to.parse().unwrap(), output.scaled(0.06, 0.06), 2900, 3100).unwrap();
    let array = array(&made, 0, true);
    for method in [Method::Bilinear, Method::Average] {
        let expected = Warp::new(&array, &from.parse().unwrap(), &grid).method(method).gdal().threads(2).run().unwrap();
        let found = read(made.bytes(), 2, |cog| WarpedRead::new(cog, &grid).method(method).level(0).gdal());
        assert!(found.1.iter().filter(|v| **v != 0).count() > 4_000_000);
        assert_eq!(found.1, expected.mask().iter().copied().collect::<Vec<u8>>(), "{method}");
        assert!(same(&found.0, &expected.pixels.into_array::<f32>().unwrap()), "{method}");
    }
}

/// 1280 × 1280 pixels of 10 m in UTM zone 33, in blocks of 64 × 64.
fn large() -> MadeTiff {
    MadeTiff {
        levels: vec![Array3::from_shape_fn((1, 1280, 1280), |(_, row, column)| (row * 3 + column) as f32)],
        tile: 64,
        epsg: 32633,
        transform: GeoTransform { a: 10.0, b: 0.0, c: 499_960.0, d: 0.0, e: -10.0, f: 5_400_000.0 },
        nodata: None,
    }
}

#[test]
fn of_the_source_only_what_gdal_would_read_is_fetched() {
    let server = Server::start([("/a.tif", large().bytes())]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let cog = Cog::open(server.url("/a.tif")).await.unwrap();
        server.take_log();
        let bounds = [1_672_000.0, 6_226_000.0, 1_673_000.0, 6_227_000.0];
        let grid = OutputGrid::of_bounds("EPSG:3857".parse().unwrap(), bounds, 70, 70).unwrap();
        let (raster, cost) = WarpedRead::new(&cog, &grid).method(Method::Cubic).gdal().with_cost().await.unwrap();
        assert!(raster.mask().iter().all(|v| *v == 255));
        // 70 source pixels and two on either side lie in 2 × 2 blocks of 64, or 3 × 3.
        assert!((4..=9).contains(&cost.blocks), "{}", cost.blocks);
        let bytes: u64 = server.take_log().iter().map(|request| request.sent.bytes()).sum();
        assert!(bytes < 1280 * 1280 * 4 / 10, "{bytes}");
    });
}

#[test]
fn a_part_of_the_source_over_the_limit_is_an_error_with_its_size() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut limits = Limits::default();
        limits.max_output_bytes = 100_000;
        let session = Session::new(SessionOptions::default().with_limits(limits));
        let source = cog_warp::reader::io::Source::from_bytes(large().bytes().into());
        let cog = session.open_source(source).await.unwrap();
        let bounds = [1_670_000.0, 6_213_000.0, 1_688_000.0, 6_230_000.0];
        let grid = OutputGrid::of_bounds("EPSG:3857".parse().unwrap(), bounds, 4, 4).unwrap();
        let error = WarpedRead::new(&cog, &grid).method(Method::Average).gdal().await.unwrap_err();
        let Error::SourcePartTooLarge { bytes, limit: 100_000, .. } = error else { panic!("{error}") };
        assert!(bytes > 5_000_000 && error.class() == ErrorClass::Limits, "{error}");
        assert!(error.to_string().contains("100000"), "{error}");
    });
}

#[test]
fn progress_ends_with_all_pixels() {
    let made = file(1, 64, true);
    let (_, _, to, output) = places()[1];
    let grid = OutputGrid::new(to.parse().unwrap(), output, 300, 290).unwrap();
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let hook = std::sync::Arc::clone(&told);
    read(made.bytes(), 2, move |cog| {
        WarpedRead::new(cog, &grid).gdal().progress(move |p| hook.lock().unwrap().push((p.done, p.pixels)))
    });
    let told = told.lock().unwrap();
    assert_eq!((told[0], *told.last().unwrap()), ((0, 87_000), (87_000, 87_000)));
    assert!(told.len() > 3 && told.is_sorted());
}
