//! Any text as a GeoJSON cut-line: it is read or refused by a named error, and what was read makes masks; a window of a mask is that part
//! of the whole.
#![no_main]

use cog_warp::crs::Crs;
use cog_warp::raster::{Area, GeoTransform};
use cog_warp::{Cutline, ErrorClass, OutputGrid};
use libfuzzer_sys::fuzz_target;

const SIDE: u32 = 24;

fuzz_target!(|text: &str| {
    let cutline = match Cutline::from_geojson(text) {
        Ok(cutline) => cutline,
        Err(error) => {
            assert!(error.class() != ErrorClass::Internal, "{error}");
            return;
        }
    };
    for (crs, [a, c, e, f]) in
        [("EPSG:4326", [15.0, -180.0, -7.5, 90.0]), ("EPSG:32633", [5e4, -1e5, -5e4, 6e6]), ("EPSG:3413", [4e5, -5e6, -4e5, 5e6])]
    {
        let Ok(crs) = crs.parse::<Crs>() else { return };
        _ = cutline.bounds_in(&crs);
        let transform = GeoTransform { a, b: 0.0, c, d: 0.0, e, f };
        let grid = OutputGrid::new(crs, transform, SIDE, SIDE).unwrap_or_else(|error| panic!("{error}"));
        for touched in [false, true] {
            let Ok(mask) = cutline.clone().all_touched(touched).on(&grid) else { continue };
            let mut whole = [0; (SIDE * SIDE) as usize];
            mask.fill(Area { x: 0, y: 0, width: SIDE, height: SIDE }, &mut whole);
            let mut part = [0; 7 * 5];
            mask.fill(Area { x: 9, y: 11, width: 7, height: 5 }, &mut part);
            for (row, own) in part.chunks(7).enumerate() {
                let at = (11 + row) * SIDE as usize + 9;
                assert_eq!(own, &whole[at..at + 7]);
            }
            if let Some(area) = mask.bounds() {
                assert!(area.x + area.width <= SIDE && area.y + area.height <= SIDE, "{area:?}");
            } else {
                assert!(whole.iter().all(|v| *v == 0));
            }
        }
        if let Ok(blended) = cutline.clone().blend(2.5) {
            _ = blended.on(&grid).map(|mask| mask.fill(Area { x: 0, y: 0, width: SIDE, height: SIDE }, &mut [0; (SIDE * SIDE) as usize]));
        }
    }
});
