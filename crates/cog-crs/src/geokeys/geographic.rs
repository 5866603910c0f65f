//! Datum, ellipsoid, prime meridian and angular unit.

use super::{Reader, citation};
use crate::error::{Error, Result};
use crate::model::{
    Body, Bound, CoordinateSystem, Datum, Ellipsoid, Geodetic, Identifier, PrimeMeridian, Shape, Text, Unit, UnitKind,
};
use crate::{bound, geodetic, registered, registry};
use cog_tiff::{GeoKey, GeoKeyValue};

impl Reader<'_> {
    /// The CRS of a geographic code; an unknown code is an error unless keys describe the datum.
    pub(super) fn registered_geographic(&mut self, code: Option<u32>) -> Result<Option<Geodetic>> {
        let Some(code) = code else { return Ok(None) };
        let body = registry::epsg(code).and_then(registered::body);
        match body {
            Some(Body::Geodetic(crs)) if !crs.is_geocentric() => Ok(Some(flat(*crs))),
            _ => {
                let described = self.keys.get(GeoKey::GEODETIC_DATUM).is_some()
                    || self.keys.get(GeoKey::ELLIPSOID_SEMI_MAJOR_AXIS).is_some();
                // Codes of ellipsoids instead of CRSs: GeoTIFF 1.0 lets files say "4030", a datum without a name.
                if described {
                    self.warn(format!("no geographic CRS has the code EPSG:{code}: the other keys describe it"));
                    return Ok(None);
                }
                Err(Error::UnknownCode { authority: "EPSG".into(), code: code.to_string() })
            }
        }
    }

    /// The base of a projected CRS: its own keys, else that of the projected code.
    pub(super) fn base(&mut self, of_code: Option<&Geodetic>) -> Result<Geodetic> {
        let code = self.code(GeoKey::GEODETIC_CRS);
        let registered = self.registered_geographic(code)?;
        let official = registered.as_ref().or(of_code).cloned();
        let crs = self.geographic_from_keys(official.as_ref())?;
        if let Some(official) = official {
            let (a, b) = (Body::Geodetic(Box::new(crs.clone())), Body::Geodetic(Box::new(official.clone())));
            let moves = official.datum.ensemble.is_some() || official.datum.frame_epoch.is_some();
            if moves || crate::equal::bodies(&a, &b) {
                return Ok(official);
            }
            let id = official.id.as_ref().map(Identifier::to_string).unwrap_or_default();
            self.warn(format!("the keys describe another geographic CRS than their code {id}"));
            return Ok(Geodetic { id: official.id, ..crs });
        }
        // A base without a code that bears a registered name is that one, if it is the same.
        for row in registry::named(&crs.name) {
            if let Some(Body::Geodetic(known)) = registered::body(row) {
                let (a, b) = (Body::Geodetic(Box::new(crs.clone())), Body::Geodetic(known.clone()));
                if crate::equal::bodies(&a, &b) {
                    return Ok(*known);
                }
            }
        }
        Ok(crs)
    }

    /// What keys say, over what the code says.
    pub(super) fn geographic_from_keys(&mut self, official: Option<&Geodetic>) -> Result<Geodetic> {
        let cited = self.text(GeoKey::GEODETIC_CITATION).unwrap_or("").to_string();
        let unit = self.unit(GeoKey::GEOG_ANGULAR_UNITS, GeoKey::GEOG_ANGULAR_UNIT_SIZE, UnitKind::Angle);
        let unit = match (unit, official) {
            (Some(unit), _) => unit,
            (None, Some(official)) => official.cs.unit(UnitKind::Angle).cloned().unwrap_or(Unit::DEGREE),
            (None, None) => Unit::DEGREE,
        };
        let datum = self.datum(official.map(|o| &o.datum), &cited, &unit)?;
        let name = match official {
            Some(official) => official.name.clone(),
            None => citation::name(&cited, "GCS Name").map_or(Text::Borrowed("unknown"), Text::Owned),
        };
        let name = if name.starts_with("GCS_") || name.contains('_') {
            registry::named(&name).first().map_or(name.clone(), |row| row.name().into())
        } else {
            name
        };
        let mut cs = official.map_or_else(|| CoordinateSystem::geographic(unit.clone()), |o| o.cs.clone());
        cs.set_unit(&unit);
        Ok(Geodetic { name, datum, cs, usages: Vec::new(), id: None })
    }

    fn datum(&mut self, official: Option<&Datum>, cited: &str, angular: &Unit) -> Result<Datum> {
        let code = self.code(GeoKey::GEODETIC_DATUM);
        let by_code = code.and_then(registry::datum_by_code);
        if let (Some(code), None) = (code, &by_code) {
            self.warn(format!("no datum has the code EPSG:{code}"));
        }
        // The datum of the CRS's code stands unless a key names another one.
        let known = by_code.or_else(|| official.cloned());
        let ellipsoid = self.ellipsoid(known.as_ref().map(|d| &d.ellipsoid), cited)?;
        let prime_meridian = self.prime_meridian(known.as_ref().map(|d| &d.prime_meridian), cited, angular);
        if let Some(known) = known {
            return Ok(Datum { ellipsoid, prime_meridian, ..known });
        }
        let name = citation::entry(cited, "Datum").map(str::to_string);
        let name = name.unwrap_or_else(|| {
            if citation::entry(cited, "GCS Name").is_some() { "unknown".into() } else { "unnamed".to_string() }
        });
        let (name, id) = registry::spelled_datum(&name, &ellipsoid, None);
        Ok(Datum::plain(name, ellipsoid, prime_meridian, id))
    }

    fn ellipsoid(&mut self, of_datum: Option<&Ellipsoid>, cited: &str) -> Result<Ellipsoid> {
        let code = self.code(GeoKey::ELLIPSOID);
        let by_code = code.and_then(registry::ellipsoid_by_code);
        if let (Some(code), None) = (code, &by_code) {
            self.warn(format!("no ellipsoid has the code EPSG:{code}"));
        }
        let known = by_code.or_else(|| of_datum.cloned());
        let a = self.number(GeoKey::ELLIPSOID_SEMI_MAJOR_AXIS).filter(|a| *a != 0.0);
        if let Some(a) = a.filter(|a| *a < 0.0) {
            return Err(Error::value("EllipsoidSemiMajorAxis", a, "below 0"));
        }
        let b = self.number(GeoKey::ELLIPSOID_SEMI_MINOR_AXIS).filter(|b| *b > 0.0);
        let inverse = match self.keys.double(GeoKey::ELLIPSOID_INV_FLATTENING) {
            // A flattening of nothing has no inverse.
            Some(f) if f.is_infinite() => Some(0.0),
            _ => self.number(GeoKey::ELLIPSOID_INV_FLATTENING),
        };
        let inverse = inverse.filter(|f| *f == 0.0 || *f > 1.0);
        if a.is_none() && b.is_none() && inverse.is_none() {
            if let Some(known) = known {
                return Ok(known);
            }
            self.warn("the keys give no ellipsoid: taken for that of WGS 84".to_string());
            let name = "unretrievable - using WGS84".into();
            return Ok(Ellipsoid { name, id: None, ..geodetic::wgs84_ellipsoid() });
        }
        let a = a.or_else(|| known.as_ref().map(Ellipsoid::semi_major_metres)).unwrap_or(6_378_137.0);
        let shape = match (inverse, b) {
            (Some(0.0), _) => Shape::Sphere,
            (Some(f), _) => Shape::InverseFlattening(f),
            (None, Some(b)) if b == a => Shape::Sphere,
            (None, Some(b)) if b < a => Shape::InverseFlattening(a / (a - b)),
            (None, Some(_)) => {
                self.warn("the semi-minor axis is longer than the semi-major one: left out".to_string());
                Shape::Sphere
            }
            (None, None) => known.as_ref().map_or(Shape::Sphere, |e| Shape::InverseFlattening(e.inverse_flattening())),
        };
        let shape = match shape {
            Shape::InverseFlattening(f) if (f - 298.257_223_563).abs() < 1e-10 => {
                Shape::InverseFlattening(298.257_223_563)
            }
            other => other,
        };
        let name = citation::entry(cited, "Ellipsoid").map(|n| Text::Owned(n.to_string()));
        let mut made = Ellipsoid { name: "unknown".into(), semi_major: a, shape, unit: Unit::METRE, id: None };
        if let Some(known) = known {
            // Rounded copies of what the code says are what the code says.
            if crate::equal::ellipsoids(&known, &made) {
                return Ok(known);
            }
            self.warn(format!("the ellipsoid's axes are not those of '{}'", known.name));
            made.name = known.name;
            made.id = None;
        }
        if let Some(name) = name {
            made.name = name;
        } else if let Some(known) = registry::ellipsoid_by_size(a, made.inverse_flattening()) {
            return Ok(known);
        }
        Ok(made)
    }

    fn prime_meridian(&mut self, of_datum: Option<&PrimeMeridian>, cited: &str, angular: &Unit) -> PrimeMeridian {
        if let Some(code) = self.code(GeoKey::PRIME_MERIDIAN) {
            match registry::prime_meridian_by_code(code) {
                Some(known) => return known,
                None => self.warn(format!("no prime meridian has the code EPSG:{code}")),
            }
        }
        let name = citation::entry(cited, "Primem").map(str::to_string);
        match self.number(GeoKey::PRIME_MERIDIAN_LONGITUDE) {
            None => of_datum.cloned().unwrap_or_else(PrimeMeridian::greenwich),
            Some(longitude) => {
                let degrees = longitude * angular.factor.to_degrees();
                if let Some(known) = of_datum.filter(|p| (p.degrees() - degrees).abs() < 1e-9) {
                    return known.clone();
                }
                let named = name.as_deref().and_then(registry::prime_meridian_by_name);
                if let Some(known) = named.filter(|p| (p.degrees() - degrees).abs() < 1e-9) {
                    return known;
                }
                if degrees == 0.0 && name.is_none() {
                    return PrimeMeridian::greenwich();
                }
                PrimeMeridian {
                    name: name.unwrap_or_else(|| "unknown".into()).into(),
                    longitude: degrees,
                    unit: Unit::DEGREE,
                    id: None,
                }
            }
        }
    }

    /// GeogTOWGS84, which a code of a CRS makes needless.
    pub(super) fn with_to_wgs84(&mut self, body: Body) -> Result<Body> {
        let Some(GeoKeyValue::Doubles(values)) = self.keys.get(GeoKey::TO_WGS84) else { return Ok(body) };
        let values: Vec<f64> = values.iter().copied().take(7).collect();
        if values.iter().any(|v| !v.is_finite()) {
            self.warn("GeogTOWGS84 holds a number that is not finite: left out".to_string());
            return Ok(body);
        }
        match bound::to_wgs84(&body, &values) {
            Some(transformation) => {
                Ok(Body::Bound(Box::new(Bound { source: body, target: bound::wgs84(), transformation })))
            }
            None => {
                self.warn(format!("GeogTOWGS84 has {} numbers, neither 3 nor 7: left out", values.len()));
                Ok(body)
            }
        }
    }
}

/// A two-dimensional model has two axes, also by a three-dimensional code.
fn flat(mut crs: Geodetic) -> Geodetic {
    if crs.is_3d() {
        crs.cs.axes.truncate(2);
        crs.id = None;
    }
    crs
}
