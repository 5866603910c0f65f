//! Any text as a CRS (WKT, PROJJSON, PROJ strings, codes): it is read or refused, and what was read is written in every format and
//! read again as the same CRS.
#![no_main]

use cog_crs::{Crs, Transform};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(crs) = text.parse::<Crs>() else { return };
    _ = (crs.authority(), crs.axes(), crs.area_of_use(), crs.to_wkt1(), crs.to_wkt2_pretty());
    let wkt2: Result<Crs, _> = crs.to_wkt2().parse();
    assert!(wkt2.is_ok(), "{}", crs.to_wkt2());
    let projjson: Result<Crs, _> = crs.to_projjson().parse();
    assert!(projjson.is_ok(), "{}", crs.to_projjson());
    if let Ok(keys) = crs.to_geo_keys() {
        _ = Crs::from_geo_keys(&keys);
    }
    if let Ok(wgs84) = Crs::from_epsg(4326) {
        if let Ok(transform) = Transform::new(&wgs84, &crs) {
            _ = transform.point(10.0, 50.0);
        }
    }
});
