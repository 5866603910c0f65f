//! The code words of ITU-T T.4 (tables 2/T.4, 3a/T.4, 3b/T.4) and the modes of T.6 (table 1/T.6), and tables to look them
//! up by the next bits.

/// White runs of 0 to 63 pixels.
pub(super) const WHITE: [&str; 64] = [
    "00110101", "000111", "0111", "1000", "1011", "1100", "1110", "1111", "10011", "10100", "00111", "01000", "001000",
    "000011", "110100", "110101", "101010", "101011", "0100111", "0001100", "0001000", "0010111", "0000011", "0000100",
    "0101000", "0101011", "0010011", "0100100", "0011000", "00000010", "00000011", "00011010", "00011011", "00010010",
    "00010011", "00010100", "00010101", "00010110", "00010111", "00101000", "00101001", "00101010", "00101011",
    "00101100", "00101101", "00000100", "00000101", "00001010", "00001011", "01010010", "01010011", "01010100",
    "01010101", "00100100", "00100101", "01011000", "01011001", "01011010", "01011011", "01001010", "01001011",
    "00110010", "00110011", "00110100",
];

/// White runs of 64, 128, … 1728 pixels, before one of [`WHITE`].
pub(super) const WHITE_64: [&str; 27] = [
    "11011",
    "10010",
    "010111",
    "0110111",
    "00110110",
    "00110111",
    "01100100",
    "01100101",
    "01101000",
    "01100111",
    "011001100",
    "011001101",
    "011010010",
    "011010011",
    "011010100",
    "011010101",
    "011010110",
    "011010111",
    "011011000",
    "011011001",
    "011011010",
    "011011011",
    "010011000",
    "010011001",
    "010011010",
    "011000",
    "010011011",
];

/// Black runs of 0 to 63 pixels.
pub(super) const BLACK: [&str; 64] = [
    "0000110111",
    "010",
    "11",
    "10",
    "011",
    "0011",
    "0010",
    "00011",
    "000101",
    "000100",
    "0000100",
    "0000101",
    "0000111",
    "00000100",
    "00000111",
    "000011000",
    "0000010111",
    "0000011000",
    "0000001000",
    "00001100111",
    "00001101000",
    "00001101100",
    "00000110111",
    "00000101000",
    "00000010111",
    "00000011000",
    "000011001010",
    "000011001011",
    "000011001100",
    "000011001101",
    "000001101000",
    "000001101001",
    "000001101010",
    "000001101011",
    "000011010010",
    "000011010011",
    "000011010100",
    "000011010101",
    "000011010110",
    "000011010111",
    "000001101100",
    "000001101101",
    "000011011010",
    "000011011011",
    "000001010100",
    "000001010101",
    "000001010110",
    "000001010111",
    "000001100100",
    "000001100101",
    "000001010010",
    "000001010011",
    "000000100100",
    "000000110111",
    "000000111000",
    "000000100111",
    "000000101000",
    "000001011000",
    "000001011001",
    "000000101011",
    "000000101100",
    "000001011010",
    "000001100110",
    "000001100111",
];

/// Black runs of 64, 128, … 1728 pixels, before one of [`BLACK`].
pub(super) const BLACK_64: [&str; 27] = [
    "0000001111",
    "000011001000",
    "000011001001",
    "000001011011",
    "000000110011",
    "000000110100",
    "000000110101",
    "0000001101100",
    "0000001101101",
    "0000001001010",
    "0000001001011",
    "0000001001100",
    "0000001001101",
    "0000001110010",
    "0000001110011",
    "0000001110100",
    "0000001110101",
    "0000001110110",
    "0000001110111",
    "0000001010010",
    "0000001010011",
    "0000001010100",
    "0000001010101",
    "0000001011010",
    "0000001011011",
    "0000001100100",
    "0000001100101",
];

/// Runs of 1792, 1856, … 2560 pixels of either colour.
pub(super) const LONG_64: [&str; 13] = [
    "00000001000",
    "00000001100",
    "00000001101",
    "000000010010",
    "000000010011",
    "000000010100",
    "000000010101",
    "000000010110",
    "000000010111",
    "000000011100",
    "000000011101",
    "000000011110",
    "000000011111",
];

/// What a code of two-dimensional coding says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Pass,
    Horizontal,
    /// Vertical, so many pixels right of (or, if negative, left of) the change above.
    Vertical(i8),
    Extension,
    EndOfLine,
}

/// The modes and their codes.
pub(super) const MODES: [(Mode, &str); 11] = [
    (Mode::Pass, "0001"),
    (Mode::Horizontal, "001"),
    (Mode::Vertical(0), "1"),
    (Mode::Vertical(1), "011"),
    (Mode::Vertical(2), "000011"),
    (Mode::Vertical(3), "0000011"),
    (Mode::Vertical(-1), "010"),
    (Mode::Vertical(-2), "000010"),
    (Mode::Vertical(-3), "0000010"),
    (Mode::Extension, "0000001"),
    (Mode::EndOfLine, "0000000"),
];

/// What the next bits say of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    /// The last part of a run.
    Terminating,
    /// A part that others follow.
    MakeUp,
    /// Eleven zeros.
    EndOfLine,
    /// No code at all.
    Bad,
}

/// One place of a table of runs: kind in bits 0 and 1, length of the code in bits 2 to 5, pixels above.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunCode(u16);

impl RunCode {
    #[inline(always)]
    pub(super) fn kind(self) -> Run {
        match self.0 & 3 {
            0 => Run::Bad,
            1 => Run::Terminating,
            2 => Run::MakeUp,
            _ => Run::EndOfLine,
        }
    }

    /// Bits to skip: of a bad code none.
    #[inline(always)]
    pub(super) fn len(self) -> u32 {
        u32::from(self.0 >> 2 & 15)
    }

    /// 0 to 63, or of a make-up code a multiple of 64 up to 2560.
    #[inline(always)]
    pub(super) fn pixels(self) -> i32 {
        let value = i32::from(self.0 >> 6);
        if self.0 & 3 == 2 { value * 64 } else { value }
    }
}

/// Bits that decide about a white and about a black run.
pub(super) const WHITE_BITS: u32 = 12;
pub(super) const BLACK_BITS: u32 = 13;
/// Bits that decide about a mode.
pub(super) const MODE_BITS: u32 = 7;

pub(super) static WHITE_RUNS: [RunCode; 1 << WHITE_BITS] = run_table(WHITE_BITS, &WHITE, &WHITE_64);
pub(super) static BLACK_RUNS: [RunCode; 1 << BLACK_BITS] = run_table(BLACK_BITS, &BLACK, &BLACK_64);
/// Mode and length of its code; every seven bits begin with one.
pub(super) static MODE_TABLE: [(Mode, u8); 1 << MODE_BITS] = mode_table();

/// Value and length of a code.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn parse(code: &str) -> (usize, u32) {
    let digits = code.as_bytes();
    let (mut value, mut i) = (0, 0);
    while i < digits.len() {
        value = value << 1 | (digits[i] - b'0') as usize;
        i += 1;
    }
    (value, digits.len() as u32)
}

#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn put<const SIZE: usize>(table: &mut [RunCode; SIZE], bits: u32, codes: &[&str], first: u16, kind: u16) {
    let mut i = 0;
    while i < codes.len() {
        let (value, len) = parse(codes[i]);
        let from = value << (bits - len);
        let mut at = from;
        while at < from + (1 << (bits - len)) {
            assert!(table[at].0 == 0, "a code begins with another");
            table[at] = RunCode((first + i as u16) << 6 | (len as u16) << 2 | kind);
            at += 1;
        }
        i += 1;
    }
}

const fn run_table<const SIZE: usize>(bits: u32, short: &[&str], makeup: &[&str]) -> [RunCode; SIZE] {
    let mut table = [RunCode(0); SIZE];
    put(&mut table, bits, short, 0, 1);
    put(&mut table, bits, makeup, 1, 2);
    put(&mut table, bits, &LONG_64, 28, 2);
    put(&mut table, bits, &["00000000000"], 0, 3);
    table
}

#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn mode_table() -> [(Mode, u8); 1 << MODE_BITS] {
    let mut table = [(Mode::EndOfLine, 0); 1 << MODE_BITS];
    let mut i = 0;
    while i < MODES.len() {
        let (mode, code) = MODES[i];
        let (value, len) = parse(code);
        let from = value << (MODE_BITS - len);
        let mut at = from;
        while at < from + (1 << (MODE_BITS - len)) {
            table[at] = (mode, len as u8);
            at += 1;
        }
        i += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_leave_no_seven_bits_without_meaning() {
        assert!(MODE_TABLE.iter().all(|&(_, len)| (1..=7).contains(&len)));
    }

    #[test]
    fn runs_are_those_of_t4() {
        let white = WHITE_RUNS[0b0001_1100_0000];
        assert_eq!((white.kind(), white.len(), white.pixels()), (Run::Terminating, 6, 1));
        let black = BLACK_RUNS[0b0_0000_0110_0101];
        assert_eq!((black.kind(), black.len(), black.pixels()), (Run::MakeUp, 13, 1728));
        let long = WHITE_RUNS[0b0000_0001_1111];
        assert_eq!((long.kind(), long.len(), long.pixels()), (Run::MakeUp, 12, 2560));
        assert_eq!((BLACK_RUNS[1].kind(), BLACK_RUNS[1].len()), (Run::EndOfLine, 11));
        assert_eq!((BLACK_RUNS[0b0_0000_0000_1000].kind(), WHITE_RUNS[2].len()), (Run::Bad, 0));
    }
}
