//! Which pixels are valid, and what blocks that are not in the file hold.

use crate::support::{RowTiff, open, open_bytes, rows, run, session};
use cog_read::{Raster, Validity};

const NODATA: u16 = 42113;
const GDAL_METADATA: u16 = 42112;

fn two_bands<'a>(extra: u16, texts: &'a [(u16, &'a str)], samples: &'a [u8]) -> Vec<u8> {
    let width = samples.len() as u16 / 2;
    RowTiff { width, height: 1, bands: 2, extra, texts, entries: 1, sparse: &[], samples }.bytes()
}

fn mask(raster: &Raster) -> Vec<u8> {
    raster.mask().iter().copied().collect()
}

#[test]
fn a_mask_of_its_own_hides_pixels_at_every_level() {
    run(async {
        for name in ["cog_deflate_uint16_mask", "cog_jpeg_mask_interleaved", "overviews_and_mask_by_gdaladdo"] {
            let cog = open(name).await;
            for level in 0..cog.levels().unwrap().len() {
                let raster = cog.read().level(level).await.unwrap();
                let Validity::Shared(mask) = &raster.validity else { panic!("{name}: {:?}", raster.validity) };
                assert!(mask.iter().any(|v| *v == 0) && mask.iter().any(|v| *v == 255), "{name} level {level}");
                assert!(mask.iter().all(|v| matches!(v, 0 | 255)), "{name} level {level}");
            }
        }
    });
}

#[test]
fn nodata_hides_pixels_band_by_band() {
    run(async {
        let cog = open_bytes(&session(), two_bands(0, &[(NODATA, "7")], &[7, 7, 7, 1, 2, 3])).await;
        let raster = cog.read().await.unwrap();
        // rasterio: read_masks() of each band, dataset_mask() their union.
        assert_eq!(raster.band_mask(0).unwrap().as_slice().unwrap(), [0, 0, 255]);
        assert_eq!(raster.band_mask(1).unwrap().as_slice().unwrap(), [0, 255, 255]);
        assert_eq!(raster.band_mask(2), None);
        assert_eq!(mask(&raster), [0, 255, 255]);
        let swapped = cog.read().bands([2, 1]).await.unwrap();
        assert_eq!(swapped.band_mask(0).unwrap().as_slice().unwrap(), [0, 255, 255]);
        assert_eq!(mask(&cog.read().bands([1]).await.unwrap()), [0, 0, 255]);
    });
}

#[test]
fn nan_hides_nan() {
    run(async {
        let raster = open("cog_zstd_p3_float32_nodata_nan").await.read().await.unwrap();
        let pixels = raster.pixels.view::<f32>().unwrap();
        assert!(pixels.iter().any(|v| v.is_nan()));
        for (v, valid) in pixels.iter().zip(&raster.mask()) {
            assert_eq!(v.is_nan(), *valid == 0);
        }
    });
}

#[test]
fn alpha_hides_pixels_even_when_it_was_not_asked_for() {
    run(async {
        let cog = open_bytes(&session(), two_bands(2, &[], &[1, 0, 1, 9, 5, 255, 0, 128])).await;
        for bands in [vec![1, 2], vec![1], vec![2], vec![1, 1]] {
            let raster = cog.read().bands(bands.clone()).await.unwrap();
            assert_eq!(raster.dim(), (bands.len(), 1, 4));
            // GDAL's dataset mask is the alpha 0, 9, 255, 128.
            assert_eq!(mask(&raster), [0, 255, 255, 255], "{bands:?}");
        }
        let cog = open("cog_web_mercator").await;
        let whole = cog.read().await.unwrap();
        let gray = cog.read().bands([1]).await.unwrap();
        assert_eq!((gray.dim(), mask(&gray)), ((1, 512, 512), mask(&whole)));
    });
}

#[test]
fn nodata_values_hide_a_pixel_only_where_all_bands_have_theirs() {
    let text = r#"<GDALMetadata><Item name="NODATA_VALUES">1 2</Item></GDALMetadata>"#;
    run(async {
        let tiff = two_bands(0, &[(GDAL_METADATA, text)], &[1, 2, 1, 9, 5, 2, 0, 0]);
        let cog = open_bytes(&session(), tiff).await;
        for bands in [vec![1, 2], vec![2], vec![1], vec![2, 1, 2]] {
            let raster = cog.read().bands(bands.clone()).await.unwrap();
            assert_eq!(raster.dim().0, bands.len());
            // As GDAL's dataset mask of these very samples.
            assert_eq!(mask(&raster), [0, 255, 255, 255], "{bands:?}");
        }
    });
}

#[test]
fn blocks_left_out_hold_nodata() {
    run(async {
        // Of 110 × 90 pixels GDAL wrote the tile at (64, 32) alone.
        for (name, fill) in [("sparse_nodata", -1), ("sparse_zero", 0)] {
            let (raster, cost) = open(name).await.read().with_cost().await.unwrap();
            let pixels = raster.pixels.view::<i16>().unwrap();
            for ((_, row, column), v) in pixels.indexed_iter() {
                if !((32..64).contains(&row) && (64..96).contains(&column)) {
                    assert_eq!(*v, fill, "{name} {row} {column}");
                }
            }
            assert_eq!(cost.blocks, 2, "{name}: a tile of each of two planes");
            assert_eq!(cost.sparse, 2 * (4 * 3 - 1), "{name}");
        }
    });
}

#[test]
fn rows_behind_the_end_of_the_tables_hold_nodata() {
    let samples: Vec<u8> = (0..8).flat_map(|row| [row; 3]).collect();
    run(async {
        let texts = [(NODATA, "200")];
        let tiff = RowTiff { entries: 5, sparse: &[1], texts: &texts, ..rows(3, 8, &samples) };
        let (raster, cost) = open_bytes(&session(), tiff.bytes()).await.read().with_cost().await.unwrap();
        let column: Vec<u8> = raster.pixels.view::<u8>().unwrap().outer_iter().next().unwrap().column(0).to_vec();
        assert_eq!(column, [0, 200, 2, 3, 4, 200, 200, 200]);
        assert_eq!((cost.blocks, cost.sparse), (4, 4));
        assert_eq!(raster.mask().column(1).to_vec(), [255, 0, 255, 255, 255, 0, 0, 0]);
    });
}

#[test]
fn nodata_between_two_integers_is_rounded_where_it_fills() {
    run(async {
        // GDAL 3 fills a left-out block of uint8 with 1 for nodata 0.5, with 2 for 1.5, and hides neither: what is before the
        // point is hidden.
        for (text, fill, valid) in [("0.5", 1, 255), ("1.5", 2, 255), ("254.4", 254, 0)] {
            let texts = [(NODATA, text)];
            let tiff = RowTiff { sparse: &[0, 1], texts: &texts, ..rows(2, 2, &[9; 4]) };
            let raster = open_bytes(&session(), tiff.bytes()).await.read().await.unwrap();
            assert_eq!(raster.pixels.to_le_bytes(), [fill; 4], "{text}");
            assert_eq!(mask(&raster), [valid; 4], "{text}");
        }
    });
}

#[test]
fn without_mask_nodata_and_alpha_all_pixels_are_valid() {
    run(async {
        let raster = open("lzw_uint8_strips").await.read().await.unwrap();
        assert_eq!(raster.validity, Validity::AllValid);
        assert!(raster.mask().iter().all(|v| *v == 255));
    });
}

#[test]
fn black_ink_is_no_alpha() {
    // Two pixels of CMYK, none with black ink.
    let short = |tag: u16, value: u16| [tag, 3, 1, 0, value, 0];
    let entries = [
        short(256, 2),
        short(257, 1),
        [258, 3, 4, 0, 122, 0],
        short(259, 1),
        short(262, 5),
        [273, 4, 1, 0, 130, 0],
        short(277, 4),
        short(278, 1),
        short(279, 8),
    ];
    let words = [9].into_iter().chain(entries.concat()).chain([0, 0, 8, 8, 8, 8]);
    let samples = [10, 20, 30, 0, 200, 100, 50, 0];
    let tiff: Vec<u8> =
        b"II*\0\x08\0\0\0".iter().copied().chain(words.flat_map(u16::to_le_bytes)).chain(samples).collect();
    run(async {
        let cog = open_bytes(&session(), tiff).await;
        let raw = cog.read().raw_color().await.unwrap();
        assert_eq!((raw.dim(), mask(&raw)), ((4, 1, 2), vec![255, 255]));
        assert_eq!(mask(&cog.read().await.unwrap()), [255, 255]);
    });
}
