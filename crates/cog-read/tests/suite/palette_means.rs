//! Average and rms of numbers of colours: what rasterio 1.4.4 (GDAL 3.10.3) reads, where the colours are mixed and the closest one of
//! the table is taken. Images of one bit, and those where 0 is white, have a table too.

use crate::support::{open, run};
use cog_read::{Resampling, Window};

/// (file, window, rows and columns of the output, method, values).
#[rustfmt::skip]
#[allow(clippy::type_complexity, reason = "a table")]
const READS: &[(&str, [i32; 4], [usize; 2], &str, &[f64])] = &[
    ("palette_lzw", [64, 29, 9, 30], [2, 3], "average", &[22.0, 22.0, 23.0, 18.0, 18.0, 18.0]),
    ("palette_lzw", [14, 27, 57, 19], [2, 2], "average", &[16.0, 20.0, 14.0, 19.0]),
    ("palette_lzw", [8, 32, 15, 16], [2, 4], "rms", &[18.0, 17.0, 16.0, 16.0, 15.0, 15.0, 14.0, 13.0]),
    ("palette_lzw", [13, 14, 22, 27], [3, 2], "rms", &[21.0, 20.0, 19.0, 17.0, 16.0, 15.0]),
    ("palette_lzw", [17, 10, 35, 34], [2, 2], "average", &[21.0, 19.0, 15.0, 16.0]),
    ("palette_lzw", [54, 7, 12, 24], [2, 2], "average", &[21.0, 22.0, 20.0, 22.0]),
    ("palette_lzw", [0, 5, 34, 30], [2, 4], "average", &[19.0, 22.0, 23.0, 22.0, 19.0, 20.0, 18.0, 17.0]),
    ("palette_lzw", [12, 20, 17, 34], [2, 4], "average", &[19.0, 18.0, 18.0, 17.0, 14.0, 13.0, 13.0, 12.0]),
    ("bits1_strips", [2, 0, 43, 56], [3, 2], "average", &[1.0, 1.0, 1.0, 1.0, 0.0, 0.0]),
    ("bits1_strips", [17, 10, 37, 37], [2, 3], "rms", &[1.0, 1.0, 1.0, 1.0, 0.0, 1.0]),
    ("bits1_strips", [18, 2, 26, 51], [3, 2], "average", &[1.0, 1.0, 1.0, 1.0, 0.0, 0.0]),
    ("bits1_strips", [4, 30, 54, 27], [3, 2], "average", &[1.0, 1.0, 0.0, 0.0, 0.0, 0.0]),
    ("bits1_white_is_zero_deflate_tiles", [5, 8, 58, 46], [3, 3], "average", &[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0]),
    ("bits1_white_is_zero_deflate_tiles", [15, 8, 54, 48], [3, 2], "average", &[1.0, 1.0, 1.0, 1.0, 0.0, 1.0]),
    ("bits1_white_is_zero_deflate_tiles", [25, 11, 12, 38], [2, 2], "average", &[1.0, 1.0, 0.0, 0.0]),
    ("bits1_white_is_zero_deflate_tiles", [3, 10, 37, 49], [3, 2], "rms", &[1.0, 1.0, 1.0, 0.0, 0.0, 0.0]),
];

#[test]
fn means_of_palettes_mix_colours() {
    run(async {
        for (file, [x, y, width, height], [rows, columns], method, values) in READS {
            let cog = open(file).await;
            let request = cog.read().window(Window::new(*x, *y, *width, *height)).shape(*rows, *columns);
            let raster = request.resampling(method.parse::<Resampling>().unwrap()).await.unwrap();
            let ours: Vec<f64> = raster.pixels.to_f64().iter().copied().collect();
            assert_eq!(ours, *values, "{file} {x},{y},{width},{height} {method}");
        }
    });
}
