//! Nothing is fetched that is not needed, shown by what a server was asked for.

use cog_mosaic::crs::{Crs, Extent};
use cog_mosaic::reader::Session;
use cog_mosaic::{Coverage, ErrorClass, Mosaic, MosaicSource, OnError, PixelSelection};

use crate::scenes::{NORTH, PIXEL, Scene, WEST, asked, bounds, serve};

/// Twenty scenes over the same 64 × 64 pixels.
fn twenty() -> Vec<Vec<u8>> {
    (0..20).map(|i| Scene::new(0, 0, 64, i as f32).bytes()).collect()
}

fn place_of(scene: Scene) -> Coverage {
    let utm: Crs = "EPSG:32633".parse().unwrap();
    let [west, _, _, north] = scene.bounds();
    let transform = [PIXEL, 0.0, west, 0.0, -PIXEL, north];
    Coverage::of_extent(&Extent::new(&utm, transform, scene.size as u32, scene.size as u32).unwrap())
}

#[tokio::test]
async fn a_covered_part_of_twenty_scenes_opens_one() {
    let (server, urls) = serve(twenty());
    for known in [false, true] {
        let sources = urls.iter().map(|url| {
            let source = MosaicSource::new(url.clone()).unwrap();
            if known { source.covering(place_of(Scene::new(0, 0, 64, 0.0))) } else { source }
        });
        let mosaic = Mosaic::new(&Session::default(), sources).unwrap();
        for (selection, file, value) in
            [(PixelSelection::First, "/0.tif", 0.0), (PixelSelection::Last, "/19.tif", 19.0)]
        {
            let read = mosaic.read().bounds(bounds(8, 8, 40)).pixel_selection(selection);
            let (raster, report) = read.with_report().await.unwrap();
            assert!(raster.pixels.view::<f32>().unwrap().iter().all(|v| *v == value));
            assert_eq!(report.used.len(), 1);
            // The first source says what the mosaic's pixels are; it was opened before the last one is read.
            assert_eq!(asked(&server), [file], "{selection}, known: {known}");
        }
    }
}

#[tokio::test]
async fn two_halves_and_eighteen_wholes_open_the_two_halves() {
    let mut scenes = twenty();
    scenes[0] = Scene::new(-32, 0, 64, 100.0).bytes();
    scenes[1] = Scene::new(32, 0, 64, 101.0).bytes();
    let (server, urls) = serve(scenes);
    for known in [false, true] {
        let sources = urls.iter().enumerate().map(|(i, url)| {
            let source = MosaicSource::new(url.clone()).unwrap();
            let column = [-32, 32].get(i).copied().unwrap_or(0);
            if known { source.covering(place_of(Scene::new(column, 0, 64, 0.0))) } else { source }
        });
        let mosaic = Mosaic::new(&Session::default(), sources).unwrap();
        let (raster, report) = mosaic.read().bounds(bounds(0, 0, 64)).with_report().await.unwrap();
        let pixels = raster.pixels.view::<f32>().unwrap();
        assert_eq!((pixels[[0, 5, 31]], pixels[[0, 5, 32]]), (100.0, 101.0));
        assert_eq!(report.used.iter().map(|name| name.to_string()).collect::<Vec<_>>(), urls[..2].to_vec());
        assert_eq!(asked(&server), ["/0.tif", "/1.tif"], "known: {known}");
    }
}

#[tokio::test]
async fn a_hole_is_filled_by_the_next_scene_and_only_its_blocks_are_read() {
    let mut scenes = twenty();
    // No data in pixels 40 to 47 of both axes: a part of one block of 16 × 16 pixels.
    let hole = |row: usize, column: usize| (40..48).contains(&row) && (40..48).contains(&column);
    scenes[0] = Scene::new(0, 0, 64, 0.0).of(1, |row, column| if hole(row, column) { f32::NAN } else { 7.0 });
    let (server, urls) = serve(scenes);
    let mosaic = Mosaic::of_locations(&Session::default(), urls).unwrap();
    let (raster, report) = mosaic.read().bounds(bounds(0, 0, 64)).with_report().await.unwrap();
    let pixels = raster.pixels.view::<f32>().unwrap();
    assert_eq!((pixels[[0, 39, 40]], pixels[[0, 40, 40]], pixels[[0, 47, 47]]), (7.0, 1.0, 1.0));
    assert_eq!(asked(&server), ["/0.tif", "/1.tif"]);
    // 16 blocks of the first scene, one of the second.
    assert_eq!(report.cost.blocks, 17);
}

#[tokio::test]
async fn of_scenes_that_lie_elsewhere_none_is_opened() {
    let scenes: Vec<Scene> = (0..30).map(|i| Scene::new(i % 6 * 100, i / 6 * 100, 64, i as f32)).collect();
    let (server, urls) = serve(scenes.iter().map(|scene| scene.bytes()));
    let sources =
        scenes.iter().zip(&urls).map(|(scene, url)| MosaicSource::new(url.clone()).unwrap().covering(place_of(*scene)));
    let mosaic = Mosaic::new(&Session::default(), sources).unwrap();
    for selection in [PixelSelection::First, PixelSelection::Median] {
        let raster = mosaic.read().bounds(bounds(210, 110, 40)).pixel_selection(selection).await.unwrap();
        assert!(raster.pixels.view::<f32>().unwrap().iter().all(|v| *v == 8.0));
        let asked = asked(&server);
        // And the first, which says what pixels are, once.
        let expected: &[&str] = if selection == PixelSelection::First { &["/0.tif", "/8.tif"] } else { &["/8.tif"] };
        assert!(asked == expected || asked.is_empty(), "{asked:?}");
    }
}

#[tokio::test]
async fn headers_are_opened_once_for_all_reads_up_to_a_bound() {
    let scenes: Vec<Scene> = (0..4).map(|i| Scene::new(i * 64, 0, 64, i as f32)).collect();
    let (server, urls) = serve(scenes.iter().map(|scene| scene.bytes()));
    let mosaic = Mosaic::of_locations(&Session::default(), urls).unwrap();
    let read = |mosaic: &Mosaic| mosaic.read().bounds([WEST, NORTH - 640.0, WEST + 2560.0, NORTH]);
    read(&mosaic).await.unwrap();
    let first = server.take_log();
    read(&mosaic).await.unwrap();
    let second = server.take_log();
    let opens = |log: &[cog_testkit::server::Logged]| {
        log.iter().filter(|request| request.range.as_ref().is_some_and(|range| range.start == 0)).count()
    };
    assert_eq!((opens(&first), opens(&second)), (4, 0));
}

#[tokio::test]
async fn a_source_that_fails_is_named_or_left_out() {
    let (server, mut urls) = serve([Scene::new(0, 0, 32, 1.0).bytes(), Scene::new(0, 0, 64, 2.0).bytes()]);
    urls.insert(1, server.url("/gone.tif?sig=secret"));
    let mosaic = Mosaic::of_locations(&Session::default(), urls.clone()).unwrap();
    for selection in [PixelSelection::First, PixelSelection::Mean] {
        let read = mosaic.read().bounds(bounds(0, 0, 64)).pixel_selection(selection);
        let error = read.clone().await.unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("source 2 of 3: ") && text.contains("/gone.tif?sig=…") && !text.contains("secret"),
            "{text}"
        );
        assert_eq!(error.class(), ErrorClass::NotFound);

        let (raster, report) = read.on_error(OnError::Skip).with_report().await.unwrap();
        let expected = if selection == PixelSelection::First { 1.0 } else { 1.5 };
        assert_eq!(raster.pixels.view::<f32>().unwrap()[[0, 3, 3]], expected);
        assert_eq!(raster.pixels.view::<f32>().unwrap()[[0, 63, 63]], 2.0);
        let skipped: Vec<String> = report.skipped.iter().map(|skipped| skipped.error.to_string()).collect();
        assert_eq!(skipped, [text]);
    }
    // Where the first scene is enough, nobody finds out.
    mosaic.read().bounds(bounds(0, 0, 20)).await.unwrap();
}
