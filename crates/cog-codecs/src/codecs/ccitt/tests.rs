//! Against an encoder written after T.4 and T.6, another decoder, and what libtiff does with streams that break rules.

use cog_tiff::{Compression, SampleFormat};
use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};
use proptest::prelude::*;

use super::codes::{BLACK, BLACK_64, LONG_64, MODES, Mode, WHITE, WHITE_64};
use super::*;

/// How a picture is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rle,
    RleOfWords,
    Group3 { two_dimensional: bool, fill: bool, ends_of_line: bool },
    Group4,
}

impl Kind {
    fn any() -> impl Strategy<Value = Self> {
        let group_3 = (any::<bool>(), any::<bool>(), any::<bool>());
        prop_oneof![
            Just(Self::Rle),
            Just(Self::RleOfWords),
            Just(Self::Group4),
            group_3.prop_map(|(two_dimensional, fill, ends)| {
                // Without end-of-line codes no bit tells the dimensions apart from codes.
                let ends_of_line = ends || two_dimensional;
                Self::Group3 { two_dimensional, fill, ends_of_line }
            }),
        ]
    }

    fn spec(self, width: u32, height: u32) -> BlockSpec<'static> {
        let code = match self {
            Self::Rle => 2,
            Self::RleOfWords => 32771,
            Self::Group3 { .. } => 3,
            Self::Group4 => 4,
        };
        let mut spec = BlockSpec::new(width, height, 1, 1, SampleFormat::Uint, Compression::from_code(code));
        if let Self::Group3 { two_dimensional: true, .. } = self {
            spec.t4_options = 1;
        }
        spec
    }

    fn encode(self, rows: &[Vec<u8>]) -> Vec<u8> {
        let mut bits = String::new();
        let mut above = vec![0; rows.first().map_or(0, Vec::len)];
        for (i, row) in rows.iter().enumerate() {
            match self {
                Self::Rle => one_dimensional(row, &mut bits),
                Self::RleOfWords => one_dimensional(row, &mut bits),
                Self::Group4 => two_dimensional(row, &above, &mut bits),
                Self::Group3 { two_dimensional: two, fill, ends_of_line } => {
                    if ends_of_line {
                        // Zeros before it, so that the code ends with a byte.
                        while fill && bits.len() % 8 != 4 {
                            bits.push('0');
                        }
                        bits += "000000000001";
                    }
                    match (two, i % 4) {
                        (false, _) => one_dimensional(row, &mut bits),
                        (true, 0) => {
                            bits.push('1');
                            one_dimensional(row, &mut bits);
                        }
                        (true, _) => {
                            bits.push('0');
                            two_dimensional(row, &above, &mut bits);
                        }
                    }
                }
            }
            let unit = match self {
                Self::Rle => 8,
                Self::RleOfWords => 16,
                _ => 1,
            };
            bits.extend(std::iter::repeat_n('0', bits.len().next_multiple_of(unit) - bits.len()));
            above.clone_from(row);
        }
        if self == Self::Group4 {
            bits += "000000000001000000000001";
        }
        pack(&bits)
    }

    fn decode(self, src: &[u8], width: usize, height: usize) -> Result<Vec<u8>> {
        let spec = self.spec(width as u32, height as u32);
        let mut out = vec![9; spec.output_len()?];
        Ccitt.decode(&spec, src, &mut Scratch::new(), &mut out).map(|_| out)
    }
}

fn pack(bits: &str) -> Vec<u8> {
    let byte = |digits: &[u8]| digits.iter().enumerate().map(|(i, d)| (d - b'0') << (7 - i)).sum();
    bits.as_bytes().chunks(8).map(byte).collect()
}

fn run(black: bool, mut len: usize, bits: &mut String) {
    let (short, makeup) = if black { (&BLACK, &BLACK_64) } else { (&WHITE, &WHITE_64) };
    while len >= 64 {
        let part = (len / 64).min(40);
        *bits += if part <= 27 { makeup[part - 1] } else { LONG_64[part - 28] };
        len -= part * 64;
    }
    *bits += short[len];
}

fn one_dimensional(row: &[u8], bits: &mut String) {
    let (mut at, mut black) = (0, false);
    while at < row.len() {
        let end = change(row, at, u8::from(black));
        run(black, end - at, bits);
        (at, black) = (end, !black);
    }
}

/// The first pixel from `at` on whose colour is not `colour`.
fn change(row: &[u8], at: usize, colour: u8) -> usize {
    row.iter().skip(at).position(|&pixel| pixel != colour).map_or(row.len(), |n| at + n)
}

/// T.6 section 2.2.4.
fn two_dimensional(row: &[u8], above: &[u8], bits: &mut String) {
    let code = |mode| MODES.iter().find(|(m, _)| *m == mode).unwrap().1;
    let (mut a0, mut colour, mut first) = (0, 0u8, true);
    while a0 < row.len() {
        let a1 = change(row, a0, colour);
        // The first change above, right of a0, to the other colour than that of a0.
        let begin = |i: usize| above[i] != colour && (if i == 0 { 0 } else { above[i - 1] }) == colour;
        let b1 = (if first { 0 } else { a0 + 1 }..row.len()).find(|&i| begin(i)).unwrap_or(row.len());
        let b2 = change(above, b1, 1 - colour);
        if b2 < a1 {
            *bits += code(Mode::Pass);
            a0 = b2;
        } else if b1.abs_diff(a1) <= 3 {
            *bits += code(Mode::Vertical((a1 as isize - b1 as isize) as i8));
            (a0, colour) = (a1, 1 - colour);
        } else {
            *bits += code(Mode::Horizontal);
            let a2 = change(row, a1, 1 - colour);
            run(colour == 1, a1 - a0, bits);
            run(colour == 0, a2 - a1, bits);
            a0 = a2;
        }
        first = false;
    }
}

fn pictures() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let width = prop_oneof![8 => 1usize..200, 1 => 200usize..6000];
    (width, 1usize..12, 1usize..60, any::<u64>(), 0u32..4).prop_map(|(width, height, run, seed, likeness)| {
        let mut state = seed | 1;
        let mut random = move |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let mut rows: Vec<Vec<u8>> = Vec::new();
        for _ in 0..height {
            let like = rows.last().filter(|_| likeness > 0 && random(4) < likeness as usize + 1).cloned();
            let row = match like {
                // The row above with its changes moved a little.
                Some(mut row) => {
                    for _ in 0..random(4) {
                        let at = random(width);
                        let len = random(5);
                        row.iter_mut().skip(at).take(len).for_each(|pixel| *pixel ^= 1);
                    }
                    row
                }
                None => {
                    let mut row = Vec::new();
                    while row.len() < width {
                        let colour = (row.len() + random(2)) as u8 & 1;
                        let longest = if random(30) == 0 { 3000 } else { run };
                        row.extend(std::iter::repeat_n(colour, 1 + random(longest)));
                    }
                    row.truncate(width);
                    row
                }
            };
            rows.push(row);
        }
        rows
    })
}

/// Rows of hayro-ccitt, one byte a pixel.
struct Rows(Vec<Vec<u8>>, usize);

impl Decoder for Rows {
    fn push_row(&mut self, changes: &[u32]) {
        let colour = |x| changes.iter().take_while(|&&change| change as usize <= x).count() as u8 & 1;
        self.0.push((0..self.1).map(colour).collect());
    }
}

proptest! {
    #[test]
    fn what_was_encoded_comes_back(kind in Kind::any(), rows in pictures()) {
        let src = kind.encode(&rows);
        let got = kind.decode(&src, rows[0].len(), rows.len());
        prop_assert!(got.as_ref() == Ok(&rows.concat()), "{:?}", got.err());
    }

    #[test]
    fn another_decoder_sees_the_same(rows in pictures(), group_4 in any::<bool>()) {
        let kind = if group_4 { Kind::Group4 } else { Kind::Rle };
        let src = kind.encode(&rows);
        let mut context = DecoderContext::new(DecodeSettings {
            columns: rows[0].len() as u32,
            rows: rows.len() as u32,
            end_of_block: group_4,
            end_of_line: false,
            rows_are_byte_aligned: !group_4,
            encoding: if group_4 { EncodingMode::Group4 } else { EncodingMode::Group3_1D },
            strict: false,
        });
        let mut theirs = Rows(Vec::new(), rows[0].len());
        hayro_ccitt::decode(&src, &mut theirs, &mut context).unwrap();
        prop_assert_eq!(theirs.0.concat(), kind.decode(&src, rows[0].len(), rows.len()).unwrap());
    }

    #[test]
    fn a_context_is_good_for_the_next_block_after_a_broken_one(
        kind in Kind::any(),
        rows in pictures(),
        before in prop::collection::vec(any::<u8>(), 0..300),
        (width, height) in (1u32..3000, 0u32..20),
        broken in prop::collection::vec((any::<prop::sample::Index>(), 0u32..8), 0..4),
    ) {
        let mut scratch = Scratch::new();
        let spec = kind.spec(width, height);
        let _ = Ccitt.decode(&spec, &before, &mut scratch, &mut vec![0; spec.output_len().unwrap()]);
        let mut src = kind.encode(&rows);
        for (at, bit) in broken {
            let at = at.index(src.len());
            src[at] ^= 1u8 << bit;
        }
        let spec = kind.spec(rows[0].len() as u32, rows.len() as u32);
        let mut out = vec![9; spec.output_len().unwrap()];
        let used = Ccitt.decode(&spec, &src, &mut scratch, &mut out).map(|_| out);
        prop_assert!(used == kind.decode(&src, rows[0].len(), rows.len()));
    }

    #[test]
    fn any_bytes_end_in_a_block_or_an_error(
        kind in Kind::any(),
        src in prop::collection::vec(any::<u8>(), 0..300),
        width in 0usize..100,
        height in 0usize..20,
    ) {
        let _ = kind.decode(&src, width, height);
    }
}

const GROUP_3: Kind = Kind::Group3 { two_dimensional: false, fill: false, ends_of_line: true };

#[test]
fn runs_of_the_t4_tables_decode() {
    // White 3 (1000), black 2 (11), white 1 (000111): one row of six pixels; the next begins on a byte.
    let row = [0b1000_1100, 0b0111_0000];
    let want = [0, 0, 0, 1, 1, 0];
    assert_eq!(Kind::Rle.decode(&[row, row].concat(), 6, 2).unwrap(), [want, want].concat());
    assert_eq!(Kind::RleOfWords.decode(&[row, row].concat(), 6, 2).unwrap(), [want, want].concat());
}

#[test]
fn every_length_of_run_comes_back() {
    for len in (0..70).chain((64..5200).step_by(64)).chain([2559, 2560, 2623, 2624, 5120, 9999]) {
        let row = [vec![0; len], vec![1; len + 1], vec![0; 3]].concat();
        for kind in [Kind::Rle, GROUP_3, Kind::Group4] {
            let rows = [row.clone()];
            assert!(kind.decode(&kind.encode(&rows), row.len(), 1).unwrap() == row, "{len} {kind:?}");
        }
    }
}

#[test]
fn a_stream_with_too_few_rows_is_an_error() {
    let error = Kind::Rle.decode(&[0b1000_1100, 0b0111_0000], 6, 3).unwrap_err();
    assert_eq!(error.to_string(), "CCITT: stream ends after 6 of 18 bytes");
    assert_eq!(Kind::Group4.decode(&[], 6, 3).unwrap_err().to_string(), "CCITT: stream ends after 0 of 18 bytes");
    assert_eq!(GROUP_3.decode(&[], 6, 3).unwrap_err().to_string(), "CCITT: stream ends after 0 of 18 bytes");
}

#[test]
fn a_tile_that_ends_after_the_rows_within_the_image_is_whole() {
    let mut spec = Kind::Rle.spec(6, 3);
    spec.rows_used = 1;
    let mut out = [9; 18];
    Ccitt.decode(&spec, &[0b1000_1100, 0b0111_0000], &mut Scratch::new(), &mut out).unwrap();
    assert_eq!(out[..8], [0, 0, 0, 1, 1, 0, 0, 0]);
}

#[test]
fn a_group_4_stream_of_one_row_or_more_may_end_early() {
    // Vertical mode 0 (1) is a white row under a white row; then the end-of-block code.
    let ended = [0b1100_0000, 0b0000_0100, 0b0000_0000, 0b0100_0000];
    assert_eq!(Kind::Group4.decode(&ended, 6, 3).unwrap(), [0; 18]);
    assert_eq!(Kind::Group4.decode(&[0b1100_0000], 6, 3).unwrap(), [0; 18]);
    // Where the first row is not complete GDAL 3.10 refuses the one of these, in which a bad code does not end that row.
    assert_eq!(Kind::Group4.decode(&[0b0010_0110], 600, 30).unwrap(), [0; 18_000]);
    assert!(Kind::Group4.decode(&[0b0010_0111, 0b0100_0000], 600, 30).is_err());
    assert!(Kind::Group4.decode(&[0; 4], 6, 3).is_err(), "an end-of-block code is no row");
}

#[test]
fn a_code_that_there_is_not_ends_the_row() {
    // Horizontal mode, white 2, then nine bits that begin no black run; three rows like the one above follow.
    let src = pack(&format!("001{}000000001{}1111", WHITE[2], "1"));
    let rows = Kind::Group4.decode(&src, 6, 2).unwrap();
    assert_eq!(rows[..6], [0; 6]);
}

#[test]
fn end_of_line_codes_may_be_missing_altogether() {
    let rows = [vec![0, 1, 1, 1, 0, 0, 1], vec![1, 1, 1, 1, 0, 0, 0]];
    let without = Kind::Group3 { two_dimensional: false, fill: false, ends_of_line: false };
    assert_eq!(GROUP_3.decode(&without.encode(&rows), 7, 2).unwrap(), rows.concat());
}

#[test]
fn uncompressed_mode_is_named_where_the_file_announces_it() {
    let mut spec = Kind::Group4.spec(6, 2);
    let src = pack("100000010000");
    let mut out = [0; 12];
    Ccitt.decode(&spec, &src, &mut Scratch::new(), &mut out).unwrap();
    spec.t6_options = 2;
    let error = Ccitt.decode(&spec, &src, &mut Scratch::new(), &mut out).unwrap_err();
    assert_eq!(error.to_string(), "CCITT: uncompressed mode is not supported");
    Ccitt.decode(&spec, &pack("1111"), &mut Scratch::new(), &mut out).unwrap();
}
