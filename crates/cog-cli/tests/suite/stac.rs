//! `cog stac`: the assets of an item, listed and read as bands.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use cog_testkit::child::{self, Outcome};
use cog_testkit::npy::Npy;
use cog_testkit::server::{Fault, Server};
use serde_json::{Value, json};

use crate::command;

const NAMES: [&str; 8] = ["red", "nir", "swir", "classes", "visual", "footprints", "metadata", "thumbnail"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn scene(name: &str) -> PathBuf {
    root().join("testdata/stac").join(name)
}

fn expected() -> Value {
    serde_json::from_slice(&fs::read(scene("expected.json")).unwrap()).unwrap()
}

/// The scene behind HTTP.
fn serve() -> Server {
    let files = [
        "red.tif",
        "nir.tif",
        "swir.tif",
        "classes.tif",
        "visual.tif",
        "item-0.9.json",
        "item-1.0.json",
        "item-1.1.json",
    ];
    Server::start(files.map(|name| (format!("/{name}"), fs::read(scene(name)).unwrap())))
}

fn stac<S: AsRef<OsStr>>(item: S, more: &[&str]) -> Outcome {
    child::run(command::cog().arg("stac").arg(item).args(more), command::CAP).unwrap()
}

fn listed(end: &Outcome) -> Value {
    serde_json::from_str(&end.stdout).unwrap_or_else(|e| panic!("{e}: {:?} {}", end.stdout, command::failure(end)))
}

fn asset<'a>(listed: &'a Value, name: &str) -> &'a Value {
    listed["assets"].as_array().unwrap().iter().find(|asset| asset["name"] == name).unwrap()
}

/// What was written.
struct Array {
    shape: Vec<u64>,
    bytes: Vec<u8>,
    sha256: String,
}

impl Array {
    fn open(path: &Path) -> Array {
        let npy = Npy::open(path).unwrap();
        let sha256 = Npy::open(path).unwrap().hashes().unwrap().sha256;
        Array { shape: npy.shape.clone(), bytes: npy.bytes().unwrap(), sha256 }
    }

    fn f32s(&self) -> Vec<f32> {
        self.bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
    }
}

/// The array, the mask and the grid.
fn read<S: AsRef<OsStr>>(item: S, more: &[&str]) -> (Array, Array, Value) {
    let folder = tempfile::tempdir().unwrap();
    let [out, mask, grid] = ["out.npy", "mask.npy", "grid.json"].map(|name| folder.path().join(name));
    let mut run = command::cog();
    run.arg("stac").arg(item).args(["-q", "-o"]).arg(&out).arg("--mask").arg(&mask).arg("--grid").arg(&grid).args(more);
    let end = child::run(&mut run, command::CAP).unwrap();
    assert!(end.is_success(), "{more:?}: {}", command::failure(&end));
    let grid = serde_json::from_slice(&fs::read(grid).unwrap()).unwrap();
    (Array::open(&out), Array::open(&mask), grid)
}

/// What `make.py` put into the files and, for versions that can say it, into the item.
#[test]
fn assets_are_listed_with_size_type_bands_and_crs() {
    for name in ["item-0.9.json", "item-1.0.json", "item-1.1.json"] {
        let json = listed(&stac(scene(name), &["--json"]));
        assert_eq!(json["id"], "SCENE_20260601");
        let names: Vec<&Value> = json["assets"].as_array().unwrap().iter().map(|asset| &asset["name"]).collect();
        assert_eq!(names, NAMES);
        for (name, size, count, dtype) in [
            ("red", [150, 140], 1, "uint16"),
            ("swir", [75, 70], 1, "uint16"),
            ("classes", [75, 70], 1, "uint8"),
            ("visual", [150, 140], 3, "uint8"),
        ] {
            let found = asset(&json, name);
            assert_eq!(found["type"], "image/tiff; application=geotiff; profile=cloud-optimized");
            assert_eq!((&found["width"], &found["height"]), (&json!(size[0]), &json!(size[1])), "{name}");
            assert_eq!(
                (&found["count"], &found["dtype"], &found["crs"]),
                (&json!(count), &json!(dtype), &json!("EPSG:32633"))
            );
            assert_eq!(found["bounds"], json!([399960.0, 5298640.0, 401460.0, 5300040.0]));
            let href = Path::new(found["href"].as_str().unwrap());
            assert!(href.is_absolute() && href.is_file(), "{href:?}");
        }
        let metadata = asset(&json, "metadata");
        assert_eq!((&metadata["width"], &metadata["type"]), (&Value::Null, &json!("application/xml")));
    }
    let text = stac(scene("item-1.0.json"), &[]).stdout;
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("SCENE_20260601  2026-06-01T10:00:00Z  collection scenes"));
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(lines.next().unwrap()), ["Name", "Size", "Bands", "Dtype", "Crs", "Roles", "Type"]);
    assert_eq!(words(lines.next().unwrap())[..6], ["red", "150x140", "1", "uint16", "EPSG:32633", "data"]);
    assert_eq!(words(lines.nth(6).unwrap()), ["thumbnail", "-", "-", "-", "-", "thumbnail", "image/png"]);
    assert_eq!(lines.next(), None);
}

#[test]
fn what_an_item_tells_costs_no_request_and_headers_are_opened_side_by_side() {
    let server = serve();
    for (item, more, requests, from) in [
        ("/item-1.0.json", &[][..], 1, "item"),
        ("/item-1.1.json", &[], 1, "item"),
        ("/item-0.9.json", &[], 6, "file"),
        ("/item-1.0.json", &["--headers"], 6, "file"),
        ("/item-0.9.json", &["--assets", "nir,thumbnail"], 2, "file"),
    ] {
        let json = listed(&stac(server.url(item), &[&["--json"], more].concat()));
        assert_eq!(asset(&json, "nir")["from"], from);
        assert_eq!(asset(&json, "nir")["href"], server.url("/nir.tif"));
        assert_eq!(server.take_log().len(), requests, "{item} {more:?}");
    }
    server.set_latency(std::time::Duration::from_millis(300));
    assert!(stac(server.url("/item-0.9.json"), &[]).is_success());
    assert_eq!(server.peak_in_flight(), 5);
}

#[test]
fn a_header_that_cannot_be_read_is_named_after_the_others() {
    let server = serve();
    server.remove("/swir.tif");
    let end = stac(server.url("/item-0.9.json"), &["--json"]);
    let json = listed(&end);
    assert_eq!((asset(&json, "red")["width"].as_u64(), asset(&json, "swir")["width"].as_u64()), (Some(150), None));
    assert!(asset(&json, "swir")["error"].as_str().unwrap().contains("not found (HTTP 404)"));
    command::assert_one_clear_line(&end, &["'swir': ", "/swir.tif: not found"]);
}

/// Assets of two sizes and types, and the place of the first: pixels and validity as GDAL warps them.
#[test]
fn assets_are_read_as_bands_of_the_grid_of_the_first() {
    let expected = &expected()["stack"];
    let (out, mask, grid) = read(scene("item-1.0.json"), &["--assets", "red,nir,swir,classes"]);
    assert_eq!(out.shape, [4, 140, 150]);
    assert_eq!(out.sha256, expected["sha256"].as_str().unwrap());
    assert_eq!(grid["crs"], "EPSG:32633");
    assert_eq!(grid["transform"], json!([10.0, 0.0, 399960.0, 0.0, -10.0, 5300040.0]));
    // Classes are valid everywhere.
    assert!(mask.bytes.iter().all(|valid| *valid == 255));

    let (coarse, ..) = read(scene("item-1.0.json"), &["--assets", "swir,red"]);
    assert_eq!(coarse.shape, [2, 70, 75]);
    // Without a choice: the five COGs, seven bands.
    let (all, ..) = read(scene("item-1.1.json"), &["--max-size", "30"]);
    assert_eq!(all.shape, [7, 28, 30]);
}

/// As rio-tiler's `STACReader.part` of the same bounds; and what bounds inside of pixels take of the first asset's grid.
#[test]
fn bounds_and_sizes_are_those_of_read() {
    let part = &expected()["rio_tiler"]["part"];
    let size = ["--assets", "red,nir", "--bounds", "400160,5299240,400800,5299840", "--width", "64", "--height", "60"];
    let (out, ..) = read(scene("item-1.0.json"), &size);
    assert_eq!(out.sha256, part["sha256"].as_str().unwrap());
    for bounds in ["400160,5299240,400800,5299840", "400163,5299249.5,400799,5299831"] {
        let (out, _, grid) = read(scene("item-1.0.json"), &["--assets", "red,nir", "--bounds", bounds]);
        assert_eq!(out.sha256, part["sha256"].as_str().unwrap(), "{bounds}");
        assert_eq!(grid["bounds"], json!([400160.0, 5299240.0, 400800.0, 5299840.0]));
    }
    let (web, _, grid) = read(scene("item-1.0.json"), &["--assets", "red", "--crs", "EPSG:3857"]);
    // As `cog read --crs` and calculate_default_transform of rasterio 1.4.4.
    assert_eq!((web.shape.as_slice(), &grid["crs"]), (&[1, 143, 152][..], &json!("EPSG:3857")));
}

#[test]
fn an_expression_opens_what_it_names_and_has_the_values_of_numpy() {
    let server = serve();
    let expected = &expected()["ndvi"];
    let (out, mask, _) = read(server.url("/item-1.0.json"), &["--expression", "(nir-red)/(nir+red)"]);
    assert_eq!(out.shape, [1, 140, 150]);
    let values = out.f32s();
    for at in expected["at"].as_array().unwrap() {
        let [row, column] = [0, 1].map(|i| at[i].as_u64().unwrap() as usize);
        assert!((f64::from(values[row * 150 + column]) - at[2].as_f64().unwrap()).abs() < 1e-7);
    }
    let valid = mask.bytes.iter().filter(|valid| **valid > 0).count();
    assert_eq!(valid as u64, expected["valid"].as_u64().unwrap());
    assert_eq!(values.iter().filter(|value| !value.is_nan()).count(), valid);
    let mean = values.iter().filter(|value| !value.is_nan()).map(|value| f64::from(*value)).sum::<f64>() / valid as f64;
    assert!((mean - expected["mean"].as_f64().unwrap()).abs() < 1e-7);
    let mut paths: Vec<String> = server.take_log().into_iter().map(|request| request.path).collect();
    paths.sort();
    paths.dedup();
    assert_eq!(paths, ["/item-1.0.json", "/nir.tif", "/red.tif"]);

    // Bands of an asset with several, and of one with one.
    let (two, ..) = read(scene("item-1.0.json"), &["--expression", "visual_b2 - visual_b1; red_b1 / 2"]);
    assert_eq!(two.shape, [2, 140, 150]);
    for (expression, words) in [
        ("blue + 1", &["blue", "red, nir, swir"][..]),
        ("visual + 1", &["visual_b1"]),
        ("visual_b4 + 1", &["visual_b4"]),
    ] {
        let end = stac(scene("item-1.0.json"), &["-o", "-", "--expression", expression]);
        command::assert_one_clear_line(&end, words);
    }
}

#[test]
fn types_choose_assets_and_none_says_which_are_there() {
    let json = listed(&stac(scene("item-1.0.json"), &["--json", "--types", "application/xml,image/png"]));
    assert_eq!(json["assets"].as_array().unwrap().len(), 2);
    let json = listed(&stac(scene("item-1.0.json"), &["--json", "--types", "IMAGE/TIFF; profile=\"cloud-optimized\""]));
    assert_eq!(json["assets"].as_array().unwrap().len(), 5);
    for more in [&["--types", "image/jp2"][..], &["--types", "image/jp2", "-o", "-"]] {
        let end = stac(scene("item-1.0.json"), more);
        command::assert_one_clear_line(
            &end,
            &["no asset of the types that are wanted (image/jp2)", "application/geopackage+sqlite3", "image/png"],
        );
    }
    let end = stac(scene("item-1.0.json"), &["--assets", "red,blue"]);
    command::assert_one_clear_line(&end, &["no asset 'blue'", "red, nir, swir, classes, visual"]);
}

#[test]
fn an_item_comes_through_standard_input_too() {
    let server = serve();
    let mut item: Value = serde_json::from_slice(&fs::read(scene("item-1.0.json")).unwrap()).unwrap();
    item["links"] = json!([{"rel": "self", "href": server.url("/item-1.0.json")}]);
    let mut child = command::cog();
    child
        .args(["stac", "-", "--json", "--headers"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = child.spawn().unwrap();
    serde_json::to_writer(child.stdin.take().unwrap(), &item).unwrap();
    let end = child.wait_with_output().unwrap();
    assert!(end.status.success(), "{}", String::from_utf8_lossy(&end.stderr));
    let json: Value = serde_json::from_slice(&end.stdout).unwrap();
    assert_eq!(asset(&json, "visual")["href"], server.url("/visual.tif"));
    assert_eq!(asset(&json, "visual")["count"], 3);
}

/// Signatures of hrefs reach the server, and nothing that is printed or logged.
#[test]
fn secrets_of_hrefs_are_not_shown() {
    let server = serve();
    let mut item: Value = serde_json::from_slice(&fs::read(scene("item-0.9.json")).unwrap()).unwrap();
    for name in ["red", "nir"] {
        item["assets"][name]["href"] =
            server.url(&format!("/{name}.tif?se=2026&sig=topsecret&X-Amz-Signature=alsosecret")).into();
    }
    server.put("/signed.json", serde_json::to_vec(&item).unwrap());
    server.inject("/nir.tif", usize::MAX, Fault::Status(403));
    let url = server.url("/signed.json?token=secrettoo");
    for more in [&["--json", "-vv"][..], &["-vv"], &["-vv", "--stats", "-o", "-", "--assets", "nir"]] {
        let end = stac(&url, more);
        assert_eq!(end.code, Some(1));
        let shown = format!("{}{}", end.stdout, end.stderr);
        assert!(!shown.contains("secret"), "{more:?}: {shown}");
    }
    let json = listed(&stac(&url, &["--json"]));
    assert_eq!(asset(&json, "red")["href"], format!("{}?se=…&sig=…&X-Amz-Signature=…", server.url("/red.tif")));
    assert!(server.log().iter().any(|request| request.path.contains("sig=topsecret")));
}

#[test]
fn collections_are_listed_page_by_page_and_one_item_chosen_by_its_id() {
    let server = serve();
    let item = |id: &str| {
        let mut item: Value = serde_json::from_slice(&fs::read(scene("item-1.0.json")).unwrap()).unwrap();
        item["id"] = id.into();
        item["links"] = json!([]);
        item
    };
    let page = |items: Vec<Value>, next: Option<&str>| {
        let links: Vec<Value> = next.iter().map(|href| json!({"rel": "next", "href": href})).collect();
        serde_json::to_vec(&json!({"type": "FeatureCollection", "features": items, "links": links})).unwrap()
    };
    server.put("/search", page(vec![item("one"), item("two")], Some("./more")));
    server.put("/more", page(vec![item("three")], None));
    server.put("/circle", page(vec![item("one")], Some("/circle")));

    let json = listed(&stac(server.url("/search"), &["--json", "--assets", "red"]));
    let ids: Vec<&Value> = json.as_array().unwrap().iter().map(|item| &item["id"]).collect();
    assert_eq!(ids, ["one", "two", "three"]);
    assert_eq!(json[2]["assets"][0]["href"], server.url("/red.tif"));
    let text = stac(server.url("/search"), &["--id", "two"]).stdout;
    assert!(text.starts_with("two  ") && !text.contains("three"), "{text}");

    server.take_log();
    let json = listed(&stac(server.url("/search"), &["--json", "--max-items", "2"]));
    assert_eq!(json.as_array().unwrap().len(), 2);
    assert_eq!(server.take_log().len(), 1, "the second page is not fetched");

    // An item without the asset that is wanted hides none of the others.
    let mut lacks = item("lacks");
    lacks["assets"].as_object_mut().unwrap().remove("red");
    server.put("/some", page(vec![lacks, item("has")], None));
    let end = stac(server.url("/some"), &["--json", "--assets", "red"]);
    assert_eq!(listed(&end)[0]["id"], "has");
    command::assert_one_clear_line(&end, &["/some, feature 0: has no asset 'red'"]);

    let (out, ..) = read(server.url("/search"), &["--id", "three", "--assets", "red,nir", "--max-size", "15"]);
    assert_eq!(out.shape, [2, 14, 15]);
    let (alone, ..) = read(server.url("/more"), &["--assets", "red", "--max-size", "15"]);
    assert_eq!(alone.shape, [1, 14, 15]);
    for (path, more, words) in [
        ("/search", &["-o", "-"][..], "several items, of which --id chooses one: one, two, three"),
        ("/search", &["-o", "-", "--id", "four"], "no item of the collection is 'four'"),
        ("/search", &["--id", "four"], "no item of the collection is 'four'"),
        ("/circle", &["--id", "four"], "is the next page of itself or of a page before it"),
    ] {
        command::assert_one_clear_line(&stac(server.url(path), more), &[words]);
    }
}

#[test]
fn what_is_no_item_and_what_does_not_go_together_is_refused() {
    let server =
        Server::start([("/catalog.json", br#"{"type": "Catalog", "stac_version": "1.0.0", "links": []}"#.to_vec())]);
    command::assert_one_clear_line(
        &stac(server.url("/catalog.json"), &[]),
        &["is a STAC catalog, whose links lead to items"],
    );
    command::assert_one_clear_line(&stac(scene("red.tif"), &[]), &["red.tif: is not JSON"]);
    command::assert_one_clear_line(&stac("no-such.json", &[]), &["no-such.json: not found"]);
    command::assert_one_clear_line(
        &stac(scene("item-1.0.json"), &["--assets", "metadata", "-o", "-"]),
        &["'metadata': ", "scene.xml"],
    );
    let end = stac(scene("item-1.0.json"), &["-o", "-", "--max-output", "1000"]);
    command::assert_one_clear_line(&end, &["more than the limit of 1000", "--max-output raises it"]);
    for (more, word) in [
        (&["--crs", "EPSG:3857"][..], "--crs: only with -o"),
        (&["--expression", "red"], "--expression: only with -o"),
        (&["--mask", "m.npy"], "--output"),
        (&["-o", "x.npy", "--json"], "--json"),
        (&["-o", "x.npy", "--resampling", "gauss"], "gauss"),
        (&["-o", "x.npy", "--expression", "1 +"], "character"),
    ] {
        let end = stac(scene("item-1.0.json"), more);
        assert_eq!(end.code, Some(2), "{more:?}: {}", command::failure(&end));
        assert!(end.stderr.contains(word), "{more:?}: {}", end.stderr);
    }
    let item = fs::read(scene("item-1.0.json")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("item.npy");
    fs::write(&own, &item).unwrap();
    let end = stac(&own, &["-o", own.to_str().unwrap()]);
    assert_eq!(end.code, Some(2), "{}", command::failure(&end));
    assert_eq!(fs::read(&own).unwrap(), item, "the item is not overwritten");
}

/// The commands of the README, run as they stand there.
#[test]
fn the_readme_shows_what_the_commands_print() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut lines = readme.lines().peekable();
    let mut ran = 0;
    while let Some(line) = lines.next() {
        let Some(typed) = line.strip_prefix("$ cog stac testdata/stac/") else { continue };
        let typed = typed.replace("target/", &format!("{}/", folder.path().display()));
        let mut run = command::cog();
        run.current_dir(root()).arg("stac");
        for (index, word) in typed.split_whitespace().enumerate() {
            let word = word.trim_matches('\'');
            run.arg(if index == 0 { format!("testdata/stac/{word}") } else { word.to_owned() });
        }
        let end = child::run(&mut run, command::CAP).unwrap();
        assert!(end.is_success(), "{line}: {}", command::failure(&end));
        let mut shown = Vec::new();
        while let Some(next) = lines.next_if(|next| !next.starts_with('$') && !next.starts_with("```")) {
            shown.push(next);
        }
        assert_eq!(end.stdout.lines().collect::<Vec<_>>(), shown, "{line}");
        ran += 1;
    }
    assert_eq!(ran, 2);
    let ndvi = Array::open(&folder.path().join("ndvi.npy"));
    let at = &expected()["ndvi"]["at"][0];
    assert_eq!(ndvi.shape, [1, 140, 150]);
    assert!((f64::from(ndvi.f32s()[30 * 150 + 10]) - at[2].as_f64().unwrap()).abs() < 1e-7);
}

/// The Rust of the README is that of cog-mosaic's, which is a test there.
#[test]
fn the_readme_has_the_rust_that_cog_mosaic_runs() {
    let block = |path: &str| {
        let text = fs::read_to_string(root().join(path)).unwrap();
        let block =
            text.split("```").find(|block| block.contains("StacItem::open(&session, location)")).map(str::to_owned);
        let block = block.unwrap_or_else(|| panic!("{path} has no such block"));
        block.lines().skip(1).filter(|line| !line.starts_with("# ")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(block("README.md"), block("crates/cog-mosaic/README.md"));
}
