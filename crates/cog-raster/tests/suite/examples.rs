//! The example does what it says. Expected values are those of rasterio 1.4.4 (GDAL 3.10.3).

#[allow(dead_code, unreachable_pub)]
#[path = "../../examples/resample_array.rs"]
mod resample_array;

use cog_raster::Resampling;

#[test]
fn a_hole_that_a_kernel_cannot_fill_stays_one() {
    let text = resample_array::resampled(Resampling::Cubic, (3, 5)).unwrap();
    assert_eq!(
        text,
        "   10    11    13    16    17\n   36    37 -9999    42    43\n   62    63    66    68    69\n\
         93.3 % valid, 10 to 69, mean 39.50\n"
    );
}

#[test]
fn a_mean_passes_over_a_hole() {
    let text = resample_array::resampled(Resampling::Average, (3, 5)).unwrap();
    assert_eq!(
        text,
        "    9    11    13    15    17\n   36    38    40    42    44\n   62    64    66    68    70\n\
         100.0 % valid, 9 to 70, mean 39.67\n"
    );
}
