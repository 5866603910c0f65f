//! From one datum to another by registered operations.
//!
//! Those from and to WGS 84 are looked up in a table that ships with the crate; reading it takes microseconds. The engine, whose
//! registry takes milliseconds to open, is asked for all others. The table is the engine's answer, written down by a test.

mod table;

use super::batch::each;
use super::by_proj_core;
use super::geocentric::Shift;
use table::Pair;

/// The operations between two datums, of which each point takes the best one that is meant for its place.
#[derive(Debug)]
pub(super) enum Operations {
    Recorded(Recorded),
    Engine(Box<by_proj_core::Operations>),
    /// No operation leads there directly.
    ByWay(Box<by_proj_core::ByWay>),
}

/// What the table says of a pair.
#[derive(Debug)]
pub(super) struct Recorded {
    /// Where the area of none holds the point.
    elsewhere: Shift,
    local: Vec<(Area, Shift)>,
    name: &'static str,
    accuracy: Option<f64>,
}

/// Degrees; west is greater than east where it crosses the antimeridian.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Area {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

impl Area {
    fn holds(&self, longitude: f64, latitude: f64) -> bool {
        let width = if self.east >= self.west { self.east - self.west } else { self.east + 360.0 - self.west };
        (longitude - self.west).rem_euclid(360.0) <= width && (self.south..=self.north).contains(&latitude)
    }
}

impl Recorded {
    fn shifts_nothing(&self) -> bool {
        self.elsewhere.is_nothing() && self.local.iter().all(|(_, shift)| shift.is_nothing())
    }

    fn convert(&self, longitude: f64, latitude: f64) -> (f64, f64) {
        let here = self.local.iter().find(|(area, _)| area.holds(longitude, latitude));
        here.map_or(&self.elsewhere, |(_, shift)| shift).convert(longitude, latitude)
    }
}

impl Operations {
    /// Between geographic CRSs by their EPSG codes; the text of an error is for people.
    pub(super) fn between(from: u32, to: u32) -> Result<Operations, String> {
        let problem = match table::find(from, to) {
            Some(Pair::Recorded(recorded)) => return Ok(Operations::Recorded(recorded)),
            Some(Pair::Unknown) => "no operation that needs no grid is registered".to_string(),
            Some(Pair::ByEngine) | None => match by_proj_core::Operations::between(from, to) {
                Ok(found) => return Ok(Operations::Engine(Box::new(found))),
                Err(problem) => problem,
            },
        };
        by_proj_core::ByWay::between(from, to).map(|found| Operations::ByWay(Box::new(found))).ok_or(problem)
    }

    /// Degrees in place; NaN where there is no way.
    pub(super) fn convert(&self, longitudes: &mut [f64], latitudes: &mut [f64]) {
        match self {
            Operations::Recorded(recorded) if recorded.shifts_nothing() => {}
            Operations::Recorded(recorded) => each(longitudes, latitudes, |x, y| Some(recorded.convert(x, y))),
            Operations::Engine(operations) => each(longitudes, latitudes, |x, y| operations.convert(x, y)),
            Operations::ByWay(pairs) => each(longitudes, latitudes, |x, y| pairs.convert(x, y)),
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Operations::Recorded(recorded) => recorded.name,
            Operations::Engine(operations) => operations.name(),
            Operations::ByWay(pairs) => pairs.name(),
        }
    }

    pub(super) fn accuracy(&self) -> Option<f64> {
        match self {
            Operations::Recorded(recorded) => recorded.accuracy,
            Operations::Engine(operations) => operations.accuracy(),
            Operations::ByWay(pairs) => Some(pairs.accuracy()),
        }
    }
}

/// A two-dimensional geographic CRS that operations are known for, by its EPSG code.
pub(super) fn knows(epsg: u32) -> bool {
    epsg == table::WGS84 || table::find(epsg, table::WGS84).is_some()
}

#[cfg(test)]
mod tests {
    use super::table::{self, Pair};
    use super::{Area, by_proj_core};
    use crate::registry;

    #[test]
    fn the_table_is_what_the_engine_says() {
        let written = table::write();
        // Set to write it anew, after the engine has changed.
        if std::env::var_os("COG_CRS_WRITE_OPERATIONS").is_some() {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/transform/operations/operations.bin");
            std::fs::write(path, &written).unwrap();
        }
        assert!(written == table::BYTES, "operations.bin is not the engine's answer: write it anew");
    }

    #[test]
    fn points_go_where_the_engine_brings_them() {
        let mut compared = 0;
        for code in registry::rows().filter(|r| r.is_epsg()).filter_map(|r| r.id().epsg_code()) {
            for (from, to) in [(code, table::WGS84), (table::WGS84, code)] {
                let Some(Pair::Recorded(recorded)) = table::find(from, to) else { continue };
                let engine = by_proj_core::Operations::between(from, to).unwrap();
                let Area { west, south, east, north } = recorded
                    .local
                    .first()
                    .map_or(Area { west: -170.0, south: -80.0, east: 170.0, north: 80.0 }, |(area, _)| *area);
                assert_eq!((recorded.name, recorded.accuracy), (engine.name(), engine.accuracy()), "{from} to {to}");
                let east = if east < west { east + 360.0 } else { east };
                for (i, j) in [(0.1, 0.2), (0.5, 0.5), (0.9, 0.7), (-0.4, 0.5)] {
                    let x = west + i * (east - west);
                    let (x, y) = (if x > 180.0 { x - 360.0 } else { x }, south + j * (north - south));
                    let ours = recorded.convert(x, y);
                    let Some(theirs) = engine.convert(x, y) else { panic!("{from} to {to} at {x} {y}") };
                    let far = (ours.0 - theirs.0).abs().max((ours.1 - theirs.1).abs());
                    assert!(far < 1e-11, "{from} to {to} at {x} {y}: {ours:?} {theirs:?}");
                    compared += 1;
                }
            }
        }
        assert!(compared > 2000, "{compared} points");
    }

    #[test]
    fn an_area_may_cross_the_antimeridian() {
        let area = Area { west: 170.0, south: -20.0, east: -170.0, north: 0.0 };
        assert!(area.holds(175.0, -5.0) && area.holds(-175.0, -5.0) && area.holds(185.0, -5.0));
        assert!(!area.holds(165.0, -5.0) && !area.holds(175.0, 1.0));
    }
}
