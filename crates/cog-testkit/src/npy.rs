//! NumPy `.npy` files (format versions 1 to 3), read to be compared.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

/// A `.npy` file whose header has been read; the samples follow.
#[derive(Debug)]
pub struct Npy {
    /// numpy's type string: `|u1`, `<i2`, `<c8` …
    pub descr: String,
    /// Outermost axis first.
    pub shape: Vec<u64>,
    data: BufReader<File>,
}

/// sha256 of an array's samples, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashes {
    /// As stored.
    pub sha256: String,
    /// With every NaN replaced by numpy's quiet NaN.
    pub plain_nan: String,
}

impl Npy {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// If the file cannot be read, is not a `.npy`, or is in Fortran order.
    pub fn open(path: &Path) -> io::Result<Self> {
        let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {what}", path.display()));
        let mut data = BufReader::with_capacity(1 << 16, File::open(path)?);
        let mut start = [0; 8];
        data.read_exact(&mut start)?;
        if &start[..6] != b"\x93NUMPY" {
            return Err(bad("no NumPy magic"));
        }
        let length = if start[6] == 1 {
            let mut n = [0; 2];
            data.read_exact(&mut n)?;
            usize::from(u16::from_le_bytes(n))
        } else {
            let mut n = [0; 4];
            data.read_exact(&mut n)?;
            u32::from_le_bytes(n) as usize
        };
        if length > 1 << 16 {
            return Err(bad("header above 64 KiB"));
        }
        let mut header = vec![0; length];
        data.read_exact(&mut header)?;
        let header = String::from_utf8(header).map_err(|_| bad("header is not text"))?;
        let descr = after(&header, "'descr':").and_then(|r| r.split('\'').nth(1)).ok_or_else(|| bad("no descr"))?;
        if !after(&header, "'fortran_order':").is_some_and(|r| r.trim_start().starts_with("False")) {
            return Err(bad("not in C order"));
        }
        let list = after(&header, "'shape':")
            .and_then(|r| r.split_once('(')?.1.split_once(')'))
            .ok_or_else(|| bad("no shape"))?
            .0;
        let shape = list.split(',').map(str::trim).filter(|n| !n.is_empty()).map(str::parse).collect::<Result<_, _>>();
        Ok(Self { descr: descr.to_owned(), shape: shape.map_err(|_| bad("shape is not numbers"))?, data })
    }

    /// numpy's name of the type: `uint8`, `complex64` …; none if it is not little-endian or not a number.
    #[must_use]
    pub fn dtype(&self) -> Option<String> {
        let (order, kind, bytes) = self.sample()?;
        if order != '<' && !(order == '|' && bytes == 1) {
            return None;
        }
        let name = match kind {
            'u' => "uint",
            'i' => "int",
            'f' => "float",
            'c' => "complex",
            _ => return None,
        };
        Some(format!("{name}{}", bytes * 8))
    }

    /// Byte order, kind and size in bytes of one sample, as the type string has them.
    fn sample(&self) -> Option<(char, char, u64)> {
        let mut chars = self.descr.chars();
        Some((chars.next()?, chars.next()?, chars.as_str().parse().ok()?))
    }

    /// All samples as bytes.
    ///
    /// # Errors
    /// If reading fails.
    pub fn bytes(mut self) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        self.data.read_to_end(&mut all)?;
        Ok(all)
    }

    /// Hashes of the samples, read in pieces.
    ///
    /// # Errors
    /// If reading fails, or the file has not as many bytes as its header says.
    pub fn hashes(mut self) -> io::Result<Hashes> {
        let (mut whole, mut plain) = (Sha256::new(), Sha256::new());
        let (_, kind, size) =
            self.sample().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no sample type"))?;
        let mut piece = Vec::new();
        let mut total = 0u64;
        loop {
            piece.clear();
            // A multiple of every sample's size, so no sample is cut in two.
            if self.data.by_ref().take(1 << 16).read_to_end(&mut piece)? == 0 {
                break;
            }
            total += piece.len() as u64;
            let read = piece.as_mut_slice();
            whole.update(&*read);
            match (kind, size) {
                ('f', 4) => read
                    .chunks_exact_mut(4)
                    .filter(|c| is_nan32(c))
                    .for_each(|c| c.copy_from_slice(&0x7fc0_0000u32.to_le_bytes())),
                ('f', 8) => {
                    let quiet = 0x7ff8_0000_0000_0000u64.to_le_bytes();
                    read.chunks_exact_mut(8).filter(|c| is_nan64(c)).for_each(|c| c.copy_from_slice(&quiet));
                }
                _ => {}
            }
            plain.update(&*read);
        }
        let wanted = self.shape.iter().product::<u64>() * size;
        if total != wanted {
            let text =
                format!("{total} bytes of samples where shape {:?} of {} needs {wanted}", self.shape, self.descr);
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        Ok(Hashes { sha256: hex(&whole.finalize()), plain_nan: hex(&plain.finalize()) })
    }
}

fn after<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.split_once(key).map(|(_, rest)| rest)
}

fn is_nan32(c: &[u8]) -> bool {
    c.try_into().is_ok_and(|b| f32::from_le_bytes(b).is_nan())
}

fn is_nan64(c: &[u8]) -> bool {
    c.try_into().is_ok_and(|b| f64::from_le_bytes(b).is_nan())
}

/// Bytes in lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// sha256 of bytes, in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(descr: &str, shape: &str, samples: &[u8]) -> tempfile::NamedTempFile {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}\n");
        let mut all = b"\x93NUMPY\x01\x00".to_vec();
        all.extend((header.len() as u16).to_le_bytes());
        all.extend(header.as_bytes());
        all.extend(samples);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), all).unwrap();
        file
    }

    #[test]
    fn the_header_gives_shape_and_type() {
        let file = written("<i2", "1, 2, 3", &[0; 12]);
        let npy = Npy::open(file.path()).unwrap();
        assert_eq!((npy.shape.as_slice(), npy.dtype().as_deref()), ([1, 2, 3].as_slice(), Some("int16")));
        // sha256 of twelve zero bytes, by coreutils.
        let zeros = "15ec7bf0b50732b49f8228e07d24365338f9e3ab994b00af08e5a3bffe55fd8b";
        assert_eq!(npy.hashes().unwrap().sha256, zeros);
    }

    #[test]
    fn every_nan_counts_as_numpys_in_the_plain_hash() {
        let odd = written("<f4", "1,", &0xffc1_2345u32.to_le_bytes());
        let plain = written("<f4", "1,", &0x7fc0_0000u32.to_le_bytes());
        let (odd, plain) =
            (Npy::open(odd.path()).unwrap().hashes().unwrap(), Npy::open(plain.path()).unwrap().hashes().unwrap());
        assert_ne!(odd.sha256, plain.sha256);
        assert_eq!(odd.plain_nan, plain.sha256);
    }

    #[test]
    fn a_short_file_is_an_error() {
        let file = written("<i2", "1, 2, 3", &[0; 11]);
        assert!(Npy::open(file.path()).unwrap().hashes().is_err());
    }
}
