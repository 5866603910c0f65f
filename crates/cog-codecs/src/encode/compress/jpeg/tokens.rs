//! What is to be coded: run lengths and values (T.81, F.1.2), and how often each symbol comes.

use super::MOST_TABLES;
use super::bits::BitWriter;
use super::huffman::Code;
use super::quality::ZIGZAG;

/// A symbol in the lower byte, whose lower half says how many further bits follow; these bits above it; the table in the upper byte.
type Token = u32;

/// Tokens of a block at most: one each coefficient, and the end.
const MOST: usize = 65;

/// Sixteen zeros.
const ZEROS: u8 = 0xf0;

/// The symbols of a picture, in order, and how often each comes: by DC and AC, of each table.
#[derive(Debug)]
pub(super) struct Tokens {
    all: Vec<Token>,
    len: usize,
    counts: Box<[[u32; 256]; 2 * MOST_TABLES]>,
}

impl Default for Tokens {
    fn default() -> Self {
        Self { all: Vec::new(), len: 0, counts: Box::new([[0; 256]; 2 * MOST_TABLES]) }
    }
}

impl Tokens {
    /// Forgets all of them.
    pub(super) fn clear(&mut self) {
        self.len = 0;
        self.counts.iter_mut().for_each(|counts| counts.fill(0));
    }

    /// Adds a block of the component whose DC coefficient was `previous` before.
    #[inline(always)]
    #[allow(clippy::indexing_slicing, reason = "places within arrays of 64 and 256")]
    pub(super) fn block(&mut self, coefficients: &[i16; 64], previous: &mut i32, table: u8) {
        if self.all.len() < self.len + MOST {
            self.all.resize(self.all.len() * 2 + 64 * MOST, 0);
        }
        let mut ordered = [0i16; 64];
        for (to, place) in ordered.iter_mut().zip(ZIGZAG) {
            *to = coefficients[usize::from(place)];
        }
        let table = usize::from(table) % MOST_TABLES * 2;
        let (Some(room), Some([dc, ac])) =
            (self.all.get_mut(self.len..self.len + MOST), self.counts.get_mut(table..table + 2))
        else {
            return;
        };
        let value = i32::from(ordered[0]);
        let (size, bits) = size_and_bits(value - *previous);
        *previous = value;
        dc[usize::from(size as u8)] += 1;
        room[0] = token(table, size as u8, bits);
        let mut len = 1;
        let mut left = set(&ordered) & !1;
        let mut last = 0;
        while left != 0 {
            let at = left.trailing_zeros();
            left &= left - 1;
            let mut run = at - last - 1;
            last = at;
            while run > 15 {
                ac[usize::from(ZEROS)] += 1;
                push(room, &mut len, token(table + 1, ZEROS, 0));
                run -= 16;
            }
            let (size, bits) = size_and_bits(i32::from(ordered[at as usize % 64]));
            let symbol = (run << 4 | size) as u8;
            ac[usize::from(symbol)] += 1;
            push(room, &mut len, token(table + 1, symbol, bits));
        }
        if last != 63 {
            ac[0] += 1;
            push(room, &mut len, token(table + 1, 0, 0));
        }
        self.len += len;
    }

    /// The best codes, by DC and AC of each table.
    pub(super) fn codes(&self) -> [Code; 2 * MOST_TABLES] {
        let mut number = 0u8;
        self.counts.each_ref().map(|counts| {
            // Class in the upper half, number in the lower one: DC 0, AC 0, DC 1, AC 1.
            let name = ((number % 2) << 4) | (number / 2);
            number += 1;
            Code::best(name, counts)
        })
    }

    /// Bytes that the coded data never exceed: 16 bits of code and 11 of value, each byte with another one after it, and a word more.
    pub(super) fn bound(&self) -> usize {
        self.len * 7 + 64
    }

    /// Writes all of them.
    #[allow(clippy::indexing_slicing, reason = "a byte in an array of 256")]
    pub(super) fn write(&self, codes: &[Code; 2 * MOST_TABLES], writer: &mut BitWriter<'_>) {
        for token in self.all.iter().take(self.len) {
            let [symbol, low, high, table] = token.to_le_bytes();
            let (code, len) = codes[usize::from(table) % (2 * MOST_TABLES)].of(symbol);
            let size = u32::from(symbol & 15);
            let bits = u32::from(u16::from_le_bytes([low, high]));
            writer.put(code << size | bits, len + size);
        }
    }
}

#[inline(always)]
fn push(room: &mut [Token], len: &mut usize, token: Token) {
    if let Some(to) = room.get_mut(*len) {
        *to = token;
        *len += 1;
    }
}

#[inline(always)]
fn token(table: usize, symbol: u8, bits: u32) -> Token {
    u32::from(symbol) | bits << 8 | (table as u32) << 24
}

/// How many bits a value has, and these: of a negative one those of the number before it.
#[inline(always)]
fn size_and_bits(value: i32) -> (u32, u32) {
    let size = 32 - value.unsigned_abs().leading_zeros();
    let bits = (value + (value >> 31)) as u32 & ((1 << size) - 1);
    (size, bits)
}

/// A bit for each coefficient that is not 0, the first one lowest.
#[inline(always)]
fn set(coefficients: &[i16; 64]) -> u64 {
    let bytes = coefficients.map(|value| u8::from(value != 0));
    let eights = bytes.as_chunks::<8>().0.iter().rev();
    // The product has the lowest bits of all eight bytes in its upper byte.
    eights.fold(0, |bits, eight| bits << 8 | u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_coefficient_has_its_bit() {
        for at in 0..64 {
            let mut coefficients = [0; 64];
            coefficients[at] = -3;
            assert_eq!(set(&coefficients), 1 << at);
            coefficients[63 - at] = 256;
            assert_eq!(set(&coefficients), 1 << at | 1 << (63 - at));
        }
        assert_eq!(set(&[1; 64]), u64::MAX);
    }
}
