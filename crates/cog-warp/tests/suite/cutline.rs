//! Cut-lines: the masks of GDAL's rasterizer (see `xtask/oracle/cutline.py`), the same for any window, named errors for what is none.

use cog_crs::Crs;
use cog_raster::geo_types::{MultiPolygon, polygon};
use cog_raster::ndarray::Array3;
use cog_raster::{Area, GeoTransform, Raster, Validity};
use cog_warp::{CutMask, Cutline, CutlineError, Error, ErrorClass, OutputGrid, Warp};
use proptest::prelude::*;
use serde_json::{Value, json};

fn cases() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/cutlines.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// From runs of 0, of 1, of 0, …
fn mask_of(runs: &Value) -> Vec<u8> {
    let mut mask = Vec::new();
    for (i, run) in runs.as_array().unwrap().iter().enumerate() {
        mask.resize(mask.len() + run.as_u64().unwrap() as usize, if i % 2 == 1 { 255 } else { 0 });
    }
    mask
}

fn grid_of(case: &Value, width: u32, height: u32) -> OutputGrid {
    let v: Vec<f64> = case["grid"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    let transform = GeoTransform { a: v[0], b: v[1], c: v[2], d: v[3], e: v[4], f: v[5] };
    OutputGrid::new(case["target"].as_str().unwrap().parse().unwrap(), transform, width, height).unwrap()
}

fn cutline_of(case: &Value) -> Cutline {
    let crs = case["crs"].as_str().unwrap().parse().unwrap();
    Cutline::from_geojson_in(&case["geometry"].to_string(), &crs).unwrap()
}

pub(crate) fn whole(grid: &OutputGrid) -> Area {
    Area { x: 0, y: 0, width: grid.width(), height: grid.height() }
}

pub(crate) fn filled(mask: &CutMask, window: Area) -> Vec<u8> {
    let mut pixels = vec![7; (window.width * window.height) as usize];
    mask.fill(window, &mut pixels);
    pixels
}

/// Whether an edge passes through a pixel that is so much larger on all sides.
fn passes(case: &Value, grid: &OutputGrid, (column, row): (u32, u32), larger: f64) -> bool {
    let to_pixels = grid.transform().inverse().unwrap();
    let (left, top) = (f64::from(column) - larger, f64::from(row) - larger);
    let side = 1.0 + 2.0 * larger;
    let polygons = case["geometry"]["coordinates"].as_array().unwrap().iter();
    polygons.flat_map(|polygon| polygon.as_array().unwrap()).any(|ring| {
        let ring = ring.as_array().unwrap().iter();
        let points: Vec<(f64, f64)> =
            ring.map(|p| to_pixels.apply(p[0].as_f64().unwrap(), p[1].as_f64().unwrap())).collect();
        points.windows(2).any(|edge| {
            let ((ax, ay), (bx, by)) = (edge[0], edge[1]);
            let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
            for (from, to, low) in [(ax, bx, left), (ay, by, top)] {
                if from == to && (from < low || from > low + side) {
                    return false;
                }
                if from != to {
                    let (one, other) = ((low - from) / (to - from), (low + side - from) / (to - from));
                    (enter, leave) = (enter.max(one.min(other)), leave.min(one.max(other)));
                }
            }
            enter <= leave
        })
    })
}

#[test]
fn masks_equal_those_of_gdal_pixel_for_pixel() {
    let all = cases();
    let (width, height) = (all["width"].as_u64().unwrap() as u32, all["height"].as_u64().unwrap() as u32);
    let (mut failures, mut exceptions) = (Vec::new(), 0);
    for (i, case) in all["same"].as_array().unwrap().iter().enumerate() {
        let grid = grid_of(case, width, height);
        for (rule, touched) in [("centre", false), ("touched", true)] {
            let mask = cutline_of(case).all_touched(touched).on(&grid).unwrap();
            let (ours, theirs) = (filled(&mask, whole(&grid)), mask_of(&case[rule]));
            let different: Vec<usize> = (0..ours.len()).filter(|at| ours[*at] != theirs[*at]).collect();
            exceptions += different.len();
            for at in different {
                let (x, y) = (at as u32 % width, at as u32 / width);
                // An edge that only grazes the pixel: GDAL adds up steps from pixel to pixel, and may miss its corner or hit it.
                let grazes = passes(case, &grid, (x, y), 1e-9) && !passes(case, &grid, (x, y), -1e-9);
                if !touched || !grazes {
                    failures.push(format!("{i} {rule}: {x},{y}"));
                }
            }
            // Nothing lies outside the bounds.
            let bounds = mask.bounds();
            for at in (0..ours.len()).filter(|at| ours[*at] != 0) {
                let (x, y) = (at as u32 % width, at as u32 / width);
                assert!(
                    bounds.is_some_and(|b| (b.x..b.x + b.width).contains(&x) && (b.y..b.y + b.height).contains(&y))
                );
            }
            let by_columns: Vec<u8> = (0..height)
                .flat_map(|row| {
                    let columns = mask.columns(row);
                    (0..width).map(move |x| if columns.iter().any(|c| c.contains(&x)) { 255 } else { 0 })
                })
                .collect();
            assert_eq!(by_columns, ours);
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    // Of 1,029,600 pixels, 480 times by each rule.
    assert!(exceptions < 60, "{exceptions}");
}

#[test]
fn edges_that_are_straight_in_another_crs_bend_as_in_gdal() {
    let all = cases();
    let (width, height) = (all["width"].as_u64().unwrap() as u32, all["height"].as_u64().unwrap() as u32);
    let (mut touched_differ, mut pixels) = (0, 0);
    for (i, case) in all["other"].as_array().unwrap().iter().enumerate() {
        let grid = grid_of(case, width, height);
        let near = mask_of(&case["near"]);
        let ours = filled(&cutline_of(case).on(&grid).unwrap(), whole(&grid));
        let theirs = mask_of(&case["centre"]);
        let inside = ours.iter().filter(|v| **v > 0).count();
        assert!(inside > 50, "{i}: {inside}");
        let wrong: Vec<usize> = (0..ours.len()).filter(|at| ours[*at] != theirs[*at] && near[*at] == 0).collect();
        assert!(wrong.is_empty(), "{i}: {wrong:?}");
        let ours = filled(&cutline_of(case).all_touched(true).on(&grid).unwrap(), whole(&grid));
        touched_differ += ours.iter().zip(mask_of(&case["touched"])).filter(|(a, b)| **a != *b).count();
        pixels += ours.len();
    }
    // Of pixels that an edge touches within 0.01 of a pixel.
    assert!(touched_differ * 2000 < pixels, "{touched_differ} of {pixels}");
}

fn random_case(all: &Value, which: f64) -> Value {
    let same = all["same"].as_array().unwrap();
    let other = all["other"].as_array().unwrap();
    let at = (which * (same.len() + other.len()) as f64) as usize;
    same.get(at).unwrap_or_else(|| &other[at - same.len()]).clone()
}

#[test]
fn a_window_has_the_mask_of_the_whole_bit_for_bit() {
    let all = cases();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let cut = (0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64);
    let blend = prop_oneof![Just(0.0), 0.1..6.0_f64];
    runner
        .run(&(0.0..1.0_f64, cut, any::<bool>(), blend), |(which, cut, touched, blend)| {
            let case = random_case(&all, which);
            let grid = grid_of(&case, 37, 29);
            let cutline = cutline_of(&case).all_touched(touched).blend(blend).unwrap();
            let part = |first: f64, length: f64, of: u32| {
                let first = (first * f64::from(of)) as u32;
                (first, 1 + (length * f64::from(of - first - 1)) as u32)
            };
            let ((x, width), (y, height)) = (part(cut.0, cut.1, 37), part(cut.2, cut.3, 29));
            let mask = cutline.on(&grid).unwrap();
            let all = filled(&mask, whole(&grid));
            let crop: Vec<u8> = (y..y + height)
                .flat_map(|row| {
                    let at = (row * 37 + x) as usize;
                    all[at..at + width as usize].to_vec()
                })
                .collect();
            prop_assert_eq!(&filled(&mask, Area { x, y, width, height }), &crop);
            let own = cutline.on(&grid.window(x, y, width, height).unwrap()).unwrap();
            prop_assert_eq!(&filled(&own, Area { x: 0, y: 0, width, height }), &crop);
            Ok(())
        })
        .unwrap();
}

fn degrees(ring: &[[f64; 2]]) -> Cutline {
    Cutline::from_geojson(&json!({"type": "Polygon", "coordinates": [ring]}).to_string()).unwrap()
}

fn rectangle(west: f64, south: f64, east: f64, north: f64) -> Cutline {
    degrees(&[[west, south], [east, south], [east, north], [west, north], [west, south]])
}

pub(crate) fn grid(crs: &str, bounds: [f64; 4], width: u32, height: u32) -> OutputGrid {
    OutputGrid::of_bounds(crs.parse().unwrap(), bounds, width, height).unwrap()
}

const WEB: f64 = 20_037_508.342_789_244;

#[test]
fn the_whole_world_covers_a_web_map() {
    let web = grid("EPSG:3857", [-WEB, -WEB, WEB, WEB], 16, 16);
    for touched in [false, true] {
        let mask = rectangle(-180.0, -90.0, 180.0, 90.0).all_touched(touched).on(&web).unwrap();
        assert!(filled(&mask, whole(&web)).iter().all(|v| *v == 255));
    }
}

#[test]
fn a_polygon_over_the_antimeridian_lies_on_both_sides_of_the_map() {
    // 36 columns of 10 degrees.
    let row = |crs: &str, bounds: [f64; 4], cutline: &Cutline| {
        let grid = grid(crs, bounds, 36, 3);
        filled(&cutline.on(&grid).unwrap(), Area { x: 0, y: 1, width: 36, height: 1 })
    };
    let expected: Vec<u8> = (0..36).map(|i| if i == 0 || i >= 34 { 255 } else { 0 }).collect();
    let web = [-WEB, -1e6, WEB, 1e6];
    assert_eq!(row("EPSG:3857", web, &rectangle(160.0, -20.0, 190.0, 20.0)), expected);
    assert_eq!(row("EPSG:3857", web, &rectangle(-200.0, -20.0, -170.0, 20.0)), expected);
    let degrees = [-180.0, -15.0, 180.0, 15.0];
    assert_eq!(row("EPSG:4326", degrees, &rectangle(160.0, -20.0, 190.0, 20.0)), expected);
    // NAD83, so that a transform lies between.
    assert_eq!(row("EPSG:4269", degrees, &rectangle(160.0, -20.0, 190.0, 20.0)), expected);
    // A grid from 0 to 360.
    let east = [0.0, -15.0, 360.0, 15.0];
    let expected: Vec<u8> = (0..36).map(|i| if (16..19).contains(&i) { 255 } else { 0 }).collect();
    assert_eq!(row("EPSG:4326", east, &rectangle(160.0, -20.0, 190.0, 20.0)), expected);
    let expected: Vec<u8> = (0..36).map(|i| if (34..36).contains(&i) { 255 } else { 0 }).collect();
    assert_eq!(row("EPSG:4326", east, &rectangle(-20.0, -20.0, 0.0, 20.0)), expected);
}

#[test]
fn a_polygon_around_a_pole_covers_it() {
    let polar: Crs = "EPSG:3031".parse().unwrap();
    let side = 2_000_000.0;
    let square = polygon![(x: -side, y: -side), (x: side, y: -side), (x: side, y: side), (x: -side, y: side)];
    let cutline = Cutline::from_polygons(&MultiPolygon(vec![square]), &polar).unwrap();
    let map = grid("EPSG:4326", [-180.0, -90.0, 180.0, -60.0], 36, 6);
    let mask = filled(&cutline.on(&map).unwrap(), whole(&map));
    // The square ends between 72 (its edges' middles) and 64.5 degrees (its corners) south.
    assert!(mask[4 * 36..].iter().all(|v| *v == 255));
    assert!(mask[..36].iter().all(|v| *v == 0));
    let partly = mask[36..3 * 36].iter().filter(|v| **v == 255).count();
    // One row is inside, of the one before it the middles of 10 degrees that lie towards the corners.
    assert_eq!(partly, 36 + 4);
    assert_eq!(cutline.bounds_in(&"EPSG:4326".parse().unwrap()).unwrap().unwrap()[..3], [-180.0, -90.0, 180.0]);
}

#[test]
fn a_polygon_outside_the_grid_leaves_nothing() {
    let utm = grid("EPSG:32633", [300_000.0, 5_000_000.0, 500_000.0, 5_200_000.0], 20, 20);
    for cutline in [rectangle(-60.0, -10.0, -50.0, 0.0), rectangle(20.0, 50.0, 20.001, 50.001)] {
        let mask = cutline.on(&utm).unwrap();
        assert!(filled(&mask, whole(&utm)).iter().all(|v| *v == 0));
        let mut raster = Raster::new(Array3::from_elem((1, 20, 20), 5_u8), Validity::AllValid);
        mask.cut(&mut raster, 0, 0);
        assert!(raster.mask().iter().all(|v| *v == 0) && raster.pixels.view::<u8>().unwrap().iter().all(|v| *v == 0));
    }
    let far = rectangle(20.0, 50.0, 20.001, 50.001).on(&utm).unwrap();
    assert_eq!(far.bounds(), None);
}

#[test]
fn blending_fades_over_the_distance_on_both_sides() {
    let pixels = grid("EPSG:32633", [0.0, 0.0, 20.0, 10.0], 20, 10);
    let ring = polygon![(x: 10.0, y: -100.0), (x: 200.0, y: -100.0), (x: 200.0, y: 100.0), (x: 10.0, y: 100.0)];
    let cutline = Cutline::from_polygons(&MultiPolygon(vec![ring]), pixels.crs()).unwrap().blend(4.0).unwrap();
    let row = filled(&cutline.on(&pixels).unwrap(), Area { x: 4, y: 5, width: 12, height: 1 });
    // gdalwarp -cblend: a half, and the distance over twice the width more or less.
    let weight = |x: f64| (255.0 * (0.5 + (x - 10.0) / 8.0).clamp(0.0, 1.0)).round() as u8;
    let expected: Vec<u8> = (0..12).map(|i| weight(4.5 + f64::from(i))).collect();
    assert_eq!(row, expected);
    assert_eq!(cutline.on(&pixels).unwrap().columns(0), vec![(6..20)]);
    for distance in [-1.0, 1e9, f64::NAN] {
        let error = rectangle(0.0, 0.0, 1.0, 1.0).blend(distance).unwrap_err();
        assert!(
            matches!(error, Error::Cutline(CutlineError::BlendDistance { .. })) && error.class() == ErrorClass::Usage
        );
    }
}

#[test]
fn blended_masks_are_the_alpha_of_gdalwarp() {
    let all = cases();
    for case in all["blended"].as_array().unwrap() {
        let grid = grid_of(case, 37, 29);
        let cutline = cutline_of(case).blend(case["distance"].as_f64().unwrap()).unwrap();
        let ours = filled(&cutline.on(&grid).unwrap(), whole(&grid));
        let theirs: Vec<i64> = case["alpha"].as_array().unwrap().iter().map(|v| v.as_i64().unwrap()).collect();
        let partly = theirs.iter().filter(|v| (1..255).contains(*v)).count();
        let worst = ours.iter().zip(&theirs).map(|(a, b)| (i64::from(*a) - b).abs()).max();
        assert!(partly > 100 && worst <= Some(1), "{}: {partly}, {worst:?}", case["distance"]);
    }
}

#[test]
fn a_warp_with_a_cutline_is_the_warp_where_it_is_inside() {
    let utm: Crs = "EPSG:32633".parse().unwrap();
    let mut source =
        Raster::new(Array3::from_shape_fn((2, 50, 60), |(b, r, c)| (1 + b + r + c) as u16), Validity::AllValid);
    source.transform = Some(GeoTransform { a: 10.0, b: 0.0, c: 500_000.0, d: 0.0, e: -10.0, f: 5_400_000.0 });
    let cutline = degrees(&[[15.001, 48.747], [15.006, 48.748], [15.004, 48.75], [15.001, 48.747]]);
    let web = grid("EPSG:3857", cutline.bounds_in(&"EPSG:3857".parse().unwrap()).unwrap().unwrap(), 40, 40);
    let plain = Warp::new(&source, &utm, &web).run().unwrap();
    let cut = Warp::new(&source, &utm, &web).cutline(&cutline).run().unwrap();
    let mask = filled(&cutline.on(&web).unwrap(), whole(&web));
    let (mut inside, mut outside) = (0, 0);
    for (at, weight) in mask.iter().enumerate() {
        let (row, column) = (at / 40, at % 40);
        let pick = |raster: &Raster| raster.pixels.view::<u16>().unwrap()[[1, row, column]];
        let expected = if *weight > 0 { plain.mask()[[row, column]] } else { 0 };
        assert_eq!(cut.mask()[[row, column]], expected);
        assert_eq!(pick(&cut), if *weight > 0 { pick(&plain) } else { 0 });
        if expected > 0 { inside += 1 } else { outside += 1 }
    }
    assert!(inside > 200 && outside > 200, "{inside} {outside}");
}

/// By pyproj, from 100,001 points of each edge.
#[test]
fn bounds_in_another_crs_are_those_of_the_bent_edges() {
    let triangle = degrees(&[[9.0, 48.0], [21.0, 49.0], [15.0, 52.0], [9.0, 48.0]]);
    let found = triangle.bounds_in(&"EPSG:32633".parse().unwrap()).unwrap().unwrap();
    let expected = [52_512.810, 5_333_742.748, 938_743.111, 5_761_038.213];
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 100.0), "{found:?}");
    let pacific =
        polygon![(x: 600_000.0, y: 5_000_000.0), (x: 900_000.0, y: 5_100_000.0), (x: 700_000.0, y: 5_300_000.0)];
    let utm: Crs = "EPSG:32660".parse().unwrap();
    let cutline = Cutline::from_polygons(&MultiPolygon(vec![pacific]), &utm).unwrap();
    let found = cutline.bounds_in(&"OGC:CRS84".parse().unwrap()).unwrap().unwrap();
    assert!(
        found.iter().zip([178.272_033, 45.146_393, -177.839_832, 47.822_236]).all(|(a, b)| (a - b).abs() < 0.002),
        "{found:?}"
    );
    assert_eq!(cutline.bounds_in(&utm).unwrap().unwrap(), [600_000.0, 5_000_000.0, 900_000.0, 5_300_000.0]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the numbers are: an error with a name, or a mask.
    #[test]
    fn wild_coordinates_do_no_harm(
        picks in proptest::collection::vec((0..14_usize, 0..14_usize), 3..9),
        source in 0..4_usize,
        target in 0..4_usize,
        touched in any::<bool>(),
        blend in prop_oneof![Just(0.0), Just(3.0)],
    ) {
        const WILD: [f64; 14] =
            [0.0, 1.0, -1.0, 45.5, 89.999, 90.0, -90.0, 180.0, -180.0, 359.0, 1e7, -1e15, 1e308, f64::MIN_POSITIVE];
        const CRSS: [&str; 4] = ["EPSG:4326", "EPSG:3857", "EPSG:32633", "EPSG:3413"];
        const BOUNDS: [[f64; 4]; 4] =
            [[-180.0, -90.0, 180.0, 90.0], [-WEB, -WEB, WEB, WEB], [1e5, 4e6, 9e5, 5e6], [-4e6, -4e6, 4e6, 4e6]];
        let ring = picks.iter().map(|(x, y)| (WILD[*x], WILD[*y])).collect::<Vec<_>>();
        let polygon = cog_raster::geo_types::Polygon::new(ring.into(), Vec::new());
        let Ok(cutline) = Cutline::from_polygons(&MultiPolygon(vec![polygon]), &CRSS[source].parse().unwrap()) else {
            return Ok(());
        };
        let cutline = cutline.all_touched(touched).blend(blend).unwrap();
        let grid = grid(CRSS[target], BOUNDS[target], 19, 17);
        let mask = match cutline.on(&grid) {
            Ok(mask) => mask,
            // Edges around the Earth a million times.
            Err(Error::Cutline(CutlineError::TooManyPoints { .. })) if touched || blend > 0.0 => return Ok(()),
            Err(error) => panic!("{error}"),
        };
        let pixels = filled(&mask, whole(&grid));
        let part = Area { x: 7, y: 3, width: 9, height: 11 };
        let crop: Vec<u8> = (3..14).flat_map(|row| pixels[row * 19 + 7..row * 19 + 16].to_vec()).collect();
        prop_assert_eq!(filled(&mask, part), crop);
        let _ = cutline.bounds_in(grid.crs()).unwrap();
    }
}
