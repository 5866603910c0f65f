//! WKT1 in the flavours of GDAL and ESRI, which differ in names, not in grammar.

use super::lexer::Node;
use super::words::{identifier, owned};
use crate::error::{Error, Result};
use crate::methods::{self, MethodInfo, ParameterInfo};
use crate::model::{
    Axis, Body, Bound, Compound, Conversion, CoordinateSystem, Datum, Direction, Ellipsoid, Engineering, Geodetic,
    Identifier, Method, Parameter, ParameterValue, PrimeMeridian, Projected, Shape, Text, Unit, UnitKind, Vertical,
    VerticalDatum, canonical, same_name, same_number,
};
use crate::{bound, registry};

const PSEUDO_MERCATOR: &str = "Popular Visualisation Pseudo Mercator";

pub(super) fn is_root(node: &Node) -> bool {
    node.is(&["PROJCS", "GEOGCS", "GEOCCS", "COMPD_CS", "VERT_CS", "VERTCS", "LOCAL_CS", "FITTED_CS"])
}

pub(super) fn read(node: &Node, warnings: &mut Vec<String>) -> Result<Body> {
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
pub(super) fn with_heights(horizontal: &Node, heights: &Node, warnings: &mut Vec<String>) -> Result<Body> {
    if !heights.is(&["VERTCS", "VERT_CS"]) || horizontal.is(&["COMPD_CS", "VERTCS", "VERT_CS"]) {
        return Err(Error::Unsupported(format!("WKT1 {} behind {}", heights.keyword, horizontal.keyword)));
    }
    let horizontal = read(horizontal, warnings)?;
    let registered = registry::named(heights.name()).into_iter().find(|row| row.kind() == registry::Kind::Vertical);
    let vertical = match registered.and_then(registry::Row::body) {
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
        (_, 1) => crate::model::CsKind::Vertical,
        (UnitKind::Angle, _) => crate::model::CsKind::Ellipsoidal,
        _ => crate::model::CsKind::Cartesian,
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
            cs.kind = crate::model::CsKind::Ellipsoidal;
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

fn datum(node: &Node, angular: &Unit) -> Result<Datum> {
    let datum = node.need(&["DATUM"], "DATUM")?;
    let spheroid = datum.need(&["SPHEROID", "ELLIPSOID"], "SPHEROID")?;
    let ellipsoid = ellipsoid(spheroid)?;
    let prime_meridian = match node.child(&["PRIMEM"]) {
        Some(node) => prime_meridian(node, angular)?,
        None => PrimeMeridian::greenwich(),
    };
    let (name, id) = datum_name(datum.name(), &ellipsoid, authority(datum));
    Ok(Datum {
        name,
        ellipsoid,
        prime_meridian,
        ensemble: None,
        frame_epoch: None,
        anchor: None,
        anchor_epoch: None,
        id,
    })
}

/// WGS_1984, D_WGS_1984 and "World Geodetic System 1984" are one datum: the registry's spelling of a name that it knows.
pub(super) fn datum_name(name: &str, ellipsoid: &Ellipsoid, id: Option<Identifier>) -> (Text, Option<Identifier>) {
    const WGS84: [&str; 4] = ["wgs1984", "wgs84", "worldgeodeticsystem1984", "dwgs1984"];
    let spelled: String = canonical(name).collect();
    let known =
        if WGS84.contains(&spelled.as_str()) { registry::datum_by_code(6326) } else { registry::datum_by_name(name) };
    // A name for another shape is another datum.
    let known = known.filter(|d| {
        same_number(d.ellipsoid.semi_major_metres(), ellipsoid.semi_major_metres())
            && (d.ellipsoid.semi_minor_metres() - ellipsoid.semi_minor_metres()).abs() < 0.01
    });
    match known {
        Some(known) => {
            let name = known.name.strip_suffix(" ensemble").map_or(known.name.clone(), owned);
            (name, id.or(known.id))
        }
        None => (owned(name), id),
    }
}

fn ellipsoid(node: &Node) -> Result<Ellipsoid> {
    let (semi_major, inverse_flattening) = (node.number(1)?, node.number(2)?);
    // ESRI's WGS_1984 is "WGS 84".
    let known = registry::ellipsoid_by_name(node.name())
        .filter(|e| same_number(e.semi_major, semi_major) && same_number(e.inverse_flattening(), inverse_flattening));
    let ellipsoid = Ellipsoid {
        name: known.as_ref().map_or_else(|| owned(node.name()), |e| e.name.clone()),
        semi_major,
        shape: if inverse_flattening == 0.0 { Shape::Sphere } else { Shape::InverseFlattening(inverse_flattening) },
        unit: Unit::METRE,
        id: authority(node).or_else(|| known.and_then(|e| e.id)),
    };
    if ellipsoid.is_possible() {
        Ok(ellipsoid)
    } else {
        Err(Error::value("SPHEROID", format!("{semi_major}, {inverse_flattening}"), "no ellipsoid"))
    }
}

fn prime_meridian(node: &Node, angular: &Unit) -> Result<PrimeMeridian> {
    let longitude = node.number(1)?;
    // GDAL writes degrees whatever the CRS's unit, ESRI too: a known meridian tells its own longitude.
    let known = registry::prime_meridian_by_name(node.name());
    if longitude == 0.0 {
        let unit = if angular.is_degree() { angular.clone() } else { Unit::DEGREE };
        return Ok(PrimeMeridian { name: owned(node.name()), longitude, unit, id: authority(node) });
    }
    if let Some(known) = known.filter(|k| (k.degrees() - longitude).abs() < 1e-6) {
        return Ok(known);
    }
    Ok(PrimeMeridian { name: owned(node.name()), longitude, unit: Unit::DEGREE, id: authority(node) })
}

fn vertical(node: &Node) -> Result<Body> {
    let unit = unit(node, UnitKind::Length)?.unwrap_or(Unit::METRE);
    let datum = node.child(&["VERT_DATUM", "VDATUM", "DATUM"]);
    Ok(Body::Vertical(Box::new(Vertical {
        name: owned(node.name()),
        datum: VerticalDatum {
            name: datum.map_or(Text::Borrowed("unknown"), |d| owned(d.name())),
            ensemble: None,
            frame_epoch: None,
            anchor: None,
            anchor_epoch: None,
            id: datum.and_then(authority),
        },
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

/// The axes that a projection implies where nothing says otherwise: away from a pole, or south and west.
pub(crate) fn implied_axes(conversion: &Conversion, unit: &Unit) -> CoordinateSystem {
    let mut cs = CoordinateSystem::projected(unit.clone());
    let directions = match conversion.method_code() {
        Some(9808) => [(Direction::West, None), (Direction::South, None)],
        Some(9819) => [(Direction::South, None), (Direction::West, None)],
        Some(9810 | 9829) => {
            let north = conversion.si(8832).or_else(|| conversion.si(8801)).is_some_and(|latitude| latitude > 0.0);
            let direction = if north { Direction::South } else { Direction::North };
            [(direction.clone(), Some(90.0)), (direction, Some(if north { 180.0 } else { 0.0 }))]
        }
        _ => return cs,
    };
    for (axis, (direction, meridian)) in cs.axes.iter_mut().zip(directions) {
        axis.direction = direction;
        axis.meridian = meridian.map(|degrees| (degrees, Unit::DEGREE));
    }
    cs
}

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

fn conversion(node: &Node, angular: &Unit, linear: &Unit, warnings: &mut Vec<String>) -> Result<Conversion> {
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

/// A definition of the registry that is ESRI's WKT.
pub(crate) fn registered(text: &str) -> Option<Body> {
    read(&super::lexer::parse(text).ok()?, &mut Vec::new()).ok()
}
