//! Registered systems by code and by name.
//!
//! Everything that knows of `registry.bin` is in this module; where its content comes from and under which terms stands
//! in `EPSG-TERMS.md` beside it.

mod aliases;
mod conversions;
mod datums;
mod definition;
mod systems;
mod table;
mod units;

use crate::model::{Identifier, name_hash, same_name};
use aliases::{Aliased, aliases};
pub(crate) use conversions::conversion_by_code;
pub(crate) use datums::{
    datum_by_code, datum_by_name, ellipsoid_by_code, ellipsoid_by_name, ellipsoid_by_size, prime_meridian_by_code,
    prime_meridian_by_name, spelled_datum, vertical_datum_by_code,
};
#[cfg(test)]
pub(crate) use table::is_whole;
use table::{DEPRECATED, Record, Section, TEXT_DEFINITION, identifier};
use units::unit;
pub(crate) use units::{unit_by_code, unit_by_name};

/// What kind a registered CRS is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Geographic2d,
    Geographic3d,
    Geocentric,
    Projected,
    Vertical,
    Compound,
    Engineering,
}

/// A row of the registry's CRSs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row(u32);

/// Where the registry comes from, for people: versions of what it is derived from.
pub(crate) fn version() -> &'static str {
    table::record(Section::Version, 0).text(0)
}

/// Every row, in order of authority and code.
pub(crate) fn rows() -> impl Iterator<Item = Row> {
    (0..table::count(Section::Crs)).map(Row)
}

/// The CRS of an authority's code; the authority in any case.
pub(crate) fn find(authority: &str, code: &str) -> Option<Row> {
    table::find(Section::Crs, (29, 0), authority, code).map(Row)
}

pub(crate) fn epsg(code: u32) -> Option<Row> {
    find("EPSG", &code.to_string())
}

/// Rows whose name, or ESRI's name for them, is this one up to case and punctuation. Valid ones before deprecated ones,
/// EPSG's before those of others.
pub(crate) fn named(name: &str) -> Vec<Row> {
    let hash = name_hash(name);
    let mut found: Vec<Row> = rows().filter(|r| r.hash() == hash && same_name(r.name(), name)).collect();
    found.extend(aliases(Aliased::Crs, name).map(Row).filter(|r| !found.contains(r)).collect::<Vec<_>>());
    found.sort_by_key(|row| row.is_deprecated());
    found
}

impl Row {
    fn record(self) -> Record {
        table::record(Section::Crs, self.0)
    }

    fn hash(self) -> u32 {
        self.record().u32(8)
    }

    pub(crate) fn name(self) -> &'static str {
        self.record().text(4)
    }

    pub(crate) fn is_deprecated(self) -> bool {
        self.record().u8(30) & DEPRECATED != 0
    }

    pub(crate) fn is_epsg(self) -> bool {
        self.record().u8(29) == 0
    }

    pub(crate) fn id(self) -> Identifier {
        identifier(self.record().u8(29), self.record().u32(0))
    }

    pub(crate) fn kind(self) -> Kind {
        match self.record().u8(28) {
            0 => Kind::Geographic2d,
            1 => Kind::Geographic3d,
            2 => Kind::Geocentric,
            3 => Kind::Projected,
            4 => Kind::Vertical,
            5 => Kind::Compound,
            _ => Kind::Engineering,
        }
    }

    /// A definition that the registry holds as WKT of ESRI only.
    pub(crate) fn text_definition(self) -> Option<&'static str> {
        (self.record().u8(30) & TEXT_DEFINITION != 0).then(|| self.record().text(16))
    }

    /// Of a projected CRS with parameters: its base CRS and its method's EPSG code, without building it.
    pub(crate) fn projection(self) -> Option<(Row, Option<u32>)> {
        if self.kind() != Kind::Projected || self.text_definition().is_some() {
            return None;
        }
        let conversion = table::record(Section::Conversions, self.record().u32(20));
        let method = table::record(Section::Methods, u32::from(conversion.u16(12)));
        let code = (method.u8(8) == 0).then_some(method.u32(0));
        Some((Row(self.record().u32(16)), code))
    }

    /// Of a projected CRS with parameters: one of them in metres, radians or ones, without building it.
    pub(crate) fn parameter(self, epsg: u32) -> Option<f64> {
        let conversion = table::record(Section::Conversions, self.record().u32(20));
        let first = conversion.u32(8);
        (first..first + u32::from(conversion.u8(14))).find_map(|row| {
            let value = table::record(Section::Values, row);
            let parameter = table::record(Section::Parameters, u32::from(value.u16(8)));
            let factor = table::record(Section::Units, u32::from(value.u16(10))).f64(0);
            (parameter.u8(8) == 0 && parameter.u32(0) == epsg).then(|| value.f64(0) * factor)
        })
    }

    /// Of a geodetic CRS: a in metres and the inverse flattening (or b where that defines it), without building it.
    pub(crate) fn semi_major(self) -> f64 {
        let datum = table::record(Section::GeodeticDatums, self.record().u32(16));
        let ellipsoid = table::record(Section::Ellipsoids, u32::from(datum.u16(42)));
        ellipsoid.f64(0) * unit(u32::from(ellipsoid.u16(28))).factor
    }

    /// Of a compound CRS: its parts.
    pub(crate) fn parts(self) -> Option<(Row, Row)> {
        (self.kind() == Kind::Compound).then(|| (Row(self.record().u32(16)), Row(self.record().u32(20))))
    }
}
