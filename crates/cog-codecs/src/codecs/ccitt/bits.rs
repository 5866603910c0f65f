//! Bits, most significant first, with the end that libtiff gives a stream.

/// A stream whose last code may be cut: zeros are added to it, but only while there is a bit left to begin with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The next bits, left-aligned; zeros follow the last. Below `count` there may be some that come again with the
    /// next bytes.
    window: u64,
    count: u32,
    /// Zeros among `count` that are not in the stream.
    added: u32,
}

/// There is not one bit left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EndOfData;

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, window: 0, count: 0, added: 0 }
    }

    /// The next `len` bits (1 to 13).
    #[inline(always)]
    pub(super) fn peek(&mut self, len: u32) -> Result<usize, EndOfData> {
        if self.count < len {
            self.fill(len)?;
        }
        Ok((self.window >> (64 - len)) as usize)
    }

    #[inline(always)]
    pub(super) fn skip(&mut self, len: u32) {
        self.window <<= len;
        self.count -= len;
    }

    #[inline(always)]
    fn fill(&mut self, len: u32) -> Result<(), EndOfData> {
        if let Some(&eight) = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<8>()) {
            self.window |= u64::from_be_bytes(eight) >> self.count;
            self.at += ((63 - self.count) >> 3) as usize;
            self.count |= 56;
            return Ok(());
        }
        *self = self.filled_by_bytes(len)?;
        Ok(())
    }

    #[inline(never)]
    fn filled_by_bytes(mut self, len: u32) -> Result<Self, EndOfData> {
        // What was loaded beyond `count` comes again.
        self.window = if self.count == 0 { 0 } else { self.window >> (64 - self.count) << (64 - self.count) };
        while self.count <= 56
            && let Some(&byte) = self.bytes.get(self.at)
        {
            self.window |= u64::from(byte) << (56 - self.count);
            self.at += 1;
            self.count += 8;
        }
        match self.count {
            0 => Err(EndOfData),
            count => {
                Ok(Self { count: count.max(len), added: self.added.min(count) + len.saturating_sub(count), ..self })
            }
        }
    }

    /// Goes on at the next whole byte, or the next of every second one.
    pub(super) fn align(&mut self, unit: Unit) {
        // libtiff counts zeros that it added as bits of the stream, and misses the last row of some sound streams.
        let left = self.count.saturating_sub(self.added);
        if left == 0 {
            // Only zeros: there it does no harm, and makes white rows of some that are missing.
            self.skip(self.count % 8);
        } else {
            self.window <<= left % 8;
            (self.count, self.added) = (left - left % 8, 0);
        }
        if unit == Unit::Word && self.at.wrapping_sub(self.count as usize / 8) % 2 == 1 {
            let _ = self.peek(8);
            self.skip(self.count.min(8));
        }
    }
}

/// What rows begin on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Byte,
    Word,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_code_gets_zeros_until_all_bits_are_gone() {
        let mut bits = Bits::new(&[0b1010_0110]);
        assert_eq!(bits.peek(3), Ok(0b101));
        bits.skip(3);
        assert_eq!(bits.peek(7), Ok(0b001_1000));
        bits.skip(5);
        // The two zeros that were added are still there, and get others.
        assert_eq!(bits.peek(12), Ok(0));
        bits.skip(12);
        assert_eq!(bits.peek(1), Err(EndOfData));
    }

    #[test]
    fn many_bytes_are_read_as_one_by_one() {
        let bytes: Vec<u8> = (0..200u32).map(|i| (i * 37 % 251) as u8).collect();
        let all = |i: usize| usize::from(bytes[i / 8] >> (7 - i % 8) & 1);
        let (mut bits, mut place) = (Bits::new(&bytes), 0);
        while place + 13 <= bytes.len() * 8 {
            let want = (place..place + 13).fold(0, |n, i| n << 1 | all(i));
            assert_eq!(bits.peek(13), Ok(want), "{place}");
            let len = 1 + place % 13;
            bits.skip(len as u32);
            place += len;
        }
    }

    #[test]
    fn zeros_that_were_added_do_not_count_for_alignment() {
        let mut bits = Bits::new(&[0b1000_1100, 0b1011_0100]);
        bits.peek(12).unwrap();
        bits.skip(4);
        bits.peek(13).unwrap();
        bits.skip(2);
        bits.align(Unit::Byte);
        assert_eq!(bits.peek(8), Ok(0b1011_0100));
        bits.skip(7);
        bits.peek(7).unwrap();
        bits.align(Unit::Byte);
        assert_eq!(bits.peek(1), Err(EndOfData));
    }

    #[test]
    fn alignment_goes_to_the_next_byte_or_word() {
        let bytes: Vec<u8> = (1..=40).collect();
        let mut bits = Bits::new(&bytes);
        let (b, w) = (Unit::Byte, Unit::Word);
        for (skip, unit, next) in [(3, b, 2), (8, b, 3), (9, b, 5), (1, w, 7), (8, w, 9), (16, w, 11), (9, w, 13)] {
            for _ in 0..skip {
                bits.peek(1).unwrap();
                bits.skip(1);
            }
            bits.align(unit);
            assert_eq!(bits.peek(8), Ok(next), "{skip} {unit:?}");
        }
    }
}
