//! The API without async.

use cog_read::blocking::{Cog, Session};
use cog_read::{ErrorClass, SessionOptions};

use crate::support;

fn path() -> std::path::PathBuf {
    support::file("cog_deflate_uint16_mask").path
}

#[test]
fn every_request_waits_for_its_answer() {
    let cog = Cog::open(path()).unwrap();
    let whole = cog.read(|read| read.window((0..64, 0..64))).unwrap();
    let blocks: Vec<_> = cog.blocks(|blocks| blocks).unwrap().map(|block| block.unwrap()).collect();
    assert_eq!((blocks.len(), whole.dim()), (9, (1, 64, 64)));
    assert_eq!(blocks[0].raster.pixels, whole.pixels);
    assert_eq!(cog.tile(0, 0, |tile| tile).unwrap().pixels, whole.pixels);
    assert_eq!(cog.statistics(|s| s.level(2)).unwrap().size, (37, 35));
    let (raster, cost) = cog.wait(cog.get().read().window((0..64, 0..64)).with_cost()).unwrap();
    assert_eq!((raster.pixels, cost.blocks), (whole.pixels.clone(), 2), "a tile and its mask");
    assert!(cog.tag(0, cog_read::tiff::Tag::IMAGE_WIDTH).unwrap().is_some());
    let bytes = std::fs::read(path()).unwrap();
    assert_eq!(
        Cog::from_bytes(bytes.clone()).unwrap().read(|read| read.window([0, 0, 64, 64])).unwrap().pixels,
        whole.pixels
    );
    let file = std::fs::File::open(path()).unwrap();
    assert_eq!(
        Cog::from_file(file, "a.tif").unwrap().read(|read| read.window([0, 0, 64, 64])).unwrap().pixels,
        whole.pixels
    );
    let session = Session::new(SessionOptions::default()).unwrap();
    let in_memory = session.open_source(cog_read::io::Source::from_bytes(bytes.into())).unwrap();
    assert_eq!(in_memory.read(|read| read.window([0, 0, 64, 64])).unwrap().pixels, whole.pixels);
}

#[test]
fn inside_a_runtime_a_call_is_an_error_and_dropping_is_no_panic() {
    let cog = Cog::open(path()).unwrap();
    support::run(async move {
        let error = cog.read(|read| read).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Usage);
        assert!(error.to_string().contains("inside a Tokio runtime"), "{error}");
        drop(cog);
        assert!(Session::new(SessionOptions::default()).unwrap().open(path()).is_err());
    });
}
