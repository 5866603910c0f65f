//! Projections and their parameters, by the names that GDAL and ESRI have for them.

use super::Node;
use crate::error::{Error, Result};
use crate::methods::{self, MethodInfo, ParameterInfo};
use crate::model::{Conversion, Method, Parameter, ParameterValue, Unit, UnitKind, same_name};
use crate::wkt::words::owned;

const PSEUDO_MERCATOR: &str = "Popular Visualisation Pseudo Mercator";

/// Names that mean one parameter in one projection or another.
const SAME: [&[&str]; 4] = [
    &["satellite_height", "height"],
    &["latitude_of_origin", "latitude_of_center", "latitude_of_centre", "central_parallel", "standard_parallel_1"],
    &["central_meridian", "longitude_of_center", "longitude_of_centre", "longitude_of_origin"],
    &["standard_parallel_1", "pseudo_standard_parallel_1"],
];

struct Values(Vec<(String, f64)>);

impl Values {
    fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(n, _)| same_name(n, name)).map(|(_, v)| *v)
    }

    /// By the method's own name, else by one that means the same.
    fn of(&self, info: &ParameterInfo, method: &MethodInfo) -> Option<f64> {
        if let Some(value) = self.get(info.wkt1).or_else(|| self.get(info.name)) {
            return Some(value);
        }
        let own = |name: &str| method.parameters.iter().any(|p| p.wkt1 == name);
        SAME.iter()
            .filter(|group| group.contains(&info.wkt1))
            .flat_map(|group| group.iter())
            .filter(|name| !own(name))
            .find_map(|name| self.get(name))
    }
}

pub(super) fn conversion(node: &Node, angular: &Unit, linear: &Unit, warnings: &mut Vec<String>) -> Result<Conversion> {
    let projection = node.need(&["PROJECTION"], "PROJECTION")?;
    let mut values = Vec::new();
    for p in node.nodes().filter(|n| n.is(&["PARAMETER"])) {
        values.push((p.name().to_string(), p.number(1)?));
    }
    let values = Values(values);
    let extension = node.child(&["EXTENSION"]).filter(|n| n.name() == "PROJ4").and_then(|n| n.value(1)).unwrap_or("");
    let name = projection.name();
    let southing = node.child(&["AXIS"]).and_then(|a| a.value(1)).is_some_and(|d| d.eq_ignore_ascii_case("SOUTH"));
    let Some(info) = method(name, &values, extension, southing) else {
        // The registry's methods that WKT1 has no name for are written by EPSG's.
        return unknown_method(name, &values, angular, linear);
    };
    let degrees = |name: &str| values.get(name).unwrap_or(0.0) * angular.factor.to_degrees();
    let mut parameters = Vec::new();
    for p in info.parameters {
        let mut value = values.of(p, info).unwrap_or(if p.kind == UnitKind::Scale { 1.0 } else { 0.0 });
        // Polar variant A has its origin at a pole: a file that has no latitude or a scale of 0 means the default.
        if p.kind == UnitKind::Scale && value == 0.0 {
            value = 1.0;
        }
        if info.epsg == 9819 || info.epsg == 1041 {
            value = match p.epsg {
                // GDAL omits what is the same in every Krovak.
                1036 if values.get(p.wkt1).is_none() => 30.288_139_752_777_8 / angular.factor.to_degrees(),
                8818 if values.of(p, info).is_none() => 78.5 / angular.factor.to_degrees(),
                _ => value,
            };
        }
        if p.epsg == 8814 && values.get(p.wkt1).is_none() {
            value = values.get("XY_Plane_Rotation").unwrap_or_else(|| degrees("azimuth") / angular.factor.to_degrees());
        }
        let unit = match p.kind {
            UnitKind::Angle => angular.clone(),
            UnitKind::Length => linear.clone(),
            _ => Unit::UNITY,
        };
        parameters.push(p.with_value(value, unit));
    }
    let used = |name: &str| {
        info.parameters.iter().any(|p| {
            same_name(p.wkt1, name)
                || same_name(p.name, name)
                || SAME.iter().any(|g| g.contains(&p.wkt1) && g.iter().any(|n| same_name(n, name)))
        })
    };
    // A cylindrical projection may count its northings from a latitude.
    let equirectangular = info.proj == "eqc";
    if let Some(latitude) = values.get("latitude_of_origin").filter(|l| equirectangular && *l != 0.0) {
        parameters.push(methods::LATITUDE_OF_ORIGIN.with_value(latitude, angular.clone()));
    }
    if name.eq_ignore_ascii_case("Behrmann") {
        // By its name: true at 30 degrees.
        let parallel = 30.0 / angular.factor.to_degrees();
        if let Some(first) = parameters.first_mut() {
            first.value = ParameterValue::Number(parallel, angular.clone());
        }
    }
    for (name, value) in &values.0 {
        let turned = info.proj == "omerc" && same_name(name, "XY_Plane_Rotation")
            || info.proj == "krovak" && name.starts_with(['X', 'Y']);
        let harmless = *value == 0.0
            || (same_name(name, "scale_factor") && *value == 1.0)
            || same_name(name, "auxiliary_sphere_type")
            || turned
            || equirectangular && same_name(name, "latitude_of_origin");
        if !harmless && !used(name) {
            warnings.push(format!("the parameter {name} = {value} is none of {}", info.name));
        }
    }
    Ok(Conversion { name: "unnamed".into(), method: info.method(), parameters, id: None })
}

/// The method that a name means together with its parameters.
fn method(name: &str, values: &Values, extension: &str, southing: bool) -> Option<&'static MethodInfo> {
    let called = |wanted: &str| same_name(name, wanted);
    let by_name = methods::by_name;
    let has = |name: &str| values.get(name).is_some();
    if called("Mercator_Auxiliary_Sphere") || (called("Mercator_1SP") && extension.contains("+nadgrids=@null")) {
        return by_name(PSEUDO_MERCATOR);
    }
    if called("Geostationary_Satellite") && extension.contains("+sweep=x") {
        return by_name("Geostationary Satellite (Sweep X)");
    }
    if called("Polar_Stereographic") {
        let latitude = values.get("latitude_of_origin").or_else(|| values.get("standard_parallel_1")).unwrap_or(90.0);
        let scaled = values.get("scale_factor").is_some_and(|k| k != 1.0);
        let at_pole = (latitude.abs() - 90.0).abs() < 1e-10;
        return by_name(if at_pole || scaled {
            "Polar Stereographic (variant A)"
        } else {
            "Polar Stereographic (variant B)"
        });
    }
    if called("Lambert_Conformal_Conic") {
        // On a scaled ellipsoid it is Michigan's.
        let scaled = values.get("scale_factor").is_some_and(|k| k != 1.0);
        return by_name(if has("standard_parallel_2") && scaled {
            "Lambert Conic Conformal (2SP Michigan)"
        } else if has("standard_parallel_2") {
            "Lambert Conic Conformal (2SP)"
        } else {
            "Lambert Conic Conformal (1SP)"
        });
    }
    if called("Stereographic") && values.get("latitude_of_origin").is_some_and(|l| (l.abs() - 90.0).abs() < 1e-10) {
        return by_name("Polar Stereographic (variant A)");
    }
    if called("Goode_Homolosine") && values.get("Option") == Some(1.0) {
        return by_name("Interrupted Goode Homolosine");
    }
    if called("Mercator") && !has("standard_parallel_1") {
        return by_name("Mercator (variant A)");
    }
    if called("Krovak") {
        // ESRI writes the way of the axes as two scales.
        let south = southing || values.get("X_Scale") == Some(1.0) && values.get("Y_Scale") == Some(1.0);
        return by_name(if south { "Krovak" } else { "Krovak (North Orientated)" });
    }
    let mut known = methods::all().filter(|m| !m.wkt1.is_empty() || !m.others.is_empty());
    known.find(|m| same_name(m.wkt1, name) || same_name(m.name, name) || m.others.iter().any(|o| same_name(o, name)))
}

/// A method that no flavour of WKT1 lists is kept by its name: it says what the file says, and transforms to nothing.
fn unknown_method(name: &str, values: &Values, angular: &Unit, linear: &Unit) -> Result<Conversion> {
    if name.is_empty() {
        return Err(Error::missing("PROJECTION", "name"));
    }
    let parameters = values.0.iter().map(|(name, value)| {
        let known: Option<&ParameterInfo> =
            methods::all().flat_map(|m| m.parameters).find(|p| same_name(p.wkt1, name) || same_name(p.name, name));
        let unit = match known.map(|p| p.kind) {
            Some(UnitKind::Angle) => angular.clone(),
            Some(UnitKind::Length) => linear.clone(),
            _ => Unit::UNITY,
        };
        Parameter { name: owned(name), value: ParameterValue::Number(*value, unit), id: None }
    });
    let parameters = parameters.collect();
    Ok(Conversion { name: "unnamed".into(), method: Method { name: owned(name), id: None }, parameters, id: None })
}
