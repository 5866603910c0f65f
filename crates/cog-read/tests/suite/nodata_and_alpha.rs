//! What an alpha band says of the image and of itself, alone and beside nodata. The expected values are those of rasterio 1.4.4
//! (GDAL 3.10.3) for the same samples.

use crate::forge::{EXTRA_SAMPLES, NODATA, Order, PHOTOMETRIC, Page, tiff};
use crate::support::{open_bytes, run, session};
use cog_read::{Cog, Raster, Resampling};

/// Red, green, blue, alpha of eight pixels in a row.
const PIXELS: [[u8; 4]; 8] = [
    [0, 0, 0, 0],
    [0, 0, 0, 255],
    [5, 5, 5, 0],
    [5, 5, 5, 255],
    [7, 5, 5, 255],
    [7, 7, 7, 7],
    [7, 7, 7, 255],
    [3, 3, 3, 1],
];

async fn pixels(photometric: u16, extra: &[u16], nodata: Option<&str>) -> Cog {
    let page = Page::new(8, 1, 4, 8, PIXELS.as_flattened());
    let mut page = page.with(PHOTOMETRIC, &[photometric]).with(EXTRA_SAMPLES, extra);
    if let Some(nodata) = nodata {
        page = page.with_text(NODATA, nodata);
    }
    open_bytes(&session(), tiff(&[page], Order::Little)).await
}

fn mask(raster: &Raster) -> Vec<u8> {
    raster.mask().iter().copied().collect()
}

fn bands(raster: &Raster) -> Vec<Vec<u8>> {
    (0..raster.dim().0).map(|band| raster.band_mask(band).unwrap().iter().copied().collect()).collect()
}

fn samples(raster: &Raster) -> Vec<Vec<f64>> {
    raster.pixels.to_f64().outer_iter().map(|band| band.iter().copied().collect()).collect()
}

#[test]
fn an_alpha_band_is_valid_everywhere_itself() {
    run(async {
        let by_alpha = [0, 255, 0, 255, 255, 255, 255, 255];
        for (photometric, extra) in [(2, &[2][..]), (2, &[1]), (1, &[0, 0, 2])] {
            let cog = pixels(photometric, extra, None).await;
            let raster = cog.read().await.unwrap();
            assert_eq!(mask(&raster), by_alpha);
            assert_eq!(bands(&raster), [by_alpha, by_alpha, by_alpha, [255; 8]]);
            let some = cog.read().bands([4, 2, 4]).await.unwrap();
            assert_eq!(
                (mask(&some), bands(&some)),
                (by_alpha.to_vec(), vec![vec![255; 8], by_alpha.to_vec(), vec![255; 8]])
            );
            // Reduced: the mask is the reduced alpha, the alpha's own is whole.
            let half = cog.read().shape(1, 4).resampling(Resampling::Bilinear).await.unwrap();
            assert_eq!(samples(&half)[3], [109.0, 159.0, 162.0, 111.0]);
            assert_eq!((mask(&half), bands(&half)), (vec![255; 4], vec![vec![255; 4]; 4]));
            // Scaled, transparent samples of a colour are NaN; those of the alpha are numbers.
            let unscaled = samples(&cog.read().unscale().await.unwrap());
            assert!(unscaled[0][0].is_nan() && unscaled[3][0] == 0.0, "{unscaled:?}");
        }
    });
}

#[test]
fn statistics_of_an_alpha_band_count_its_transparent_pixels() {
    run(async {
        let statistics = pixels(2, &[2], None).await.statistics().await.unwrap();
        let red = &statistics.bands[0];
        assert_eq!((red.min, red.max, red.mean), (0.0, 7.0, 29.0 / 6.0));
        let alpha = &statistics.bands[3];
        assert_eq!((alpha.min, alpha.max, alpha.mean), (0.0, 255.0, 128.5));
        assert_eq!((red.count, alpha.count), (6, 8));
    });
}

#[test]
fn beside_nodata_alpha_says_which_pixels_of_the_image_are_valid() {
    run(async {
        let raster = pixels(2, &[2], Some("0")).await.read().await.unwrap();
        assert_eq!(mask(&raster), [0, 255, 0, 255, 255, 255, 255, 255]);
        let colour = [0, 0, 255, 255, 255, 255, 255, 255];
        assert_eq!(bands(&raster), [colour, colour, colour, [0, 255, 0, 255, 255, 255, 255, 255]]);
        // Bands as GDAL's flags of them; the image by its alpha, of which rasterio takes the nodata mask instead.
        let raster = pixels(2, &[2], Some("7")).await.read().await.unwrap();
        assert_eq!(mask(&raster), [0, 255, 0, 255, 255, 255, 255, 255]);
        let green = [255, 255, 255, 255, 255, 0, 0, 255];
        let alpha = [255, 255, 255, 255, 255, 0, 255, 255];
        assert_eq!(bands(&raster), [[255, 255, 255, 255, 0, 0, 0, 255], green, green, alpha]);
    });
}

#[test]
fn beside_nodata_the_mask_stays_the_alphas_when_other_bands_are_read() {
    run(async {
        let cog = pixels(2, &[2], Some("0")).await;
        for wanted in [vec![1], vec![2, 3], vec![4], vec![4, 1, 1]] {
            let raster = cog.read().bands(wanted.clone()).await.unwrap();
            assert_eq!(mask(&raster), [0, 255, 0, 255, 255, 255, 255, 255], "{wanted:?}");
            let own = if wanted[0] == 4 {
                [0, 255, 0, 255, 255, 255, 255, 255]
            } else {
                [0, 0, 255, 255, 255, 255, 255, 255]
            };
            assert_eq!(bands(&raster)[0], own, "{wanted:?}");
        }
        let boundless = cog.read().window(cog_read::Window::new(-1, 0, 4, 1)).boundless(None).await.unwrap();
        assert_eq!((mask(&boundless), bands(&boundless)[3].clone()), (vec![0, 0, 255, 0], vec![0, 0, 255, 0]));
        let tile = cog.tile(0, 0).await.unwrap();
        assert_eq!(mask(&tile), [0, 255, 0, 255, 255, 255, 255, 255]);
    });
}

#[test]
fn beside_nodata_reduced_bands_are_made_of_what_is_not_nodata() {
    run(async {
        let cog = pixels(2, &[2], Some("0")).await;
        let of = |method| {
            let request = cog.read().shape(1, 4).resampling(method);
            async move { request.await.unwrap() }
        };
        let bilinear = of(Resampling::Bilinear).await;
        let green = vec![5.0, 5.0, 6.0, 5.0];
        let alpha = vec![255.0, 255.0, 162.0, 111.0];
        assert_eq!(samples(&bilinear), [vec![5.0, 5.0, 7.0, 5.0], green.clone(), green, alpha]);
        assert_eq!((mask(&bilinear), bands(&bilinear)), (vec![255; 4], vec![vec![255; 4]; 4]));
        let average = of(Resampling::Average).await;
        let green = vec![0.0, 5.0, 6.0, 5.0];
        let alpha = vec![255.0, 255.0, 131.0, 128.0];
        assert_eq!(samples(&average), [vec![0.0, 5.0, 7.0, 5.0], green.clone(), green, alpha]);
        let colour = vec![0, 255, 255, 255];
        assert_eq!(bands(&average), [colour.clone(), colour.clone(), colour, vec![255; 4]]);
        assert_eq!(mask(&average), [255; 4]);
    });
}

#[test]
fn of_four_bands_from_red_on_the_last_ones_nodata_says_what_is_valid() {
    run(async {
        let raster = pixels(2, &[0], Some("7")).await.read().await.unwrap();
        assert_eq!(mask(&raster), [255, 255, 255, 255, 255, 0, 255, 255]);
        let raster = pixels(2, &[0], Some("0")).await.read().await.unwrap();
        assert_eq!(mask(&raster), [0, 255, 0, 255, 255, 255, 255, 255]);
        // Without nodata all are.
        assert_eq!(mask(&pixels(2, &[0], None).await.read().await.unwrap()), [255; 8]);
        // Gray and three more: valid where any band is.
        let raster = pixels(1, &[0, 0, 0], Some("0")).await.read().await.unwrap();
        assert_eq!(mask(&raster), [0, 255, 255, 255, 255, 255, 255, 255]);
    });
}
