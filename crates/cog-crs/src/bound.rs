//! Ways to WGS 84 that a definition brings along: three or seven parameters, or the name of a grid.

use crate::model::{Body, Bound, Conversion, CsKind, Identifier, Method, Parameter, ParameterValue, Unit, UnitKind};
use crate::registry;

const NAMES: [(&str, u32); 7] = [
    ("X-axis translation", 8605),
    ("Y-axis translation", 8606),
    ("Z-axis translation", 8607),
    ("X-axis rotation", 8608),
    ("Y-axis rotation", 8609),
    ("Z-axis rotation", 8610),
    ("Scale difference", 8611),
];

/// WGS 84 as a target: geographic, by its code.
pub(crate) fn wgs84() -> Body {
    let body = registry::epsg(4326).and_then(registry::Row::plain_body);
    body.unwrap_or_else(|| Body::Geodetic(Box::new(crate::geodetic::wgs84())))
}

/// The transformation of TOWGS84: metres, seconds of arc, parts per million, rotations as position vector. None unless
/// there are 3 or 7 values.
pub(crate) fn to_wgs84(source: &Body, values: &[f64]) -> Option<Conversion> {
    if values.len() != 3 && values.len() != 7 {
        return None;
    }
    let geocentric = source.geodetic().is_some_and(|g| g.cs.kind == CsKind::Cartesian);
    let short = values.iter().skip(3).all(|v| *v == 0.0);
    let (method, code) = match (short, geocentric) {
        (true, false) => ("Geocentric translations (geog2D domain)", 9603),
        (true, true) => ("Geocentric translations (geocentric domain)", 1031),
        (false, false) => ("Position Vector transformation (geog2D domain)", 9606),
        (false, true) => ("Position Vector transformation (geocentric domain)", 1033),
    };
    let second = Unit {
        id: Some(Identifier::epsg(9104)),
        ..Unit::new(UnitKind::Angle, "arc-second", std::f64::consts::PI / 648_000.0)
    };
    let ppm = Unit { id: Some(Identifier::epsg(9202)), ..Unit::new(UnitKind::Scale, "parts per million", 1e-6) };
    let parameters =
        NAMES.iter().zip(values).enumerate().take(if short { 3 } else { 7 }).map(|(i, ((name, code), value))| {
            let unit = match i {
                0..3 => Unit::METRE,
                3..6 => second.clone(),
                _ => ppm.clone(),
            };
            Parameter {
                name: (*name).into(),
                value: ParameterValue::Number(*value, unit),
                id: Some(Identifier::epsg(*code)),
            }
        });
    let name = source.geodetic().map_or("unknown", |g| &g.name);
    Some(Conversion {
        name: format!("Transformation from {name} to WGS84").into(),
        method: Method { name: method.into(), id: Some(Identifier::epsg(code)) },
        parameters: parameters.collect(),
        id: None,
    })
}

/// Bound by a grid file of this name (WKT1's PROJ4_GRIDS).
pub(crate) fn with_grid(body: Body, file: &str) -> Body {
    // A list that begins with "@null" has no shift at all.
    if file.is_empty() || file.starts_with("@null") {
        return body;
    }
    let name = body.geodetic().map_or("unknown", |g| &g.name);
    let transformation = Conversion {
        name: format!("Transformation from {name} to WGS84").into(),
        method: Method { name: "NTv2".into(), id: Some(Identifier::epsg(9615)) },
        parameters: vec![Parameter {
            name: "Latitude and longitude difference file".into(),
            value: ParameterValue::File(file.to_string().into()),
            id: Some(Identifier::epsg(8656)),
        }],
        id: None,
    };
    Body::Bound(Box::new(Bound { source: body, target: wgs84(), transformation }))
}
