//! A tag with its value as the bytes of a little-endian file.

use cog_tiff::{FieldType, Tag, Value};

/// A tag as an IFD lists it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    pub(crate) tag: Tag,
    pub(crate) field_type: FieldType,
    pub(crate) count: u64,
    pub(crate) bytes: Vec<u8>,
}

impl Field {
    /// SHORTs.
    pub(crate) fn shorts(tag: Tag, values: impl IntoIterator<Item = u16>) -> Field {
        Field::of(tag, FieldType::Short, values.into_iter().map(u16::to_le_bytes))
    }

    /// A number: a SHORT if it fits, else a LONG.
    pub(crate) fn number(tag: Tag, value: u32) -> Field {
        match u16::try_from(value) {
            Ok(short) => Field::shorts(tag, [short]),
            Err(_) => Field::of(tag, FieldType::Long, [value.to_le_bytes()]),
        }
    }

    /// A LONG.
    pub(crate) fn long(tag: Tag, value: u32) -> Field {
        Field::of(tag, FieldType::Long, [value.to_le_bytes()])
    }

    /// LONGs.
    pub(crate) fn longs(tag: Tag, values: impl IntoIterator<Item = u32>) -> Field {
        Field::of(tag, FieldType::Long, values.into_iter().map(u32::to_le_bytes))
    }

    /// Text with its NUL.
    pub(crate) fn text(tag: Tag, text: &str) -> Field {
        let bytes = [text.as_bytes(), &[0]].concat();
        Field { tag, field_type: FieldType::Ascii, count: bytes.len() as u64, bytes }
    }

    /// Bytes of no type.
    pub(crate) fn undefined(tag: Tag, bytes: &[u8]) -> Field {
        Field { tag, field_type: FieldType::Undefined, count: bytes.len() as u64, bytes: bytes.to_vec() }
    }

    fn of<const N: usize>(tag: Tag, field_type: FieldType, values: impl IntoIterator<Item = [u8; N]>) -> Field {
        let bytes: Vec<u8> = values.into_iter().flatten().collect();
        Field { tag, field_type, count: (bytes.len() / N.max(1)) as u64, bytes }
    }

    /// Any value, in the narrowest type that holds all of its numbers and that TIFF readers know for the tag. `None` for numbers of 64
    /// bits in a classic TIFF, which has no type for them.
    pub(crate) fn value(tag: Tag, value: &Value) -> Option<Field> {
        let most = |values: &[u64]| values.iter().copied().max().unwrap_or(0);
        Some(match value {
            Value::Bytes(bytes) if is_undefined(tag) => Field::undefined(tag, bytes),
            Value::Bytes(bytes) => Field::of(tag, FieldType::Byte, bytes.iter().map(|b| [*b])),
            Value::Ascii(bytes) => {
                Field { tag, field_type: FieldType::Ascii, count: bytes.len() as u64, bytes: bytes.clone() }
            }
            Value::Unsigned(values) if tag == Tag::LERC_PARAMETERS => {
                Field::longs(tag, values.iter().map(|v| u32::try_from(*v).unwrap_or(u32::MAX)))
            }
            Value::Unsigned(values) if most(values) <= 0xffff => Field::shorts(tag, values.iter().map(|v| *v as u16)),
            Value::Unsigned(values) if most(values) <= 0xffff_ffff => {
                Field::of(tag, FieldType::Long, values.iter().map(|v| (*v as u32).to_le_bytes()))
            }
            Value::Signed(values) => {
                let all: Option<Vec<_>> = values.iter().map(|v| Some(i32::try_from(*v).ok()?.to_le_bytes())).collect();
                Field::of(tag, FieldType::SLong, all?)
            }
            Value::Rational(values) => {
                let pair = |(n, d): &(u32, u32)| [n.to_le_bytes(), d.to_le_bytes()];
                Field::pairs(tag, FieldType::Rational, values.iter().map(pair))
            }
            Value::SRational(values) => {
                let pair = |(n, d): &(i32, i32)| [n.to_le_bytes(), d.to_le_bytes()];
                Field::pairs(tag, FieldType::SRational, values.iter().map(pair))
            }
            Value::Float(values) => Field::of(tag, FieldType::Float, values.iter().map(|v| v.to_le_bytes())),
            Value::Double(values) => Field::of(tag, FieldType::Double, values.iter().map(|v| v.to_le_bytes())),
            _ => return None,
        })
    }

    fn pairs(tag: Tag, field_type: FieldType, values: impl Iterator<Item = [[u8; 4]; 2]>) -> Field {
        let bytes: Vec<u8> = values.flatten().flatten().collect();
        Field { tag, field_type, count: (bytes.len() / 8) as u64, bytes }
    }
}

/// Tags whose bytes have no type.
fn is_undefined(tag: Tag) -> bool {
    matches!(tag, Tag::ICC_PROFILE | Tag::JPEG_TABLES)
}
