//! Comparison with GDAL: the reads of `xtask/oracle/resample.py`, those in `testdata/resample` and those in the folder that
//! `COG_RESAMPLE_ORACLE` names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ndarray::{Array2, Axis, s};
use num_complex::Complex;
use serde_json::Value;

use super::{Plan, Resample, Resampler, Resampling, Rules};
use crate::geometry::window::Window;
use crate::pixels::sample::Sample;
use crate::pixels::validity::Validity;
use crate::resample::{OverviewStrategy, ReducedRead};

const PLENTY: u64 = 1 << 30;

fn folders() -> Vec<PathBuf> {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/resample");
    let more = std::env::var_os("COG_RESAMPLE_ORACLE").map(PathBuf::from);
    std::iter::once(committed).chain(more).collect()
}

fn json(path: &Path) -> Vec<Value> {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// A type with its bytes and what two results may differ by.
trait Stored: Sample {
    fn read(bytes: &[u8]) -> Self;
    /// How far apart two samples are, in the unit of the tolerance: steps of integers, relative for floats.
    fn distance(self, other: Self) -> f64;
}

macro_rules! stored {
    (integer: $($int:ty),*; float: $($float:ty),*) => {
        $(impl Stored for $int {
            fn read(bytes: &[u8]) -> Self { <$int>::from_le_bytes(bytes.try_into().unwrap()) }
            fn distance(self, other: Self) -> f64 { self.abs_diff(other) as f64 }
        })*
        $(impl Stored for $float {
            fn read(bytes: &[u8]) -> Self { <$float>::from_le_bytes(bytes.try_into().unwrap()) }
            fn distance(self, other: Self) -> f64 {
                if self.same(other) { return 0.0 }
                if self.is_nan() != other.is_nan() { return f64::INFINITY }
                f64::from((self - other).abs()) / f64::from(self.abs().max(other.abs())).max(1.0)
            }
        }
        impl Stored for Complex<$float> {
            fn read(bytes: &[u8]) -> Self {
                let (re, im) = bytes.split_at(bytes.len() / 2);
                Complex::new(Stored::read(re), Stored::read(im))
            }
            fn distance(self, other: Self) -> f64 { self.re.distance(other.re).max(self.im.distance(other.im)) }
        })*
    };
}
stored!(integer: u8, i8, u16, i16, u32, i32, u64, i64; float: f32, f64);

fn samples<T: Stored>(bytes: &[u8], (height, width): (usize, usize)) -> Array2<T> {
    let all = bytes.chunks_exact(size_of::<T>()).map(T::read).collect();
    Array2::from_shape_vec((height, width), all).unwrap()
}

fn npy<T: Stored>(folder: &Path, name: &str) -> Array2<T> {
    let npy = cog_testkit::npy::Npy::open(&folder.join(format!("{name}.npy"))).unwrap();
    let shape = (npy.shape[0] as usize, npy.shape[1] as usize);
    samples(&npy.bytes().unwrap(), shape)
}

/// Resamples through bands of `rows` source rows, in `strips` strips.
fn resample<T: Sample>(
    plan: &Plan,
    rules: Rules<T>,
    image: &Array2<T>,
    weights: Option<&Array2<u8>>,
    rows: usize,
    strips: usize,
) -> (Array2<T>, Array2<u8>) {
    let (width, height) = plan.out_size();
    let (mut out, mut valid) = (Array2::default((height, width)), Array2::zeros((height, width)));
    for strip in 0..strips {
        let plan = plan.strip(width * strip / strips..width * (strip + 1) / strips);
        let area = plan.source_area();
        let (left, right) = (area.x as usize, (area.x + area.width) as usize);
        let columns = plan.out_columns();
        let mut out = out.slice_mut(s![.., columns.clone()]);
        let mut valid = valid.slice_mut(s![.., columns]);
        let mut resampler = Resampler::new(&plan, rules, weights.is_some()).unwrap();
        let mut seen = 0;
        // Bands of blocks begin above the area and end below it.
        let mut first = area.y as usize / rows * rows;
        while first < (area.y + area.height) as usize {
            let end = (first + rows).min(image.dim().0);
            if !plan.needs(first as u32..end as u32) {
                first = end;
                continue;
            }
            let band = image.slice(s![first..end, left..right]);
            let masks = weights.map(|w| w.slice(s![first..end, left..right]));
            let mut sink = |row: usize, samples: &[T], validity: Option<&[u8]>| {
                assert_eq!(row, seen);
                seen += 1;
                out.row_mut(row).iter_mut().zip(samples).for_each(|(o, v)| *o = *v);
                match validity {
                    Some(validity) => valid.row_mut(row).iter_mut().zip(validity).for_each(|(o, v)| *o = *v),
                    None => valid.row_mut(row).fill(255),
                }
            };
            let pushed = resampler.push_rows(first as u32, band, masks, &mut sink);
            assert_eq!(pushed, Ok(()), "{plan:?}");
            first = end;
        }
        assert_eq!(seen, height);
    }
    (out, valid)
}

#[derive(Debug, Default)]
struct Tally {
    pixels: usize,
    /// Not equal, and farther off than allowed.
    unequal: usize,
    off: usize,
    worst: f64,
    validity: usize,
}

struct Inputs<'a> {
    folder: &'a Path,
    valid: Array2<u8>,
    alpha: Array2<u8>,
    results: Vec<u8>,
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn compare<T: Stored>(read: &Value, inputs: &Inputs<'_>, tally: &mut Tally) {
    let kind = read["kind"].as_str().unwrap();
    let method: Resampling = read["method"].as_str().unwrap().parse().unwrap();
    let mut image: Array2<T> = npy(inputs.folder, read["type"].as_str().unwrap());
    let (height, width) = image.dim();
    let [x, y, w, h] = [0, 1, 2, 3].map(|i| number(&read["window"][i]));
    let window = Window::new(x, y, w, h);
    let out = [0, 1].map(|i| read["out"][i].as_u64().unwrap() as usize);
    let new = if T::LANES > 1 { Plan::for_complex } else { Plan::new };
    let plan = new(method, &window, (out[0], out[1]), (width as u32, height as u32), PLENTY).unwrap();
    let mut rules = Rules::default();
    let mut weights = None;
    match kind {
        "nodata" => {
            let nodata = if read["nodata"] == "nan" { f64::NAN } else { number(&read["nodata"]) };
            let nodata = T::from_lanes([nodata, 0.0]);
            image.zip_mut_with(&inputs.valid, |v, valid| *v = if *valid == 0 { nodata } else { *v });
            rules.nodata = Some(nodata);
        }
        "mask" => weights = Some(&inputs.valid),
        "alpha" => weights = Some(&inputs.alpha),
        "bits" => {
            rules.max = Some(T::from_lanes([15.0, 0.0]));
            image.mapv_inplace(|v| T::from_lanes([f64::from(v.lane(0) as u8 & 15), 0.0]));
        }
        _ => {}
    }
    let (got, mut valid) = resample(&plan, rules, &image, weights, 7, 1);
    let strips = resample(&plan, rules, &image, weights, 16, 3);
    let same = got.iter().zip(&strips.0).all(|(a, b)| a.same(*b)) && valid == strips.1;
    assert!(same, "strips differ from the whole: {read}");
    if let Some(weights) = weights {
        // A mask and alpha are resampled like any band; what is not 0 is valid.
        valid = resample(&plan, Rules::default(), weights, None, 40, 1).0;
    }
    if kind != "bits" {
        let image = image.view().insert_axis(Axis(0));
        let validity = weights.map_or(Validity::AllValid, |weights| Validity::Shared(weights.clone()));
        let whole = Resample::new(image, (out[1], out[0])).method(method).window(window).nodata(rules.nodata);
        let whole = whole.validity(&validity).run().unwrap();
        let same = got.iter().zip(&whole.samples).all(|(a, b)| a.same(*b));
        let said = whole.validity.union(out[1], out[0]);
        let same_validity = valid.iter().zip(&said).all(|(a, b)| (*a > 0) == (*b > 0));
        assert!(same && same_validity, "an array in and an array out differ from rows: {read}");
    }
    let at = read["at"].as_u64().unwrap() as usize;
    let bytes = inputs.results.get(at..at + read["bytes"].as_u64().unwrap() as usize).unwrap();
    let (stored, bits) = bytes.split_at(out[0] * out[1] * size_of::<T>());
    let expected: Array2<T> = samples(stored, (out[1], out[0]));
    let most = allowed(method.name(), read["type"].as_str().unwrap());
    let mut worst_here = 0.0f64;
    for (got, expected) in got.iter().zip(&expected) {
        let distance = got.distance(*expected);
        tally.pixels += 1;
        tally.unequal += usize::from(distance > 0.0);
        tally.off += usize::from(distance > most);
        worst_here = worst_here.max(distance);
    }
    tally.worst = tally.worst.max(worst_here);
    if read["mask"] == true {
        for (i, valid) in valid.iter().enumerate() {
            let bit = bits[i / 8] >> (7 - i % 8) & 1;
            tally.validity += usize::from((bit == 1) != (*valid > 0));
        }
    }
    if std::env::var_os("COG_RESAMPLE_SHOW").is_some() && worst_here > most {
        println!("{worst_here} {read}");
    }
}

/// How far a result may be from GDAL's: steps of integers, relative to the larger value (at least 1) for floats.
fn allowed(method: &str, dtype: &str) -> f64 {
    match dtype {
        "float32" | "complex64" => 1e-5,
        "float64" | "complex128" => 1e-11,
        // Doubles hold 53 of 64 bits; values go up to 2^40, where the order of additions shows.
        "uint64" | "int64" | "uint32" | "int32" => 1.0,
        _ if matches!(method, "lanczos" | "average" | "rms") => 1.0,
        _ => 0.0,
    }
}

#[test]
fn results_are_gdals() {
    for (number, folder) in folders().into_iter().enumerate() {
        let inputs = Inputs {
            folder: &folder,
            valid: npy(&folder, "valid"),
            alpha: npy(&folder, "alpha"),
            results: std::fs::read(folder.join("reads.bin")).unwrap(),
        };
        let mut tallies: BTreeMap<(String, String, String), Tally> = BTreeMap::new();
        let reads = json(&folder.join("reads.json"));
        assert!(reads.len() > 300);
        for read in &reads {
            let text = |key: &str| read[key].as_str().unwrap().to_owned();
            let tally = tallies.entry((text("method"), text("type"), text("kind"))).or_default();
            match read["type"].as_str().unwrap() {
                "uint8" => compare::<u8>(read, &inputs, tally),
                "int8" => compare::<i8>(read, &inputs, tally),
                "uint16" => compare::<u16>(read, &inputs, tally),
                "int16" => compare::<i16>(read, &inputs, tally),
                "uint32" => compare::<u32>(read, &inputs, tally),
                "int32" => compare::<i32>(read, &inputs, tally),
                "uint64" => compare::<u64>(read, &inputs, tally),
                "int64" => compare::<i64>(read, &inputs, tally),
                "float32" => compare::<f32>(read, &inputs, tally),
                "float64" => compare::<f64>(read, &inputs, tally),
                "complex64" => compare::<Complex<f32>>(read, &inputs, tally),
                "complex128" => compare::<Complex<f64>>(read, &inputs, tally),
                other => unreachable!("{other}"),
            }
        }
        let mut failed = Vec::new();
        for ((method, dtype, kind), tally) in &tallies {
            // The committed reads agree. Among thousands some pixel is masked but for a tap at the kernel's very edge, whose
            // weight of 1e-16 or 0 is a matter of rounding; and GDAL takes floats next to nodata for it.
            let stray = if number == 0 { 0.0 } else { 4.0 + 1e-4 * tally.pixels as f64 };
            let narrow = matches!(dtype.as_str(), "uint8" | "int8" | "uint16" | "int16");
            let unequal = if narrow { 1e-3 * tally.pixels as f64 + 1.0 } else { f64::INFINITY };
            let good = tally.off as f64 <= stray && tally.validity as f64 <= stray && tally.unequal as f64 <= unequal;
            if std::env::var_os("COG_RESAMPLE_SHOW").is_some() {
                println!("{method} {dtype} {kind}: {tally:?}");
            }
            if !good {
                failed.push(format!("{method} {dtype} {kind}: {tally:?}"));
            }
        }
        assert!(failed.is_empty(), "{}:\n{}", folder.display(), failed.join("\n"));
    }
}

#[test]
fn levels_are_chosen_as_gdal_does() {
    for folder in folders() {
        let mut count = 0;
        for file in json(&folder.join("overviews.json")) {
            let pair = |v: &Value| [0, 1].map(|i| v[i].as_u64().unwrap() as u32).into();
            let size: (u32, u32) = pair(&file["size"]);
            let overviews: Vec<(u32, u32)> = file["overviews"].as_array().unwrap().iter().map(pair).collect();
            for read in file["choices"].as_array().unwrap() {
                let [x, y, w, h] = [0, 1, 2, 3].map(|i| number(&read["window"][i]));
                let window = Window::new(x, y, w, h);
                let out: (u32, u32) = pair(&read["out"]);
                let method = read["method"].as_str().unwrap().parse().unwrap();
                let out = (out.0 as usize, out.1 as usize);
                let oversampling = read["threshold"].as_f64();
                let read_of = ReducedRead { window, output: out, method, oversampling };
                let level = OverviewStrategy::Gdal.choose(size, &overviews, &read_of);
                assert_eq!(level as u64, read["level"].as_u64().unwrap(), "{size:?} {read}");
                count += 1;
            }
        }
        assert!(count >= 60);
    }
}
