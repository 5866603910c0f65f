//! libjpeg-turbo alone, without our own decoder to fall back to; next to our own, and to what imagecodecs makes of the
//! same streams.

use proptest::prelude::*;

use super::tests::{Damage, Stream, streams_in};
use super::*;
use crate::cpu::Cpu;

const HUFFMAN: [&str; 3] = ["jpeg.blocks", "jpeg_kinds.blocks", "jpeg12.blocks"];
const ARITHMETIC: [&str; 1] = ["jpeg_arithmetic.blocks"];

fn rendering(stream: &Stream) -> Rendering {
    if stream.to_rgb { Rendering::Rgb } else { Rendering::Stored }
}

/// The pixels of libjpeg-turbo, little-endian.
fn by_turbo_alone(stream: &Stream, bytes: &[u8]) -> Result<Vec<u8>> {
    by_turbo_as(stream, bytes, rendering(stream))
}

fn by_turbo_as(stream: &Stream, bytes: &[u8], rendering: Rendering) -> Result<Vec<u8>> {
    let mut joined = Vec::new();
    let frame = stream::join(None, bytes, &mut joined)?;
    check_frame(&stream.spec(), &frame)?;
    let mut out = vec![0; stream.spec().output_len()?];
    let rows = stream.height as usize;
    by_turbo::decode(&joined, &frame, rendering, rows, &mut Scratch::new(), &mut out)?;
    Ok(stream.little_endian(out))
}

/// Those of our own decoder.
fn by_own_alone(stream: &Stream, bytes: &[u8]) -> Result<Vec<u8>> {
    by_own_as(stream, bytes, rendering(stream))
}

fn by_own_as(stream: &Stream, bytes: &[u8], rendering: Rendering) -> Result<Vec<u8>> {
    let mut joined = Vec::new();
    stream::join(None, bytes, &mut joined)?;
    let mut out = vec![0; stream.spec().output_len()?];
    let rows = stream.height as usize;
    match stream.bits {
        12 => {
            picture::decode(&joined, Cpu::detect(), rendering, rows, &mut picture::Memory::<u16>::default(), &mut out)?
        }
        _ => picture::decode(&joined, Cpu::detect(), rendering, rows, &mut picture::Memory::<u8>::default(), &mut out)?,
    }
    Ok(stream.little_endian(out))
}

#[test]
fn both_decoders_agree_bit_for_bit_on_every_stream() {
    let (mut compared, mut own_alone) = (0, Vec::new());
    for stream in streams_in(&HUFFMAN) {
        assert!(by_own_alone(&stream, &stream.bytes).unwrap() == stream.expected, "our own: {}", stream.name);
        let frame = stream::join(None, &stream.bytes, &mut Vec::new()).unwrap();
        if by_turbo::takes(&frame, stream.height as usize) {
            assert!(by_turbo_alone(&stream, &stream.bytes).unwrap() == stream.expected, "{}", stream.name);
            // As old-style JPEG is rendered.
            let repeated = by_turbo_as(&stream, &stream.bytes, Rendering::Repeated).unwrap();
            assert!(repeated == by_own_as(&stream, &stream.bytes, Rendering::Repeated).unwrap(), "{}", stream.name);
            compared += 1;
        } else {
            own_alone.push(stream.name);
        }
    }
    assert!(compared > 60, "{compared}");
    assert_eq!(own_alone, ["RGB, fewer rows than the stream", "two bands", "two bands, restarts"]);
}

#[test]
fn arithmetic_coded_streams_need_no_decoder_besides() {
    for stream in streams_in(&ARITHMETIC) {
        assert!(by_turbo_alone(&stream, &stream.bytes).unwrap() == stream.expected, "{}", stream.name);
    }
}

#[test]
fn an_arithmetic_coded_stream_that_is_cut_is_an_error() {
    for stream in streams_in(&ARITHMETIC) {
        // Without the end marker nobody can tell whether something is missing: zeros at the end of the data are left out.
        let end = stream.bytes.len();
        for cut in [0, 2, 20, end / 2, end - 3, end - 2, end - 1] {
            let error = stream.decode(&stream.bytes[..cut]).unwrap_err();
            assert_eq!(
                error.class(),
                crate::error::ErrorClass::Format,
                "{}, {cut} of {end} bytes: {error}",
                stream.name
            );
        }
    }
}

#[test]
fn an_arithmetic_coded_stream_of_two_bands_is_unsupported() {
    let mut stream = streams_in(&HUFFMAN).into_iter().find(|s| s.name == "two bands").unwrap();
    let sof = stream.bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    stream.bytes[sof + 1] = 0xc9;
    let error = stream.decode(&stream.bytes).unwrap_err();
    assert_eq!(error.to_string(), "JPEG: arithmetic coding of two bands is not supported");
}

#[test]
fn an_arithmetic_coded_stream_of_far_more_rows_than_its_block_is_an_error() {
    let mut all = streams_in(&ARITHMETIC);
    let stream = all.iter_mut().find(|s| s.name == "gray of 8 bits").unwrap();
    stream.height = 8;
    let error = stream.decode(&stream.bytes).unwrap_err();
    assert_eq!(error.to_string(), "JPEG: 18 rows in a block of 8");
    stream.height = 9;
    assert_eq!(stream.decode(&stream.bytes).unwrap(), stream.expected[..9 * stream.width as usize]);
}

/// libjpeg-turbo has no filter for sampling ratios such as 3 : 2, so the feature changes nothing.
#[test]
fn fractional_sampling_ratios_stay_with_the_decoder_they_have_without_the_feature() {
    let mut all = streams_in(&["jpeg_kinds.blocks"]);
    let stream = all.iter_mut().find(|s| s.name == "factors [(3, 1), (1, 1), (1, 1)]").unwrap();
    // The second component is now 2 × 1, which is two blocks where there was one: what they show does not matter.
    let sof = stream.bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    assert_eq!(stream.bytes[sof + 10..sof + 16], [1, 0x31, 0, 2, 0x11, 0]);
    stream.bytes[sof + 14] = 0x21;
    let mut joined = Vec::new();
    stream::join(None, &stream.bytes, &mut joined).unwrap();
    let picture = turbo::Picture::open(&joined, turbo::Options { smooth: true, max_scans: 9 }).unwrap();
    let mut out = vec![0; stream.spec().output_len().unwrap()];
    assert_eq!(picture.decode_8(3, &mut out).unwrap_err().to_string(), "JPEG: Fractional sampling not implemented yet");
    assert!(matches!(by_turbo_alone(stream, &stream.bytes), Err(Error::Variant { .. })));
    let zune = decode_with_zune(&stream.spec(), &joined, &mut out).map(|()| out);
    assert_eq!(stream.decode(&stream.bytes), zune);
}

#[test]
fn a_component_without_a_scan_is_an_error_and_not_gray() {
    let stream = streams_in(&HUFFMAN).into_iter().find(|s| s.name == "two scans").unwrap();
    let last = stream.bytes.windows(2).rposition(|pair| pair == [0xff, stream::SOS]).unwrap();
    let bytes = [&stream.bytes[..last], &[0xff, stream::EOI]].concat();
    assert_eq!(by_turbo_alone(&stream, &bytes).unwrap_err().to_string(), "JPEG: a component has no scan");
    assert!(stream.decode(&bytes).is_err());
}

#[test]
fn tables_of_one_stream_are_not_those_of_the_next() {
    let all = streams_in(&["jpeg_kinds.blocks"]);
    let own_tables = all.iter().find(|s| s.name == "own Huffman tables").unwrap();
    let plain = streams_in(&["jpeg.blocks"]).into_iter().find(|s| s.name == "YCbCr 420").unwrap();
    // As Motion JPEG has it: the typical tables are understood.
    let mut without = plain.bytes.clone();
    while let Some(at) = without.windows(2).position(|pair| pair == [0xff, stream::DHT]) {
        let len = usize::from(u16::from_be_bytes([without[at + 2], without[at + 3]]));
        without.drain(at..at + 2 + len);
    }
    let no_factors = plain.bytes.windows(2).position(|pair| pair == [0xff, stream::DQT]).unwrap();
    let no_factors = [&plain.bytes[..no_factors], &plain.bytes[no_factors + 2 + 67..]].concat();
    let mut scratch = Scratch::new();
    let mut decode = |stream: &Stream, bytes: &[u8]| {
        let spec = stream.spec();
        let mut out = vec![0; spec.output_len().unwrap()];
        Jpeg.decode(&spec, bytes, &mut scratch, &mut out).map(|_| out)
    };
    for _ in 0..2 {
        assert!(decode(own_tables, &own_tables.bytes).unwrap() == own_tables.expected);
        assert!(decode(&plain, &without).unwrap() == plain.expected);
        assert!(decode(&plain, &no_factors).is_err(), "the factors of another stream were taken");
    }
}

#[test]
fn hundreds_of_scans_are_given_up() {
    let stream = streams_in(&HUFFMAN).into_iter().find(|s| s.name.starts_with("a scan each")).unwrap();
    let last = stream.bytes.windows(2).rposition(|pair| pair == [0xff, stream::SOS]).unwrap();
    let (before, scan) = stream.bytes[..stream.bytes.len() - 2].split_at(last);
    let bytes = [before, &scan.repeat(400), &[0xff, stream::EOI]].concat();
    let error = by_turbo_alone(&stream, &bytes).unwrap_err().to_string();
    assert_eq!(error, "JPEG: Progressive JPEG image has more than 256 scans");
    // Our own decoder does not look at scans that come when every component has come.
    assert!(stream.decode(&bytes).unwrap() == stream.expected);
}

proptest! {
    #[test]
    fn a_damaged_stream_never_harms_and_opens_where_our_own_decoder_opens_it(
        which in any::<prop::sample::Index>(),
        damages in prop::collection::vec(Damage::any(), 1..6),
    ) {
        let all = streams_in(&[HUFFMAN.as_slice(), &ARITHMETIC].concat());
        let stream = which.get(&all);
        let mut bytes = stream.bytes.clone();
        damages.iter().for_each(|d| d.apply(&mut bytes));
        let alone = by_turbo_alone(stream, &bytes);
        let decoded = stream.decode(&bytes);
        if let Ok(frame) = stream::join(None, &bytes, &mut Vec::new())
            && !frame.arithmetic
            && check_frame(&stream.spec(), &frame).is_ok()
            && by_own_alone(stream, &bytes).is_ok()
        {
            prop_assert!(decoded.is_ok(), "{decoded:?}, libjpeg-turbo alone {:?}", alone.map(drop));
        }
    }
}
