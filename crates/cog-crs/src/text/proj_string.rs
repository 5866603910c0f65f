//! PROJ strings: `+proj=utm +zone=33 +datum=WGS84`.

use crate::error::{Error, Result};
use crate::methods::{self, MethodInfo};
use crate::model::{
    Body, Bound, CoordinateSystem, Datum, Ellipsoid, Geodetic, PrimeMeridian, Projected, Shape, Text, Unit, UnitKind,
};
use crate::wkt::words::{self, owned};
use crate::{bound, geodetic, registered, registry};

/// PROJ's names of ellipsoids, and EPSG's codes for them; where EPSG has none, the axes.
const ELLIPSOIDS: [(&str, u32); 29] = [
    ("WGS84", 7030),
    ("WGS72", 7043),
    ("GRS80", 7019),
    ("GRS67", 7036),
    ("airy", 7001),
    ("mod_airy", 7002),
    ("aust_SA", 7003),
    ("bessel", 7004),
    ("bess_nam", 7046),
    ("clrk66", 7008),
    ("clrk80", 7034),
    ("clrk80ign", 7011),
    ("intl", 7022),
    ("krass", 7024),
    ("helmert", 7020),
    ("evrst30", 7015),
    ("evrst48", 7018),
    ("evrstSS", 7016),
    ("hough", 7053),
    ("NWL9D", 7025),
    ("danish", 7051),
    ("plessis", 7027),
    ("sphere", 7035),
    ("new_intl", 7036),
    ("GSK2011", 1025),
    ("PZ90", 7054),
    ("CGCS2000", 1024),
    ("andrae", 7051),
    ("WGS66", 7025),
];

/// PROJ's datums: EPSG code of the geographic CRS.
const DATUMS: [(&str, u32); 9] = [
    ("WGS84", 4326),
    ("NAD83", 4269),
    ("NAD27", 4267),
    ("GGRS87", 4121),
    ("potsdam", 4314),
    ("carthage", 4223),
    ("hermannskogel", 4312),
    ("ire65", 4299),
    ("OSGB36", 4277),
];

const UNITS: [(&str, u32); 8] = [
    ("m", 9001),
    ("km", 9036),
    ("ft", 9002),
    ("us-ft", 9003),
    ("mi", 9093),
    ("us-mi", 9035),
    ("yd", 9096),
    ("cm", 1033),
];

const MERIDIANS: [(&str, u32); 12] = [
    ("greenwich", 8901),
    ("lisbon", 8902),
    ("paris", 8903),
    ("bogota", 8904),
    ("madrid", 8905),
    ("rome", 8906),
    ("bern", 8907),
    ("jakarta", 8908),
    ("ferro", 8909),
    ("brussels", 8910),
    ("stockholm", 8911),
    ("athens", 8912),
];

struct Arguments<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Arguments<'a> {
    fn text(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find(|(k, _)| *k == key).map(|(_, v)| *v)
    }

    fn number(&self, key: &str) -> Result<Option<f64>> {
        self.text(key).map(|text| words::number(key, text)).transpose()
    }

    /// Degrees; also as `45d30'N`.
    fn angle(&self, key: &str) -> Result<Option<f64>> {
        let Some(text) = self.text(key) else { return Ok(None) };
        if let Ok(number) = words::number(key, text) {
            return Ok(Some(number));
        }
        let bad = || Error::value(key, text, "no angle");
        let (body, sign) = match text.chars().last() {
            Some('W' | 'S' | 'w' | 's') => (text.get(..text.len() - 1).ok_or_else(bad)?, -1.0),
            Some('E' | 'N' | 'e' | 'n') => (text.get(..text.len() - 1).ok_or_else(bad)?, 1.0),
            Some('r') => {
                let radians = words::number(key, text.trim_end_matches('r'))?;
                return Ok(Some(radians.to_degrees()));
            }
            _ => (text, 1.0),
        };
        let mut total = 0.0;
        let mut scale = 1.0;
        for piece in body.split(['d', 'D', '°', '\'', '"']).filter(|p| !p.is_empty()) {
            let value: f64 = piece.parse().map_err(|_| bad())?;
            let negative = total < 0.0 || (scale == 1.0 && piece.starts_with('-'));
            total += if negative { -value.abs() / scale } else { value / scale };
            scale *= 60.0;
        }
        Ok(Some(sign * total))
    }

    fn has(&self, key: &str) -> bool {
        self.text(key).is_some()
    }
}

pub(super) fn read(text: &str, warnings: &mut Vec<String>) -> Result<Body> {
    let mut arguments = Vec::new();
    for word in text.split_whitespace() {
        let word = word.trim_start_matches('+');
        arguments.push(word.split_once('=').unwrap_or((word, "")));
    }
    let arguments = Arguments(arguments);
    if arguments.text("proj") == Some("pipeline") || arguments.has("step") {
        return Err(Error::Unsupported("a PROJ pipeline: it describes an operation, no CRS".into()));
    }
    if let Some(init) = arguments.text("init") {
        return super::codes::read(init)?.ok_or_else(|| Error::value("init", init, "no code"));
    }
    let projection = arguments.text("proj").unwrap_or("");
    if projection == "ob_tran" {
        return Err(Error::Unsupported("a PROJ string with +proj=ob_tran".into()));
    }
    if arguments.text("axis").is_some_and(|a| a != "enu") {
        return Err(Error::Unsupported("a PROJ string with +axis other than enu".into()));
    }
    if arguments.has("geoidgrids") || arguments.has("vunits") || arguments.has("vto_meter") {
        warnings.push("the vertical part of the PROJ string is left out".into());
    }
    let base = base(&arguments)?;
    let linear = linear_unit(&arguments)?;
    let body = match projection {
        "longlat" | "latlong" | "lonlat" | "latlon" => Body::Geodetic(Box::new(base)),
        "geocent" | "cart" => Body::Geodetic(Box::new(Geodetic { cs: CoordinateSystem::geocentric(linear), ..base })),
        "" => return Err(Error::missing("the PROJ string", "+proj")),
        _ => Body::Projected(Box::new(projected(projection, &arguments, base, linear)?)),
    };
    if let Some(text) = arguments.text("towgs84") {
        let mut values = Vec::new();
        for value in text.split(',') {
            values.push(words::number("towgs84", value)?);
        }
        let bad = || Error::value("towgs84", text, "neither 3 nor 7 numbers");
        let transformation = bound::to_wgs84(&body, &values).ok_or_else(bad)?;
        return Ok(Body::Bound(Box::new(Bound { source: body, target: bound::wgs84(), transformation })));
    }
    Ok(bound::with_grid(body, arguments.text("nadgrids").unwrap_or("")))
}

fn linear_unit(arguments: &Arguments<'_>) -> Result<Unit> {
    if let Some(text) = arguments.text("to_meter") {
        let factor = match text.split_once('/') {
            Some((a, b)) => words::number("to_meter", a)? / words::number("to_meter", b)?,
            None => words::number("to_meter", text)?,
        };
        if !factor.is_finite() || factor <= 0.0 {
            return Err(Error::value("to_meter", text, "not above 0"));
        }
        return Ok(Unit::new(UnitKind::Length, "unknown", factor));
    }
    let Some(name) = arguments.text("units") else { return Ok(Unit::METRE) };
    let code = UNITS.iter().find(|(n, _)| *n == name).map(|(_, code)| *code);
    code.and_then(registry::unit_by_code).ok_or_else(|| Error::value("units", name, "no unit that is known"))
}

fn base(arguments: &Arguments<'_>) -> Result<Geodetic> {
    let prime_meridian = prime_meridian(arguments)?;
    if let Some(name) = arguments.text("datum") {
        let code = DATUMS.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, code)| *code);
        let unknown = || Error::value("datum", name, "no datum that is known");
        let found = code.and_then(registry::epsg).and_then(registered::body).ok_or_else(unknown)?;
        let datum = found.geodetic().map(|g| g.datum.clone()).ok_or_else(unknown)?;
        let name = datum.name.strip_suffix(" ensemble").map_or(datum.name.clone(), owned);
        let prime_meridian = prime_meridian.unwrap_or_else(|| datum.prime_meridian.clone());
        let datum = Datum { name, prime_meridian, ensemble: None, ..datum };
        return Ok(Geodetic {
            name: "unknown".into(),
            datum,
            cs: CoordinateSystem::longitude_latitude(Unit::DEGREE),
            usages: Vec::new(),
            id: None,
        });
    }
    let ellipsoid = ellipsoid(arguments)?;
    let mut name = format!("Unknown based on {} ellipsoid", ellipsoid.name);
    if let Some(values) = arguments.text("towgs84") {
        name += &format!(" using towgs84={values}");
    }
    Ok(Geodetic {
        name: "unknown".into(),
        datum: Datum::plain(name.into(), ellipsoid, prime_meridian.unwrap_or_else(PrimeMeridian::greenwich), None),
        cs: CoordinateSystem::longitude_latitude(Unit::DEGREE),
        usages: Vec::new(),
        id: None,
    })
}

fn prime_meridian(arguments: &Arguments<'_>) -> Result<Option<PrimeMeridian>> {
    let Some(name) = arguments.text("pm") else { return Ok(None) };
    if let Some(code) = MERIDIANS.iter().find(|(n, _)| *n == name).map(|(_, code)| *code) {
        return Ok(registry::prime_meridian_by_code(code));
    }
    let longitude = arguments.angle("pm")?.unwrap_or(0.0);
    if longitude == 0.0 {
        return Ok(Some(PrimeMeridian::greenwich()));
    }
    Ok(Some(PrimeMeridian { name: "unknown".into(), longitude, unit: Unit::DEGREE, id: None }))
}

fn ellipsoid(arguments: &Arguments<'_>) -> Result<Ellipsoid> {
    if let Some(radius) = arguments.number("R")? {
        return shaped("unknown", radius, Shape::Sphere);
    }
    let named = match arguments.text("ellps") {
        Some(name) => {
            let code = ELLIPSOIDS.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, code)| *code);
            let unknown = || Error::value("ellps", name, "no ellipsoid that is known");
            Some(code.and_then(registry::ellipsoid_by_code).ok_or_else(unknown)?)
        }
        None => None,
    };
    let Some(semi_major) = arguments.number("a")? else { return Ok(named.unwrap_or_else(geodetic::wgs84_ellipsoid)) };
    let shape = if let Some(b) = arguments.number("b")? {
        if b == semi_major { Shape::Sphere } else { Shape::SemiMinor(b) }
    } else if let Some(rf) = arguments.number("rf")? {
        Shape::InverseFlattening(rf)
    } else if let Some(f) = arguments.number("f")? {
        if f == 0.0 { Shape::Sphere } else { Shape::InverseFlattening(1.0 / f) }
    } else {
        named.map_or(Shape::Sphere, |e| Shape::InverseFlattening(e.inverse_flattening()))
    };
    shaped("unknown", semi_major, shape)
}

/// An ellipsoid of these axes, under its registered name if it has one.
fn shaped(name: &'static str, semi_major: f64, shape: Shape) -> Result<Ellipsoid> {
    let ellipsoid = Ellipsoid { name: name.into(), semi_major, shape, unit: Unit::METRE, id: None };
    if !ellipsoid.is_possible() {
        return Err(Error::value("a", semi_major, "no axis of an ellipsoid"));
    }
    Ok(registry::ellipsoid_by_size(semi_major, ellipsoid.inverse_flattening()).unwrap_or(ellipsoid))
}

fn projected(projection: &str, arguments: &Arguments<'_>, base: Geodetic, linear: Unit) -> Result<Projected> {
    if projection == "utm" {
        let zone = arguments.number("zone")?.ok_or_else(|| Error::missing("+proj=utm", "+zone"))?;
        if !(1.0..=60.0).contains(&zone) || zone.fract() != 0.0 {
            return Err(Error::value("zone", zone, "not within 1 to 60"));
        }
        let south = arguments.has("south");
        let code = if south { 16_100 } else { 16_000 } + zone as u32;
        let conversion = registry::conversion_by_code(code).ok_or_else(|| Error::value("zone", zone, "no zone"))?;
        return Ok(finished(base, conversion, linear));
    }
    let info = method(projection, arguments, &base)?;
    // The sphere of the web's Mercator stands for the ellipsoid of WGS 84.
    let base = if info.epsg == 1024 { Geodetic { name: "WGS 84".into(), ..geodetic::wgs84() } } else { base };
    let mut conversion = info.conversion(&[], &Unit::DEGREE, &linear);
    conversion.name = "unknown".into();
    for p in info.parameters {
        let (value, unit) = match p.kind {
            UnitKind::Angle => (angle(p.proj, p.epsg, info, arguments)?, Unit::DEGREE),
            // Offsets are metres whatever the unit of the axes.
            UnitKind::Length => {
                let metres = if p.proj.is_empty() { 0.0 } else { arguments.number(p.proj)?.unwrap_or(0.0) };
                (metres / linear.factor, linear.clone())
            }
            _ => {
                let scale = arguments
                    .number("k_0")?
                    .or(arguments.number("k")?)
                    .unwrap_or(if info.name.contains("Krovak") { 0.9999 } else { 1.0 });
                (scale, Unit::UNITY)
            }
        };
        conversion.parameters.push(p.with_value(value, unit));
    }
    if let Some(latitude) = arguments.angle("lat_0")?.filter(|l| info.proj == "eqc" && *l != 0.0) {
        conversion.parameters.push(methods::LATITUDE_OF_ORIGIN.with_value(latitude, Unit::DEGREE));
    }
    Ok(finished(base, conversion, linear))
}

fn angle(key: &str, epsg: u32, info: &MethodInfo, arguments: &Arguments<'_>) -> Result<f64> {
    let other = match (key, epsg) {
        // Of the cylindrical projections: the latitude of true scale.
        ("lat_1", 8823) if matches!(info.proj, "merc" | "eqc" | "cea") => "lat_ts",
        ("lat_1", 8801) if info.is("Bonne") => "lat_1",
        ("lonc", _) => "lon_0",
        ("gamma", _) => "alpha",
        ("lat_0", 8801) if info.is("Bonne") => "lat_1",
        ("lat_0", 8801 | 8821) if info.proj == "lcc" && !arguments.has("lat_0") => "lat_1",
        _ => key,
    };
    if info.proj == "krovak" {
        let default = match epsg {
            8811 => 49.5,
            8833 => 24.833_333_333_333_332,
            1036 => 30.288_139_752_777_8,
            _ => 78.5,
        };
        return Ok(if key.is_empty() { None } else { arguments.angle(key)? }.unwrap_or(default));
    }
    if key.is_empty() {
        return Ok(0.0);
    }
    Ok(arguments.angle(key)?.or(arguments.angle(other)?).unwrap_or(0.0))
}

/// PROJ's projections are fewer than EPSG's methods: the arguments tell which one is meant.
fn method(projection: &str, arguments: &Arguments<'_>, base: &Geodetic) -> Result<&'static MethodInfo> {
    let sphere = base.datum.ellipsoid.is_sphere();
    let name = match projection {
        "tmerc" | "etmerc" => "Transverse Mercator",
        "merc"
            if arguments.text("nadgrids") == Some("@null")
                && arguments.number("a")? == arguments.number("b")?
                && arguments.has("a") =>
        {
            "Popular Visualisation Pseudo Mercator"
        }
        "merc" if arguments.has("lat_ts") && !arguments.has("k") && !arguments.has("k_0") => "Mercator (variant B)",
        "merc" => "Mercator (variant A)",
        "lcc" if arguments.has("lat_2") && arguments.text("lat_2") != arguments.text("lat_1") => {
            "Lambert Conic Conformal (2SP)"
        }
        "lcc" if arguments.has("lat_2") && !arguments.has("k_0") && !arguments.has("k") => {
            "Lambert Conic Conformal (2SP)"
        }
        "lcc" => "Lambert Conic Conformal (1SP)",
        "stere" => {
            let latitude = arguments.angle("lat_0")?.unwrap_or(0.0);
            let at_pole = (latitude.abs() - 90.0).abs() < 1e-10;
            match (at_pole, arguments.angle("lat_ts")?) {
                (true, Some(at)) if (at.abs() - 90.0).abs() >= 1e-10 => "Polar Stereographic (variant B)",
                (true, _) => "Polar Stereographic (variant A)",
                (false, _) => "Stereographic",
            }
        }
        "ups" => "Polar Stereographic (variant A)",
        "omerc" if arguments.has("lon_1") => "Hotine Oblique Mercator Two Point Natural Origin",
        "omerc" if arguments.has("no_uoff") || arguments.has("no_off") => "Hotine Oblique Mercator (variant A)",
        "omerc" => "Hotine Oblique Mercator (variant B)",
        "eqc" if sphere => "Equidistant Cylindrical (Spherical)",
        "eqc" => "Equidistant Cylindrical",
        "laea" if sphere => "Lambert Azimuthal Equal Area (Spherical)",
        "cea" if sphere => "Lambert Cylindrical Equal Area (Spherical)",
        "geos" if arguments.text("sweep") == Some("x") => "Geostationary Satellite (Sweep X)",
        "geos" => "Geostationary Satellite (Sweep Y)",
        // PROJ's krovak points its axes east and north unless +axis says otherwise.
        "krovak" => "Krovak (North Orientated)",
        other => {
            let found = methods::all().find(|m| m.proj == other);
            return found.ok_or_else(|| Error::Unsupported(format!("+proj={other}")));
        }
    };
    methods::by_name(name).ok_or_else(|| Error::Unsupported(format!("+proj={projection}")))
}

fn finished(base: Geodetic, conversion: crate::model::Conversion, linear: Unit) -> Projected {
    Projected {
        name: Text::Borrowed("unknown"),
        base,
        conversion,
        cs: CoordinateSystem::projected(linear),
        usages: Vec::new(),
        id: None,
    }
}

/// Keeps the tables honest.
#[cfg(test)]
mod tests {
    use super::{DATUMS, ELLIPSOIDS, MERIDIANS, UNITS};
    use crate::registry;

    #[test]
    fn every_code_of_the_tables_is_registered() {
        assert!(ELLIPSOIDS.iter().all(|(_, code)| registry::ellipsoid_by_code(*code).is_some()));
        assert!(DATUMS.iter().all(|(_, code)| registry::epsg(*code).is_some()));
        assert!(UNITS.iter().all(|(_, code)| registry::unit_by_code(*code).is_some()));
        assert!(MERIDIANS.iter().all(|(_, code)| registry::prime_meridian_by_code(*code).is_some()));
    }
}
