//! Mosaics of sources that differ, whole and in windows.

use cog_mosaic::crs::Crs;
use cog_mosaic::raster::ndarray::{Array3, s};
use cog_mosaic::raster::{GeoTransform, Nodata, SampleType};
use cog_mosaic::reader::{Cog, Session, SessionOptions};
use cog_mosaic::warp::{Method, OutputGrid};
use cog_mosaic::{Error, ErrorClass, Mosaic, MosaicError, MosaicSource, PixelSelection};
use proptest::prelude::*;

use crate::made_tiff::MadeTiff;
use crate::scenes::{NORTH, Scene, WEST, bounds};

async fn open(bytes: Vec<u8>) -> Cog {
    Cog::from_bytes(bytes).await.unwrap()
}

async fn mosaic_of(files: Vec<Vec<u8>>) -> Mosaic {
    let mut sources = Vec::new();
    for bytes in files {
        sources.push(MosaicSource::of_cog(open(bytes).await));
    }
    Mosaic::new(&Session::default(), sources).unwrap()
}

/// A scene in longitudes and latitudes over the corner of zone 33, of other pixels and with holes.
fn in_degrees(value: f32) -> Vec<u8> {
    let transform = GeoTransform { a: 0.00021, b: 0.0, c: 15.0008, d: 0.0, e: -0.00013, f: 47.8529 };
    let pixels = Array3::from_shape_fn((1, 50, 60), |(_, row, column)| {
        if (row / 7 + column / 5) % 4 == 0 { -1.0 } else { value + (row * 60 + column) as f32 / 1000.0 }
    });
    MadeTiff { levels: vec![pixels], tile: 16, epsg: 4326, transform, nodata: Some(-1.0) }.bytes()
}

/// Scenes of both CRSs with holes, over 90 × 90 pixels of 10 m.
async fn mixed() -> Mosaic {
    let holed = |scene: Scene, step: usize| {
        scene.of(1, move |row, column| {
            if (row * 3 + column * 5) / 11 % step == 0 {
                f32::NAN
            } else {
                scene.value + (row * 100 + column) as f32 / 999.0
            }
        })
    };
    mosaic_of(vec![
        holed(Scene::new(0, 0, 48, 10.0), 3),
        in_degrees(20.0),
        holed(Scene::new(30, 25, 50, 30.0), 4),
        holed(Scene::new(-10, 40, 64, 5.0), 2),
    ])
    .await
}

fn web_grid() -> OutputGrid {
    let web: Crs = "EPSG:3857".parse().unwrap();
    OutputGrid::of_bounds(web, [1_669_600.0, 6_081_200.0, 1_671_200.0, 6_082_600.0], 120, 110).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_window_has_the_pixels_of_the_whole(
        selection in prop::sample::select(PixelSelection::ALL.to_vec()),
        method in prop::sample::select(vec![Method::Nearest, Method::Bilinear, Method::Cubic, Method::Average]),
        (column, row) in (0_u32..119, 0_u32..109),
        (width, height) in (1_u32..120, 1_u32..110),
        memory in prop::sample::select(vec![1_u64, 60_000, 1 << 30]),
    ) {
        let by_last = matches!(selection, PixelSelection::LastBandHighest | PixelSelection::LastBandLowest);
        let (width, height) = (width.min(120 - column), height.min(110 - row));
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let mosaic = mixed().await;
            let bands: &[usize] = if by_last { &[1, 1] } else { &[1] };
            let read = || mosaic.read().resampling(method).pixel_selection(selection).bands(bands.iter().copied());
            let whole = read().grid(web_grid()).await.unwrap();
            let window = web_grid().window(column, row, width, height).unwrap();
            let part = read().grid(window).memory(memory).await.unwrap();
            let (top, left) = (row as usize, column as usize);
            let place = s![top..top + height as usize, left..left + width as usize];
            prop_assert_eq!(part.mask(), whole.mask().slice(place).to_owned());
            let cut = |raster: &cog_mosaic::raster::Raster, place| -> Vec<u64> {
                let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect();
                match &raster.pixels {
                    cog_mosaic::raster::Pixels::F32(a) => bits(a.slice(place).iter().map(|v| f64::from(*v)).collect()),
                    cog_mosaic::raster::Pixels::F64(a) => bits(a.slice(place).iter().copied().collect()),
                    cog_mosaic::raster::Pixels::U8(a) => bits(a.slice(place).iter().map(|v| f64::from(*v)).collect()),
                    other => panic!("{}", other.sample_type()),
                }
            };
            let all = s![.., top..top + height as usize, left..left + width as usize];
            prop_assert_eq!(cut(&part, s![.., 0..height as usize, 0..width as usize]), cut(&whole, all));
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn everything_is_the_union_of_all_on_the_first_grid() {
    let mosaic = mosaic_of(vec![Scene::new(0, 0, 32, 1.0).bytes(), Scene::new(40, 10, 32, 2.0).bytes()]).await;
    let raster = mosaic.read().await.unwrap();
    assert_eq!(raster.dim(), (1, 42, 72));
    let transform = raster.transform.unwrap();
    assert_eq!((transform.c, transform.f, transform.a), (WEST, NORTH, 10.0));
    let pixels = raster.pixels.view::<f32>().unwrap();
    assert_eq!((pixels[[0, 31, 31]], pixels[[0, 10, 40]], pixels[[0, 41, 71]]), (1.0, 2.0, 2.0));
    let mask = raster.mask();
    assert_eq!((mask[[0, 0]], mask[[0, 40]], mask[[41, 0]]), (255, 0, 0));
    assert!(pixels[[0, 0, 40]].is_nan());
}

#[tokio::test]
async fn sources_on_both_sides_of_the_antimeridian_are_one_mosaic() {
    let side = |west: f64, value: f32| {
        let transform = GeoTransform { a: 0.1, b: 0.0, c: west, d: 0.0, e: -0.1, f: 1.0 };
        let pixels = Array3::from_elem((1, 10, 10), value);
        MadeTiff { levels: vec![pixels], tile: 16, epsg: 4326, transform, nodata: None }.bytes()
    };
    let mosaic = mosaic_of(vec![side(179.0, 1.0), side(-180.0, 2.0)]).await;
    let raster = mosaic.read().await.unwrap();
    assert_eq!(raster.dim(), (1, 10, 20));
    let pixels = raster.pixels.view::<f32>().unwrap();
    assert_eq!((pixels[[0, 5, 9]], pixels[[0, 5, 10]]), (1.0, 2.0));
    assert!(raster.mask().iter().all(|v| *v == 255));
    // Bounds as GeoJSON has them, and a map whose middle the antimeridian is.
    let across = mosaic.read().bounds([179.5, 0.2, -179.5, 0.8]).await.unwrap();
    assert_eq!(across.dim(), (1, 6, 10));
    assert_eq!(across.pixels.view::<f32>().unwrap().iter().sum::<f32>(), 90.0);
    let pacific: Crs = "EPSG:3832".parse().unwrap();
    let read = mosaic.read().crs(pacific).bounds([179.2, 0.2, -179.2, 0.8]).bounds_crs("EPSG:4326".parse().unwrap());
    let (raster, report) = read.with_report().await.unwrap();
    assert!(raster.mask().iter().all(|v| *v == 255));
    assert_eq!(report.used.len(), 2);
    assert_eq!(mosaic.point(-179.5, 0.5).await.unwrap().values.view::<f32>().unwrap()[[0, 0, 0]], 2.0);
}

#[tokio::test]
async fn where_no_source_is_nothing_is_valid() {
    let mosaic = mosaic_of(vec![Scene::new(0, 0, 32, 1.0).bytes()]).await;
    for selection in PixelSelection::ALL {
        let read = mosaic.read().bounds(bounds(500, 500, 20)).bands([1, 1]).pixel_selection(selection).fill(-7.0);
        let (raster, report) = read.with_report().await.unwrap();
        assert!(report.used.is_empty());
        let valid = raster.mask().iter().filter(|v| **v > 0).count();
        if selection == PixelSelection::Count {
            // None is a count.
            assert_eq!(valid, 400);
            assert!(raster.pixels.view::<u8>().unwrap().iter().all(|v| *v == 0));
            continue;
        }
        assert_eq!(valid, 0, "{selection}");
        let is_filled = match raster.pixels.sample_type() {
            SampleType::F64 => raster.pixels.view::<f64>().unwrap().iter().all(|v| *v == -7.0),
            _ => raster.pixels.view::<f32>().unwrap().iter().all(|v| *v == -7.0),
        };
        assert!(is_filled, "{selection}");
    }
}

#[tokio::test]
async fn sources_with_different_numbers_of_bands_are_refused_unless_bands_are_chosen() {
    let two = Scene::new(0, 0, 32, 0.0).of(2, |_, _| f32::NAN);
    let mosaic = mosaic_of(vec![two, Scene::new(0, 0, 32, 3.0).bytes()]).await;
    let error = mosaic.read().await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Usage);
    let text = error.to_string();
    assert!(
        text.starts_with("source 2 of 2") && text.contains("has 1 band, while") && text.contains(" has 2: choose"),
        "{text}"
    );
    let chosen = mosaic.read().bands([1]).await.unwrap();
    assert_eq!(chosen.pixels.view::<f32>().unwrap()[[0, 0, 0]], 3.0);
    let error = mosaic.read().bands([2]).await.unwrap_err().to_string();
    assert!(error.contains("source 2 of 2") && error.contains("band"), "{error}");
}

#[tokio::test]
async fn samples_of_other_types_are_brought_to_the_first_source_s() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/mosaic");
    // uint8 with nodata 0, then int16 from -300 to 300 with nodata -9999.
    let of = |names: [&str; 2]| {
        Mosaic::of_locations(&Session::default(), names.map(|name| format!("{folder}/{name}_0.tif"))).unwrap()
    };
    let read = |mosaic: Mosaic| mosaic.read().bands([1]).pixel_selection(PixelSelection::Highest);
    let narrow = read(of(["nodata_u8", "nodata_i16"])).await.unwrap();
    let wide = read(of(["nodata_i16", "nodata_u8"])).await.unwrap();
    assert_eq!((narrow.pixels.sample_type(), narrow.nodata), (SampleType::U8, Some(Nodata::Float(0.0))));
    assert_eq!((wide.pixels.sample_type(), wide.nodata), (SampleType::I16, Some(Nodata::Float(-9999.0))));
    assert_eq!(narrow.mask(), wide.mask());
    let (narrow_pixels, wide_pixels) = (narrow.pixels.view::<u8>().unwrap(), wide.pixels.view::<i16>().unwrap());
    for ((n, w), valid) in narrow_pixels.iter().zip(wide_pixels).zip(narrow.mask()) {
        if valid > 0 {
            assert_eq!(i16::from(*n), (*w).clamp(0, 255));
        }
    }
    let asked = read(of(["nodata_u8", "nodata_i16"])).sample_type(SampleType::I32).await.unwrap();
    assert_eq!(asked.pixels.sample_type(), SampleType::I32);
}

#[tokio::test]
async fn bands_of_several_files_are_one_source() {
    let (a, b) = (Scene::new(0, 0, 32, 1.0), Scene::new(0, 0, 32, 0.0));
    let red = MosaicSource::of_cog(open(a.bytes()).await);
    let rest = MosaicSource::of_cog(open(b.of(2, |row, column| if row < 4 { f32::NAN } else { column as f32 })).await);
    let mosaic = Mosaic::new(&Session::default(), [red.and(rest).named("scene")]).unwrap();
    let raster = mosaic.read().bands([3, 1]).await.unwrap();
    let pixels = raster.pixels.view::<f32>().unwrap();
    assert_eq!((pixels[[0, 9, 7]], pixels[[1, 9, 7]]), (7.0, 1.0));
    assert_eq!((raster.validity.is_valid(0, 0, 0), raster.validity.is_valid(1, 0, 0)), (false, true));
    let error = mosaic.read().bands([4]).await.unwrap_err().to_string();
    assert_eq!(error, "source 1 of 1, scene: has no band 4: its 3 bands are counted from 1");
}

#[tokio::test]
async fn a_source_decides_by_its_last_band_only_where_that_holds_data() {
    // The second scene has no deciding band in its first rows: rio-tiler takes what lies below the mask for a value.
    let a = Scene::new(0, 0, 32, 0.0).of(1, |_, _| 5.0);
    let b = Scene::new(0, 0, 32, 0.0).of(1, |row, _| if row < 4 { f32::NAN } else { 1.0 });
    let pair = |value: f32| Scene::new(0, 0, 32, 0.0).of(1, move |_, _| value);
    let mut sources = Vec::new();
    for (value, deciding) in [(10.0, a), (20.0, b)] {
        sources.push(MosaicSource::of_cog(open(pair(value)).await).and(MosaicSource::of_cog(open(deciding).await)));
    }
    let mosaic = Mosaic::new(&Session::default(), sources).unwrap();
    let raster = mosaic.read().pixel_selection(PixelSelection::LastBandLowest).await.unwrap();
    let pixels = raster.pixels.view::<f32>().unwrap();
    assert_eq!((raster.dim().0, pixels[[0, 0, 0]], pixels[[0, 9, 0]]), (1, 10.0, 20.0));
}

#[tokio::test]
async fn values_at_a_place_follow_the_same_rules() {
    let scenes = [Scene::new(0, 0, 32, 4.0), Scene::new(16, 0, 32, 1.0), Scene::new(16, 0, 32, 7.0)];
    let mosaic = mosaic_of(scenes.iter().map(|scene| scene.bytes()).collect()).await;
    let (x, y) = (WEST + 205.0, NORTH - 55.0);
    for (selection, value) in [
        (PixelSelection::First, 4.0),
        (PixelSelection::Last, 7.0),
        (PixelSelection::Lowest, 1.0),
        (PixelSelection::Mean, 4.0),
        (PixelSelection::Median, 4.0),
    ] {
        let point = mosaic.point(x, y).pixel_selection(selection).await.unwrap();
        assert_eq!(point.values.view::<f32>().unwrap()[[0, 0, 0]], value, "{selection}");
        assert_eq!(point.valid, [true]);
    }
    // Where the first scene ends, and where nothing is.
    let point = mosaic.point(WEST + 405.0, y).await.unwrap();
    assert_eq!((point.values.view::<f32>().unwrap()[[0, 0, 0]], point.used.len()), (1.0, 1));
    let point = mosaic.point(WEST - 5.0, y).await.unwrap();
    assert_eq!((point.valid, point.used.len()), (vec![false], 0));
    // The middle of the pixel in longitude and latitude, from pyproj.
    let degrees: Crs = "EPSG:4326".parse().unwrap();
    let point =
        mosaic.point(15.00274037, 47.85284705).crs(degrees).pixel_selection(PixelSelection::Count).await.unwrap();
    assert_eq!(point.values.view::<u8>().unwrap()[[0, 0, 0]], 3);
}

#[tokio::test]
async fn what_makes_no_mosaic_is_refused_by_name() {
    let none = Mosaic::new(&Session::default(), []).unwrap_err();
    assert!(matches!(none, Error::Mosaic(MosaicError::NoSources)), "{none}");
    let error = Mosaic::of_locations(&Session::default(), ["a.tif", "ftp://user:secret@host/b.tif"]).unwrap_err();
    assert!(error.to_string().starts_with("source 2 of 2") && !error.to_string().contains("secret"), "{error}");

    let mosaic = mosaic_of(vec![Scene::new(0, 0, 32, 1.0).bytes()]).await;
    let error = mosaic.read().pixel_selection(PixelSelection::LastBandHighest).await.unwrap_err();
    assert!(error.to_string().contains("lastbandhigh") && error.class() == ErrorClass::Usage, "{error}");
    let error = mosaic.read().bounds([1.0, 1.0, 0.0, 2.0]).await.unwrap_err();
    assert!(matches!(error, Error::Warp(cog_mosaic::warp::Error::EmptyBounds { .. })), "{error}");

    let mut limits = cog_mosaic::reader::Limits::default();
    limits.max_output_bytes = 1000;
    let session = Session::new(SessionOptions::default().with_limits(limits));
    let cog = open(Scene::new(0, 0, 32, 1.0).bytes()).await;
    let error = Mosaic::new(&session, [MosaicSource::of_cog(cog)]).unwrap().read().await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Limits, "{error}");
}
