//! `cog info --json` says of every file what rasterio says.

use crate::command;
use std::collections::BTreeMap;

use cog_testkit::expected::{Meta, same_number};
use cog_testkit::{Corpus, CorpusFile, Expected, parallel};
use serde_json::{Value, json};

/// Files where we differ from GDAL on purpose: (name, field, why).
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "generated/georef/gtiff_crs_tmerc_usft.tif",
        "epsg",
        "user-defined; rasterio finds it by parameters in PROJ's database",
    ),
    (
        "real/gdal-autotest/esri_pcs_gcs_ellipsoid_names.tif",
        "epsg",
        "user-defined; rasterio finds it by name and parameters",
    ),
    ("real/gdal-autotest/spaf27_correct.tif", "epsg", "user-defined; rasterio finds it by name and parameters"),
    (
        "real/gdal-autotest/citation_mixedcase.tif",
        "epsg",
        "the file has the code; GDAL drops it for the citation's unit",
    ),
    (
        "real/gdal-autotest/inconsistent_invflattening.tif",
        "epsg",
        "the file has the code; GDAL drops it for its ellipsoid",
    ),
    ("real/gdal-autotest/test3_with_mask_1bit.tif", "mask_flags", "rasterio lists no flag for a mask of three bands"),
];

/// Files that neither GDAL nor we open: (name, why).
const REFUSED: &[(&str, &str)] =
    &[("real/gdal-autotest/block_width_above_32bit.tif", "tiles 2^31 pixels wide, which GDAL refuses as well")];

/// What has to agree on every file, everywhere.
const CORE: &[&str] =
    &["size", "count", "dtype", "blocksize", "compression", "nodata", "epsg", "transform", "overviews", "mask_flags"];

#[test]
fn info_agrees_with_rasterio_on_every_file() {
    for corpus in Corpus::all("info_agrees_with_rasterio_on_every_file").unwrap() {
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
                        // On our own files everything counts; a corpus of strangers' files is held to the core.
                        if let Some(difference) = &field.difference {
                            let strict = corpus.name() == "testdata" || CORE.contains(&field.name);
                            let known = EXCEPTIONS.iter().find(|e| e.0 == file.name() && e.1 == field.name);
                            match (known, strict) {
                                (Some((name, field, why)), _) => println!("  excepted: {name}, {field}: {why}"),
                                (None, true) => wrong.push(format!("{}: {}: {difference}", file.name(), field.name)),
                                (None, false) => println!("  differs: {}: {}: {difference}", file.name(), field.name),
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
    }
}

struct Field {
    name: &'static str,
    difference: Option<String>,
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

fn fields(info: &Value, meta: &Meta) -> Vec<Field> {
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
        field("epsg", &profile["crs"], &json!(meta.crs_epsg.map(|code| format!("EPSG:{code}")))),
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
    // IMAGE_STRUCTURE holds GDAL's own estimates (JPEG_QUALITY …) and SUBDATASETS the file's path on the machine that wrote the
    // oracle; the other domains are what the file says.
    let foreign = ["IMAGE_STRUCTURE", "SUBDATASETS"];
    let own = |tags: &Value| match tags.as_object() {
        Some(domains) => {
            json!(
                domains
                    .iter()
                    .filter(|(d, t)| !foreign.contains(&d.as_str()) && !is_empty(t))
                    .collect::<BTreeMap<_, _>>()
            )
        }
        None => tags.clone(),
    };
    all.push(field("tags", &own(&info["tags"]), &own(&json!(meta.tags))));
    all
}

fn is_empty(tags: &Value) -> bool {
    tags.as_object().is_some_and(serde_json::Map::is_empty)
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
        ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| same_number(a, b, 1e-12))
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
