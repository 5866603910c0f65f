//! Large strips without compression are read by rows. What their files hold is known, for these tests made it.

use crate::forge::{COMPRESSION, NEW_SUBFILE_TYPE, Order, PHOTOMETRIC, PLANAR, Page, ROWS_PER_STRIP, tiff};
use crate::support::{open_bytes, run, session};
use bytes::Bytes;
use cog_read::io::Config;
use cog_read::{Cog, Error, Pixels, Session, SessionOptions, UsageProblem, Window};
use cog_testkit::server::Server;

/// An image of bytes without a pattern that a row, a strip or a plane would repeat.
#[derive(Clone, Copy)]
struct Strips {
    width: u16,
    height: u16,
    samples: u16,
    rows: u16,
    planar: bool,
    /// Bytes of a sample.
    size: u16,
    order: Order,
    /// Strips that are left out.
    left_out: fn(usize) -> bool,
}

const ONE: Strips = Strips {
    width: 1000,
    height: 900,
    samples: 1,
    rows: 900,
    planar: false,
    size: 1,
    order: Order::Little,
    left_out: |_| false,
};

impl Strips {
    fn sample(&self, band: usize, row: usize, column: usize) -> u16 {
        let n = (row * 7919 + column * 104_729 + band * 1_299_709) as u32;
        let mixed = n.wrapping_mul(2_654_435_761) >> 8;
        if self.size == 1 { (mixed & 0xff) as u16 } else { (mixed & 0xffff) as u16 }
    }

    /// What a reader has to find: 0 where the file leaves strips out.
    fn expected(&self, band: usize, row: usize, column: usize) -> u16 {
        let down = usize::from(self.height).div_ceil(self.rows.into());
        let strip = row / usize::from(self.rows) + if self.planar { band * down } else { 0 };
        if (self.left_out)(strip) { 0 } else { self.sample(band, row, column) }
    }

    fn bytes(&self) -> Vec<u8> {
        tiff(&[self.page()], self.order)
    }

    fn page(&self) -> Page {
        let bands: Vec<usize> = (0..self.samples.into()).collect();
        let planes: Vec<Vec<usize>> =
            if self.planar { bands.iter().map(|band| vec![*band]).collect() } else { vec![bands] };
        let mut blocks = Vec::new();
        for bands in &planes {
            for top in (0..usize::from(self.height)).step_by(self.rows.into()) {
                let rows = top..(top + usize::from(self.rows)).min(self.height.into());
                let mut block = Vec::new();
                if !(self.left_out)(blocks.len()) {
                    for row in rows {
                        for column in 0..self.width.into() {
                            for band in bands {
                                let sample = self.sample(*band, row, column);
                                match (self.size, self.order) {
                                    (1, _) => block.push(sample as u8),
                                    (_, Order::Little) => block.extend(sample.to_le_bytes()),
                                    (_, Order::Big) => block.extend(sample.to_be_bytes()),
                                }
                            }
                        }
                    }
                }
                blocks.push(block);
            }
        }
        Page::new(self.width, self.height, self.samples, 8 * self.size, &[])
            .with(ROWS_PER_STRIP, &[self.rows])
            .with(PLANAR, &[1 + u16::from(self.planar)])
            .with_blocks(blocks)
    }

    fn check(&self, pixels: &Pixels, bands: &[usize], [left, top, width, height]: [usize; 4]) {
        assert_eq!(pixels.dim(), (bands.len(), height, width));
        for (place, band) in bands.iter().enumerate() {
            for row in 0..height {
                for column in 0..width {
                    let found = pixels.value((place, row, column)).unwrap().re;
                    let expected = self.expected(*band, top + row, left + column);
                    assert_eq!(found, f64::from(expected), "band {band}, row {}, column {}", top + row, left + column);
                }
            }
        }
    }
}

fn kinds() -> Vec<Strips> {
    vec![
        ONE,
        Strips { rows: 300, ..ONE },
        // Rows of a strip have no divisor but 1, and a row is long enough.
        Strips { width: 20_000, height: 60, rows: 23, ..ONE },
        Strips { samples: 3, rows: 450, size: 2, ..ONE },
        Strips { samples: 3, rows: 450, size: 2, order: Order::Big, ..ONE },
        Strips { samples: 2, planar: true, ..ONE },
        Strips { samples: 3, planar: true, rows: 400, left_out: |strip| strip % 4 == 1, ..ONE },
        Strips { rows: 300, left_out: |strip| strip != 1, ..ONE },
    ]
}

#[test]
fn every_window_of_a_cut_strip_holds_what_the_file_does() {
    for kind in kinds() {
        run(async {
            let cog = open_bytes(&session(), kind.bytes()).await;
            let level = cog.level(0).unwrap();
            assert!(level.pieces.block_height < level.image.grid.block_height, "the strips are cut");
            let (width, height) = (usize::from(kind.width), usize::from(kind.height));
            let bands: Vec<usize> = (0..kind.samples.into()).collect();
            kind.check(&cog.read().await.unwrap().pixels, &bands, [0, 0, width, height]);
            let last = bands.len() - 1;
            for [x, y, w, h] in [
                [0, 0, 1, 1],
                [width - 1, height - 1, 1, 1],
                [3, height / 3 - 2, 17, 5],
                [width / 2, 0, 2, height],
                [0, height / 2, width, 3],
            ] {
                let window = Window::new(x as u32, y as u32, w as u32, h as u32);
                let raster = cog.read().window(window).bands([last + 1]).await.unwrap();
                kind.check(&raster.pixels, &[last], [x, y, w, h]);
            }
        });
    }
}

#[test]
fn tiles_and_blocks_are_still_strips_and_pieces_lie_between() {
    use cog_read::futures_util::StreamExt;
    let kind = Strips { rows: 400, ..ONE };
    run(async {
        let cog = open_bytes(&session(), kind.bytes()).await;
        kind.check(&cog.tile(0, 1).await.unwrap().pixels, &[0], [0, 400, 1000, 400]);
        kind.check(&cog.tile(0, 2).clipped().await.unwrap().pixels, &[0], [0, 800, 1000, 100]);
        let encoded = cog.tile(0, 1).encoded().await.unwrap();
        assert_eq!((encoded.height, encoded.planes[0].as_ref().unwrap().len()), (400, 400_000));
        let past = cog.tile(0, 3).await.unwrap_err();
        assert!(matches!(past, Error::Usage { problem: UsageProblem::NoSuchTile { down: 3, .. }, .. }), "{past:?}");
        let mut blocks = cog.blocks().stream().unwrap();
        let mut heights = Vec::new();
        while let Some(block) = blocks.next().await {
            heights.push(block.unwrap().raster.dim().1);
        }
        assert_eq!(heights, [400, 400, 100]);
        // 100 divides 400, and 131 rows would be 128 KiB.
        let rows = cog.level(0).unwrap().pieces.block_height;
        assert_eq!(rows, 100);
        let piece = cog.tiles([(0, 5)]).of_pieces().await.unwrap().pop().unwrap();
        kind.check(&piece.pixels, &[0], [0, 500, 1000, 100]);
    });
}

/// The image with a mask of this many rows a strip, packed: every third column is masked.
fn masked(kind: &Strips, rows: u16) -> Vec<u8> {
    let row: Vec<u8> = (0..usize::from(kind.width).div_ceil(8))
        .map(|byte| (0..8).fold(0, |bits, bit| bits << 1 | u8::from((8 * byte + bit) % 3 != 0)))
        .collect();
    let packed: Vec<u8> = row.chunks(128).flat_map(|part| [&[part.len() as u8 - 1], part].concat()).collect();
    let blocks = (0..kind.height).step_by(rows.into()).map(|top| packed.repeat(rows.min(kind.height - top).into()));
    let mask = Page::new(kind.width, kind.height, 1, 1, &[])
        .with(NEW_SUBFILE_TYPE, &[4])
        .with(COMPRESSION, &[32773])
        .with(PHOTOMETRIC, &[4])
        .with(ROWS_PER_STRIP, &[rows])
        .with_blocks(blocks);
    tiff(&[kind.page(), mask], kind.order)
}

#[test]
fn pieces_are_no_shorter_than_the_blocks_of_a_mask() {
    run(async {
        // 131 rows are 128 KiB. In strips of 300 rows the next number that divides them is 150.
        for (strips, rows, cut) in [(900, 900, 900), (900, 450, 450), (900, 100, 131), (300, 140, 150), (300, 299, 300)]
        {
            let kind = Strips { rows: strips, ..ONE };
            let cog = open_bytes(&session(), masked(&kind, rows)).await;
            let level = cog.level(0).unwrap();
            assert_eq!(level.pieces.block_height, cut, "a mask in strips of {rows} rows");
            let raster = cog.read().window(Window::new(1, 700, 8, 30)).await.unwrap();
            ONE.check(&raster.pixels, &[0], [1, 700, 8, 30]);
            let mask = raster.mask();
            assert!((0..30).all(|row| (0..8).all(|column| (mask[(row, column)] == 0) == ((column + 1) % 3 == 0))));
            let counted = cog.statistics().await.unwrap().bands[0].count;
            assert_eq!(counted, 900 * (1000 - 334));
        }
    });
}

/// Samples a pixel, bits, and what else the tags say.
type Kind = (u16, u16, &'static [(u16, &'static [u16])]);

/// Files of one large strip, and the same in strips of one row, which are not cut: those are compared with GDAL elsewhere.
#[test]
fn samples_of_all_kinds_are_the_same_in_one_strip_as_in_many() {
    let kinds: [Kind; 8] = [
        (1, 1, &[]),
        (1, 12, &[]),
        (3, 4, &[]),
        (1, 1, &[(266, &[2])]),
        (1, 16, &[(317, &[2])]),
        (3, 8, &[(PHOTOMETRIC, &[6]), (530, &[1, 1])]),
        (3, 8, &[(PHOTOMETRIC, &[8])]),
        (4, 8, &[(PHOTOMETRIC, &[5])]),
    ];
    let (width, height) = (3001u16, 1200u16);
    for (samples, bits, tags) in kinds {
        let row = (usize::from(width) * usize::from(samples) * usize::from(bits)).div_ceil(8);
        let bytes: Vec<u8> =
            (0..row * usize::from(height)).map(|i| (i as u32).wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
        let file = |rows: u16| {
            let page = Page::new(width, height, samples, bits, &[]).with(ROWS_PER_STRIP, &[rows]);
            let page = tags.iter().fold(page, |page, (tag, values)| page.with(*tag, values));
            let blocks = bytes.chunks(row * usize::from(rows)).map(<[u8]>::to_vec);
            tiff(&[page.with_blocks(blocks)], Order::Little)
        };
        run(async {
            let session = session();
            let (one, many) = (open_bytes(&session, file(height)).await, open_bytes(&session, file(1)).await);
            let (cut, whole) = (one.level(0).unwrap(), many.level(0).unwrap());
            assert!(cut.pieces != cut.image.grid && whole.pieces == whole.image.grid, "{samples} × {bits} {tags:?}");
            for window in [Window::new(0, 0, width, height), Window::new(700, 333, 13, 400)] {
                let (a, b) = (one.read().window(window).await.unwrap(), many.read().window(window).await.unwrap());
                assert_eq!(a.pixels, b.pixels, "{samples} × {bits} {tags:?}");
            }
        });
    }
}

#[test]
fn points_and_statistics_see_the_same_pixels() {
    let kind = Strips { rows: 300, ..ONE };
    run(async {
        let cog = open_bytes(&session(), kind.bytes()).await;
        let points = cog.points([(5.5, 299.5), (5.5, 300.5), (999.5, 899.5)]).in_pixels().await.unwrap();
        let found: Vec<f64> = (0..3).map(|i| points.values.value((0, 0, i)).unwrap().re).collect();
        let expected = [(299, 5), (300, 5), (899, 999)].map(|(row, column)| f64::from(kind.sample(0, row, column)));
        assert_eq!(found, expected);
        let statistics = cog.statistics().await.unwrap();
        let sum: u64 = (0..900)
            .flat_map(|row| (0..1000).map(move |column| (row, column)))
            .map(|(row, column)| u64::from(kind.sample(0, row, column)))
            .sum();
        let mean = statistics.bands[0].mean;
        assert!((mean - sum as f64 / 900_000.0).abs() < 1e-9, "{mean}");
    });
}

#[test]
fn a_window_fetches_its_rows_and_no_more() {
    run(async {
        let server = Server::start([("/a.tif", Bytes::from(ONE.bytes()))]);
        let io = Config::default().with_ingested_bytes_at_open(1024).with_block_cache(false);
        let session = Session::new(SessionOptions::default().with_threads(2).with_io(io));
        let cog: Cog = session.open(&server.url("/a.tif")).await.unwrap();
        let opened = cog.source().stats();
        let raster = cog.read().window(Window::new(10, 500, 20, 20)).await.unwrap();
        ONE.check(&raster.pixels, &[0], [10, 500, 20, 20]);
        let read = cog.source().stats();
        assert_eq!(read.requests - opened.requests, 1);
        // One piece of 131 rows, of a strip of 900,000 bytes.
        assert_eq!(read.bytes - opened.bytes, 131 * 1000);
    });
}

#[test]
fn rows_before_the_end_of_a_file_that_was_cut_off_are_read() {
    // Its pixels stand last, behind the tags.
    let tags: [(u16, u32); 9] =
        [(256, 1000), (257, 900), (258, 8), (259, 1), (262, 1), (273, 122), (277, 1), (278, 900), (279, 900_000)];
    let mut bytes = b"II*\0\x08\0\0\0\x09\0".to_vec();
    for (tag, value) in tags {
        bytes.extend(tag.to_le_bytes());
        bytes.extend([4, 0, 1, 0, 0, 0]);
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 4]);
    assert_eq!(bytes.len(), 122);
    let samples = (0..600).flat_map(|row| (0..1000).map(move |column| ONE.sample(0, row, column) as u8));
    bytes.extend(samples);
    run(async {
        let cog = open_bytes(&session(), bytes).await;
        let raster = cog.read().window(Window::new(0, 300, 1000, 200)).await.unwrap();
        ONE.check(&raster.pixels, &[0], [0, 300, 1000, 200]);
        let error = cog.read().await.unwrap_err();
        assert!(matches!(error, Error::BlockBytes { x: 0, y: 0, .. }), "the strip is named: {error:?}");
    });
}
