//! `cog info --json` says of every file what rasterio says.

use crate::command;
use std::collections::{BTreeMap, BTreeSet};

use cog_testkit::expected::{Meta, same_number};
use cog_testkit::{Corpus, CorpusFile, Expected, parallel};
use serde_json::{Value, json};

/// Files where we differ from GDAL on purpose: (name, field, why).
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "real/gdal-autotest/citation_mixedcase.tif",
        "crs",
        "the file has the code; GDAL drops it for the citation's unit",
    ),
    (
        "real/rasterio/float_raster_with_extra_nodata.tif",
        "crs",
        "on a datum without a name, which rasterio takes for that of IGNF:ETRS89LAEA",
    ),
    ("real/gdal-autotest/test3_with_mask_1bit.tif", "mask_flags", "rasterio lists no flag for a mask of three bands"),
    ("real/pillow/hopper_lzw.tif", "tags", "rasterio leaves out text that is not UTF-8; here it is Latin-1"),
    ("crs-projection-key-only/input.tif", "crs", "on a datum without a name: GDAL guesses the one of several codes"),
    (
        "pages-with-own-overviews/input.tif",
        "overviews",
        "each image owns the reduced ones that follow it (OGC 21-026); GDAL gives all to the first",
    ),
];

/// Files that neither GDAL nor we open: (name, why).
const REFUSED: &[(&str, &str)] =
    &[("real/gdal-autotest/block_width_above_32bit.tif", "tiles 2^31 pixels wide, which GDAL refuses as well")];

/// Of a hundred files, all folders together, so many may be excepted.
const MOST_EXCEPTED: usize = 2;

#[test]
fn info_agrees_with_rasterio_on_every_file() {
    let (mut count, mut excepted) = (0, BTreeSet::new());
    for corpus in Corpus::all_and_cases("info_agrees_with_rasterio_on_every_file").unwrap() {
        let files = corpus.well_formed().unwrap();
        let results = parallel::map(&files, command::THREADS, |file| compare(file, &file.expected().unwrap()));
        let mut agree = BTreeMap::<&str, (usize, usize)>::new();
        let (mut whole, mut wrong) = (0, Vec::new());
        for (file, result) in files.iter().zip(&results) {
            match result {
                Err(error) => match REFUSED.iter().find(|r| r.0 == file.name()) {
                    Some((name, why)) => println!("  refused: {name}: {why}"),
                    None => wrong.push(format!("{}: {error}", file.name())),
                },
                Ok(fields) => {
                    whole += usize::from(fields.iter().all(|f| f.difference.is_none()));
                    for field in fields {
                        let (same, of) = agree.entry(field.name).or_default();
                        *same += usize::from(field.difference.is_none());
                        *of += 1;
                        if let Some(difference) = &field.difference {
                            match EXCEPTIONS.iter().find(|e| e.0 == file.name() && e.1 == field.name) {
                                Some((name, field, why)) => {
                                    excepted.insert(*name);
                                    println!("  excepted: {name}, {field}: {why}");
                                }
                                None => wrong.push(format!("{}: {}: {difference}", file.name(), field.name)),
                            }
                        }
                    }
                }
            }
        }
        println!("{}: info of {whole} of {} files agrees in every field", corpus.name(), files.len());
        for (field, (same, of)) in agree {
            println!("  {field}: {same} of {of}");
        }
        assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
        count += files.len();
    }
    assert!(excepted.len() * 100 <= count * MOST_EXCEPTED, "{} of {count} files are excepted", excepted.len());
}

/// One field of `info`, and how it differs from rasterio's.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) difference: Option<String>,
}

fn compare(file: &CorpusFile, expected: &Expected) -> Result<Vec<Field>, String> {
    let info = command::info(file.path.as_os_str())?;
    match (&expected.meta, expected.reader.as_deref()) {
        (Some(meta), _) => Ok(fields(&info, meta)),
        // GDAL does not open it; tifffile reads its first page.
        (None, Some("tifffile")) => {
            let shape = expected.readable_levels().first().and_then(|l| l.shape).ok_or("the oracle has no shape")?;
            let profile = &info["profile"];
            let ours = json!([profile["count"], profile["height"], profile["width"]]);
            Ok(vec![field("size", &ours, &json!(shape))])
        }
        (None, reader) => Err(format!("the oracle has no metadata and its reader is {reader:?}")),
    }
}

/// Compares every field.
pub(crate) fn fields(info: &Value, meta: &Meta) -> Vec<Field> {
    let profile = &info["profile"];
    let lower = |name: &Option<String>| json!(name.as_ref().map(|n| n.to_lowercase()));
    let [block_rows, block_columns] = meta.block_shapes.first().copied().unwrap_or_default();
    let bands = meta.dtypes.len();
    let mut all = vec![
        field("size", &json!([profile["width"], profile["height"]]), &json!([meta.width, meta.height])),
        field("count", &profile["count"], &json!(meta.count)),
        field("dtype", &profile["dtype"], &json!(meta.dtypes.first())),
        field("blocksize", &json!([profile["blockysize"], profile["blockxsize"]]), &json!([block_rows, block_columns])),
        field("compression", &profile["compress"], &lower(&meta.compression)),
        number("nodata", &profile["nodata"], meta.nodata.as_ref().unwrap_or(&Value::Null)),
        crs(&profile["crs"], meta),
        numbers("transform", &profile["transform"], &meta.transform),
        field("overviews", &info["overviews"], &json!(meta.overviews.first().cloned().unwrap_or_default())),
        field("mask_flags", &head(&info["mask_flags"], bands), &json!(meta.mask_flag_enums)),
        field("interleave", &profile["interleave"], &lower(&meta.interleave)),
        field("colorinterp", &head(&info["colorinterp"], bands), &json!(meta.colorinterp)),
        numbers("scales", &head(&info["scales"], bands), &meta.scales),
        numbers("offsets", &head(&info["offsets"], bands), &meta.offsets),
        field("units", &head(&info["units"], bands), &json!(meta.units)),
        field("descriptions", &head(&info["descriptions"], bands), &json!(meta.descriptions)),
    ];
    if meta.photometric.is_some() {
        all.push(field("photometric", &profile["photometric"], &lower(&meta.photometric)));
    }
    if let Some(values) = &meta.nodatavals {
        let theirs: Vec<Value> = values.iter().map(|v| v.clone().unwrap_or(Value::Null)).collect();
        all.push(numbers("nodatavals", &head(&info["nodatavals"], bands), &theirs));
    }
    if let Some(points) = &meta.gcps {
        let places = |point: &Value| ["col", "row", "x", "y", "z"].map(|name| point[name].clone());
        let list = |points: &[Value]| points.iter().flat_map(places).collect::<Vec<_>>();
        let theirs: Vec<Value> = points.iter().map(|point| json!(point)).collect();
        let ours = info["gcps"].as_array().map(|points| list(points));
        all.push(numbers("gcps", &json!(ours), &list(&theirs)));
    }
    all.push(color_table(&info["colormap"], meta));
    for (name, domain) in domains(&info["tags"], &json!(meta.tags)) {
        all.push(Field { name, difference: domain });
    }
    let of_bands: Vec<Value> = meta.band_tags.iter().map(|tags| json!(by_domain(tags))).collect();
    let ours = head(&info["band_tags"], bands);
    let differing =
        ours.as_array().into_iter().flatten().zip(&of_bands).enumerate().find_map(|(band, (ours, theirs))| {
            let wrong = domains(ours, theirs).into_iter().filter_map(|(_, difference)| difference).next();
            wrong.map(|difference| format!("band {}: {difference}", band + 1))
        });
    all.push(Field { name: "band_tags", difference: differing });
    all
}

/// The code of the CRS, else its WKT2, of which another test says whether it means the same.
fn crs(ours: &Value, meta: &Meta) -> Field {
    let code = meta.crs_authority.as_ref().map(|[authority, code]| format!("{authority}:{code}"));
    let code = meta.crs_epsg.map(|code| format!("EPSG:{code}")).or(code);
    let is_wkt2 = || ours.as_str().is_some_and(|t| t.split_once('[').is_some_and(|(word, _)| word.ends_with("CRS")));
    let same = match (&code, &meta.crs_wkt) {
        (Some(code), _) => ours == code,
        (None, Value::String(_)) => is_wkt2(),
        (None, Value::Bool(_)) => ours.is_null() || is_wkt2(),
        (None, _) => ours.is_null(),
    };
    let expected = code.map_or(meta.crs_wkt.clone(), Value::String);
    Field { name: "crs", difference: (!same).then(|| format!("{ours}, rasterio says {expected}")) }
}

/// Band tags of an oracle that knows the default domain only, by domain.
fn by_domain(tags: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    if tags.values().all(Value::is_object) {
        return tags.clone();
    }
    std::iter::once((String::new(), json!(tags))).collect()
}

/// The oracle keeps the first 64 of a table of more than 300 colours.
fn color_table(ours: &Value, meta: &Meta) -> Field {
    let Some(theirs) = &meta.colormap else { return field("colormap", ours, &Value::Null) };
    let found = ours.as_object();
    let count = meta.colormap_entries.unwrap_or(theirs.len());
    let differing = theirs.iter().find(|(i, color)| found.and_then(|map| map.get(*i)) != Some(&json!(color)));
    let difference = match (found.map(serde_json::Map::len), differing) {
        (Some(len), None) if len == count => None,
        (len, None) => Some(format!("{len:?} colours, rasterio says {count}")),
        (_, Some((i, color))) => Some(format!("{i} is {}, rasterio says {color:?}", ours[i])),
    };
    Field { name: "colormap", difference }
}

/// Differences of each domain. The names of subdatasets hold the path of the file on the machine that wrote the oracle; an oracle of
/// `testdata` leaves that domain out.
fn domains(ours: &Value, theirs: &Value) -> Vec<(&'static str, Option<String>)> {
    const NAMED: [&str; 7] =
        ["IMAGE_STRUCTURE", "SUBDATASETS", "RPC", "EXIF", "xml:XMP", "COLOR_PROFILE", "TILING_SCHEME"];
    let all: BTreeSet<&str> =
        [ours, theirs].into_iter().filter_map(Value::as_object).flat_map(|d| d.keys()).map(String::as_str).collect();
    let known = |tags: &Value, domain: &str| match &tags[domain] {
        Value::Object(items) => items.clone(),
        _ => serde_json::Map::new(),
    };
    all.into_iter()
        .map(|domain| {
            let (ours, theirs) = (known(ours, domain), known(theirs, domain));
            let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
            let mut wrong = names.into_iter().filter(|name| !same_item(domain, ours.get(*name), theirs.get(*name)));
            let difference = wrong.next().map(|name| {
                let shown =
                    |v: Option<&Value>| v.map_or("nothing".to_string(), |v| v.to_string().chars().take(300).collect());
                format!("{domain:?} {name}: {}, rasterio says {}", shown(ours.get(name)), shown(theirs.get(name)))
            });
            (NAMED.into_iter().find(|name| *name == domain).map_or("tags", |name| name), difference)
        })
        .collect()
}

fn same_item(domain: &str, ours: Option<&Value>, theirs: Option<&Value>) -> bool {
    match (ours, theirs) {
        (Some(Value::String(ours)), Some(Value::String(theirs)))
            if domain == "SUBDATASETS" && theirs.starts_with("GTIFF_DIR:") =>
        {
            ours.split(':').nth(1) == theirs.split(':').nth(1)
        }
        // Long text is told by its hash.
        (Some(Value::String(ours)), Some(Value::Object(theirs))) => {
            theirs["sha256"] == json!(cog_testkit::npy::sha256(ours.as_bytes()))
        }
        (ours, theirs) => ours == theirs,
    }
}

/// The oracle's lists with one entry a band stop at 64 bands.
fn head(list: &Value, bands: usize) -> Value {
    match list {
        Value::Array(all) => Value::Array(all.iter().take(bands).cloned().collect()),
        other => other.clone(),
    }
}

fn field(name: &'static str, ours: &Value, theirs: &Value) -> Field {
    Field { name, difference: (ours != theirs).then(|| format!("{ours}, rasterio says {theirs}")) }
}

fn number(name: &'static str, ours: &Value, theirs: &Value) -> Field {
    let same = (ours.is_null() && theirs.is_null()) || same_number(ours, theirs, 0.0);
    Field { name, difference: (!same).then(|| format!("{ours}, rasterio says {theirs}")) }
}

fn numbers(name: &'static str, ours: &Value, theirs: &[Value]) -> Field {
    // The last bit of a double may depend on the order of a sum; a metre in 10¹² does not.
    let same = ours.as_array().is_some_and(|ours| {
        ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| a == b || same_number(a, b, 1e-12))
    });
    Field { name, difference: (!same).then(|| format!("{ours}, rasterio says {}", json!(theirs))) }
}

#[test]
fn a_difference_in_one_field_is_seen() {
    let corpus = Corpus::testdata();
    let file = corpus.files().unwrap().into_iter().find(|f| f.name() == "sparse_nodata.tif").unwrap();
    let meta = file.expected().unwrap().meta.unwrap();
    let info = json!({"profile": {"width": 110, "height": 91, "nodata": -1}});
    let differing: Vec<&str> = fields(&info, &meta).iter().filter(|f| f.difference.is_some()).map(|f| f.name).collect();
    assert!(
        differing.contains(&"size") && differing.contains(&"dtype") && !differing.contains(&"nodata"),
        "{differing:?}"
    );
}
