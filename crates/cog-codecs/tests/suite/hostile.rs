//! Streams that are empty, cut, overlong, of another size, damaged or bombs, for every codec.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use cog_codecs::{BlockSpec, Codecs, Error, ErrorClass, Scratch};
use cog_tiff::{Compression, Photometric, SampleFormat};

/// A stream that decodes, and what describes its block.
#[derive(Clone)]
struct Whole {
    head: BTreeMap<String, String>,
    src: Vec<u8>,
}

impl Whole {
    fn number(&self, key: &str, default: u32) -> u32 {
        self.head.get(key).map_or(default, |v| v.parse().unwrap())
    }

    fn spec(&self) -> BlockSpec<'static> {
        let number = |key, default| self.number(key, default) as u16;
        let mut spec = BlockSpec::new(
            self.number("width", 0),
            self.number("height", 0),
            number("samples", 1),
            number("bits", 8),
            SampleFormat::from_code(number("format", 1)),
            Compression::from_code(number("compression", 1)),
        );
        spec.photometric = Photometric::from_code(number("photometric", 1));
        spec
    }
}

/// How errors of each compression begin.
const NAMES: [(u16, &str); 17] = [
    (1, "none: "),
    (2, "CCITT: "),
    (3, "CCITT: "),
    (4, "CCITT: "),
    (5, "LZW: "),
    (6, "old-style JPEG: "),
    (7, "JPEG: "),
    (8, "deflate: "),
    (32773, "PackBits: "),
    (32946, "deflate: "),
    (34712, "JPEG 2000: "),
    (34887, "LERC: "),
    (34925, "LZMA: "),
    (50000, "ZSTD: "),
    (50001, "WebP: "),
    (50002, "JPEG XL: "),
    (52546, "JPEG XL: "),
];

fn name_of(code: u16) -> &'static str {
    NAMES.iter().find(|(c, _)| *c == code).unwrap().1
}

/// The longest stream of each compression in the fixtures that is little-endian, whole and without tables of its own.
fn streams() -> Vec<(u16, Whole)> {
    let mut longest: BTreeMap<u16, Whole> = BTreeMap::new();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    for file in ["matrix.blocks", "jpeg.blocks", "pictures.blocks", "ccitt.blocks", "old_jpeg.blocks"] {
        let bytes = std::fs::read(data.join(file)).unwrap();
        let (mut rest, mut parts) = (bytes.as_slice(), Vec::new());
        while let Some((len, after)) = rest.split_first_chunk::<4>() {
            let (part, after) = after.split_at(u32::from_le_bytes(*len) as usize);
            parts.push(part);
            rest = after;
        }
        for record in parts.as_chunks::<4>().0 {
            let text = std::str::from_utf8(record[0]).unwrap();
            let pairs = text.lines().filter_map(|line| line.split_once('='));
            let head: BTreeMap<_, _> = pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
            let whole = Whole { head, src: record[2].to_vec() };
            let code = whole.number("compression", 1) as u16;
            // Differences that are not summed up do not matter here.
            let odd = ["refused", "big", "raw"].iter().any(|key| whole.number(key, 0) > 0)
                || whole.head.contains_key("lerc")
                || whole.number("fill", 1) == 2;
            let damaged = file == "ccitt.blocks" && !text.contains("long runs");
            let apart = code == 6 && !text.contains("a whole stream in the strip");
            let better = longest.get(&code).is_none_or(|known| known.src.len() < whole.src.len());
            if !odd && !damaged && !apart && better {
                longest.insert(code, whole);
            }
        }
    }
    for (code, like) in [(32946, 8), (52546, 50002)] {
        let mut same = longest[&like].clone();
        same.head.insert("compression".to_owned(), code.to_string());
        longest.insert(code, same);
    }
    assert_eq!(longest.keys().copied().collect::<Vec<_>>(), NAMES.map(|(code, _)| code));
    let codecs = Codecs::default();
    longest.into_iter().filter(|(_, whole)| codecs.supports(&whole.spec()).is_ok()).collect()
}

fn decode(spec: &BlockSpec<'_>, src: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = vec![0xaa; spec.output_len().unwrap()];
    Codecs::default().decode_block(spec, src, &mut Scratch::new(), &mut out)?;
    Ok(out)
}

/// Where codes are missing libtiff makes white rows of it, and so do we: `ccitt.blocks` shows where.
fn is_ccitt(code: u16) -> bool {
    matches!(code, 2..=4)
}

/// The error names its codec and blames the file.
fn assert_named(code: u16, what: &str, error: &Error) {
    let text = error.to_string();
    // What old-style JPEG hands on is a stream as any other.
    let named = text.starts_with(name_of(code)) || code == 6 && text.starts_with("JPEG: ");
    assert!(named, "{code}, {what}: {text}");
    assert!(matches!(error.class(), ErrorClass::Format | ErrorClass::Unsupported), "{code}, {what}: {text}");
}

#[test]
fn an_empty_stream_is_an_error_of_every_codec() {
    for (code, whole) in streams() {
        assert!(decode(&whole.spec(), &whole.src).is_ok(), "{code}");
        let error = decode(&whole.spec(), &[]).unwrap_err();
        assert_named(code, "empty", &error);
        assert_eq!(error.class(), ErrorClass::Format, "{code}: {error}");
    }
}

#[test]
fn a_stream_cut_anywhere_is_a_named_error_or_whole() {
    for (code, whole) in streams() {
        let pixels = decode(&whole.spec(), &whole.src).unwrap();
        let half = decode(&whole.spec(), &whole.src[..whole.src.len() / 2]);
        assert!(half.is_err() || is_ccitt(code), "{code}");
        for cut in (0..whole.src.len()).step_by(whole.src.len().div_ceil(200)).chain([whole.src.len() - 1]) {
            match decode(&whole.spec(), &whole.src[..cut]) {
                Err(error) => assert_named(code, "cut", &error),
                // An end marker or a checksum is no loss.
                Ok(got) => assert!(got == pixels || is_ccitt(code) || whole.src.len() - cut < 16, "{code}: {cut}"),
            }
        }
    }
}

#[test]
fn bytes_after_a_stream_do_no_harm() {
    for (code, whole) in streams() {
        let pixels = decode(&whole.spec(), &whole.src).unwrap();
        let junk = (0..70_000u32).map(|i| (i.wrapping_mul(i) >> 5) as u8);
        let longer: Vec<u8> = whole.src.iter().copied().chain(junk).collect();
        assert!(decode(&whole.spec(), &longer) == Ok(pixels), "{code}");
    }
}

#[test]
fn a_stream_of_another_size_than_its_block_is_an_error_or_fills_it() {
    for (code, whole) in streams() {
        let pixels = decode(&whole.spec(), &whole.src).unwrap();
        let mut taller = whole.spec();
        (taller.height, taller.rows_used) = (taller.height + 40, taller.height + 40);
        match decode(&taller, &whole.src) {
            Err(error) => assert_named(code, "taller", &error),
            Ok(_) => assert!(is_ccitt(code), "{code}"),
        }
        let mut lower = whole.spec();
        (lower.height, lower.rows_used) = (lower.height - 1, lower.height - 1);
        match decode(&lower, &whole.src) {
            Err(error) => assert_named(code, "lower", &error),
            Ok(got) => assert!(got == pixels[..got.len()], "{code}"),
        }
        for (width, height) in [(1, 1), (70_000, 1), (3, 40_000), (0, 5), (5, 0)] {
            let mut spec = whole.spec();
            (spec.width, spec.height) = (width, height);
            (spec.columns_used, spec.rows_used) = (width, height);
            if let Err(error) = decode(&spec, &whole.src) {
                assert_named(code, "other size", &error);
            }
        }
    }
}

#[test]
fn damaged_streams_end_soon_in_pixels_or_a_named_error() {
    let mut state = 1u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    for (code, whole) in streams() {
        let begin = Instant::now();
        for round in 0..150 {
            let mut src = whole.src.clone();
            match round % 3 {
                0 => src.iter_mut().for_each(|byte| *byte = random() as u8),
                1 => {
                    for _ in 0..1 + random() % 5 {
                        let at = random() % src.len();
                        src[at] ^= 1 << (random() % 8);
                    }
                }
                _ => {
                    let at = random() % src.len();
                    let byte = if random() % 2 == 0 { 0 } else { 0xff };
                    src.iter_mut().skip(at).take(random() % 40).for_each(|b| *b = byte);
                }
            }
            if let Err(error) = decode(&whole.spec(), &src) {
                assert_named(code, "damaged", &error);
            }
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "{code}: {:?}", begin.elapsed());
    }
}

/// Streams that would unpack to 64 MiB, for blocks of 1000 bytes.
#[test]
fn a_bomb_fills_its_block_and_stops() {
    const BOMB: usize = 64 << 20;
    let zeros = vec![0u8; BOMB];
    let mut bombs: Vec<(u16, Vec<u8>)> = Vec::new();
    bombs.push((32773, [0x81, 0].repeat(BOMB / 128)));
    bombs.push((1, zeros.clone()));
    // A code for nothing but zeros, each one longer than the last.
    let lzw: String = std::iter::once(256).chain([0]).chain(258..500).map(|code| format!("{code:09b}")).collect();
    bombs.push((
        5,
        lzw.as_bytes().chunks(8).map(|c| c.iter().enumerate().map(|(i, d)| (d - b'0') << (7 - i)).sum()).collect(),
    ));
    let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut deflate, &zeros).unwrap();
    bombs.push((8, deflate.finish().unwrap()));
    let mut zstd = Vec::with_capacity(zstd_safe::compress_bound(BOMB));
    zstd_safe::compress(&mut zstd, &zeros, 1).unwrap();
    bombs.push((50000, zstd));
    let mut lzma = Vec::with_capacity(1 << 20);
    let mut stream = liblzma::stream::Stream::new_easy_encoder(0, liblzma::stream::Check::Crc32).unwrap();
    stream.process_vec(&zeros, &mut lzma, liblzma::stream::Action::Finish).unwrap();
    bombs.push((34925, lzma));
    for (code, bomb) in bombs {
        let spec = BlockSpec::new(1000, 1, 1, 8, SampleFormat::Uint, Compression::from_code(code));
        if Codecs::default().supports(&spec).is_err() {
            continue;
        }
        let begin = Instant::now();
        assert!(decode(&spec, &bomb) == Ok(vec![0; 1000]), "{code}");
        assert!(begin.elapsed() < Duration::from_millis(500), "{code}: {:?}", begin.elapsed());
    }
}

/// Pictures whose headers promise the largest size their format has.
#[test]
fn a_picture_larger_than_its_block_is_refused_by_its_header() {
    for (code, whole) in streams() {
        let mut src = whole.src.clone();
        let end = src.len();
        let place = |marker: &[u8], offset: usize| src_position(&whole.src, marker) + offset;
        match code {
            6 | 7 => {
                let at = place(&[0xff, 0xc0], 5);
                src[at..at + 4].fill(0xff);
            }
            34712 => {
                let at = place(&[0xff, 0x51], 6);
                src[at..at + 8].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
            }
            50001 if src_contains(&src, b"VP8 ") => {
                let at = place(&[0x9d, 0x01, 0x2a], 3);
                src[at..at + 4].copy_from_slice(&[0xff, 0x3f, 0xff, 0x3f]);
            }
            50001 => {
                let at = place(b"VP8L", 9);
                src[at..at + 3].fill(0xff);
            }
            _ => continue,
        }
        assert_eq!(src.len(), end);
        let begin = Instant::now();
        let error = decode(&whole.spec(), &src).unwrap_err();
        assert_named(code, "huge", &error);
        assert!(begin.elapsed() < Duration::from_millis(500), "{code}: {:?}", begin.elapsed());
    }
}

fn src_position(src: &[u8], marker: &[u8]) -> usize {
    src.windows(marker.len()).position(|w| w == marker).unwrap()
}

fn src_contains(src: &[u8], marker: &[u8]) -> bool {
    src.windows(marker.len()).any(|w| w == marker)
}
