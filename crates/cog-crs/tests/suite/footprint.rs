//! Outlines of rasters: on the globe, at its seams, on maps.

use cog_crs::{Crs, Error, Extent, Footprint};
use cog_testkit::python;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// A raster's CRS, transform and size.
type Raster = (&'static str, [f64; 6], u32, u32);

/// With how many polygons each has on the globe.
#[rustfmt::skip]
const RASTERS: &[(Raster, usize)] = &[
    (("EPSG:32633", [10.0, 0.0, 399_960.0, 0.0, -10.0, 5_300_040.0], 10_980, 10_980), 1),
    // The first row in the south, and turned by 30 degrees.
    (("EPSG:32633", [10.0, 0.0, 399_960.0, 0.0, 10.0, 5_190_240.0], 10_980, 10_980), 1),
    (("EPSG:32633", [8.66, 5.0, 399_960.0, 5.0, -8.66, 5_300_040.0], 10_980, 10_980), 1),
    // Across the antimeridian: UTM, a map of the Pacific, degrees beyond 180, degrees below -180.
    (("EPSG:32601", [1000.0, 0.0, 100_000.0, 0.0, -1000.0, 7_000_000.0], 500, 500), 2),
    (("EPSG:32660", [1000.0, 0.0, 600_000.0, 0.0, -1000.0, 2_000_000.0], 500, 900), 2),
    (("EPSG:3832", [10_000.0, 0.0, 2_000_000.0, 0.0, -10_000.0, 4_000_000.0], 500, 700), 2),
    (("EPSG:4326", [1.0, 0.0, 160.0, 0.0, -1.0, 10.0], 40, 20), 2),
    (("EPSG:4326", [0.5, 0.0, -200.0, 0.0, -0.5, 50.0], 60, 50), 2),
    (("EPSG:2193", [1000.0, 0.0, 1_000_000.0, 0.0, -1000.0, 6_300_000.0], 1900, 1600), 2),
    // All the way around.
    (("EPSG:4326", [1.0, 0.0, -180.0, 0.0, -1.0, 90.0], 360, 180), 1),
    (("EPSG:4326", [1.0, 0.0, 0.0, 0.0, -1.0, 80.0], 360, 160), 1),
    (("EPSG:3857", [100_000.0, 0.0, -20_000_000.0, 0.0, -100_000.0, 10_000_000.0], 400, 200), 1),
    (("EPSG:3857", [156_543.033_928_040_97, 0.0, -20_037_508.342_789_244, 0.0, -156_543.033_928_040_97, 20_037_508.342_789_244], 256, 256), 1),
    // Whose sides are the poles.
    (("EPSG:4087", [111_319.490_793_273_58, 0.0, -20_037_508.342_789_244, 0.0, -111_319.490_793_273_58, 10_018_754.171_394_622], 360, 180), 1),
    (("EPSG:4087", [111_319.490_793_273_58, 0.0, 1_000_000.0, 0.0, -111_319.490_793_273_58, 10_018_754.171_394_622], 90, 60), 1),
    (("EPSG:6933", [10_000.0, 0.0, -17_367_000.0, 0.0, -10_000.0, 7_300_000.0], 3473, 1460), 1),
    // Up to the antimeridian, and no further.
    (("EPSG:4326", [1.0, 0.0, 150.0, 0.0, -1.0, 10.0], 30, 20), 1),
    (("EPSG:4326", [1.0, 0.0, -180.0, 0.0, -1.0, 10.0], 30, 20), 1),
    // A pole inside, not in the middle; on a corner; on an edge; beside, with the antimeridian.
    (("EPSG:3031", [1000.0, 0.0, -2_700_000.0, 0.0, -1000.0, 2_300_000.0], 5000, 5000), 1),
    (("EPSG:3413", [1000.0, 0.0, -1_000_000.0, 0.0, -1000.0, 3_000_000.0], 4000, 4000), 1),
    (("EPSG:5041", [1000.0, 0.0, 0.0, 0.0, -1000.0, 4_000_000.0], 4000, 4000), 1),
    (("EPSG:3031", [1000.0, 0.0, 0.0, 0.0, -1000.0, 2_000_000.0], 2000, 2000), 1),
    (("EPSG:3031", [1000.0, 0.0, 0.0, 0.0, -1000.0, 2_000_000.0], 2000, 4000), 1),
    (("EPSG:3995", [1000.0, 0.0, -2_000_000.0, 0.0, -1000.0, 4_000_000.0], 4000, 3000), 2),
    // Of the datum's own, and a disk that does not fill the raster.
    (("EPSG:27700", [100.0, 0.0, 300_000.0, 0.0, -100.0, 500_000.0], 2000, 2000), 1),
    (("+proj=sinu +R=6371007.181 +units=m", [926.6, 0.0, 0.0, 0.0, -926.6, 5_559_752.6], 1200, 1200), 1),
    (("+proj=geos +lon_0=0 +h=35785831 +datum=WGS84", [3000.0, 0.0, -2_000_000.0, 0.0, -3000.0, 4_500_000.0], 1333, 500), 1),
];

fn crs(text: &str) -> Crs {
    text.parse().unwrap()
}

fn footprint((of, transform, width, height): &Raster, target: &str, between: usize) -> Footprint {
    let extent = Extent::new(&crs(of), *transform, *width, *height).unwrap();
    extent.footprint(&crs(target), between).unwrap_or_else(|e| panic!("{of} {transform:?}: {e}"))
}

#[test]
fn what_is_inside_the_raster_is_inside_the_outline() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("footprints.json");
    let mut items = Vec::new();
    for (raster, polygons) in RASTERS {
        let found = footprint(raster, "EPSG:4326", 60);
        assert_eq!(found.polygons().len(), *polygons, "{raster:?}: {:?}", found.bounds());
        let (of, transform, width, height) = raster;
        items.push(json!({"crs": of, "transform": transform, "width": width, "height": height,
            "polygons": found.polygons(), "bounds": found.bounds()}));
    }
    std::fs::write(&input, serde_json::to_vec(&items).unwrap()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge/footprint.py");
    let test = "what_is_inside_the_raster_is_inside_the_outline";
    let Some(said) = python::judge(test, &script, &input, Duration::from_secs(600)).unwrap() else { return };
    let verdicts: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(verdicts.len(), RASTERS.len());
    let mut wrong = String::new();
    for (verdict, (raster, _)) in verdicts.iter().zip(RASTERS) {
        assert!(verdict["inside"].as_u64().unwrap() > 100, "{raster:?}: {verdict}");
        for problem in verdict["wrong"].as_array().unwrap() {
            wrong += &format!("{raster:?}: {problem}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_antimeridian_cuts_an_outline_as_rfc_7946_says() {
    let across: Raster = ("EPSG:4326", [1.0, 0.0, 160.0, 0.0, -1.0, 10.0], 40, 20);
    let found = footprint(&across, "EPSG:4326", 0);
    // Section 3.1.9 and 5.2: two polygons that meet at 180 and -180, a box whose west is greater than its east.
    let rings = found.polygons();
    assert_eq!(rings.len(), 2);
    let lons = |ring: &[(f64, f64)]| {
        let of = ring.iter().map(|p| p.0);
        (of.clone().fold(f64::MAX, f64::min), of.fold(f64::MIN, f64::max))
    };
    assert_eq!((lons(&rings[0]), lons(&rings[1])), ((160.0, 180.0), (-180.0, -160.0)));
    assert_eq!(found.bounds(), [160.0, -10.0, -160.0, 10.0]);
}

#[test]
fn places_are_counted_between_corners() {
    let utm: Raster = ("EPSG:32633", [10.0, 0.0, 399_960.0, 0.0, -10.0, 5_300_040.0], 10_980, 10_980);
    for between in [0, 1, 21, 100] {
        assert_eq!(footprint(&utm, "EPSG:4326", between).polygons()[0].len(), 4 * (between + 1) + 1);
        assert_eq!(footprint(&utm, "EPSG:3857", between).polygons()[0].len(), 4 * (between + 1) + 1);
    }
    let world: Raster = ("EPSG:4326", [1.0, 0.0, -180.0, 0.0, -1.0, 90.0], 360, 180);
    assert_eq!(footprint(&world, "EPSG:4326", 0).polygons()[0].len(), 5);
    // The corners, as rasterio.warp.transform converts them.
    let corners = footprint(&utm, "EPSG:4326", 0);
    let expected = [
        (13.687_588_500_482_502, 46.858_175_957_502_31),
        (15.128_057_161_150_492, 46.865_628_247_308_35),
        (15.130_470_361_916_107, 47.853_627_711_438_06),
        (13.662_865_290_452_6, 47.845_914_826_837_28),
    ];
    for (lon, lat) in expected {
        let near = |p: &(f64, f64)| (p.0 - lon).abs() < 1e-9 && (p.1 - lat).abs() < 1e-9;
        assert!(corners.polygons()[0].iter().any(near), "{lon}, {lat}: {corners:?}");
    }
}

#[test]
fn an_outline_in_its_own_crs_is_the_raster() {
    let utm: Raster = ("EPSG:32601", [1000.0, 0.0, 100_000.0, 0.0, -1000.0, 7_000_000.0], 500, 500);
    let found = footprint(&utm, "EPSG:32601", 0);
    assert_eq!(found.bounds(), [100_000.0, 6_500_000.0, 600_000.0, 7_000_000.0]);
    assert_eq!(found.polygons().len(), 1);
}

#[test]
fn a_map_that_is_torn_at_the_antimeridian_gets_two_parts() {
    let fiji: Raster = ("EPSG:32760", [1000.0, 0.0, 600_000.0, 0.0, -1000.0, 8_200_000.0], 500, 400);
    let found = footprint(&fiji, "EPSG:3857", 21);
    assert_eq!(found.polygons().len(), 2);
    for ring in found.polygons() {
        let widths = ring.iter().map(|p| p.0.abs());
        assert!(widths.clone().fold(f64::MAX, f64::min) > 19_000_000.0 && widths.fold(0.0, f64::max) < 20_037_509.0);
    }
    // A map of the Pacific is whole there.
    assert_eq!(footprint(&fiji, "EPSG:3832", 21).polygons().len(), 1);
}

#[test]
fn what_has_no_image_is_an_error() {
    // The corners of a full disk are sky, and so are its edges.
    let disk = Extent::new(
        &crs("+proj=geos +lon_0=0 +h=35785831 +datum=WGS84"),
        [3000.0, 0.0, -9e6, 0.0, -3000.0, 9e6],
        6000,
        6000,
    );
    assert!(matches!(disk.unwrap().footprint(&crs("EPSG:4326"), 21), Err(Error::NoImage { .. })));
    let local = Extent::new(&crs("EPSG:5817"), [1.0, 0.0, 0.0, 0.0, -1.0, 0.0], 10, 10).unwrap();
    assert!(matches!(local.footprint(&crs("EPSG:4326"), 21), Err(Error::Unsupported(_))));
}

#[test]
fn rasters_of_any_size_have_an_outline_or_an_error() {
    let wgs84 = crs("EPSG:4326");
    for of in ["EPSG:4326", "EPSG:32633", "EPSG:3857", "EPSG:3031", "ESRI:54009"] {
        for pixel in [1e-300, 1e-9, 1.0, 1e5, 1e20, 1e300] {
            for origin in [0.0, 179.999, 1e7, -1e15, 1e300] {
                let transform = [pixel, 0.0, origin, 0.0, -pixel, origin];
                let Ok(extent) = Extent::new(&crs(of), transform, u32::MAX, 3) else { continue };
                if let Ok(found) = extent.footprint(&wgs84, 5) {
                    let places = || found.polygons().iter().flatten();
                    assert!(places().count() >= 4, "{of} {transform:?}");
                    assert!(places().all(|(x, y)| x.abs() <= 180.0 && y.abs() <= 90.0), "{of} {transform:?}");
                }
            }
        }
    }
}
