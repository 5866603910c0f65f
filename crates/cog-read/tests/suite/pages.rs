//! Files of several full images: each has the overviews and the mask that follow it.

use crate::forge::{NEW_SUBFILE_TYPE, Order, PHOTOMETRIC, Page, tiff};
use crate::support::{open_bytes, run, session};

/// A square of one value.
fn square(side: u16, subfile: u16, value: u8) -> Page {
    let block = vec![value; usize::from(side) * usize::from(side)];
    Page::new(side, side, 1, 8, &block).with(NEW_SUBFILE_TYPE, &[subfile])
}

#[test]
fn a_reduced_read_of_a_page_is_of_its_own_overview_and_mask() {
    let mask = |value| square(64, 4, value).with(PHOTOMETRIC, &[4]);
    // GDAL gives the overviews 10, 20, 21 and the mask to page 0, and shows page 1 without any.
    let pages =
        [square(64, 2, 1), square(32, 1, 10), square(64, 2, 2), mask(255), square(32, 1, 20), square(16, 1, 21)];
    run(async {
        let first = open_bytes(&session(), tiff(&pages, Order::Little)).await;
        let second = first.page(1).unwrap();
        assert_eq!((first.page_count(), first.levels().unwrap().len(), second.levels().unwrap().len()), (2, 2, 3));
        for (cog, side, value, level) in [
            (&first, 64, 1.0, 0),
            (&first, 32, 10.0, 1),
            (&first, 16, 10.0, 1),
            (&second, 64, 2.0, 0),
            (&second, 32, 20.0, 1),
            (&second, 16, 21.0, 2),
        ] {
            let raster = cog.read().shape(side, side).await.unwrap();
            let pixels = raster.pixels.to_f64();
            assert!(pixels.iter().all(|v| *v == value), "{value}: {:?}", pixels[[0, 0, 0]]);
            assert_eq!(raster.level, level, "{value}");
        }
        let flags = |cog: &cog_read::Cog| cog.profile().unwrap().mask_flags[0].per_dataset;
        assert_eq!((flags(&first), flags(&second)), (false, true));
    });
}
