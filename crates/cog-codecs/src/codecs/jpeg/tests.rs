//! The decoder against whole and broken streams; here, because [`Jpeg`] would turn a panic into an error.

use std::path::Path;
use std::time::{Duration, Instant};

use cog_tiff::{Compression, SampleFormat};
use proptest::prelude::*;

use super::*;
use crate::cpu::Cpu;

#[derive(Default)]
pub(super) struct Stream {
    pub(super) name: String,
    pub(super) width: u32,
    pub(super) height: u32,
    samples: u16,
    pub(super) bits: u16,
    pub(super) to_rgb: bool,
    pub(super) bytes: Vec<u8>,
    /// What libjpeg-turbo makes of it, little-endian.
    pub(super) expected: Vec<u8>,
}

/// Those of `tests/data`, which `tests/blocks.rs` compares with libjpeg-turbo.
fn streams() -> Vec<Stream> {
    streams_in(&["jpeg.blocks", "jpeg_kinds.blocks"])
}

/// Those of single files.
pub(super) fn streams_in(files: &[&str]) -> Vec<Stream> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let bytes = files.iter().map(|file| std::fs::read(data.join(file)).unwrap()).collect::<Vec<_>>().concat();
    let mut rest = bytes.as_slice();
    let mut next = || {
        let (len, after) = rest.split_first_chunk::<4>()?;
        let (part, after) = after.split_at(u32::from_le_bytes(*len) as usize);
        rest = after;
        Some(part)
    };
    let mut all = Vec::new();
    while let Some(head) = next() {
        let head = std::str::from_utf8(head).unwrap();
        let value = |key: &str| head.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        let number = |key| value(key).unwrap_or("0").parse::<u32>().unwrap();
        assert_eq!(next(), Some(&b""[..]), "a stream with tables of its own");
        all.push(Stream {
            name: value("name").unwrap().to_owned(),
            width: number("width"),
            height: number("height"),
            samples: number("samples") as u16,
            bits: value("bits").map_or(8, |bits| bits.parse().unwrap()),
            to_rgb: number("photometric") == 6 && number("raw") == 0,
            bytes: next().unwrap().to_vec(),
            expected: next().unwrap().to_vec(),
        });
    }
    assert!(all.len() > 10);
    all
}

impl Stream {
    pub(super) fn spec(&self) -> BlockSpec<'_> {
        let (format, compression) = (SampleFormat::Uint, Compression::from_code(7));
        let mut spec = BlockSpec::new(self.width, self.height, self.samples, self.bits, format, compression);
        if self.to_rgb {
            spec.photometric = Photometric::YCbCr;
        }
        spec
    }

    pub(super) fn decode(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        let spec = self.spec();
        let mut out = vec![0; spec.output_len().unwrap()];
        Jpeg.decode(&spec, bytes, &mut Scratch::new(), &mut out)?;
        Ok(self.little_endian(out))
    }

    /// Samples of this machine as `expected` has them.
    pub(super) fn little_endian(&self, mut samples: Vec<u8>) -> Vec<u8> {
        if cfg!(target_endian = "big") && self.bits > 8 {
            samples.as_chunks_mut::<2>().0.iter_mut().for_each(|pair| pair.reverse());
        }
        samples
    }

    /// How many rows of its picture the block shows.
    fn rows_of_picture(&self) -> u32 {
        stream::join(None, &self.bytes, &mut Vec::new()).unwrap().height
    }
}

/// Decodes without a net, if the picture is not large; the pixels, or what is wrong.
fn decode_bare(bytes: &[u8], cpu: Cpu, memory: &mut picture::Memory<u8>) -> std::result::Result<Vec<u8>, String> {
    let mut joined = Vec::new();
    let frame = stream::join(None, bytes, &mut joined).map_err(|e| e.to_string())?;
    let len = frame.width as usize * frame.height as usize * frame.components as usize;
    if frame.precision != 8 || frame.arithmetic || matches!(frame.process, Process::Other(_)) || len > 1 << 16 {
        return Err("not for this decoder".to_owned());
    }
    let mut out = vec![0; len];
    let rendering = if frame.components == 3 { Rendering::Rgb } else { Rendering::Stored };
    picture::decode(&joined, cpu, rendering, frame.height as usize, memory, &mut out).map_err(|e| e.to_string())?;
    Ok(out)
}

/// Decodes with all vector code this processor has, into memory with other pictures' remains, and checks that neither
/// makes a difference.
fn decode_every_way(bytes: &[u8], memory: &mut picture::Memory<u8>) -> std::result::Result<Vec<u8>, String> {
    let begin = Instant::now();
    let scalar = decode_bare(bytes, Cpu::Baseline, &mut picture::Memory::<u8>::default());
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?} for {} bytes", begin.elapsed(), bytes.len());
    assert!(decode_bare(bytes, Cpu::detect(), memory) == scalar, "{:?} differs from scalar code", Cpu::detect());
    scalar
}

#[test]
fn vector_code_gives_the_bytes_of_scalar_code() {
    let mut memory = picture::Memory::<u8>::default();
    for stream in streams() {
        let bare = decode_every_way(&stream.bytes, &mut memory);
        assert!(bare.is_ok(), "{}: {bare:?}", stream.name);
    }
}

#[test]
fn half_a_stream_is_an_error_and_a_missing_end_marker_is_none() {
    for stream in streams() {
        let whole = stream.decode(&stream.bytes).unwrap();
        assert!(whole == stream.expected, "{}", stream.name);
        let (end, body) = (stream.bytes.len() - 2, &stream.bytes);
        assert_eq!(body[end..], [0xff, stream::EOI]);
        assert!(stream.decode(&body[..end]).unwrap() == whole, "{}", stream.name);
        if stream.height != stream.rows_of_picture() {
            continue;
        }
        let header = last_scan(body);
        for cut in [0, header / 2, header, body.len() / 2, body.len() * 3 / 4, end - 8] {
            assert!(stream.decode(&body[..cut]).is_err(), "{}: {cut} of {} bytes", stream.name, body.len());
        }
    }
}

/// Where the last scan's header begins.
fn last_scan(bytes: &[u8]) -> usize {
    bytes.windows(2).rposition(|pair| pair == [0xff, stream::SOS]).unwrap()
}

#[derive(Debug, Clone)]
pub(super) enum Damage {
    Flip(u16, u8),
    Cut(u16),
    Insert(u16, Vec<u8>),
    Remove(u16, u8),
    /// All from here on.
    Replace(u16, Vec<u8>),
}

impl Damage {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        let byte = || prop_oneof![4 => any::<u8>(), 1 => Just(0xff), 1 => 0xc0..=0xdeu8, 1 => Just(0)];
        let bytes = move |len| prop::collection::vec(byte(), len);
        prop_oneof![
            6 => (any::<u16>(), any::<u8>()).prop_map(|(at, bits)| Self::Flip(at, bits)),
            1 => any::<u16>().prop_map(Self::Cut),
            2 => (any::<u16>(), bytes(1..20)).prop_map(|(at, new)| Self::Insert(at, new)),
            1 => (any::<u16>(), any::<u8>()).prop_map(|(at, count)| Self::Remove(at, count)),
            1 => (any::<u16>(), bytes(0..2000)).prop_map(|(at, new)| Self::Replace(at, new)),
        ]
    }

    pub(super) fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |at: u16| (usize::from(at) * bytes.len()) >> 16;
        match self {
            Self::Flip(at, bits) => {
                let at = place(*at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= bits;
                }
            }
            Self::Cut(at) => bytes.truncate(place(*at)),
            Self::Insert(at, new) => {
                let at = place(*at);
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Remove(at, count) => {
                let at = place(*at);
                bytes.drain(at..(at + usize::from(*count)).min(bytes.len()));
            }
            Self::Replace(at, new) => {
                bytes.truncate(place(*at));
                bytes.extend(new);
            }
        }
    }
}

proptest! {
    #[test]
    fn a_damaged_stream_never_panics_and_ends_quickly(
        which in any::<prop::sample::Index>(),
        damages in prop::collection::vec(Damage::any(), 1..6),
    ) {
        let all = streams();
        let mut bytes = which.get(&all).bytes.clone();
        let mut memory = picture::Memory::<u8>::default();
        let _ = decode_every_way(&which.get(&all).bytes, &mut memory);
        damages.iter().for_each(|d| d.apply(&mut bytes));
        let _ = decode_every_way(&bytes, &mut memory);
    }

    #[test]
    fn random_bits_after_a_whole_header_never_panic(
        which in any::<prop::sample::Index>(),
        bits in prop::collection::vec(any::<u8>(), 0..3000),
    ) {
        let all = streams();
        let bytes = &which.get(&all).bytes;
        let sos = bytes.windows(2).position(|pair| pair == [0xff, stream::SOS]).unwrap();
        let entropy = sos + 2 + usize::from(bytes[sos + 3]);
        let stuffed = bits.iter().flat_map(|&b| if b == 0xff { vec![b, 0] } else { vec![b] });
        let bytes: Vec<u8> = bytes[..entropy].iter().copied().chain(stuffed).chain([0xff, stream::EOI]).collect();
        let _ = decode_every_way(&bytes, &mut picture::Memory::<u8>::default());
    }
}

/// Some writers cut the picture of a tile at the edges of the image: libtiff takes it, and leaves the rest of the tile 0.
#[test]
fn a_picture_cut_at_the_edge_of_the_image_is_the_upper_left_part_of_its_tile() {
    for stream in streams() {
        let rows = stream.rows_of_picture();
        if rows != stream.height {
            continue;
        }
        let mut spec = stream.spec();
        (spec.width, spec.columns_used) = (stream.width + 13, stream.width);
        (spec.height, spec.rows_used) = (stream.height + 5, stream.height);
        let mut out = vec![77; spec.output_len().unwrap()];
        Jpeg.decode(&spec, &stream.bytes, &mut Scratch::new(), &mut out)
            .unwrap_or_else(|e| panic!("{}: {e}", stream.name));
        let out = stream.little_endian(out);
        let pixel = usize::from(stream.samples * stream.bits.div_ceil(8));
        let (narrow, wide) = (stream.width as usize * pixel, spec.width as usize * pixel);
        for (y, row) in out.chunks(wide).enumerate() {
            let inside = stream.expected.get(y * narrow..(y + 1) * narrow).unwrap_or(&[]);
            assert!(row.starts_with(inside), "{} row {y}", stream.name);
            assert!(row[inside.len()..].iter().all(|v| *v == 0), "{} row {y}", stream.name);
        }
        // Less than what lies within the image is damage.
        for (columns, rows) in [(1, 0), (0, 1)] {
            let mut spec = spec;
            (spec.columns_used, spec.rows_used) = (stream.width + columns, stream.height + rows);
            let error =
                Jpeg.decode(&spec, &stream.bytes, &mut Scratch::new(), &mut vec![0; wide * spec.height as usize]);
            assert!(matches!(error, Err(Error::Shape { .. })), "{}: {error:?}", stream.name);
        }
    }
}

/// With a real tile: `COG_JPEG_TILE=tile.jpg cargo test --release -p cog-codecs --lib jpeg::tests::speed -- --ignored
/// --nocapture`. The file is a YCbCr stream.
#[test]
#[ignore = "a measurement"]
fn speed_of_this_decoder_and_of_zune_jpeg() {
    let bytes = std::fs::read(std::env::var("COG_JPEG_TILE").unwrap()).unwrap();
    let mut joined = Vec::new();
    let frame = stream::join(None, &bytes, &mut joined).unwrap();
    let (width, height) = (frame.width, frame.height);
    let stream = Stream { width, height, samples: 3, bits: 8, to_rgb: true, bytes, ..Stream::default() };
    let spec = stream.spec();
    let mut out = vec![0; spec.output_len().unwrap()];
    let mut scratch = Scratch::new();
    let mut best = [Duration::MAX; 3];
    let mut memory = picture::Memory::<u8>::default();
    for _ in 0..300 {
        let begin = Instant::now();
        Jpeg.decode(&spec, &stream.bytes, &mut scratch, &mut out).unwrap();
        best[0] = best[0].min(begin.elapsed());
        let begin = Instant::now();
        decode_with_zune(&spec, &joined, &mut out).unwrap();
        best[1] = best[1].min(begin.elapsed());
        let begin = Instant::now();
        picture::decode(&joined, Cpu::Baseline, Rendering::Rgb, frame.height as usize, &mut memory, &mut out).unwrap();
        best[2] = best[2].min(begin.elapsed());
    }
    let [own, zune, scalar] = best.map(|time| out.len() as f64 / 1e6 / time.as_secs_f64());
    println!("{own:.0} MB/s, zune-jpeg {zune:.0} MB/s (ratio {:.2}), scalar {scalar:.0} MB/s", own / zune);
    assert!(own > 0.8 * zune, "slower than zune-jpeg");
}
