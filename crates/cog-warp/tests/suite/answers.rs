//! What a caller gets for rasters and grids of other kinds.

use cog_raster::ndarray::{Array2, Array3, arr2, arr3};
use cog_raster::num_complex::Complex;
use cog_raster::{DatasetValidity, GeoTransform, Pixels, Raster, Validity};
use cog_warp::{Error, ErrorClass, Method, OutputGrid, Warp};

const HERE: GeoTransform = GeoTransform { a: 10.0, b: 0.0, c: 500_000.0, d: 0.0, e: -10.0, f: 5_400_000.0 };

fn utm() -> cog_crs::Crs {
    "EPSG:32633".parse().unwrap()
}

fn raster(pixels: impl Into<Pixels>, validity: Validity) -> Raster {
    let mut raster = Raster::new(pixels, validity);
    raster.transform = Some(HERE);
    raster
}

#[test]
fn the_grid_of_the_source_gives_the_source_by_every_method() {
    let source = raster(Array3::from_shape_fn((2, 9, 7), |(b, r, c)| (b * 100 + r * 7 + c) as u16), Validity::AllValid);
    let grid = OutputGrid::new(utm(), HERE.translated(-2.0, 1.0), 11, 10).unwrap();
    for method in Method::ALL {
        let warped = Warp::new(&source, &utm(), &grid).method(method).run().unwrap();
        let pixels = warped.pixels.view::<u16>().unwrap().to_owned();
        assert_eq!(pixels[[1, 0, 2]], 107, "{method}");
        assert_eq!(pixels[[0, 7, 8]], 8 * 7 + 6, "{method}");
        assert_eq!(warped.mask().iter().filter(|v| **v == 255).count(), 8 * 7, "{method}");
    }
}

#[test]
fn half_the_size_averages_four_pixels_and_leaves_out_invalid_ones() {
    let samples = arr3(&[[[1.0_f64, 3.0], [5.0, 100.0]]]);
    let valid = arr2(&[[255_u8, 255], [255, 0]]);
    let source = raster(samples, Validity::Shared(valid));
    let grid = OutputGrid::new(utm(), HERE.scaled(2.0, 2.0), 2, 1).unwrap();
    let of = |method: Method| {
        let warped = Warp::new(&source, &utm(), &grid).method(method).run().unwrap();
        assert_eq!(warped.mask(), arr2(&[[255, 0]]), "{method}");
        warped.pixels.view::<f64>().unwrap()[[0, 0, 0]]
    };
    assert_eq!(of(Method::Average), 3.0);
    assert_eq!(of(Method::Sum), 9.0);
    assert_eq!(of(Method::Min), 1.0);
    assert_eq!(of(Method::Max), 5.0);
    assert_eq!(of(Method::Median), 3.0);
    assert_eq!(of(Method::FirstQuartile), 1.0);
    assert_eq!(of(Method::ThirdQuartile), 5.0);
    assert!((of(Method::Rms) - (35.0_f64 / 3.0).sqrt()).abs() < 1e-12);
    assert_eq!(of(Method::Mode), 1.0);
}

/// What rasterio 1.4.4 gives for them as well: flat areas stay flat to the last bit.
#[test]
fn equal_samples_of_float32_give_that_sample_by_every_method() {
    let to: cog_crs::Crs = "EPSG:3857".parse().unwrap();
    let corner = cog_crs::Transform::new(&utm(), &to).unwrap();
    let masks =
        [None, Some(Array2::from_shape_fn((80, 90), |(row, column)| u8::from((row * 7 + column * 3) % 11 > 2) * 255))];
    for (value, mask) in
        [0.1_f32, 3.5, -7.7, 1.0e6 + 0.0625, 1e-30].into_iter().flat_map(|v| masks.iter().map(move |m| (v, m)))
    {
        let mut samples = Array3::from_elem((1, 80, 90), value);
        let validity = mask.clone().map_or(Validity::AllValid, Validity::Shared);
        if let Some(mask) = mask {
            // What holds no data is nobody's business.
            samples.indexed_iter_mut().filter(|((_, y, x), _)| mask[[*y, *x]] == 0).for_each(|(_, v)| *v = 1e20);
        }
        let source = raster(samples, validity);
        for size in [11.0, 16.0, 37.0] {
            let (x, y) = corner.point(HERE.c + 80.0, HERE.f - 60.0).unwrap();
            let place = GeoTransform { a: size, b: 0.3, c: x, d: 0.2, e: -size, f: y };
            let grid = OutputGrid::new(to.clone(), place, 40, 30).unwrap();
            for method in Method::ALL.into_iter().filter(|method| *method != Method::Sum) {
                let warped = Warp::new(&source, &utm(), &grid).method(method).run().unwrap();
                let pixels = warped.pixels.view::<f32>().unwrap();
                let valid = warped.mask();
                let all = pixels.iter().zip(&valid).filter(|(_, valid)| **valid != 0);
                assert!(all.clone().count() > 300, "{method} {size}");
                let expected = if method == Method::Rms { value.abs() } else { value };
                for (pixel, _) in all {
                    assert_eq!(*pixel, expected, "{method} of pixels of {size}, masked: {}", mask.is_some());
                }
            }
        }
    }
}

/// Sums of samples at the end of their range are no infinity: a mean of equal samples is that sample.
#[test]
fn the_largest_samples_of_float32_stay_what_they_are() {
    for largest in [f32::MAX, -f32::MAX] {
        let source = raster(Array3::from_elem((1, 30, 30), largest), Validity::AllValid);
        for factor in [0.7, 1.0, 1.6, 2.0] {
            let place = GeoTransform { c: HERE.c + 83.0, f: HERE.f - 91.0, ..HERE };
            let grid = OutputGrid::new(utm(), place.scaled(factor, factor), 8, 7).unwrap();
            for method in [Method::Bilinear, Method::Cubic, Method::Average] {
                let warped = Warp::new(&source, &utm(), &grid).method(method).run().unwrap();
                let pixels = warped.pixels.view::<f32>().unwrap();
                assert!(pixels.iter().all(|v| *v == largest), "{method} by {factor}: {pixels}");
                assert!(warped.mask().iter().all(|v| *v == 255), "{method} by {factor}");
            }
        }
    }
}

/// Neither the sum nor the ends of what is added up are the mean.
#[test]
fn means_of_samples_whose_sum_is_no_float32_are_means() {
    for sign in [1.0, -1.0] {
        let row = |v: f32| [v * sign; 40];
        let lines: Vec<[f32; 40]> = (0..40).map(|y| row(if y % 2 == 0 { f32::MAX } else { f32::MAX / 4.0 })).collect();
        let samples = Array3::from_shape_fn((1, 40, 40), |(_, y, x)| lines[y][x]);
        let source = raster(samples, Validity::AllValid);
        let grid = OutputGrid::new(utm(), HERE.scaled(2.0, 2.0), 20, 20).unwrap();
        let warped = Warp::new(&source, &utm(), &grid).method(Method::Average).run().unwrap();
        let expected = f64::from(f32::MAX) * 0.625 * f64::from(sign);
        let is_close = |v: &f32| (f64::from(*v) / expected - 1.0).abs() < 1e-6;
        assert!(warped.pixels.view::<f32>().unwrap().iter().all(is_close), "{:?}", warped.pixels);
    }
}

/// A place just before a large sample's neighbour stays between the two.
#[test]
fn bilinear_values_lie_between_their_taps() {
    let samples = Array3::from_shape_fn((1, 40, 40), |(_, _, x)| if x % 2 == 0 { 3000.0_f32 } else { 0.1 });
    let source = raster(samples, Validity::AllValid);
    for offset in [1e-8, 1e-7, 3e-7, 1e-6, 0.3, 0.499_999_9, 0.5, 0.7, 1.0 - 1e-6, 1.0 - 1e-8] {
        // A grid of another size, or places would be taken for those of the source.
        let place = HERE.translated(3.0 - offset, 3.0).scaled(1.000_000_1, 1.000_01);
        let grid = OutputGrid::new(utm(), place, 20, 20).unwrap();
        let warped = Warp::new(&source, &utm(), &grid).method(Method::Bilinear).run().unwrap();
        for v in warped.pixels.view::<f32>().unwrap() {
            assert!((0.1..=3000.0).contains(v), "{v} at {offset}");
        }
    }
}

#[test]
fn complex_samples_and_large_integers_keep_their_values() {
    let complex = raster(arr3(&[[[Complex::new(1.0_f32, -2.0), Complex::new(3.0, 4.0)]]]), Validity::AllValid);
    let grid = OutputGrid::new(utm(), HERE.scaled(2.0, 1.0), 1, 1).unwrap();
    let warped = Warp::new(&complex, &utm(), &grid).method(Method::Average).run().unwrap();
    assert_eq!(warped.pixels.view::<Complex<f32>>().unwrap()[[0, 0, 0]], Complex::new(2.0, 1.0));

    let large = raster(arr3(&[[[i64::MAX, i64::MIN]]]), Validity::AllValid);
    let grid = OutputGrid::new(utm(), HERE, 2, 1).unwrap();
    let warped = Warp::new(&large, &utm(), &grid).run().unwrap();
    assert_eq!(warped.pixels.view::<i64>().unwrap(), arr3(&[[[i64::MAX, i64::MIN]]]));
}

#[test]
fn bands_keep_their_own_validity_and_an_alpha_band_that_of_the_image() {
    let samples = Array3::from_elem((2, 4, 4), 9_u8);
    let mut masks = Array3::from_elem((2, 4, 4), 255_u8);
    masks[[0, 1, 1]] = 0;
    let grid = OutputGrid::new(utm(), HERE, 4, 4).unwrap();
    let per_band = Warp::new(&raster(samples.clone(), Validity::PerBand(masks.clone())), &utm(), &grid).run().unwrap();
    assert_eq!(per_band.band_mask(0).unwrap()[[1, 1]], 0);
    assert_eq!(per_band.band_mask(1).unwrap()[[1, 1]], 255);

    let mut dataset = Array2::from_elem((4, 4), 255_u8);
    dataset[[3, 2]] = 0;
    let of_image = Validity::Dataset(DatasetValidity::new(dataset, masks, vec![Some(0), Some(1)]));
    let warped = Warp::new(&raster(samples, of_image), &utm(), &grid).run().unwrap();
    assert_eq!((warped.mask()[[3, 2]], warped.mask()[[1, 1]]), (0, 255));
    assert_eq!((warped.band_mask(0).unwrap()[[1, 1]], warped.band_mask(1).unwrap()[[3, 2]]), (0, 255));
}

#[test]
fn the_same_place_is_found_from_either_side_of_the_antimeridian() {
    // 170° E to 190° E, and the same as 190° W to 170° W.
    let values = Array3::from_shape_fn((1, 10, 20), |(_, row, column)| (row * 20 + column) as u16);
    let degree = |west: f64| GeoTransform { a: 1.0, b: 0.0, c: west, d: 0.0, e: -1.0, f: 5.0 };
    let grid =
        OutputGrid::of_bounds("EPSG:3832".parse().unwrap(), [2_300_000.0, -300_000.0, 4_300_000.0, 300_000.0], 40, 12);
    let grid = grid.unwrap();
    let of = |west: f64| {
        let mut source = Raster::new(values.clone(), Validity::AllValid);
        source.transform = Some(degree(west));
        let warped = Warp::new(&source, &"EPSG:4326".parse().unwrap(), &grid).method(Method::Bilinear).run().unwrap();
        assert!(warped.mask().iter().all(|v| *v == 255));
        warped.pixels.into_array::<u16>().unwrap()
    };
    assert_eq!(of(170.0), of(-190.0));
}

#[test]
fn longitudes_of_one_crs_are_found_on_any_turn_around_the_earth() {
    // As climate models have them: from 0° to 360°, 10° a pixel, its column as value.
    let wgs84: cog_crs::Crs = "EPSG:4326".parse().unwrap();
    let mut world = Raster::new(Array3::from_shape_fn((1, 18, 36), |(_, _, column)| column as f32), Validity::AllValid);
    world.transform = Some(GeoTransform { a: 10.0, b: 0.0, c: 0.0, d: 0.0, e: -10.0, f: 90.0 });
    let values = |west: f64, east: f64| {
        let width = ((east - west) / 10.0) as u32;
        let grid = OutputGrid::of_bounds(wgs84.clone(), [west, -90.0, east, 90.0], width, 18).unwrap();
        let whole = Warp::new(&world, &wgs84, &grid).method(Method::Bilinear).run().unwrap();
        let window = grid.window(1, 3, width - 1, 4).unwrap();
        let part = Warp::new(&world, &wgs84, &window).method(Method::Bilinear).run().unwrap();
        let (row, part) = (whole.pixels.into_array::<f32>().unwrap(), part.pixels.into_array::<f32>().unwrap());
        assert_eq!(part, row.slice(cog_raster::ndarray::s![.., 3..7, 1..]));
        row.slice(cog_raster::ndarray::s![0, 5, ..]).to_vec()
    };
    let columns = |first: u32, count: u32| (first..first + count).map(|c| (c % 36) as f32).collect::<Vec<_>>();
    for (west, east, first) in
        [(-180.0, 180.0, 18), (-90.0, -40.0, 27), (-50.0, 50.0, 31), (350.0, 410.0, 35), (0.0, 360.0, 0)]
    {
        let values = values(west, east);
        let expected = columns(first, values.len() as u32);
        assert!(values.iter().zip(&expected).all(|(v, e)| (v - e).abs() < 1e-9), "{west}: {values:?}");
    }
}

#[test]
fn the_whole_world_has_no_pixels_beyond_the_ends_of_a_web_map_and_none_missing_within() {
    let mut world = Raster::new(Array3::from_elem((1, 180, 360), 7_u8), Validity::AllValid);
    world.transform = Some(GeoTransform { a: 1.0, b: 0.0, c: -180.0, d: 0.0, e: -1.0, f: 90.0 });
    let end = 20_037_508.342_789_244;
    let web = "EPSG:3857".parse().unwrap();
    let grid = OutputGrid::of_bounds(web, [-end, -end, end, end], 256, 256).unwrap();
    for method in [Method::Nearest, Method::Bilinear, Method::Cubic, Method::Average] {
        let warped = Warp::new(&world, &"EPSG:4326".parse().unwrap(), &grid).method(method).run().unwrap();
        assert!(warped.mask().iter().all(|v| *v == 255), "{method}");
        assert!(warped.pixels.view::<u8>().unwrap().iter().all(|v| *v == 7), "{method}");
    }
}

#[test]
fn what_lies_outside_the_domain_of_a_crs_is_invalid_and_no_error() {
    let mut source = Raster::new(Array3::from_elem((1, 20, 20), 3_i16), Validity::AllValid);
    source.transform =
        Some(GeoTransform { a: 400_000.0, b: 0.0, c: -4_000_000.0, d: 0.0, e: -400_000.0, f: 4_000_000.0 });
    let globe = "+proj=ortho +lat_0=20 +lon_0=10".parse().unwrap();
    let grid = OutputGrid::of_bounds("EPSG:4326".parse().unwrap(), [-180.0, -90.0, 180.0, 90.0], 72, 36).unwrap();
    let warped = Warp::new(&source, &globe, &grid).run().unwrap();
    let mask = warped.mask();
    assert_eq!((mask[[14, 38]], mask[[22, 2]]), (255, 0));
}

#[test]
fn grids_without_pixels_or_sense_are_refused_by_name() {
    let is = |error: Error, class: ErrorClass, text: &str| {
        assert_eq!((error.class(), error.to_string().as_str()), (class, text));
    };
    is(OutputGrid::new(utm(), HERE, 0, 5).unwrap_err(), ErrorClass::Usage, "an output of 0 × 5 pixels has none");
    let flat = GeoTransform { a: 1.0, b: 2.0, c: 0.0, d: 2.0, e: 4.0, f: 0.0 };
    is(
        OutputGrid::new(utm(), flat, 5, 5).unwrap_err(),
        ErrorClass::Usage,
        "the transform of the output has no inverse",
    );
    let nan = GeoTransform { c: f64::NAN, ..HERE };
    assert!(matches!(OutputGrid::new(utm(), nan, 5, 5), Err(Error::FlatGrid)));
    for bounds in [[1.0, 0.0, 1.0, 5.0], [2.0, 0.0, 1.0, 5.0], [0.0, 0.0, f64::NAN, 5.0]] {
        assert!(matches!(OutputGrid::of_bounds(utm(), bounds, 5, 5), Err(Error::EmptyBounds { .. })), "{bounds:?}");
    }
    let tiny = OutputGrid::of_resolution(utm(), [0.0, 0.0, 1e9, 1e9], [1e-3, 1e-3]).unwrap_err();
    assert_eq!(tiny.class(), ErrorClass::Limits);
    assert!(matches!(
        OutputGrid::of_resolution(utm(), [0.0, 0.0, 1.0, 1.0], [0.0, 1.0]),
        Err(Error::NoResolution { .. })
    ));
    let grid = OutputGrid::new(utm(), HERE, 5, 5).unwrap();
    is(
        grid.window(3, 0, 3, 1).unwrap_err(),
        ErrorClass::Usage,
        "the window 3,0,3,1 reaches over the grid of 5 × 5 pixels",
    );
    let nowhere = Raster::new(Array3::from_elem((1, 2, 2), 1_u8), Validity::AllValid);
    assert!(matches!(Warp::new(&nowhere, &utm(), &grid).run(), Err(Error::NoTransform)));
    let error = "lanczos4".parse::<Method>().unwrap_err().to_string();
    assert!(error.starts_with("'lanczos4' is not a way to warp: nearest, bilinear, cubic"), "{error}");
}

#[test]
fn an_output_larger_than_memory_is_an_error() {
    let source = raster(Array3::from_elem((1, 2, 2), 1.0_f64), Validity::AllValid);
    let grid = OutputGrid::new(utm(), HERE, u32::MAX, u32::MAX).unwrap();
    let error = Warp::new(&source, &utm(), &grid).run().unwrap_err();
    assert_eq!(error.class(), ErrorClass::Limits, "{error}");
}
