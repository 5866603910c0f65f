//! The bits of entropy-coded segments (T.81 F.2.2.5), most significant first, without stuffed bytes.

/// Reads bits up to the next marker; zeros follow it, and [`overrun`](Self::overrun) tells that some were used.
#[derive(Debug, Clone, Copy)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The next bits, left-aligned. Below `count` there may be some that come again with the next bytes.
    window: u64,
    count: u32,
    /// Bits in the window or before it that stand for bytes the segment lacks.
    padding: u32,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, window: 0, count: 0, padding: 0 }
    }

    /// Makes sure of at least 48 bits.
    #[inline(always)]
    pub(super) fn fill(&mut self) {
        if self.count >= 48 {
            return;
        }
        if let Some(&eight) = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<8>()) {
            let next = u64::from_be_bytes(eight);
            let has_ff = (!next).wrapping_sub(0x0101_0101_0101_0101) & next & 0x8080_8080_8080_8080;
            if has_ff == 0 {
                self.window |= next >> self.count;
                self.at += ((63 - self.count) >> 3) as usize;
                self.count |= 56;
                return;
            }
        }
        *self = self.filled_by_bytes();
    }

    #[inline(never)]
    fn filled_by_bytes(mut self) -> Self {
        while self.count <= 56 {
            let byte = match (self.bytes.get(self.at), self.bytes.get(self.at + 1)) {
                (Some(0xff), Some(0)) => {
                    self.at += 2;
                    0xff
                }
                (Some(0xff), Some(0xff)) => {
                    self.at += 1;
                    continue;
                }
                (Some(0xff), _) | (None, _) => {
                    self.padding = self.padding.saturating_add(8);
                    0
                }
                (Some(&byte), _) => {
                    self.at += 1;
                    byte
                }
            };
            self.window |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
        self
    }

    /// The next `len` bits (1 to 16), which [`fill`](Self::fill) has brought.
    #[inline(always)]
    pub(super) fn peek(&self, len: u32) -> usize {
        (self.window >> (64 - len)) as usize
    }

    #[inline(always)]
    pub(super) fn skip(&mut self, len: u32) {
        self.window <<= len;
        self.count = self.count.wrapping_sub(len);
    }

    /// `len` bits (0 to 16) as a number without sign.
    #[inline(always)]
    pub(super) fn bits(&mut self, len: u32) -> u32 {
        // In two shifts, so that none is 64 wide.
        let value = (self.window >> 1 >> (63 - len)) as u32;
        self.skip(len);
        value
    }

    /// `len` bits (0 to 16) as a difference (T.81 F.2.2.1, EXTEND).
    #[inline(always)]
    pub(super) fn signed(&mut self, len: u32) -> i32 {
        let value = self.bits(len) as i32;
        if value < (1 << len >> 1) { value - (1 << len) + 1 } else { value }
    }

    /// Whether bits were used that the segment does not have.
    pub(super) fn overrun(&self) -> bool {
        self.padding > self.count
    }

    /// Leaves the segment at a restart marker and begins the next; the marker's number, or none if there is no such.
    pub(super) fn restart(&mut self) -> Option<u8> {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        // Bytes the window holds already do not matter, and none of them is a marker.
        let skip = rest.windows(2).position(|w| matches!(w, [0xff, b] if !matches!(b, 0 | 0xff)))?;
        let number = rest.get(skip + 1).and_then(|marker| marker.checked_sub(0xd0)).filter(|&n| n < 8)?;
        *self = Self::new(self.bytes, self.at + skip + 2);
        Some(number)
    }

    /// Where the next marker begins, or the end of the bytes.
    pub(super) fn next_marker(&self) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let skip = rest.windows(2).position(|w| matches!(w, [0xff, b] if !matches!(b, 0 | 0xff | 0xd0..=0xd7)));
        skip.map_or(self.bytes.len(), |skip| self.at + skip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stuffed_bytes_go_and_markers_end_the_bits() {
        let bytes = [0x12, 0xff, 0x00, 0x34, 0xff, 0xff, 0xd3, 0xa5, 0xff, 0xd9];
        let mut reader = BitReader::new(&bytes, 0);
        reader.fill();
        assert_eq!((reader.bits(4), reader.bits(12), reader.bits(8)), (1, 0x2ff, 0x34));
        assert!(!reader.overrun());
        assert_eq!(reader.bits(1), 0);
        assert!(reader.overrun());
        assert_eq!(reader.restart(), Some(3));
        reader.fill();
        assert_eq!(reader.bits(8), 0xa5);
        assert_eq!((reader.overrun(), reader.next_marker(), reader.restart()), (false, 8, None));
    }

    #[test]
    fn differences_are_extended_as_in_t81() {
        let mut reader = BitReader::new(&[0b0100_1101, 0b1000_0000], 0);
        reader.fill();
        assert_eq!([1, 1, 2, 2, 2, 0].map(|len| reader.signed(len)), [-1, 1, -3, 3, -2, 0]);
    }

    #[test]
    fn many_bytes_are_read_as_one_by_one() {
        let bytes: Vec<u8> = (0..200u32).map(|i| (i * 37 % 255) as u8).collect();
        let mut reader = BitReader::new(&bytes, 0);
        for pair in bytes.chunks_exact(2) {
            reader.fill();
            let want = u32::from(pair[0]) << 8 | u32::from(pair[1]);
            assert_eq!(reader.bits(3) << 13 | reader.bits(13), want);
        }
        assert!(!reader.overrun());
    }
}
