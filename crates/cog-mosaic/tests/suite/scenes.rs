//! Small scenes made in memory, and where they are served.

use cog_mosaic::raster::GeoTransform;
use cog_mosaic::raster::ndarray::Array3;
use cog_testkit::server::Server;

use crate::made_tiff::MadeTiff;

/// A corner of zone 33, and the size of a pixel there.
pub(crate) const WEST: f64 = 500_000.0;
pub(crate) const NORTH: f64 = 5_300_000.0;
pub(crate) const PIXEL: f64 = 10.0;

/// A scene of one band in zone 33: its place in pixels from the corner, and a value.
#[derive(Clone, Copy)]
pub(crate) struct Scene {
    pub(crate) column: i32,
    pub(crate) row: i32,
    pub(crate) size: usize,
    pub(crate) value: f32,
}

impl Scene {
    pub(crate) fn new(column: i32, row: i32, size: usize, value: f32) -> Scene {
        Scene { column, row, size, value }
    }

    /// A GeoTIFF of the scene, whose pixels are `value(row, column)`; NaN holds no data.
    pub(crate) fn of(self, bands: usize, value: impl Fn(usize, usize) -> f32) -> Vec<u8> {
        let transform = GeoTransform {
            a: PIXEL,
            b: 0.0,
            c: WEST + f64::from(self.column) * PIXEL,
            d: 0.0,
            e: -PIXEL,
            f: NORTH - f64::from(self.row) * PIXEL,
        };
        let pixels = Array3::from_shape_fn((bands, self.size, self.size), |(_, row, column)| value(row, column));
        MadeTiff { levels: vec![pixels], tile: 16, epsg: 32633, transform, nodata: Some(f32::NAN) }.bytes()
    }

    /// Every pixel has the scene's value.
    pub(crate) fn bytes(self) -> Vec<u8> {
        self.of(1, |_, _| self.value)
    }

    /// minx, miny, maxx, maxy.
    pub(crate) fn bounds(self) -> [f64; 4] {
        bounds(self.column, self.row, self.size as i32)
    }
}

/// Bounds of a square in pixels from the corner.
pub(crate) fn bounds(column: i32, row: i32, size: i32) -> [f64; 4] {
    let (west, north) = (WEST + f64::from(column) * PIXEL, NORTH - f64::from(row) * PIXEL);
    [west, north - f64::from(size) * PIXEL, west + f64::from(size) * PIXEL, north]
}

/// Scenes as `/0.tif`, `/1.tif` …, and their URLs.
pub(crate) fn serve(scenes: impl IntoIterator<Item = Vec<u8>>) -> (Server, Vec<String>) {
    let files: Vec<(String, Vec<u8>)> =
        scenes.into_iter().enumerate().map(|(i, bytes)| (format!("/{i}.tif"), bytes)).collect();
    let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
    let server = Server::start(files);
    let urls = names.iter().map(|name| server.url(name)).collect();
    (server, urls)
}

/// The files that were asked for, each once, in the order of their names.
pub(crate) fn asked(server: &Server) -> Vec<String> {
    let mut paths: Vec<String> = server.take_log().into_iter().map(|request| request.path).collect();
    paths.sort();
    paths.dedup();
    paths
}
