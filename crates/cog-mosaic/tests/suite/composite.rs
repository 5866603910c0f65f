//! Named files that answer the same request.

use cog_mosaic::reader::Session;
use cog_mosaic::{Composite, Error, ErrorClass};

const TINY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../cog-tiff/tests/data/tiny.tif");

#[tokio::test]
async fn results_come_in_the_order_of_the_files_and_can_be_reduced() {
    let composite = Composite::new(&Session::default(), [("b", TINY), ("a", TINY)]).unwrap();
    assert_eq!(composite.names().collect::<Vec<_>>(), ["b", "a"]);
    assert!(composite.readers().iter().all(|reader| !reader.is_open()));

    let read = composite.read(|read| read.window((2, 1, 3, 2))).await.unwrap();
    let direct = composite.get("a").unwrap().cog().await.unwrap().read().window((2, 1, 3, 2)).await.unwrap();
    assert_eq!(read.iter().map(|raster| &raster.pixels).collect::<Vec<_>>(), [&direct.pixels, &direct.pixels]);

    let sum = |rasters: Vec<cog_mosaic::raster::Raster>| {
        rasters.iter().map(|raster| u64::from(raster.pixels.view::<u8>().unwrap()[[0, 0, 0]])).sum::<u64>()
    };
    // Pixel (2, 1) of tiny.tif is 27.
    assert_eq!(composite.read(|read| read.window((2, 1, 3, 2))).reduce(sum).await.unwrap(), 54);
}

#[tokio::test]
async fn a_file_that_fails_is_named_and_what_a_filter_leaves_out_is_not_opened() {
    let composite = Composite::new(&Session::default(), [("good", TINY), ("gone", "/no/such/file.tif")]).unwrap();
    let error = composite.tile(0, 0, 0).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::NotFound);
    assert_eq!(error.to_string(), "'gone': /no/such/file.tif: not found");
    let good = composite.filter(|reader| reader.name() == "good");
    assert_eq!(good.tile(0, 0, 0).await.unwrap().len(), 1);
}

#[test]
fn two_files_of_one_name_are_refused() {
    let error = Composite::new(&Session::default(), [("a", TINY), ("a", TINY)]).unwrap_err();
    assert!(matches!(&error, Error::SameName { name } if &**name == "a"), "{error}");
}
