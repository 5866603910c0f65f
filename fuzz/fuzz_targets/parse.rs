//! Any bytes as a whole TIFF, and as the text of a side-car: everything that the parser tells, asked once.
#![no_main]

use cog_tiff::{BlockTable, Details, GeoKeys, Georeference, Image, Limits, Pam, Profile, Tiff};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(pam) = std::str::from_utf8(data).ok().and_then(Pam::parse) {
        _ = (pam.epsg(), pam.crs_name());
    }
    let Ok(tiff) = Tiff::parse(data) else { return };
    _ = tiff.warnings();
    for page in tiff.pages() {
        if let Ok(profile) = Profile::of(&tiff, page) {
            _ = (profile.epsg(), profile.unit(1), profile.nodata_values());
            if let Some(ifd) = tiff.ifds().get(page.full.ifd) {
                _ = (profile.tags(&tiff, ifd), profile.band_tags(ifd, 1));
                if let Ok(details) = Details::lookup(data, &tiff, ifd, &Limits::default()) {
                    _ = profile.all_tags(&tiff, ifd, &details, "name");
                }
            }
        }
    }
    let limits = Limits::default();
    for ifd in tiff.ifds().iter().take(64) {
        _ = (GeoKeys::of(ifd), Georeference::of(ifd));
        for (entry, _) in ifd.tags().take(64) {
            _ = ifd.lookup_value(data, entry.tag, &limits);
        }
        if let Ok(image) = Image::of(ifd) {
            if let Ok(table) = BlockTable::of(ifd, &image) {
                let last = table.block_count().saturating_sub(1);
                _ = (table.location(data, 0), table.location(data, last));
            }
        }
    }
});
