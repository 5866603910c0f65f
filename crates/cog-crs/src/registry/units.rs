//! Units.

use super::aliases::{Aliased, aliases};
use super::table::{self, Section, identifier};
use crate::model::{Unit, UnitKind, same_name};

pub(super) fn unit(row: u32) -> Unit {
    let record = table::record(Section::Units, row);
    let kind = match record.u8(16) {
        0 => UnitKind::Length,
        1 => UnitKind::Angle,
        2 => UnitKind::Scale,
        _ => UnitKind::Time,
    };
    // "degree (supplier to define representation)" is EPSG's remark, no name.
    let name = if (record.u8(17), record.u32(8)) == (0, 9122) { "degree" } else { record.text(12) };
    Unit { kind, name: name.into(), factor: record.f64(0), id: Some(identifier(record.u8(17), record.u32(8))) }
}

/// A unit by its EPSG code. Notations such as degrees, minutes and seconds have the size of a degree.
pub(crate) fn unit_by_code(code: u32) -> Option<Unit> {
    let row = table::find(Section::Units, (17, 8), "EPSG", &code.to_string())?;
    Some(unit(row)).filter(|u| u.factor > 0.0)
}

/// A unit by its name or ESRI's.
pub(crate) fn unit_by_name(name: &str, kind: UnitKind) -> Option<Unit> {
    let rows = 0..table::count(Section::Units);
    let named = rows.map(unit).find(|u| u.kind == kind && same_name(&u.name, name));
    named.or_else(|| aliases(Aliased::Unit, name).map(unit).find(|u| u.kind == kind)).filter(|u| u.factor > 0.0)
}
