//! Huffman tables (T.81 annexes C and F) as tables to look up.
#![allow(clippy::indexing_slicing, reason = "indices are taken from as many bits as the table is long")]

use crate::codecs::jpeg::bit_reader::BitReader;
use crate::error::{Error, Result};

/// Bits looked up at once.
const LOOK: u32 = 10;

/// One table, of DC sizes or of AC runs and sizes.
#[derive(Debug, Clone)]
pub(super) struct Huffman {
    /// Of the segment it came from: 16 counts and the symbols, to see that the next block has the same table.
    counts: [u8; 16],
    symbols: [u8; 256],
    /// By the next bits: length of the code and its symbol; 0 for a longer code.
    short: [u16; 1 << LOOK],
    /// By the next bits: a whole AC coefficient where code and value fit, see [`Coefficient`].
    whole: [u32; 1 << LOOK],
    /// First code beyond those of a length, left-aligned to 16 bits.
    end: [u32; 17],
    /// What to add to a code of a length for the index of its symbol.
    offset: [i32; 17],
}

/// What the next bits say in an AC scan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coefficient(u32);

impl Coefficient {
    /// Length of code and value together; 0 says that the code is long or its value is.
    #[inline(always)]
    pub(super) fn len(self) -> u32 {
        self.0 & 0xff
    }

    #[inline(always)]
    pub(super) fn run(self) -> usize {
        (self.0 >> 8 & 0xff) as usize
    }

    #[inline(always)]
    pub(super) fn value(self) -> i16 {
        (self.0 >> 16) as i16
    }
}

impl Default for Huffman {
    fn default() -> Self {
        Self {
            counts: [0; 16],
            symbols: [0; 256],
            short: [0; 1 << LOOK],
            whole: [0; 1 << LOOK],
            end: [0; 17],
            offset: [0; 17],
        }
    }
}

impl Huffman {
    /// Takes on the table of a DHT segment: `symbols` are as many as `counts` says.
    pub(super) fn set(&mut self, counts: &[u8; 16], symbols: &[u8]) -> Result<()> {
        if symbols.len() > 256 {
            return Err(Error::corrupt(super::name::NAME, format!("a Huffman table of {} codes", symbols.len())));
        }
        if !symbols.is_empty() && self.counts == *counts && self.symbols.starts_with(symbols) {
            return Ok(());
        }
        // Should the table be wrong, the next one must not be taken for the same.
        self.counts = [0; 16];
        self.symbols = [0; 256];
        self.symbols[..symbols.len()].copy_from_slice(symbols);
        self.short = [0; 1 << LOOK];
        self.whole = [0; 1 << LOOK];
        let (mut code, mut index) = (0u32, 0usize);
        for len in 1..=16u32 {
            let count = u32::from(counts[len as usize - 1]);
            self.offset[len as usize] = index as i32 - code as i32;
            if code + count > 1 << len {
                return Err(Error::corrupt(super::name::NAME, format!("too many Huffman codes of {len} bits")));
            }
            for _ in 0..count {
                if len <= LOOK {
                    self.set_short(code, len, self.symbols[index]);
                }
                code += 1;
                index += 1;
            }
            self.end[len as usize] = if count == 0 { 0 } else { code << (16 - len) };
            code <<= 1;
        }
        self.counts = *counts;
        Ok(())
    }

    fn set_short(&mut self, code: u32, len: u32, symbol: u8) {
        let rest = LOOK - len;
        let from = (code << rest) as usize;
        self.short[from..from + (1 << rest)].fill((len as u16) << 8 | u16::from(symbol));
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        if size == 0 || size > rest {
            return;
        }
        for bits in 0..1u32 << rest {
            let stored = (bits >> (rest - size)) as i32;
            let value = if stored < 1 << (size - 1) { stored - (1 << size) + 1 } else { stored };
            self.whole[from + bits as usize] = (value as u32) << 16 | run << 8 | (len + size);
        }
    }

    /// The coefficient the next bits hold, if they do.
    #[inline(always)]
    pub(super) fn coefficient(&self, reader: &BitReader<'_>) -> Coefficient {
        Coefficient(self.whole[reader.peek(LOOK)])
    }

    /// Reads one symbol, 0 for a code there is not (as libjpeg does).
    #[inline(always)]
    pub(super) fn symbol(&self, reader: &mut BitReader<'_>) -> u8 {
        let short = self.short[reader.peek(LOOK)];
        if short != 0 {
            reader.skip(u32::from(short >> 8));
            return short as u8;
        }
        let (symbol, len) = self.long(reader.peek(16) as u32);
        reader.skip(len);
        symbol
    }

    #[inline(never)]
    fn long(&self, bits: u32) -> (u8, u32) {
        for len in LOOK + 1..=16 {
            if bits < self.end[len as usize] {
                let index = (bits >> (16 - len)) as i32 + self.offset[len as usize];
                return (usize::try_from(index).ok().and_then(|i| self.symbols.get(i)).copied().unwrap_or(0), len);
            }
        }
        (0, 16)
    }
}
