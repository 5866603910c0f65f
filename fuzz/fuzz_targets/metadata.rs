//! Text as GDAL_METADATA, as an `.aux.xml` and as a world file.
#![no_main]

use cog_tiff::{GdalMetadata, Pam, world_file};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let metadata = GdalMetadata::parse(&text);
    for band in [0, 1, 65_535] {
        _ = (metadata.scale(band), metadata.offset(band), metadata.unit(band), metadata.statistic(band, "MEAN"));
        _ = metadata.plain(Some(band)).count();
    }
    // What a document is given up for leaves nothing, and says so.
    assert!(!metadata.items().is_empty() || metadata.plain(None).next().is_none());
    assert!(metadata.warnings().len() <= 64);
    if let Some(pam) = Pam::parse(&text) {
        _ = (pam.epsg(), pam.crs_name(), pam.nodata(1), pam.warnings().len());
    }
    _ = world_file(&text);
});
