//! The first bytes of a file.

use crate::byte_order::ByteOrder;
use crate::error::{Error, Result};

/// Classic TIFF (32-bit offsets) or BigTIFF (64-bit offsets).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variant {
    /// Version 42, TIFF 6.0.
    Classic,
    /// Version 43.
    Big,
}

impl Variant {
    /// Bytes of the file header.
    pub fn header_len(self) -> u64 {
        match self {
            Variant::Classic => 8,
            Variant::Big => 16,
        }
    }

    /// Bytes of the number of entries that starts an IFD.
    pub(crate) fn count_len(self) -> u64 {
        match self {
            Variant::Classic => 2,
            Variant::Big => 8,
        }
    }

    /// Bytes of one entry.
    pub(crate) fn entry_len(self) -> u64 {
        match self {
            Variant::Classic => 12,
            Variant::Big => 20,
        }
    }

    /// Bytes of an offset, and of a value stored in its entry.
    pub(crate) fn offset_len(self) -> u64 {
        match self {
            Variant::Classic => 4,
            Variant::Big => 8,
        }
    }
}

/// The file header: TIFF 6.0 section 2, and the BigTIFF proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Byte order of every number in the file.
    pub byte_order: ByteOrder,
    /// Classic or Big.
    pub variant: Variant,
    /// Offset of the first IFD.
    pub first_ifd: u64,
}

impl Header {
    /// Parses the header from the first 16 bytes of a file, or from all of it if it is shorter.
    pub fn parse(bytes: &[u8]) -> Result<Header> {
        if bytes.is_empty() {
            return Err(Error::Empty);
        }
        let not_tiff = || Error::NotTiff(describe(bytes));
        let byte_order = match bytes.get(..2) {
            Some(b"II") => ByteOrder::Little,
            Some(b"MM") => ByteOrder::Big,
            _ => return Err(not_tiff()),
        };
        let short = |at: usize| -> Option<u16> { Some(byte_order.u16(bytes.get(at..at + 2)?.try_into().ok()?)) };
        let truncated = || Error::OutOfBounds {
            part: crate::error::Part::Header,
            offset: 0,
            length: 8,
            file_len: bytes.len() as u64,
        };
        match short(2).ok_or_else(truncated)? {
            42 => {
                let b = bytes.get(4..8).and_then(|b| b.try_into().ok()).ok_or_else(truncated)?;
                Ok(Header { byte_order, variant: Variant::Classic, first_ifd: u64::from(byte_order.u32(b)) })
            }
            43 => {
                let size = short(4).ok_or_else(truncated)?;
                if size != 8 {
                    return Err(Error::OffsetSize(size));
                }
                let b = bytes.get(8..16).and_then(|b| b.try_into().ok()).ok_or_else(truncated)?;
                Ok(Header { byte_order, variant: Variant::Big, first_ifd: byte_order.u64(b) })
            }
            _ => Err(not_tiff()),
        }
    }
}

/// What the first bytes look like, for the message "not a TIFF".
fn describe(bytes: &[u8]) -> String {
    let kinds: [(&[u8], &str); 10] = [
        (b"\x89PNG", "a PNG signature"),
        (b"\xff\xd8\xff", "a JPEG signature"),
        (b"\x89HDF", "an HDF5 signature"),
        (b"CDF", "a NetCDF signature"),
        (b"PK\x03\x04", "a ZIP signature"),
        (b"\x1f\x8b", "a gzip signature"),
        (b"\x00\x00\x00\x0cjP", "a JPEG 2000 signature"),
        (b"%PDF", "a PDF signature"),
        (b"<", "'<': an HTML or XML page?"),
        (b"{", "'{': a JSON document?"),
    ];
    if let Some((_, name)) = kinds.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return (*name).to_string();
    }
    let hex: Vec<String> = bytes.iter().take(4).map(|b| format!("{b:02x}")).collect();
    format!("bytes {}", hex.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_byte_orders_and_variants_are_recognised() {
        let h = Header::parse(b"II*\0\x10\0\0\0").unwrap();
        assert_eq!((h.byte_order, h.variant, h.first_ifd), (ByteOrder::Little, Variant::Classic, 16));
        let h = Header::parse(b"MM\0*\0\0\0\x10").unwrap();
        assert_eq!((h.byte_order, h.variant, h.first_ifd), (ByteOrder::Big, Variant::Classic, 16));
        let h = Header::parse(b"MM\0+\0\x08\0\0\0\0\0\0\0\0\x01\0").unwrap();
        assert_eq!((h.variant, h.first_ifd), (Variant::Big, 256));
    }

    #[test]
    fn a_png_is_named_in_the_error() {
        let e = Header::parse(b"\x89PNG\r\n\x1a\n0000").unwrap_err();
        assert_eq!(e.to_string(), "not a TIFF: the file starts with a PNG signature");
    }

    #[test]
    fn a_bigtiff_with_other_offset_sizes_is_an_error() {
        assert_eq!(Header::parse(b"II+\0\x04\0\0\0\0\0\0\0\0\0\0\0"), Err(Error::OffsetSize(4)));
    }

    #[test]
    fn a_header_cut_short_is_an_error() {
        assert!(Header::parse(b"II*\0\x10").is_err());
        assert!(Header::parse(b"I").is_err());
        assert_eq!(Header::parse(b""), Err(Error::Empty));
    }
}
