//! `cog convert`: what becomes of files, and what does not.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cog_testkit::child::Outcome;
use serde_json::{Value, json};

use crate::command::{self, file};

/// A folder for results.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// `cog convert` of a file into one of this folder.
    fn convert(&self, source: &str, name: &str, more: &[&str]) -> Outcome {
        command::run([&["convert", source, &self.path(name)], more].concat())
    }

    /// The same, which must go well; what `cog info --json` says of the result.
    fn made(&self, source: &str, name: &str, more: &[&str]) -> Value {
        let end = self.convert(source, name, more);
        assert!(end.is_success(), "{source} {more:?}: {}", command::failure(&end));
        let end = command::run(["validate", "-q", &self.path(name)]);
        assert!(end.is_success(), "{source} {more:?}: {}", end.stdout);
        command::info(self.path(name).as_ref()).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<String> = fs::read_dir(self.0.path()).unwrap().map(name).collect();
        names.sort();
        names
    }
}

/// rio-cogeo takes tiles that are as wide as a level for strips, and calls the file not valid.
#[test]
fn no_level_is_a_single_column_of_blocks_unless_it_is_asked_for() {
    let folder = Folder::new();
    let side = |info: &Value| info["profile"]["blockxsize"].clone();
    let tall = folder.path("tall.tif");
    let read = |width: &str, height: &str| {
        let rgb = file("cog_deflate_p2_uint8_rgb.tif");
        let size = ["--width", width, "--height", height, "--bands", "1", "--resampling", "nearest", "-o", &tall];
        assert!(command::run([&["read", &rgb], &size[..]].concat()).is_success());
        assert!(command::run(["validate", "-q", &tall]).is_success());
    };
    for (width, height, expected) in
        [("1025", "1250", 256), ("1024", "1024", 512), ("512", "1100", 384), ("500", "1100", 512)]
    {
        read(width, height);
        assert_eq!(side(&command::info(tall.as_ref()).unwrap()), expected, "cog read: {width} × {height}");
        let made = folder.made(&tall, "made.tif", &["--copy-blocks", "never"]);
        assert_eq!(side(&made), expected, "{width} × {height}");
    }
    read("1025", "1250");
    // A file that has such a level already: its blocks are not copied, its codec stays.
    let column = folder.path("column.tif");
    let convert = |source: &str, more: &[&str]| {
        assert!(command::run([&["convert", source, &column], more].concat()).is_success());
        let end = command::run(["validate", "--rules", "rio-cogeo", "--field", "rio_cogeo.errors.0.rule", &column]);
        assert_eq!((end.code, &*end.stdout), (Some(1), "R13\n"), "{more:?}");
    };
    convert(&tall, &["--blocksize", "512", "--compress", "lzw"]);
    let made = folder.made(&column, "made.tif", &[]);
    assert_eq!((side(&made), &made["profile"]["compress"]), (256.into(), &"lzw".into()));
    convert(&folder.path("made.tif"), &["--defaults", "gdal"]);
    // What would lose something is copied, and so is what is asked for.
    convert(&tall, &["--blocksize", "512", "--compress", "jpeg"]);
    let jpeg = folder.path("jpeg.tif");
    fs::copy(&column, &jpeg).unwrap();
    convert(&jpeg, &[]);
    assert!(fs::read(&column).unwrap() == fs::read(&jpeg).unwrap());
    convert(&tall, &["--blocksize", "512"]);
    let deflate = folder.path("deflate.tif");
    fs::copy(&column, &deflate).unwrap();
    convert(&deflate, &["--blocksize", "512"]);
    assert!(fs::read(&column).unwrap() == fs::read(&deflate).unwrap());
}

const FORMATS: [(&str, &str); 7] = [
    ("cog_deflate_p2_uint8_rgb.tif", "deflate"),
    ("cog_lzw_p2_int16_nodata.tif", "lzw"),
    ("cog_zstd_p3_float32_nodata_nan.tif", "zstd"),
    ("cog_deflate_uint16_mask.tif", "packbits"),
    ("cog_lzw_rgba_alpha.tif", "webp"),
    ("cog_deflate_p2_uint8_rgb.tif", "jpeg"),
    ("bits4_lzw_tiles.tif", "none"),
];

#[test]
fn a_cog_of_our_own_is_copied_block_by_block_to_the_same_bytes() {
    let folder = Folder::new();
    for (name, codec) in FORMATS {
        folder.made(&file(name), "a.tif", &["--compress", codec, "--blocksize", "64", "--statistics"]);
        folder.made(&folder.path("a.tif"), "b.tif", &[]);
        assert!(
            fs::read(folder.path("a.tif")).unwrap() == fs::read(folder.path("b.tif")).unwrap(),
            "{name} in {codec}"
        );
        let end = command::run(["convert", &folder.path("a.tif"), "-"]);
        assert!(end.is_success(), "{name} to standard output: {}", command::failure(&end));
    }
}

#[test]
fn statistics_are_worked_out_of_blocks_that_are_copied_too() {
    let folder = Folder::new();
    let source = file("cog_lzw_p2_int16_nodata.tif");
    folder.made(
        &source,
        "a.tif",
        &["--copy-blocks", "never", "--statistics", "--compress", "lzw", "--blocksize", "64"],
    );
    folder.made(&source, "plain.tif", &["--copy-blocks", "never", "--compress", "lzw", "--blocksize", "64"]);
    folder.made(&folder.path("plain.tif"), "b.tif", &["--statistics"]);
    assert!(fs::read(folder.path("a.tif")).unwrap() == fs::read(folder.path("b.tif")).unwrap());
}

#[test]
fn an_image_of_one_large_block_gets_overviews() {
    let folder = Folder::new();
    let large = ["--resolution", "1", "--blocksize", "2048", "--overviews", "none"];
    let one = folder.made(&file("cog_lzw_p2_int16_nodata.tif"), "one.tif", &large);
    assert_eq!(one["levels"].as_array().unwrap().len(), 1);
    let info = folder.made(&folder.path("one.tif"), "out.tif", &[]);
    let widths: Vec<&Value> = info["levels"].as_array().unwrap().iter().map(|level| &level["width"]).collect();
    assert_eq!(widths, [1300, 650, 325]);
}

#[test]
fn three_bands_of_bytes_become_ycbcr_whatever_they_show() {
    let folder = Folder::new();
    let info = folder.made(&file("cog_deflate_p2_uint8_rgb.tif"), "a.tif", &["--compress", "jpeg", "--bands", "3,2,1"]);
    assert_eq!(info["profile"]["photometric"], "ycbcr", "{info}");
    let heights = file("cog_deflate_uint16_mask.tif");
    let stretched = ["--compress", "jpeg", "--bands", "1,1,1", "--rescale", "0,60000"];
    let info = folder.made(&heights, "b.tif", &stretched);
    assert_eq!(info["profile"]["photometric"], "ycbcr", "{info}");
    assert_eq!(info["colorinterp"], json!(["red", "green", "blue"]), "{info}");
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let folder = Folder::new();
    for (name, codec) in FORMATS {
        let more = |threads| ["--compress", codec, "--blocksize", "64", "--copy-blocks", "never", "--threads", threads];
        folder.made(&file(name), "one.tif", &more("1"));
        folder.made(&file(name), "four.tif", &more("4"));
        assert!(
            fs::read(folder.path("one.tif")).unwrap() == fs::read(folder.path("four.tif")).unwrap(),
            "{name} {codec}"
        );
    }
}

/// JPEG blocks in a file that is no COG: its overviews are made from decoded blocks, these are copied.
#[test]
fn jpeg_blocks_lose_nothing_a_second_time() {
    let folder = Folder::new();
    let jpeg = ["--compress", "jpeg", "--blocksize", "64", "--overviews", "none"];
    folder.convert(&file("deflate_p2_uint8_rgb.tif"), "jpeg.tif", &jpeg);
    let info = folder.made(&folder.path("jpeg.tif"), "a.tif", &[]);
    assert_eq!((&info["profile"]["compress"], &info["overviews"]), (&json!("jpeg"), &json!([2])), "{info}");
    let pixels = |path: &str| {
        let end = command::run(["read", path, "--level", "0", "-o", &folder.path("a.npy")]);
        assert!(end.is_success(), "{}", command::failure(&end));
        fs::read(folder.path("a.npy")).unwrap()
    };
    assert!(pixels(&folder.path("jpeg.tif")) == pixels(&folder.path("a.tif")));
}

#[test]
fn gdals_creation_options_mean_what_they_mean_there() {
    let folder = Folder::new();
    let source = file("deflate_p2_uint8_rgb.tif");
    let options = [
        "-co",
        "COMPRESS=ZSTD",
        "-co",
        "LEVEL=3",
        "-co",
        "BLOCKSIZE=64",
        "-co",
        "OVERVIEWS=NONE",
        "-co",
        "BIGTIFF=YES",
    ];
    let info = folder.made(&source, "a.tif", &options);
    let profile = &info["profile"];
    assert_eq!((&profile["compress"], &profile["blockxsize"]), (&json!("zstd"), &json!(64)), "{info}");
    assert!(fs::read(folder.path("a.tif")).unwrap().starts_with(b"II+\0"));
    let info = folder.made(&source, "b.tif", &["--defaults", "gdal"]);
    assert_eq!(info["profile"]["compress"], "lzw", "{info}");
    let end = folder.convert(&source, "c.tif", &["-co", "FOO=1"]);
    assert_eq!(end.code, Some(2));
    assert!(end.stderr.contains("-co FOO=1: is not understood; there are ADD_ALPHA"), "{}", end.stderr);
}

#[test]
fn a_file_that_is_no_cog_is_mended() {
    let folder = Folder::new();
    let tiles = ["--compress", "jpeg", "--blocksize", "64", "--overviews", "none"];
    folder.convert(&file("deflate_p2_uint8_rgb.tif"), "jpeg.tif", &tiles);
    for (source, copied) in [(folder.path("jpeg.tif"), true), (file("none_uint8_strips_short_last_strip.tif"), false)] {
        let end = command::run(["validate", &source, "--strict", "--fix", &folder.path("good.tif")]);
        assert!(end.is_success(), "{}{}", end.stdout, end.stderr);
        assert!(end.stdout.contains(&format!("{}: is a valid COG", folder.path("good.tif"))), "{}", end.stdout);
        let info = command::info(folder.path("good.tif").as_ref()).unwrap();
        assert_eq!(info["profile"]["compress"] == "jpeg", copied, "{info}");
    }
    let end = command::run(["validate", &file("palette_lzw.tif"), &file("sparse_zero.tif"), "--fix", "x.tif"]);
    assert!(!end.is_success() && end.stderr.contains("--fix is for one file"), "{}", end.stderr);
}

/// rasterio 1.4.4 (GDAL 3.10.3) makes the same grid of the file.
#[test]
fn blocks_become_tiles_of_a_map() {
    let folder = Folder::new();
    let info = folder.made(&file("cog_deflate_uint16_mask.tif"), "a.tif", &["--web", "--blocksize", "256"]);
    assert_eq!(info["crs"]["epsg"], 3857, "{info}");
    let transform: Vec<f64> =
        info["profile"]["transform"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    let zoom = (156_543.033_928_041 / transform[0]).log2();
    assert!((zoom - zoom.round()).abs() < 1e-6, "{transform:?}");
    let tiles = (transform[2] + 20_037_508.342_789_244) / (256.0 * transform[0]);
    assert!((tiles - tiles.round()).abs() < 1e-6, "{transform:?}");
}

#[test]
fn what_cannot_be_is_one_line_and_leaves_nothing_behind() {
    let folder = Folder::new();
    let rgb = file("deflate_p2_uint8_rgb.tif");
    let float = file("cog_zstd_p3_float32_nodata_nan.tif");
    let text = folder.path("text.tif");
    fs::write(&text, "no raster").unwrap();
    let palette = file("palette_lzw.tif");
    let cases: [(&str, &[&str], &str); 17] = [
        (&text, &[], "not a TIFF"),
        (&float, &["--compress", "jpeg"], "JPEG cannot encode"),
        (&rgb, &["--predictor", "3"], "predictor 3 cannot encode samples of uint8"),
        (&rgb, &["--compress", "packbits", "--level", "3"], "packbits has no level"),
        (&rgb, &["--blocksize", "0"], "blocks of 0 pixels"),
        (&rgb, &["--blocksize", "100"], "blocks of 100 pixels: a multiple of 16 from 64 to 4096 is needed"),
        (&rgb, &["--bands", "7"], "7"),
        (&rgb, &["--bands", "0"], "bands are counted from 1"),
        (&rgb, &["--compress", "deflate", "--level", "77"], "77"),
        (&rgb, &["--nodata", "300"], "uint8 cannot hold 300"),
        (&rgb, &["--nodata", "3.7"], "uint8 cannot hold 3.7"),
        (&rgb, &["--rescale", "0,1", "--rescale", "0,2"], "2 ranges for 3 bands"),
        (&palette, &["--compress", "jpeg"], "numbers of colours"),
        (&palette, &["--compress", "lerc", "--max-error", "3"], "numbers of colours"),
        (&rgb, &["--nodata", "some"], "neither a number nor none"),
        (&float, &["--overview-resampling", "some"], "some"),
        (&folder.path("nothing.tif"), &[], "nothing.tif"),
    ];
    for (source, more, said) in cases {
        let end = folder.convert(source, "out.tif", more);
        assert!(matches!(end.code, Some(1..=8)) && end.stderr.contains(said), "{source} {more:?}: {}", end.stderr);
        assert!(!end.stderr.contains("panicked"), "{}", end.stderr);
        assert_eq!(folder.names(), ["text.tif"], "{source} {more:?}");
    }
    for (out, said) in [("no/where.tif", "there is no folder"), (".", "is a folder"), ("a.png", "only as .tif")] {
        let end = folder.convert(&rgb, out, &[]);
        assert!(!end.is_success() && end.stderr.contains(said), "{out}: {}", end.stderr);
    }
    for (from, to, said) in [
        (rgb.as_str(), "s3://bucket/a.png", "only as .tif"),
        ("/vsis3/bucket/a.tif", "s3://bucket/a.tif", "is the input itself"),
    ] {
        let end = command::run(["convert", from, to]);
        assert!(!end.is_success() && end.stderr.contains(said), "{to}: {}", end.stderr);
    }
    fs::copy(&rgb, folder.path("same.tif")).unwrap();
    let end = folder.convert(&folder.path("same.tif"), "same.tif", &[]);
    assert!(end.stderr.contains("is the input"), "{}", end.stderr);
    assert!(fs::read(&rgb).unwrap() == fs::read(folder.path("same.tif")).unwrap());
}

#[test]
fn a_source_that_breaks_off_leaves_the_old_file_as_it_was() {
    let folder = Folder::new();
    let whole = fs::read(file("cog_deflate_p2_uint8_rgb.tif")).unwrap();
    fs::write(folder.path("cut.tif"), &whole[..whole.len() / 2]).unwrap();
    fs::write(folder.path("out.tif"), "what was there").unwrap();
    let end = folder.convert(&folder.path("cut.tif"), "out.tif", &["--copy-blocks", "never"]);
    assert!(!end.is_success() && end.stderr.trim_end().lines().count() == 1, "{}", end.stderr);
    assert_eq!(fs::read(folder.path("out.tif")).unwrap(), b"what was there");
    assert_eq!(folder.names(), ["cut.tif", "out.tif"]);
}

#[test]
fn what_lies_beside_a_file_is_folded_in() {
    let folder = Folder::new();
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/side_cars");
    let read = |location: &Path, more: &[&str]| {
        let (out, mask) = (folder.path("a.npy"), folder.path("m.npy"));
        let more = [&["--level", "0"], more].concat();
        command::read(location.as_os_str(), Path::new(&out), Path::new(&mask), &more).unwrap();
        (fs::read(out).unwrap(), fs::read(mask).unwrap())
    };
    let mut count = 0;
    for entry in fs::read_dir(&beside).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "tif") {
            continue;
        }
        count += 1;
        folder.made(path.to_str().unwrap(), "out.tif", &["--side-cars"]);
        let out = PathBuf::from(folder.path("out.tif"));
        let (there, here) = (read(&path, &["--side-cars"]), read(&out, &[]));
        // Its side-car gives one band another nodata, and a TIFF holds one.
        let one_nodata = !path.ends_with("described.tif");
        assert!(there.0 == here.0 && (there.1 == here.1 || !one_nodata), "{}", path.display());
        let told = |path: &Path, more: &[&str]| {
            let end = command::run([&["info", "--json", path.to_str().unwrap()], more].concat());
            let info: Value = serde_json::from_str(&end.stdout).unwrap();
            let nodata = if one_nodata { info["nodatavals"].clone() } else { info["nodatavals"][0].clone() };
            let keys = ["bounds", "descriptions", "scales", "offsets", "mask_flags"];
            (nodata, info["crs"]["epsg"].clone(), keys.map(|key| info[key].clone()))
        };
        assert_eq!(told(&path, &["--side-cars"]), told(&out, &[]), "{}", path.display());
    }
    assert!(count >= 8, "{count}");
}

#[test]
fn a_command_that_is_killed_leaves_no_cog() {
    let folder = Folder::new();
    let mut command = command::cog();
    // 180 MB of pixels.
    command.args(["convert", &file("deflate_p2_uint8_rgb.tif"), &folder.path("out.tif"), "--resolution", "0.1"]);
    let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(150));
    child.kill().unwrap();
    let end = child.wait().unwrap();
    assert!(!end.success(), "it was done before it was killed");
    assert!(!Path::new(&folder.path("out.tif")).exists());
}
