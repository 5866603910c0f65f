//! Means and mode of windows whose overview begins within a pixel: values of the first band that rasterio 1.4.4 (GDAL 3.10.3)
//! reads. GDAL begins with the pixel to which the window is rounded.

use crate::support::{open, run};
use cog_read::{Resampling, Window};

/// (file, window, rows and columns of the output, method, values).
#[rustfmt::skip]
#[allow(clippy::type_complexity, reason = "a table")]
const READS: &[(&str, [i32; 4], [usize; 2], &str, &[f64])] = &[
    ("cog_deflate_uint16_mask", [8, 2, 48, 32], [3, 3], "average", &[48618.0, 48140.0, 44309.0, 44743.0, 42160.0, 40670.0, 39492.0, 35345.0, 37736.0]),
    ("cog_deflate_uint16_mask", [39, 37, 58, 51], [3, 2], "mode", &[32725.0, 46267.0, 30252.0, 36840.0, 28282.0, 24854.0]),
    ("cog_deflate_uint16_mask", [90, 29, 34, 24], [3, 2], "average", &[38498.0, 28261.0, 32431.0, 27064.0, 26842.0, 27267.0]),
    ("cog_deflate_uint16_mask", [7, 94, 24, 24], [2, 2], "mode", &[28796.0, 29366.0, 32269.0, 31868.0]),
    ("cog_deflate_uint16_mask", [125, 71, 17, 37], [3, 2], "average", &[41425.0, 41780.0, 38584.0, 37794.0, 33504.0, 33089.0]),
    ("cog_deflate_uint16_mask", [14, 79, 33, 28], [3, 3], "rms", &[24635.0, 26275.0, 24981.0, 27641.0, 27018.0, 22285.0, 30459.0, 26847.0, 19312.0]),
    ("cog_lzw_p2_int16_nodata", [32, 76, 59, 27], [3, 3], "average", &[-7317.0, -11654.0, -19819.0, -9888.0, -21038.0, -22313.0, -12817.0, -24931.0, -21861.0]),
    ("cog_lzw_p2_int16_nodata", [2, 2, 31, 47], [2, 3], "average", &[10910.0, 13343.0, 12692.0, 4591.0, 811.0, -1794.0]),
    ("cog_lzw_p2_int16_nodata", [74, 63, 29, 32], [2, 2], "average", &[-9999.0, -15091.0, -22746.0, -13988.0]),
    ("cog_deflate_p2_uint8_rgb", [14, 60, 50, 52], [3, 2], "average", &[92.0, 109.0, 100.0, 74.0, 108.0, 47.0]),
    ("cog_deflate_p2_uint8_rgb", [60, 12, 39, 36], [3, 3], "rms", &[187.0, 207.0, 202.0, 185.0, 196.0, 176.0, 171.0, 165.0, 137.0]),
    ("cog_deflate_p2_uint8_rgb", [126, 136, 41, 13], [3, 3], "average", &[114.0, 147.0, 166.0, 117.0, 148.0, 161.0, 121.0, 147.0, 152.0]),
    ("cog_deflate_p2_uint8_rgb", [29, 64, 11, 35], [2, 3], "average", &[98.0, 101.0, 105.0, 103.0, 101.0, 96.0]),
    ("cog_deflate_p2_uint8_rgb", [12, 26, 50, 52], [3, 2], "rms", &[131.0, 146.0, 98.0, 132.0, 90.0, 109.0]),
    ("overviews_and_mask_by_gdaladdo", [61, 66, 36, 25], [2, 3], "rms", &[71.0, 59.0, 59.0, 44.0, 35.0, 56.0]),
    ("overviews_and_mask_by_gdaladdo", [39, 29, 52, 18], [2, 2], "average", &[152.0, 186.0, 145.0, 162.0]),
];

#[test]
fn windows_of_overviews_begin_with_a_whole_pixel_in_means_and_mode() {
    run(async {
        for (file, [x, y, width, height], [rows, columns], method, values) in READS {
            let cog = open(file).await;
            let request = cog.read().window(Window::new(*x, *y, *width, *height)).shape(*rows, *columns).bands([1]);
            let raster = request.resampling(method.parse::<Resampling>().unwrap()).await.unwrap();
            let ours: Vec<f64> = raster.pixels.to_f64().iter().copied().collect();
            let what = format!("{file} {x},{y},{width},{height} {method}: level {}", raster.level);
            assert!(raster.level > 0, "{what}");
            // Means of integers may be off by one, as everywhere.
            let near =
                ours.iter().zip(*values).all(|(a, b)| (a - b).abs() <= if *method == "mode" { 0.0 } else { 1.0 });
            assert!(near && ours.len() == values.len(), "{what}: {ours:?}, not {values:?}");
        }
    });
}
