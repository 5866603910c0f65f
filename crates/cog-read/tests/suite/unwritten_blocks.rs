//! Blocks that a file leaves out are counted and resampled without being made. Whatever is read must be what is read of the same image
//! whose blocks all are in the file; that one is compared with GDAL elsewhere.

use crate::support::{open_bytes, run, session};
use cog_read::{Cog, Resampling, Window};

/// An image of 8-bit samples in uncompressed tiles, maybe with a mask of its own.
struct Tiled {
    size: [u32; 2],
    tile: [u32; 2],
    planes: u16,
    nodata: Option<&'static str>,
    /// Width and height of the mask's tiles.
    mask: Option<[u32; 2]>,
    /// Blocks left out: by number, of the image and of the mask.
    left_out: fn(u32) -> bool,
    mask_left_out: fn(u32) -> bool,
    /// How many of the image's blocks the tables speak of.
    entries: u32,
}

impl Tiled {
    fn blocks(&self, tile: [u32; 2]) -> u32 {
        self.size[0].div_ceil(tile[0]) * self.size[1].div_ceil(tile[1])
    }

    /// The file; `whole` has every block, those left out as GDAL reads them.
    fn bytes(&self, whole: bool) -> Vec<u8> {
        let fill = self.nodata.map_or(0, |text| text.parse().unwrap());
        let of_image = self.blocks(self.tile) * u32::from(self.planes);
        let out = |i: u32| (self.left_out)(i) || i >= self.entries;
        let image = |i: u32| if out(i) { fill } else { (i * 37 % 251) as u8 };
        let mask = |i: u32| if (self.mask_left_out)(i) { 0 } else { u8::from(i % 3 != 1) * 255 };
        let mut file = b"II\x2a\0\x08\0\0\0".to_vec();
        let mut ifds = vec![(self.tile, of_image, self.planes, 0u32)];
        ifds.extend(self.mask.map(|tile| (tile, self.blocks(tile), 1, 4)));
        let last = ifds.len() - 1;
        for (number, (tile, count, planes, kind)) in ifds.into_iter().enumerate() {
            let listed = if whole || kind == 4 { count } else { count.min(self.entries) };
            let texts = self.nodata.filter(|_| kind == 0).map(|text| format!("{text}\0\0\0\0"));
            let entries = 11 + u32::from(kind == 4) + u32::from(texts.is_some());
            let tables = file.len() as u32 + 2 + 12 * entries + 4;
            let data = tables + 8 * listed;
            let block = tile[0] * tile[1];
            let absent = |i: u32| !whole && if kind == 4 { (self.mask_left_out)(i) } else { out(i) };
            let mut tags: Vec<(u16, u16, u32, u32)> = vec![
                (256, 4, 1, self.size[0]),
                (257, 4, 1, self.size[1]),
                (258, 3, 1, 8),
                (259, 3, 1, 1),
                (262, 3, 1, if kind == 4 { 4 } else { 1 }),
                (277, 3, 1, u32::from(planes)),
                (284, 3, 1, if planes > 1 { 2 } else { 1 }),
                (322, 4, 1, tile[0]),
                (323, 4, 1, tile[1]),
                (324, 4, listed, if listed == 1 { data } else { tables }),
                (325, 4, listed, if listed == 1 { block } else { tables + 4 * listed }),
            ];
            if kind == 4 {
                tags.push((254, 4, 1, kind));
            }
            if let Some(text) = &texts {
                let bytes: [u8; 4] = text.as_bytes()[..4].try_into().unwrap();
                tags.push((42113, 2, 4, u32::from_le_bytes(bytes)));
            }
            tags.sort();
            file.extend((tags.len() as u16).to_le_bytes());
            for (tag, kind, count, value) in tags {
                file.extend(tag.to_le_bytes());
                file.extend(kind.to_le_bytes());
                file.extend(count.to_le_bytes());
                file.extend(value.to_le_bytes());
            }
            let end = data + block * (0..listed).filter(|i| !absent(*i)).count() as u32;
            file.extend(if number < last { end } else { 0 }.to_le_bytes());
            let mut at = data;
            for i in 0..listed {
                file.extend(if absent(i) { 0 } else { at }.to_le_bytes());
                at += if absent(i) { 0 } else { block };
            }
            (0..listed).for_each(|i| file.extend(if absent(i) { 0 } else { block }.to_le_bytes()));
            for i in (0..listed).filter(|i| !absent(*i)) {
                let value = if kind == 4 { mask(i) } else { image(i) };
                file.extend(std::iter::repeat_n(value, block as usize));
            }
        }
        file
    }
}

const CASES: [Tiled; 8] = [
    // Rows of blocks, some of them left out whole.
    Tiled {
        size: [300, 700],
        tile: [16, 16],
        planes: 1,
        nodata: None,
        mask: None,
        left_out: |i| i / 19 % 5 > 1,
        mask_left_out: |_| false,
        entries: u32::MAX,
    },
    // Runs that begin and end within rows, and a short table.
    Tiled {
        size: [1000, 500],
        tile: [32, 16],
        planes: 1,
        nodata: Some("7"),
        mask: None,
        left_out: |i| i % 90 > 20,
        mask_left_out: |_| false,
        entries: 700,
    },
    // One block in a hundred.
    Tiled {
        size: [600, 600],
        tile: [16, 16],
        planes: 1,
        nodata: None,
        mask: None,
        left_out: |i| i % 100 != 50,
        mask_left_out: |_| false,
        entries: u32::MAX,
    },
    // All of them.
    Tiled {
        size: [900, 1100],
        tile: [64, 64],
        planes: 1,
        nodata: Some("255"),
        mask: None,
        left_out: |_| true,
        mask_left_out: |_| false,
        entries: 3,
    },
    // Planes that leave out different blocks.
    Tiled {
        size: [500, 400],
        tile: [16, 16],
        planes: 3,
        nodata: Some("0"),
        mask: None,
        left_out: |i| i % 800 / 32 % 7 > 2,
        mask_left_out: |_| false,
        entries: 1900,
    },
    // A mask of the same grid, which leaves out some of the blocks that the image leaves out, and others.
    Tiled {
        size: [640, 480],
        tile: [32, 32],
        planes: 1,
        nodata: None,
        mask: Some([32, 32]),
        left_out: |i| i / 20 > 4,
        mask_left_out: |i| i / 20 > 7 || i % 4 == 0,
        entries: u32::MAX,
    },
    // Masks of other grids.
    Tiled {
        size: [640, 480],
        tile: [32, 32],
        planes: 1,
        nodata: None,
        mask: Some([64, 48]),
        left_out: |i| i / 20 > 4,
        mask_left_out: |i| i / 10 > 6,
        entries: u32::MAX,
    },
    Tiled {
        size: [640, 480],
        tile: [32, 32],
        planes: 2,
        nodata: None,
        mask: Some([128, 128]),
        left_out: |_| true,
        mask_left_out: |_| true,
        entries: u32::MAX,
    },
];

async fn pair(case: &Tiled) -> (Cog, Cog) {
    (open_bytes(&session(), case.bytes(false)).await, open_bytes(&session(), case.bytes(true)).await)
}

#[test]
fn statistics_are_those_of_the_whole_file() {
    run(async {
        for (number, case) in CASES.iter().enumerate() {
            let (sparse, whole) = pair(case).await;
            let (a, b) = (sparse.statistics().await.unwrap(), whole.statistics().await.unwrap());
            // NaN equals nothing, not even itself.
            assert_eq!(format!("{a:?}"), format!("{b:?}"), "case {number}");
            let (a, b) = (sparse.statistics().unscale().await.unwrap(), whole.statistics().unscale().await.unwrap());
            for (a, b) in a.bands.iter().zip(&b.bands) {
                assert_eq!((a.count, a.min.to_bits(), a.unique), (b.count, b.min.to_bits(), b.unique), "case {number}");
                assert!((a.mean - b.mean).abs() < 1e-9 || a.count == 0, "case {number}: {} and {}", a.mean, b.mean);
            }
        }
    });
}

#[test]
fn resampled_pixels_are_those_of_the_whole_file() {
    run(async {
        for (number, case) in CASES.iter().enumerate() {
            let (sparse, whole) = pair(case).await;
            let [width, height] = case.size;
            for method in Resampling::ALL {
                for (w, h) in [(64, 64), (1, 1), (width as usize, 7), (200, 2 * height as usize)] {
                    for window in [Window::new(0, 0, width, height), Window::new(33, 100, 200, 250)] {
                        let read = |cog: &Cog| cog.read().window(window).shape(h, w).resampling(method);
                        let (a, b) = (read(&sparse).await.unwrap(), read(&whole).await.unwrap());
                        let case = format!("case {number}: {method} of {window:?} into {w} × {h}");
                        assert!(a.pixels == b.pixels, "{case}: other pixels");
                        assert!(a.mask() == b.mask(), "{case}: other validity");
                    }
                }
            }
            let (a, b) = (sparse.read().await.unwrap(), whole.read().await.unwrap());
            assert!(a.pixels == b.pixels && a.mask() == b.mask(), "case {number}: read as it is");
        }
    });
}
