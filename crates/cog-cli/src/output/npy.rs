//! NumPy's file format, version 1.0 (NEP 1).

use std::io::Write;

use cog_read::Pixels;
use cog_read::ndarray::Array2;
use cog_read::tiff::SampleType;

use crate::output::destination::Format;
use crate::output::written::Output;

/// How such files are named.
pub(crate) const FORMAT: Format = Format { name: "NumPy", endings: &["npy"] };

/// Writes (band, row, column) samples, little-endian.
pub(crate) fn write_pixels(output: &mut Output, pixels: &Pixels) -> anyhow::Result<()> {
    let (bands, height, width) = pixels.dim();
    let descr = match pixels.sample_type() {
        SampleType::U8 => "|u1",
        SampleType::I8 => "|i1",
        SampleType::U16 => "<u2",
        SampleType::I16 => "<i2",
        SampleType::U32 => "<u4",
        SampleType::I32 => "<i4",
        SampleType::U64 => "<u8",
        SampleType::I64 => "<i8",
        SampleType::F32 => "<f4",
        SampleType::F64 => "<f8",
        SampleType::Complex32 => "<c8",
        SampleType::Complex64 => "<c16",
        other => anyhow::bail!("{}: no NumPy type for {other}", output.shown()),
    };
    // Samples are as long as the last digits of their type's name say.
    let sample = descr.get(2..).and_then(|digits| digits.parse().ok()).unwrap_or(0);
    let bytes = [bands, height, width].iter().fold(sample, |bytes: u64, n| bytes.saturating_mul(*n as u64));
    write(output, descr, &format!("({bands}, {height}, {width})"), bytes, |out| pixels.write_le(out))
}

/// Writes a (row, column) mask of bytes.
pub(crate) fn write_mask(output: &mut Output, mask: &Array2<u8>) -> anyhow::Result<()> {
    let (height, width) = mask.dim();
    write(output, "|u1", &format!("({height}, {width})"), mask.len() as u64, |out| {
        mask.outer_iter().try_for_each(|row| match row.as_slice() {
            Some(row) => out.write_all(row),
            None => out.write_all(&row.to_vec()),
        })
    })
}

/// `bytes` is the size of what `body` writes.
fn write(
    output: &mut Output,
    descr: &str,
    shape: &str,
    bytes: u64,
    body: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> anyhow::Result<()> {
    let header = header(descr, shape);
    output.write(Some(bytes.saturating_add(header.len() as u64)), |out| {
        out.write_all(&header)?;
        body(out)
    })
}

fn header(descr: &str, shape: &str) -> Vec<u8> {
    let mut dict = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    // The data starts at a multiple of 64 bytes, behind a line end.
    let unpadded = 10 + dict.len() + 1;
    dict.push_str(&" ".repeat(unpadded.next_multiple_of(64) - unpadded));
    dict.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend_from_slice(&(dict.len() as u16).to_le_bytes());
    bytes.extend_from_slice(dict.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_starts_at_a_multiple_of_64() {
        for shape in ["(1, 2, 3)", "(100, 20000, 30000)", "(7, 7)"] {
            let bytes = header("<f4", shape);
            assert_eq!(bytes.len() % 64, 0);
            assert_eq!(bytes.last(), Some(&b'\n'));
        }
    }
}
