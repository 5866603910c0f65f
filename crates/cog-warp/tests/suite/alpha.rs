//! Images with an alpha band become what GDAL's warper makes of them (see `xtask/oracle/alpha.py`).

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use cog_raster::ndarray::{Array3, Axis, s};
use cog_raster::{GeoTransform, Raster, Validity};
use cog_testkit::python;
use cog_warp::reader::{Cog, Session, SessionOptions};
use cog_warp::{Error, ErrorClass, Method, OutputGrid, Warp, WarpedRead};
use serde_json::Value;

/// The images that the script makes, by the names of their files.
struct Images {
    runtime: tokio::runtime::Runtime,
    opened: BTreeMap<String, (Cog, Raster)>,
}

impl Images {
    fn of(folder: &Path) -> Images {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let opened = ["rgba", "gray16", "five", "nodata"].map(|name| {
            let name = format!("alpha_{name}.tif");
            let bytes = std::fs::read(folder.join(&name)).unwrap();
            let opened = runtime.block_on(async {
                let session = Session::new(SessionOptions::default().with_threads(2));
                let source = cog_warp::reader::io::Source::from_bytes(bytes.into());
                let cog = session.open_source(source).await.unwrap();
                let raster = cog.read().await.unwrap();
                (cog, raster)
            });
            (name, opened)
        });
        Images { runtime, opened: opened.into() }
    }

    fn read(&self, name: &str, of: impl FnOnce(&Cog) -> WarpedRead) -> Raster {
        self.runtime.block_on(async { of(&self.opened[name].0).await.unwrap() })
    }

    fn rgba(&self) -> &Raster {
        &self.opened["alpha_rgba.tif"].1
    }
}

fn data() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data"))
}

/// A grid 3 and 4 tenths of a pixel beside that of the images.
fn beside(columns: u32, rows: u32) -> OutputGrid {
    let transform = GeoTransform { a: 10.0, b: 0.0, c: 500_033.0, d: 0.0, e: -10.0, f: 4_999_986.0 };
    OutputGrid::new("EPSG:32633".parse().unwrap(), transform, columns, rows).unwrap()
}

/// How an entry differs from the grid of its image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// Moved by parts of a pixel.
    Beside,
    /// Moved, with pixels of 2.4 source pixels.
    Coarse,
    /// In another CRS.
    Turned,
}

/// One image by one method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Case<'a> {
    image: &'a str,
    method: &'a str,
    place: Place,
    as_gdal: bool,
}

impl Case<'_> {
    /// Whether GDAL's formulas are those of exact places here.
    fn is_alike(&self) -> bool {
        self.as_gdal || self.place == Place::Beside
    }

    /// How far samples may differ: bytes are rounded, and GDAL's places are off by up to an eighth of a pixel where it interpolates them.
    fn tolerance(&self) -> f64 {
        let bytes = match self.method {
            "nearest" | "mode" => 0.0,
            _ => 1.0,
        };
        match (self.image, self.is_alike()) {
            ("alpha_gray16.tif", true) => 3.0 * bytes,
            ("alpha_gray16.tif", false) => 257.0 * bytes,
            _ => bytes,
        }
    }

    /// Alpha is that of a pixel, or opaque, and nothing between them; but for sums.
    fn tolerance_of_alpha(&self) -> f64 {
        let full = if self.image == "alpha_gray16.tif" { 257.0 } else { 1.0 };
        match (self.method, self.is_alike()) {
            ("sum", true) => full,
            // Neighbours are 0 or opaque.
            ("sum", false) => 32.0 * full,
            _ => 0.0,
        }
    }

    /// The least shares of alphas and of colours that are close to GDAL's.
    fn least(&self) -> (f64, f64) {
        // GDAL has a value for a band without one in the middle.
        if self.image == "alpha_nodata.tif" && self.method == "lanczos" {
            return (0.98, if self.is_alike() { 0.97 } else { 0.0 });
        }
        let is_kernel = matches!(self.method, "bilinear" | "cubic" | "cubicspline" | "lanczos");
        let colors = match (self.method, self.place) {
            ("nearest", _) if self.is_alike() => 0.999,
            // As above.
            _ if self.as_gdal && self.image != "alpha_nodata.tif" => 0.999,
            _ if self.is_alike() => 0.99,
            // By area, not by number.
            ("mode", _) => 0.0,
            // Widened by the pixel, not by the chunk.
            (_, Place::Coarse) if is_kernel => 0.0,
            // GDAL weighs pixels on edges by more than they are.
            (_, Place::Coarse) => 0.9,
            // Noise, at places that are off by up to an eighth of a pixel.
            _ => 0.92,
        };
        (if self.is_alike() { 0.999 } else { 0.99 }, colors)
    }
}

#[derive(Default)]
struct Count {
    alphas: usize,
    same_alphas: usize,
    colors: usize,
    close_colors: usize,
}

impl Count {
    fn add(&mut self, ours: &Raster, theirs: &Array3<f64>, case: Case<'_>) {
        let last = theirs.dim().0 - 1;
        let values = values_of(ours);
        let masks: Vec<_> = (0..last).map(|band| ours.band_mask(band).unwrap()).collect();
        for ((row, column), alpha) in theirs.index_axis(Axis(0), last).indexed_iter() {
            let own = values[[last, row, column]];
            self.alphas += 1;
            self.same_alphas += usize::from((own - alpha).abs() <= case.tolerance_of_alpha());
            if own == 0.0 || *alpha == 0.0 {
                continue;
            }
            for (band, mask) in masks.iter().enumerate() {
                // Nodata of one band is 0 in GDAL's file.
                let own = if mask[[row, column]] == 0 { 0.0 } else { values[[band, row, column]] };
                self.colors += 1;
                self.close_colors += usize::from((own - theirs[[band, row, column]]).abs() <= case.tolerance());
            }
        }
    }

    /// Shares of alphas and of colours.
    fn shares(&self) -> (f64, f64) {
        let share = |some: usize, of: usize| some as f64 / of.max(1) as f64;
        (share(self.same_alphas, self.alphas), share(self.close_colors, self.colors))
    }
}

fn values_of(raster: &Raster) -> Array3<f64> {
    Array3::from_shape_vec(raster.dim(), raster.pixels.to_f64().into_iter().collect()).unwrap()
}

/// Compares all that the script wrote to a folder, file by file and method by method, by GDAL's formulas and by exact places.
fn compare(folder: &Path) {
    let images = Images::of(folder);
    let entries: Value = serde_json::from_slice(&std::fs::read(folder.join("alpha.json")).unwrap()).unwrap();
    let data = std::fs::read(folder.join("alpha.bin")).unwrap();
    let mut counts: BTreeMap<Case<'_>, Count> = BTreeMap::new();
    for entry in entries.as_array().unwrap() {
        let number = |key: &str| entry[key].as_f64().unwrap();
        let (columns, rows) = (number("columns") as usize, number("rows") as usize);
        let size = number("size");
        let transform = GeoTransform { a: size, b: 0.0, c: number("left"), d: 0.0, e: -size, f: number("top") };
        let crs = entry["crs"].as_str().unwrap();
        let grid = OutputGrid::new(crs.parse().unwrap(), transform, columns as u32, rows as u32).unwrap();
        let method: Method = entry["method"].as_str().unwrap().parse().unwrap();
        let name = entry["image"].as_str().unwrap();
        let source = &images.opened[name].1;

        let shape = (source.dim().0, rows, columns);
        let len = shape.0 * rows * columns;
        let bytes = &data[number("offset") as usize..];
        let is_wide = source.pixels.sample_type().to_string() == "uint16";
        let theirs: Vec<f64> = match is_wide {
            true => bytes.as_chunks::<2>().0.iter().take(len).map(|b| f64::from(u16::from_le_bytes(*b))).collect(),
            false => bytes.iter().take(len).map(|b| f64::from(*b)).collect(),
        };
        let theirs = Array3::from_shape_vec(shape, theirs).unwrap();
        let place = match (crs, size > 20.0) {
            ("EPSG:3857", _) => Place::Turned,
            (_, true) => Place::Coarse,
            (_, false) => Place::Beside,
        };
        for as_gdal in [true, false] {
            let read = |cog: &Cog| WarpedRead::new(cog, &grid).method(method).level(0);
            let ours = images.read(name, |cog| if as_gdal { read(cog).gdal() } else { read(cog) });
            assert_eq!(ours.dim(), shape);
            let image = ours.mask();
            let values = values_of(&ours);
            let alpha = values.index_axis(Axis(0), shape.0 - 1);
            assert!(image.iter().zip(alpha).all(|(valid, alpha)| (*valid != 0) == (*alpha != 0.0)), "{name} {method}");

            // The array of a file says itself which band is alpha; of five bands none is to a reader of files.
            let crs = "EPSG:32633".parse().unwrap();
            let warp = Warp::new(source, &crs, &grid).method(method).threads(2);
            let warp =
                if name == "alpha_rgba.tif" || name == "alpha_gray16.tif" { warp } else { warp.alpha(shape.0 - 1) };
            let of_array = if as_gdal { warp.gdal() } else { warp }.run().unwrap();
            assert_eq!(of_array.pixels.to_f64(), ours.pixels.to_f64(), "{name} {method} {as_gdal}");
            assert_eq!(of_array.validity, ours.validity, "{name} {method} {as_gdal}");

            let case = Case { image: name, method: entry["method"].as_str().unwrap(), place, as_gdal };
            counts.entry(case).or_default().add(&ours, &theirs, case);
        }
    }
    let mut failures = Vec::new();
    for (case, count) in &counts {
        let (alphas, colors) = count.shares();
        let (least_alphas, least_colors) = case.least();
        if alphas < least_alphas || colors < least_colors {
            let (of, of_colors) = (count.alphas, count.colors);
            failures.push(format!("{case:?}: {alphas:.5} of {of} alphas, {colors:.5} of {of_colors} colours"));
        }
    }
    assert!(counts.len() > 150, "{}", counts.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn colors_and_alpha_are_those_of_gdal() {
    compare(data());
}

#[test]
fn larger_images_with_alpha_are_those_of_gdal() {
    let folder = std::env::temp_dir().join(format!("cog-warp-alpha-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../xtask/oracle/alpha.py");
    let said = python::judge("larger_images_with_alpha_are_those_of_gdal", &script, &folder, Duration::from_secs(600));
    if said.unwrap().is_some() {
        compare(&folder);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn there_is_no_fringe() {
    let images = Images::of(data());
    let (_, height, width) = images.rgba().dim();
    let mut pixels = images.rgba().pixels.view::<u8>().unwrap().to_owned();
    let alpha = pixels.index_axis(Axis(0), 3).to_owned();
    // One colour where anything shows, and black where nothing does.
    for (at, alpha) in alpha.indexed_iter() {
        (0..3).for_each(|band| pixels[[band, at.0, at.1]] = if *alpha == 0 { 0 } else { 200 });
    }
    let mut raster = Raster::new(pixels, Validity::AllValid);
    raster.transform = images.rgba().transform;
    let crs = "EPSG:32633".parse().unwrap();
    assert_eq!((height, width), (52, 65));
    for method in Method::ALL.into_iter().filter(|method| *method != Method::Sum) {
        for size in [1.0, 2.4] {
            let turned = beside(28, 24).transform().scaled(size, size);
            let grid = OutputGrid::new("EPSG:32633".parse().unwrap(), turned, 28, 24).unwrap();
            for as_gdal in [false, true] {
                let warp = Warp::new(&raster, &crs, &grid).method(method).alpha(3);
                let warped = if as_gdal { warp.gdal() } else { warp }.run().unwrap();
                let pixels = warped.pixels.into_array::<u8>().unwrap();
                let seen = pixels.index_axis(Axis(0), 3).iter().filter(|alpha| **alpha > 0).count();
                assert!(seen > 150, "{method}: {seen}");
                for ((row, column), alpha) in pixels.index_axis(Axis(0), 3).indexed_iter() {
                    let expected = if *alpha == 0 { 0 } else { 200 };
                    assert!((0..3).all(|band| pixels[[band, row, column]] == expected), "{method} {row} {column}");
                }
            }
        }
    }
}

#[test]
fn pixels_are_those_that_gdal_wrote_down() {
    // Colours and alpha of one column, rows 0 to 5, by gdalwarp of GDAL 3.10.3.
    let images = Images::of(data());
    for (method, expected) in WRITTEN {
        for as_gdal in [false, true] {
            let read = |cog: &Cog| WarpedRead::new(cog, &beside(28, 24)).method(method);
            let raster = images.read("alpha_rgba.tif", |cog| if as_gdal { read(cog).gdal() } else { read(cog) });
            let pixels = raster.pixels.into_array::<u8>().unwrap();
            for (row, expected) in expected.iter().enumerate() {
                let found = pixels.slice(s![.., row, COLUMN]);
                let close = found.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) <= 1) && found[3] == expected[3];
                assert!(close, "{method} {row}: {found} {expected:?}");
            }
        }
    }
}

#[test]
fn bands_may_come_in_any_order_and_alpha_several_times_or_not_at_all() {
    let images = Images::of(data());
    for method in Method::ALL {
        for as_gdal in [false, true] {
            let read = |bands: Vec<usize>| {
                let request =
                    |cog: &Cog| WarpedRead::new(cog, &beside(28, 24)).method(method).bands(bands.clone()).fill(7.0);
                images.read("alpha_rgba.tif", |cog| if as_gdal { request(cog).gdal() } else { request(cog) })
            };
            let all = read(vec![1, 2, 3, 4]);
            let of = |raster: &Raster| raster.pixels.view::<u8>().unwrap().to_owned();
            let turned = read(vec![4, 2, 4]);
            for (band, own) in [4, 2, 4].into_iter().enumerate() {
                assert_eq!(
                    of(&turned).index_axis(Axis(0), band),
                    of(&all).index_axis(Axis(0), own - 1),
                    "{method} {band}"
                );
            }
            assert_eq!(turned.mask(), all.mask(), "{method}");
            assert!(turned.band_mask(0).unwrap().iter().all(|valid| *valid == 255));
            assert_eq!(of(&read(vec![4])).index_axis(Axis(0), 0), of(&all).index_axis(Axis(0), 3), "{method}");
            // Where there are no data there is no alpha, whatever colours are filled with.
            let empty =
                all.mask().indexed_iter().filter(|(_, valid)| **valid == 0).map(|(at, _)| at).collect::<Vec<_>>();
            assert!(
                empty
                    .iter()
                    .all(|(row, column)| of(&all)[[3, *row, *column]] == 0 && of(&all)[[0, *row, *column]] == 7)
            );

            // Without it, colours are the same where alpha shows any.
            let colors = read(vec![1, 2, 3]);
            assert!(matches!(colors.validity, Validity::Shared(_)));
            for ((row, column), valid) in all.mask().indexed_iter().filter(|(_, valid)| **valid != 0) {
                assert_eq!(colors.mask()[[row, column]], *valid);
                let at = s![..3, row, column];
                assert_eq!(of(&colors).slice(at), of(&all).slice(at), "{method}");
            }
        }
    }
}

#[test]
fn a_part_of_an_image_with_alpha_is_the_part_of_the_whole() {
    let images = Images::of(data());
    for method in Method::ALL {
        let grid = OutputGrid::suggested(
            &cog_warp::extent_of(&images.opened["alpha_rgba.tif"].0).unwrap(),
            &"EPSG:3857".parse().unwrap(),
        )
        .unwrap();
        let (width, height) = (grid.width(), grid.height());
        let whole = images.read("alpha_rgba.tif", |cog| WarpedRead::new(cog, &grid).method(method));
        for (column, row, w, h) in [(0, 0, 9, 50), (13, 7, 31, 29), (width - 20, height - 11, 20, 11)] {
            let window = grid.window(column, row, w, h).unwrap();
            let (x, y) = (column as usize, row as usize);
            let own = images.read("alpha_rgba.tif", |cog| WarpedRead::new(cog, &window).method(method));
            let part = s![.., y..y + h as usize, x..x + w as usize];
            assert_eq!(own.pixels.view::<u8>().unwrap(), whole.pixels.view::<u8>().unwrap().slice(part), "{method}");
            assert_eq!(own.mask(), whole.mask().slice(s![y..y + h as usize, x..x + w as usize]), "{method}");
            let bare =
                images.read("alpha_rgba.tif", |cog| WarpedRead::new(cog, &window).method(method).without_validity());
            assert_eq!(bare.pixels, own.pixels, "{method}");
        }
    }
}

#[test]
fn an_alpha_band_that_is_not_there_is_an_error() {
    let images = Images::of(data());
    let crs = "EPSG:32633".parse().unwrap();
    let error = Warp::new(images.rgba(), &crs, &beside(5, 5)).alpha(4).run().unwrap_err();
    assert!(matches!(error, Error::NoAlphaBand { band: 4, bands: 4 }) && error.class() == ErrorClass::Usage, "{error}");
}

const COLUMN: usize = 16;

const WRITTEN: [(Method, [[u8; 4]; 6]); 5] = [
    (
        Method::Bilinear,
        [[76, 33, 60, 67], [101, 27, 74, 255], [76, 22, 87, 4], [51, 16, 101, 255], [26, 10, 66, 255], [11, 6, 2, 35]],
    ),
    (
        Method::Cubic,
        [[77, 29, 60, 67], [114, 24, 74, 255], [75, 18, 87, 4], [51, 12, 106, 255], [26, 10, 66, 255], [11, 6, 2, 35]],
    ),
    (
        Method::Lanczos,
        [[84, 24, 64, 67], [119, 19, 73, 255], [69, 13, 85, 4], [55, 8, 113, 255], [20, 1, 66, 255], [0, 0, 0, 35]],
    ),
    (
        Method::Average,
        [
            [76, 33, 60, 255],
            [101, 27, 74, 255],
            [76, 22, 87, 255],
            [51, 16, 101, 255],
            [26, 10, 66, 255],
            [11, 6, 2, 255],
        ],
    ),
    (
        Method::Sum,
        [
            [76, 33, 60, 146],
            [101, 27, 74, 140],
            [76, 22, 87, 149],
            [51, 16, 101, 230],
            [26, 10, 66, 156],
            [6, 4, 1, 101],
        ],
    ),
];
