//! Blocks that other software wrote, compared with the samples other software reads from them.
//!
//! `tests/data/make_blocks.py` makes the fixtures and says where the expected values come from.

use std::path::Path;

use cog_codecs::{BlockSpec, Codecs, ColorView, Error, ErrorClass, Scratch};
use cog_tiff::{ByteOrder, Compression, FillOrder, Photometric, Predictor, SampleFormat, SampleType};

struct Record {
    head: String,
    tables: Vec<u8>,
    src: Vec<u8>,
    expected: Vec<u8>,
}

impl Record {
    fn value(&self, key: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
    }

    fn number(&self, key: &str, default: u32) -> u32 {
        self.value(key).map_or(default, |v| v.parse().unwrap())
    }

    fn pair(&self, key: &str) -> Option<(u32, u32)> {
        let (a, b) = self.value(key)?.split_once(',')?;
        Some((a.parse().unwrap(), b.parse().unwrap()))
    }

    fn spec(&self) -> BlockSpec<'_> {
        let code = |key, default| self.number(key, default) as u16;
        let mut spec = BlockSpec::new(
            self.number("width", 0),
            self.number("height", 0),
            code("samples", 1),
            code("bits", 8),
            SampleFormat::from_code(code("format", 1)),
            Compression::from_code(code("compression", 1)),
        );
        spec.predictor = Predictor::from_code(code("predictor", 1));
        spec.photometric = Photometric::from_code(code("photometric", 1));
        spec.fill_order = FillOrder::from_code(code("fill", 1));
        spec.byte_order = if code("big", 0) == 1 { ByteOrder::Big } else { ByteOrder::Little };
        spec.color_view = if code("raw", 0) == 1 { ColorView::Raw } else { ColorView::Gdal };
        spec.jpeg_tables = (!self.tables.is_empty()).then_some(&self.tables);
        spec.t4_options = self.number("t4", 0);
        spec.t6_options = self.number("t6", 0);
        if let Some(numbers) = self.value("black_white") {
            let numbers: Vec<f32> = numbers.split(',').map(|n| n.parse().unwrap()).collect();
            spec.reference_black_white = numbers.try_into().unwrap();
        }
        spec.lerc_parameters = self.pair("lerc").map(|(version, wrapping)| [version, wrapping]);
        if let Some((across, down)) = self.pair("subsampling") {
            spec.ycbcr_subsampling = (across as u16, down as u16);
        }
        spec
    }
}

fn records(file: &str) -> Vec<Record> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(file);
    let bytes = std::fs::read(&path).unwrap();
    let mut rest = bytes.as_slice();
    let mut next = || {
        let (len, after) = rest.split_first_chunk::<4>()?;
        let (part, after) = after.split_at(u32::from_le_bytes(*len) as usize);
        rest = after;
        Some(part.to_vec())
    };
    let mut all = Vec::new();
    while let Some(head) = next() {
        let head = String::from_utf8(head).unwrap();
        all.push(Record { head, tables: next().unwrap(), src: next().unwrap(), expected: next().unwrap() });
    }
    assert!(!all.is_empty(), "{file} has no records");
    all
}

/// The parts of a byte string, each after its length.
#[cfg(feature = "jpeg")]
fn parts(bytes: &[u8]) -> Vec<&[u8]> {
    let (mut rest, mut parts) = (bytes, Vec::new());
    while let Some((len, after)) = rest.split_first_chunk::<4>() {
        let (part, after) = after.split_at(u32::from_le_bytes(*len) as usize);
        parts.push(part);
        rest = after;
    }
    assert!(rest.is_empty());
    parts
}

/// Tables of old-style JPEG: what its tags point to becomes the header that blocks are decoded with.
#[cfg(feature = "jpeg")]
fn with_header(mut record: Record) -> Record {
    let packed = std::mem::take(&mut record.tables);
    let [interchange, q0, q1, q2, d0, d1, d2, a0, a1, a2, first_block] = parts(&packed)[..] else { panic!("11 parts") };
    let mut tags = cog_codecs::OldJpeg::default();
    (tags.interchange, tags.first_block) = (interchange, first_block);
    (tags.quantisation, tags.dc, tags.ac) = ([q0, q1, q2], [d0, d1, d2], [a0, a1, a2]);
    record.tables = tags.header(&record.spec()).unwrap();
    record
}

/// Little-endian bytes of samples of this machine.
fn little_endian(spec: &BlockSpec<'_>, mut out: Vec<u8>) -> Vec<u8> {
    if cfg!(target_endian = "big") {
        let kind = spec.sample_type().unwrap();
        let complex = matches!(kind, SampleType::Complex32 | SampleType::Complex64);
        out.chunks_mut(kind.size() / if complex { 2 } else { 1 }).for_each(<[u8]>::reverse);
    }
    out
}

/// Compares all records of a file; those of codecs that this build leaves out are counted, not compared.
fn compare(file: &str) {
    compare_records(file, records(file));
}

fn compare_records(file: &str, records: Vec<Record>) {
    let codecs = Codecs::default();
    let mut scratch = Scratch::new();
    let (mut compared, mut left_out) = (0, 0);
    for record in records {
        let name = record.value("name").unwrap().to_owned();
        let spec = record.spec();
        match codecs.supports(&spec) {
            Err(Error::Disabled { .. }) => {
                left_out += 1;
                continue;
            }
            other => other.unwrap_or_else(|e| panic!("{name}: {e}")),
        }
        let mut out = vec![0xaa; spec.output_len().unwrap()];
        let decoded = match codecs.decode_block(&spec, &record.src, &mut scratch, &mut out) {
            Ok(decoded) => decoded,
            Err(Error::Variant { what, .. }) if what.contains("without that feature") => {
                left_out += 1;
                continue;
            }
            Err(error) if record.number("refused", 0) == 1 => {
                assert_eq!(error.class(), ErrorClass::Format, "{name}: {error}");
                compared += 1;
                continue;
            }
            Err(error) => panic!("{name}: {error}"),
        };
        assert_eq!(record.number("refused", 0), 0, "{name}: decodes, but the reference refuses it");
        let out = little_endian(&spec, out);
        assert_eq!(out.len(), record.expected.len(), "{name}");
        match (record.value("max"), record.value("mean")) {
            (Some(max), Some(mean)) => {
                let off = out.iter().zip(&record.expected).map(|(a, b)| a.abs_diff(*b));
                let worst = off.clone().max().unwrap();
                let average = off.map(f64::from).sum::<f64>() / out.len() as f64;
                assert!(worst <= max.parse().unwrap(), "{name}: off by {worst}");
                assert!(average <= mean.parse().unwrap(), "{name}: off by {average} in the mean");
            }
            _ => assert!(out == record.expected, "{name}: {:?} is not {:?}", head(&out), head(&record.expected)),
        }
        let masked = decoded.validity.map_or(0, |v| v.iter().filter(|&&valid| valid == 0).count());
        assert_eq!(masked, record.number("masked", 0) as usize, "{name}");
        // Half a stream is an error or, where a picture format is lenient, at least no panic.
        let _ = codecs.decode_block(&spec, &record.src[..record.src.len() / 2], &mut scratch, &mut vec![0; out.len()]);
        compared += 1;
    }
    println!("{file}: {compared} blocks compared, {left_out} of codecs not in this build");
    assert!(compared > 0 || left_out > 0);
    assert!(left_out == 0 || !cfg!(feature = "pure-rust"), "a codec is missing in the set without C");
}

fn head(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(32)]
}

#[test]
fn every_type_with_every_predictor_in_both_byte_orders() {
    compare("matrix.blocks");
}

#[test]
fn packed_depths_short_floats_and_complex_integers() {
    compare("packed.blocks");
}

#[test]
fn jpeg_equals_libjpeg_turbo() {
    compare("jpeg.blocks");
}

#[test]
fn progressive_multi_scan_and_oddly_sampled_jpeg_equal_libjpeg_turbo() {
    compare("jpeg_kinds.blocks");
}

#[test]
fn webp_jpeg_xl_jpeg_2000_and_lerc_equal_their_reference_decoders() {
    compare("pictures.blocks");
}

#[test]
fn colours_are_those_of_gdal() {
    compare("colours.blocks");
}

#[test]
fn jpeg_of_12_bits_equals_libjpeg_turbo() {
    compare("jpeg12.blocks");
}

#[cfg(feature = "turbojpeg")]
#[test]
fn arithmetic_coded_jpeg_equals_libjpeg_turbo() {
    compare("jpeg_arithmetic.blocks");
}

#[cfg(all(feature = "jpeg", not(feature = "turbojpeg")))]
#[test]
fn arithmetic_coded_jpeg_is_unsupported_and_names_the_feature() {
    for record in records("jpeg_arithmetic.blocks") {
        let spec = record.spec();
        let mut out = vec![0; spec.output_len().unwrap()];
        let error = Codecs::default().decode_block(&spec, &record.src, &mut Scratch::new(), &mut out).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Unsupported);
        assert_eq!(error.to_string(), "JPEG: arithmetic coding without the feature `turbojpeg` is not supported");
    }
}

#[test]
fn subsampled_chroma_in_data_units_is_shown_as_by_gdal() {
    compare("chroma.blocks");
}

#[test]
fn ccitt_streams_whole_and_damaged_are_read_as_by_gdal() {
    compare("ccitt.blocks");
}

#[cfg(feature = "jpeg")]
#[test]
fn every_form_of_old_style_jpeg_is_read_as_by_gdal() {
    compare_records("old_jpeg.blocks", records("old_jpeg.blocks").into_iter().map(with_header).collect());
}

#[test]
fn a_cut_stream_of_a_lossless_codec_is_an_error() {
    let codecs = Codecs::default();
    let mut scratch = Scratch::new();
    for record in records("matrix.blocks") {
        let spec = record.spec();
        if codecs.supports(&spec).is_err() {
            continue;
        }
        let mut out = vec![0; spec.output_len().unwrap()];
        let cut = &record.src[..record.src.len() / 2];
        assert!(codecs.decode_block(&spec, cut, &mut scratch, &mut out).is_err(), "{}", record.head);
        assert!(codecs.decode_block(&spec, &[], &mut scratch, &mut out).is_err(), "{}", record.head);
    }
}

#[test]
fn a_slice_of_another_length_is_refused() {
    let spec = BlockSpec::new(4, 4, 1, 8, SampleFormat::Uint, Compression::None);
    let error = Codecs::default().decode_block(&spec, &[0; 16], &mut Scratch::new(), &mut [0; 15]).unwrap_err();
    assert_eq!(error.to_string(), "the output slice has 15 bytes, the block needs 16");
}
