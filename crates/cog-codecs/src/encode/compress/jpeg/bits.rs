//! The bits of the coded data: most significant first, a 0 after each byte of ones (T.81, F.1.2.3).

/// Writes bits behind what is there.
#[derive(Debug)]
pub(super) struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    held: u64,
    count: u32,
}

impl<'a> BitWriter<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, held: 0, count: 0 }
    }

    /// Puts the lower `count` bits of `bits`, at most 32, behind all others; those above are 0.
    #[inline(always)]
    pub(super) fn put(&mut self, bits: u32, count: u32) {
        self.held = self.held << count | u64::from(bits);
        self.count += count;
        if self.count >= 32 {
            self.count -= 32;
            self.word((self.held >> self.count) as u32);
        }
    }

    #[inline(always)]
    fn word(&mut self, word: u32) {
        let bytes = word.to_be_bytes();
        // A byte of ones is one whose complement is 0.
        if (!word).wrapping_sub(0x0101_0101) & word & 0x8080_8080 == 0 {
            self.out.extend_from_slice(&bytes);
        } else {
            bytes.into_iter().for_each(|byte| self.byte(byte));
        }
    }

    fn byte(&mut self, byte: u8) {
        self.out.push(byte);
        if byte == 0xff {
            self.out.push(0);
        }
    }

    /// Fills the last byte up with ones.
    pub(super) fn finish(mut self) {
        let padding = self.count.next_multiple_of(8) - self.count;
        self.held = self.held << padding | ((1 << padding) - 1);
        self.count += padding;
        while self.count >= 8 {
            self.count -= 8;
            self.byte((self.held >> self.count) as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_ones_are_followed_by_zero() {
        let mut out = vec![7];
        let mut writer = BitWriter::new(&mut out);
        writer.put(0xff, 8);
        writer.put(0x0fff_fe00, 28);
        writer.put(0x1, 2);
        writer.finish();
        // ff | 0fffFE00 in 28 bits is ff ff e0 0.; then 01 and two ones.
        assert_eq!(out, [7, 0xff, 0, 0xff, 0, 0xff, 0, 0xe0, 0b0000_0111]);
    }
}
