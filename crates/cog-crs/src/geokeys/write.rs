//! A CRS as GeoKeys, as GDAL's GTiff driver writes them.

use super::{ESRI_STRING, USER_DEFINED, projection};
use crate::equal;
use crate::error::{Error, Result};
use crate::methods;
use crate::model::{
    Body, Bound, Compound, Conversion, Geodetic, Parameter, ParameterValue, Projected, Unit, UnitKind, Vertical,
};
use crate::output::{self, Layout};
use crate::{registered, registry};
use cog_tiff::{GeoKey, GeoKeyValue, GeoKeys};

const VERSION_1_0: (u16, u16) = (1, 0);
const VERSION_1_1: (u16, u16) = (1, 1);

struct Writer {
    revision: (u16, u16),
    keys: Vec<(GeoKey, GeoKeyValue)>,
}

pub(crate) fn write(body: &Body) -> Result<GeoKeys> {
    let mut writer = Writer { revision: VERSION_1_0, keys: Vec::new() };
    writer.body(body)?;
    writer.keys.sort_by_key(|(key, _)| *key);
    Ok(GeoKeys::from_keys(writer.revision, writer.keys))
}

fn cannot(problem: impl Into<String>) -> Error {
    Error::CannotWrite { format: "GeoKeys", problem: problem.into() }
}

/// The EPSG code that says all: the registered CRS under it is this one.
fn whole_code(body: &Body) -> Option<u16> {
    let code = body.id()?.epsg_code()?;
    let known = registered::body(registry::epsg(code)?)?;
    let code = u16::try_from(code).ok().filter(|c| *c < USER_DEFINED)?;
    equal::bodies(body, &known).then_some(code)
}

impl Writer {
    fn short(&mut self, key: GeoKey, value: u16) {
        self.keys.push((key, GeoKeyValue::Short(value)));
    }

    fn double(&mut self, key: GeoKey, value: f64) {
        self.keys.push((key, GeoKeyValue::Doubles(vec![value])));
    }

    fn text(&mut self, key: GeoKey, text: &str) {
        // The bar ends a text in the file.
        self.keys.push((key, GeoKeyValue::Text(text.to_string())));
    }

    fn has(&self, key: GeoKey) -> bool {
        self.keys.iter().any(|(k, _)| *k == key)
    }

    fn body(&mut self, body: &Body) -> Result<()> {
        match body {
            Body::Geodetic(crs) => self.geodetic(crs),
            Body::Projected(crs) => self.projected(crs),
            Body::Compound(crs) => self.compound(crs),
            Body::Bound(crs) => self.bound(crs),
            Body::Engineering(crs) => {
                if crs.id.is_some()
                    || crs.cs.axes.iter().any(|a| !a.direction.is_east_west() && !a.direction.is_north_south())
                {
                    return Err(cannot(format!("the datum of '{}'", crs.name)));
                }
                self.short(GeoKey::MODEL_TYPE, USER_DEFINED);
                self.text(GeoKey::CITATION, &crs.name);
                if let Some(unit) = crs.cs.unit(UnitKind::Length) {
                    self.linear_unit(unit);
                }
                Ok(())
            }
            Body::Vertical(_) => Err(cannot("a vertical CRS needs a horizontal one beside it")),
        }
    }

    fn unit(&mut self, code: GeoKey, size: GeoKey, unit: &Unit) {
        let known = unit
            .id
            .as_ref()
            .and_then(|id| id.epsg_code())
            .filter(|c| registry::unit_by_code(*c).is_some_and(|u| u.same_size(unit)));
        // 9122 is a degree without a notation; files have always said 9102.
        let number = known.map(|c| if c == 9122 { 9102 } else { c }).and_then(|c| u16::try_from(c).ok());
        match number {
            Some(number) => self.short(code, number),
            None => {
                self.short(code, USER_DEFINED);
                self.double(size, unit.factor);
            }
        }
    }

    fn linear_unit(&mut self, unit: &Unit) {
        self.unit(GeoKey::PROJ_LINEAR_UNITS, GeoKey::PROJ_LINEAR_UNIT_SIZE, unit);
    }

    fn geodetic(&mut self, crs: &Geodetic) -> Result<()> {
        if crs.is_geocentric() {
            self.short(GeoKey::MODEL_TYPE, 3);
            return match whole_code(&Body::Geodetic(Box::new(crs.clone()))) {
                Some(code) => {
                    self.short(GeoKey::GEODETIC_CRS, code);
                    Ok(())
                }
                None => {
                    self.text(GeoKey::CITATION, &crs.name);
                    self.datum_keys(crs);
                    if let Some(unit) = crs.cs.unit(UnitKind::Length) {
                        self.unit(GeoKey::GEOG_LINEAR_UNITS, GeoKey::GEOG_LINEAR_UNIT_SIZE, unit);
                    }
                    Ok(())
                }
            };
        }
        self.short(GeoKey::MODEL_TYPE, 2);
        if crs.is_3d() {
            return self.three_dimensional(crs);
        }
        self.geographic(crs);
        Ok(())
    }

    /// The flat CRS of the same datum, and the three-dimensional one as vertical: GeoTIFF 1.1 section 7.4.
    fn three_dimensional(&mut self, crs: &Geodetic) -> Result<()> {
        let code = whole_code(&Body::Geodetic(Box::new(crs.clone())));
        let code = code.ok_or_else(|| cannot("a three-dimensional CRS needs an EPSG code"))?;
        let flat = registry::rows()
            .filter(|row| row.kind() == registry::Kind::Geographic2d && row.is_epsg() && !row.is_deprecated())
            .find_map(|row| {
                let Some(Body::Geodetic(flat)) = registered::body(row) else { return None };
                (flat.datum.id == crs.datum.id && flat.cs.is_north_first()).then_some(*flat)
            });
        let flat = flat.ok_or_else(|| cannot(format!("no two-dimensional CRS has the datum of '{}'", crs.name)))?;
        // Readers take these numbers for codes of GeoTIFF 1.0.
        if (5001..=5033).contains(&code) {
            return Err(cannot(format!("EPSG:{code} as vertical would be read as another one")));
        }
        self.revision = VERSION_1_1;
        self.geographic(&flat);
        self.short(GeoKey::VERTICAL, code);
        Ok(())
    }

    fn geographic(&mut self, crs: &Geodetic) {
        let unit = crs.cs.unit(UnitKind::Angle).cloned().unwrap_or(Unit::DEGREE);
        if let Some(code) = whole_code(&Body::Geodetic(Box::new(crs.clone()))) {
            self.short(GeoKey::GEODETIC_CRS, code);
            self.text(GeoKey::GEODETIC_CITATION, &crs.name);
        } else {
            self.datum_keys(crs);
        }
        self.unit(GeoKey::GEOG_ANGULAR_UNITS, GeoKey::GEOG_ANGULAR_UNIT_SIZE, &unit);
    }

    fn datum_keys(&mut self, crs: &Geodetic) {
        let datum = &crs.datum;
        self.short(GeoKey::GEODETIC_CRS, USER_DEFINED);
        // What a code says needs no name; names without a code stand in the citation.
        let code = datum
            .id
            .as_ref()
            .and_then(|id| id.epsg_code())
            .filter(|c| registry::datum_by_code(*c).is_some_and(|d| equal::datums(&d, datum)));
        let ellipsoid = &datum.ellipsoid;
        let ellipsoid_code = ellipsoid.id.as_ref().and_then(|id| id.epsg_code());
        let ellipsoid_code =
            ellipsoid_code.filter(|c| registry::ellipsoid_by_code(*c).is_some_and(|e| e == *ellipsoid));
        let mut citation = format!("GCS Name = {}|Datum = {}|", crs.name, datum.name);
        if ellipsoid_code.is_none() {
            citation += &format!("Ellipsoid = {}|", ellipsoid.name);
        }
        citation += &format!("Primem = {}|", datum.prime_meridian.name);
        self.text(GeoKey::GEODETIC_CITATION, &citation);
        let number = |code: Option<u32>| code.and_then(|c| u16::try_from(c).ok()).unwrap_or(USER_DEFINED);
        self.short(GeoKey::GEODETIC_DATUM, number(code));
        self.short(GeoKey::ELLIPSOID, number(ellipsoid_code));
        if ellipsoid_code.is_none() {
            self.double(GeoKey::ELLIPSOID_SEMI_MAJOR_AXIS, ellipsoid.semi_major_metres());
            match ellipsoid.inverse_flattening() {
                0.0 => self.double(GeoKey::ELLIPSOID_SEMI_MINOR_AXIS, ellipsoid.semi_major_metres()),
                f => self.double(GeoKey::ELLIPSOID_INV_FLATTENING, f),
            }
        }
        let meridian = &datum.prime_meridian;
        let known = meridian.id.as_ref().and_then(|id| id.epsg_code()).and_then(|c| u16::try_from(c).ok());
        match known {
            Some(known) => self.short(GeoKey::PRIME_MERIDIAN, known),
            None => {
                let unit = crs.cs.unit(UnitKind::Angle).map_or(Unit::DEGREE.factor, |u| u.factor);
                self.double(GeoKey::PRIME_MERIDIAN_LONGITUDE, meridian.radians() / unit);
            }
        }
    }

    fn projected(&mut self, crs: &Projected) -> Result<()> {
        if crs.cs.axes.len() == 3 {
            let base = crs.base.id.as_ref().and_then(|id| id.epsg_code()).and_then(|c| u16::try_from(c).ok());
            let base = base.ok_or_else(|| cannot("a three-dimensional CRS needs an EPSG code"))?;
            let mut flat = crs.clone();
            flat.cs.axes.truncate(2);
            flat.base.cs.axes.truncate(2);
            flat.base.id = None;
            if let Some(id) = crate::identify::identify(&Body::Geodetic(Box::new(flat.base.clone()))) {
                flat.base.id = Some(id);
            }
            flat.id = crate::identify::identify(&Body::Projected(Box::new(flat.clone())));
            self.projected(&flat)?;
            self.revision = VERSION_1_1;
            self.short(GeoKey::VERTICAL, base);
            return Ok(());
        }
        if let Some(code) = whole_code(&Body::Projected(Box::new(crs.clone()))) {
            self.short(GeoKey::MODEL_TYPE, 1);
            self.short(GeoKey::PROJECTED_CRS, code);
            self.text(GeoKey::CITATION, &crs.name);
            if let Some(unit) = crs.cs.unit(UnitKind::Length) {
                self.linear_unit(unit);
            }
            return Ok(());
        }
        let linear = crs.cs.unit(UnitKind::Length).cloned().unwrap_or(Unit::METRE);
        let angular = crs.base.cs.unit(UnitKind::Angle).cloned().unwrap_or(Unit::DEGREE);
        if !self.conversion(&crs.conversion, &angular, &linear) {
            return self.esri_string(&Body::Projected(Box::new(crs.clone())));
        }
        self.short(GeoKey::MODEL_TYPE, 1);
        self.short(GeoKey::PROJECTED_CRS, USER_DEFINED);
        self.text(GeoKey::CITATION, &crs.name);
        self.linear_unit(&linear);
        self.geographic(&crs.base);
        Ok(())
    }

    /// False if GeoTIFF has no number for the method.
    fn conversion(&mut self, conversion: &Conversion, angular: &Unit, linear: &Unit) -> bool {
        if conversion.method_code() == Some(1024) {
            self.short(GeoKey::PROJECTION, 3856);
            return true;
        }
        let Some(info) = methods::of(conversion) else { return false };
        let name = match info.name {
            "Equidistant Cylindrical (Spherical)" => "Equidistant Cylindrical",
            "Lambert Azimuthal Equal Area (Spherical)" => "Lambert Azimuthal Equal Area",
            "Lambert Cylindrical Equal Area (Spherical)" => "Lambert Cylindrical Equal Area",
            other => other,
        };
        let Some((number, _, keys)) = projection::METHODS.iter().find(|(_, n, _)| *n == name) else { return false };
        let latitude = (*number == projection::EQUIRECTANGULAR).then(|| conversion.parameter(8801)).flatten();
        if conversion.parameters.len() > keys.len() + usize::from(latitude.is_some()) {
            return false;
        }
        if let Some(latitude) = latitude.and_then(|p| in_unit(p, angular, linear)) {
            self.double(GeoKey::PROJ_CENTER_LAT, latitude);
        }
        self.short(GeoKey::PROJECTION, USER_DEFINED);
        self.short(GeoKey::PROJ_METHOD, *number);
        for (parameter, keys) in info.parameters.iter().zip(*keys) {
            let (Some(value), Some(key)) = (
                conversion.parameters.iter().find(|p| parameter.is(p)).and_then(|p| in_unit(p, angular, linear)),
                keys.first(),
            ) else {
                continue;
            };
            self.double(*key, value);
        }
        true
    }

    /// Methods without a number: GDAL reads such a citation before any key.
    fn esri_string(&mut self, body: &Body) -> Result<()> {
        let wkt = output::wkt1(body, Layout::OneLine).map_err(cannot)?;
        self.keys.clear();
        self.short(GeoKey::MODEL_TYPE, USER_DEFINED);
        self.short(GeoKey::PROJECTED_CRS, USER_DEFINED);
        self.text(GeoKey::PROJECTED_CITATION, &format!("{ESRI_STRING}{wkt}"));
        Ok(())
    }

    fn compound(&mut self, crs: &Compound) -> Result<()> {
        self.body(&crs.horizontal)?;
        self.revision = VERSION_1_1;
        self.keys.retain(|(key, _)| *key != GeoKey::CITATION);
        self.text(GeoKey::CITATION, &crs.name);
        let Body::Vertical(vertical) = &crs.vertical else {
            return Err(cannot(format!("'{}' is no vertical CRS", crs.vertical.name())));
        };
        self.vertical(vertical);
        Ok(())
    }

    fn vertical(&mut self, crs: &Vertical) {
        if let Some(code) = whole_code(&Body::Vertical(Box::new(crs.clone()))) {
            self.short(GeoKey::VERTICAL, code);
            return;
        }
        let datum = crs.datum.id.as_ref().and_then(|id| id.epsg_code()).and_then(|c| u16::try_from(c).ok());
        self.short(GeoKey::VERTICAL, USER_DEFINED);
        self.text(GeoKey::VERTICAL_CITATION, &crs.name);
        self.short(GeoKey::VERTICAL_DATUM, datum.unwrap_or(USER_DEFINED));
        if let Some(unit) = crs.cs.unit(UnitKind::Length) {
            let code = unit.id.as_ref().and_then(|id| id.epsg_code()).and_then(|c| u16::try_from(c).ok());
            self.short(GeoKey::VERTICAL_UNITS, code.unwrap_or(USER_DEFINED));
        }
    }

    fn bound(&mut self, crs: &Bound) -> Result<()> {
        let number = |code: u32| match crs.transformation.parameter(code).map(|p| &p.value) {
            Some(ParameterValue::Number(value, _)) => Ok(*value),
            Some(ParameterValue::File(_)) => Err(cannot("a datum shift by a grid file")),
            None => Ok(0.0),
        };
        if crs.transformation.parameter(8605).is_none() {
            return Err(cannot(format!("a datum shift by the method '{}'", crs.transformation.method.name)));
        }
        self.body(&crs.source)?;
        if self.keys.iter().any(|(_, v)| matches!(v, GeoKeyValue::Text(t) if t.starts_with(ESRI_STRING))) {
            // A string says all, the shift too.
            return self.esri_string(&Body::Bound(Box::new(crs.clone())));
        }
        // A projected code alone is read without TOWGS84.
        if let (Body::Projected(source), false) = (&crs.source, self.has(GeoKey::GEODETIC_CRS)) {
            self.geographic(&source.base);
        }
        let mut values = (8605..=8611).map(number).collect::<Result<Vec<f64>>>()?;
        if matches!(crs.transformation.method_code(), Some(9607 | 1032 | 1038)) {
            values.iter_mut().skip(3).take(3).for_each(|v| *v = -*v);
        }
        if values.iter().skip(3).all(|v| *v == 0.0) {
            values.truncate(3);
        }
        if !self.has(GeoKey::TO_WGS84) {
            self.keys.push((GeoKey::TO_WGS84, GeoKeyValue::Doubles(values)));
        }
        Ok(())
    }
}

fn in_unit(parameter: &Parameter, angular: &Unit, linear: &Unit) -> Option<f64> {
    let ParameterValue::Number(value, unit) = &parameter.value else { return None };
    let wanted = match unit.kind {
        UnitKind::Angle => angular,
        UnitKind::Length => linear,
        _ => return Some(value * unit.factor),
    };
    Some(if unit.same_size(wanted) { *value } else { value * unit.factor / wanted.factor })
}
