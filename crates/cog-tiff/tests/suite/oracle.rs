//! What the parser says of real files, compared with what tifffile and rasterio say of them.
//!
//! The files are those of `testdata/`, and of a bigger corpus if `COG_CORPUS` names its folder.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use cog_tiff::{BlockTable, FieldType, Image, Limits, Nodata, Place, Profile, Stop, SubfileType, Tag, Tiff, Value};
use serde_json::Value as Json;

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

/// Every expected file below a folder, with the TIFF it speaks of.
fn cases(files: &Path, expected: &Path) -> Vec<(PathBuf, Json)> {
    let mut folders = vec![expected.to_path_buf()];
    let mut cases = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "json") {
                let json: Json = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
                let Some(name) = json["file"].as_str() else { continue };
                let file = [files.join(name), files.join("..").join(name)].into_iter().find(|p| p.exists());
                cases.push((file.unwrap_or_else(|| panic!("{name} of {} is not there", path.display())), json));
            }
        }
    }
    cases.sort_by(|a, b| a.0.cmp(&b.0));
    cases
}

/// Runs a check over all files of testdata and of the corpus; its text says what differs.
fn over_all_files(check: fn(&[u8], &Json, &mut String) -> usize) {
    let mut sets = vec![(testdata().join("files"), testdata().join("expected"))];
    match std::env::var_os("COG_CORPUS") {
        Some(corpus) => sets.push((Path::new(&corpus).join("files"), Path::new(&corpus).join("oracle"))),
        None => println!("not run: the corpus, since COG_CORPUS is not set"),
    }
    let mut report = String::new();
    for (files, expected) in sets {
        let cases = cases(&files, &expected);
        let mut compared = 0;
        for (path, json) in &cases {
            let mut differences = String::new();
            compared += check(&std::fs::read(path).unwrap(), json, &mut differences);
            for line in differences.lines() {
                writeln!(report, "{}: {line}", path.display()).unwrap();
            }
        }
        println!("{} files, {compared} values compared in {}", cases.len(), files.display());
        assert!(cases.len() > 50 && compared > 300, "{} holds too little", files.display());
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn every_tag_of_every_ifd_is_what_tifffile_reads() {
    over_all_files(|bytes, json, out| {
        let Some(ifds) = json["tifffile"]["ifds"].as_array() else { return 0 };
        let tiff = match Tiff::parse(bytes) {
            Ok(tiff) => tiff,
            // tifffile lists no directory either, or what it lists is cut off.
            Err(_) if ifds.is_empty() => return 0,
            Err(e) => {
                writeln!(out, "{e}").unwrap();
                return 0;
            }
        };
        let mut compared = 2;
        let header = tiff.header();
        if json["tifffile"]["byteorder"] != header.byte_order.name() {
            writeln!(out, "byte order {}", header.byte_order.name()).unwrap();
        }
        if json["tifffile"]["bigtiff"] != (header.variant == cog_tiff::Variant::Big) {
            writeln!(out, "variant {:?}", header.variant).unwrap();
        }
        let chain: Vec<_> =
            tiff.ifds().iter().enumerate().filter(|(i, _)| tiff.place(*i) == Some(Place::Chain)).collect();
        for (n, expected) in ifds.iter().enumerate() {
            // Where the chain closes a loop tifffile goes round, we stop.
            if ifds.iter().take(n).any(|earlier| earlier["offset"] == expected["offset"]) {
                break;
            }
            let Some((_, ifd)) = chain.get(n) else {
                writeln!(out, "IFD {n} of {} is missing", ifds.len()).unwrap();
                continue;
            };
            if expected["offset"].as_u64() != Some(ifd.offset()) {
                writeln!(out, "IFD {n} at {} instead of {}", ifd.offset(), expected["offset"]).unwrap();
                continue;
            }
            let tags = expected["tags"].as_array().unwrap();
            for (i, tag) in tags.iter().enumerate() {
                // Of tags that are there twice tifffile lists both; the first one counts, unless its type is unknown.
                if tags.iter().take(i).any(|earlier| earlier[0] == tag[0]) {
                    continue;
                }
                let code = Tag(u16::try_from(tag[0].as_u64().unwrap()).unwrap());
                let Some(entry) = ifd.entry(code) else {
                    writeln!(out, "IFD {n}: no tag {code}").unwrap();
                    continue;
                };
                if let FieldType::Unknown(_) = entry.field_type {
                    continue;
                }
                compared += 3;
                if tag[1].as_u64() != Some(u64::from(entry.field_type.code())) || tag[2].as_u64() != Some(entry.count) {
                    writeln!(out, "IFD {n}: {entry:?} instead of {tag}").unwrap();
                    continue;
                }
                match ifd.lookup_value(bytes, code, &Limits::default()) {
                    Ok(Some(value)) => {
                        if let Err(why) = same(&value, entry.field_type, &tag[3]) {
                            writeln!(out, "IFD {n}: tag {code}: {why}").unwrap();
                        }
                    }
                    other => writeln!(out, "IFD {n}: tag {code}: {other:?} instead of {}", tag[3]).unwrap(),
                }
            }
        }
        compared
    });
}

/// Compares a value with tifffile's, which shortens long ones.
fn same(value: &Value, field_type: FieldType, expected: &Json) -> Result<(), String> {
    let differs = || Err(format!("{value:?} instead of {expected}").chars().take(400).collect());
    let number = |v: f64, e: &Json| match e {
        Json::String(s) if s == "nan" => v.is_nan(),
        Json::String(s) if s.ends_with("inf") => v.is_infinite() && (v < 0.0) == s.starts_with('-'),
        // serde_json rounds the last digit of some numbers otherwise than the standard library.
        e => e.as_f64().is_some_and(|e| {
            (e - v).abs() <= 3e-16 * v.abs() || (field_type == FieldType::Float && e as f32 == v as f32)
        }),
    };
    let numbers: Vec<f64> = match value {
        Value::Rational(v) => v.iter().flat_map(|(n, d)| [f64::from(*n), f64::from(*d)]).collect(),
        Value::SRational(v) => v.iter().flat_map(|(n, d)| [f64::from(*n), f64::from(*d)]).collect(),
        v => v.f64s().unwrap_or_default(),
    };
    match expected {
        Json::Number(_) if numbers.len() == 1 && number(numbers[0], expected) => Ok(()),
        // Text: tifffile cuts NULs and blanks off both ends.
        Json::String(text) if field_type == FieldType::Ascii => {
            let raw = value.bytes().unwrap_or_default();
            let latin1: String = raw.iter().map(|b| char::from(*b)).collect();
            let utf8 = String::from_utf8_lossy(raw);
            let trim = |s: &str| s.trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_string();
            let found = [trim(&latin1), trim(&utf8)];
            let first_part = |s: &String| trim(s.split('\0').next().unwrap_or(""));
            let expected = trim(text);
            if found.contains(&expected) || found.iter().any(|s| first_part(s) == expected) {
                Ok(())
            } else {
                differs()
            }
        }
        // Bytes: in hexadecimal.
        Json::String(hex) if value.bytes().is_some() => {
            let found: String = value.bytes().unwrap_or_default().iter().map(|b| format!("{b:02x}")).collect();
            // tifffile interprets some private tags: that is not the file's word.
            let is_hex = hex.len() % 2 == 0 && hex.bytes().all(|b| b.is_ascii_hexdigit());
            if !is_hex || found == *hex { Ok(()) } else { differs() }
        }
        Json::Array(list) if list.len() == numbers.len() && list.iter().zip(&numbers).all(|(e, v)| number(*v, e)) => {
            Ok(())
        }
        Json::Object(short) => {
            let list = |key: &str| short.get(key).and_then(Json::as_array).cloned().unwrap_or_default();
            let (first, last) = (list("first"), list("last"));
            let starts = first.iter().zip(&numbers).all(|(e, v)| number(*v, e));
            let ends = last.iter().rev().zip(numbers.iter().rev()).all(|(e, v)| number(*v, e));
            let sum = match (short.get("sum"), value) {
                (Some(Json::Number(sum)), Value::Unsigned(v)) => sum.as_u64() == Some(v.iter().sum()),
                _ => true,
            };
            let length = short.get("length").and_then(Json::as_u64).unwrap_or(0) as usize;
            let right = match value {
                Value::Bytes(v) => length == 0 || v.len() == length,
                Value::Ascii(v) => v.len() >= length,
                _ => (length == 0 || length == numbers.len()) && starts && ends && sum,
            };
            if right { Ok(()) } else { differs() }
        }
        // Directories of Exif and the like are interpreted there, and stand as text.
        Json::String(_) if value.bytes().is_none() => Ok(()),
        _ => differs(),
    }
}

/// Where we differ from rasterio: file, value, why.
const KNOWN_DIFFERENCES: [(&str, &str, &str); 12] = [
    ("eight_terabytes_in_one_strip.tif", "block shape", "GDAL leaves this strip whole; its rule is not found yet"),
    ("geo_pixelscale_inf.tif", "transform", "JSON has no infinity"),
    ("geokeys_ascii_index_past.tif", "epsg", "a damaged key does not spoil the others here"),
    ("geokeys_doubles_location_past.tif", "epsg", "a damaged key does not spoil the others here"),
    ("geokeys_key_count_5000.tif", "epsg", "a damaged key does not spoil the others here"),
    ("geokeys_location_unknown_tag.tif", "epsg", "a damaged key does not spoil the others here"),
    ("gtiff_crs_tmerc_usft.tif", "epsg", "user-defined; PROJ searches its database for a likely code"),
    ("esri_pcs_gcs_ellipsoid_names.tif", "epsg", "user-defined; PROJ searches its database for a likely code"),
    ("spaf27_correct.tif", "epsg", "user-defined; PROJ searches its database for a likely code"),
    (
        "citation_mixedcase.tif",
        "epsg",
        "PROJ finds no code for what GDAL makes of the keys; ours is the one in the file",
    ),
    (
        "inconsistent_invflattening.tif",
        "epsg",
        "PROJ finds no code for what GDAL makes of the keys; ours is the one in the file",
    ),
    ("test3_with_mask_1bit.tif", "mask flags", "a mask of three bands has no flag in GDAL"),
];

#[test]
fn the_first_image_is_what_rasterio_opens() {
    over_all_files(|bytes, json, out| {
        let meta = &json["meta"];
        if json["status"] != "ok" || json["reader"] != "rasterio" || !meta.is_object() {
            return 0;
        }
        let tiff = match Tiff::parse(bytes) {
            Ok(tiff) => tiff,
            Err(e) => {
                writeln!(out, "{e}").unwrap();
                return 0;
            }
        };
        let page = &tiff.pages()[0];
        let profile = match Profile::of(&tiff, page) {
            Ok(profile) => profile,
            Err(e) => {
                writeln!(out, "{e}").unwrap();
                return 0;
            }
        };
        let mut compared = 0;
        let mut check = |name: &str, ours: Json, theirs: &Json| {
            compared += 1;
            let file = json["file"].as_str().unwrap_or("");
            let known = KNOWN_DIFFERENCES.iter().any(|(f, n, _)| file.ends_with(f) && *n == name);
            if ours != *theirs && !known {
                writeln!(out, "{name}: {ours} instead of {theirs}").unwrap();
            }
        };
        check("width", profile.width.into(), &meta["width"]);
        check("height", profile.height.into(), &meta["height"]);
        check("count", profile.count.into(), &meta["count"]);
        let dtypes = meta["dtypes"].as_array().unwrap();
        check("dtype", profile.dtype.into(), &dtypes[0]);
        // rasterio guesses: a tile as wide as the image is a strip to it.
        check("is_tiled", (profile.tiled && profile.block_width != profile.width).into(), &meta["is_tiled"]);
        check("epsg", profile.epsg().map_or(Json::Null, Json::from), &meta["crs_epsg"]);
        let blocks = [profile.block_height, profile.block_width];
        check("block shape", blocks.to_vec().into(), &meta["block_shapes"][0]);
        check("overviews", profile.overviews.clone().into(), &meta["overviews"][0]);
        let colors: Vec<&str> = profile.color_interpretation.iter().map(|c| c.name()).collect();
        let few = |list: Vec<Json>| {
            Json::Array(list.into_iter().take(meta["colorinterp"].as_array().unwrap().len()).collect())
        };
        check("colorinterp", few(colors.into_iter().map(Json::from).collect()), &meta["colorinterp"]);
        let flags: Vec<Json> = profile.mask_flags.iter().map(|f| f.names().into()).collect();
        let theirs = meta["mask_flag_enums"].as_array().unwrap();
        check("mask flags", flags.into_iter().take(theirs.len()).collect(), &meta["mask_flag_enums"]);

        let nodata = match profile.nodata {
            None => Json::Null,
            Some(Nodata::Int(v)) => v.into(),
            Some(Nodata::Uint(v)) => v.into(),
            Some(n) if n.is_nan() => "nan".into(),
            Some(n) if n.as_f64().is_infinite() => if n.as_f64() < 0.0 { "-inf" } else { "inf" }.into(),
            Some(n) => n.as_f64().into(),
        };
        // serde_json rounds the last digit of some numbers otherwise than the standard library.
        let close = |a: &serde_json::Number, b: &serde_json::Number| match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) if a.fract() != 0.0 || a.abs() > 1e19 => (a - b).abs() <= 3e-16 * b.abs(),
            (a, b) => a == b,
        };
        let same = match (&nodata, &meta["nodata"]) {
            (Json::Number(a), Json::Number(b)) => a == b || close(a, b),
            (a, b) => a == b,
        };
        check("nodata", if same { meta["nodata"].clone() } else { nodata }, &meta["nodata"]);

        let transform = profile.georeference.transform().unwrap_or(cog_tiff::GeoTransform::IDENTITY).to_array();
        let theirs: Vec<f64> = meta["transform"].as_array().unwrap().iter().filter_map(Json::as_f64).collect();
        let close = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-12 * b.abs().max(1e-3);
        let same = theirs.len() == 6 && transform.iter().zip(&theirs).all(close);
        check(
            "transform",
            if same { meta["transform"].clone() } else { transform.to_vec().into() },
            &meta["transform"],
        );

        // Levels of the oracle are GDAL's overviews: ours have the same sizes in the same order.
        let levels: Vec<_> = page.levels().collect();
        for theirs in json["levels"].as_array().into_iter().flatten() {
            let level = levels[theirs["level"].as_u64().unwrap() as usize];
            let image = Image::of(&tiff.ifds()[level.ifd]).unwrap();
            if let Some([_, height, width]) = theirs["shape"].as_array().map(Vec::as_slice) {
                check("level height", image.height.into(), height);
                check("level width", image.width.into(), width);
            }
            let Some(mask) = level.mask.map(|mask| &tiff.ifds()[mask]) else { continue };
            check("mask bit", SubfileType::of(mask).mask.into(), &true.into());
            let mask = Image::of(mask).unwrap();
            check("mask height", mask.height.into(), &image.height.into());
            check("mask width", mask.width.into(), &image.width.into());
        }
        compared
    });
}

#[test]
fn the_tables_of_every_file_are_those_that_tifffile_reads() {
    over_all_files(|bytes, json, out| {
        let (Some(ifds), Ok(tiff)) = (json["tifffile"]["ifds"].as_array(), Tiff::parse(bytes)) else { return 0 };
        let mut compared = 0;
        for expected in ifds {
            let Some(ifd) = tiff.ifds().iter().find(|ifd| Some(ifd.offset()) == expected["offset"].as_u64()) else {
                continue;
            };
            let Ok(image) = Image::of(ifd) else { continue };
            let Ok(table) = BlockTable::of(ifd, &image) else { continue };
            let numbers = |codes: [u64; 2]| {
                let tags = expected["tags"].as_array().unwrap();
                let tag = tags.iter().find(|t| codes.contains(&t[0].as_u64().unwrap()))?;
                tag[3].as_array().map(|v| v.iter().filter_map(Json::as_u64).collect::<Vec<_>>())
            };
            let (Some(offsets), Some(counts)) = (numbers([273, 324]), numbers([279, 325])) else { continue };
            let n = (offsets.len().min(counts.len()) as u64).min(table.block_count());
            match table.locations(bytes, 0..n) {
                Ok(found) => {
                    for ((location, offset), count) in found.iter().zip(offsets).zip(counts) {
                        compared += 1;
                        // An uncompressed block is read with its natural size, as libtiff does.
                        let natural = image.compression == cog_tiff::Compression::None
                            // The count of the only strip is missing if it is 0.
                            || count == 0 && table.block_count() == 1;
                        let same = location.offset == offset && (location.length == count || natural);
                        if !(same || location.is_sparse() && (offset == 0 || count == 0)) {
                            writeln!(out, "{location:?} instead of {offset}, {count}").unwrap();
                        }
                    }
                }
                Err(Stop::Need(ranges)) => writeln!(out, "needs {ranges:?} of a whole file").unwrap(),
                Err(Stop::Failed(e)) => writeln!(out, "{e}").unwrap(),
            }
        }
        compared
    });
}
