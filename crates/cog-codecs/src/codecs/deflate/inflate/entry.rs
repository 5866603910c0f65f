//! What the next bits of a stream mean, in 32 bits.

/// Values and extra bits of lengths (RFC 1951, 3.2.5), from symbol 257 on.
const LENGTHS: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];

/// Values and extra bits of distances.
const DISTANCES: [(u16, u8); 30] = [
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 1),
    (7, 1),
    (9, 2),
    (13, 2),
    (17, 3),
    (25, 3),
    (33, 4),
    (49, 4),
    (65, 5),
    (97, 5),
    (129, 6),
    (193, 6),
    (257, 7),
    (385, 7),
    (513, 8),
    (769, 8),
    (1025, 9),
    (1537, 9),
    (2049, 10),
    (3073, 10),
    (4097, 11),
    (6145, 11),
    (8193, 12),
    (12289, 12),
    (16385, 13),
    (24577, 13),
];

/// An entry of a table. The lowest six bits say how many bits of the stream it takes.
///
/// - One or two literals: they are bits 8 to 23, their number is bits 30 and 31.
/// - A length or a distance: bits 6 to 9 are the bits of its code, bits 10 to 24 the value without its extra bits.
/// - Others have bit 29: a second table bit 28 too, with its place in bits 6 to 19 and the bits that it looks at in bits 20 to
///   23; the end of a block bit 27.
#[derive(Clone, Copy)]
pub(super) struct Entry(u32);

const ONE_LITERAL: u32 = 1 << 30;
const TWO_LITERALS: u32 = 2 << 30;
/// Neither literal nor length nor distance; one of the two below, or no code at all.
const SPECIAL: u32 = 1 << 29;
const SECOND_TABLE: u32 = 1 << 28;
const END_OF_BLOCK: u32 = 1 << 27;

impl Entry {
    /// Bits that no code has.
    pub(super) const NONE: Self = Self(SPECIAL);

    /// A symbol of the first alphabet, before its code is known.
    pub(super) fn literal_or_length(symbol: usize) -> Self {
        match symbol {
            0..=255 => Self(ONE_LITERAL | (symbol as u32) << 8),
            256 => Self(SPECIAL | END_OF_BLOCK),
            _ => Self::with_extra(LENGTHS.get(symbol - 257)),
        }
    }

    /// A symbol of the second alphabet, before its code is known.
    pub(super) fn distance(symbol: usize) -> Self {
        Self::with_extra(DISTANCES.get(symbol))
    }

    /// A symbol of the code for code lengths, before its code is known.
    pub(super) fn plain(symbol: usize) -> Self {
        Self((symbol as u32) << 10)
    }

    fn with_extra(value: Option<&(u16, u8)>) -> Self {
        value.map_or(Self::NONE, |&(value, extra)| Self(u32::from(value) << 10 | u32::from(extra)))
    }

    /// After `first` bits, a table at `place` that looks at `second` more.
    pub(super) fn second_table(first: u32, place: usize, second: u32) -> Self {
        Self(SPECIAL | SECOND_TABLE | second << 20 | (place as u32) << 6 | first)
    }

    /// With a code of so many bits; only once.
    pub(super) fn with_code(self, bits: u32) -> Self {
        Self(if self.is_literal() { self.0 | bits } else { self.0 + (bits << 6) + bits })
    }

    /// This literal and the one after it, if both are single and their codes have no more than `bits`.
    pub(super) fn followed_by(self, next: Self, bits: u32) -> Option<Self> {
        let taken = self.taken() + next.taken();
        (self.is_one_literal() && next.is_one_literal() && taken <= bits)
            .then_some(Self(TWO_LITERALS | (next.0 & 0xff00) << 8 | self.0 & 0xff00 | taken))
    }

    #[inline(always)]
    pub(super) fn is_literal(self) -> bool {
        self.0 >= ONE_LITERAL
    }

    pub(super) fn is_one_literal(self) -> bool {
        self.is_literal() && self.0 < TWO_LITERALS
    }

    /// Literals, as many as [`literal_count`](Self::literal_count) says.
    #[inline(always)]
    pub(super) fn literals(self) -> [u8; 2] {
        ((self.0 >> 8) as u16).to_le_bytes()
    }

    #[inline(always)]
    pub(super) fn literal_count(self) -> usize {
        (self.0 >> 30) as usize
    }

    #[inline(always)]
    pub(super) fn is_special(self) -> bool {
        self.0 & SPECIAL != 0
    }

    #[inline(always)]
    pub(super) fn is_end(self) -> bool {
        self.0 & END_OF_BLOCK != 0
    }

    /// Where the second table is, and its bits.
    #[inline(always)]
    pub(super) fn second(self) -> Option<(usize, u32)> {
        (self.0 & SECOND_TABLE != 0).then_some(((self.0 >> 6 & 0x3fff) as usize, self.0 >> 20 & 15))
    }

    /// Bits of the stream that it takes.
    #[inline(always)]
    pub(super) fn taken(self) -> u32 {
        self.0 & 63
    }

    /// As [`taken`](Self::taken) in the lowest six bits, with anything above them: shifts of 64 bits do not look there.
    #[inline(always)]
    pub(super) fn shift(self) -> u32 {
        self.0
    }

    /// The length or distance; `buffer` starts with its code.
    #[inline(always)]
    pub(super) fn value(self, buffer: u64) -> usize {
        let extra = (buffer & ((1 << self.taken()) - 1)) >> (self.0 >> 6 & 15);
        (self.0 >> 10) as usize + extra as usize
    }
}
