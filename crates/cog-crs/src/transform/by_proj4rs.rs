//! Projections that `proj-core` lacks, and shifts that a definition brings along, by `proj4rs`.

use crate::error::{Error, Result};
use crate::methods;
use crate::model::{Bound, Conversion, Ellipsoid, ParameterValue, UnitKind};
use proj4rs::Proj;
use proj4rs::adaptors::transform_xy;

/// A map projection on an ellipsoid.
pub(super) struct Projection {
    base: Proj,
    projected: Proj,
}

/// A shift of three or seven parameters to WGS 84.
pub(super) struct Shift {
    from: Proj,
    to: Proj,
}

impl std::fmt::Debug for Projection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("proj4rs")
    }
}

impl std::fmt::Debug for Shift {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("towgs84")
    }
}

/// Methods of `proj4rs` that were compared with PROJ.
const COMPARED: [&str; 14] = [
    "aea", "laea", "cea", "eqc", "eqearth", "sinu", "robin", "geos", "gnom", "ortho", "mill", "eqdc", "stere", "somerc",
];

fn shape(ellipsoid: &Ellipsoid) -> String {
    let a = ellipsoid.semi_major_metres();
    match ellipsoid.inverse_flattening() {
        0.0 => format!("+a={a} +b={a}"),
        f => format!("+a={a} +rf={f}"),
    }
}

impl Projection {
    pub(super) fn new(conversion: &Conversion, ellipsoid: &Ellipsoid) -> Result<Projection> {
        let refused = || Error::unsupported(format!("transforming by the method '{}'", conversion.method.name));
        let info = methods::of(conversion).filter(|m| COMPARED.contains(&m.proj)).ok_or_else(refused)?;
        let mut text = format!("+proj={} {}", info.proj, shape(ellipsoid));
        for p in info.parameters {
            let Some(ParameterValue::Number(value, unit)) =
                conversion.parameters.iter().find(|c| p.is(c)).map(|c| &c.value)
            else {
                continue;
            };
            let number = match unit.kind {
                UnitKind::Angle if unit.is_degree() => *value,
                UnitKind::Angle => (value * unit.factor).to_degrees(),
                _ => value * unit.factor,
            };
            // The standard parallel of a cylindrical projection is its latitude of true scale.
            let key = if p.epsg == 8823 && matches!(info.proj, "cea" | "eqc") { "lat_ts" } else { p.proj };
            text += &format!(" +{key}={number}");
        }
        let latitude = conversion.parameter(8801).and_then(crate::model::Parameter::si).filter(|_| info.proj == "eqc");
        if let Some(latitude) = latitude {
            text += &format!(" +lat_0={}", latitude.to_degrees());
        }
        if info.is("Geostationary Satellite (Sweep X)") {
            text += " +sweep=x";
        }
        // A latitude of origin that the method has no place for is another projection.
        if latitude.is_none()
            && conversion.parameters.iter().any(|c| !info.parameters.iter().any(|p| p.is(c)) && c.si() != Some(0.0))
        {
            return Err(refused());
        }
        let bad = |e: proj4rs::errors::Error| {
            Error::unsupported(format!("the projection '{}' ({e})", conversion.method.name))
        };
        Ok(Projection {
            base: Proj::from_proj_string(&format!("+proj=longlat {}", shape(ellipsoid))).map_err(bad)?,
            projected: Proj::from_proj_string(&text).map_err(bad)?,
        })
    }

    pub(super) fn forward(&self, longitude: f64, latitude: f64) -> Option<(f64, f64)> {
        transform_xy(&self.base, &self.projected, longitude.to_radians(), latitude.to_radians()).ok()
    }

    pub(super) fn inverse(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let (longitude, latitude) = transform_xy(&self.projected, &self.base, x, y).ok()?;
        Some((longitude.to_degrees(), latitude.to_degrees()))
    }
}

impl Shift {
    /// To WGS 84 by the parameters of a bound CRS, or back from it.
    pub(super) fn new(bound: &Bound, to_wgs84: bool) -> Result<Shift> {
        let source = bound.source.geodetic().ok_or_else(|| Error::unsupported("a shift without a datum"))?;
        if bound.transformation.parameter(8605).is_none() {
            return Err(Error::unsupported(format!(
                "a datum shift by the method '{}'",
                bound.transformation.method.name
            )));
        }
        let sign = if matches!(bound.transformation.method_code(), Some(9607 | 1032 | 1038)) { -1.0 } else { 1.0 };
        let value = |code: u32| match bound.transformation.parameter(code).map(|p| &p.value) {
            Some(ParameterValue::Number(value, _)) if (8608..=8610).contains(&code) => sign * value,
            Some(ParameterValue::Number(value, _)) => *value,
            _ => 0.0,
        };
        let values: Vec<String> = (8605..=8611).map(|code| value(code).to_string()).collect();
        let bad = |e: proj4rs::errors::Error| Error::unsupported(format!("the datum shift to WGS 84 ({e})"));
        let text = format!("+proj=longlat {} +towgs84={}", shape(&source.datum.ellipsoid), values.join(","));
        let own = Proj::from_proj_string(&text).map_err(bad)?;
        let wgs84 = Proj::from_proj_string("+proj=longlat +datum=WGS84").map_err(bad)?;
        Ok(if to_wgs84 { Shift { from: own, to: wgs84 } } else { Shift { from: wgs84, to: own } })
    }

    pub(super) fn convert(&self, longitude: f64, latitude: f64) -> Option<(f64, f64)> {
        let (longitude, latitude) =
            transform_xy(&self.from, &self.to, longitude.to_radians(), latitude.to_radians()).ok()?;
        Some((longitude.to_degrees(), latitude.to_degrees()))
    }
}
