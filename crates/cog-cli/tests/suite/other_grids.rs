//! Other grids than the file's, and parts cut out: `cog read --crs`, `--like`, `--cutline`, `cog tile`, and what other commands do in another CRS.

use std::path::{Path, PathBuf};

use cog_testkit::Corpus;
use cog_testkit::npy::Npy;
use serde_json::Value;

use crate::command;

/// 150 × 140 pixels of 10 m in UTM zone 33, uint16, with a mask; west 399960, north 5300040.
const UTM: &str = "cog_deflate_uint16_mask.tif";

/// A triangle inside of it.
const TRIANGLE: &str = r#"{"type": "Feature", "properties": {}, "geometry": {"type": "Polygon",
    "coordinates": [[[13.665, 47.845], [13.675, 47.845], [13.670, 47.852], [13.665, 47.845]]]}}"#;

fn testdata(name: &str) -> String {
    let all = Corpus::testdata().files().unwrap();
    let file = all.into_iter().find(|f| f.name() == name).unwrap_or_else(|| panic!("{name} is not in testdata/files"));
    file.path.to_str().unwrap().to_owned()
}

/// What a command wrote.
struct Written {
    shape: Vec<u64>,
    samples: Vec<u8>,
    mask: Vec<u8>,
    grid: Value,
}

fn array(path: &Path) -> (Vec<u64>, Vec<u8>) {
    let npy = Npy::open(path).unwrap();
    (npy.shape.clone(), npy.bytes().unwrap())
}

fn read(file: &str, more: &[&str]) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let [out, mask, grid] = ["out.npy", "mask.npy", "grid.json"].map(|name| folder.path().join(name));
    let mut run = command::cog();
    run.args(["read", file, "-q", "-o"]).arg(&out).arg("--mask").arg(&mask).arg("--grid").arg(&grid).args(more);
    let end = cog_testkit::child::run(&mut run, command::CAP).unwrap();
    assert!(end.is_success(), "{more:?}: {}", command::failure(&end));
    let ((shape, samples), (_, mask)) = (array(&out), array(&mask));
    Written { shape, samples, mask, grid: serde_json::from_slice(&std::fs::read(grid).unwrap()).unwrap() }
}

fn tile(file: &str, more: &[&str]) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let [out, mask] = ["out.npy", "mask.npy"].map(|name| folder.path().join(name));
    let mut run = command::cog();
    run.args(["tile", file, "-q", "-o"]).arg(&out).arg("--mask").arg(&mask).args(more);
    let end = cog_testkit::child::run(&mut run, command::CAP).unwrap();
    assert!(end.is_success(), "{more:?}: {}", command::failure(&end));
    let ((shape, samples), (_, mask)) = (array(&out), array(&mask));
    Written { shape, samples, mask, grid: Value::Null }
}

fn u16s(bytes: &[u8]) -> Vec<u16> {
    bytes.as_chunks::<2>().0.iter().map(|b| u16::from_le_bytes(*b)).collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn saved(text: &str, name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn the_grid_is_the_one_that_rasterio_suggests() {
    let found = read(&testdata(UTM), &["--crs", "EPSG:3857"]);
    // calculate_default_transform of rasterio 1.4.4.
    assert_eq!(found.shape, [1, 143, 152]);
    let expected = [14.895533254928534, 0.0, 1520943.2069102754, 0.0, -14.895533254928534, 6081297.163769236];
    let transform = numbers(&found.grid["transform"]);
    assert!(transform.iter().zip(expected).all(|(a, b)| (a - b).abs() <= 1e-9 * b.abs()), "{transform:?}");
    assert_eq!((&found.grid["crs"], &found.grid["level"]), (&"EPSG:3857".into(), &0.into()));
    let valid = found.mask.iter().filter(|v| **v == 255).count();
    assert!(valid > 15_000 && valid < 152 * 143, "{valid}");
}

#[test]
fn a_window_of_the_grid_has_the_pixels_of_the_whole() {
    let file = testdata(UTM);
    for method in ["nearest", "cubic", "average", "med"] {
        let size = ["--crs", "EPSG:3035", "--width", "97", "--height", "90", "--resampling", method];
        let whole = read(&file, &size);
        let part = read(&file, &[&size[..], &["--window", "31,17,40,50"]].concat());
        assert_eq!(part.shape, [1, 50, 40]);
        let cut: Vec<u16> = (17..67)
            .flat_map(|row| (31..71).map(move |column| row * 97 + column))
            .map(|i| u16s(&whole.samples)[i])
            .collect();
        assert_eq!(u16s(&part.samples), cut, "{method}");
        assert!(
            (numbers(&part.grid["bounds"])[0]
                - (numbers(&whole.grid["bounds"])[0] + 31.0 * numbers(&whole.grid["transform"])[0]))
                .abs()
                < 1e-6
        );
    }
}

#[test]
fn bounds_may_be_in_another_crs() {
    let file = testdata(UTM);
    let degrees = ["--bounds", "13.6650,47.8350,13.6800,47.8450", "--bounds-crs", "EPSG:4326"];
    let found = read(&file, &[&degrees[..], &["--crs", "EPSG:3857", "--max-size", "64"]].concat());
    let bounds = numbers(&found.grid["bounds"]);
    // transform_bounds of rasterio 1.4.4 to EPSG:3857 is the corners': Mercator keeps edges straight.
    let x = |longitude: f64| longitude.to_radians() * 6_378_137.0;
    let y = |latitude: f64| latitude.to_radians().tan().asinh() * 6_378_137.0;
    for (a, b) in bounds.iter().zip([x(13.6650), y(47.8350), x(13.6800), y(47.8450)]) {
        assert!((a - b).abs() < 1e-6, "{bounds:?}");
    }
    assert!(found.shape[1].max(found.shape[2]) == 64);
    // In the file's own grid too: whole pixels around the bounds.
    let plain = read(&file, &degrees);
    let own = numbers(&plain.grid["bounds"]);
    assert!(own[0] >= 399_960.0 && own[2] <= 401_460.0 && plain.grid["crs"] == "EPSG:32633", "{own:?}");
}

#[test]
fn another_raster_lends_its_grid() {
    let (file, other) = (testdata(UTM), testdata("cog_single_tile_wgs84.tif"));
    let info: Value = serde_json::from_str(&command::run(["info", "--json", &other]).stdout).unwrap();
    let found = read(&file, &["--like", &other]);
    assert_eq!((&found.grid["width"], &found.grid["height"]), (&info["profile"]["width"], &info["profile"]["height"]));
    assert_eq!(found.grid["crs"], info["profile"]["crs"]);
    let (a, b) = (numbers(&found.grid["transform"]), numbers(&info["profile"]["transform"]));
    assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12));
    // Its own grid changes nothing.
    let (own, plain) = (read(&file, &["--like", &file, "--resampling", "cubic"]), read(&file, &[]));
    assert!(own.samples == plain.samples && own.mask == plain.mask);
}

#[test]
fn a_tile_is_a_warped_read_over_its_bounds() {
    let file = testdata(UTM);
    // Web Mercator: a tile of zoom 14 has 2^14 along each side.
    let side = 2.0 * std::f64::consts::PI * 6_378_137.0 / 16_384.0;
    let (x, y) = (8814.0, 5706.0);
    let half = 8192.0 * side;
    let bounds =
        format!("{},{},{},{}", x * side - half, half - (y + 1.0) * side, (x + 1.0) * side - half, half - y * side);
    for method in ["nearest", "bilinear", "average"] {
        let own = tile(&file, &["14", "8814", "5706", "--resampling", method]);
        let size = ["--width", "256", "--height", "256", "--resampling", method];
        let over = read(&file, &[&["--crs", "EPSG:3857", "--bounds", &bounds], &size[..]].concat());
        assert_eq!(own.shape, [1, 256, 256]);
        let valid = own.mask.iter().filter(|v| **v == 255).count();
        assert!(valid > 5_000, "{valid}");
        let same = u16s(&own.samples).iter().zip(u16s(&over.samples)).filter(|(a, b)| *a == b).count();
        assert!(same * 1000 >= 999 * 256 * 256, "{method}: {same}");
    }
    let nowhere = tile(&file, &["14", "0", "0"]);
    assert!(nowhere.mask.iter().all(|v| *v == 0) && nowhere.shape == [1, 256, 256]);
    let large =
        tile(&file, &["14", "8814", "5706", "--size", "512", "--buffer", "4", "--tms", "WorldMercatorWGS84Quad"]);
    assert_eq!(large.shape, [1, 520, 520]);
}

#[test]
fn tiles_with_a_buffer_show_what_their_neighbours_show() {
    let file = testdata(UTM);
    for method in ["cubic", "average", "lanczos"] {
        let of = |x: &str| tile(&file, &["15", x, "11412", "--buffer", "8", "--resampling", method]);
        let (left, right) = (of("17628"), of("17629"));
        let (a, b) = (u16s(&left.samples), u16s(&right.samples));
        let mut seen = 0;
        for row in 0..272 {
            for column in 0..16 {
                assert_eq!(a[row * 272 + 256 + column], b[row * 272 + column], "{method} {row} {column}");
                seen += usize::from(left.mask[row * 272 + 256 + column]);
            }
        }
        assert!(seen > 0, "nothing lies in the overlap");
    }
}

#[test]
fn a_tile_may_be_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("tile.png");
    let end = command::run(["tile", &testdata(UTM), "14", "8814", "5706", "-o", out.to_str().unwrap()]);
    assert!(end.is_success() && end.stderr.contains("256 × 256 PNG"), "{}", command::failure(&end));
    assert!(std::fs::read(&out).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn what_lies_outside_is_filled() {
    let file = testdata(UTM);
    let far = ["--crs", "EPSG:4326", "--bounds", "13,47,13.1,47.1", "--width", "5", "--height", "4", "--boundless"];
    let plain = read(&file, &far);
    assert!(plain.mask.iter().all(|v| *v == 0) && u16s(&plain.samples) == [0; 20]);
    let filled = read(&file, &[&far[..], &["--fill", "77"]].concat());
    assert_eq!(u16s(&filled.samples), [77; 20]);
    // cog_lzw_p2_int16_nodata.tif has nodata -32768.
    let nodata = read(&testdata("cog_lzw_p2_int16_nodata.tif"), &far);
    let info: Value =
        serde_json::from_str(&command::run(["info", "--json", &testdata("cog_lzw_p2_int16_nodata.tif")]).stdout)
            .unwrap();
    let value = info["profile"]["nodata"].as_f64().unwrap() as i16;
    assert!(nodata.samples.as_chunks::<2>().0.iter().all(|b| i16::from_le_bytes(*b) == value));
}

#[test]
fn a_cutline_keeps_what_rasterio_s_mask_keeps() {
    let file = testdata(UTM);
    let (_folder, path) = saved(TRIANGLE, "triangle.geojson");
    let path = path.to_str().unwrap();
    // geometry_mask of rasterio 1.4.4, and statistics of what it keeps.
    for (more, kept, mean, min, max) in [
        (&[][..], 775, 48_106.890_322_580_64, 42_226.0, 55_431.0),
        (&["--all-touched"][..], 815, 48_086.269_938_650_31, 42_061.0, 55_431.0),
    ] {
        let cut = [&["--cutline", path], more].concat();
        let found = read(&file, &cut);
        assert_eq!(found.shape, [1, 140, 150]);
        assert_eq!(found.mask.iter().filter(|v| **v == 255).count(), kept);
        let end = command::run([&["stats", "--json", &file], &cut[..]].concat());
        let stats: Value = serde_json::from_str(&end.stdout).unwrap_or_else(|e| panic!("{e}: {}", end.stderr));
        let band = &stats["bands"][0];
        assert_eq!(
            (band["count"].as_f64(), band["min"].as_f64(), band["max"].as_f64()),
            (Some(kept as f64), Some(min), Some(max))
        );
        assert!((band["mean"].as_f64().unwrap() - mean).abs() < 1e-6, "{band}");
    }
    // Cropped, it is the same part.
    let (whole, cropped) = (read(&file, &["--cutline", path]), read(&file, &["--cutline", path, "--crop-to-cutline"]));
    let bounds = numbers(&cropped.grid["bounds"]);
    let (x, y) = (((bounds[0] - 399_960.0) / 10.0) as usize, ((5_300_040.0 - bounds[3]) / 10.0) as usize);
    assert!(cropped.shape[1] < 100 && cropped.shape[2] < 100, "{:?}", cropped.shape);
    for row in 0..cropped.shape[1] as usize {
        let (own, all) = (row * cropped.shape[2] as usize, (row + y) * 150 + x);
        let n = cropped.shape[2] as usize;
        assert_eq!(cropped.mask[own..own + n], whole.mask[all..all + n], "row {row}");
    }
    assert_eq!(cropped.mask.iter().filter(|v| **v == 255).count(), 775);
    let web = read(&file, &["--crs", "EPSG:3857", "--cutline", path, "--crop-to-cutline"]);
    assert!(web.shape[1] < 100 && web.shape[2] < 120, "{:?}", web.shape);
    let web = read(&file, &["--crs", "EPSG:3857", "--cutline", path]);
    let valid = web.mask.iter().filter(|v| **v == 255).count();
    // The area in pixels of this grid, which are as large as the file's on the ground.
    assert!((700..850).contains(&valid), "{valid}");
}

#[test]
fn statistics_of_bounds_are_those_of_their_pixels() {
    let file = testdata(UTM);
    // The 50 × 50 pixels of that window, by rasterio 1.4.4.
    let end = command::run(["stats", "--json", &file, "--bounds", "400000,5299000,400500,5299500"]);
    let stats: Value = serde_json::from_str(&end.stdout).unwrap();
    let band = &stats["bands"][0];
    assert_eq!((&stats["width"], &stats["height"], &band["count"]), (&50.into(), &50.into(), &2500.into()));
    assert_eq!(
        (band["mean"].as_f64(), band["min"].as_f64(), band["max"].as_f64()),
        (Some(24_950.604), Some(9429.0), Some(35_457.0))
    );
}

#[test]
fn a_place_in_degrees_has_the_value_of_its_pixel() {
    let file = testdata(UTM);
    // The middle of the pixel at (400505, 5299495), by rasterio 1.4.4.
    let end =
        command::run(["point", &file, "--crs", "EPSG:4326", "13.67027304024364", "47.84109714661033", "500", "95"]);
    assert_eq!(end.stdout.lines().collect::<Vec<_>>(), ["13.67027304024364 47.84109714661033: 35716", "500 95: null"]);
}

#[test]
fn a_preview_may_have_another_crs() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("a.png");
    let end = command::run([
        "preview",
        &testdata(UTM),
        "--crs",
        "EPSG:4326",
        "--max-size",
        "100",
        "-o",
        out.to_str().unwrap(),
    ]);
    assert!(end.is_success() && end.stderr.contains("100 × 6"), "{}", command::failure(&end));
}

#[test]
fn a_crs_may_lie_in_a_file() {
    let file = testdata(UTM);
    let (_folder, path) = saved("EPSG:3857\n", "crs.txt");
    let found = read(&file, &["--crs", &format!("@{}", path.display()), "--max-size", "20"]);
    assert_eq!(found.grid["crs"], "EPSG:3857");
}

#[test]
fn what_makes_no_grid_is_named_in_one_line() {
    let (file, bare) = (testdata(UTM), testdata("no_georeference.tif"));
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.npy");
    let run = |file: &str, more: &[&str]| command::run([&["read", file, "-o", out.to_str().unwrap()], more].concat());
    for (file, more, words) in [
        (&bare, &["--crs", "EPSG:3857"][..], &["no_georeference.tif", "no CRS"][..]),
        (
            &file,
            &["--crs", "EPSG:4326", "--bounds", "0,100,10,120", "--width", "5"],
            &["0,100,10,120", "no place", "WGS 84"],
        ),
        (&file, &["--crs", "EPSG:3857", "--bounds", "5,5,1,9", "--width", "5"], &["5,5,1,9", "no area"]),
        (&file, &["--crs", "EPSG:3857", "--bounds", "nan,5,1,9", "--width", "5"], &["no area"]),
        (&file, &["--crs", "EPSG:3857", "--width", "0"], &["0", "none"]),
        (&file, &["--crs", "EPSG:3857", "--resolution", "0"], &["not the size of a pixel"]),
        (&file, &["--crs", "EPSG:3857", "--resolution", "1e-9"], &["too large"]),
        (&file, &["--crs", "EPSG:3857", "--width", "4000000000", "--height", "4000000000"], &["too large"]),
        (&file, &["--crs", "EPSG:3857", "--window", "100,0,100,10"], &["100,0,100,10", "152 × 143"]),
        (&file, &["--crs", "EPSG:3857", "--window", "0.5,0,10,10"], &["0.5", "whole number"]),
        (&file, &["--crs", "EPSG:3857", "--level", "9"], &["9"]),
        (&file, &["--crs", "EPSG:3857", "--bands", "7"], &["7"]),
        (&file, &["--crs", "EPSG:5773"], &["not supported"]),
    ] {
        command::assert_one_clear_line(&run(file, more), words);
        assert!(!out.exists(), "{more:?}");
    }
    for (text, words) in [
        (r#"{"type": "Point", "coordinates": [1, 2]}"#, &["Point"][..]),
        (r#"{"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}"#, &["cross"]),
        ("{", &["GeoJSON"]),
    ] {
        let (_folder, path) = saved(text, "bad.geojson");
        let more = ["--cutline", path.to_str().unwrap()];
        command::assert_one_clear_line(&run(&file, &more), &[&["bad.geojson"], words].concat());
    }
    command::assert_one_clear_line(&run(&file, &["--cutline", "/nowhere.geojson"]), &["/nowhere.geojson"]);
}

#[test]
fn arguments_that_do_not_go_together_are_refused() {
    let file = testdata(UTM);
    for more in [
        &["--window", "0,0,5,5", "--bounds", "1,2,3,4"][..],
        &["--fill", "3"],
        &["--resampling", "med"],
        &["--resampling", "gauss", "--crs", "EPSG:3857"],
        &["--resampling", "loud"],
        &["--like", "b.tif", "--crs", "EPSG:3857"],
        &["--bounds-crs", "EPSG:4326"],
        &["--crs", "EPSG:99999999"],
        &["--crs", "@/nowhere.txt"],
        &["--all-touched"],
        &["--warp", "gdal"],
    ] {
        let end = command::run([&["read", &file, "-o", "out.npy"], more].concat());
        assert_eq!(end.code, Some(2), "{more:?}: {}", command::failure(&end));
    }
    let end = command::run(["read", "-", "--cutline", "-", "-o", "out.npy"]);
    assert!(end.code == Some(2) && end.stderr.contains("Usage: cog read"), "{}", command::failure(&end));
    for more in [&["14", "1"][..], &["14", "1", "1", "--size", "0"], &["14", "1", "1", "--resampling", "gauss"]] {
        let end = command::run([&["tile", &file, "-o", "out.npy"], more].concat());
        assert_eq!(end.code, Some(2), "{more:?}: {}", command::failure(&end));
    }
    command::assert_one_clear_line(
        &command::run(["tile", &file, "14", "99999", "0", "-o", "out.npy"]),
        &["14/99999/0"],
    );
    command::assert_one_clear_line(
        &command::run(["tile", &file, "1", "0", "0", "--tms", "Nope", "-o", "out.npy"]),
        &["Nope", "WebMercatorQuad"],
    );
}

#[test]
fn gdals_formulas_are_for_other_grids() {
    let file = testdata(UTM);
    let alone = command::cog().args(["read", &file, "-o", "-", "--warp", "gdal"]).output().unwrap();
    let said = String::from_utf8_lossy(&alone.stderr).into_owned();
    assert_eq!(alone.status.code(), Some(2), "{said}");
    assert!(said.contains("--warp gdal goes together with --crs, --like or --cutline only"), "{said}");
    let unknown =
        command::cog().args(["read", &file, "-o", "-", "--crs", "EPSG:3857", "--warp", "fast"]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(2));

    // Both have the same grid; interpolated coordinates move few pixels.
    let [exact, gdal] =
        ["exact", "gdal"].map(|way| read(&file, &["--crs", "EPSG:3857", "--level", "0", "--warp", way]));
    assert_eq!((&gdal.shape, &gdal.grid), (&exact.shape, &exact.grid));
    let (a, b) = (u16s(&exact.samples), u16s(&gdal.samples));
    let same = a.iter().zip(&b).filter(|(a, b)| a == b).count();
    assert!(same * 100 > a.len() * 95, "{same} of {}", a.len());
}
