//! Separated images: CMYK with and without further samples as GDAL's RGBA, other inks as stored.

use crate::forge::{EXTRA_SAMPLES, INK_SET, Order, PHOTOMETRIC, PLANAR, Page, ROWS_PER_STRIP, TILE, tiff};
use crate::support::{open_bytes, run, session};
use cog_read::Cog;
use cog_testkit::npy::sha256;

/// 20 × 18 pixels in tiles of 16 × 16 or strips of ten rows; of five samples and more the fifth is an alpha.
fn separated(samples: u16, ink_set: u16, bits: u16, planar: u16, tiled: bool) -> Vec<u8> {
    let (width, height) = (20, 18);
    let per_block = usize::from(if planar == 1 { samples } else { 1 } * bits / 8);
    let (count, size) = if tiled { (4, 256 * per_block) } else { (2, 20 * 10 * per_block) };
    let planes = if planar == 2 { usize::from(samples) } else { 1 };
    let block = |i: usize| {
        let size = if !tiled && i % 2 == 1 { 20 * 8 * per_block } else { size };
        (0..size).map(|j| ((j * 73 + 41) ^ (i * 29)) as u8).collect()
    };
    let mut page = Page::new(width, height, samples, bits, &[])
        .with(PHOTOMETRIC, &[5])
        .with(PLANAR, &[planar])
        .with_blocks((0..count * planes).map(block));
    if ink_set > 0 {
        page = page.with(INK_SET, &[ink_set]);
    }
    if samples > 4 {
        let mut extra = vec![0; usize::from(samples) - 4];
        extra[0] = 2;
        page = page.with(EXTRA_SAMPLES, &extra);
    }
    page = if tiled { page.with(TILE[0], &[16]).with(TILE[1], &[16]) } else { page.with(ROWS_PER_STRIP, &[10]) };
    tiff(&[page], Order::Little)
}

async fn open(bytes: Vec<u8>) -> Cog {
    open_bytes(&session(), bytes).await
}

/// (samples, ink set or 0, bits, planar configuration, tiled, bands, colour of the first, sha256 of the pixels): what rasterio
/// 1.4.4 (GDAL 3.10.3) reads.
#[rustfmt::skip]
#[allow(clippy::type_complexity, reason = "a table")]
const KINDS: &[(u16, u16, u16, u16, bool, usize, &str, &str)] = &[
    (1, 0, 8, 1, false, 1, "cyan", "fa1b7015ad35fc64"),
    (1, 0, 8, 1, true, 1, "cyan", "6db419e6549dcbd6"),
    (1, 0, 8, 2, false, 1, "cyan", "fa1b7015ad35fc64"),
    (1, 0, 8, 2, true, 1, "cyan", "6db419e6549dcbd6"),
    (1, 2, 8, 1, false, 1, "cyan", "fa1b7015ad35fc64"),
    (1, 2, 8, 1, true, 1, "cyan", "6db419e6549dcbd6"),
    (1, 2, 8, 2, false, 1, "cyan", "fa1b7015ad35fc64"),
    (1, 2, 8, 2, true, 1, "cyan", "6db419e6549dcbd6"),
    (2, 0, 8, 1, false, 2, "cyan", "20a2ed7646d66ac0"),
    (2, 0, 8, 1, true, 2, "cyan", "0100d6b806ea6a9c"),
    (2, 0, 8, 2, false, 2, "cyan", "03492dc7db4037c6"),
    (2, 0, 8, 2, true, 2, "cyan", "91338c2b398fb303"),
    (2, 2, 8, 1, false, 2, "cyan", "20a2ed7646d66ac0"),
    (2, 2, 8, 1, true, 2, "cyan", "0100d6b806ea6a9c"),
    (2, 2, 8, 2, false, 2, "cyan", "03492dc7db4037c6"),
    (2, 2, 8, 2, true, 2, "cyan", "91338c2b398fb303"),
    (3, 0, 8, 1, false, 3, "cyan", "4d36998c0fe3b21c"),
    (3, 0, 8, 1, true, 3, "cyan", "46b2fc5b8e79a1ee"),
    (3, 0, 8, 2, false, 3, "cyan", "e6dea67bcac93eda"),
    (3, 0, 8, 2, true, 3, "cyan", "07bdfaae8f2accb2"),
    (3, 2, 8, 1, false, 3, "cyan", "4d36998c0fe3b21c"),
    (3, 2, 8, 1, true, 3, "cyan", "46b2fc5b8e79a1ee"),
    (3, 2, 8, 2, false, 3, "cyan", "e6dea67bcac93eda"),
    (3, 2, 8, 2, true, 3, "cyan", "07bdfaae8f2accb2"),
    (4, 0, 8, 1, false, 4, "red", "088ed8ce4a3320e2"),
    (4, 0, 8, 1, true, 4, "red", "df09f1918e9277ac"),
    (4, 0, 8, 2, false, 4, "red", "397d23955ab11a9b"),
    (4, 0, 8, 2, true, 4, "red", "5165cc8e558c1b0b"),
    (4, 0, 16, 1, false, 4, "cyan", "90f7700b4d504d3f"),
    (4, 0, 16, 1, true, 4, "cyan", "076779c3a541a788"),
    (4, 0, 16, 2, false, 4, "cyan", "54f0c58c96a01431"),
    (4, 0, 16, 2, true, 4, "cyan", "e92ee95d70b593d0"),
    (4, 1, 8, 1, false, 4, "red", "088ed8ce4a3320e2"),
    (4, 1, 8, 1, true, 4, "red", "df09f1918e9277ac"),
    (4, 1, 8, 2, false, 4, "red", "397d23955ab11a9b"),
    (4, 1, 8, 2, true, 4, "red", "5165cc8e558c1b0b"),
    (4, 2, 8, 1, false, 4, "cyan", "2249038f148500e2"),
    (4, 2, 8, 1, true, 4, "cyan", "5262e59a739bb6e1"),
    (4, 2, 8, 2, false, 4, "cyan", "89d43b829de558a7"),
    (4, 2, 8, 2, true, 4, "cyan", "6a4767e3e0de8862"),
    (4, 2, 16, 1, false, 4, "cyan", "90f7700b4d504d3f"),
    (4, 2, 16, 1, true, 4, "cyan", "076779c3a541a788"),
    (4, 2, 16, 2, false, 4, "cyan", "54f0c58c96a01431"),
    (4, 2, 16, 2, true, 4, "cyan", "e92ee95d70b593d0"),
    (4, 3, 8, 1, false, 4, "cyan", "2249038f148500e2"),
    (4, 3, 8, 1, true, 4, "cyan", "5262e59a739bb6e1"),
    (4, 3, 8, 2, false, 4, "cyan", "89d43b829de558a7"),
    (4, 3, 8, 2, true, 4, "cyan", "6a4767e3e0de8862"),
    (5, 0, 8, 1, false, 4, "red", "927a15413348c9c9"),
    (5, 0, 8, 1, true, 4, "red", "abf05af2285c5304"),
    (5, 0, 16, 1, false, 5, "cyan", "59aee6b6671e8799"),
    (5, 0, 16, 1, true, 5, "cyan", "2f1eba8f44d044ef"),
    (5, 0, 16, 2, false, 5, "cyan", "ad29f4445ecb42e3"),
    (5, 0, 16, 2, true, 5, "cyan", "130dc2448d3c0497"),
    (5, 1, 8, 1, false, 4, "red", "927a15413348c9c9"),
    (5, 1, 8, 1, true, 4, "red", "abf05af2285c5304"),
    (5, 2, 8, 1, false, 5, "cyan", "2abd9d7ece8267ab"),
    (5, 2, 8, 1, true, 5, "cyan", "8e90a9367f4a6eeb"),
    (5, 2, 8, 2, false, 5, "cyan", "376ece49c7994960"),
    (5, 2, 8, 2, true, 5, "cyan", "625d1df7a426ed82"),
    (5, 2, 16, 1, false, 5, "cyan", "59aee6b6671e8799"),
    (5, 2, 16, 1, true, 5, "cyan", "2f1eba8f44d044ef"),
    (5, 2, 16, 2, false, 5, "cyan", "ad29f4445ecb42e3"),
    (5, 2, 16, 2, true, 5, "cyan", "130dc2448d3c0497"),
    (5, 3, 8, 1, false, 5, "cyan", "2abd9d7ece8267ab"),
    (5, 3, 8, 1, true, 5, "cyan", "8e90a9367f4a6eeb"),
    (5, 3, 8, 2, false, 5, "cyan", "376ece49c7994960"),
    (5, 3, 8, 2, true, 5, "cyan", "625d1df7a426ed82"),
    (6, 0, 8, 1, false, 4, "red", "99392218cdc458e4"),
    (6, 0, 8, 1, true, 4, "red", "e7a0513a5483f747"),
    (6, 2, 8, 1, false, 6, "cyan", "454363fcb624ea8b"),
    (6, 2, 8, 1, true, 6, "cyan", "80df95c214b4aa88"),
    (6, 2, 8, 2, false, 6, "cyan", "ce4b80ef380e439b"),
    (6, 2, 8, 2, true, 6, "cyan", "1745979fad776998"),
];

#[test]
fn inks_are_read_as_gdal_reads_them() {
    run(async {
        for &(samples, ink_set, bits, planar, tiled, bands, first, sha) in KINDS {
            let what = format!("{samples} samples of {bits} bits, ink set {ink_set}, planar {planar}, tiled {tiled}");
            let cog = open(separated(samples, ink_set, bits, planar, tiled)).await;
            let profile = cog.profile().unwrap();
            assert_eq!((usize::from(profile.count), profile.color_interpretation[0].name()), (bands, first), "{what}");
            // Black is no alpha, nor is the extra sample of so many bands; of RGBA it is.
            let alpha = profile.mask_flags.iter().any(|flags| flags.alpha);
            assert_eq!(alpha, first == "red", "{what}: {:?}", profile.mask_flags);
            let raster = cog.read().await.unwrap_or_else(|e| panic!("{what}: {e}"));
            assert_eq!((raster.dim(), raster.pixels.sample_type()), ((bands, 18, 20), profile.sample_type), "{what}");
            assert!(sha256(&raster.pixels.to_le_bytes()).starts_with(sha), "{what}");
            assert!(raster.mask().iter().all(|v| *v == 255), "{what}");
            let last = cog.read().bands([bands]).await.unwrap();
            let plane = raster.pixels.to_f64().index_axis_move(cog_read::ndarray::Axis(0), bands - 1);
            assert_eq!(last.pixels.to_f64().index_axis_move(cog_read::ndarray::Axis(0), 0), plane, "{what}");
        }
    });
}

/// GDAL announces RGBA for these and then cannot read them; chunky ones it reads.
#[test]
fn cmyk_and_alpha_in_planes_are_the_same_rgba() {
    run(async {
        for samples in [5, 6] {
            let raster = open(separated(samples, 1, 8, 2, true)).await.read().await.unwrap();
            let four = open(separated(4, 1, 8, 2, true)).await.read().await.unwrap();
            assert_eq!(raster.pixels, four.pixels, "{samples} samples");
        }
    });
}

#[test]
fn raw_colours_of_cmyk_and_alpha_are_all_samples() {
    run(async {
        for planar in [1, 2] {
            let raster = open(separated(5, 1, 8, planar, true)).await.read().raw_color().await.unwrap();
            assert_eq!(raster.dim(), (5, 18, 20));
            assert!(raster.mask().iter().all(|v| *v == 255));
        }
    });
}

/// GDAL announces RGBA for four bits as well and then cannot read it: here profile and pixels are those stored.
#[test]
fn cmyk_of_four_bits_is_shown_as_stored() {
    run(async {
        let page = Page::new(2, 1, 4, 4, &[0x12, 0x34, 0x56, 0x78]).with(PHOTOMETRIC, &[5]);
        let cog = open(tiff(&[page], Order::Little)).await;
        assert_eq!(cog.profile().unwrap().count, 4);
        let pixels = cog.read().await.unwrap().pixels.to_f64();
        assert_eq!(pixels.iter().copied().collect::<Vec<_>>(), [1.0, 5.0, 2.0, 6.0, 3.0, 7.0, 4.0, 8.0]);
    });
}

#[test]
fn an_overview_of_cmyk_and_alpha_is_rgba_too() {
    run(async {
        let of = |side: u16, value: u8| {
            let samples: Vec<u8> = [value, 0, 0, 0, 9].repeat(usize::from(side) * usize::from(side));
            Page::new(side, side, 5, 8, &samples).with(PHOTOMETRIC, &[5]).with(EXTRA_SAMPLES, &[2])
        };
        let overview = of(4, 255).with(crate::forge::NEW_SUBFILE_TYPE, &[1]);
        let cog = open(tiff(&[of(8, 0), overview], Order::Big)).await;
        let raster = cog.read().shape(4, 4).await.unwrap();
        assert_eq!((raster.level, raster.dim()), (1, (4, 4, 4)));
        let first: Vec<f64> = raster.pixels.to_f64().outer_iter().map(|band| band[[0, 0]]).collect();
        assert_eq!(first, [0.0, 255.0, 255.0, 255.0]);
    });
}
