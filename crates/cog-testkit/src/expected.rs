//! The expected values of one file: what rasterio (GDAL) and tifffile read from it.
//!
//! The format is described in `testdata/README.md`. Fields that no test uses are left out.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// Everything expected of one file.
#[derive(Clone, Debug, Deserialize)]
pub struct Expected {
    /// Size of the file in bytes.
    pub size: u64,
    /// sha256 of the file, in hexadecimal.
    pub sha256: String,
    /// `ok`, `open error`, `read error`, `crash or time limit`.
    pub status: String,
    /// Whose values these are: `rasterio`, or `tifffile` (then the pixels are in `tifffile.page0`).
    pub reader: Option<String>,
    /// What the reader said when it failed.
    pub error: Option<String>,
    /// Metadata, if the file opened.
    pub meta: Option<Meta>,
    /// Level 0 is full resolution, then the overviews in GDAL's order. Empty if the pixels were left out.
    #[serde(default)]
    pub levels: Vec<Level>,
    /// Mask of level 0.
    pub dataset_mask: Option<Mask>,
    /// Whether decoders may differ by a little (JPEG, lossy WebP …).
    #[serde(default)]
    pub lossy: bool,
    /// What tifffile says.
    pub tifffile: Option<Tifffile>,
    /// Reads of windows, of full resolution.
    #[serde(default)]
    pub reads: Vec<Read>,
}

/// Metadata in rasterio's names and spellings. Lists with one entry a band hold the first 64 at most.
#[derive(Clone, Debug, Deserialize)]
pub struct Meta {
    /// Columns.
    pub width: u64,
    /// Rows.
    pub height: u64,
    /// Bands.
    pub count: u64,
    /// One a band: `uint8`, `complex_int16` …
    pub dtypes: Vec<String>,
    /// EPSG code of the reference system, if it has one.
    pub crs_epsg: Option<i64>,
    /// The reference system as WKT1, or null; `false` where the oracle does not tell, as in `testdata`.
    #[serde(default = "untold")]
    pub crs_wkt: Value,
    /// Authority and code, if it has one of any authority; not in `testdata`.
    pub crs_authority: Option<[String; 2]>,
    /// a, b, c, d, e, f: x = a·column + b·row + c, y = d·column + e·row + f.
    pub transform: Vec<Value>,
    /// \[rows, columns\] a band.
    pub block_shapes: Vec<[u64; 2]>,
    /// GDAL's spelling (`DEFLATE`); none if uncompressed.
    pub compression: Option<String>,
    /// `PIXEL` or `BAND`.
    pub interleave: Option<String>,
    /// Only where GDAL names one (`YCbCr`, `CMYK`, `CIELAB`).
    pub photometric: Option<String>,
    /// One a band.
    pub colorinterp: Vec<String>,
    /// A number, or `"nan"`, `"inf"`, `"-inf"`.
    pub nodata: Option<Value>,
    /// One list of flags a band.
    pub mask_flag_enums: Vec<Vec<String>>,
    /// Decimation factors, a list for each band.
    pub overviews: Vec<Vec<u64>>,
    /// By domain; the default domain is the empty string.
    pub tags: BTreeMap<String, BTreeMap<String, Value>>,
    /// One a band: its tags by domain, or only those of the default domain.
    #[serde(default)]
    pub band_tags: Vec<BTreeMap<String, Value>>,
    /// Colours of the first band by sample value; of more than 300 the first 64 are kept.
    pub colormap: Option<BTreeMap<String, [u8; 4]>>,
    /// How many colours there are, if not all are kept.
    pub colormap_entries: Option<usize>,
    /// One a band.
    pub nodatavals: Option<Vec<Option<Value>>>,
    /// Ground control points: `col`, `row`, `x`, `y`, `z`.
    pub gcps: Option<Vec<BTreeMap<String, Value>>>,
    /// One a band.
    pub scales: Vec<Value>,
    /// One a band.
    pub offsets: Vec<Value>,
    /// One a band.
    pub units: Vec<Option<String>>,
    /// One a band.
    pub descriptions: Vec<Option<String>>,
}

fn untold() -> Value {
    Value::Bool(false)
}

/// The pixels of one level. `sha256` is of all bands, band after band, rows from the top, little-endian.
#[derive(Clone, Debug, Deserialize)]
pub struct Level {
    /// 0 is full resolution.
    pub level: u32,
    /// \[bands, rows, columns\]; none if the level could not be read.
    pub shape: Option<[u64; 3]>,
    /// numpy's name; none if the level could not be read.
    pub dtype: Option<String>,
    /// Of the samples.
    pub sha256: Option<String>,
    /// With every NaN replaced by numpy's, where there are any.
    pub sha256_plain_nan: Option<String>,
    /// \[row, column\] of `values`.
    #[serde(default)]
    pub at: Vec<[u64; 2]>,
    /// By band, at the places of `at`.
    #[serde(default)]
    pub values: Vec<Vec<Value>>,
    /// Mask of this overview (level 0 has it beside the levels).
    pub dataset_mask: Option<Mask>,
    /// TIFF compression number of this level.
    pub compression_code: Option<u64>,
}

/// A (rows, columns) mask of uint8: 0 invalid, 255 valid, or the values of an alpha band.
#[derive(Clone, Debug, Deserialize)]
pub struct Mask {
    /// Of the samples.
    pub sha256: String,
    /// How many pixels are 0.
    pub zeros: u64,
    /// Up to eight of the values in it.
    pub distinct: Option<Vec<u8>>,
}

/// A read of a window. `sha256` as in a level.
#[derive(Clone, Debug, Deserialize)]
pub struct Read {
    /// \[column, row, width, height\].
    pub window: Option<[i64; 4]>,
    /// Whether the window may lie outside the image.
    #[serde(default)]
    pub boundless: bool,
    /// Set if the read is resampled: \[rows, columns\].
    pub out_shape: Option<[usize; 2]>,
    /// By which method; rasterio's name.
    pub resampling: Option<String>,
    /// `none` if GDAL was kept from using overviews.
    pub overviews: Option<String>,
    /// By band (three at most): at the corners (0, 0), (0, w-1), (h-1, 0), (h-1, w-1) and the middle (h/2, w/2).
    #[serde(default)]
    pub values: Vec<Vec<Value>>,
    /// \[bands, rows, columns\].
    pub shape: Option<[u64; 3]>,
    /// Of the samples.
    pub sha256: Option<String>,
    /// With every NaN replaced by numpy's, where there are any.
    pub sha256_plain_nan: Option<String>,
}

/// What tifffile says of a file.
#[derive(Clone, Debug, Deserialize)]
pub struct Tifffile {
    /// `little` or `big`.
    pub byteorder: Option<String>,
    /// Whether the file is a BigTIFF.
    pub bigtiff: Option<bool>,
    /// Directories, first eight at most.
    #[serde(default)]
    pub ifds: Vec<Ifd>,
    /// Compression number of the first page.
    pub compression: Option<u64>,
    /// The first page's pixels, where they are not GDAL's.
    pub page0: Option<Value>,
}

/// One directory.
#[derive(Clone, Debug, Deserialize)]
pub struct Ifd {
    /// Where it is in the file.
    pub offset: u64,
    /// code, type, count, value.
    pub tags: Vec<(u32, u32, u64, Value)>,
}

impl Expected {
    /// Whether the whole file was read.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.status == "ok"
    }

    /// The value of a tag of the first directory, as tifffile reads it.
    #[must_use]
    pub fn tag(&self, code: u32) -> Option<&Value> {
        let tags = &self.tifffile.as_ref()?.ifds.first()?.tags;
        tags.iter().find(|t| t.0 == code).map(|t| &t.3)
    }

    /// The levels that can be compared: GDAL's, or tifffile's first page where GDAL cannot read the file.
    #[must_use]
    pub fn readable_levels(&self) -> Vec<Level> {
        if self.reader.as_deref() == Some("tifffile") {
            let page = self.tifffile.as_ref().and_then(|t| t.page0.clone());
            return page.and_then(level_of_page).into_iter().collect();
        }
        if !self.is_ok() {
            return Vec::new();
        }
        self.levels.iter().filter(|l| l.sha256.is_some()).cloned().collect()
    }
}

impl Mask {
    /// sha256 of the mask with 255 wherever it is above 0, if that can be told from what is known: always unless the mask is an
    /// alpha band with values in between.
    #[must_use]
    pub fn binary_sha256(&self) -> Option<&str> {
        let binary = self.distinct.as_ref()?.iter().all(|v| matches!(v, 0 | 255));
        binary.then_some(self.sha256.as_str())
    }
}

fn level_of_page(mut page: Value) -> Option<Level> {
    page.as_object_mut()?.insert("level".to_owned(), Value::from(0));
    serde_json::from_value(page).ok()
}

/// Whether two JSON numbers (or `"nan"`, `"inf"`, `"-inf"`) are equal: exactly, or as doubles within `relative` of each other.
#[must_use]
pub fn same_number(a: &Value, b: &Value, relative: f64) -> bool {
    if let (Some(a), Some(b)) = (a.as_i64(), b.as_i64()) {
        return a == b;
    }
    if let (Some(a), Some(b)) = (a.as_u64(), b.as_u64()) {
        return a == b;
    }
    match (double(a), double(b)) {
        (Some(a), Some(b)) => a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= relative * a.abs().max(b.abs()),
        _ => false,
    }
}

fn double(v: &Value) -> Option<f64> {
    match v {
        Value::String(s) => match s.as_str() {
            "nan" => Some(f64::NAN),
            "inf" => Some(f64::INFINITY),
            "-inf" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        other => other.as_f64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_compare_by_value_and_nan_equals_nan() {
        assert!(same_number(&json!(1), &json!(1.0), 0.0));
        assert!(same_number(&json!("nan"), &json!("nan"), 0.0));
        assert!(same_number(&json!(1.0), &json!(1.0 + 1e-13), 1e-12));
        assert!(!same_number(&json!(1.0), &json!(1.001), 1e-12));
        assert!(!same_number(&json!(u64::MAX), &json!(u64::MAX - 1), 0.0));
        assert!(!same_number(&json!("inf"), &json!("-inf"), 0.0));
        assert!(!same_number(&Value::Null, &json!(0), 0.0));
    }
}
