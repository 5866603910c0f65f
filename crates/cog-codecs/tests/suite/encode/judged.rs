//! Files of blocks that we encoded, read by tifffile (imagecodecs) and by rasterio (GDAL, libtiff).

use std::path::Path;
use std::time::Duration;

use cog_codecs::encode::{BlockShape, EncodeCodec, Encoder, Encoding, JpegColors, LercWrapping};
use cog_tiff::{Predictor, SampleType};

use super::tiff_file::Image;
use super::{Pixels, TYPES, depths, fits};

/// Columns and rows of the images: tiles of 32 × 48 reach beyond both.
const SIZE: (usize, usize) = (75, 61);

/// What a judge has to know of a file.
struct Case {
    name: String,
    image: Image<'static>,
    /// How far off samples may be, on average and at worst; none if they have to be equal.
    tolerance: Option<(f64, f64)>,
    /// Judges that cannot read it, for a reason that is told where the case is made.
    without: &'static [&'static str],
    /// Options with which GDAL writes the same samples, as JSON: its blocks are to be about as large.
    gdal: Option<String>,
    /// A quality with which libjpeg-turbo makes the very same bytes.
    turbo: Option<u8>,
}

impl Case {
    fn new(name: String, image: Image<'static>) -> Self {
        Self { name, image, tolerance: None, without: &[], gdal: None, turbo: None }
    }
}

fn image(sample_type: SampleType, bits: u16, samples: u16, encoding: Encoding, seed: u64) -> Image<'static> {
    let mut shape = BlockShape::new(SIZE.0 as u32, SIZE.1 as u32, samples, sample_type);
    shape.bits = bits;
    let bands = Box::leak(Pixels::new(shape, SIZE, 0, seed).bands.into_boxed_slice());
    let tile = BlockShape::new(32, 48, samples, sample_type);
    let mut image = Image { width: SIZE.0, height: SIZE.1, bands, tile, encoding, planar: false, photometric: 1 };
    image.tile.bits = bits;
    image
}

fn none(codec: EncodeCodec) -> Encoding {
    Encoding { codec, predictor: Predictor::None }
}

/// Writes the files, lets the judges read them, and fails with all that they found.
fn judge(test: &str, cases: Vec<Case>) {
    let directory = tempfile::tempdir().unwrap();
    let mut manifest = Vec::new();
    for case in cases {
        let Image { width, height, bands, tile, encoding, .. } = &case.image;
        if Encoder::new(encoding, tile).is_err_and(|e| e.class() == cog_codecs::ErrorClass::Unsupported) {
            continue;
        }
        let file = format!("{}.tif", case.name);
        std::fs::write(directory.path().join(&file), case.image.file()).unwrap();
        std::fs::write(directory.path().join(format!("{}.raw", case.name)), bands.concat()).unwrap();
        let tolerance = case.tolerance.map_or("null".into(), |(mean, worst)| format!("[{mean}, {worst}]"));
        manifest.push(format!(
            r#"{{"file": "{file}", "expected": "{}.raw", "dtype": "{}", "bands": {}, "height": {height}, "width": {width},
            "codec": "{}", "tolerance": {tolerance}, "without": {:?}, "gdal": {}, "turbo": {}}}"#,
            case.name,
            tile.sample_type.name(),
            bands.len(),
            encoding.codec.compression().name(),
            case.without,
            case.gdal.as_deref().unwrap_or("null"),
            case.turbo.map_or("null".into(), |quality| quality.to_string()),
        ));
    }
    assert!(!manifest.is_empty());
    let files = manifest.len();
    std::fs::write(directory.path().join("manifest.json"), format!("[{}]", manifest.join(",\n"))).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/encode/judge.py");
    let printed = cog_testkit::python::judge(test, &script, directory.path(), Duration::from_secs(300)).unwrap();
    let Some(printed) = printed else { return };
    println!("{files} files: {printed}");
    assert!(printed.contains("wrong 0"), "{printed}");
    assert!(!printed.contains("read 0"), "{printed}");
}

#[test]
fn all_types_with_all_predictors() {
    let codecs = [
        EncodeCodec::None,
        EncodeCodec::PackBits,
        EncodeCodec::Lzw,
        EncodeCodec::Deflate { level: 6 },
        EncodeCodec::Zstd { level: 9 },
        EncodeCodec::Lzma { level: 1 },
    ];
    let mut cases = Vec::new();
    for sample_type in TYPES {
        for codec in codecs {
            for predictor in [Predictor::None, Predictor::Horizontal, Predictor::FloatingPoint] {
                for (samples, planar) in [(1, false), (3, false), (2, true)] {
                    let encoding = Encoding { codec, predictor };
                    let bits = sample_type.size() as u16 * 8;
                    let mut image = image(sample_type, bits, samples, encoding, 7 + cases.len() as u64);
                    image.planar = planar;
                    if !fits(predictor, &codec, &image.tile) {
                        continue;
                    }
                    let name = format!(
                        "{}-{:?}-{}-{samples}{planar}",
                        sample_type.name(),
                        codec.compression(),
                        predictor.code()
                    );
                    cases.push(Case::new(name, image));
                }
            }
        }
    }
    judge("all_types_with_all_predictors", cases);
}

#[test]
fn all_depths() {
    let mut cases = Vec::new();
    for sample_type in [SampleType::U8, SampleType::U16, SampleType::U32, SampleType::F32] {
        for bits in depths(sample_type) {
            for (codec, samples) in [(EncodeCodec::None, 1), (EncodeCodec::Lzw, 3), (EncodeCodec::PackBits, 2)] {
                let image = image(sample_type, bits, samples, none(codec), bits.into());
                let name = format!("{}-{bits}-{samples}", sample_type.name());
                // tifffile knows no packed integers of more than 16 bits but 24 of a single band.
                let without: &[&str] = if (17..32).contains(&bits) { &["tifffile"] } else { &[] };
                cases.push(Case { without, ..Case::new(name, image) });
            }
        }
    }
    for predictor in [Predictor::Horizontal, Predictor::FloatingPoint] {
        let image = image(SampleType::F32, 16, 1, Encoding { codec: EncodeCodec::Lzw, predictor }, 5);
        cases.push(Case::new(format!("half-{}", predictor.code()), image));
    }
    judge("all_depths", cases);
}

#[test]
fn lerc_of_all_its_types() {
    let wrappings = [LercWrapping::None, LercWrapping::Deflate { level: 6 }, LercWrapping::Zstd { level: 9 }];
    let mut cases = Vec::new();
    for sample_type in TYPES {
        if sample_type.is_complex() || matches!(sample_type, SampleType::U64 | SampleType::I64) {
            continue;
        }
        for (i, wrapping) in wrappings.into_iter().enumerate() {
            for samples in [1, 3] {
                let codec = EncodeCodec::Lerc { max_error: 0.0, wrapping };
                let bits = sample_type.size() as u16 * 8;
                let image = image(sample_type, bits, samples, none(codec), 3 + i as u64);
                let name = format!("{}-{i}-{samples}", sample_type.name());
                cases.push(Case::new(name, image));
            }
        }
    }
    for (max_error, sample_type) in [
        (0.4, SampleType::F32),
        (2.0, SampleType::F32),
        (0.001, SampleType::F64),
        (3.0, SampleType::U16),
        (1.0, SampleType::I8),
    ] {
        let codec = EncodeCodec::Lerc { max_error, wrapping: LercWrapping::None };
        let bits = sample_type.size() as u16 * 8;
        let image = image(sample_type, bits, 1, none(codec), 9);
        let tolerance = Some((max_error, max_error * 1.0001));
        cases.push(Case { tolerance, ..Case::new(format!("error-{max_error}"), image) });
    }
    judge("lerc_of_all_its_types", cases);
}

#[test]
fn lerc_keeps_nan() {
    let mut cases = Vec::new();
    // Bands that have it at the same places, at places of their own, everywhere.
    for (i, samples) in [(0, 1u16), (1, 2), (2, 2), (3, 1)] {
        for max_error in [0.0, 0.01] {
            let codec = EncodeCodec::Lerc { max_error, wrapping: LercWrapping::None };
            let mut image = image(SampleType::F32, 32, samples, none(codec), 4);
            let mut bands = image.bands.to_vec();
            for (band, bytes) in bands.iter_mut().enumerate() {
                for (pixel, sample) in bytes.chunks_exact_mut(4).enumerate() {
                    let nothing = match i {
                        0 | 1 => pixel % 7 == 0,
                        2 => pixel % (5 + band) == 0,
                        _ => true,
                    };
                    if nothing {
                        sample.copy_from_slice(&f32::NAN.to_ne_bytes());
                    }
                }
            }
            image.bands = Box::leak(bands.into_boxed_slice());
            let tolerance = Some((max_error, max_error * 1.001));
            // tifffile leaves 0 where the mask of a blob says that there is nothing.
            let without = &["tifffile"];
            cases.push(Case { tolerance, without, ..Case::new(format!("nan-{i}-{max_error}"), image) });
        }
    }
    judge("lerc_keeps_nan", cases);
}

/// Hills and a little noise, as photographs have it.
fn picture(bands: usize, (width, height): (usize, usize)) -> &'static [Vec<u8>] {
    let hills = |x: f64, y: f64, band: f64| {
        ((x / 9.0 + band).sin() + (y / 7.0).cos() + (x / 31.0).cos() * (y / 23.0 + band).sin()) * 38.0 + 128.0
    };
    let band = |band: usize| -> Vec<u8> {
        let mut state = 5u64;
        let mut noise = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 61) as f64
        };
        let pixels = (0..width * height).map(|i| ((i % width) as f64, (i / width) as f64));
        pixels.map(|(x, y)| (hills(x, y, band as f64) + noise()) as u8).collect()
    };
    Box::leak((0..bands).map(band).collect::<Vec<_>>().into_boxed_slice())
}

fn of_picture(codec: EncodeCodec, bands: usize, photometric: u16) -> Image<'static> {
    let tile = BlockShape::new(32, 48, bands as u16, SampleType::U8);
    let (width, height) = SIZE;
    Image { width, height, bands: picture(bands, SIZE), tile, encoding: none(codec), planar: false, photometric }
}

/// A picture in a single tile.
fn of_large_picture(encoding: Encoding, bands: usize, photometric: u16) -> Image<'static> {
    let tile = BlockShape::new(512, 512, bands as u16, SampleType::U8);
    let bands = picture(bands, (512, 512));
    Image { width: 512, height: 512, bands, tile, encoding, planar: false, photometric }
}

#[test]
fn webp_lossless_and_lossy() {
    let mut cases = Vec::new();
    for bands in [3, 4] {
        let image = of_picture(EncodeCodec::WebPLossless, bands, 2);
        cases.push(Case::new(format!("lossless-{bands}"), image));
        for (quality, mean, worst) in [(75, 4.0, 60.0), (95, 3.0, 40.0)] {
            let image = of_picture(EncodeCodec::WebP { quality }, bands, 2);
            let name = format!("lossy-{bands}-{quality}");
            cases.push(Case { tolerance: Some((mean, worst)), ..Case::new(name, image) });
        }
    }
    judge("webp_lossless_and_lossy", cases);
}

#[test]
fn jpeg_of_one_to_four_bands() {
    let mut cases = Vec::new();
    for (bands, photometric, colors) in [
        (1, 1, JpegColors::Stored),
        (2, 1, JpegColors::Stored),
        (3, 2, JpegColors::Stored),
        (4, 2, JpegColors::Stored),
        (3, 6, JpegColors::YCbCr),
    ] {
        for (quality, mean, worst) in [(40, 8.0, 120.0), (75, 5.0, 80.0), (100, 2.0, 40.0)] {
            let image = of_picture(EncodeCodec::Jpeg { quality, colors }, bands, photometric);
            let name = format!("jpeg-{bands}-{photometric}-{quality}");
            // Colours that were subsampled are off by much where they change from one pixel to the next.
            let tolerance = Some((mean, if photometric == 6 { 120.0 } else { worst }));
            cases.push(Case { tolerance, ..Case::new(name, image) });
        }
    }
    judge("jpeg_of_one_to_four_bands", cases);
}

#[test]
fn jpeg_is_that_of_libjpeg_turbo() {
    let mut cases = Vec::new();
    for quality in [1, 10, 49, 50, 75, 90, 100] {
        for (bands, photometric, colors) in [(1, 1, JpegColors::Stored), (3, 6, JpegColors::YCbCr)] {
            let image = of_large_picture(none(EncodeCodec::Jpeg { quality, colors }), bands, photometric);
            let name = format!("turbo-{bands}-{quality}");
            cases.push(Case { turbo: Some(quality), tolerance: Some((60.0, 255.0)), ..Case::new(name, image) });
        }
    }
    judge("jpeg_is_that_of_libjpeg_turbo", cases);
}

#[test]
fn sizes_are_those_of_gdal() {
    let tiles = r#""tiled": true, "blockxsize": 512, "blockysize": 512"#;
    let lossy = Some((8.0, 120.0));
    let ycbcr = EncodeCodec::Jpeg { quality: 75, colors: JpegColors::YCbCr };
    let stored = EncodeCodec::Jpeg { quality: 75, colors: JpegColors::Stored };
    let mut cases = Vec::new();
    for (codec, options, bands, photometric, tolerance) in [
        (EncodeCodec::PackBits, r#""compress": "PACKBITS""#, 3, 2, None),
        (EncodeCodec::Lzw, r#""compress": "LZW""#, 1, 1, None),
        (EncodeCodec::Lzw, r#""compress": "LZW""#, 3, 2, None),
        (EncodeCodec::Deflate { level: 6 }, r#""compress": "DEFLATE", "zlevel": 6"#, 3, 2, None),
        (EncodeCodec::Zstd { level: 9 }, r#""compress": "ZSTD", "zstd_level": 9"#, 3, 2, None),
        (EncodeCodec::WebP { quality: 75 }, r#""compress": "WEBP", "webp_level": 75"#, 3, 2, lossy),
        (EncodeCodec::WebPLossless, r#""compress": "WEBP", "webp_lossless": true"#, 3, 2, None),
        (ycbcr, r#""compress": "JPEG", "photometric": "YCBCR", "jpeg_quality": 75"#, 3, 6, lossy),
        (stored, r#""compress": "JPEG", "jpeg_quality": 75"#, 3, 2, lossy),
        (stored, r#""compress": "JPEG", "jpeg_quality": 75"#, 1, 1, lossy),
    ] {
        // What other libraries without C make of the same level is their own affair.
        let in_c = [(8, cfg!(feature = "deflate")), (50000, cfg!(feature = "zstd")), (50001, cfg!(feature = "webp"))];
        if in_c.contains(&(codec.compression().code(), false)) {
            continue;
        }
        for predictor in [Predictor::None, Predictor::Horizontal] {
            if predictor != Predictor::None && !codec.heeds_predictor() {
                continue;
            }
            let image = of_large_picture(Encoding { codec, predictor }, bands, photometric);
            let name = format!("size-{:?}-{bands}-{photometric}-{}", codec.compression(), predictor.code());
            let name = if codec == EncodeCodec::WebPLossless { name + "-lossless" } else { name };
            let chosen =
                if codec.heeds_predictor() { format!(r#", "predictor": {}"#, predictor.code()) } else { String::new() };
            let gdal = Some(format!("{{{tiles}, {options}{chosen}}}"));
            cases.push(Case { tolerance, gdal, ..Case::new(name, image) });
        }
    }
    judge("sizes_are_those_of_gdal", cases);
}
