//! The records of `operations.bin`: operations between every geographic CRS of EPSG and WGS 84, in the order in which
//! they are taken.
//!
//! After the eight bytes "COGOPS01" stands a pair (offset, count) of u32 for each section. All numbers are little-endian.
//! - Pairs, ordered by codes: from, to, first use, number of uses, name (u32), what (u32), accuracy, and both ellipsoids (f64).
//! - Uses: operation, 1 if backward (u32), west, south, east, north (f64). The first one of a pair is that for points outside all areas.
//! - Operations: kind (u32, twice), twelve numbers (f64).
//! - Text: length (u32) and UTF-8.

use super::super::geocentric::{Affine, Shape, Shift};
use super::{Area, Recorded};

pub(super) const BYTES: &[u8] = include_bytes!("operations.bin");
pub(super) const WGS84: u32 = 4326;

#[cfg(test)]
const MAGIC: &[u8; 8] = b"COGOPS01";
const PAIR: usize = 64;
const USE: usize = 40;
const OPERATION: usize = 104;

/// What the table says of two geographic CRSs.
pub(super) enum Pair {
    Recorded(Recorded),
    /// The engine knows how, and the table has no words for it.
    ByEngine,
    /// There is no operation without a grid.
    Unknown,
}

const RECORDED: u32 = 0;
#[cfg(test)]
const BY_ENGINE: u32 = 1;
const UNKNOWN: u32 = 2;

#[cfg(test)]
const IDENTITY: u32 = 0;
const HELMERT: u32 = 1;
const AFFINE: u32 = 2;

/// Bytes of ours: what is not there reads as zeros, and a test walks all of it.
#[derive(Clone, Copy)]
struct Record(&'static [u8]);

impl Record {
    fn u32(self, at: usize) -> u32 {
        u32::from_le_bytes(self.0.get(at..at + 4).and_then(|b| b.try_into().ok()).unwrap_or_default())
    }

    fn f64(self, at: usize) -> f64 {
        f64::from_le_bytes(self.0.get(at..at + 8).and_then(|b| b.try_into().ok()).unwrap_or_default())
    }

    fn f64s<const N: usize>(self, at: usize) -> [f64; N] {
        std::array::from_fn(|i| self.f64(at + 8 * i))
    }
}

/// The offset and count of a section: pairs, uses, operations, text.
fn section(number: usize) -> (usize, u32) {
    let head = Record(BYTES);
    (head.u32(8 + 8 * number) as usize, head.u32(12 + 8 * number))
}

fn record(number: usize, size: usize, row: u32) -> Record {
    let at = section(number).0 + row as usize * size;
    Record(BYTES.get(at..at + size).unwrap_or(&[]))
}

fn text(offset: u32) -> &'static str {
    let at = section(3).0 + offset as usize;
    let length = Record(BYTES).u32(at) as usize;
    BYTES.get(at + 4..at + 4 + length).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or("")
}

/// None for a pair that is not in the table: one side has to be WGS 84.
pub(super) fn find(from: u32, to: u32) -> Option<Pair> {
    let key = |row: u32| {
        let record = record(0, PAIR, row);
        (record.u32(0), record.u32(4))
    };
    let count = section(0).1;
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if key(middle) < (from, to) { low = middle + 1 } else { high = middle }
    }
    if low == count || key(low) != (from, to) {
        return None;
    }
    let pair = record(0, PAIR, low);
    Some(match pair.u32(20) {
        RECORDED => Pair::Recorded(recorded(pair)),
        UNKNOWN => Pair::Unknown,
        _ => Pair::ByEngine,
    })
}

fn recorded(pair: Record) -> Recorded {
    let [accuracy, from_a, from_rf, to_a, to_rf] = pair.f64s(24);
    let (from, to) = (Shape::new(from_a, from_rf), Shape::new(to_a, to_rf));
    let shift = |row: u32| {
        let found = record(1, USE, row);
        let affine = operation(found.u32(0));
        let affine = affine.map(|affine| if found.u32(4) == 1 { affine.inverse() } else { affine });
        let [west, south, east, north] = found.f64s(8);
        (Area { west, south, east, north }, Shift::new(from, to, affine))
    };
    let (first, count) = (pair.u32(8), pair.u32(12));
    Recorded {
        elsewhere: shift(first).1,
        local: (first + 1..first + count).map(shift).collect(),
        name: text(pair.u32(16)),
        accuracy: Some(accuracy).filter(|a| !a.is_nan()),
    }
}

/// None for one that shifts nothing.
fn operation(row: u32) -> Option<Affine> {
    let found = record(2, OPERATION, row);
    match found.u32(0) {
        HELMERT => Some(Affine::helmert(found.f64s(8))),
        AFFINE => Some(Affine { translation: found.f64s(8), matrix: found.f64s(32) }),
        _ => None,
    }
}

#[cfg(test)]
pub(super) use writer::write;

/// The table anew, from the engine's registry.
#[cfg(test)]
mod writer {
    use super::{AFFINE, BY_ENGINE, HELMERT, IDENTITY, MAGIC, OPERATION, PAIR, RECORDED, UNKNOWN, USE, WGS84};
    use crate::registry::{self, Kind};
    use crate::transform::by_proj_core::{self, Use};
    use proj_core::{CoordinateOperationId, Ellipsoid, OperationMethod};
    use std::collections::BTreeMap;

    #[derive(Default)]
    struct Writer {
        pairs: Vec<u8>,
        uses: Vec<u8>,
        operations: Vec<u8>,
        text: Vec<u8>,
        rows: BTreeMap<u32, u32>,
        names: BTreeMap<String, u32>,
    }

    pub(in super::super) fn write() -> Vec<u8> {
        let rows = registry::rows().filter(|row| row.is_epsg() && row.kind() == Kind::Geographic2d);
        let codes = rows.filter_map(|row| row.id().epsg_code()).filter(|c| *c != WGS84);
        let codes: Vec<u32> = codes.filter(|code| by_proj_core::knows(*code)).collect();
        let mut pairs: Vec<(u32, u32)> = codes.iter().flat_map(|code| [(*code, WGS84), (WGS84, *code)]).collect();
        pairs.sort_unstable();
        let mut writer = Writer::default();
        for (from, to) in &pairs {
            writer.pair(*from, *to);
        }
        let mut out = MAGIC.to_vec();
        let sections = [(&writer.pairs, PAIR), (&writer.uses, USE), (&writer.operations, OPERATION), (&writer.text, 1)];
        let mut offset = out.len() + 8 * sections.len();
        for (bytes, size) in sections {
            words(&mut out, &[offset as u32, (bytes.len() / size) as u32]);
            offset += bytes.len();
        }
        for (bytes, _) in sections {
            out.extend(bytes);
        }
        out
    }

    impl Writer {
        fn pair(&mut self, from: u32, to: u32) {
            let first = (self.uses.len() / USE) as u32;
            let found = by_proj_core::Operations::between(from, to);
            let (what, name, accuracy) = match &found {
                Err(_) => (UNKNOWN, String::new(), None),
                Ok(found) => match found.uses() {
                    Some(uses) if uses.iter().all(|u| kind(u.code).is_some()) => {
                        for one in &uses {
                            self.one_use(one);
                        }
                        (RECORDED, found.name().to_string(), found.accuracy())
                    }
                    _ => (BY_ENGINE, String::new(), None),
                },
            };
            let count = (self.uses.len() / USE) as u32 - first;
            let name = self.name(name);
            words(&mut self.pairs, &[from, to, first, count, name, what]);
            let shape = |code: u32| {
                let ellipsoid: Ellipsoid = proj_core::lookup_epsg(code).unwrap().datum().ellipsoid();
                let f = ellipsoid.flattening();
                [ellipsoid.semi_major_axis(), if f == 0.0 { 0.0 } else { 1.0 / f }]
            };
            numbers(&mut self.pairs, &[accuracy.unwrap_or(f64::NAN)]);
            numbers(&mut self.pairs, &shape(from));
            numbers(&mut self.pairs, &shape(to));
        }

        fn one_use(&mut self, one: &Use) {
            let next = self.rows.len() as u32;
            let row = *self.rows.entry(one.code).or_insert(next);
            if row == next {
                let (kind, mut parameters) = kind(one.code).unwrap();
                parameters.resize(12, 0.0);
                words(&mut self.operations, &[kind, 0]);
                numbers(&mut self.operations, &parameters);
            }
            words(&mut self.uses, &[row, u32::from(one.backward)]);
            numbers(&mut self.uses, &one.area);
        }

        fn name(&mut self, name: String) -> u32 {
            let next = self.text.len() as u32;
            let at = *self.names.entry(name.clone()).or_insert(next);
            if at == next {
                words(&mut self.text, &[name.len() as u32]);
                self.text.extend(name.as_bytes());
            }
            at
        }
    }

    /// The numbers of an operation; none if it has others than these kinds have.
    fn kind(code: u32) -> Option<(u32, Vec<f64>)> {
        let operation = proj_core::lookup_operation(CoordinateOperationId(code))?;
        match operation.method {
            OperationMethod::Identity => Some((IDENTITY, Vec::new())),
            OperationMethod::Helmert { params: p } => {
                Some((HELMERT, vec![p.dx(), p.dy(), p.dz(), p.rx(), p.ry(), p.rz(), p.ds()]))
            }
            OperationMethod::GeocentricAffine { params: p } => {
                Some((AFFINE, p.translation().into_iter().chain(p.matrix()).collect()))
            }
            _ => None,
        }
    }

    fn words(out: &mut Vec<u8>, words: &[u32]) {
        words.iter().for_each(|word| out.extend(word.to_le_bytes()));
    }

    fn numbers(out: &mut Vec<u8>, numbers: &[f64]) {
        numbers.iter().for_each(|number| out.extend(number.to_le_bytes()));
    }
}
