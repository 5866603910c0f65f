//! A file is the same, however its bytes are taken.

use std::io::{self, Read};
use std::sync::Mutex;

use cog_write::raster::ndarray::Array3;
use cog_write::raster::{Raster, Validity};
use cog_write::{ArraySource, EncodedCog, Options, OwnThreads, encode};

fn encoded<'a>(source: &'a ArraySource, spool_bytes: usize) -> EncodedCog<'a> {
    let mut options = Options::default();
    options.block = 64;
    options.spool_bytes = spool_bytes;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(encode(source, &options, &OwnThreads::new(2).unwrap(), None)).unwrap()
}

#[test]
fn the_bytes_are_the_same_from_first_to_last_in_pieces_and_by_reading() {
    // Noise, so that there is more than one piece.
    let noise = |(band, row, column): (usize, usize, usize)| {
        let seed = ((band + row) * 1000 + column) as u64 + 1;
        let mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((mixed ^ (mixed >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f32
    };
    let heights = Array3::from_shape_fn((1, 1000, 1000), noise);
    let source = ArraySource::new(Raster::new(heights, Validity::AllValid)).unwrap();
    for spool_bytes in [0, 1 << 20, 1 << 30] {
        let cog = encoded(&source, spool_bytes);
        assert!(cog.size() > 3 << 20, "{}", cog.size());
        let mut whole = Vec::new();
        cog.write_to(&mut whole).unwrap();
        assert_eq!(whole.len() as u64, cog.size());
        let mut read = Vec::new();
        cog.reader().read_to_end(&mut read).unwrap();
        assert!(read == whole, "read");
        let pieces = Mutex::new(vec![0; whole.len()]);
        let put = |at: u64, bytes: &[u8]| {
            pieces.lock().unwrap()[at as usize..][..bytes.len()].copy_from_slice(bytes);
            Ok(())
        };
        cog.write_pieces(3, &put).unwrap();
        assert!(pieces.into_inner().unwrap() == whole, "pieces");
    }
}

#[test]
fn a_disk_that_is_full_is_told_once_and_ends_it() {
    let source = ArraySource::new(Raster::new(Array3::from_elem((1, 100, 100), 7u8), Validity::AllValid)).unwrap();
    let cog = encoded(&source, 0);
    let full = |at: u64, _: &[u8]| match at {
        0 => Ok(()),
        _ => Err(io::Error::from(io::ErrorKind::StorageFull)),
    };
    assert_eq!(cog.write_pieces(2, &full).unwrap_err().kind(), io::ErrorKind::StorageFull);
}
