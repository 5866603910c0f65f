//! Files damaged at random, the same every time.
#![allow(clippy::indexing_slicing, reason = "a place out of bounds fails the test that asked")]

use std::ops::Range;

/// Numbers that programs get wrong.
const NUMBERS: [u64; 24] = [
    0,
    1,
    2,
    3,
    7,
    8,
    16,
    255,
    256,
    0x7fff,
    0x8000,
    0xffff,
    0x1_0000,
    0xff_ffff,
    0x100_0000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fffe,
    0xffff_ffff,
    0x1_0000_0000,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0xffff_ffff_ffff_fff0,
    0xffff_ffff_ffff_ffff,
];

/// Random numbers from a seed (SplitMix64).
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The same numbers for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 if `end` is.
    pub fn below(&mut self, end: usize) -> usize {
        (self.number() % (end.max(1) as u64)) as usize
    }

    /// One of a list that is not empty.
    pub fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// A place in a file: near its start, where headers lie, as often as anywhere.
    fn place(&mut self, len: usize) -> usize {
        let end = if self.below(2) == 0 { len.min(2048) } else { len };
        self.below(end)
    }
}

/// Damages a file in one to three ways and says how; `other` is a file to take pieces from.
#[must_use]
pub fn damage(file: &[u8], other: &[u8], chance: &mut Chance) -> (Vec<u8>, String) {
    let mut bytes = file.to_vec();
    let mut how = Vec::new();
    for _ in 0..=chance.below(3) {
        if bytes.is_empty() {
            break;
        }
        how.push(match chance.below(8) {
            0 => flip_bits(&mut bytes, chance),
            1 => cut(&mut bytes, chance),
            2 => number_anywhere(&mut bytes, chance),
            3 => piece(&mut bytes, other, chance),
            4 => run(&mut bytes, chance),
            _ => entry(&mut bytes, chance),
        });
    }
    (bytes, how.join(", "))
}

fn flip_bits(bytes: &mut [u8], chance: &mut Chance) -> String {
    let count = 1 + chance.below(16);
    for _ in 0..count {
        let at = chance.place(bytes.len());
        bytes[at] ^= 1 << chance.below(8);
    }
    format!("{count} bits flipped")
}

fn cut(bytes: &mut Vec<u8>, chance: &mut Chance) -> String {
    let len = chance.place(bytes.len());
    bytes.truncate(len);
    format!("cut to {len} bytes")
}

fn number_anywhere(bytes: &mut [u8], chance: &mut Chance) -> String {
    let size = *chance.of(&[1, 2, 4, 8]);
    let (at, number) = (chance.place(bytes.len()), *chance.of(&NUMBERS));
    let big_endian = bytes.first() == Some(&b'M');
    put(bytes, at, size, number, big_endian);
    format!("{number:#x} in {size} bytes at {at}")
}

fn piece(bytes: &mut [u8], other: &[u8], chance: &mut Chance) -> String {
    let (from, at) = (chance.place(other.len()), chance.place(bytes.len()));
    let len = (1 + chance.below(4096)).min(other.len() - from.min(other.len())).min(bytes.len() - at);
    bytes[at..at + len].copy_from_slice(&other[from..from + len]);
    format!("{len} bytes of another file at {at}")
}

fn run(bytes: &mut [u8], chance: &mut Chance) -> String {
    let at = chance.place(bytes.len());
    let len = (1 + chance.below(1024)).min(bytes.len() - at);
    let value = *chance.of(&[0, 0xff, 0x2a]);
    bytes[at..at + len].fill(value);
    format!("{len} bytes of {value:#x} at {at}")
}

/// Changes the type, the count, or the value or offset of an entry of an IFD.
fn entry(bytes: &mut [u8], chance: &mut Chance) -> String {
    let Some(found) = entries(bytes).filter(|found| !found.places.is_empty()) else {
        return number_anywhere(bytes, chance);
    };
    let at = *chance.of(&found.places);
    let (word, big_endian) = (found.word, found.big_endian);
    let tag = get(bytes, at, 2, big_endian).unwrap_or_default();
    let parts: [(&str, Range<usize>); 4] =
        [("tag", 0..2), ("type", 2..4), ("count", 4..4 + word), ("value", 4 + word..4 + 2 * word)];
    let (name, part) = parts[[0, 1, 2, 2, 2, 3, 3, 3][chance.below(8)]].clone();
    let old = get(bytes, at + part.start, part.len(), big_endian).unwrap_or_default();
    let number = match chance.below(4) {
        0 => old.wrapping_add(1),
        1 => old.wrapping_mul(1 + chance.number() % 1000),
        2 => chance.number() >> chance.below(64),
        _ => *chance.of(&NUMBERS),
    };
    // An offset may lie anywhere in the file, too.
    let number = if name == "value" && chance.below(3) == 0 { chance.below(bytes.len()) as u64 } else { number };
    // A tag or type is a small number, or no harm is done.
    let number = if name == "type" { number % 20 } else { number };
    put(bytes, at + part.start, part.len(), number, big_endian);
    format!("{name} of tag {tag}: {old} became {number:#x}")
}

struct Entries {
    places: Vec<usize>,
    /// Bytes of a count and of an offset.
    word: usize,
    big_endian: bool,
}

/// Where the entries of all IFDs of a chain lie, as far as they can be followed.
fn entries(bytes: &[u8]) -> Option<Entries> {
    let big_endian = bytes.first() == Some(&b'M');
    let big = get(bytes, 2, 2, big_endian)? == 43;
    let (word, head) = if big { (8, 8) } else { (4, 2) };
    let mut places = Vec::new();
    let mut ifd = get(bytes, if big { 8 } else { 4 }, word, big_endian)?;
    for _ in 0..8 {
        let Some(start) = usize::try_from(ifd).ok().filter(|start| *start > 0 && *start < bytes.len()) else { break };
        let Some(count) = get(bytes, start, head, big_endian) else { break };
        let size = 4 + 2 * word;
        let count = (count as usize).min(200);
        places.extend((0..count).map(|i| start + head + i * size).filter(|at| at + size <= bytes.len()));
        let Some(next) = get(bytes, start + head + count * size, word, big_endian) else { break };
        ifd = next;
    }
    Some(Entries { places, word, big_endian })
}

fn get(bytes: &[u8], at: usize, size: usize, big_endian: bool) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(size)?)?;
    let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
    Some(if big_endian { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) })
}

fn put(bytes: &mut [u8], at: usize, size: usize, number: u64, big_endian: bool) {
    let end = (at + size).min(bytes.len());
    let number =
        if big_endian { number.to_be_bytes()[8 - size..].to_vec() } else { number.to_le_bytes()[..size].to_vec() };
    bytes[at..end].iter_mut().zip(number).for_each(|(to, byte)| *to = byte);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_does_the_same_damage_and_every_other_another() {
        let file: Vec<u8> = (0..5000u32).map(|i| (i * 31) as u8).collect();
        let of = |seed| damage(&file, &file[1000..], &mut Chance::new(seed));
        assert_eq!(of(7), of(7));
        let all: std::collections::HashSet<Vec<u8>> = (0..100).map(|seed| of(seed).0).collect();
        assert!(all.len() > 95);
        assert!(!all.contains(&file));
    }

    #[test]
    fn entries_of_a_chain_are_found() {
        let mut file = b"II\x2a\0\x08\0\0\0\x01\0".to_vec();
        file.extend([0; 12]);
        file.extend([26, 0, 0, 0]);
        file.extend([2, 0]);
        file.extend([0; 28]);
        assert_eq!(entries(&file).unwrap().places, [10, 28, 40]);
    }
}
