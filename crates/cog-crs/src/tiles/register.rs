//! The tile matrix sets that are known by name, as the rules that make them: those of OGC's register (definitions server,
//! `tilematrixset/OGC/1.0`) and two of Land Information New Zealand.
//!
//! The register writes every number out. Where it rounds coarsely, the rule rounds alike, for its numbers are the grid that others use;
//! where it carries 15 digits, the rule is exact.

use super::matrix::{Corner, TileMatrix, VariableWidth};
use super::scale::STANDARD_PIXEL;
use super::set::{About, TileMatrixSet};
use crate::crs::Crs;
use crate::error::{Error, Result};
use std::f64::consts::PI;

/// The identifiers, in alphabetical order.
pub const NAMES: [&str; 13] = [
    "CDB1GlobalGrid",
    "CanadianNAD83_LCC",
    "EuropeanETRS89_LAEAQuad",
    "GNOSISGlobalGrid",
    "LINZAntarticaMapTilegrid",
    "NZTM2000Quad",
    "UPSAntarcticWGS84Quad",
    "UPSArcticWGS84Quad",
    "UTM31WGS84Quad",
    "WGS1984Quad",
    "WebMercatorQuad",
    "WorldCRS84Quad",
    "WorldMercatorWGS84Quad",
];

/// A set of the register.
struct Entry {
    title: &'static str,
    crs: &'static str,
    axes: [&'static str; 2],
    /// The last part of its URI, if OGC has it.
    registered: Option<&'static str>,
    scale_set: Option<&'static str>,
    /// x, y of the upper left corner.
    origin: (f64, f64),
    zooms: (i32, i32),
    grid: Grid,
}

/// How the matrices of a set come about.
#[derive(Clone, Copy)]
enum Grid {
    /// Every cell is halved and every tile quartered.
    Halved {
        /// Cell size and scale denominator of the first zoom.
        cell: f64,
        scale: f64,
        /// Tiles of the first zoom.
        tiles: (u64, u64),
        rounding: Rounding,
    },
    /// As many tiles as cover an area.
    Covering {
        /// The scale denominator of a step behind the first zoom.
        scale: fn(i32) -> f64,
        /// The pixel in metres by which scales are meant.
        pixel: f64,
        /// Width and height of the area.
        area: (f64, f64),
    },
    /// Common Database (OGC 15-113r6): one tile a degree up to zoom 0, whose pixels are halved.
    Cdb,
    /// Halved, and rows join tiles the more the nearer they are to a pole.
    Gnosis,
}

/// How a register rounds cell sizes.
#[derive(Clone, Copy)]
enum Rounding {
    None,
    Decimals(usize),
    /// Ten digits, and no more than nine decimals; scales too.
    TenDigits,
}

const TILE: u32 = 256;

/// Metres of one degree on the equator of WGS 84.
const DEGREE: f64 = 2.0 * PI * 6_378_137.0 / 360.0;

/// Half the Earth's girth, on the equator of WGS 84.
const HALF_GIRTH: f64 = PI * 6_378_137.0;

/// Half a meridian of WGS 84 from pole to pole, doubled.
const MERIDIAN: f64 = 20_003_931.458_625_5;

/// 1/96 of a US survey inch, by which ArcGIS counts scales.
const SURVEY_PIXEL: f64 = 1200.0 / 3937.0 / 12.0 / 96.0;

/// Scale denominators of the Atlas of Canada; the thirteen that follow are a thousandth of them.
const CANADIAN_SCALES: [f64; 13] = [145e6, 85e6, 50e6, 30e6, 17.5e6, 10e6, 6e6, 3.5e6, 2e6, 1.2e6, 700e3, 420e3, 250e3];

const GOOGLE_CRS84: Option<&str> = Some("GoogleCRS84Quad");

#[rustfmt::skip]
fn entry(name: &str) -> Option<Entry> {
    let geographic = |cell: f64, scale: f64, tiles: (u64, u64)| Grid::Halved { cell, scale, tiles, rounding: Rounding::None };
    let quad = |cell: f64| Grid::Halved { cell, scale: cell / STANDARD_PIXEL, tiles: (1, 1), rounding: Rounding::None };
    let rounded = |cell: f64, rounding: Rounding| Grid::Halved { cell, scale: cell / STANDARD_PIXEL, tiles: (1, 1), rounding };
    Some(match name {
        "CDB1GlobalGrid" => Entry {
            title: "CDB 1 Global Grid", crs: "EPSG:4326", axes: ["Lat", "Lon"], registered: Some("CDB1GlobalGrid"), scale_set: None,
            origin: (-180.0, 90.0), zooms: (-10, 21), grid: Grid::Cdb,
        },
        "CanadianNAD83_LCC" => Entry {
            title: "Lambert conformal conic NAD83 for Canada", crs: "EPSG:3978", axes: ["E", "N"], registered: Some("CanadianNAD83_LCC"), scale_set: None,
            origin: (-34_655_800.0, 39_310_000.0), zooms: (0, 25),
            grid: Grid::Covering {
                scale: |step| {
                    let at = usize::try_from(step).unwrap_or(0);
                    let scale = |at: usize| CANADIAN_SCALES.get(at).copied().unwrap_or(f64::NAN);
                    if at < CANADIAN_SCALES.len() { scale(at) } else { scale(at - CANADIAN_SCALES.len()) / 1000.0 }
                },
                pixel: SURVEY_PIXEL, area: (41_804_545.0, 44_463_815.0),
            },
        },
        "EuropeanETRS89_LAEAQuad" => Entry {
            title: "Lambert Azimuthal Equal Area ETRS89 for Europe", crs: "EPSG:3035", axes: ["Y", "X"], registered: Some("EuropeanETRS89_LAEAQuad"), scale_set: None,
            origin: (2_000_000.0, 5_500_000.0), zooms: (0, 15), grid: rounded(4_500_000.0 / 256.0, Rounding::Decimals(10)),
        },
        "GNOSISGlobalGrid" => Entry {
            title: "GNOSIS Global Grid", crs: "EPSG:4326", axes: ["Lat", "Lon"], registered: Some("GNOSISGlobalGrid"), scale_set: GOOGLE_CRS84,
            origin: (-180.0, 90.0), zooms: (0, 28), grid: Grid::Gnosis,
        },
        "LINZAntarticaMapTilegrid" => Entry {
            title: "LINZ Antarctic Map Tile Grid (Ross Sea Region)", crs: "EPSG:5482", axes: ["Y", "X"], registered: None, scale_set: None,
            origin: (-918_457.73, 6_918_457.73), zooms: (0, 13),
            grid: Grid::Covering { scale: |step| 409_600_000.0 / 2_f64.powi(step), pixel: STANDARD_PIXEL, area: (11_836_915.46, 11_836_915.46) },
        },
        "NZTM2000Quad" => Entry {
            title: "LINZ NZTM2000Quad Map Tile Grid", crs: "EPSG:2193", axes: ["Y", "X"], registered: None, scale_set: None,
            origin: (-3_260_586.728_4, 10_438_190.165_2), zooms: (0, 21),
            grid: Grid::Halved { cell: 139_770_566.007_179 * STANDARD_PIXEL, scale: 139_770_566.007_179, tiles: (1, 1), rounding: Rounding::None },
        },
        "UPSAntarcticWGS84Quad" => Entry {
            title: "Universal Polar Stereographic WGS 84 Quad for Antarctic", crs: "EPSG:5042", axes: ["E", "N"], registered: Some("UPSAntarcticWGS84Quad"), scale_set: None,
            origin: (-14_440_759.350_252, 18_440_759.350_252), zooms: (0, 24), grid: rounded(32_881_518.700_504 / 256.0, Rounding::TenDigits),
        },
        "UPSArcticWGS84Quad" => Entry {
            title: "Universal Polar Stereographic WGS 84 Quad for Arctic", crs: "EPSG:5041", registered: Some("UPSArcticWGS84Quad"),
            ..entry("UPSAntarcticWGS84Quad")?
        },
        "UTM31WGS84Quad" => Entry {
            title: "Universal Transverse Mercator Zone 31 WGS84 Quad", crs: "EPSG:32631", axes: ["E", "N"], registered: Some("UTM31WGS84Quad"), scale_set: None,
            origin: (-9_501_965.729_312_76, 20_003_931.458_625_5), zooms: (1, 24),
            grid: Grid::Halved { cell: MERIDIAN / 256.0, scale: MERIDIAN / 256.0 / STANDARD_PIXEL, tiles: (1, 2), rounding: Rounding::None },
        },
        "WGS1984Quad" => Entry {
            title: "EPSG:4326 for the World", crs: "EPSG:4326", axes: ["Lat", "Lon"], ..entry("WorldCRS84Quad")?
        },
        "WebMercatorQuad" => Entry {
            title: "Google Maps Compatible for the World", crs: "EPSG:3857", axes: ["X", "Y"], registered: Some("WebMercatorQuad"), scale_set: Some("GoogleMapsCompatible"),
            origin: (-HALF_GIRTH, HALF_GIRTH), zooms: (0, 24), grid: quad(2.0 * HALF_GIRTH / 256.0),
        },
        "WorldCRS84Quad" => Entry {
            title: "CRS84 for the World", crs: "OGC:CRS84", axes: ["Lon", "Lat"], registered: Some("WorldCRS84Quad"), scale_set: GOOGLE_CRS84,
            origin: (-180.0, 90.0), zooms: (0, 23), grid: geographic(180.0 / 256.0, 180.0 / 256.0 * DEGREE / STANDARD_PIXEL, (2, 1)),
        },
        "WorldMercatorWGS84Quad" => Entry {
            title: "World Mercator WGS84 (ellipsoid)", crs: "EPSG:3395", axes: ["E", "N"], registered: Some("WorldMercatorWGS84Quad"), scale_set: Some("WorldMercatorWGS84"),
            origin: (-20_037_508.342_789_2, 20_037_508.342_789_2), zooms: (0, 24), grid: quad(2.0 * HALF_GIRTH / 256.0),
        },
        _ => return None,
    })
}

impl TileMatrixSet {
    /// One of [`NAMES`].
    ///
    /// # Errors
    /// [`Error::UnknownTileMatrixSet`] for any other name.
    pub fn named(name: &str) -> Result<TileMatrixSet> {
        let entry = entry(name).ok_or_else(|| Error::UnknownTileMatrixSet(name.to_string()))?;
        let register = |kind: &str, name: &str| format!("http://www.opengis.net/def/{kind}/OGC/1.0/{name}");
        let about = About {
            id: Some(name.to_string()),
            title: Some(entry.title.to_string()),
            uri: entry.registered.map(|name| register("tilematrixset", name)),
            well_known_scale_set: entry.scale_set.map(|name| register("wkss", name)),
            ordered_axes: Some(entry.axes.map(str::to_string)),
            ..About::default()
        };
        let (first, last) = entry.zooms;
        let matrices = (first..=last).map(|zoom| {
            let cells = entry.grid.cells(zoom, zoom - first);
            TileMatrix {
                zoom,
                id: zoom.to_string(),
                scale_denominator: cells.scale,
                cell_size: cells.size,
                corner: Corner::TopLeft,
                origin: entry.origin,
                tile_width: cells.tile,
                tile_height: cells.tile,
                matrix_width: cells.tiles.0,
                matrix_height: cells.tiles.1,
                variable_widths: cells.widths,
            }
        });
        TileMatrixSet::new(about, entry.crs.parse::<Crs>()?, matrices.collect())
    }
}

/// What differs from zoom to zoom.
struct Cells {
    size: f64,
    scale: f64,
    tile: u32,
    tiles: (u64, u64),
    widths: Vec<VariableWidth>,
}

impl Grid {
    /// Of a zoom that is so many steps behind the first.
    fn cells(self, zoom: i32, step: i32) -> Cells {
        let doubled = |count: u64, times: i32| count << times.clamp(0, 40);
        match self {
            Grid::Halved { cell, scale, tiles, rounding } => Cells {
                size: rounding.of(cell / 2_f64.powi(step)),
                scale: rounding.of_scale(scale / 2_f64.powi(step)),
                tile: TILE,
                tiles: (doubled(tiles.0, step), doubled(tiles.1, step)),
                widths: Vec::new(),
            },
            Grid::Covering { scale, pixel, area } => {
                let scale = scale(step);
                let size = scale * pixel;
                let tiles = |extent: f64| super::matrix::floor((extent / (f64::from(TILE) * size)).ceil());
                Cells { size, scale, tile: TILE, tiles: (tiles(area.0), tiles(area.1)), widths: Vec::new() }
            }
            Grid::Cdb => {
                let per_degree = doubled(1, zoom);
                Cells {
                    size: Rounding::Decimals(13).of(1.0 / 2_f64.powi(step)),
                    scale: Rounding::Decimals(13).of(DEGREE / STANDARD_PIXEL / 2_f64.powi(step)),
                    tile: 1 << step.min(10),
                    tiles: (360 * per_degree, 180 * per_degree),
                    widths: cdb_widths(per_degree),
                }
            }
            Grid::Gnosis => {
                let cell = 90.0 / 256.0;
                // As the register has it: a fourth of the scale of its Mercator sets.
                let scale = 2.0 * HALF_GIRTH / 256.0 / STANDARD_PIXEL / 4.0;
                Cells {
                    size: Rounding::Decimals(13).of(cell / 2_f64.powi(step)),
                    scale: Rounding::Decimals(13).of(scale / 2_f64.powi(step)),
                    tile: TILE,
                    tiles: (doubled(4, step), doubled(2, step)),
                    widths: gnosis_widths(step),
                }
            }
        }
    }
}

impl Rounding {
    fn of(self, value: f64) -> f64 {
        let decimals = match self {
            Rounding::None => return value,
            Rounding::Decimals(decimals) => decimals,
            Rounding::TenDigits => {
                let digits = format!("{value:.0}").len();
                if value < 1.0 { 9 } else { 10_usize.saturating_sub(digits) }
            }
        };
        format!("{value:.decimals$}").parse().unwrap_or(value)
    }

    fn of_scale(self, value: f64) -> f64 {
        match self {
            Rounding::TenDigits => self.of(value),
            _ => value,
        }
    }
}

/// CDB's zones of latitude: degrees from the pole, and how many tiles are one.
fn cdb_widths(per_degree: u64) -> Vec<VariableWidth> {
    let zones = [(0, 1, 12), (1, 10, 6), (10, 15, 4), (15, 20, 3), (20, 40, 2)];
    let width = |(from, to): (u64, u64), coalesce| VariableWidth {
        coalesce,
        min_row: from * per_degree,
        max_row: to * per_degree - 1,
    };
    let north = zones.iter().map(|(from, to, coalesce)| width((*from, *to), *coalesce));
    let south = zones.iter().rev().map(|(from, to, coalesce)| width((180 - to, 180 - from), *coalesce));
    north.chain(south).collect()
}

/// The row at a pole is four tiles, and as the distance in rows doubles so do the tiles.
fn gnosis_widths(step: i32) -> Vec<VariableWidth> {
    let rows = 2_u64 << step.clamp(0, 40);
    let mut north = Vec::new();
    let (mut row, mut coalesce) = (0, rows / 2);
    while coalesce > 1 {
        // Rows 0, 1, 2 to 3, 4 to 7, …
        let next = if row == 0 { 1 } else { row * 2 };
        north.push(VariableWidth { coalesce, min_row: row, max_row: next - 1 });
        (row, coalesce) = (next, coalesce / 2);
    }
    let south = north.iter().rev().map(|width| VariableWidth {
        min_row: rows - 1 - width.max_row,
        max_row: rows - 1 - width.min_row,
        ..*width
    });
    let south: Vec<VariableWidth> = south.collect();
    north.into_iter().chain(south).collect()
}
