//! WKT1 as GDAL writes it, for readers that know nothing newer.

use super::node::{Layout, Node};
use crate::methods;
use crate::model::{
    Axis, Body, Bound, CoordinateSystem, Direction, Geodetic, Identifier, Parameter, ParameterValue, Projected, Unit,
    UnitKind, Vertical, canonical,
};

const PSEUDO_MERCATOR: u32 = 1024;
const SWEEP_X: &str = "Geostationary Satellite (Sweep X)";
/// Translations, rotations, scale: TOWGS84 in its order.
const TO_WGS84: std::ops::RangeInclusive<u32> = 8605..=8611;

/// GDAL marks names of CRSs that their authority has withdrawn.
fn name(name: &str, id: Option<&Identifier>) -> String {
    let row = id.and_then(|id| crate::registry::find(&id.authority, &id.code.to_string()));
    if row.is_some_and(|row| row.is_deprecated() && row.name() == name) {
        format!("{name} (deprecated)")
    } else {
        name.to_string()
    }
}

/// WKT1, or why this CRS has none.
pub(crate) fn wkt1(body: &Body, layout: Layout) -> Result<String, String> {
    node(body, None).map(|node| node.write(layout))
}

fn node(body: &Body, to_wgs84: Option<Node>) -> Result<Node, String> {
    match body {
        Body::Geodetic(crs) => geodetic(crs, to_wgs84),
        Body::Projected(crs) => projected(crs, to_wgs84),
        Body::Vertical(crs) => Ok(vertical(crs)),
        Body::Engineering(crs) => {
            let mut out = Node::named("LOCAL_CS", &name(&crs.name, crs.id.as_ref()));
            if crs.datum != "Unknown engineering datum" {
                out.push(Node::named("LOCAL_DATUM", &crs.datum).word("32767"));
            }
            Ok(finish(units_and_axes(out, &crs.cs), crs.id.as_ref()))
        }
        Body::Compound(crs) => {
            let out = Node::named("COMPD_CS", &name(&crs.name, crs.id.as_ref()))
                .with(node(&crs.horizontal, to_wgs84)?)
                .with(node(&crs.vertical, None)?);
            Ok(finish(out, crs.id.as_ref()))
        }
        Body::Bound(crs) => node(&crs.source, to_wgs84_node(crs)),
    }
}

/// TOWGS84 if the transformation is one of seven parameters or three.
fn to_wgs84_node(crs: &Bound) -> Option<Node> {
    let values: Vec<f64> = TO_WGS84
        .map(|code| match crs.transformation.parameter(code).map(|p| &p.value) {
            Some(ParameterValue::Number(value, _)) => Some(*value),
            Some(ParameterValue::File(_)) => None,
            None => Some(0.0),
        })
        .collect::<Option<_>>()?;
    crs.transformation.parameter(8605)?;
    // The coordinate frame convention turns the other way.
    let sign = if matches!(crs.transformation.method_code(), Some(9607 | 1032 | 1038)) { -1.0 } else { 1.0 };
    Some(
        values
            .iter()
            .enumerate()
            .fold(Node::new("TOWGS84"), |node, (i, v)| node.number(if (3..6).contains(&i) { sign * v } else { *v })),
    )
}

fn geodetic(crs: &Geodetic, to_wgs84: Option<Node>) -> Result<Node, String> {
    if crs.is_3d() {
        return Err("WKT1 has no three-dimensional geographic CRS".into());
    }
    let keyword = if crs.is_geocentric() { "GEOCCS" } else { "GEOGCS" };
    let mut out = Node::named(keyword, &name(&crs.name, crs.id.as_ref()));
    datum(&mut out, crs, to_wgs84);
    Ok(finish(units_and_axes(out, &crs.cs), crs.id.as_ref()))
}

fn datum(out: &mut Node, crs: &Geodetic, to_wgs84: Option<Node>) {
    let datum = &crs.datum;
    let ellipsoid = &datum.ellipsoid;
    let spheroid = Node::named("SPHEROID", &ellipsoid.name)
        .number(ellipsoid.semi_major_metres())
        .number(ellipsoid.inverse_flattening());
    let node = Node::named("DATUM", &datum_name(&datum.name, datum.id.as_ref()))
        .with(finish(spheroid, ellipsoid.id.as_ref()))
        .maybe(to_wgs84);
    out.push(finish(node, datum.id.as_ref()));
    let meridian = &datum.prime_meridian;
    let node = Node::named("PRIMEM", &meridian.name).number(meridian.degrees());
    out.push(finish(node, meridian.id.as_ref()));
}

/// OGC's spelling of EPSG's names: words joined by underscores. Of the ensembles that WKT1 knew before they were ones, the
/// plain name.
fn datum_name(name: &str, id: Option<&Identifier>) -> String {
    let plain = match id.and_then(Identifier::epsg_code) {
        Some(6326 | 6258) => name.strip_suffix(" ensemble").unwrap_or(name),
        _ => name,
    };
    if canonical(plain).eq("worldgeodeticsystem1984".chars()) {
        return "WGS_1984".into();
    }
    if id.and_then(Identifier::epsg_code).is_none() {
        return name.to_string();
    }
    let name = plain;
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '_') || !c.is_ascii() {
            out.push(c);
        } else if !out.ends_with('_') {
            out.push('_');
        }
    }
    out.trim_matches('_').to_string()
}

fn projected(crs: &Projected, to_wgs84: Option<Node>) -> Result<Node, String> {
    let conversion = &crs.conversion;
    let no_method = || format!("WKT1 has no name for the method '{}'", conversion.method.name);
    let mut base = Node::named("GEOGCS", &name(&crs.base.name, crs.base.id.as_ref()));
    datum(&mut base, &crs.base, to_wgs84);
    let unit = crs.base.cs.unit(UnitKind::Angle).cloned().unwrap_or(Unit::DEGREE);
    let base = finish(base.with(unit_node(&unit)), crs.base.id.as_ref());
    let mut out = Node::named("PROJCS", &name(&crs.name, crs.id.as_ref())).with(base);
    let linear = crs.cs.unit(UnitKind::Length).cloned().unwrap_or(Unit::METRE);
    let value = |p: &Parameter| match &p.value {
        ParameterValue::Number(value, by) => match by.kind {
            UnitKind::Length if by.same_size(&linear) => *value,
            UnitKind::Length => value * by.factor / linear.factor,
            UnitKind::Angle if by.same_size(&unit) => *value,
            UnitKind::Angle => value * by.factor / unit.factor,
            _ => *value * by.factor,
        },
        ParameterValue::File(_) => f64::NAN,
    };
    if conversion.method_code() == Some(PSEUDO_MERCATOR) {
        out.push(Node::named("PROJECTION", "Mercator_1SP"));
        let si = |code| conversion.parameter(code).map_or(0.0, value);
        for (name, number) in [
            ("central_meridian", si(8802)),
            ("scale_factor", 1.0),
            ("false_easting", si(8806)),
            ("false_northing", si(8807)),
        ] {
            out.push(Node::named("PARAMETER", name).number(number));
        }
    } else {
        let info = methods::of(conversion).filter(|m| !m.wkt1.is_empty() || m.is(SWEEP_X)).ok_or_else(no_method)?;
        out.push(Node::named("PROJECTION", if info.is(SWEEP_X) { "Geostationary_Satellite" } else { info.wkt1 }));
        for p in info.parameters {
            let Some(found) = conversion.parameters.iter().find(|c| p.is(c)) else { continue };
            // Mercator has a natural origin on the equator, and says so by silence.
            if info.epsg == 9804 && p.epsg == 8801 {
                if value(found) != 0.0 {
                    return Err("a Mercator projection with an origin off the equator".into());
                }
                continue;
            }
            out.push(Node::named("PARAMETER", p.wkt1).number(value(found)));
        }
    }
    if let Some(latitude) = conversion.parameter(8801).filter(|_| matches!(conversion.method_code(), Some(1028 | 1029)))
    {
        out.push(Node::named("PARAMETER", "latitude_of_origin").number(value(latitude)));
    }
    out = units_and_axes(out, &crs.cs);
    if conversion.method_code() == Some(PSEUDO_MERCATOR) {
        let string = "+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +wktext +no_defs";
        out.push(Node::named("EXTENSION", "PROJ4").quoted(string));
    }
    if methods::of(conversion).is_some_and(|m| m.is(SWEEP_X)) {
        // WKT1 has no word for the sweep; GDAL looks for it here.
        out.push(Node::named("EXTENSION", "PROJ4").quoted("+proj=geos +sweep=x"));
    }
    Ok(finish(out, crs.id.as_ref()))
}

fn vertical(crs: &Vertical) -> Node {
    // 2002: above an ellipsoid. 2005: orthometric, or one that is not further described.
    let ellipsoidal = crs.cs.axes.first().is_some_and(|a| a.name == "Ellipsoidal height");
    let kind = if ellipsoidal { "2002" } else { "2005" };
    let datum = Node::named("VERT_DATUM", &crs.datum.name).word(kind);
    let out = Node::named("VERT_CS", &name(&crs.name, crs.id.as_ref())).with(finish(datum, crs.datum.id.as_ref()));
    finish(units_and_axes(out, &crs.cs), crs.id.as_ref())
}

fn unit_node(unit: &Unit) -> Node {
    let id = match &unit.id {
        // WKT1 files have always called degrees so.
        _ if unit.is_degree() && unit.id.is_some() => Some(Identifier::epsg(9122)),
        id => id.clone(),
    };
    finish(Node::named("UNIT", &unit.name).number(unit.factor), id.as_ref())
}

fn units_and_axes(mut out: Node, cs: &CoordinateSystem) -> Node {
    if let Some(unit) = cs.axes.iter().find_map(|a| a.unit.as_ref()) {
        out.push(unit_node(unit));
    }
    for axis in &cs.axes {
        out.push(axis_node(axis));
    }
    out
}

fn axis_node(axis: &Axis) -> Node {
    let name = match axis.name.as_ref() {
        "Geodetic latitude" => "Latitude",
        "Geodetic longitude" => "Longitude",
        name => name,
    };
    let word = match &axis.direction {
        Direction::GeocentricZ => "NORTH".to_string(),
        Direction::GeocentricX | Direction::GeocentricY | Direction::Other(_) => "OTHER".to_string(),
        known => known.word().to_uppercase(),
    };
    Node::named("AXIS", name).word(word)
}

fn finish(out: Node, id: Option<&Identifier>) -> Node {
    out.maybe(id.map(|id| Node::named("AUTHORITY", id.versioned().0).quoted(&id.code.to_string())))
}
