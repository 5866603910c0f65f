//! Coordinate systems and their axes.

use super::table::{self, NONE, Section};
use super::units::unit;
use crate::model::{Axis, CoordinateSystem, CsKind, Direction, Unit};

pub(super) fn system(row: u32) -> CoordinateSystem {
    let record = table::record(Section::Systems, row);
    let kind = match record.u8(7) {
        0 => CsKind::Ellipsoidal,
        1 => CsKind::Cartesian,
        2 => CsKind::Vertical,
        3 => CsKind::Spherical,
        _ => CsKind::Ordinal,
    };
    let first = u32::from(record.u16(4));
    CoordinateSystem { kind, axes: (first..first + u32::from(record.u8(6))).map(axis).collect() }
}

fn axis(row: u32) -> Axis {
    let record = table::record(Section::Axes, row);
    let (direction, meridian) = direction(record.text(8));
    let by = record.u32(12);
    Axis {
        name: record.text(0).into(),
        abbreviation: record.text(4).into(),
        direction,
        meridian: meridian.map(|degrees| (degrees, Unit::DEGREE)),
        unit: (by != NONE).then(|| unit(by)),
    }
}

/// "North along 160°E" is an axis at a pole.
fn direction(words: &str) -> (Direction, Option<f64>) {
    if let Some((way, along)) = words.split_once(" along ") {
        let (number, side) = along.split_once('°').unwrap_or((along, ""));
        if let Ok(degrees) = number.parse::<f64>() {
            return (Direction::of(way), Some(if side == "W" { -degrees } else { degrees }));
        }
    }
    (Direction::of(words), None)
}
