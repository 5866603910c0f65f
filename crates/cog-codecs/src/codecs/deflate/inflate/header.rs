//! What comes before the codes of a block that brings its own (RFC 1951, 3.2.7).

use super::bits::Bits;
use super::entry::Entry;
use super::table::Table;

/// Bits of the codes of a block, 0 for symbols without one.
pub(super) struct Lengths {
    all: [u8; ALL],
    literals: usize,
    distances: usize,
}

/// Symbols that may be used. The codes of blocks without codes of their own have two more of each.
const LITERALS: usize = 286;
const DISTANCES: usize = 30;

/// Both alphabets, and the longest repetition that may start within them.
const ALL: usize = LITERALS + DISTANCES + 138;

/// The symbol that ends a block.
const END: usize = 256;

/// The order in which the lengths of the code for lengths are stored.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

impl Lengths {
    pub(super) fn read(bits: &mut Bits<'_>) -> Option<Self> {
        let literals = bits.take(5)? as usize + 257;
        let distances = bits.take(5)? as usize + 1;
        let stored = bits.take(4)? as usize + 4;
        if literals > LITERALS || distances > DISTANCES {
            return None;
        }
        let mut lengths = [0; ORDER.len()];
        for &symbol in ORDER.get(..stored)? {
            *lengths.get_mut(symbol)? = bits.take(3)? as u8;
        }
        let mut table = Table::<128, 0>::default();
        table.fill(&lengths, Entry::plain)?;

        let (mut all, mut at) = ([0; ALL], 0);
        while at < literals + distances {
            let buffer = bits.peek();
            let entry = table.first(buffer);
            if entry.is_special() {
                return None;
            }
            bits.take(entry.taken())?;
            let (length, times) = match entry.value(buffer) {
                16 => (*all.get(at.checked_sub(1)?)?, 3 + bits.take(2)?),
                17 => (0, 3 + bits.take(3)?),
                18 => (0, 11 + bits.take(7)?),
                length => (length as u8, 1),
            };
            all.get_mut(at..at + times as usize)?.fill(length);
            at += times as usize;
        }
        let whole = at == literals + distances && *all.get(END)? > 0;
        whole.then_some(Self { all, literals, distances })
    }

    pub(super) fn of_literals(&self) -> &[u8] {
        self.all.get(..self.literals).unwrap_or_default()
    }

    pub(super) fn of_distances(&self) -> &[u8] {
        self.all.get(self.literals..self.literals + self.distances).unwrap_or_default()
    }

    /// How likely two codes in a row are of literals and have no more than `bits` together, if codes are as frequent as their
    /// lengths suggest.
    pub(super) fn share_of_pairs(&self, bits: u32) -> f64 {
        let mut shares = [0.0; 16];
        for &length in self.all.iter().take(END) {
            if let Some(share) = shares.get_mut(usize::from(length)).filter(|_| length > 0) {
                *share += 0.5_f64.powi(length.into());
            }
        }
        let with_next = |(length, share): (u32, &f64)| {
            let short = shares.iter().take((bits.saturating_sub(length) + 1) as usize);
            share * short.sum::<f64>()
        };
        (0..).zip(&shares).map(with_next).sum()
    }
}
