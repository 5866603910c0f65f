//! What a warped read asks a server for.

use cog_crs::tiles::{Tile, TileMatrixSet};
use cog_crs::{Crs, Transform};
use cog_raster::GeoTransform;
use cog_raster::ndarray::Array3;
use cog_testkit::server::Server;
use cog_warp::reader::Cog;
use cog_warp::{Method, OutputGrid, TileGrid, WarpedRead};

use crate::made_tiff::MadeTiff;

const BLOCK: u32 = 64;

/// 1280 × 1280 pixels of 10 m in UTM zone 33, in 20 rows of blocks, with overviews.
fn file() -> MadeTiff {
    let level = |side: usize| {
        Array3::from_shape_fn((2, side, side), |(band, row, column)| (band * 7 + row * 3 + column) as f32)
    };
    MadeTiff {
        levels: vec![level(1280), level(640), level(320)],
        tile: BLOCK,
        epsg: 32633,
        transform: GeoTransform { a: 10.0, b: 0.0, c: 499_960.0, d: 0.0, e: -10.0, f: 5_400_000.0 },
        nodata: None,
    }
}

/// Requests for an opened file and a read of a grid.
fn requests(grid: &OutputGrid, method: Method) -> (usize, usize) {
    let server = Server::start([("/a.tif", file().bytes())]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let cog = Cog::open(server.url("/a.tif")).await.unwrap();
        let open = server.take_log().len();
        WarpedRead::new(&cog, grid).method(method).await.unwrap();
        (open, server.take_log().len())
    })
}

/// Rows of blocks of a level that bounds in Web Mercator lie in, with `margin` pixels around.
fn rows(bounds: [f64; 4], level: u32, margin: f64) -> usize {
    let utm: Crs = "EPSG:32633".parse().unwrap();
    let transform = Transform::new(&"EPSG:3857".parse().unwrap(), &utm).unwrap();
    let [_, bottom, _, top] = transform.bounds(bounds, 21).unwrap();
    let pixel = 10.0 * f64::from(level);
    let row = |y: f64| (5_400_000.0 - y) / pixel;
    let first = ((row(top) - margin).max(0.0) / f64::from(BLOCK)).floor();
    let last = ((row(bottom) + margin).min(f64::from(1280 / level)) / f64::from(BLOCK)).ceil();
    (last - first) as usize
}

#[test]
fn a_web_tile_takes_a_request_for_each_row_of_blocks_at_most() {
    let web = TileMatrixSet::named("WebMercatorQuad").unwrap();
    // Zooms 13 to 10 read full resolution, half, a quarter and a quarter again.
    for (zoom, level) in [(14, 1), (13, 1), (12, 2), (11, 4), (10, 4)] {
        let tile = web.tile_of(15.04, 48.72, zoom).unwrap().unwrap();
        let grid = TileGrid::new(&web, tile).build().unwrap();
        for (method, margin) in
            [(Method::Nearest, 1.0), (Method::Bilinear, 4.0), (Method::Cubic, 6.0), (Method::Average, 2.0)]
        {
            let (open, read) = requests(&grid, method);
            assert_eq!(open, 1, "zoom {zoom}");
            let most = rows(grid.bounds(), level, margin);
            assert!((1..=most).contains(&read), "{method} of zoom {zoom}: {read} requests for {most} rows of blocks");
        }
    }
}

#[test]
fn nothing_is_asked_for_where_the_file_does_not_lie() {
    let web = TileMatrixSet::named("WebMercatorQuad").unwrap();
    let far = TileGrid::new(&web, Tile::new(0, 0, 12)).build().unwrap();
    assert_eq!(requests(&far, Method::Cubic), (1, 0));
}

#[test]
fn a_whole_file_is_asked_for_once() {
    let grid = OutputGrid::of_resolution(
        "EPSG:3857".parse().unwrap(),
        [1_668_000.0, 6_200_000.0, 1_692_000.0, 6_240_000.0],
        [15.0, 15.0],
    );
    let server = Server::start([("/a.tif", file().bytes())]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bytes = runtime.block_on(async {
        let cog = Cog::open(server.url("/a.tif")).await.unwrap();
        WarpedRead::new(&cog, &grid.unwrap()).method(Method::Bilinear).level(0).await.unwrap();
        server.take_log().iter().map(|request| request.sent.bytes()).sum::<u64>()
    });
    let level = 1280 * 1280 * 2 * 4;
    // Blocks are kept from one part of the output to the next.
    assert!(bytes < level + level / 10 + 100_000, "{bytes} bytes for a level of {level}");
}
