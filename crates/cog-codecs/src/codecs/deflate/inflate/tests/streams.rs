//! Streams that encoders seldom write: codes of every length, used in any order.

use proptest::prelude::*;

use super::{complete, inflated};

/// The least length and distance of each symbol, and its extra bits (RFC 1951, 3.2.5), counted up as the standard does.
fn values(first: usize, symbols: usize, together: usize) -> Vec<(usize, u32)> {
    let mut next = first;
    let value = |symbol: usize| {
        let (value, extra) = (next, (symbol / together).saturating_sub(1) as u32);
        next += 1 << extra;
        (value, extra)
    };
    (0..symbols).map(value).collect()
}

fn lengths() -> Vec<(usize, u32)> {
    let mut lengths = values(3, 28, 4);
    lengths.push((258, 0));
    lengths
}

#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    used: u32,
}

impl Writer {
    fn bits(&mut self, value: u32, count: u32) {
        for bit in 0..count {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().unwrap() |= ((value >> bit & 1) as u8) << (self.used % 8);
            self.used += 1;
        }
    }

    /// Codes begin with their highest bit.
    fn code(&mut self, (code, length): (u32, u8)) {
        self.bits(code.reverse_bits() >> (32 - u32::from(length)), length.into());
    }

    /// A block's own codes, whose lengths are written with four bits each.
    fn header(&mut self, last: bool, literals: &[u8], distances: &[u8]) {
        self.bits(last.into(), 1);
        self.bits(2, 2);
        self.bits(literals.len() as u32 - 257, 5);
        self.bits(distances.len() as u32 - 1, 5);
        self.bits(19 - 4, 4);
        for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] {
            self.bits(if symbol < 16 { 4 } else { 0 }, 3);
        }
        for &length in literals.iter().chain(distances) {
            self.code((length.into(), 4));
        }
    }
}

/// Codes from their lengths (RFC 1951, 3.2.2).
fn codes(lengths: &[u8]) -> Vec<(u32, u8)> {
    let mut codes = vec![(0, 0); lengths.len()];
    let mut code = 0;
    for bits in 1..=15 {
        code <<= 1;
        for (symbol, _) in lengths.iter().enumerate().filter(|(_, length)| **length == bits) {
            codes[symbol] = (code, bits);
            code += 1;
        }
    }
    codes
}

/// Lengths of an alphabet some of whose symbols, the last one among them, have codes.
fn alphabet(splits: &[usize], symbols: usize, certain: usize, step: usize) -> Vec<u8> {
    let mut lengths = vec![0; symbols];
    for (i, length) in complete(splits, symbols).into_iter().enumerate() {
        lengths[(certain + i * step) % symbols] = length;
    }
    lengths
}

fn zlib(writer: Writer, data: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x9c];
    stream.extend(writer.bytes);
    stream.extend(simd_adler32::adler32(&data).to_be_bytes());
    stream
}

/// What zlib-rs makes of it.
fn expected(stream: &[u8], len: usize) -> Option<Vec<u8>> {
    let mut out = vec![0; len];
    let mut decompress = flate2::Decompress::new(true);
    let status = decompress.decompress(stream, &mut out, flate2::FlushDecompress::Finish).ok()?;
    (status == flate2::Status::StreamEnd).then_some(())?;
    out.truncate(decompress.total_out() as usize);
    Some(out)
}

fn splits(symbols: usize) -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![Just(usize::MAX), 0..symbols], 1..symbols)
}

proptest! {
    #[test]
    fn any_codes_in_any_order_mean_what_they_mean_to_others(
        blocks in prop::collection::vec((splits(286), splits(30), prop::collection::vec(any::<(u16, u16, u16, u16)>(), 0..3000)), 1..3),
        stored in any::<bool>(),
    ) {
        let (of_lengths, of_distances) = (lengths(), values(1, 30, 2));
        let (mut writer, mut data) = (Writer::default(), Vec::new());
        let count = blocks.len();
        for (i, (literal_splits, distance_splits, picks)) in blocks.into_iter().enumerate() {
            if stored {
                writer.bits(0, 3);
                writer.used = writer.bytes.len() as u32 * 8;
                writer.bits(0xfffa_0005, 32);
                for byte in *b"bytes" {
                    writer.bits(byte.into(), 8);
                    data.push(byte);
                }
            }
            // Steps that have no common factor with the number of symbols.
            let literals = alphabet(&literal_splits, 286, 256, 89);
            let distances = alphabet(&distance_splits, 30, 0, 7);
            writer.header(i + 1 == count, &literals, &distances);
            let (literals, distances) = (codes(&literals), codes(&distances));
            let used = |codes: &[(u32, u8)], pick: u16| {
                let used: Vec<usize> = (0..codes.len()).filter(|symbol| codes[*symbol].1 > 0 && *symbol != 256).collect();
                used.get(usize::from(pick) % used.len().max(1)).copied()
            };
            for (pick, extra, other, more) in picks {
                match used(&literals, pick) {
                    Some(literal @ 0..=255) => {
                        writer.code(literals[literal]);
                        data.push(literal as u8);
                    }
                    Some(symbol) => {
                        let (least, bits) = of_lengths[symbol - 257];
                        let extra = u32::from(extra) & ((1 << bits) - 1);
                        let Some(distance) = used(&distances[..], other) else { continue };
                        let (nearest, more_bits) = of_distances[distance];
                        let more = u32::from(more) & ((1 << more_bits) - 1);
                        let (len, distance_back) = (least + extra as usize, nearest + more as usize);
                        if distance_back > data.len() {
                            continue;
                        }
                        writer.code(literals[symbol]);
                        writer.bits(extra, bits);
                        writer.code(distances[distance]);
                        writer.bits(more, more_bits);
                        for _ in 0..len {
                            data.push(data[data.len() - distance_back]);
                        }
                    }
                    None => {}
                }
            }
            writer.code(literals[256]);
        }
        let stream = zlib(writer, &data);
        prop_assert!(expected(&stream, data.len()).is_some_and(|out| out == data), "what was written is wrong");
        prop_assert!(inflated(&stream, data.len()).is_some_and(|out| out == data));
    }
}

/// A block of the literal 7, three times itself, and perhaps something else.
fn block(literals: &[u8], distances: &[u8], write: impl FnOnce(&mut Writer, &[(u32, u8)], &[(u32, u8)])) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.header(true, literals, distances);
    write(&mut writer, &codes(literals), &codes(distances));
    zlib(writer, &[7; 4])
}

/// Lengths of the literal 7, the end and the length 3.
fn three_codes(symbols: usize) -> Vec<u8> {
    let mut literals = vec![0; symbols];
    (literals[7], literals[256], literals[257]) = (1, 2, 2);
    literals
}

#[test]
fn a_single_distance_has_a_code_of_one_bit() {
    let with_bit = |bit| {
        block(&three_codes(258), &[1], |writer, literals, _| {
            writer.code(literals[7]);
            writer.code(literals[257]);
            writer.bits(bit, 1);
            writer.code(literals[256]);
        })
    };
    assert_eq!(inflated(&with_bit(0), 4).unwrap(), [7; 4]);
    assert_eq!((inflated(&with_bit(1), 4), expected(&with_bit(1), 4)), (None, None), "the other bit means nothing");
}

#[test]
fn a_block_may_have_no_distances() {
    let stream = block(&three_codes(258), &[0], |writer, literals, _| {
        (0..4).for_each(|_| writer.code(literals[7]));
        writer.code(literals[256]);
    });
    assert_eq!(inflated(&stream, 4).unwrap(), [7; 4]);
    let stream = block(&three_codes(258), &[0], |writer, literals, _| {
        writer.code(literals[7]);
        writer.code(literals[257]);
        writer.bits(0, 1);
        writer.code(literals[256]);
    });
    assert_eq!((inflated(&stream, 4), expected(&stream, 4)), (None, None), "a distance without a code");
}

#[test]
fn more_symbols_than_there_are_is_an_error() {
    let of = |literals: usize, distances: usize| {
        let mut lengths = vec![0; distances];
        lengths[0] = 1;
        block(&three_codes(literals), &lengths, |writer, literals, distances| {
            writer.code(literals[7]);
            writer.code(literals[257]);
            writer.code(distances[0]);
            writer.code(literals[256]);
        })
    };
    assert_eq!(inflated(&of(286, 30), 4).unwrap(), [7; 4]);
    for (literals, distances) in [(287, 30), (288, 30), (286, 31), (286, 32)] {
        let stream = of(literals, distances);
        assert_eq!((inflated(&stream, 4), expected(&stream, 4)), (None, None), "{literals} and {distances}");
    }
}
