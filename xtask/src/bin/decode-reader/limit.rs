//! What decoding costs at the least: a straight line from file to array.

use std::fs::File;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use cog_read::codecs::{BlockSpec, Codecs, Deinterleave, Scratch};
use cog_read::tiff::{BlockLocation, BlockTable, Ifd, Image, PlanarConfiguration, Stop, Tag, Tiff};

/// Threads' buffers, kept from file to file.
pub(crate) struct Limit {
    codecs: Codecs,
    workers: Vec<Worker>,
}

#[derive(Default)]
struct Worker {
    scratch: Scratch,
    compressed: Vec<u8>,
    decoded: Vec<u8>,
}

/// A file whose blocks are found and whose array is there: all that is not decoding.
pub(crate) struct Pass<'a> {
    codecs: &'a Codecs,
    workers: &'a mut [Worker],
    file: &'a File,
    spec: BlockSpec<'a>,
    deinterleave: Deinterleave,
    locations: Vec<BlockLocation>,
    /// Of each block, the pieces of the array's rows that it fills: for each row one in each band.
    places: Vec<Mutex<Vec<&'a mut [u8]>>>,
}

impl Limit {
    pub(crate) fn new(threads: usize) -> Limit {
        Limit { codecs: Codecs::default(), workers: (0..threads.max(1)).map(|_| Worker::default()).collect() }
    }

    /// Prepares a file, lets `use_it` decode it, and gives the array: (band, row, column) in this machine's byte order.
    pub(crate) fn read(&mut self, path: &str, use_it: impl FnOnce(&mut Pass<'_>) -> Result<()>) -> Result<Vec<u8>> {
        let mut file = File::open(path).with_context(|| path.to_owned())?;
        let tiff = Tiff::read(&mut file)?;
        let ifd = tiff.ifds().first().context("no image")?;
        let image = Image::of(ifd)?;
        ensure!(image.planar == PlanarConfiguration::Chunky, "the straight line knows chunky pixels only");
        ensure!(image.converted_bands().is_none(), "the straight line converts no colours");
        let spec = block_spec(ifd, &image);
        let (bands, sample) = (usize::from(image.samples), image.sample_type(ifd)?.size());
        let (width, height) = (image.width as usize, image.height as usize);
        let block = (image.grid.block_width as usize, image.grid.block_height as usize);
        ensure!(width % block.0 == 0 && height % block.1 == 0, "the straight line knows whole blocks only");

        // Touched, so that no page is new to the loop.
        let mut array = vec![0xa5_u8; bands * height * width * sample];
        let places = places(&mut array, (bands, height, width * sample), (block.0 * sample, block.1));
        let mut pass = Pass {
            codecs: &self.codecs,
            workers: &mut self.workers,
            file: &file,
            spec,
            deinterleave: Deinterleave::new(bands, sample, &(0..bands).collect::<Vec<_>>())?,
            locations: locations(&file, ifd, &image)?,
            places: places.into_iter().map(Mutex::new).collect(),
        };
        use_it(&mut pass)?;
        Ok(array)
    }
}

impl Pass<'_> {
    /// Decodes the whole image once.
    pub(crate) fn once(&mut self) -> Result<Duration> {
        let len = self.spec.output_len()?;
        let row_len = len / self.spec.height as usize;
        let bands = usize::from(self.spec.samples);
        let longest = self.locations.iter().map(|l| l.length as usize).max().unwrap_or(0);
        for worker in self.workers.iter_mut() {
            worker.compressed.resize(longest, 0);
            worker.decoded.resize(len, 0);
        }
        let Pass { codecs, workers, file, spec, deinterleave, locations, places } = self;
        let (codecs, file, spec, deinterleave) = (&**codecs, &**file, &*spec, &*deinterleave);
        let blocks: Vec<_> = locations.iter().zip(places.iter()).collect();
        let next = AtomicUsize::new(0);
        let decode = |worker: &mut Worker| -> Result<()> {
            while let Some((location, place)) = blocks.get(next.fetch_add(1, Ordering::Relaxed)) {
                let Worker { scratch, compressed, decoded } = worker;
                let compressed = compressed.get_mut(..location.length as usize).context("a block grew")?;
                read_at(file, compressed, location.offset)?;
                codecs.decode_block(spec, compressed, scratch, decoded)?;
                let mut rows = place.lock().unwrap_or_else(PoisonError::into_inner);
                for (pixels, rows) in decoded.chunks_exact(row_len).zip(rows.chunks_exact_mut(bands)) {
                    deinterleave.row(pixels, rows)?;
                }
            }
            Ok(())
        };
        let start = Instant::now();
        std::thread::scope(|scope| {
            let decode = &decode;
            let running: Vec<_> = workers.iter_mut().map(|worker| scope.spawn(move || decode(worker))).collect();
            running.into_iter().try_for_each(|thread| {
                thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread of the straight line panicked")))
            })
        })?;
        Ok(start.elapsed())
    }
}

/// Cuts an array into the row pieces of each block, which threads then fill without knowing of each other.
fn places(
    array: &mut [u8],
    (bands, height, row_len): (usize, usize, usize),
    (block_row_len, block_height): (usize, usize),
) -> Vec<Vec<&mut [u8]>> {
    let across = row_len / block_row_len;
    let mut places: Vec<Vec<&mut [u8]>> = Vec::new();
    places.resize_with(across * (height / block_height), || Vec::with_capacity(block_height * bands));
    let mut planes: Vec<_> = array.chunks_exact_mut(height * row_len).map(|p| p.chunks_exact_mut(row_len)).collect();
    for y in 0..height {
        for row in planes.iter_mut().filter_map(Iterator::next) {
            let blocks = places.iter_mut().skip(y / block_height * across);
            blocks.zip(row.chunks_exact_mut(block_row_len)).for_each(|(block, piece)| block.push(piece));
        }
    }
    places
}

/// What the tags of these inputs say about their blocks.
fn block_spec<'a>(ifd: &'a Ifd, image: &Image) -> BlockSpec<'a> {
    let (width, height) = (image.grid.block_width, image.grid.block_height);
    let mut spec = BlockSpec::new(width, height, image.samples, image.bits, image.sample_format, image.compression);
    spec.predictor = image.predictor;
    spec.photometric = image.photometric;
    spec.byte_order = ifd.byte_order();
    spec.fill_order = image.fill_order;
    spec.ycbcr_subsampling = image.ycbcr_subsampling;
    spec.jpeg_tables = ifd.value(Tag::JPEG_TABLES).and_then(|v| v.bytes());
    spec.lerc_parameters = ifd.f64s(Tag::LERC_PARAMETERS).and_then(|v| match v.as_slice() {
        [version, compression, ..] => Some([*version as u32, *compression as u32]),
        _ => None,
    });
    spec
}

fn locations(file: &File, ifd: &Ifd, image: &Image) -> Result<Vec<BlockLocation>> {
    let table = BlockTable::of(ifd, image)?;
    let mut known = cog_read::tiff::Fragments::new(Some(file.metadata()?.len()));
    for range in table.ranges() {
        let mut bytes = vec![0; usize::try_from(range.end - range.start)?];
        read_at(file, &mut bytes, range.start)?;
        known.insert(range.start, bytes);
    }
    table.locations(&known, 0..table.block_count()).map_err(|stop| match stop {
        Stop::Failed(error) => error.into(),
        Stop::Need(ranges) => anyhow::anyhow!("the tables of blocks lie at {ranges:?} too"),
    })
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> Result<()> {
    Ok(std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)?)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> Result<()> {
    let read = std::os::windows::fs::FileExt::seek_read(file, buffer, offset)?;
    ensure!(read == buffer.len(), "{read} of {} bytes at {offset}", buffer.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn each_block_gets_its_rows_band_by_band() {
        // 2 bands of 2 × 4 bytes, blocks of 1 × 2: (band, row, column).
        let mut array: Vec<u8> = (0..16).collect();
        let places = places(&mut array, (2, 2, 4), (2, 1));
        assert_eq!(places.len(), 4);
        assert_eq!(places[1], [[2, 3], [10, 11]]);
        assert_eq!(places[2], [[4, 5], [12, 13]]);
    }
}
