//! The records of `registry.bin`, which `tools/make_registry.py` writes.
//!
//! After the eight bytes "COGCRS01" stands one pair (offset, count) of u32 for each section, in the order of [`Section`].
//! Records have one size each and are ordered by authority and code; all numbers are little-endian. Text is an offset into
//! the last section, where a u16 length stands before the UTF-8 bytes. A code with the highest bit set is such an offset.
//! A record that is not there reads as zeros: the file is ours, and a test walks all of it.

use crate::model::{Code, Identifier, Text};

const BYTES: &[u8] = include_bytes!("registry.bin");

/// Stands where there is no row.
pub(super) const NONE: u32 = u32::MAX;
pub(super) const TEXT_CODE: u32 = 0x8000_0000;
pub(super) const DEPRECATED: u8 = 1;
pub(super) const SEMI_MINOR: u8 = 2;
pub(super) const SPHERE: u8 = 4;
pub(super) const TEXT_DEFINITION: u8 = 8;

/// Of the authority numbers in the records.
pub(super) const AUTHORITIES: [&str; 6] = ["EPSG", "ESRI", "OGC", "IGNF", "IAU_2015", "PROJ"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Units,
    Ellipsoids,
    PrimeMeridians,
    GeodeticDatums,
    VerticalDatums,
    EngineeringDatums,
    Members,
    Systems,
    Axes,
    Methods,
    Parameters,
    Conversions,
    Values,
    Extents,
    Scopes,
    Crs,
    Usages,
    Aliases,
    Version,
    Strings,
}

impl Section {
    const fn record_size(self) -> usize {
        match self {
            Section::Units => 20,
            Section::Ellipsoids => 32,
            Section::PrimeMeridians => 24,
            Section::GeodeticDatums | Section::VerticalDatums | Section::EngineeringDatums => 48,
            Section::Members | Section::Scopes | Section::Version | Section::Usages => 4,
            Section::Systems => 8,
            Section::Axes => 16,
            Section::Methods | Section::Parameters => 12,
            Section::Conversions => 20,
            Section::Values => 12,
            Section::Extents => 40,
            Section::Crs => 32,
            Section::Aliases => 16,
            Section::Strings => 1,
        }
    }
}

/// One record.
#[derive(Clone, Copy)]
pub(super) struct Record(&'static [u8]);

impl Record {
    fn bytes<const N: usize>(self, at: usize) -> [u8; N] {
        self.0.get(at..at + N).and_then(|b| b.try_into().ok()).unwrap_or([0; N])
    }

    pub(super) fn u8(self, at: usize) -> u8 {
        self.bytes::<1>(at)[0]
    }

    pub(super) fn u16(self, at: usize) -> u16 {
        u16::from_le_bytes(self.bytes(at))
    }

    pub(super) fn u32(self, at: usize) -> u32 {
        u32::from_le_bytes(self.bytes(at))
    }

    pub(super) fn f64(self, at: usize) -> f64 {
        f64::from_le_bytes(self.bytes(at))
    }

    pub(super) fn text(self, at: usize) -> &'static str {
        string(self.u32(at))
    }
}

fn place(section: Section) -> (usize, u32) {
    let head = Record(BYTES);
    let at = 8 + 8 * section as usize;
    (head.u32(at) as usize, head.u32(at + 4))
}

pub(super) fn count(section: Section) -> u32 {
    place(section).1
}

/// A row; zeros behind the last one.
pub(super) fn record(section: Section, row: u32) -> Record {
    let (start, count) = place(section);
    let size = section.record_size();
    let at = start + row as usize * size;
    Record(if row < count { BYTES.get(at..at + size).unwrap_or(&[]) } else { &[] })
}

pub(super) fn string(offset: u32) -> &'static str {
    let (start, count) = place(Section::Strings);
    let strings = BYTES.get(start..start + count as usize).unwrap_or(&[]);
    let at = offset as usize;
    let length = usize::from(Record(strings.get(at..).unwrap_or(&[])).u16(0));
    strings.get(at + 2..at + 2 + length).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or("")
}

/// The row of a code, where the records hold authority and code at these places.
pub(super) fn find(section: Section, places: (usize, usize), authority: &str, code: &str) -> Option<u32> {
    let authority = AUTHORITIES.iter().position(|a| a.eq_ignore_ascii_case(authority))? as u8;
    let key = |row: u32| {
        let record = record(section, row);
        (record.u8(places.0), record.u32(places.1))
    };
    let partition = |wanted: (u8, u32)| {
        let (mut low, mut high) = (0, count(section));
        while low < high {
            let middle = low + (high - low) / 2;
            if key(middle) < wanted { low = middle + 1 } else { high = middle }
        }
        low
    };
    if let Ok(number) = code.parse::<u32>() {
        if number >= TEXT_CODE {
            return None;
        }
        let row = partition((authority, number));
        return (row < count(section) && key(row) == (authority, number)).then_some(row);
    }
    // Codes that are text stand behind the numbers, and are few.
    (0..count(section)).skip_while(|row| key(*row).0 != authority).take_while(|row| key(*row).0 == authority).find(
        |row| {
            let found = key(*row).1;
            found & TEXT_CODE != 0 && string(found & !TEXT_CODE).eq_ignore_ascii_case(code)
        },
    )
}

pub(super) fn identifier(authority: u8, code: u32) -> Identifier {
    let code = match code & TEXT_CODE {
        0 => Code::Number(code),
        _ => Code::Text(string(code & !TEXT_CODE).into()),
    };
    Identifier { authority: AUTHORITIES.get(usize::from(authority)).copied().unwrap_or("").into(), code }
}

pub(super) fn some_text(text: &'static str) -> Option<Text> {
    (!text.is_empty()).then_some(Text::Borrowed(text))
}

pub(super) fn some_number(number: f64) -> Option<f64> {
    (!number.is_nan()).then_some(number)
}

/// True if the file is the one that this module was written for.
#[cfg(test)]
pub(crate) fn is_whole() -> bool {
    let (start, count) = place(Section::Strings);
    BYTES.starts_with(b"COGCRS01") && start + count as usize == BYTES.len()
}
