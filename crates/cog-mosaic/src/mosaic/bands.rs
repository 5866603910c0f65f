//! Bands of a source that has several files.

use std::sync::Arc;

use crate::error::{MosaicError, Result};

/// Which bands of every source are read.
#[derive(Clone, Debug)]
pub(super) struct Bands {
    /// Numbered from 1, over all files of a source; all of them where none are chosen.
    pub(super) chosen: Option<Vec<usize>>,
    /// How many the mosaic has, and the source that says so.
    pub(super) count: usize,
    pub(super) first: Arc<str>,
}

/// What is read of one file: all of its bands or some, in an order.
pub(super) type OfFile = (usize, Option<Vec<usize>>);

impl Bands {
    /// What is read of each file of a source whose files have so many bands.
    ///
    /// # Errors
    /// Another number of bands than the mosaic has, and bands that the source does not have.
    pub(super) fn of_files(&self, counts: &[usize]) -> Result<Vec<OfFile>> {
        match &self.chosen {
            Some(chosen) => split(chosen, counts),
            None => {
                let bands = counts.iter().sum();
                if bands != self.count {
                    return Err(
                        MosaicError::BandCount { bands, first: Arc::clone(&self.first), expected: self.count }.into()
                    );
                }
                Ok((0..counts.len()).map(|file| (file, None)).collect())
            }
        }
    }
}

/// Chosen bands by the files that they are of, as long as they follow each other.
pub(super) fn split(chosen: &[usize], counts: &[usize]) -> Result<Vec<OfFile>> {
    let mut parts: Vec<OfFile> = Vec::new();
    for band in chosen {
        let (file, of_file) = locate(*band, counts)?;
        match parts.last_mut() {
            Some((last, Some(bands))) if *last == file => bands.push(of_file),
            _ => parts.push((file, Some(vec![of_file]))),
        }
    }
    Ok(parts)
}

/// The file of a band, and which of its bands it is.
fn locate(band: usize, counts: &[usize]) -> Result<(usize, usize)> {
    let mut before = 0;
    for (file, count) in counts.iter().enumerate() {
        if band > before && band <= before + count {
            return Ok((file, band - before));
        }
        before += count;
    }
    Err(MosaicError::NoSuchBand { band, count: before }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_counted_over_all_files() {
        let parts = split(&[4, 1, 2, 3], &[2, 1, 1]).unwrap();
        assert_eq!(parts, [(2, Some(vec![1])), (0, Some(vec![1, 2])), (1, Some(vec![1]))]);
        for wrong in [0, 5] {
            let error = split(&[wrong], &[2, 1, 1]).unwrap_err().to_string();
            assert_eq!(error, format!("has no band {wrong}: its 4 bands are counted from 1"));
        }
    }
}
