//! Where rasters lie, next to rasterio's answers.

use cog_crs::{Crs, Error, Extent, Transform};
use cog_testkit::{Corpus, python};
use cog_tiff::{GeoKeys, Georeference, Image, Tiff};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

/// A raster with what it is called.
struct Raster {
    name: String,
    extent: Extent,
    transform: [f64; 6],
    width: u32,
    height: u32,
}

impl Raster {
    fn new(name: &str, crs: &Crs, transform: [f64; 6], width: u32, height: u32) -> Option<Raster> {
        let extent = Extent::new(crs, transform, width, height).ok()?;
        Some(Raster { name: name.to_string(), extent, transform, width, height })
    }

    /// A file of a corpus that has a CRS and a transform.
    fn of(path: &Path, name: &str) -> Option<Raster> {
        let tiff = Tiff::read(&mut std::fs::File::open(path).ok()?).ok()?;
        let ifd = tiff.ifds().first()?;
        let crs = Crs::from_geo_keys(&GeoKeys::of(ifd)?).ok()??;
        let Georeference::Transform(transform) = Georeference::of(ifd) else { return None };
        let image = Image::of(ifd).ok()?;
        let (width, height) = (image.width, image.height);
        let whole = Raster::new(name, &crs, transform.to_array(), width, height)?;
        if (transform.b, transform.d) == (0.0, 0.0) {
            return Some(whole);
        }
        // rasterio is asked by the box around a rotated raster.
        let [left, bottom, right, top] = whole.extent.bounds();
        let (x, y) = ((right - left) / f64::from(width), (bottom - top) / f64::from(height));
        Raster::new(name, &crs, [x, 0.0, left, 0.0, y, top], width, height)
    }
}

/// Rasters that no corpus has: poles, both sides of the antimeridian, the whole world, mirrored ones.
#[rustfmt::skip]
const PLACES: [(&str, &str, [f64; 6], u32, u32); 26] = [
    ("around the south pole", "EPSG:3031", [60_000.0, 0.0, -3e6, 0.0, -60_000.0, 3e6], 100, 100),
    ("around the north pole", "EPSG:3413", [25_000.0, 0.0, -3.85e6, 0.0, -25_000.0, 5.85e6], 304, 448),
    ("around the north pole, equal area", "EPSG:6931", [25_000.0, 0.0, -9e6, 0.0, -25_000.0, 9e6], 720, 720),
    ("beside the north pole", "EPSG:3413", [1000.0, 0.0, 100_000.0, 0.0, -1000.0, 900_000.0], 500, 500),
    ("pole on the edge", "EPSG:3031", [10_000.0, 0.0, 0.0, 0.0, -10_000.0, 1e6], 100, 200),
    ("around the north pole, Arctic", "EPSG:3995", [10_000.0, 0.0, -2e6, 0.0, -10_000.0, 2e6], 400, 400),
    ("UTM across the antimeridian", "EPSG:32660", [3000.0, 0.0, 600_000.0, 0.0, -3000.0, 5.3e6], 100, 100),
    ("UTM zone 1 across the antimeridian", "EPSG:32701", [1000.0, 0.0, 100_000.0, 0.0, -1000.0, 8.2e6], 300, 400),
    ("degrees across the antimeridian", "EPSG:4326", [1.0, 0.0, 170.0, 0.0, -1.0, 10.0], 20, 20),
    ("degrees ending at the antimeridian", "EPSG:4326", [0.5, 0.0, 170.0, 0.0, -0.5, 10.0], 20, 40),
    ("degrees from the antimeridian", "EPSG:4326", [0.5, 0.0, -180.0, 0.0, -0.5, 60.0], 50, 40),
    ("New Zealand", "EPSG:2193", [500.0, 0.0, 1e6, 0.0, -500.0, 6.3e6], 2400, 3000),
    ("the world to 85 degrees", "EPSG:4326", [1.0, 0.0, -180.0, 0.0, -1.0, 85.0], 360, 170),
    ("the world to 60 degrees", "EPSG:4326", [0.25, 0.0, -180.0, 0.0, -0.25, 60.0], 1440, 480),
    ("the world", "EPSG:4326", [1.0, 0.0, -180.0, 0.0, -1.0, 90.0], 360, 180),
    ("the world from 0 to 360", "EPSG:4326", [1.0, 0.0, 0.0, 0.0, -1.0, 80.0], 360, 160),
    ("the world in Mercator", "EPSG:3857", [78_271.516_964_020_48, 0.0, -20_037_508.342_789_244, 0.0, -78_271.516_964_020_48, 20_037_508.342_789_244], 512, 512),
    ("the world in equal areas", "EPSG:6933", [25_025.26, 0.0, -17_367_530.44, 0.0, -25_025.26, 7_307_375.92], 1388, 584),
    ("the northern half, south up", "EPSG:4326", [1.0, 0.0, -180.0, 0.0, 1.0, 0.0], 360, 80),
    ("UTM, south up", "EPSG:32633", [10.0, 0.0, 400_000.0, 0.0, 10.0, 5_200_000.0], 1000, 1000),
    ("UTM, mirrored", "EPSG:32633", [-10.0, 0.0, 500_000.0, 0.0, -10.0, 5_300_000.0], 700, 900),
    ("oblong pixels", "EPSG:32633", [10.0, 0.0, 400_000.0, 0.0, -40.0, 5_300_000.0], 3000, 200),
    ("one pixel", "EPSG:32633", [1000.0, 0.0, 400_000.0, 0.0, -1000.0, 5_300_000.0], 1, 1),
    ("one row", "EPSG:32633", [10.0, 0.0, 400_000.0, 0.0, -10.0, 5_300_000.0], 5000, 1),
    ("large", "EPSG:32633", [10.0, 0.0, 399_960.0, 0.0, -10.0, 5_300_040.0], 10_980, 10_980),
    ("feet", "EPSG:2263", [100.0, 0.0, 900_000.0, 0.0, -100.0, 280_000.0], 1800, 1600),
];

const TARGETS: [&str; 7] =
    ["EPSG:4326", "EPSG:3857", "EPSG:32633", "EPSG:3035", "ESRI:54009", "EPSG:3413", "EPSG:5070"];

/// So many files with one CRS are enough.
const OF_ONE_CRS: usize = 8;

/// Pairs whose grid is another one than GDAL's: (raster, target or all of them, why).
const OTHER_GRIDS: &[(&str, &str, &str)] = &[
    ("the world", "EPSG:3413", "the opposite pole lies 10²³ m away, by rounding errors only"),
    ("around the south pole", "EPSG:3413", "as above: GDAL's grid is too large, ours is not"),
    ("pole on the edge", "EPSG:3413", "as above"),
    ("real/gdal-autotest/0--0.tif", "EPSG:3413", "as above"),
    ("real/gdal-autotest/epsg4326_5030_geotiff1_1.tif", "EPSG:3413", "as above"),
    ("real/gdal-autotest/epsg4979_geotiff1_1.tif", "EPSG:3413", "as above"),
    ("real/gdal-autotest/epsg4326_5030_geotiff1_1.tif", "EPSG:3857", "GDAL suggests no columns at all"),
    ("real/gdal-autotest/epsg4979_geotiff1_1.tif", "EPSG:3857", "as above"),
    ("the world from 0 to 360", "EPSG:32633", "GDAL finds no corner at 360 degrees"),
    ("generated/georef/gtiff_crs_eqc_user.tif", "*", "GDAL knows no way from a sphere without a name"),
    (
        "around the north pole, equal area",
        "EPSG:32633",
        "the place on the equator half around the globe is drawn at the upper or the lower end, by the sign of a rounding error",
    ),
    (
        "real/gdal-autotest/esri_geodataxform_no_resolutionunit.tif",
        "*",
        "one pixel of a metre, whose size is a difference of coordinates that PROJ rounds to 1e-9 m",
    ),
];

/// What is compared of one pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// Grid and box are GDAL's.
    Same,
    /// Neither has a grid.
    None,
    /// The way between two datums is another one than PROJ's: at most a few hundred metres.
    OtherOperation,
    /// We know no way between two datums, or of a projection, and say so.
    NoOperation,
    /// One of [`OTHER_GRIDS`].
    Excepted,
    Wrong,
}

#[test]
fn suggested_grids_are_those_of_gdal() {
    let mut rasters: Vec<Raster> = PLACES
        .iter()
        .filter_map(|(name, crs, transform, width, height)| {
            Raster::new(name, &crs.parse().unwrap(), *transform, *width, *height)
        })
        .collect();
    assert_eq!(rasters.len(), PLACES.len());
    let (mut seen, mut of_one_crs) = (BTreeSet::new(), BTreeMap::<String, usize>::new());
    for corpus in Corpus::all_and_cases("suggested_grids_are_those_of_gdal").unwrap() {
        let files = corpus.well_formed().unwrap();
        let found = files.iter().filter_map(|file| Raster::of(&file.path, file.name()));
        // Many files of a corpus lie in one place.
        rasters.extend(found.filter(|raster| {
            let crs = raster.extent.crs().to_wkt2();
            let count = of_one_crs.entry(crs.clone()).or_default();
            let is_new = seen.insert((crs, raster.transform.map(f64::to_bits), raster.width, raster.height));
            *count += usize::from(is_new);
            is_new && *count <= OF_ONE_CRS
        }));
    }
    let pairs: Vec<(&Raster, &str)> =
        rasters.iter().flat_map(|raster| TARGETS.into_iter().map(move |target| (raster, target))).collect();
    let items: Vec<Value> = pairs
        .iter()
        .map(|(r, target)| {
            json!({"crs": r.extent.crs().to_wkt2(), "transform": r.transform, "width": r.width, "height": r.height, "target": target})
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("grids.json");
    std::fs::write(&input, serde_json::to_vec(&items).unwrap()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge/extent.py");
    let test = "suggested_grids_are_those_of_gdal";
    let Some(said) = python::judge(test, &script, &input, Duration::from_secs(900)).unwrap() else { return };
    assert_eq!(said.lines().count(), pairs.len());
    let (mut counts, mut wrong) = (BTreeMap::<Verdict, usize>::new(), Vec::new());
    for ((raster, target), line) in pairs.iter().zip(said.lines()) {
        let expected: Value = serde_json::from_str(line).unwrap();
        let verdict = compare(raster, target, &expected).unwrap_or_else(|difference| {
            let excepted =
                |(name, code, _): &&(&str, &str, &str)| *name == raster.name && ["*", *target].contains(code);
            match OTHER_GRIDS.iter().find(excepted) {
                Some(_) => Verdict::Excepted,
                None => {
                    wrong.push(format!("{} to {target}: {difference}", raster.name));
                    Verdict::Wrong
                }
            }
        });
        *counts.entry(verdict).or_default() += 1;
    }
    println!("{} pairs of a raster and a CRS: {counts:?}", pairs.len());
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    let count = |verdict| counts.get(&verdict).copied().unwrap_or_default();
    assert!(count(Verdict::Same) >= 200 || Corpus::from_env().unwrap().is_none());
    assert!(20 * count(Verdict::OtherOperation) <= pairs.len() && 20 * count(Verdict::Excepted) <= pairs.len());
}

fn compare(raster: &Raster, target: &str, expected: &Value) -> Result<Verdict, String> {
    let target: Crs = target.parse().unwrap();
    let (grid, bounds) = (numbers(&expected["grid"]), numbers(&expected["bounds"]));
    let transform = match Transform::new(raster.extent.crs(), &target) {
        Ok(transform) => transform,
        Err(_) if grid.is_none() => return Ok(Verdict::None),
        Err(Error::Unsupported(what)) if what.contains("datum") || what.contains("method") => {
            return Ok(Verdict::NoOperation);
        }
        Err(error) => return Err(error.to_string()),
    };
    let suggested = raster.extent.suggested_grid(&target);
    let ours = suggested.as_ref().ok().map(|grid| {
        let size = [f64::from(grid.width), f64::from(grid.height)];
        grid.transform.iter().copied().chain(size).collect::<Vec<f64>>()
    });
    let our_bounds = transform.bounds(raster.extent.bounds(), 21).map(Vec::from);
    let is_shifted = !transform.operation().starts_with("none");
    let same = match (&ours, &grid) {
        (Some(a), Some(b)) => same_grid(a, b),
        (None, None) => return Ok(Verdict::None),
        // Only by a grid file.
        (None, Some(_)) if is_shifted => return Ok(Verdict::NoOperation),
        _ => false,
    };
    let close_bounds = |metres: f64| match (&our_bounds, &bounds) {
        (Some(a), Some(b)) => close(a, b, 1e-9) || a.iter().zip(b).all(|(x, y)| (x - y).abs() <= metres),
        (a, b) => a.is_none() && b.is_none(),
    };
    if same && close_bounds(0.0) {
        return Ok(Verdict::Same);
    }
    // Of degrees, these are many metres more; none of them lies near a pole.
    let far = if target.unit().is_some_and(|(unit, _)| unit == "degree") { 0.01 } else { 1000.0 };
    if is_shifted && close_bounds(far) {
        return Ok(Verdict::OtherOperation);
    }
    Err(format!(
        "grid {ours:?} ({:?})\n  GDAL's {grid:?} ({})\n  bounds {our_bounds:?}\n  GDAL's {bounds:?}",
        suggested.err().map(|e| e.to_string()),
        expected["grid_error"],
    ))
}

fn numbers(value: &Value) -> Option<Vec<f64>> {
    value.as_array().map(|list| list.iter().filter_map(Value::as_f64).collect())
}

/// Numbers of one size within this part of it.
fn close(a: &[f64], b: &[f64], relative: f64) -> bool {
    let size = b.iter().fold(0.0_f64, |most, n| most.max(n.abs()));
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| (x - y).abs() <= relative * size)
}

/// The same size; pixels and corners within 1e-9 of their size.
fn same_grid(a: &[f64], b: &[f64]) -> bool {
    let pick = |grid: &[f64], at: [usize; 2]| at.map(|i| grid[i]);
    let pixels = close(&pick(a, [0, 4]), &pick(b, [0, 4]), 1e-9);
    let origins = close(&pick(a, [2, 5]), &pick(b, [2, 5]), 1e-9);
    a.len() == 8 && b.len() == 8 && pixels && origins && a[6..] == b[6..] && (a[1], a[3]) == (0.0, 0.0)
}

#[test]
fn a_raster_without_a_place_is_an_error() {
    let crs = Crs::from_epsg(32633).unwrap();
    let refused = |transform, width, height| Extent::new(&crs, transform, width, height).unwrap_err().to_string();
    assert!(refused([f64::NAN, 0.0, 0.0, 0.0, -1.0, 0.0], 1, 1).contains("not finite"));
    assert!(refused([0.0, 0.0, 5.0, 0.0, -1.0, 0.0], 1, 1).contains("not invertible"));
    assert!(refused([1.0, 0.0, 5.0, 0.0, -1.0, 0.0], 0, 7).contains("0x7 is empty"));
}
