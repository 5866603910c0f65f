//! Field types and the values of tags.

use crate::byte_order::ByteOrder;

/// The type of a tag's values: TIFF 6.0 section 2, BigTIFF, and the IFD type of the Adobe technical notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum FieldType {
    Byte,
    Ascii,
    Short,
    Long,
    Rational,
    SByte,
    Undefined,
    SShort,
    SLong,
    SRational,
    Float,
    Double,
    Ifd,
    Long8,
    SLong8,
    Ifd8,
    /// A type that no specification defines: the tag is listed, its value is not read.
    Unknown(u16),
}

impl FieldType {
    /// From its number.
    pub fn from_code(code: u16) -> Self {
        match code {
            1 => Self::Byte,
            2 => Self::Ascii,
            3 => Self::Short,
            4 => Self::Long,
            5 => Self::Rational,
            6 => Self::SByte,
            7 => Self::Undefined,
            8 => Self::SShort,
            9 => Self::SLong,
            10 => Self::SRational,
            11 => Self::Float,
            12 => Self::Double,
            13 => Self::Ifd,
            16 => Self::Long8,
            17 => Self::SLong8,
            18 => Self::Ifd8,
            n => Self::Unknown(n),
        }
    }

    /// Its number.
    pub fn code(self) -> u16 {
        match self {
            Self::Byte => 1,
            Self::Ascii => 2,
            Self::Short => 3,
            Self::Long => 4,
            Self::Rational => 5,
            Self::SByte => 6,
            Self::Undefined => 7,
            Self::SShort => 8,
            Self::SLong => 9,
            Self::SRational => 10,
            Self::Float => 11,
            Self::Double => 12,
            Self::Ifd => 13,
            Self::Long8 => 16,
            Self::SLong8 => 17,
            Self::Ifd8 => 18,
            Self::Unknown(n) => n,
        }
    }

    /// Bytes of one value; 0 for an unknown type.
    pub fn size(self) -> u64 {
        match self {
            Self::Byte | Self::Ascii | Self::SByte | Self::Undefined => 1,
            Self::Short | Self::SShort => 2,
            Self::Long | Self::SLong | Self::Float | Self::Ifd => 4,
            Self::Rational | Self::SRational | Self::Double | Self::Long8 | Self::SLong8 | Self::Ifd8 => 8,
            Self::Unknown(_) => 0,
        }
    }

    /// Its name in TIFF 6.0's spelling.
    pub fn name(self) -> &'static str {
        match self {
            Self::Byte => "BYTE",
            Self::Ascii => "ASCII",
            Self::Short => "SHORT",
            Self::Long => "LONG",
            Self::Rational => "RATIONAL",
            Self::SByte => "SBYTE",
            Self::Undefined => "UNDEFINED",
            Self::SShort => "SSHORT",
            Self::SLong => "SLONG",
            Self::SRational => "SRATIONAL",
            Self::Float => "FLOAT",
            Self::Double => "DOUBLE",
            Self::Ifd => "IFD",
            Self::Long8 => "LONG8",
            Self::SLong8 => "SLONG8",
            Self::Ifd8 => "IFD8",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// The values of one tag, as many as its count says.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// BYTE and UNDEFINED.
    Bytes(Vec<u8>),
    /// ASCII, with its NULs.
    Ascii(Vec<u8>),
    /// SHORT, LONG, LONG8, IFD and IFD8.
    Unsigned(Vec<u64>),
    /// SBYTE, SSHORT, SLONG and SLONG8.
    Signed(Vec<i64>),
    /// RATIONAL: numerator, denominator.
    Rational(Vec<(u32, u32)>),
    /// SRATIONAL: numerator, denominator.
    SRational(Vec<(i32, i32)>),
    /// FLOAT.
    Float(Vec<f32>),
    /// DOUBLE.
    Double(Vec<f64>),
}

impl Value {
    /// Decodes the bytes of a value; bytes left over at the end are ignored, an unknown type has no value.
    pub(crate) fn decode(field_type: FieldType, order: ByteOrder, bytes: &[u8]) -> Option<Value> {
        let u16s = || arrays::<2>(bytes).map(move |b| order.u16(b));
        let u32s = || arrays::<4>(bytes).map(move |b| order.u32(b));
        let u64s = || arrays::<8>(bytes).map(move |b| order.u64(b));
        let pairs = || {
            arrays::<8>(bytes).map(move |[a, b, c, d, e, f, g, h]| (order.u32([a, b, c, d]), order.u32([e, f, g, h])))
        };
        Some(match field_type {
            FieldType::Byte | FieldType::Undefined => Value::Bytes(bytes.to_vec()),
            FieldType::Ascii => Value::Ascii(bytes.to_vec()),
            FieldType::Short => Value::Unsigned(u16s().map(u64::from).collect()),
            FieldType::Long | FieldType::Ifd => Value::Unsigned(u32s().map(u64::from).collect()),
            FieldType::Long8 | FieldType::Ifd8 => Value::Unsigned(u64s().collect()),
            FieldType::SByte => Value::Signed(bytes.iter().map(|b| i64::from(*b as i8)).collect()),
            FieldType::SShort => Value::Signed(u16s().map(|v| i64::from(v as i16)).collect()),
            FieldType::SLong => Value::Signed(u32s().map(|v| i64::from(v as i32)).collect()),
            FieldType::SLong8 => Value::Signed(u64s().map(|v| v as i64).collect()),
            FieldType::Rational => Value::Rational(pairs().collect()),
            FieldType::SRational => Value::SRational(pairs().map(|(n, d)| (n as i32, d as i32)).collect()),
            FieldType::Float => Value::Float(u32s().map(f32::from_bits).collect()),
            FieldType::Double => Value::Double(u64s().map(f64::from_bits).collect()),
            FieldType::Unknown(_) => return None,
        })
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        match self {
            Value::Bytes(v) | Value::Ascii(v) => v.len(),
            Value::Unsigned(v) => v.len(),
            Value::Signed(v) => v.len(),
            Value::Rational(v) => v.len(),
            Value::SRational(v) => v.len(),
            Value::Float(v) => v.len(),
            Value::Double(v) => v.len(),
        }
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at `index` as an unsigned integer. Integer types are interchangeable (TIFF 6.0 section 2,
    /// "readers should accept any"); a negative value is none.
    pub fn u64_at(&self, index: usize) -> Option<u64> {
        match self {
            Value::Bytes(v) => v.get(index).map(|b| u64::from(*b)),
            Value::Unsigned(v) => v.get(index).copied(),
            Value::Signed(v) => v.get(index).and_then(|n| u64::try_from(*n).ok()),
            _ => None,
        }
    }

    /// All values as unsigned integers, if every one is.
    pub fn u64s(&self) -> Option<Vec<u64>> {
        (0..self.len()).map(|i| self.u64_at(i)).collect()
    }

    /// The value at `index` as a floating point number; a rational with denominator 0 is 0, as in libtiff.
    pub fn f64_at(&self, index: usize) -> Option<f64> {
        let ratio = |n: f64, d: f64| if d == 0.0 { 0.0 } else { n / d };
        match self {
            Value::Bytes(v) => v.get(index).map(|b| f64::from(*b)),
            Value::Ascii(_) => None,
            Value::Unsigned(v) => v.get(index).map(|n| *n as f64),
            Value::Signed(v) => v.get(index).map(|n| *n as f64),
            Value::Rational(v) => v.get(index).map(|(n, d)| ratio(f64::from(*n), f64::from(*d))),
            Value::SRational(v) => v.get(index).map(|(n, d)| ratio(f64::from(*n), f64::from(*d))),
            Value::Float(v) => v.get(index).map(|n| f64::from(*n)),
            Value::Double(v) => v.get(index).copied(),
        }
    }

    /// All values as floating point numbers; `None` for text.
    pub fn f64s(&self) -> Option<Vec<f64>> {
        (0..self.len()).map(|i| self.f64_at(i)).collect()
    }

    /// The text up to its first NUL. Bytes that are not UTF-8 are read as Latin-1.
    pub fn text(&self) -> Option<String> {
        let bytes = self.bytes()?;
        Some(decode_text(bytes.split(|b| *b == 0).next().unwrap_or(bytes)))
    }

    /// The raw bytes of ASCII, BYTE and UNDEFINED values.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Value::Bytes(v) | Value::Ascii(v) => Some(v),
            _ => None,
        }
    }
}

/// Whole groups of `N` bytes.
fn arrays<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> + '_ {
    bytes.chunks_exact(N).filter_map(|b| b.try_into().ok())
}

/// UTF-8 if it is, else Latin-1: the specification says 7-bit ASCII, files hold both.
pub(crate) fn decode_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_string(),
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_not_utf8_is_latin1_and_ends_at_the_first_nul() {
        assert_eq!(Value::Ascii(b"caf\xe9\0more\0".to_vec()).text().as_deref(), Some("caf\u{e9}"));
        assert_eq!(Value::Ascii("\u{fc}ber\0".as_bytes().to_vec()).text().as_deref(), Some("über"));
    }

    #[test]
    fn a_rational_is_a_quotient_of_two_32_bit_numbers() {
        let v = Value::decode(FieldType::Rational, ByteOrder::Big, &[0, 0, 0, 72, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]);
        assert_eq!(v.and_then(|v| v.f64s()), Some(vec![72.0, 0.0]));
    }

    #[test]
    fn signed_integers_serve_as_sizes_unless_negative() {
        let v = Value::decode(FieldType::SLong, ByteOrder::Little, &[5, 0, 0, 0, 255, 255, 255, 255]).unwrap();
        assert_eq!((v.u64_at(0), v.u64_at(1)), (Some(5), None));
    }
}
