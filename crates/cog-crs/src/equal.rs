//! When two definitions mean the same CRS: PROJ's "equivalent", by datum, method, parameters and axes, not by names of
//! what has no meaning of its own. The order of axes is no difference: a raster has x first.

use crate::model::{
    Body, Conversion, CoordinateSystem, Datum, Ellipsoid, ParameterValue, Projected, Shape, UnitKind, VerticalDatum,
    same_name, same_number,
};
use crate::{methods, registry};

pub(crate) fn bodies(a: &Body, b: &Body) -> bool {
    match (a, b) {
        (Body::Geodetic(a), Body::Geodetic(b)) => datums(&a.datum, &b.datum) && systems(&a.cs, &b.cs),
        (Body::Projected(a), Body::Projected(b)) => projected(a, b),
        (Body::Vertical(a), Body::Vertical(b)) => vertical_datums(&a.datum, &b.datum) && systems(&a.cs, &b.cs),
        (Body::Compound(a), Body::Compound(b)) => {
            bodies(&a.horizontal, &b.horizontal) && bodies(&a.vertical, &b.vertical)
        }
        (Body::Engineering(a), Body::Engineering(b)) => {
            // WKT1 has no words for most of their axes.
            a.id.is_some() && a.id == b.id
                || same_name(&a.datum, &b.datum) && same_name(&a.name, &b.name) && systems(&a.cs, &b.cs)
        }
        (Body::Bound(a), Body::Bound(b)) => {
            bodies(&a.source, &b.source)
                && bodies(&a.target, &b.target)
                && conversions(&a.transformation, &b.transformation)
        }
        _ => false,
    }
}

fn projected(a: &Projected, b: &Projected) -> bool {
    datums(&a.base.datum, &b.base.datum)
        && a.cs.axes.len() == b.cs.axes.len()
        && conversions(&a.conversion, &b.conversion)
        && systems(&a.cs, &b.cs)
}

/// The same shape to what rounding to 10 digits leaves.
pub(crate) fn ellipsoids(a: &Ellipsoid, b: &Ellipsoid) -> bool {
    same_number(a.semi_major_metres(), b.semi_major_metres())
        && (same_number(a.inverse_flattening(), b.inverse_flattening())
            // Where one is given by both axes, its flattening is only as exact as they are.
            || (matches!(a.shape, Shape::SemiMinor(_)) || matches!(b.shape, Shape::SemiMinor(_)))
                && same_number(a.semi_minor_metres(), b.semi_minor_metres()))
}

/// Names of datums that say that nothing is known.
fn is_unknown(name: &str) -> bool {
    same_name(name, "unknown") || same_name(name, "unnamed")
}

pub(crate) fn datums(a: &Datum, b: &Datum) -> bool {
    if !ellipsoids(&a.ellipsoid, &b.ellipsoid)
        || (a.prime_meridian.radians() - b.prime_meridian.radians()).abs() > 1e-10
    {
        return false;
    }
    if let (Some(a), Some(b)) = (&a.id, &b.id)
        && a.authority == b.authority
    {
        return a.code == b.code;
    }
    let plain = |d: &Datum| d.name.strip_suffix(" ensemble").unwrap_or(&d.name).to_string();
    let (a, b) = (plain(a), plain(b));
    if is_unknown(&a) || is_unknown(&b) {
        return is_unknown(&a) && is_unknown(&b);
    }
    // ESRI's D_WGS_1984 is EPSG's World Geodetic System 1984.
    let code = |name: &str| registry::datum_by_name(name).and_then(|d| d.id);
    same_name(&a, &b) || code(&a).is_some_and(|id| code(&b) == Some(id))
}

fn vertical_datums(a: &VerticalDatum, b: &VerticalDatum) -> bool {
    match (&a.id, &b.id) {
        (Some(a), Some(b)) if a.authority == b.authority => a.code == b.code,
        _ => same_name(&a.name, &b.name),
    }
}

fn systems(a: &CoordinateSystem, b: &CoordinateSystem) -> bool {
    if a.axes.len() != b.axes.len() {
        return false;
    }
    let same = |x: &crate::model::Axis, y: &crate::model::Axis| {
        let units = match (&x.unit, &y.unit) {
            (Some(x), Some(y)) => x.same_size(y),
            (None, None) => true,
            _ => false,
        };
        units && (x.direction == y.direction || (x.meridian.is_some() != y.meridian.is_some()))
    };
    // At a pole both axes may point one way: which comes first is no difference then.
    a.axes.iter().all(|x| b.axes.iter().any(|y| same(x, y))) && b.axes.iter().all(|x| a.axes.iter().any(|y| same(x, y)))
        || polar(a) && polar_like(b, a)
        || polar(b) && polar_like(a, b)
}

/// Both axes run along meridians.
fn polar(cs: &CoordinateSystem) -> bool {
    cs.axes.iter().all(|a| a.meridian.is_some())
}

/// Axes that a definition without meridians gives for a polar CRS: easting and northing of the same unit.
fn polar_like(cs: &CoordinateSystem, polar: &CoordinateSystem) -> bool {
    let unit = |cs: &CoordinateSystem| cs.unit(UnitKind::Length).map(|u| u.factor);
    cs.axes.len() == polar.axes.len() && unit(cs) == unit(polar)
}

pub(crate) fn conversions(a: &Conversion, b: &Conversion) -> bool {
    if let (Some(a), Some(b)) = (normal(a), normal(b)) {
        return a.0 == b.0 && a.1.len() == b.1.len() && a.1.iter().zip(&b.1).all(|(x, y)| close(*x, *y));
    }
    if !same_name(&a.method.name, &b.method.name) {
        return false;
    }
    let matches = |a: &Conversion, b: &Conversion| {
        a.parameters.iter().all(|p| {
            let other = b.parameters.iter().find(|q| match (p.epsg(), q.epsg()) {
                (Some(p), Some(q)) => p == q,
                _ => same_name(&p.name, &q.name),
            });
            match (&p.value, other.map(|o| &o.value)) {
                (ParameterValue::File(p), Some(ParameterValue::File(q))) => p == q,
                (_, Some(_)) => close(p.si().unwrap_or(f64::NAN), other.and_then(|o| o.si()).unwrap_or(f64::NAN)),
                (ParameterValue::Number(value, _), None) => *value == 0.0,
                _ => false,
            }
        })
    };
    matches(a, b) && matches(b, a)
}

/// Angles to 1e-10 rad (0.6 mm). What is beyond 1000 is an offset in metres, to 0.2 mm: ESRI converts feet with fewer digits.
fn close(a: f64, b: f64) -> bool {
    let tolerance = if a.abs() > 1000.0 { 2e-4 } else { 1e-10 };
    (a - b).abs() <= f64::max(tolerance, 1e-10 * a.abs())
}

/// A method of the catalogue by one name for all that are the same, with its values in SI units in one order.
fn normal(conversion: &Conversion) -> Option<(&'static str, Vec<f64>)> {
    let info = methods::of(conversion)?;
    let value = |epsg: u32, default: f64| conversion.si(epsg).unwrap_or(default);
    // Spherical twins have the same formulas on a sphere.
    let name = match info.name {
        "Equidistant Cylindrical (Spherical)" => "Equidistant Cylindrical",
        "Lambert Azimuthal Equal Area (Spherical)" => "Lambert Azimuthal Equal Area",
        "Lambert Cylindrical Equal Area (Spherical)" => "Lambert Cylindrical Equal Area",
        "Mercator (Spherical)" => "Mercator (variant A)",
        other => other,
    };
    if name == "Mercator (variant A)" {
        return Some((
            name,
            vec![value(8801, 0.0), value(8802, 0.0), value(8805, 1.0), value(8806, 0.0), value(8807, 0.0)],
        ));
    }
    let values = info.parameters.iter().map(|p| {
        let found = conversion.parameters.iter().find(|c| p.is(c)).and_then(|c| c.si());
        found.unwrap_or(if p.kind == UnitKind::Scale { 1.0 } else { 0.0 })
    });
    let mut values: Vec<f64> = values.collect();
    if name == "Equidistant Cylindrical" {
        values.push(value(8801, 0.0));
    }
    // Two standard parallels have no order.
    if let (Some(first), Some(second)) = (position(info, 8823), position(info, 8824))
        && values.get(first) < values.get(second)
    {
        values.swap(first, second);
    }
    Some((name, values))
}

fn position(info: &methods::MethodInfo, epsg: u32) -> Option<usize> {
    info.parameters.iter().position(|p| p.epsg == epsg)
}
