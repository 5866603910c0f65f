//! NumPy's file format, version 1.0 (NEP 1).

use anyhow::Context;
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
    let Layout { header, size, .. } = Layout::of(pixels.sample_type(), (bands, height, width), output.shown())?;
    output.write(Some(size), |out| {
        out.write_all(&header)?;
        pixels.write_le(out)
    })
}

/// Where the samples of an array lie in its file.
pub(crate) struct Layout {
    pub(crate) header: Vec<u8>,
    /// Of the file.
    pub(crate) size: u64,
    /// Of a sample.
    pub(crate) sample: u64,
}

impl Layout {
    /// Of (band, row, column) samples, little-endian.
    ///
    /// # Errors
    /// A type that NumPy lacks.
    pub(crate) fn of(
        sample: SampleType,
        (bands, height, width): (usize, usize, usize),
        shown: &str,
    ) -> anyhow::Result<Layout> {
        let descr = descr(sample).with_context(|| format!("{shown}: no NumPy type for {sample}"))?;
        let sample = sample.size() as u64;
        let bytes = [bands, height, width].iter().fold(sample, |bytes: u64, n| bytes.saturating_mul(*n as u64));
        let header = header(descr, &format!("({bands}, {height}, {width})"));
        let size = bytes.saturating_add(header.len() as u64);
        Ok(Layout { header, size, sample })
    }

    /// Of a mask.
    pub(crate) fn of_mask(height: usize, width: usize) -> Layout {
        let header = header("|u1", &format!("({height}, {width})"));
        let size = (height as u64).saturating_mul(width as u64).saturating_add(header.len() as u64);
        Layout { header, size, sample: 1 }
    }

    /// Where a sample lies that so many come before.
    pub(crate) fn place(&self, before: u64) -> u64 {
        (self.header.len() as u64).saturating_add(before.saturating_mul(self.sample))
    }
}

fn descr(sample: SampleType) -> Option<&'static str> {
    Some(match sample {
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
        _ => return None,
    })
}

/// Writes a (row, column) mask of bytes.
pub(crate) fn write_mask(output: &mut Output, mask: &Array2<u8>) -> anyhow::Result<()> {
    let (height, width) = mask.dim();
    let Layout { header, size, .. } = Layout::of_mask(height, width);
    output.write(Some(size), |out| {
        out.write_all(&header)?;
        mask.outer_iter().try_for_each(|row| match row.as_slice() {
            Some(row) => out.write_all(row),
            None => out.write_all(&row.to_vec()),
        })
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
