//! WKT2 of 2015 and 2019 (ISO 19162), with the long and the short keywords.

use super::lexer::Node;
use super::words::{self, identifier, owned};
use crate::error::{Error, Result};
use crate::methods;
use crate::model::{
    Axis, Body, Bound, Compound, Conversion, CoordinateSystem, CsKind, Datum, Ellipsoid, Engineering, Ensemble,
    Geodetic, Identifier, Member, Method, Parameter, ParameterValue, PrimeMeridian, Projected, Shape, Text, Unit,
    UnitKind, Usage, Vertical, VerticalDatum,
};
use crate::registry;

const PROJECTED: [&str; 2] = ["PROJCRS", "PROJECTEDCRS"];
const GEODETIC: [&str; 4] = ["GEOGCRS", "GEOGRAPHICCRS", "GEODCRS", "GEODETICCRS"];
const VERTICAL: [&str; 2] = ["VERTCRS", "VERTICALCRS"];
const ENGINEERING: [&str; 2] = ["ENGCRS", "ENGINEERINGCRS"];
const UNITS: [(&str, UnitKind); 4] = [
    ("LENGTHUNIT", UnitKind::Length),
    ("ANGLEUNIT", UnitKind::Angle),
    ("SCALEUNIT", UnitKind::Scale),
    ("TIMEUNIT", UnitKind::Time),
];
const SCALE_DIFFERENCE: u32 = 8611;

pub(crate) fn read(node: &Node) -> Result<Body> {
    let derived = node.child(&["DERIVINGCONVERSION"]).is_some();
    if derived {
        return Err(Error::Unsupported(format!("a derived CRS ({})", node.keyword)));
    }
    if node.is(&PROJECTED) {
        projected(node)
    } else if node.is(&GEODETIC) {
        geodetic(node).map(|crs| Body::Geodetic(Box::new(crs)))
    } else if node.is(&VERTICAL) {
        vertical(node)
    } else if node.is(&ENGINEERING) {
        engineering(node)
    } else if node.is(&["COMPOUNDCRS"]) {
        compound(node)
    } else if node.is(&["BOUNDCRS"]) {
        bound(node)
    } else {
        Err(Error::Unsupported(format!("WKT {}", node.keyword)))
    }
}

fn is_crs(node: &Node) -> bool {
    node.is(&PROJECTED)
        || node.is(&GEODETIC)
        || node.is(&VERTICAL)
        || node.is(&ENGINEERING)
        || node.is(&["COMPOUNDCRS", "BOUNDCRS"])
}

fn id(node: &Node) -> Option<Identifier> {
    let node = node.child(&["ID", "AUTHORITY"])?;
    let (authority, code) = (node.value(0)?, node.value(1)?);
    // ID["IAU",1000,2015]: the year belongs to the planetary authority's name.
    match (authority, node.value(2)) {
        ("IAU", Some(year)) => identifier(Some(&format!("IAU_{year}")), Some(code)),
        _ => identifier(Some(authority), Some(code)),
    }
}

fn usages(node: &Node) -> Vec<Usage> {
    let of = |node: &Node| {
        let bbox = node.child(&["BBOX"]);
        let bbox =
            bbox.and_then(|b| Some([b.number(0).ok()?, b.number(1).ok()?, b.number(2).ok()?, b.number(3).ok()?]));
        let area = node.child(&["AREA"]).map_or(Text::Borrowed(""), |a| owned(a.name()));
        let scope = node.child(&["SCOPE"]).map_or(Text::Borrowed("unknown"), |s| owned(s.name()));
        Usage { scope, area, bbox }
    };
    let found: Vec<Usage> = node.nodes().filter(|n| n.is(&["USAGE"])).map(of).collect();
    // WKT2:2015 has them in the CRS itself.
    if found.is_empty() && node.child(&["AREA", "BBOX", "SCOPE"]).is_some() { vec![of(node)] } else { found }
}

fn unit_of(node: &Node) -> Result<Option<Unit>> {
    let found = node.nodes().find(|n| n.is(&["UNIT"]) || UNITS.iter().any(|(k, _)| n.is(&[k])));
    let Some(unit) = found else { return Ok(None) };
    let factor = match unit.value(1) {
        Some(_) => unit.number(1)?,
        None => 1.0,
    };
    if factor <= 0.0 {
        return Err(Error::value(&unit.keyword, factor, "not above 0"));
    }
    let named = UNITS.iter().find(|(k, _)| unit.is(&[k])).map(|(_, kind)| *kind);
    let kind = named.unwrap_or_else(|| {
        // UNIT says no kind: that of the registry's unit, else by its size.
        let angular = registry::unit_by_name(unit.name(), UnitKind::Angle).is_some();
        if angular { UnitKind::Angle } else { UnitKind::Length }
    });
    let id = id(unit).or_else(|| {
        registry::unit_by_name(unit.name(), kind)
            .filter(|u| crate::model::same_number(u.factor, factor))
            .and_then(|u| u.id)
    });
    Ok(Some(Unit { kind, name: owned(unit.name()), factor, id }))
}

fn cs(node: &Node) -> Result<CoordinateSystem> {
    let cs = node.need(&["CS"], "CS")?;
    let kind = words::cs_kind(cs.name())?;
    let common = unit_of(node)?;
    let mut axes = Vec::new();
    for axis in node.nodes().filter(|n| n.is(&["AXIS"])).take(4) {
        let order = axis.child(&["ORDER"]).and_then(|o| o.number(0).ok()).unwrap_or(f64::from(axes.len() as u32 + 1));
        let (name, abbreviation) = axis_name(axis.name());
        let meridian = match axis.child(&["MERIDIAN"]) {
            Some(m) => Some((m.number(0)?, unit_of(m)?.unwrap_or(Unit::DEGREE))),
            None => None,
        };
        let direction = words::direction(axis.value(1).unwrap_or("unspecified"))?;
        let unit = match unit_of(axis)? {
            None if kind == CsKind::Ordinal => None,
            None => {
                Some(common.clone().unwrap_or(if kind == CsKind::Ellipsoidal { Unit::DEGREE } else { Unit::METRE }))
            }
            own => own,
        };
        axes.push((order, Axis { name, abbreviation, direction, meridian, unit }));
    }
    axes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let axes: Vec<Axis> = axes.into_iter().map(|(_, axis)| axis).collect();
    let allowed = if kind == CsKind::Vertical { 1..=1 } else { 2..=3 };
    if !allowed.contains(&axes.len()) {
        return Err(Error::value("CS", axes.len(), "not its number of axes"));
    }
    Ok(CoordinateSystem { kind, axes })
}

/// "easting (X)" is the name Easting and the abbreviation X.
fn axis_name(text: &str) -> (Text, Text) {
    let (name, abbreviation) = match text
        .strip_suffix(')')
        .and_then(|t| t.strip_prefix('(').map(|a| ("", a)).or_else(|| t.split_once(" (")))
    {
        Some((name, abbreviation)) => (name.trim_end(), abbreviation),
        None => (text, ""),
    };
    let name = match (name, abbreviation) {
        ("", "E") => "Easting".to_string(),
        ("", "N") => "Northing".to_string(),
        ("", "X" | "Y" | "Z") => format!("Geocentric {abbreviation}"),
        _ => {
            let mut chars = name.chars();
            let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
            first + chars.as_str()
        }
    };
    (Text::Owned(name), owned(abbreviation))
}

fn geodetic(node: &Node) -> Result<Geodetic> {
    let cs = cs(node)?;
    Ok(Geodetic { name: owned(node.name()), datum: datum(node)?, cs, usages: usages(node), id: id(node) })
}

fn datum(node: &Node) -> Result<Datum> {
    let meridian = match node.child(&["PRIMEM", "PRIMEMERIDIAN"]) {
        Some(node) => {
            let unit = unit_of(node)?.unwrap_or(Unit::DEGREE);
            PrimeMeridian { name: owned(node.name()), longitude: node.number(1)?, unit, id: id(node) }
        }
        None => PrimeMeridian::greenwich(),
    };
    if let Some(ensemble) = node.child(&["ENSEMBLE"]) {
        let ellipsoid = ellipsoid(ensemble.need(&["ELLIPSOID", "SPHEROID"], "ELLIPSOID")?)?;
        let plain = Datum::plain(owned(ensemble.name()), ellipsoid, meridian, id(ensemble));
        return Ok(Datum { ensemble: Some(members(ensemble)?), ..plain });
    }
    let datum = node.need(&["DATUM", "GEODETICDATUM", "TRF"], "DATUM")?;
    Ok(Datum {
        name: owned(datum.name()),
        ellipsoid: ellipsoid(datum.need(&["ELLIPSOID", "SPHEROID"], "ELLIPSOID")?)?,
        prime_meridian: meridian,
        ensemble: None,
        frame_epoch: frame_epoch(node),
        anchor: datum.child(&["ANCHOR"]).map(|a| owned(a.name())),
        anchor_epoch: datum.child(&["ANCHOREPOCH"]).and_then(|a| a.number(0).ok()),
        id: id(datum),
    })
}

fn frame_epoch(node: &Node) -> Option<f64> {
    node.child(&["DYNAMIC"]).and_then(|d| d.child(&["FRAMEEPOCH"])).and_then(|e| e.number(0).ok())
}

fn members(ensemble: &Node) -> Result<Ensemble> {
    let members = ensemble.nodes().filter(|n| n.is(&["MEMBER"])).map(|m| Member { name: owned(m.name()), id: id(m) });
    let accuracy = ensemble.child(&["ENSEMBLEACCURACY"]).and_then(|a| a.value(0)).unwrap_or("0");
    Ok(Ensemble { members: members.collect(), accuracy: words::accuracy(accuracy)? })
}

fn ellipsoid(node: &Node) -> Result<Ellipsoid> {
    let (semi_major, inverse_flattening) = (node.number(1)?, node.number(2)?);
    let ellipsoid = Ellipsoid {
        name: owned(node.name()),
        semi_major,
        shape: if inverse_flattening == 0.0 { Shape::Sphere } else { Shape::InverseFlattening(inverse_flattening) },
        unit: unit_of(node)?.unwrap_or(Unit::METRE),
        id: id(node),
    };
    if ellipsoid.is_possible() {
        Ok(ellipsoid)
    } else {
        Err(Error::value("ELLIPSOID", format!("{semi_major}, {inverse_flattening}"), "no ellipsoid"))
    }
}

fn projected(node: &Node) -> Result<Body> {
    let base = node.need(&["BASEGEOGCRS", "BASEGEODCRS"], "BASEGEOGCRS")?;
    let geographic = Geodetic {
        name: owned(base.name()),
        datum: datum(base)?,
        cs: CoordinateSystem::geographic(unit_of(base)?.unwrap_or_else(|| base_unit(base))),
        usages: Vec::new(),
        id: id(base),
    };
    Ok(Body::Projected(Box::new(Projected {
        name: owned(node.name()),
        base: geographic,
        conversion: conversion(node.need(&["CONVERSION"], "CONVERSION")?, false)?,
        cs: cs(node)?,
        usages: usages(node),
        id: id(node),
    })))
}

/// Without a unit of its own a base has that of its prime meridian if it is not Greenwich, as French systems in grads do.
fn base_unit(base: &Node) -> Unit {
    let meridian = base.child(&["PRIMEM", "PRIMEMERIDIAN"]);
    let away = meridian.filter(|m| m.number(1).is_ok_and(|l| l != 0.0));
    away.and_then(|m| unit_of(m).ok().flatten()).unwrap_or(Unit::DEGREE)
}

fn conversion(node: &Node, abridged: bool) -> Result<Conversion> {
    let method = node.need(&["METHOD", "PROJECTION"], "METHOD")?;
    let mut method = Method { name: owned(method.name()), id: id(method) };
    let info = match &method.id {
        Some(id) => id.epsg_code().and_then(methods::by_code),
        None => methods::by_name(&method.name),
    };
    if let (None, Some(info)) = (&method.id, info) {
        method = info.method();
    }
    let mut parameters = Vec::new();
    for p in node.nodes() {
        if p.is(&["PARAMETERFILE"]) {
            let file = p.value(1).ok_or_else(|| Error::missing("PARAMETERFILE", "name"))?;
            parameters.push(Parameter { name: owned(p.name()), value: ParameterValue::File(owned(file)), id: id(p) });
        } else if p.is(&["PARAMETER"]) {
            parameters.push(parameter(p, info, abridged)?);
        }
    }
    Ok(Conversion { name: owned(node.name()), method, parameters, id: id(node) })
}

fn parameter(node: &Node, info: Option<&methods::MethodInfo>, abridged: bool) -> Result<Parameter> {
    let mut value = node.number(1)?;
    let mut parameter =
        Parameter { name: owned(node.name()), value: ParameterValue::Number(value, Unit::UNITY), id: id(node) };
    let known = info.and_then(|m| m.parameters.iter().find(|p| p.is(&parameter)));
    if let (None, Some(known)) = (&parameter.id, known) {
        parameter.id = (known.epsg != 0).then(|| Identifier::epsg(known.epsg));
    }
    let unit = if abridged {
        let code = parameter.epsg();
        if code == Some(SCALE_DIFFERENCE) {
            value = (value - 1.0) * 1e6;
        }
        match code {
            Some(8605..=8607) => Unit::METRE,
            Some(8608..=8610) => registry::unit_by_code(9104).unwrap_or(Unit::DEGREE),
            Some(SCALE_DIFFERENCE) => registry::unit_by_code(9202).unwrap_or(Unit::UNITY),
            _ => unit_of(node)?.unwrap_or(Unit::UNITY),
        }
    } else {
        unit_of(node)?.unwrap_or(match known.map(|p| p.kind) {
            Some(UnitKind::Angle) => Unit::DEGREE,
            Some(UnitKind::Length) => Unit::METRE,
            _ => Unit::UNITY,
        })
    };
    parameter.value = ParameterValue::Number(value, unit);
    Ok(parameter)
}

fn vertical(node: &Node) -> Result<Body> {
    let ensemble = node.child(&["ENSEMBLE"]);
    let datum = match ensemble {
        Some(ensemble) => ensemble,
        None => node.need(&["VDATUM", "VERTICALDATUM", "VRF"], "VDATUM")?,
    };
    Ok(Body::Vertical(Box::new(Vertical {
        name: owned(node.name()),
        datum: VerticalDatum {
            name: owned(datum.name()),
            ensemble: ensemble.map(members).transpose()?,
            frame_epoch: frame_epoch(node),
            anchor: datum.child(&["ANCHOR"]).map(|a| owned(a.name())),
            anchor_epoch: datum.child(&["ANCHOREPOCH"]).and_then(|a| a.number(0).ok()),
            id: id(datum),
        },
        cs: cs(node)?,
        usages: usages(node),
        id: id(node),
    })))
}

fn engineering(node: &Node) -> Result<Body> {
    let datum = node.child(&["EDATUM", "ENGINEERINGDATUM"]);
    Ok(Body::Engineering(Box::new(Engineering {
        name: owned(node.name()),
        datum: datum.map_or(Text::Borrowed("Unknown engineering datum"), |d| owned(d.name())),
        datum_id: datum.and_then(id),
        anchor: datum.and_then(|d| d.child(&["ANCHOR"])).map(|a| owned(a.name())),
        cs: cs(node)?,
        usages: usages(node),
        id: id(node),
    })))
}

fn compound(node: &Node) -> Result<Body> {
    let parts: Vec<&Node> = node.nodes().filter(|n| is_crs(n)).collect();
    match parts.as_slice() {
        [horizontal, vertical] if !horizontal.is(&["COMPOUNDCRS"]) && !vertical.is(&["COMPOUNDCRS"]) => {
            Ok(Body::Compound(Box::new(Compound {
                name: owned(node.name()),
                horizontal: read(horizontal)?,
                vertical: read(vertical)?,
                usages: usages(node),
                id: id(node),
            })))
        }
        others => Err(Error::Unsupported(format!("a compound CRS of {} parts", others.len()))),
    }
}

fn bound(node: &Node) -> Result<Body> {
    let crs = |keyword: &'static str| -> Result<Body> {
        let holder = node.need(&[keyword], keyword)?;
        read(holder.nodes().next().ok_or_else(|| Error::missing(keyword, "CRS"))?)
    };
    Ok(Body::Bound(Box::new(Bound {
        source: crs("SOURCECRS")?,
        target: crs("TARGETCRS")?,
        transformation: conversion(node.need(&["ABRIDGEDTRANSFORMATION"], "ABRIDGEDTRANSFORMATION")?, true)?,
    })))
}
