//! An IFD, its values and its tables of blocks.

use cog_tiff::{FieldType, Tag, Variant};

use super::Directory;
use super::field::Field;

/// The next even place.
pub(super) fn align(at: u64) -> u64 {
    at + at % 2
}

/// An IFD with its places. The tables of blocks lie behind all IFDs, all other values behind their own.
pub(super) struct Ifd<'a> {
    directory: &'a Directory,
    /// Sorted by tag.
    fields: Vec<&'a Field>,
    variant: Variant,
    start: u64,
    end: u64,
    tables: [Table; 2],
}

/// Where a table lies, if it is not in its entry.
#[derive(Clone, Copy)]
struct Table {
    tag: Tag,
    field_type: FieldType,
    at: u64,
}

impl<'a> Ifd<'a> {
    pub(super) fn new(directory: &'a Directory, variant: Variant, start: u64) -> Ifd<'a> {
        let mut fields: Vec<&Field> = directory.fields.iter().collect();
        fields.sort_by_key(|field| field.tag);
        let (count_len, entry_len) = lens(variant);
        let entries = fields.len() as u64 + 2;
        let mut end = start + count_len + entries * entry_len + slot(variant);
        for field in &fields {
            if field.bytes.len() as u64 > slot(variant) {
                end = align(end + field.bytes.len() as u64);
            }
        }
        let short = directory.sizes.iter().all(|size| *size <= 0xffff);
        let offsets = if variant == Variant::Big { FieldType::Long8 } else { FieldType::Long };
        let counts = if short { FieldType::Short } else { FieldType::Long };
        let table = |tag, field_type| Table { tag, field_type, at: 0 };
        let tables = [table(Tag::TILE_OFFSETS, offsets), table(Tag::TILE_BYTE_COUNTS, counts)];
        Ifd { directory, fields, variant, start, end, tables }
    }

    /// Where the IFD and its values end.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Gives the tables their places from `at` on, and says where they end.
    pub(super) fn place_tables(&mut self, mut at: u64) -> u64 {
        let blocks = self.directory.sizes.len() as u64;
        for table in &mut self.tables {
            table.at = at;
            let bytes = blocks * table.field_type.size();
            if bytes > slot(self.variant) {
                at = align(at + bytes);
            }
        }
        at
    }

    /// Appends the IFD and its values to the file, which ends where they begin.
    pub(super) fn write(&self, out: &mut Vec<u8>, followed: bool, offsets: &[u64]) {
        out.resize(self.start as usize, 0);
        let entries = self.fields.len() as u64 + 2;
        match self.variant {
            Variant::Classic => out.extend((entries as u16).to_le_bytes()),
            Variant::Big => out.extend(entries.to_le_bytes()),
        }
        let (count_len, entry_len) = lens(self.variant);
        let mut at = self.start + count_len + entries * entry_len + slot(self.variant);
        let mut outside: Vec<&Field> = Vec::new();
        let mut tables = self.tables.iter().peekable();
        for field in &self.fields {
            while let Some(table) = tables.next_if(|table| table.tag < field.tag) {
                self.table_entry(out, table, offsets);
            }
            self.entry(out, field.tag, field.field_type, field.count);
            if field.bytes.len() as u64 > slot(self.variant) {
                self.place(out, at);
                at = align(at + field.bytes.len() as u64);
                outside.push(field);
            } else {
                self.inline(out, &field.bytes);
            }
        }
        for table in tables {
            self.table_entry(out, table, offsets);
        }
        self.place(out, if followed { self.end } else { 0 });
        for field in outside {
            out.extend_from_slice(&field.bytes);
            out.resize(align(out.len() as u64) as usize, 0);
        }
    }

    fn table_entry(&self, out: &mut Vec<u8>, table: &Table, offsets: &[u64]) {
        let bytes = self.table_bytes(table, offsets);
        self.entry(out, table.tag, table.field_type, offsets.len() as u64);
        if bytes.len() as u64 > slot(self.variant) { self.place(out, table.at) } else { self.inline(out, &bytes) }
    }

    /// Appends the tables, without those that are in their entries.
    pub(super) fn write_tables(&self, out: &mut Vec<u8>, offsets: &[u64]) {
        for table in &self.tables {
            let bytes = self.table_bytes(table, offsets);
            if bytes.len() as u64 > slot(self.variant) {
                out.extend_from_slice(&bytes);
                out.resize(align(out.len() as u64) as usize, 0);
            }
        }
    }

    fn table_bytes(&self, table: &Table, offsets: &[u64]) -> Vec<u8> {
        let sizes = || self.directory.sizes.iter();
        match table.field_type {
            FieldType::Long8 => offsets.iter().flat_map(|v| v.to_le_bytes()).collect(),
            FieldType::Short => sizes().flat_map(|v| (*v as u16).to_le_bytes()).collect(),
            _ if table.tag == Tag::TILE_OFFSETS => offsets.iter().flat_map(|v| (*v as u32).to_le_bytes()).collect(),
            _ => sizes().flat_map(|v| v.to_le_bytes()).collect(),
        }
    }

    fn entry(&self, out: &mut Vec<u8>, tag: Tag, field_type: FieldType, count: u64) {
        out.extend(tag.0.to_le_bytes());
        out.extend(field_type.code().to_le_bytes());
        match self.variant {
            Variant::Classic => out.extend((count as u32).to_le_bytes()),
            Variant::Big => out.extend(count.to_le_bytes()),
        }
    }

    fn place(&self, out: &mut Vec<u8>, at: u64) {
        match self.variant {
            Variant::Classic => out.extend((at as u32).to_le_bytes()),
            Variant::Big => out.extend(at.to_le_bytes()),
        }
    }

    fn inline(&self, out: &mut Vec<u8>, bytes: &[u8]) {
        let end = out.len() + slot(self.variant) as usize;
        out.extend_from_slice(bytes);
        out.resize(end, 0);
    }
}

/// Bytes of an offset, and of a value in its entry.
fn slot(variant: Variant) -> u64 {
    match variant {
        Variant::Classic => 4,
        Variant::Big => 8,
    }
}

/// Bytes of the number of entries, and of an entry.
fn lens(variant: Variant) -> (u64, u64) {
    match variant {
        Variant::Classic => (2, 12),
        Variant::Big => (8, 20),
    }
}
