//! Ellipsoids, prime meridians, datums.

use super::aliases::{Aliased, aliases};
use super::table::{self, Record, SEMI_MINOR, SPHERE, Section, identifier, some_number, some_text};
use super::units::unit;
use crate::model::{
    Datum, Ellipsoid, Ensemble, Identifier, Member, PrimeMeridian, Shape, Text, VerticalDatum, canonical, name_hash,
    same_name, same_number,
};

fn ellipsoid(row: u32) -> Ellipsoid {
    let record = table::record(Section::Ellipsoids, row);
    let shape = match record.u8(31) {
        flags if flags & SPHERE != 0 => Shape::Sphere,
        flags if flags & SEMI_MINOR != 0 => Shape::SemiMinor(record.f64(8)),
        _ => Shape::InverseFlattening(record.f64(8)),
    };
    Ellipsoid {
        name: record.text(20).into(),
        semi_major: record.f64(0),
        shape,
        unit: unit(u32::from(record.u16(28))),
        id: Some(identifier(record.u8(30), record.u32(16))),
    }
}

pub(crate) fn ellipsoid_by_code(code: u32) -> Option<Ellipsoid> {
    table::find(Section::Ellipsoids, (30, 16), "EPSG", &code.to_string()).map(ellipsoid)
}

/// An ellipsoid by its name or ESRI's.
pub(crate) fn ellipsoid_by_name(name: &str) -> Option<Ellipsoid> {
    let hash = name_hash(name);
    let named = (0..table::count(Section::Ellipsoids)).find(|row| {
        let record = table::record(Section::Ellipsoids, *row);
        record.u32(24) == hash && same_name(record.text(20), name)
    });
    named.or_else(|| aliases(Aliased::Ellipsoid, name).next()).map(ellipsoid)
}

/// The first ellipsoid of EPSG with these axes.
pub(crate) fn ellipsoid_by_size(semi_major: f64, inverse_flattening: f64) -> Option<Ellipsoid> {
    (0..table::count(Section::Ellipsoids))
        .map(ellipsoid)
        .take_while(|e| e.id.as_ref().is_some_and(|i| i.authority == "EPSG"))
        .find(|e| {
            (e.semi_major_metres() - semi_major).abs() < 1e-10 * semi_major
                && (e.inverse_flattening() - inverse_flattening).abs() < 1e-10 * e.inverse_flattening()
        })
}

fn prime_meridian(row: u32) -> PrimeMeridian {
    let record = table::record(Section::PrimeMeridians, row);
    PrimeMeridian {
        name: record.text(12).into(),
        longitude: record.f64(0),
        unit: unit(u32::from(record.u16(20))),
        id: Some(identifier(record.u8(22), record.u32(8))),
    }
}

pub(crate) fn prime_meridian_by_code(code: u32) -> Option<PrimeMeridian> {
    table::find(Section::PrimeMeridians, (22, 8), "EPSG", &code.to_string()).map(prime_meridian)
}

pub(crate) fn prime_meridian_by_name(name: &str) -> Option<PrimeMeridian> {
    (0..table::count(Section::PrimeMeridians)).map(prime_meridian).find(|p| same_name(&p.name, name))
}

fn ensemble(record: Record, section: Section) -> Option<Ensemble> {
    let accuracy = some_text(record.text(28))?;
    let first = record.u32(36);
    let members = (first..first.saturating_add(u32::from(record.u16(40)))).map(|row| {
        let member = table::record(section, table::record(Section::Members, row).u32(0));
        Member { name: member.text(20).into(), id: Some(identifier(member.u8(44), member.u32(16))) }
    });
    Some(Ensemble { members: members.collect(), accuracy })
}

pub(super) fn datum_at(row: u32) -> Datum {
    let record = table::record(Section::GeodeticDatums, row);
    Datum {
        name: record.text(20).into(),
        ellipsoid: ellipsoid(u32::from(record.u16(42))),
        prime_meridian: prime_meridian(u32::from(record.u16(46))),
        ensemble: ensemble(record, Section::GeodeticDatums),
        frame_epoch: some_number(record.f64(0)),
        anchor: some_text(record.text(32)),
        anchor_epoch: some_number(record.f64(8)),
        id: Some(identifier(record.u8(44), record.u32(16))),
    }
}

pub(crate) fn datum_by_code(code: u32) -> Option<Datum> {
    table::find(Section::GeodeticDatums, (44, 16), "EPSG", &code.to_string()).map(datum_at)
}

/// A geodetic datum by its name or ESRI's, with or without the "D_" that ESRI puts before it.
pub(crate) fn datum_by_name(name: &str) -> Option<Datum> {
    let find = |name: &str| {
        let hash = name_hash(name);
        let named = (0..table::count(Section::GeodeticDatums)).find(|row| {
            let record = table::record(Section::GeodeticDatums, *row);
            record.u32(24) == hash && same_name(record.text(20), name)
        });
        named.or_else(|| aliases(Aliased::GeodeticDatum, name).next()).map(datum_at)
    };
    find(name).or_else(|| find(name.strip_prefix("D_")?))
}

pub(super) fn vertical_datum_at(row: u32) -> VerticalDatum {
    let record = table::record(Section::VerticalDatums, row);
    VerticalDatum {
        name: record.text(20).into(),
        ensemble: ensemble(record, Section::VerticalDatums),
        frame_epoch: some_number(record.f64(0)),
        anchor: some_text(record.text(32)),
        anchor_epoch: some_number(record.f64(8)),
        id: Some(identifier(record.u8(44), record.u32(16))),
    }
}

pub(crate) fn vertical_datum_by_code(code: u32) -> Option<VerticalDatum> {
    table::find(Section::VerticalDatums, (44, 16), "EPSG", &code.to_string()).map(vertical_datum_at)
}

/// WGS_1984, D_WGS_1984 and "World Geodetic System 1984" are one datum: the registry's spelling of a name that it knows.
pub(crate) fn spelled_datum(name: &str, ellipsoid: &Ellipsoid, id: Option<Identifier>) -> (Text, Option<Identifier>) {
    const WGS84: [&str; 4] = ["wgs1984", "wgs84", "worldgeodeticsystem1984", "dwgs1984"];
    let spelled: String = canonical(name).collect();
    let known = if WGS84.contains(&spelled.as_str()) { datum_by_code(6326) } else { datum_by_name(name) };
    // A name for another shape is another datum.
    let known = known.filter(|d| {
        same_number(d.ellipsoid.semi_major_metres(), ellipsoid.semi_major_metres())
            && (d.ellipsoid.semi_minor_metres() - ellipsoid.semi_minor_metres()).abs() < 0.01
    });
    match known {
        Some(known) => {
            let name = known.name.strip_suffix(" ensemble").map_or(known.name.clone(), |name| name.to_string().into());
            (name, id.or(known.id))
        }
        None => (name.to_string().into(), id),
    }
}
