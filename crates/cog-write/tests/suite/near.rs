//! A source on a local disk is read in smaller rectangles, and makes the same file.

use std::sync::Mutex;

use cog_write::raster::ndarray::Array3;
use cog_write::raster::{Area, Raster, Validity};
use cog_write::{ArraySource, Content, Image, Options, OwnThreads, Source, SourceError, encode};
use futures_util::future::BoxFuture;

/// An array as a file of tiles that is near, or is not.
struct Tiles {
    array: ArraySource,
    side: u32,
    is_near: bool,
    rectangles: Mutex<Vec<Area>>,
}

impl Source for Tiles {
    fn image(&self) -> &Image {
        self.array.image()
    }

    fn blocks(&self, _: usize) -> (u32, u32) {
        (self.side, self.side)
    }

    fn read(&self, level: usize, area: Area) -> BoxFuture<'_, Result<Content, SourceError>> {
        self.rectangles.lock().unwrap().push(area);
        self.array.read(level, area)
    }

    fn is_near(&self) -> bool {
        self.is_near
    }
}

/// The file, and the pixels of the largest rectangle that was asked for.
fn made(tiles: &Tiles, threads: usize) -> (Vec<u8>, u64) {
    let mut options = Options::default();
    options.block = 256;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let threads = OwnThreads::new(threads).unwrap();
    let encoded = encode(tiles, &options, &threads, None);
    let mut bytes = Vec::new();
    runtime.block_on(encoded).unwrap().write_to(&mut bytes).unwrap();
    let pixels = |area: &Area| u64::from(area.width) * u64::from(area.height);
    (bytes, tiles.rectangles.lock().unwrap().drain(..).map(|area| pixels(&area)).max().unwrap())
}

#[test]
fn a_near_source_is_read_in_smaller_rectangles_and_makes_the_same_file() {
    let noise = |(band, row, column): (usize, usize, usize)| {
        let seed = ((band + row) * 5000 + column) as u64 + 1;
        (seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8 / 8 + (row / 64) as u8
    };
    let array = Array3::from_shape_fn((3, 1500, 2100), noise);
    // Tiles of 240 do not meet blocks of 256: their rectangles stay large.
    for (side, is_smaller) in [(128, true), (256, true), (512, true), (240, false)] {
        let array = ArraySource::new(Raster::new(array.clone(), Validity::AllValid)).unwrap();
        let mut tiles = Tiles { array, side, is_near: false, rectangles: Mutex::default() };
        let (far, large) = made(&tiles, 2);
        tiles.is_near = true;
        for threads in [1, 4] {
            let (near, small) = made(&tiles, threads);
            assert!(near == far, "tiles of {side}, {threads} threads");
            assert_eq!(small < large, is_smaller, "tiles of {side}: {small}, {large}");
        }
    }
}
