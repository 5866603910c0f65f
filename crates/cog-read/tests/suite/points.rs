//! Values at places against the same pixels of the whole image.

use crate::support;
use crate::support::{open, rows, run, session};
use cog_read::tiff::SampleType;
use cog_read::{Cog, Error, Interpolation, Pixels, UsageProblem};

async fn ramp(width: u16, height: u16) -> Cog {
    let samples: Vec<u8> = (0..height).flat_map(|y| (0..width).map(move |x| (10 * x + y) as u8)).collect();
    support::open_bytes(&session(), rows(width, height, &samples).bytes()).await
}

fn floats(pixels: &Pixels) -> Vec<f64> {
    pixels.to_f64().into_iter().collect()
}

#[test]
fn a_place_has_the_value_of_the_pixel_it_lies_in() {
    run(async {
        for name in ["cog_lzw_p2_int16_nodata", "deflate_p2_int16_5_bands_planar", "cog_jpeg_mask_interleaved"] {
            let cog = open(name).await;
            let whole = cog.read().await.unwrap();
            let (bands, height, width) = whole.dim();
            let transform = whole.transform.unwrap();
            let places: Vec<(f64, f64)> =
                (0..200).map(|i| ((i * 37 % width) as f64 + 0.3, (i * 91 % height) as f64 + 0.8)).collect();
            let points = cog.points(places.iter().map(|&(c, r)| transform.apply(c, r))).await.unwrap();
            assert_eq!(points.values.sample_type(), whole.pixels.sample_type());
            let (all, got) = (whole.pixels.to_f64(), points.values.to_f64());
            for (i, &(c, r)) in places.iter().enumerate() {
                let (column, row) = (c as usize, r as usize);
                assert_eq!(points.pixels[i], Some((column as u32, row as u32)));
                for band in 0..bands {
                    assert_eq!(got[[band, 0, i]], all[[band, row, column]], "{name} {column},{row}");
                    assert_eq!(points.validity[[band, i]], whole.band_mask(band).unwrap()[[row, column]]);
                }
            }
        }
    });
}

#[test]
fn a_place_outside_is_not_valid_and_holds_nodata() {
    run(async {
        let cog = open("cog_lzw_p2_int16_nodata").await;
        let nodata = cog.profile().unwrap().nodata.unwrap().as_f64();
        let points = cog.points([(-1.0, 5.0), (5.0, 5.0), (f64::NAN, 0.0)]).in_pixels().await.unwrap();
        assert_eq!(points.pixels[0], None);
        assert_eq!(points.pixels[2], None);
        assert_eq!((floats(&points.values)[0], points.validity[[0, 0]]), (nodata, 0));
    });
}

#[test]
fn between_two_centres_bilinear_lies_between_their_values() {
    run(async {
        let cog = ramp(12, 9).await;
        let read = |x: f64, y: f64, how| cog.points([(x, y)]).in_pixels().interpolation(how).into_future();
        use std::future::IntoFuture;
        // A plane is reproduced by both, wherever their neighbours exist.
        for how in [Interpolation::Bilinear, Interpolation::Cubic] {
            for (x, y) in [(5.0, 4.0), (4.25, 3.5), (6.9, 5.1)] {
                let points = read(x, y, how).await.unwrap();
                assert_eq!(points.values.sample_type(), SampleType::F64);
                let expected = 10.0 * (x - 0.5) + (y - 0.5);
                assert!((floats(&points.values)[0] - expected).abs() < 1e-9, "{how:?} {x} {y}: {:?}", points.values);
            }
        }
        // At the corner only one pixel is there.
        let corner = read(0.1, 0.1, Interpolation::Bilinear).await.unwrap();
        assert_eq!(floats(&corner.values), [0.0]);
    });
}

#[test]
fn a_nodata_of_the_callers_has_no_part_in_an_interpolation() {
    run(async {
        let mut samples = [10u8; 16];
        samples[5] = 255;
        let cog = support::open_bytes(&session(), rows(4, 4, &samples).bytes()).await;
        let read = async |how, nodata: Option<f64>| {
            let request = cog.points([(2.0, 1.5)]).in_pixels().interpolation(how);
            let points = if let Some(nodata) = nodata { request.nodata(nodata) } else { request }.await.unwrap();
            (floats(&points.values)[0], points.validity[[0, 0]])
        };
        assert_eq!(read(Interpolation::Bilinear, None).await, (132.5, 255));
        assert_eq!(read(Interpolation::Bilinear, Some(255.0)).await, (255.0, 0));
        assert_eq!(read(Interpolation::Cubic, Some(255.0)).await, (10.0, 255));
    });
}

#[test]
fn coordinates_need_a_transform() {
    run(async {
        let error = ramp(4, 4).await.points([(0.0, 0.0)]).await.unwrap_err();
        assert!(matches!(error, Error::Usage { problem: UsageProblem::NotGeoreferenced, .. }), "{error}");
    });
}

/// Values of rasterio, of `testdata/expected`.
#[test]
fn values_are_seen_as_band_and_place() {
    run(async {
        let cog = open("cog_deflate_uint16_mask").await;
        let points = cog.points([(0.5, 0.5), (75.5, 70.5), (30.5, 112.5)]).in_pixels().await.unwrap();
        assert_eq!(points.view::<u16>().unwrap(), ndarray::arr2(&[[32_728, 17_298, 26_131]]));
        assert_eq!(points.values.dim(), (1, 1, 3));
        let error = cog_read::Error::from(points.view::<f32>().unwrap_err());
        assert_eq!(error.class(), cog_read::ErrorClass::Usage);
    });
}
