//! The quantisation and Huffman tables in force (T.81 B.2.4).

use crate::codecs::jpeg::huffman::Huffman;
use crate::codecs::jpeg::name::NAME;
use crate::error::{Error, Result};

/// Natural position of each coefficient in zigzag order. A run in a broken stream may lead up to 16 beyond the last.
pub(super) const ZIGZAG: [u8; 80] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
];

/// Factors in zigzag order, as long as [`ZIGZAG`].
pub(super) type Quantisation = [i16; 80];

/// Tables by class and number.
#[derive(Debug, Default)]
pub(super) struct Tables {
    quantisation: [Option<Box<Quantisation>>; 4],
    huffman: [[Slot; 4]; 2],
}

#[derive(Debug, Default)]
struct Slot {
    defined: bool,
    table: Box<Huffman>,
}

/// Which of the two classes of Huffman tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Dc = 0,
    Ac = 1,
}

impl Tables {
    /// Nothing is defined any more; memory and what was built stay for the next stream.
    pub(super) fn forget(&mut self) {
        self.quantisation.iter_mut().for_each(|q| *q = None);
        self.huffman.iter_mut().flatten().for_each(|slot| slot.defined = false);
    }

    /// Takes the tables of a DQT segment.
    pub(super) fn quantisation_segment(&mut self, mut payload: &[u8]) -> Result<()> {
        while let Some((&head, rest)) = payload.split_first() {
            let size = match head >> 4 {
                0 => 1,
                1 => 2,
                other => return Err(Error::corrupt(NAME, format!("a quantisation table of precision {other}"))),
            };
            let slot = self.quantisation.get_mut(usize::from(head & 15));
            let slot = slot.ok_or_else(|| Error::corrupt(NAME, format!("quantisation table {}", head & 15)))?;
            let (factors, after) = rest
                .split_at_checked(64 * size)
                .ok_or_else(|| Error::corrupt(NAME, "a quantisation table is cut short"))?;
            let table = slot.get_or_insert_with(|| Box::new([0; 80]));
            for (to, from) in table.iter_mut().zip(factors.chunks_exact(size)) {
                *to = from.iter().fold(0, |n, &byte| n << 8 | u16::from(byte)) as i16;
            }
            payload = after;
        }
        Ok(())
    }

    /// Takes the tables of a DHT segment.
    pub(super) fn huffman_segment(&mut self, mut payload: &[u8]) -> Result<()> {
        while let Some((&head, rest)) = payload.split_first() {
            let cut = || Error::corrupt(NAME, "a Huffman table is cut short");
            let (counts, rest) = rest.split_first_chunk::<16>().ok_or_else(cut)?;
            let count = counts.iter().map(|&n| usize::from(n)).sum();
            let (symbols, after) = rest.split_at_checked(count).ok_or_else(cut)?;
            let class = if head >> 4 == 0 { Class::Dc } else { Class::Ac };
            if head >> 4 > 1 || head & 15 > 3 {
                return Err(Error::corrupt(NAME, format!("a Huffman table of number {head:#04x}")));
            }
            self.define(class, usize::from(head & 15), counts, symbols)?;
            payload = after;
        }
        Ok(())
    }

    fn define(&mut self, class: Class, number: usize, counts: &[u8; 16], symbols: &[u8]) -> Result<()> {
        if class == Class::Dc && symbols.iter().any(|&size| size > 15) {
            return Err(Error::corrupt(NAME, "a DC difference of more than 15 bits"));
        }
        if let Some(slot) = self.huffman.get_mut(class as usize).and_then(|c| c.get_mut(number)) {
            slot.table.set(counts, symbols)?;
            slot.defined = true;
        }
        Ok(())
    }

    /// Brings in the typical table of T.81 annex K where a stream has none (Motion JPEG), as libjpeg-turbo does.
    pub(super) fn ensure_huffman(&mut self, class: Class, number: usize) -> Result<()> {
        if self.slot(class, number).is_some_and(|slot| slot.defined) {
            return Ok(());
        }
        match (class, number) {
            (Class::Dc, 0) => self.define(class, 0, &typical::DC_LUMA, &typical::DC_SYMBOLS),
            (Class::Dc, 1) => self.define(class, 1, &typical::DC_CHROMA, &typical::DC_SYMBOLS),
            (Class::Ac, 0) => self.define(class, 0, &typical::AC_LUMA, &typical::AC_LUMA_SYMBOLS),
            (Class::Ac, 1) => self.define(class, 1, &typical::AC_CHROMA, &typical::AC_CHROMA_SYMBOLS),
            _ => Err(Error::corrupt(NAME, format!("{class:?} Huffman table {number} is not defined"))),
        }
    }

    fn slot(&self, class: Class, number: usize) -> Option<&Slot> {
        self.huffman.get(class as usize)?.get(number)
    }

    pub(super) fn huffman(&self, class: Class, number: usize) -> Result<&Huffman> {
        let slot = self.slot(class, number).filter(|slot| slot.defined);
        slot.map(|slot| &*slot.table)
            .ok_or_else(|| Error::corrupt(NAME, format!("{class:?} Huffman table {number} is not defined")))
    }

    /// Some table, for a place where none is read.
    pub(super) fn any_huffman(&self) -> &Huffman {
        let [[slot, ..], _] = &self.huffman;
        &slot.table
    }

    pub(super) fn quantisation(&self, number: usize) -> Result<&Quantisation> {
        self.quantisation
            .get(number)
            .and_then(|q| q.as_deref())
            .ok_or_else(|| Error::corrupt(NAME, format!("quantisation table {number} is not defined")))
    }
}

/// The typical tables of T.81 annex K.3.
mod typical {
    pub(super) const DC_LUMA: [u8; 16] = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
    pub(super) const DC_SYMBOLS: [u8; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
    pub(super) const AC_LUMA: [u8; 16] = [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125];
    pub(super) const AC_LUMA_SYMBOLS: [u8; 162] = [
        1, 2, 3, 0, 4, 17, 5, 18, 33, 49, 65, 6, 19, 81, 97, 7, 34, 113, 20, 50, 129, 145, 161, 8, 35, 66, 177, 193,
        21, 82, 209, 240, 36, 51, 98, 114, 130, 9, 10, 22, 23, 24, 25, 26, 37, 38, 39, 40, 41, 42, 52, 53, 54, 55, 56,
        57, 58, 67, 68, 69, 70, 71, 72, 73, 74, 83, 84, 85, 86, 87, 88, 89, 90, 99, 100, 101, 102, 103, 104, 105, 106,
        115, 116, 117, 118, 119, 120, 121, 122, 131, 132, 133, 134, 135, 136, 137, 138, 146, 147, 148, 149, 150, 151,
        152, 153, 154, 162, 163, 164, 165, 166, 167, 168, 169, 170, 178, 179, 180, 181, 182, 183, 184, 185, 186, 194,
        195, 196, 197, 198, 199, 200, 201, 202, 210, 211, 212, 213, 214, 215, 216, 217, 218, 225, 226, 227, 228, 229,
        230, 231, 232, 233, 234, 241, 242, 243, 244, 245, 246, 247, 248, 249, 250,
    ];
    pub(super) const DC_CHROMA: [u8; 16] = [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0];
    pub(super) const AC_CHROMA: [u8; 16] = [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119];
    pub(super) const AC_CHROMA_SYMBOLS: [u8; 162] = [
        0, 1, 2, 3, 17, 4, 5, 33, 49, 6, 18, 65, 81, 7, 97, 113, 19, 34, 50, 129, 8, 20, 66, 145, 161, 177, 193, 9, 35,
        51, 82, 240, 21, 98, 114, 209, 10, 22, 36, 52, 225, 37, 241, 23, 24, 25, 26, 38, 39, 40, 41, 42, 53, 54, 55,
        56, 57, 58, 67, 68, 69, 70, 71, 72, 73, 74, 83, 84, 85, 86, 87, 88, 89, 90, 99, 100, 101, 102, 103, 104, 105,
        106, 115, 116, 117, 118, 119, 120, 121, 122, 130, 131, 132, 133, 134, 135, 136, 137, 138, 146, 147, 148, 149,
        150, 151, 152, 153, 154, 162, 163, 164, 165, 166, 167, 168, 169, 170, 178, 179, 180, 181, 182, 183, 184, 185,
        186, 194, 195, 196, 197, 198, 199, 200, 201, 202, 210, 211, 212, 213, 214, 215, 216, 217, 218, 226, 227, 228,
        229, 230, 231, 232, 233, 234, 242, 243, 244, 245, 246, 247, 248, 249, 250,
    ];
}
