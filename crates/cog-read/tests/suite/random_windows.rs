//! Random requests give the same pixels as cutting them out of the whole image.

use std::sync::OnceLock;

use crate::support::{bytes, cut, open_bytes, run, session};
use cog_read::{Cog, Raster, Window};
use proptest::prelude::*;

/// Chunky and planar, tiles and strips, with mask, nodata and alpha.
const FILES: [&str; 8] = [
    "deflate_p2_uint16_5_bands_be",
    "deflate_p2_int16_5_bands_planar",
    "none_int16_be_planar_strips",
    "bits12_2_bands_deflate",
    "cog_deflate_uint16_mask",
    "cog_lzw_p2_int16_nodata",
    "sparse_nodata",
    "cog_web_mercator",
];

/// Each file with all of its levels.
fn whole() -> &'static [(Cog, Vec<Raster>)] {
    static WHOLE: OnceLock<Vec<(Cog, Vec<Raster>)>> = OnceLock::new();
    WHOLE.get_or_init(|| {
        run(async {
            let session = session();
            let mut all = Vec::new();
            for name in FILES {
                let cog = open_bytes(&session, bytes(name)).await;
                let mut levels = Vec::new();
                for level in 0..cog.levels().unwrap().len() {
                    levels.push(cog.read().level(level).await.unwrap());
                }
                all.push((cog, levels));
            }
            all
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_window_of_some_bands_is_that_part_of_the_whole(
        file in 0..FILES.len(),
        level in any::<prop::sample::Index>(),
        bands in prop::collection::vec(any::<prop::sample::Index>(), 1..7),
        (column, row) in (-40i64..560, -40i64..560),
        (width, height) in (1u64..200, 1u64..200),
    ) {
        let (cog, levels) = &whole()[file];
        let level = level.index(levels.len());
        let whole = &levels[level];
        let (count, h, w) = whole.dim();
        let indices: Vec<usize> = bands.iter().map(|b| b.index(count)).collect();
        let request = cog.read().level(level).window(Window::new(column, row, width, height));
        let read = run(async { request.bands(indices.iter().map(|b| b + 1)).await });
        // Cut by hand, in wide numbers.
        let (x0, x1) = (column.max(0), (column + width as i64).min(w as i64));
        let (y0, y1) = (row.max(0), (row + height as i64).min(h as i64));
        if x0 >= x1 || y0 >= y1 {
            prop_assert!(read.is_err());
            return Ok(());
        }
        let raster = read.unwrap();
        let area = [x0 as usize, y0 as usize, (x1 - x0) as usize, (y1 - y0) as usize];
        prop_assert_eq!(raster.pixels.to_le_bytes(), cut(whole, &indices, area));
        for (i, band) in indices.iter().enumerate() {
            let (ours, theirs) = (raster.band_mask(i).unwrap(), whole.band_mask(*band).unwrap());
            let [x, y, w, h] = area;
            prop_assert_eq!(ours, theirs.slice(cog_read::ndarray::s![y..y + h, x..x + w]).to_owned());
        }
    }
}
