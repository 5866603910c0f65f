//! Windows, bands and tiles against the same pixels of the whole image, which another test compares with the oracle.

use crate::support::{cut, file, open, open_bytes, rows, run, session};
use cog_read::tiff::BlockKind;
use cog_read::{Cog, Error, ErrorClass, Raster, UsageProblem, Window};
use cog_testkit::Corpus;

fn problem(error: Error) -> UsageProblem {
    match error {
        Error::Usage { problem, .. } => problem,
        other => panic!("{other}"),
    }
}

#[test]
fn every_tile_of_every_level_pasted_together_is_the_level() {
    run(async {
        let session = session();
        let mut tiles = 0;
        for file in Corpus::testdata().well_formed().unwrap() {
            let cog = session.open(file.path.to_str().unwrap()).await.unwrap();
            for level in cog.levels().unwrap() {
                let whole = cog.read().level(level.index).await.unwrap();
                let (bands, _, _) = whole.dim();
                let all: Vec<usize> = (0..bands).collect();
                let grid = level.image.grid;
                let (bw, bh) = (grid.block_width as usize, grid.block_height as usize);
                for (x, y) in (0..grid.down()).flat_map(|y| (0..grid.across()).map(move |x| (x, y))) {
                    let what = format!("{} level {} tile ({x}, {y})", file.name(), level.index);
                    let tile = cog.tile(x, y).level(level.index).await.unwrap();
                    assert_eq!(tile.dim(), (bands, bh, bw), "{what}");
                    let clipped = cog.tile(x, y).level(level.index).clipped().await.unwrap();
                    let (_, h, w) = clipped.dim();
                    let area = [x as usize * bw, y as usize * bh, w, h];
                    let inside = (whole.dim().2 - area[0], whole.dim().1 - area[1]);
                    assert_eq!((w, h), (inside.0.min(bw), inside.1.min(bh)), "{what}");
                    assert_eq!(clipped.pixels.to_le_bytes(), cut(&whole, &all, area), "{what}");
                    assert_eq!(cut(&tile, &all, [0, 0, w, h]), cut(&whole, &all, area), "{what}");
                    let (padded, mask) = (tile.mask(), clipped.mask());
                    for ((row, column), valid) in padded.indexed_iter() {
                        let within = row < h && column < w;
                        assert_eq!(*valid, if within { mask[[row, column]] } else { 0 }, "{what}: {row}, {column}");
                    }
                    tiles += 1;
                }
            }
        }
        assert!(tiles >= 300, "{tiles} tiles");
    });
}

/// The bytes of an uncompressed tile, straight from the file.
#[test]
fn padding_of_a_tile_is_delivered_as_stored() {
    run(async {
        let cog = open("none_uint32_tiles_wider_than_image").await;
        let data = std::fs::read(file("none_uint32_tiles_wider_than_image").path).unwrap();
        let tags = cog.tag(0, cog_read::tiff::Tag::TILE_OFFSETS).await.unwrap().unwrap();
        let offset = tags.u64_at(0).unwrap() as usize;
        let tile = cog.tile(0, 0).await.unwrap();
        assert_eq!(tile.dim(), (1, 64, 64));
        assert_eq!(tile.pixels.to_le_bytes(), &data[offset..offset + 64 * 64 * 4]);
        assert_eq!(tile.mask().iter().filter(|v| **v == 255).count(), 25 * 20);
    });
}

#[test]
fn a_short_last_strip_has_a_strips_full_height_with_zeros_below() {
    run(async {
        let cog = open("none_uint8_strips_short_last_strip").await;
        assert_eq!(cog.level(0).unwrap().image.grid.kind, BlockKind::Strip);
        let tile = cog.tile(0, 4).await.unwrap();
        assert_eq!(tile.dim(), (1, 16, 60));
        let pixels = tile.pixels.view::<u8>().unwrap();
        // 75 rows are four strips of 16 and one of 11.
        assert!(pixels.slice(cog_read::ndarray::s![.., 11.., ..]).iter().all(|v| *v == 0));
        assert_eq!(tile.mask().iter().filter(|v| **v == 255).count(), 11 * 60);
        assert_eq!(tile.window, Window::new(0, 64, 60, 16));
    });
}

#[test]
fn a_tile_of_planes_has_the_bands_asked_for() {
    run(async {
        let cog = open("deflate_p2_int16_5_bands_planar").await;
        let whole = cog.read().await.unwrap();
        let tile = cog.tile(1, 1).bands([5, 2, 5]).clipped().await.unwrap();
        assert_eq!(tile.bands, [5, 2, 5]);
        assert_eq!(tile.pixels.to_le_bytes(), cut(&whole, &[4, 1, 4], [32, 48, 13, 2]));
    });
}

#[test]
fn bands_come_in_the_order_asked_for_and_as_often() {
    run(async {
        for name in ["deflate_p2_uint16_5_bands_be", "deflate_p2_int16_5_bands_planar"] {
            let cog = open(name).await;
            let whole = cog.read().await.unwrap();
            for bands in [vec![3], vec![5, 1], vec![2, 2, 2], vec![5, 4, 3, 2, 1], vec![1, 5, 1, 4, 4, 2, 3]] {
                let raster = cog.read().bands(bands.clone()).await.unwrap();
                let indices: Vec<usize> = bands.iter().map(|b| b - 1).collect();
                assert_eq!(raster.pixels.to_le_bytes(), cut(&whole, &indices, [0, 0, 45, 50]), "{name} {bands:?}");
                assert_eq!(raster.bands, bands);
            }
        }
    });
}

#[test]
fn names_follow_their_bands() {
    run(async {
        let expected = file("cog_scale_offset_units_descriptions").expected().unwrap().meta.unwrap().descriptions;
        let raster = open("cog_scale_offset_units_descriptions").await.read().bands([2, 1]).await.unwrap();
        assert_eq!(raster.band_names.to_vec(), [expected[1].clone(), expected[0].clone()]);
    });
}

#[test]
fn a_window_over_the_edge_is_cut_to_the_image() {
    run(async {
        let cog = open("lzw_p2_uint16_edge_tiles").await;
        let whole = cog.read().await.unwrap();
        let cases = [
            (Window::new(-10, -20, 30, 40), [0, 0, 20, 20]),
            (Window::new(70, 95, 1000, 1000), [70, 95, 5, 6]),
            (Window::new(i64::MIN, i64::MIN, u64::MAX, u64::MAX), [0, 0, 75, 101]),
            (Window::new(74, 100, 1, 1), [74, 100, 1, 1]),
        ];
        for (window, [x, y, w, h]) in cases {
            let raster = cog.read().window(window).await.unwrap();
            assert_eq!(raster.window, Window::new(x as i64, y as i64, w as u64, h as u64));
            assert_eq!(raster.pixels.to_le_bytes(), cut(&whole, &[0], [x, y, w, h]), "{window:?}");
        }
    });
}

#[test]
fn a_window_carries_its_transform() {
    run(async {
        // GDAL's transform of the file, moved by hand: x + a·column, y + e·row; twice the pixel size at half the resolution.
        let expected = file("cog_deflate_p2_uint8_rgb").expected().unwrap().meta.unwrap().transform;
        let number = |i: usize| expected[i].as_f64().unwrap();
        let cog = open("cog_deflate_p2_uint8_rgb").await;
        for (level, scale) in [(0, 1.0), (1, 2.0)] {
            let raster = cog.read().level(level).window(Window::new(10, 20, 5, 5)).await.unwrap();
            let (x, y) = raster.transform.unwrap().apply(0.0, 0.0);
            assert!((x - (number(2) + 10.0 * scale * number(0))).abs() < 1e-6);
            assert!((y - (number(5) + 20.0 * scale * number(4))).abs() < 1e-6);
        }
    });
}

#[test]
fn a_window_outside_or_without_pixels_is_refused() {
    run(async {
        let cog = open("lzw_uint8_strips").await; // 60 × 75
        for window in [Window::new(60, 0, 5, 5), Window::new(0, 75, 5, 5), Window::new(-5, 0, 5, 5)] {
            let error = problem(cog.read().window(window).await.unwrap_err());
            assert!(matches!(error, UsageProblem::OutsideWindow { image: [60, 75], .. }), "{error}");
        }
        for window in [Window::new(0, 0, 0, 5), Window::new(0, 0, 5, 0)] {
            assert_eq!(problem(cog.read().window(window).await.unwrap_err()), UsageProblem::EmptyWindow);
        }
    });
}

#[test]
fn what_is_not_there_is_named_with_how_much_there_is() {
    run(async {
        let cog = open("cog_deflate_p2_uint8_rgb").await;
        let read = |level: usize, bands: Vec<usize>| cog.read().level(level).bands(bands);
        let error = problem(read(3, vec![1]).await.unwrap_err());
        assert_eq!(error, UsageProblem::NoSuchLevel { level: 3, count: 3 });
        for band in [0, 4, usize::MAX] {
            let error = problem(read(0, vec![1, band]).await.unwrap_err());
            assert_eq!(error, UsageProblem::NoSuchBand { band, count: 3 });
        }
        assert_eq!(problem(read(0, vec![]).await.unwrap_err()), UsageProblem::NoBands);
        assert_eq!(problem(cog.page(1).unwrap_err()), UsageProblem::NoSuchPage { page: 1, count: 1 });
        for (x, y) in [(3, 0), (0, 3), (u32::MAX, u32::MAX)] {
            let error = problem(cog.tile(x, y).await.unwrap_err());
            assert_eq!(error, UsageProblem::NoSuchTile { x, y, across: 3, down: 3 });
        }
        assert!(matches!(
            problem(cog.tile(0, 0).level(9).await.unwrap_err()),
            UsageProblem::NoSuchLevel { level: 9, count: 3 }
        ));
        let error = cog.tile(0, 0).bands([4]).await.unwrap_err();
        assert!(error.to_string().contains("band 4 does not exist, there are 3 (from 1)"), "{error}");
        assert_eq!(error.class(), cog_read::ErrorClass::Usage);
    });
}

#[test]
fn an_array_can_be_had_in_the_files_type_only() {
    run(async {
        let raster = open("zstd_p2_uint16").await.read().await.unwrap();
        let first = |raster: &Raster| -> cog_read::Result<u8> { Ok(raster.pixels.view::<u8>()?[[0, 0, 0]]) };
        let wrong = first(&raster).unwrap_err();
        assert_eq!(
            (wrong.to_string().as_str(), wrong.class()),
            ("the samples are uint16, not uint8", ErrorClass::Usage)
        );
        assert_eq!(raster.pixels.into_array::<u16>().unwrap().dim(), (2, 61, 75));
    });
}

#[test]
fn rows_made_by_hand_come_back() {
    let samples: Vec<u8> = (0..64).flat_map(|row| [row; 5]).collect();
    run(async {
        let cog: Cog = open_bytes(&session(), rows(5, 64, &samples).bytes()).await;
        let raster = cog.read().window(Window::new(1, 10, 2, 3)).await.unwrap();
        assert_eq!(raster.pixels.to_le_bytes(), [10, 10, 11, 11, 12, 12]);
    });
}
