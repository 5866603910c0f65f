//! Rasters as a later crate uses them: made of arrays, resampled, described.

use cog_raster::ndarray::{Array2, Array3, arr2, arr3};
use cog_raster::{ErrorClass, GeoTransform, Nodata, Pixels, Raster, Resampling, StatisticsOptions, Validity, Window};

/// 6 rows of 8 pixels, of which the first three columns hold no data.
fn masked() -> Raster {
    let pixels = Array3::from_shape_fn((2, 6, 8), |(band, row, column)| (100 * band + 10 * row + column) as u16);
    let mask = Array2::from_shape_fn((6, 8), |(_, column)| if column < 3 { 0 } else { 255 });
    let mut raster = Raster::new(pixels, Validity::Shared(mask));
    raster.transform = Some(GeoTransform { a: 10.0, b: 0.0, c: 500.0, d: 0.0, e: -10.0, f: 900.0 });
    raster
}

/// What rasterio 1.4.4 (GDAL 3.10.3) reads of such a file: `read(window=Window(1, 1, 6, 4), out_shape=(2, 2, 3), resampling=…)`.
#[test]
fn a_masked_raster_is_resampled_as_gdal_does() {
    let raster = masked();
    let mean = raster.resampled((1, 1, 6, 4), (2, 3), Resampling::Average).unwrap();
    let expected = arr3(&[[[0u16, 19, 21], [0, 39, 41]], [[0, 119, 121], [0, 139, 141]]]);
    assert_eq!(mean.pixels, Pixels::from(expected));
    assert_eq!(mean.mask(), arr2(&[[0, 255, 255], [0, 255, 255]]));
    assert_eq!(mean.transform, Some(GeoTransform { a: 20.0, b: 0.0, c: 510.0, d: 0.0, e: -20.0, f: 890.0 }));
    assert_eq!((mean.window, mean.bands), (Window::new(1, 1, 6, 4), vec![1, 2]));

    // GDAL's mask of the first column is 32: above 0, so valid.
    let bilinear = raster.resampled((1, 1, 6, 4), (2, 3), Resampling::Bilinear).unwrap();
    let expected = arr3(&[[[18u16, 19, 21], [38, 39, 41]], [[118, 119, 121], [138, 139, 141]]]);
    assert_eq!(
        (bilinear.pixels, bilinear.validity.union(2, 3)),
        (Pixels::from(expected), Array2::from_elem((2, 3), 255))
    );
}

#[test]
fn nodata_paints_what_has_no_data() {
    let mut raster = Raster::new(arr3(&[[[7i16, -1, -1, -1]]]), Validity::AllValid);
    raster.nodata = Some(Nodata::Float(-1.0));
    raster.validity = Validity::of_nodata(&raster.pixels, &[raster.nodata]);
    let half = raster.resampled((0, 0, 4, 1), (1, 2), Resampling::Average).unwrap();
    assert_eq!((half.pixels.view::<i16>().unwrap().to_owned(), half.mask()), (arr3(&[[[7, -1]]]), arr2(&[[255, 0]])));
}

#[test]
fn statistics_leave_out_what_has_no_data() {
    let bands = masked().statistics(&StatisticsOptions::default()).unwrap();
    assert_eq!((bands[0].min, bands[1].min, bands[0].count), (3.0, 103.0, 30));
}

#[test]
fn errors_say_who_can_act() {
    let raster = masked();
    let class = |window: Window, shape| raster.resampled(window, shape, Resampling::Cubic).unwrap_err().class();
    assert_eq!(class(Window::new(8, 0, 1, 1), (1, 1)), ErrorClass::Usage);
    assert_eq!(class(Window::new(0, 0, 8, 6), (0, 1)), ErrorClass::Usage);
    assert_eq!(class(Window::new(0, 0, 8, 6), (1, usize::MAX >> 8)), ErrorClass::Limits);
    assert_eq!(raster.pixels.view::<f32>().unwrap_err().class(), ErrorClass::Usage);
}
