//! PROJJSON, versions 0.1 to 0.7. JSON deeper than 128 is refused by its parser.

use crate::error::{Error, Result};
use crate::methods;
use crate::model::{
    Axis, Body, Bound, Code, Compound, Conversion, CoordinateSystem, CsKind, Datum, Ellipsoid, Engineering, Ensemble,
    Geodetic, Identifier, Member, Method, Parameter, ParameterValue, PrimeMeridian, Projected, Shape, Text, Unit,
    UnitKind, Usage, Vertical, VerticalDatum, same_number,
};
use crate::registry;
use crate::wkt::words::{self, owned};
use serde_json::Value;

pub(super) fn read(text: &str) -> Result<Body> {
    let json: Value = serde_json::from_str(text).map_err(|e| Error::Json(e.to_string()))?;
    crs(&json)
}

fn crs(json: &Value) -> Result<Body> {
    match json.get("type").and_then(Value::as_str).unwrap_or("") {
        "GeographicCRS" | "GeodeticCRS" => geodetic(json).map(|crs| Body::Geodetic(Box::new(crs))),
        "ProjectedCRS" => projected(json),
        "VerticalCRS" => vertical(json),
        "EngineeringCRS" => engineering(json),
        "CompoundCRS" => compound(json),
        "BoundCRS" => bound(json),
        "" => Err(Error::missing("PROJJSON", "type")),
        other => Err(Error::Unsupported(format!("PROJJSON {other}"))),
    }
}

fn member<'a>(json: &'a Value, within: &str, key: &'static str) -> Result<&'a Value> {
    json.get(key).ok_or_else(|| Error::missing(within, key))
}

fn name(json: &Value) -> Text {
    json.get("name").and_then(Value::as_str).map_or(Text::Borrowed("unnamed"), owned)
}

fn id(json: &Value) -> Option<Identifier> {
    let id = json.get("id").or_else(|| json.get("ids")?.get(0))?;
    let authority = id.get("authority")?.as_str()?;
    let authority = match (authority, id.get("version")) {
        ("IAU", Some(year)) => Text::Owned(format!("IAU_{}", year.to_string().trim_matches('"'))),
        _ => owned(authority),
    };
    let code = match id.get("code")? {
        Value::String(text) => Code::of(text),
        number => Code::Number(u32::try_from(number.as_u64()?).ok()?),
    };
    Some(Identifier { authority, code })
}

fn number(json: &Value, within: &str) -> Result<f64> {
    json.as_f64().filter(|n| n.is_finite()).ok_or_else(|| Error::value(within, json, "no number"))
}

fn optional(json: &Value, key: &str) -> Option<f64> {
    json.get(key).and_then(Value::as_f64)
}

fn unit(json: &Value) -> Result<Unit> {
    match json {
        Value::String(name) => match name.as_str() {
            "metre" => Ok(Unit::METRE),
            "degree" => Ok(Unit::DEGREE),
            "unity" => Ok(Unit::UNITY),
            other => Err(Error::value("unit", other, "no unit that PROJJSON names")),
        },
        object => {
            let kind = match object.get("type").and_then(Value::as_str) {
                Some("LinearUnit") => UnitKind::Length,
                Some("AngularUnit") => UnitKind::Angle,
                // PROJ writes Unit where it does not know what a parameter of ESRI measures.
                Some("ScaleUnit" | "Unit") => UnitKind::Scale,
                Some("TimeUnit") => UnitKind::Time,
                other => return Err(Error::value("unit", other.unwrap_or(""), "no kind of unit")),
            };
            let factor = number(member(object, "unit", "conversion_factor")?, "conversion_factor")?;
            if factor <= 0.0 {
                return Err(Error::value("conversion_factor", factor, "not above 0"));
            }
            let name = name(object);
            let known =
                registry::unit_by_name(&name, kind).filter(|u| same_number(u.factor, factor)).and_then(|u| u.id);
            Ok(Unit { kind, name, factor, id: id(object).or(known) })
        }
    }
}

/// A number, or a value with its unit.
fn measure(json: &Value, default: Unit, within: &str) -> Result<(f64, Unit)> {
    match json.get("value") {
        Some(value) => Ok((number(value, within)?, json.get("unit").map_or(Ok(default), unit)?)),
        None => Ok((number(json, within)?, default)),
    }
}

fn usages(json: &Value) -> Vec<Usage> {
    let of = |json: &Value| {
        let scope = json.get("scope").and_then(Value::as_str);
        let area = json.get("area").and_then(Value::as_str);
        let bbox = json.get("bbox").and_then(|b| {
            let side = |key| optional(b, key);
            Some([side("south_latitude")?, side("west_longitude")?, side("north_latitude")?, side("east_longitude")?])
        });
        (scope.is_some() || area.is_some() || bbox.is_some()).then(|| Usage {
            scope: owned(scope.unwrap_or("unknown")),
            area: owned(area.unwrap_or("")),
            bbox,
        })
    };
    match json.get("usages").and_then(Value::as_array) {
        Some(several) => several.iter().filter_map(of).collect(),
        None => of(json).into_iter().collect(),
    }
}

fn geodetic(json: &Value) -> Result<Geodetic> {
    Ok(Geodetic {
        name: name(json),
        datum: datum(json)?,
        cs: system(member(json, "CRS", "coordinate_system")?)?,
        usages: usages(json),
        id: id(json),
    })
}

fn ensemble(json: &Value) -> Result<Ensemble> {
    let members = json.get("members").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let members = members.iter().map(|m| Member { name: name(m), id: id(m) }).collect();
    let accuracy = json.get("accuracy").and_then(Value::as_str).unwrap_or("0");
    Ok(Ensemble { members, accuracy: words::accuracy(accuracy)? })
}

fn datum(json: &Value) -> Result<Datum> {
    if let Some(json) = json.get("datum_ensemble") {
        let ellipsoid = ellipsoid(member(json, "datum_ensemble", "ellipsoid")?)?;
        let plain = Datum::plain(name(json), ellipsoid, PrimeMeridian::greenwich(), id(json));
        return Ok(Datum { ensemble: Some(ensemble(json)?), ..plain });
    }
    let json = member(json, "CRS", "datum")?;
    let prime_meridian = match json.get("prime_meridian") {
        Some(meridian) => {
            let longitude = meridian.get("longitude").unwrap_or(&Value::Null);
            let (longitude, unit) = measure(longitude, Unit::DEGREE, "longitude")?;
            PrimeMeridian { name: name(meridian), longitude, unit, id: id(meridian) }
        }
        None => PrimeMeridian::greenwich(),
    };
    Ok(Datum {
        name: name(json),
        ellipsoid: ellipsoid(member(json, "datum", "ellipsoid")?)?,
        prime_meridian,
        ensemble: None,
        frame_epoch: optional(json, "frame_reference_epoch"),
        anchor: json.get("anchor").and_then(Value::as_str).map(owned),
        anchor_epoch: optional(json, "anchor_epoch"),
        id: id(json),
    })
}

fn ellipsoid(json: &Value) -> Result<Ellipsoid> {
    let length = |key| json.get(key).map(|v| measure(v, Unit::METRE, key)).transpose();
    let (shape, (semi_major, unit)) = match length("radius")? {
        Some(radius) => (Shape::Sphere, radius),
        None => {
            let axis = length("semi_major_axis")?.ok_or_else(|| Error::missing("ellipsoid", "semi_major_axis"))?;
            let shape = match (json.get("inverse_flattening"), length("semi_minor_axis")?) {
                (Some(f), _) => Shape::InverseFlattening(number(f, "inverse_flattening")?),
                (None, Some((b, _))) => Shape::SemiMinor(b),
                (None, None) => return Err(Error::missing("ellipsoid", "inverse_flattening")),
            };
            (shape, axis)
        }
    };
    let ellipsoid = Ellipsoid { name: name(json), semi_major, shape, unit, id: id(json) };
    if ellipsoid.is_possible() { Ok(ellipsoid) } else { Err(Error::value("ellipsoid", name(json), "no ellipsoid")) }
}

fn system(json: &Value) -> Result<CoordinateSystem> {
    let kind = words::cs_kind(member(json, "coordinate_system", "subtype")?.as_str().unwrap_or(""))?;
    let list = json.get("axis").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let allowed = if kind == CsKind::Vertical { 1..=1 } else { 2..=3 };
    if !allowed.contains(&list.len()) {
        return Err(Error::value("coordinate_system", list.len(), "not its number of axes"));
    }
    let mut axes = Vec::new();
    for axis in list {
        let word = axis.get("direction").and_then(Value::as_str).unwrap_or("unspecified");
        let meridian = match axis.get("meridian").and_then(|m| m.get("longitude")) {
            Some(longitude) => Some(measure(longitude, Unit::DEGREE, "meridian")?),
            None => None,
        };
        axes.push(Axis {
            name: name(axis),
            abbreviation: axis.get("abbreviation").and_then(Value::as_str).map_or(Text::Borrowed(""), owned),
            direction: words::direction(word)?,
            meridian,
            unit: axis.get("unit").map(unit).transpose()?,
        });
    }
    Ok(CoordinateSystem { kind, axes })
}

fn projected(json: &Value) -> Result<Body> {
    Ok(Body::Projected(Box::new(Projected {
        name: name(json),
        base: geodetic(member(json, "CRS", "base_crs")?)?,
        conversion: conversion(member(json, "CRS", "conversion")?)?,
        cs: system(member(json, "CRS", "coordinate_system")?)?,
        usages: usages(json),
        id: id(json),
    })))
}

fn conversion(json: &Value) -> Result<Conversion> {
    let method = member(json, "conversion", "method")?;
    let mut method = Method { name: name(method), id: id(method) };
    let info = match &method.id {
        Some(id) => id.epsg_code().and_then(methods::by_code),
        None => methods::by_name(&method.name),
    };
    if let (None, Some(info)) = (&method.id, info) {
        method = info.method();
    }
    let mut parameters = Vec::new();
    for p in json.get("parameters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default() {
        let value = member(p, "parameter", "value")?;
        let value = match value {
            Value::String(file) => ParameterValue::File(owned(file)),
            value => ParameterValue::Number(number(value, "value")?, p.get("unit").map_or(Ok(Unit::UNITY), unit)?),
        };
        let mut parameter = Parameter { name: name(p), value, id: id(p) };
        let known = info.and_then(|m| m.parameters.iter().find(|i| i.is(&parameter)));
        if let (None, Some(known)) = (&parameter.id, known) {
            parameter.id = (known.epsg != 0).then(|| Identifier::epsg(known.epsg));
        }
        parameters.push(parameter);
    }
    Ok(Conversion { name: name(json), method, parameters, id: id(json) })
}

fn vertical(json: &Value) -> Result<Body> {
    let group = json.get("datum_ensemble");
    let datum = match group {
        Some(group) => group,
        None => member(json, "CRS", "datum")?,
    };
    Ok(Body::Vertical(Box::new(Vertical {
        name: name(json),
        datum: VerticalDatum {
            name: name(datum),
            ensemble: group.map(ensemble).transpose()?,
            frame_epoch: optional(datum, "frame_reference_epoch"),
            anchor: datum.get("anchor").and_then(Value::as_str).map(owned),
            anchor_epoch: optional(datum, "anchor_epoch"),
            id: id(datum),
        },
        cs: system(member(json, "CRS", "coordinate_system")?)?,
        usages: usages(json),
        id: id(json),
    })))
}

fn engineering(json: &Value) -> Result<Body> {
    let datum = member(json, "CRS", "datum")?;
    Ok(Body::Engineering(Box::new(Engineering {
        name: name(json),
        datum: name(datum),
        datum_id: id(datum),
        anchor: datum.get("anchor").and_then(Value::as_str).map(owned),
        cs: system(member(json, "CRS", "coordinate_system")?)?,
        usages: usages(json),
        id: id(json),
    })))
}

fn compound(json: &Value) -> Result<Body> {
    let parts = json.get("components").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    match parts {
        [horizontal, vertical] => {
            let (horizontal, vertical) = (crs(horizontal)?, crs(vertical)?);
            if matches!(horizontal, Body::Compound(_)) || matches!(vertical, Body::Compound(_)) {
                return Err(Error::Unsupported("a compound CRS within a compound CRS".into()));
            }
            let (usages, id) = (usages(json), id(json));
            Ok(Body::Compound(Box::new(Compound { name: name(json), horizontal, vertical, usages, id })))
        }
        others => Err(Error::Unsupported(format!("a compound CRS of {} parts", others.len()))),
    }
}

fn bound(json: &Value) -> Result<Body> {
    Ok(Body::Bound(Box::new(Bound {
        source: crs(member(json, "BoundCRS", "source_crs")?)?,
        target: crs(member(json, "BoundCRS", "target_crs")?)?,
        transformation: conversion(member(json, "BoundCRS", "transformation")?)?,
    })))
}
