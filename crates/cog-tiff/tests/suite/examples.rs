//! The examples do what they say. Expected values are those of rasterio and tifffile in `testdata/expected`.

#[allow(dead_code, unreachable_pub)]
#[path = "../../examples/file.rs"]
mod file;
#[allow(dead_code, unreachable_pub)]
#[path = "../../examples/slice.rs"]
mod slice;

use std::io::{Cursor, Read, Seek, SeekFrom};

fn testdata(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../testdata/files/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn a_slice_is_described_in_rasterios_words() {
    let text = slice::describe(&testdata("cog_deflate_uint16_mask.tif")).unwrap();
    let expected = "page 0: 150 × 140, 1 × uint16\n  compression: deflate\n  CRS: EPSG:32633\n  \
                    bounds: 399960 5298640 401460 5300040\n  overviews: [2, 4]\n";
    assert_eq!(text, expected);
    assert_eq!(slice::describe(b"GIF89a").unwrap_err().class(), cog_tiff::ErrorClass::Format);
}

#[test]
fn the_first_block_of_each_ifd_is_found_where_tifffile_finds_it() {
    let text = file::first_blocks(&mut Cursor::new(testdata("cog_deflate_uint16_mask.tif"))).unwrap();
    let expected = "IFD 0: 150 × 140, 9 blocks, the first: 8008 bytes at 14309\n\
                    IFD 1: 150 × 140, 9 blocks, the first: 59 bytes at 22325\n\
                    IFD 2: 75 × 70, 4 blocks, the first: 7208 bytes at 4275\n\
                    IFD 3: 37 × 35, 1 blocks, the first: 2545 bytes at 1658\n\
                    IFD 4: 75 × 70, 4 blocks, the first: 90 bytes at 11491\n\
                    IFD 5: 37 × 35, 1 blocks, the first: 56 bytes at 4211\n";
    assert_eq!(text, expected);
    let error = file::first_blocks(&mut Cursor::new(testdata("malformed/truncated_in_the_ifd.tif"))).unwrap_err();
    assert!(error.to_string().contains("260"), "{error}");
}

/// A file that counts what is read of it.
struct Counted(Cursor<Vec<u8>>, usize);

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.0.read(buffer)?;
        self.1 += read;
        Ok(read)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn of_a_file_only_what_is_asked_for_is_read() {
    let bytes = testdata("cog_deflate_uint16_mask.tif");
    let mut counted = Counted(Cursor::new(bytes.clone()), 0);
    file::first_blocks(&mut counted).unwrap();
    assert!(counted.1 < bytes.len() / 10, "{} of {} bytes", counted.1, bytes.len());
}
