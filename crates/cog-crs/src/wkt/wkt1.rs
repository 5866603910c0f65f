//! WKT1 in the flavours of GDAL and ESRI, which differ in names, not in grammar.

mod conversion;
mod datum;

use super::lexer::Node;
use super::words::{identifier, owned};
use crate::error::{Error, Result};
use crate::methods::{self, implied_axes};
use crate::model::{
    Axis, Body, Bound, Compound, CoordinateSystem, CsKind, Direction, Engineering, Geodetic, Identifier, Projected,
    Text, Unit, UnitKind, Vertical, VerticalDatum, same_number,
};
use crate::{bound, registry};
use conversion::conversion;
use datum::datum;

pub(crate) fn is_root(node: &Node) -> bool {
    node.is(&["PROJCS", "GEOGCS", "GEOCCS", "COMPD_CS", "VERT_CS", "VERTCS", "LOCAL_CS", "FITTED_CS"])
}

pub(crate) fn read(node: &Node, warnings: &mut Vec<String>) -> Result<Body> {
    match node.keyword.as_str() {
        "PROJCS" => {
            let base = node.need(&["GEOGCS"], "GEOGCS")?;
            let projected = Body::Projected(Box::new(projected(node, base, warnings)?));
            with_to_wgs84(projected, base)
        }
        "GEOGCS" | "GEOCCS" => {
            let crs = geodetic(node)?;
            with_to_wgs84(Body::Geodetic(Box::new(crs)), node)
        }
        "COMPD_CS" => {
            let mut parts = node.nodes().filter(|n| is_root(n));
            let horizontal = parts.next().ok_or_else(|| Error::missing("COMPD_CS", "horizontal CRS"))?;
            let vertical = parts.next().ok_or_else(|| Error::missing("COMPD_CS", "vertical CRS"))?;
            if [horizontal, vertical].iter().any(|n| n.is(&["COMPD_CS"])) {
                return Err(Error::Unsupported("a compound CRS within a compound CRS".into()));
            }
            Ok(Body::Compound(Box::new(Compound {
                name: owned(node.name()),
                horizontal: read(horizontal, warnings)?,
                vertical: read(vertical, warnings)?,
                usages: Vec::new(),
                id: authority(node),
            })))
        }
        "VERT_CS" | "VERTCS" => vertical(node),
        "LOCAL_CS" => {
            let unit = unit(node, UnitKind::Length)?.unwrap_or(Unit::METRE);
            let datum = node.child(&["LOCAL_DATUM"]);
            Ok(Body::Engineering(Box::new(Engineering {
                name: owned(node.name()),
                datum: datum.map_or(Text::Borrowed("Unknown engineering datum"), |d| owned(d.name())),
                datum_id: datum.and_then(authority),
                anchor: None,
                cs: axes(node, &unit, 2..=3)?.unwrap_or_else(|| CoordinateSystem::projected(unit)),
                usages: Vec::new(),
                id: authority(node),
            })))
        }
        other => Err(Error::Unsupported(format!("WKT1 {other}"))),
    }
}

/// ESRI's pair of a horizontal CRS and heights. Registered heights go by their registered definition, for ESRI's says little.
pub(crate) fn with_heights(horizontal: &Node, heights: &Node, warnings: &mut Vec<String>) -> Result<Body> {
    if !heights.is(&["VERTCS", "VERT_CS"]) || horizontal.is(&["COMPD_CS", "VERTCS", "VERT_CS"]) {
        return Err(Error::Unsupported(format!("WKT1 {} behind {}", heights.keyword, horizontal.keyword)));
    }
    let horizontal = read(horizontal, warnings)?;
    let registered = registry::named(heights.name()).into_iter().find(|row| row.kind() == registry::Kind::Vertical);
    let vertical = match registered.and_then(registry::Row::plain_body) {
        Some(vertical) => vertical,
        None => vertical(heights)?,
    };
    let name = Text::Owned(format!("{} + {}", horizontal.name(), vertical.name()));
    Ok(Body::Compound(Box::new(Compound { name, horizontal, vertical, usages: Vec::new(), id: None })))
}

fn authority(node: &Node) -> Option<Identifier> {
    let node = node.child(&["AUTHORITY"])?;
    identifier(node.value(0), node.value(1))
}

fn unit(node: &Node, kind: UnitKind) -> Result<Option<Unit>> {
    let Some(node) = node.child(&["UNIT"]) else { return Ok(None) };
    let factor = node.number(1)?;
    if factor <= 0.0 {
        return Err(Error::value("UNIT", factor, "not above 0"));
    }
    // ESRI's Meter and Foot_US are those of the registry, if they are as long. PROJ leaves ESRI's Degree as it is.
    let known = registry::unit_by_name(node.name(), kind);
    let known = known.filter(|u| same_number(u.factor, factor) && (kind == UnitKind::Length || u.name == node.name()));
    let mut unit = known.unwrap_or_else(|| Unit::new(kind, node.name().to_string(), factor));
    if let Some(id) = authority(node) {
        unit.id = Some(id);
    }
    Ok(Some(unit))
}

/// The axes of a definition that lists them; none if it does not.
fn axes(node: &Node, unit: &Unit, allowed: std::ops::RangeInclusive<usize>) -> Result<Option<CoordinateSystem>> {
    let axes: Vec<Axis> = node
        .nodes()
        .filter(|n| n.is(&["AXIS"]))
        .map(|n| {
            let direction = super::words::direction(n.value(1).unwrap_or(""))?;
            let (name, abbreviation) = (owned(n.name()), abbreviation(n.name()));
            Ok(Axis { name, abbreviation, direction, meridian: None, unit: Some(unit.clone()) })
        })
        .collect::<Result<_>>()?;
    if axes.is_empty() {
        return Ok(None);
    }
    if !allowed.contains(&axes.len()) {
        return Err(Error::value("AXIS", axes.len(), "not the number of axes"));
    }
    let kind = match (unit.kind, axes.len()) {
        (_, 1) => CsKind::Vertical,
        (UnitKind::Angle, _) => CsKind::Ellipsoidal,
        _ => CsKind::Cartesian,
    };
    Ok(Some(CoordinateSystem { kind, axes }))
}

fn abbreviation(name: &str) -> Text {
    let known = [
        ("Latitude", "lat"),
        ("Lat", "lat"),
        ("Longitude", "lon"),
        ("Long", "lon"),
        ("Lon", "lon"),
        ("Easting", "E"),
        ("Northing", "N"),
        ("X", "X"),
        ("Y", "Y"),
        ("Gravity-related height", "H"),
        ("Ellipsoidal height", "h"),
    ];
    known.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map_or(Text::Borrowed(""), |(_, a)| Text::Borrowed(a))
}

/// The name as EPSG spells it, if a geodetic CRS has this name or ESRI calls it so.
fn geodetic_name(name: &str) -> Text {
    if name.starts_with("GCS_") {
        let row = registry::named(name).into_iter().next();
        return row.map_or_else(|| owned(name.trim_start_matches("GCS_")), |row| row.name().into());
    }
    owned(name)
}

fn geodetic(node: &Node) -> Result<Geodetic> {
    let geocentric = node.is(&["GEOCCS"]);
    let kind = if geocentric { UnitKind::Length } else { UnitKind::Angle };
    let unit = unit(node, kind)?.unwrap_or(if geocentric { Unit::METRE } else { Unit::DEGREE });
    let cs = match axes(node, &unit, 2..=3)? {
        _ if geocentric => CoordinateSystem::geocentric(unit.clone()),
        Some(mut cs) => {
            cs.kind = CsKind::Ellipsoidal;
            cs
        }
        None => CoordinateSystem::longitude_latitude(unit.clone()),
    };
    let mut cs = cs;
    if let Some(linear) = node.child(&["LINUNIT"]).filter(|_| !geocentric && cs.axes.len() == 2) {
        // ESRI's way to say that there are ellipsoidal heights.
        let factor = linear.number(1)?;
        let unit =
            if factor == 1.0 { Unit::METRE } else { Unit::new(UnitKind::Length, linear.name().to_string(), factor) };
        cs.axes.push(Axis::new("Ellipsoidal height", "h", Direction::Up, unit));
    }
    let angular = if geocentric { Unit::DEGREE } else { unit };
    Ok(Geodetic {
        name: geodetic_name(node.name()),
        datum: datum(node, &angular)?,
        cs,
        usages: Vec::new(),
        id: authority(node),
    })
}

fn vertical(node: &Node) -> Result<Body> {
    let unit = unit(node, UnitKind::Length)?.unwrap_or(Unit::METRE);
    let datum = node.child(&["VERT_DATUM", "VDATUM", "DATUM"]);
    Ok(Body::Vertical(Box::new(Vertical {
        name: owned(node.name()),
        datum: VerticalDatum::plain(
            datum.map_or(Text::Borrowed("unknown"), |d| owned(d.name())),
            datum.and_then(authority),
        ),
        cs: axes(node, &unit, 1..=1)?.unwrap_or_else(|| CoordinateSystem::height(unit)),
        usages: Vec::new(),
        id: authority(node),
    })))
}

fn projected(node: &Node, base_node: &Node, warnings: &mut Vec<String>) -> Result<Projected> {
    let base = geodetic(base_node)?;
    let linear = unit(node, UnitKind::Length)?.unwrap_or(Unit::METRE);
    let angular = base.cs.unit(UnitKind::Angle).cloned().unwrap_or(Unit::DEGREE);
    let mut conversion = conversion(node, &angular, &linear, warnings)?;
    methods::on_shape(&mut conversion, base.datum.ellipsoid.is_sphere());
    let cs = axes(node, &linear, 2..=2)?.unwrap_or_else(|| implied_axes(&conversion, &linear));
    Ok(Projected { name: owned(node.name()), base, conversion, cs, usages: Vec::new(), id: authority(node) })
}

/// TOWGS84 and grids make a bound CRS.
fn with_to_wgs84(body: Body, geographic: &Node) -> Result<Body> {
    if let Some(extension) = geographic.child(&["EXTENSION"]).filter(|n| n.name() == "PROJ4_GRIDS") {
        return Ok(bound::with_grid(body, extension.value(1).unwrap_or("")));
    }
    let Some(node) = geographic.child(&["DATUM"]).and_then(|d| d.child(&["TOWGS84"])) else { return Ok(body) };
    let mut values = Vec::new();
    while let Some(text) = node.value(values.len()) {
        values.push(super::words::number("TOWGS84", text)?);
    }
    match bound::to_wgs84(&body, &values) {
        Some(transformation) => {
            Ok(Body::Bound(Box::new(Bound { target: bound::wgs84(), source: body, transformation })))
        }
        None => Err(Error::value("TOWGS84", format!("{} numbers", values.len()), "neither 3 nor 7")),
    }
}
