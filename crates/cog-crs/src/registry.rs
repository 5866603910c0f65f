//! Registered systems by code and by name.
//!
//! Everything that knows of `registry.bin` is in this module; where its content comes from and under which terms stands
//! in `EPSG-TERMS.md` beside it.

mod table;

use crate::model::{
    Axis, Body, Code, Compound, Conversion, CoordinateSystem, CsKind, Datum, Direction, Ellipsoid, Engineering,
    Ensemble, Geodetic, Identifier, Member, Method, Parameter, ParameterValue, PrimeMeridian, Projected, Shape, Text,
    Unit, UnitKind, Usage, Vertical, VerticalDatum, name_hash, same_name,
};
use table::{AUTHORITIES, DEPRECATED, NONE, Record, SEMI_MINOR, SPHERE, Section, TEXT_CODE, TEXT_DEFINITION};

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

/// What an alias names: numbers of the generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aliased {
    Unit = 0,
    Ellipsoid = 1,
    GeodeticDatum = 3,
    Crs = 5,
}

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
    fn text_definition(self) -> Option<&'static str> {
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

    /// The whole definition; none if it is text that cannot be read.
    pub(crate) fn body(self) -> Option<Body> {
        let record = self.record();
        Some(match self.kind() {
            Kind::Geographic2d | Kind::Geographic3d | Kind::Geocentric => Body::Geodetic(Box::new(self.geodetic())),
            Kind::Projected => match self.text_definition() {
                Some(text) => {
                    let mut body = crate::text::wkt1::registered(text)?;
                    if let Body::Projected(crs) = &mut body {
                        crs.usages = usages(record);
                        crs.name = self.name().into();
                        crs.conversion.name = self.name().into();
                    }
                    body.set_id(Some(self.id()));
                    body
                }
                None => Body::Projected(Box::new(Projected {
                    name: self.name().into(),
                    base: Row(record.u32(16)).geodetic(),
                    conversion: self.conversion(),
                    cs: system(record.u32(12)),
                    usages: usages(record),
                    id: Some(self.id()),
                })),
            },
            Kind::Vertical => Body::Vertical(Box::new(Vertical {
                name: self.name().into(),
                datum: vertical_datum_at(record.u32(16)),
                cs: system(record.u32(12)),
                usages: usages(record),
                id: Some(self.id()),
            })),
            Kind::Compound => Body::Compound(Box::new(Compound {
                name: self.name().into(),
                horizontal: Row(record.u32(16)).body()?,
                vertical: Row(record.u32(20)).body()?,
                usages: usages(record),
                id: Some(self.id()),
            })),
            Kind::Engineering => {
                let datum = table::record(Section::EngineeringDatums, record.u32(16));
                Body::Engineering(Box::new(Engineering {
                    name: self.name().into(),
                    datum: datum.text(20).into(),
                    datum_id: Some(identifier(datum.u8(44), datum.u32(16))),
                    anchor: some_text(datum.text(32)),
                    cs: system(record.u32(12)),
                    usages: usages(record),
                    id: Some(self.id()),
                }))
            }
        })
    }

    /// A conversion without a name of its own has that of its CRS.
    fn conversion(self) -> Conversion {
        let found = conversion(self.record().u32(20));
        if found.name == "unnamed" { Conversion { name: self.name().into(), ..found } } else { found }
    }

    fn geodetic(self) -> Geodetic {
        let record = self.record();
        Geodetic {
            name: self.name().into(),
            datum: datum_at(record.u32(16)),
            cs: system(record.u32(12)),
            usages: usages(record),
            id: Some(self.id()),
        }
    }
}

fn identifier(authority: u8, code: u32) -> Identifier {
    let code = match code & TEXT_CODE {
        0 => Code::Number(code),
        _ => Code::Text(table::string(code & !TEXT_CODE).into()),
    };
    Identifier { authority: AUTHORITIES.get(usize::from(authority)).copied().unwrap_or("").into(), code }
}

fn some_text(text: &'static str) -> Option<Text> {
    (!text.is_empty()).then_some(Text::Borrowed(text))
}

fn some_number(number: f64) -> Option<f64> {
    (!number.is_nan()).then_some(number)
}

fn unit(row: u32) -> Unit {
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

fn datum_at(row: u32) -> Datum {
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

fn vertical_datum_at(row: u32) -> VerticalDatum {
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

fn system(row: u32) -> CoordinateSystem {
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

fn conversion(row: u32) -> Conversion {
    let record = table::record(Section::Conversions, row);
    let method = table::record(Section::Methods, u32::from(record.u16(12)));
    let first = record.u32(8);
    let parameters = (first..first + u32::from(record.u8(14))).map(|row| {
        let value = table::record(Section::Values, row);
        let parameter = table::record(Section::Parameters, u32::from(value.u16(8)));
        Parameter {
            name: parameter.text(4).into(),
            value: ParameterValue::Number(value.f64(0), unit(u32::from(value.u16(10)))),
            id: Some(identifier(parameter.u8(8), parameter.u32(0))),
        }
    });
    Conversion {
        name: record.text(4).into(),
        parameters: parameters.collect(),
        method: Method { name: method.text(4).into(), id: Some(identifier(method.u8(8), method.u32(0))) },
        id: Some(identifier(record.u8(15), record.u32(0))),
    }
}

/// A map projection by its EPSG code: 16033 is UTM zone 33N.
pub(crate) fn conversion_by_code(code: u32) -> Option<Conversion> {
    table::find(Section::Conversions, (15, 0), "EPSG", &code.to_string()).map(conversion)
}

fn usages(record: Record) -> Vec<Usage> {
    let first = record.u32(24);
    // The count stands in one byte after the kind's; two at most.
    (first..first + u32::from(record.u8(31)))
        .map(|row| {
            let usage = table::record(Section::Usages, row);
            let extent = table::record(Section::Extents, u32::from(usage.u16(0)));
            let bbox = [extent.f64(0), extent.f64(8), extent.f64(16), extent.f64(24)];
            Usage {
                scope: table::record(Section::Scopes, u32::from(usage.u16(2))).text(0).into(),
                area: extent.text(32).into(),
                bbox: bbox.iter().all(|n| !n.is_nan()).then_some(bbox),
            }
        })
        .collect()
}

fn aliases(kind: Aliased, name: &str) -> impl Iterator<Item = u32> {
    let hash = name_hash(name);
    let key = |row: u32| {
        let record = table::record(Section::Aliases, row);
        (record.u8(12), record.u32(0))
    };
    let wanted = (kind as u8, hash);
    let (mut low, mut high) = (0, table::count(Section::Aliases));
    while low < high {
        let middle = low + (high - low) / 2;
        if key(middle) < wanted { low = middle + 1 } else { high = middle }
    }
    let name = name.to_string();
    (low..table::count(Section::Aliases)).take_while(move |row| key(*row) == wanted).filter_map(move |row| {
        let record = table::record(Section::Aliases, row);
        same_name(record.text(8), &name).then(|| record.u32(4))
    })
}

#[cfg(test)]
mod tests {
    use super::{rows, table, version};

    #[test]
    fn every_row_of_the_file_can_be_built() {
        assert!(table::is_whole());
        assert!(version().starts_with("PROJ.VERSION 9.7.1; EPSG.VERSION v12.029"));
        let mut seen = 0;
        for row in rows() {
            let body = row.body().unwrap_or_else(|| panic!("{}", row.id()));
            assert_eq!((body.name(), body.id()), (row.name(), Some(&row.id())));
            assert!(!body.name().is_empty() && !body.cs().axes.is_empty(), "{}", row.id());
            seen += 1;
        }
        // select count(*) from crs_view, less the two of NKG.
        assert_eq!(seen, 13_718);
    }
}
