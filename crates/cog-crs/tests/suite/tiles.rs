//! Tile matrix sets next to morecantile's.

use cog_crs::tiles::{Corner, CustomGrid, NAMES, Tile, TileMatrixSet, Tiles, ZoomLevel, quadkey, tile_of_quadkey};
use cog_crs::{Crs, Error};
use cog_testkit::python;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Tiles, points and resolutions of each zoom that are compared.
const TRIES: u64 = 12;

/// Sets in which a box of longitudes and latitudes is a box of tiles.
const CYLINDRICAL: [&str; 4] = ["WebMercatorQuad", "WorldMercatorWGS84Quad", "WGS1984Quad", "WorldCRS84Quad"];

fn named(name: &str) -> TileMatrixSet {
    TileMatrixSet::named(name).unwrap()
}

/// The same numbers in every run, spread over 0 to 1.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, count: u64) -> u64 {
        ((self.next() * count as f64) as u64).min(count - 1)
    }
}

fn list(tiles: Tiles<'_>) -> Value {
    let total = tiles.total();
    let list: Vec<_> = tiles.map(|tile| json!([tile.x, tile.y, tile.zoom])).collect();
    assert_eq!(total, list.len() as u64);
    Value::Array(list)
}

/// What morecantile shall look at: random tiles, points and resolutions of every zoom.
fn probes(set: &TileMatrixSet) -> Value {
    let mut random = Random(42);
    let (mut tiles, mut points, mut zooms, mut quadkeys) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut globe, mut boxes) = (Vec::new(), Vec::new());
    let is_quad = set.id() == Some("WebMercatorQuad");
    for matrix in set.matrices() {
        let zoom = matrix.zoom;
        for _ in 0..TRIES {
            let tile = Tile::new(random.below(matrix.matrix_width), random.below(matrix.matrix_height), zoom);
            let relatives = [set.parents(tile).unwrap(), set.children(tile).unwrap()];
            let [parents, children] = relatives.map(list);
            tiles.push(json!([tile.x, tile.y, zoom, set.tile_bounds(tile).unwrap(), parents, children]));
            if is_quad {
                let key = quadkey(tile).unwrap();
                assert_eq!(tile_of_quadkey(&key), Ok(tile));
                quadkeys.push(json!([tile.x, tile.y, zoom, key]));
            }
            let area = set.crs().area_of_use().unwrap();
            let longitude = area.west + (area.east - area.west) * random.next();
            let latitude = area.south + (area.north - area.south) * random.next();
            let at = set.tile_of(longitude, latitude, zoom).unwrap();
            points.push(json!([longitude, latitude, zoom, at.map(|tile| [tile.x, tile.y])]));
            if let Some(tile) = at {
                globe.push(json!([tile.x, tile.y, zoom, set.geographic_bounds(tile).unwrap()]));
            }
            // In sets whose meridians are columns. morecantile loses coalesced tiles that begin before the box.
            if CYLINDRICAL.contains(&set.id().unwrap_or_default()) {
                let [west, _, east, _] = set.bounds();
                let size = 4.0 * 360.0 * f64::from(matrix.tile_width) * matrix.cell_size / (east - west);
                let (east, north) =
                    ((longitude + size * random.next()).min(180.0), (latitude + size * random.next()).min(85.0));
                let found = set.tiles_of([longitude, latitude.min(north), east, north], zoom).unwrap();
                boxes.push(json!([[longitude, latitude.min(north), east, north], zoom, list(found)]));
            }
            // Up to zoom 0 morecantile knows no strategy but the finer zoom, and beyond the last one it has the last but one for the coarser.
            let resolution = matrix.cell_size * (0.51 + random.next());
            if zoom > 0 && resolution > set.matrices().last().unwrap().cell_size {
                for (level, name) in
                    [(ZoomLevel::Auto, "auto"), (ZoomLevel::Lower, "lower"), (ZoomLevel::Upper, "upper")]
                {
                    zooms.push(json!([resolution, name, set.zoom_for_resolution(resolution, level).unwrap()]));
                }
            }
        }
    }
    json!({"json": set.to_json(), "tiles": tiles, "points": points, "zooms": zooms, "quadkeys": quadkeys, "globe": globe, "boxes": boxes})
}

fn judge(test: &str, items: &[Value]) {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("tiles.json");
    std::fs::write(&input, serde_json::to_vec(items).unwrap()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge/tiles.py");
    let Some(said) = python::judge(test, &script, &input, Duration::from_secs(600)).unwrap() else { return };
    let verdicts: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(verdicts.len(), items.len());
    let compared: u64 = verdicts.iter().map(|verdict| verdict["compared"].as_u64().unwrap()).sum();
    println!("{compared} tiles, points, resolutions and quadkeys of {} sets as morecantile has them", items.len());
    let mut wrong = String::new();
    for (verdict, item) in verdicts.iter().zip(items) {
        assert!(verdict["compared"].as_u64().unwrap() > 100);
        let begin: String = item["json"].as_str().unwrap().chars().take(60).collect();
        for problem in verdict["wrong"].as_array().unwrap() {
            wrong += &format!("{begin}: {problem}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn grids_of_all_sets_are_those_of_morecantile() {
    let items: Vec<Value> = NAMES
        .iter()
        .map(|name| {
            let mut item = probes(&named(name));
            item["registered"] = json!(true);
            item
        })
        .collect();
    judge("grids_of_all_sets_are_those_of_morecantile", &items);
}

#[test]
fn custom_grids_are_those_of_morecantile() {
    let swiss = [2_420_000.0, 1_030_000.0, 2_900_000.0, 1_350_000.0];
    let new_york = [909_126.0, 110_626.0, 1_610_215.0, 424_498.0];
    let grids = [
        (
            CustomGrid::new(Crs::from_epsg(2056).unwrap(), swiss).tile_size(512, 512).halved((0, 18), 3, 2),
            json!({"crs": "EPSG:2056", "extent": swiss, "tile_width": 512, "tile_height": 512, "matrix_scale": [3, 2], "maxzoom": 18}),
        ),
        // US survey feet.
        (
            CustomGrid::new(Crs::from_epsg(2263).unwrap(), new_york).corner(Corner::BottomLeft).halved((2, 20), 1, 1),
            json!({"crs": "EPSG:2263", "extent": new_york, "corner_of_origin": "bottomLeft", "minzoom": 2, "maxzoom": 20}),
        ),
        (
            CustomGrid::new(Crs::from_epsg(4326).unwrap(), [-180.0, -90.0, 180.0, 90.0]).halved((0, 20), 2, 1),
            json!({"crs": "EPSG:4326", "extent": [-180, -90, 180, 90], "matrix_scale": [2, 1], "maxzoom": 20}),
        ),
        // Its northing comes first, under the name of X.
        (
            CustomGrid::new(Crs::from_epsg(3035).unwrap(), [2e6, 1e6, 7e6, 6e6]).halved((0, 12), 1, 1),
            json!({"crs": "EPSG:3035", "extent": [2e6, 1e6, 7e6, 6e6], "maxzoom": 12}),
        ),
    ];
    let items: Vec<Value> = grids
        .into_iter()
        .map(|(grid, theirs)| {
            let mut item = probes(&grid.build().unwrap());
            item["custom"] = theirs;
            item
        })
        .collect();
    judge("custom_grids_are_those_of_morecantile", &items);
}

#[test]
fn a_set_is_read_as_it_was_written() {
    for name in NAMES {
        let set = named(name);
        assert_eq!(set.to_json().parse::<TileMatrixSet>().unwrap(), set, "{name}");
        assert_eq!(set.to_json_pretty().parse::<TileMatrixSet>().unwrap(), set, "{name}");
    }
}

#[test]
fn a_crs_without_a_code_stands_in_full() {
    let crs: Crs = "+proj=sinu +R=6371007.181 +units=m".parse().unwrap();
    let set = CustomGrid::new(crs, [-20e6, -10e6, 20e6, 10e6]).cell_sizes([926.6, 463.3]).build().unwrap();
    let json: Value = serde_json::from_str(&set.to_json()).unwrap();
    assert_eq!(json["crs"]["wkt"]["type"], "ProjectedCRS");
    assert_eq!(set.to_json().parse::<TileMatrixSet>().unwrap().crs(), set.crs());
}

#[test]
fn a_northing_that_is_called_x_is_written_as_a_northing() {
    // EPSG:31467 has northing first and calls it X: a reader that goes by names would take it for an easting.
    let set = CustomGrid::new(Crs::from_epsg(31467).unwrap(), [3.2e6, 5.2e6, 3.8e6, 6.1e6]).build().unwrap();
    let json: Value = serde_json::from_str(&set.to_json()).unwrap();
    assert_eq!(json["orderedAxes"], json!(["N", "E"]));
    assert_eq!(json["tileMatrices"][0]["pointOfOrigin"], json!([6.1e6, 3.2e6]));
    assert_eq!(set.to_json().parse::<TileMatrixSet>().unwrap().bounds(), set.bounds());
}

#[test]
fn metres_per_unit_are_those_of_the_unit_and_the_ellipsoid() {
    // From pyproj: unit_conversion_factor, and 2 pi a / 360 for degrees.
    for (code, metres) in [
        (4326, 111_319.490_793_273_57),
        (4267, 111_320.702_051_774_45),
        (2263, 0.304_800_609_601_219_24),
        (2222, 0.3048),
        (32633, 1.0),
        (4807, 100_189.304_147_424_77),
    ] {
        let got = Crs::from_epsg(code).unwrap().metres_per_unit().unwrap();
        assert!((got / metres - 1.0).abs() < 1e-14, "EPSG:{code}: {got}");
    }
    assert_eq!(Crs::from_epsg(5773).unwrap().metres_per_unit(), None);
}

#[test]
fn a_document_of_version_one_is_read() {
    // The form of aiocogeo and of cog create-tms, which have x first whatever the CRS says.
    let of = |title: &str, corner: Value| {
        json!({"type": "TileMatrixSetType", "title": title, "identifier": "a", "supportedCRS": "http://www.opengis.net/def/crs/EPSG/0/4326",
            "tileMatrix": [{"type": "TileMatrixType", "identifier": "0", "scaleDenominator": 397_569_609.975_977_1, "topLeftCorner": corner,
                "tileWidth": 256, "tileHeight": 256, "matrixWidth": 2, "matrixHeight": 1}]})
        .to_string()
    };
    let ours: TileMatrixSet = of("Tile matrix for a.tif", json!([-180.0, 90.0])).parse().unwrap();
    let standard: TileMatrixSet = of("World", json!([90.0, -180.0])).parse().unwrap();
    for set in [ours, standard] {
        let matrix = set.matrix(0).unwrap();
        assert_eq!(matrix.origin, (-180.0, 90.0));
        assert!((matrix.cell_size - 1.0).abs() < 1e-14);
        assert_eq!(set.id(), Some("a"));
    }
}

#[test]
fn tiles_of_bounds_do_not_hold_those_that_only_touch() {
    let web = named("WebMercatorQuad");
    let tile = Tile::new(537, 356, 10);
    let bounds = web.tile_bounds(tile).unwrap();
    assert_eq!(web.tiles(bounds, 10).unwrap().collect::<Vec<_>>(), [tile]);
    assert_eq!(web.tiles(bounds, 12).unwrap().total(), 16);
    // A point, and a line along an edge.
    let [left, bottom, right, top] = bounds;
    assert_eq!(web.tiles([left + 1.0, top - 1.0, left + 1.0, top - 1.0], 10).unwrap().collect::<Vec<_>>(), [tile]);
    assert_eq!(web.tiles([left + 1.0, bottom, right - 1.0, bottom], 10).unwrap().total(), 1);
    assert_eq!(web.tiles([3e7, 0.0, 4e7, 1.0], 10).unwrap().total(), 0);
    assert_eq!(web.tiles([-3e7, 0.0, left, 1.0], 0).unwrap().total(), 1);
}

#[test]
fn a_box_across_the_antimeridian_has_the_tiles_of_both_sides() {
    let web = named("WebMercatorQuad");
    let tiles: Vec<_> = web.tiles_of([170.0, -20.0, -170.0, -10.0], 4).unwrap().collect();
    assert_eq!(tiles, [Tile::new(0, 8, 4), Tile::new(15, 8, 4)]);
    // On a map of the pole it is one place.
    let arctic = named("UPSArcticWGS84Quad");
    let tiles: Vec<_> = arctic.tiles_of([170.0, 80.0, -170.0, 85.0], 5).unwrap().collect();
    let (east, west) =
        (arctic.tile_of(175.0, 82.0, 5).unwrap().unwrap(), arctic.tile_of(-175.0, 82.0, 5).unwrap().unwrap());
    assert!(tiles.contains(&east) && tiles.contains(&west) && tiles.len() < 20, "{tiles:?}");
    // Coalesced tiles that begin before the box are in it.
    let cdb = named("CDB1GlobalGrid");
    let tiles: Vec<_> = cdb.tiles_of([-170.0, 89.2, -167.5, 89.5], 0).unwrap().collect();
    assert_eq!(tiles, [Tile::new(0, 0, 0), Tile::new(12, 0, 0)]);
    // What the map does not show has no tiles; what reaches beyond it has those that it shows.
    assert_eq!(web.tiles_of([0.0, 86.0, 10.0, 89.0], 3).unwrap().total(), 0);
    assert_eq!(web.tiles_of([-180.0, -90.0, 180.0, 90.0], 3).unwrap().total(), 64);
    assert!(web.tiles_of([0.0, 1.0, 1.0, 0.0], 3).is_err() && web.tiles_of([f64::NAN; 4], 3).is_err());
}

#[test]
fn a_tile_over_a_pole_reaches_to_it() {
    let arctic = named("UPSArcticWGS84Quad");
    let [west, south, east, north] = arctic.geographic_bounds(Tile::new(0, 0, 0)).unwrap();
    assert_eq!((west, east, north), (-180.0, 180.0, 90.0));
    assert!(south < 0.0);
}

#[test]
fn coalesced_tiles_are_one_wherever_the_bounds_begin() {
    let cdb = named("CDB1GlobalGrid");
    // Between 89 and 90 degrees north, twelve degrees are a tile.
    let north: Vec<_> = cdb.tiles([-175.0, 89.2, -150.0, 89.8], 0).unwrap().collect();
    assert_eq!(north, [Tile::new(0, 0, 0), Tile::new(12, 0, 0), Tile::new(24, 0, 0)]);
    assert_eq!(cdb.tile_bounds(Tile::new(17, 0, 0)).unwrap(), [-168.0, 89.0, -156.0, 90.0]);
    assert_eq!(cdb.tile_at(-160.0, 89.5, 0).unwrap(), Some(Tile::new(12, 0, 0)));
    // By CDB's zones: 2 rows of 30, 18 of 60, 10 of 90, 10 of 120, 40 of 180, 100 of 360.
    let all = cdb.tiles(cdb.bounds(), 0).unwrap();
    assert_eq!((all.total(), all.count()), (46_440, 46_440));
}

#[test]
fn far_edges_belong_to_the_last_tile_and_beyond_is_none() {
    let web = named("WebMercatorQuad");
    assert_eq!(web.tile_of(180.0, -85.051_128_779_806_6, 3).unwrap(), Some(Tile::new(7, 7, 3)));
    assert_eq!(web.tile_of(-180.0, 85.051_128_779_806_6, 3).unwrap(), Some(Tile::new(0, 0, 3)));
    assert_eq!(web.tile_of(0.0, 86.0, 3).unwrap(), None);
    assert_eq!(web.tile_of(0.0, 90.0, 3).unwrap(), None);
    assert_eq!(web.tile_of(f64::NAN, 0.0, 3).unwrap(), None);
}

#[test]
fn a_walk_over_every_tile_of_the_finest_zoom_can_be_broken_off() {
    let gnosis = named("GNOSISGlobalGrid");
    let mut tiles = gnosis.tiles(gnosis.bounds(), 28).unwrap();
    assert!(tiles.total() > 1 << 58);
    // Four tiles at the pole, then eight.
    assert_eq!(tiles.nth(5), Some(Tile::new(1 << 27, 1, 28)));
}

#[test]
fn zooms_and_tiles_that_are_not_there_are_errors_with_numbers() {
    let web = named("WebMercatorQuad");
    let message = |e: Error| e.to_string();
    assert_eq!(
        web.tile_bounds(Tile::new(0, 0, 25)).map_err(message),
        Err("there is no zoom 25: the tile matrix set has 0 to 24".into())
    );
    assert_eq!(
        web.tile_bounds(Tile::new(2, 0, 1)).map_err(message),
        Err("there is no tile 1/2/0 (zoom/x/y): its matrix has 2 by 2".into())
    );
    assert!(web.children(Tile::new(u64::MAX, u64::MAX, 3)).is_err());
    assert!(matches!(TileMatrixSet::named("Web"), Err(Error::UnknownTileMatrixSet(_))));
    for resolution in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(web.zoom_for_resolution(resolution, ZoomLevel::Auto).is_err());
    }
    for bounds in [[1.0, 0.0, 0.0, 1.0], [0.0, f64::NAN, 1.0, 1.0], [0.0, 0.0, f64::INFINITY, 1.0]] {
        assert!(matches!(web.tiles(bounds, 3), Err(Error::Value { .. })));
    }
    for key in ["4", "é", "0123012301230123012301230123012301"] {
        assert!(tile_of_quadkey(key).is_err(), "{key}");
    }
    assert!(quadkey(Tile::new(0, 0, -1)).is_err() && quadkey(Tile::new(0, 0, 40)).is_err());
    assert!(quadkey(Tile::new(4, 0, 2)).is_err());
    assert_eq!(tile_of_quadkey(""), Ok(Tile::new(0, 0, 0)));
}

#[test]
fn what_is_no_tile_matrix_set_is_refused_by_the_member_that_is_wrong() {
    let good: Value = serde_json::from_str(&named("WebMercatorQuad").to_json()).unwrap();
    let with = |path: &str, value: Value| {
        let mut json = good.clone();
        *json.pointer_mut(path).unwrap() = value;
        json.to_string().parse::<TileMatrixSet>().map(|_| ()).unwrap_err().to_string()
    };
    let matrix = "/tileMatrices/3";
    for (path, value, says) in [
        ("/crs".to_string(), json!(7), "crs: 7"),
        ("/crs".to_string(), json!("EPSG:1"), "EPSG:1"),
        ("/crs".to_string(), json!({"referenceSystem": {}}), "ISO 19115"),
        ("/crs".to_string(), Value::Null, "crs"),
        ("/orderedAxes".to_string(), json!(["X"]), "orderedAxes"),
        ("/tileMatrices".to_string(), json!([]), "tile matrix"),
        ("/tileMatrices".to_string(), json!("all"), "tileMatrices"),
        (format!("{matrix}/cellSize"), json!(0), "cellSize"),
        (format!("{matrix}/cellSize"), json!(-5.0), "cellSize"),
        (format!("{matrix}/cellSize"), json!(1e308), "too large"),
        (format!("{matrix}/cellSize"), json!("wide"), "tileMatrices[3].cellSize"),
        (format!("{matrix}/scaleDenominator"), Value::Null, "scaleDenominator"),
        (format!("{matrix}/cornerOfOrigin"), json!("middle"), "middle"),
        (format!("{matrix}/pointOfOrigin"), json!([1]), "pointOfOrigin"),
        (format!("{matrix}/tileWidth"), json!(1e15), "tileWidth"),
        (format!("{matrix}/tileWidth"), json!(0), "tileWidth"),
        (format!("{matrix}/matrixWidth"), json!(1.5), "matrixWidth"),
        (format!("{matrix}/matrixHeight"), json!(u64::MAX), "matrixHeight"),
        (format!("{matrix}/id"), json!("2"), "there twice"),
    ] {
        let message = with(&path, value.clone());
        assert!(message.contains(says), "{path} {value}: {message}");
    }
    for (widths, says) in [
        (json!([{"coalesce": 1, "minTileRow": 0, "maxTileRow": 0}]), "coalesce"),
        (json!([{"coalesce": 2, "minTileRow": 0, "maxTileRow": 8}]), "maxTileRow"),
        (json!([{"coalesce": 2, "minTileRow": 3, "maxTileRow": 2}]), "maxTileRow"),
        (
            json!([{"coalesce": 2, "minTileRow": 0, "maxTileRow": 4}, {"coalesce": 4, "minTileRow": 4, "maxTileRow": 5}]),
            "minTileRow",
        ),
        (json!([{"coalesce": 2, "minTileRow": 0}]), "maxTileRow"),
        (json!(7), "variableMatrixWidths"),
    ] {
        let mut json = good.clone();
        json["tileMatrices"][3]["variableMatrixWidths"] = widths;
        let message = json.to_string().parse::<TileMatrixSet>().unwrap_err().to_string();
        assert!(message.contains(says), "{message}");
    }
    for text in ["", "{}", "[]", "7", "null", "{\"tileMatrices\": ", "{\"type\": \"FeatureCollection\"}"] {
        assert!(matches!(text.parse::<TileMatrixSet>(), Err(Error::NotATileMatrixSet(_))), "{text}");
    }
}

#[test]
fn matrices_whose_names_are_no_numbers_count_from_the_coarsest() {
    let mut json: Value = serde_json::from_str(&named("WorldCRS84Quad").to_json()).unwrap();
    let matrices = json["tileMatrices"].as_array_mut().unwrap();
    matrices.truncate(3);
    for matrix in matrices.iter_mut() {
        matrix["id"] = json!(format!("EPSG:4326:{}", matrix["id"].as_str().unwrap()));
    }
    matrices.reverse();
    let set: TileMatrixSet = json.to_string().parse().unwrap();
    let zooms: Vec<_> = set.matrices().iter().map(|m| (m.zoom, m.id.as_str(), m.matrix_width)).collect();
    assert_eq!(zooms, [(0, "EPSG:4326:0", 2), (1, "EPSG:4326:1", 4), (2, "EPSG:4326:2", 8)]);
}

#[test]
fn custom_grids_refuse_what_has_no_size() {
    let crs = || Crs::from_epsg(3857).unwrap();
    let extent = [0.0, 0.0, 1000.0, 500.0];
    for extent in [[0.0; 4], [1.0, 0.0, 0.0, 1.0], [0.0, f64::NAN, 1.0, 1.0], [f64::NEG_INFINITY, 0.0, 1.0, 1.0]] {
        assert!(matches!(CustomGrid::new(crs(), extent).build(), Err(Error::Value { .. })), "{extent:?}");
    }
    for sizes in [vec![0.0], vec![f64::NAN], vec![1.0, 2.0], vec![1.0, 1.0], vec![-1.0], vec![1e-300]] {
        assert!(CustomGrid::new(crs(), extent).cell_sizes(sizes.clone()).build().is_err(), "{sizes:?}");
    }
    assert!(matches!(CustomGrid::new(crs(), extent).cell_sizes([]).build(), Err(Error::Missing { .. })));
    assert!(CustomGrid::new(crs(), extent).halved((0, 99), 1, 1).build().is_err());
    assert!(CustomGrid::new(crs(), extent).halved((5, 3), 1, 1).build().is_err());
    assert!(CustomGrid::new(crs(), extent).tile_size(0, 256).build().is_err());
    assert!(CustomGrid::new(crs(), extent).halved((0, 5), u32::MAX, 1).build().is_ok());
    assert!(matches!(CustomGrid::new(Crs::from_epsg(5773).unwrap(), extent).build(), Err(Error::Unsupported(_))));
    let set = CustomGrid::new(crs(), extent).cell_sizes([2.0, 0.1]).tile_size(100, 50).build().unwrap();
    assert_eq!((set.matrices()[1].matrix_width, set.matrices()[1].matrix_height), (100, 100));
}
