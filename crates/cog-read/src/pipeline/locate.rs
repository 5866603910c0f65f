//! Where the blocks of a read lie.

use std::ops::Range;

use cog_tiff::{BlockLocation, Compression, Stop};
use futures_util::future::try_join_all;

use crate::error::{Error, Result};
use crate::file::header_bytes::Known;
use crate::file::layer::Layer;
use crate::file::tiff_file::TiffFile;
use crate::session::Session;

/// One block of one destination.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockJob {
    /// Number of the destination, from 0.
    pub(crate) destination: usize,
    pub(crate) x: u32,
    pub(crate) y: u32,
    /// Of planar images: which plane.
    pub(crate) plane: Option<u32>,
    /// Entry in the tables.
    pub(crate) index: u64,
    pub(crate) location: BlockLocation,
    /// The location is that of the block with its frame: see [`unframed`].
    pub(crate) framed: bool,
}

impl BlockJob {
    /// The bytes worth reading. Byte counts come from the file: no block is read far beyond what a codec could use, and an
    /// uncompressed one not beyond its size.
    pub(crate) fn range(&self, layer: &Layer) -> Range<u64> {
        let BlockLocation { offset, length } = self.location;
        if self.framed {
            return offset..offset.saturating_add(length);
        }
        let spec = layer.spec(self.y);
        let encoded = spec.encoded_len().map_or(u64::MAX, |n| n as u64);
        let most = match spec.compression {
            Compression::None => encoded,
            _ => encoded.saturating_mul(4).saturating_add(1 << 20),
        };
        offset..offset.saturating_add(length.min(most))
    }

    /// The error of a block whose bytes cannot be read: its own if the tables place it outside its file.
    pub(crate) fn unreadable(&self, layer: &Layer, level: usize, mask: bool, source: cog_io::Error) -> Error {
        match source {
            cog_io::Error::OutOfBounds { .. } => {
                Error::BlockBytes { level, mask, x: self.x, y: layer.blocks.block_row(self.y), source }
            }
            _ => Error::Io(source),
        }
    }
}

/// Compressed bytes of blocks. Byte counts come from the file, so their sum may be beyond counting.
pub(crate) fn total_length<'a>(jobs: impl Iterator<Item = &'a BlockJob>) -> u64 {
    jobs.fold(0, |sum, job| sum.saturating_add(job.location.length))
}

/// Everything about a layer that can be refused before a byte is fetched.
pub(crate) fn check(session: &Session, layer: &Layer, level: usize) -> Result<()> {
    let spec = layer.spec(0);
    let failed = |source| Error::Image { location: layer.file.location(), level, source };
    session.codecs().supports(&spec).map_err(failed)?;
    let limit = session.limits().max_output_bytes;
    let bytes = spec.output_len().map_or(u64::MAX, |n| n as u64).max(spec.encoded_len().map_or(u64::MAX, |n| n as u64));
    if bytes > limit {
        return Err(Error::TooLarge { location: layer.file.location(), what: "block", bytes, limit });
    }
    Ok(())
}

/// A layer whose blocks are looked up.
#[derive(Clone, Copy)]
pub(crate) struct LocatedLayer<'a> {
    pub(crate) layer: &'a Layer,
    /// Frames around blocks may stand in for the table of byte counts.
    pub(crate) framed: bool,
}

/// Neighbouring jobs of one destination.
struct Run<'a> {
    lookup: LocatedLayer<'a>,
    jobs: Range<usize>,
}

/// Looks up where the blocks of all destinations lie, in as few round trips as one of them would take. The jobs of a destination
/// stand together; `layer` gives the layer of a destination.
pub(crate) async fn locate<'a>(layer: impl Fn(usize) -> Option<LocatedLayer<'a>>, jobs: &mut [BlockJob]) -> Result<()> {
    // Layers of several files, where overviews or the mask lie beside the image.
    let mut files: Vec<(&'a TiffFile, Vec<Run<'a>>)> = Vec::new();
    let mut start = 0;
    for run in jobs.chunk_by(|a, b| a.destination == b.destination) {
        let numbers = start..start + run.len();
        start = numbers.end;
        let Some(lookup) = run.first().and_then(|job| layer(job.destination)) else { continue };
        let file: &TiffFile = &lookup.layer.file;
        let run = Run { lookup, jobs: numbers };
        match files.iter_mut().find(|(known, _)| std::ptr::eq(*known, file)) {
            Some((_, runs)) => runs.push(run),
            None => files.push((file, vec![run])),
        }
    }
    let known: &[BlockJob] = jobs;
    let found = try_join_all(files.iter().map(|(file, runs)| locate_in(file, runs, known))).await?;
    for ((_, runs), found) in files.iter().zip(found) {
        let numbers = runs.iter().flat_map(|run| run.jobs.clone());
        for (number, (location, framed)) in numbers.zip(found) {
            if let Some(job) = jobs.get_mut(number) {
                job.location = location;
                job.framed = framed;
            }
        }
    }
    Ok(())
}

/// Locations of the jobs of some runs, one after the other, and whether they are those of frames.
async fn locate_in(file: &TiffFile, runs: &[Run<'_>], jobs: &[BlockJob]) -> Result<Vec<(BlockLocation, bool)>> {
    let count = runs.iter().map(|run| run.jobs.len()).sum();
    let ask = |known: &Known<'_>| {
        let mut found = Vec::with_capacity(count);
        let mut need = Vec::new();
        for Run { lookup: LocatedLayer { layer, framed }, jobs: numbers } in runs {
            let indices = || jobs.get(numbers.clone()).unwrap_or_default().iter().map(|job| job.index);
            let by_frames = |need: Vec<Range<u64>>| match framed {
                true => match layer.blocks.frames(known, indices(), most_bytes(layer)) {
                    Ok(Some(frames)) => Ok(frames),
                    Err(Stop::Need(ranges)) => Err(Stop::Need(ranges)),
                    _ => Err(Stop::Need(need)),
                },
                false => Err(Stop::Need(need)),
            };
            match layer.blocks.locations(known, indices()) {
                Ok(locations) => found.extend(locations.into_iter().map(|location| (location, false))),
                Err(Stop::Need(ranges)) => match by_frames(ranges) {
                    Ok(frames) => found.extend(frames.into_iter().map(|location| (location, true))),
                    Err(Stop::Need(ranges)) => need.extend(ranges),
                    Err(failed) => return Err(failed),
                },
                Err(failed) => return Err(failed),
            }
        }
        if need.is_empty() { Ok(found) } else { Err(Stop::Need(need)) }
    };
    file.header.lookup_in_passing(ask).await
}

/// No block with its frame is longer: incompressible data grow by little.
fn most_bytes(layer: &Layer) -> u64 {
    let encoded = layer.spec(0).encoded_len().map_or(0, |n| n as u64);
    encoded.saturating_mul(2).saturating_add(4096)
}

/// The block inside its frame: 4 bytes of size, the block, its last 4 bytes once more. `None` if the bytes say otherwise.
pub(crate) fn unframed(bytes: &[u8]) -> Option<&[u8]> {
    let (leader, rest) = bytes.split_first_chunk::<4>()?;
    let size = usize::try_from(cog_tiff::Ghost::leader(*leader)).ok()?;
    let (block, trailer) = rest.split_at_checked(size)?;
    (block.last_chunk::<4>()? == trailer).then_some(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_fits_is_taken_off() {
        assert_eq!(unframed(b"\x05\0\0\0abcdebcde"), Some(&b"abcde"[..]));
    }

    #[test]
    fn a_frame_that_does_not_fit_is_refused() {
        let wrong: [&[u8]; 6] = [
            b"",
            b"\x05\0\0\0abcdebcdX",
            b"\x06\0\0\0abcdebcde",
            b"\x04\0\0\0abcdebcde",
            b"\xff\xff\xff\xffabcde",
            b"\x05\0\0\0abcdebcde and more",
        ];
        for bytes in wrong {
            assert_eq!(unframed(bytes), None, "{bytes:?}");
        }
    }
}
