//! GeoKeys to a CRS, decided in GDAL's order (its GTiff driver and libgeotiff), where GeoTIFF 1.1 leaves a choice.

mod citation;
mod geographic;
mod projection;
mod vertical;
mod write;

pub(crate) use write::write;

use crate::equal;
use crate::error::{Error, Result};
use crate::found::Found;
use crate::model::{
    Body, CoordinateSystem, Engineering, Geodetic, Identifier, Projected, Text, Unit, UnitKind, same_number,
};
use crate::{methods, registered, registry, text};
use cog_tiff::{GeoKey, GeoKeys, ModelType};

/// "A value is given by further keys."
const USER_DEFINED: u16 = 32767;
const ESRI_STRING: &str = "ESRI PE String = ";

/// What the keys say.
pub(crate) struct Read {
    pub(crate) body: Body,
    pub(crate) found: Found,
    pub(crate) warnings: Vec<String>,
}

/// Keys with what is said about them.
struct Reader<'a> {
    keys: &'a GeoKeys,
    warnings: Vec<String>,
}

/// None if no key says anything of a CRS.
pub(crate) fn read(keys: &GeoKeys) -> Result<Option<Read>> {
    if keys.iter().next().is_none() {
        return Ok(None);
    }
    let mut reader = Reader { keys, warnings: Vec::new() };
    let model = match keys.short(GeoKey::MODEL_TYPE) {
        // GDAL takes a file with a projected code for projected, whatever it calls itself.
        None | Some(0 | USER_DEFINED) if reader.code(GeoKey::PROJECTED_CRS).is_some() => Some(ModelType::Projected),
        None | Some(0) if reader.code(GeoKey::GEODETIC_CRS).is_some() => Some(ModelType::Geographic),
        _ => keys.model_type(),
    };
    let (body, found) = match model {
        Some(ModelType::Projected) => reader.projected()?,
        Some(ModelType::Geographic) => reader.geographic()?,
        Some(ModelType::Geocentric) => reader.geocentric()?,
        _ => reader.other()?,
    };
    let (body, found) = reader.official(body, found);
    let body = reader.with_vertical(body)?;
    Ok(Some(Read { body, found, warnings: reader.warnings }))
}

impl Reader<'_> {
    fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }

    /// A key that holds a code; none if it is absent, undefined or user-defined.
    fn code(&self, key: GeoKey) -> Option<u32> {
        self.keys.short(key).filter(|code| *code != 0 && *code != USER_DEFINED).map(u32::from)
    }

    /// A finite number; others are left out with a warning.
    fn number(&mut self, key: GeoKey) -> Option<f64> {
        let number = match self.keys.double(key) {
            Some(number) => number,
            // Some writers put whole numbers into the directory.
            None => f64::from(self.keys.short(key)?),
        };
        if !number.is_finite() {
            self.warn(format!("{} is {number}: left out", key.name().unwrap_or("a key")));
            return None;
        }
        Some(number)
    }

    fn text(&self, key: GeoKey) -> Option<&str> {
        self.keys.text(key).map(str::trim).filter(|t| !t.is_empty())
    }

    fn linear_unit(&mut self) -> Unit {
        self.unit(GeoKey::PROJ_LINEAR_UNITS, GeoKey::PROJ_LINEAR_UNIT_SIZE, UnitKind::Length).unwrap_or(Unit::METRE)
    }

    /// A unit by its code, else by its size.
    fn unit(&mut self, code: GeoKey, size: GeoKey, kind: UnitKind) -> Option<Unit> {
        let what = code.name().unwrap_or("unit");
        match self.keys.short(code) {
            None | Some(0) => None,
            Some(USER_DEFINED) => match self.number(size) {
                Some(factor) if factor > 0.0 => Some(match registry_unit(factor, kind) {
                    Some(known) => known,
                    None => Unit::new(kind, "unknown", factor),
                }),
                _ => {
                    self.warn(format!("{what} is user-defined and has no size"));
                    None
                }
            },
            Some(number) => {
                let found = registry::unit_by_code(u32::from(number)).filter(|u| u.kind == kind);
                if found.is_none() {
                    self.warn(format!("{what} {number} is no unit"));
                }
                found
            }
        }
    }

    fn projected(&mut self) -> Result<(Body, Found)> {
        let code = self.code(GeoKey::PROJECTED_CRS);
        let registered = match code {
            Some(code) => match registry::epsg(code).filter(|row| row.kind() == registry::Kind::Projected) {
                Some(row) => registered::body(row),
                None => {
                    let esri =
                        registry::find("ESRI", &code.to_string()).filter(|row| row.kind() == registry::Kind::Projected);
                    if esri.is_none() && !self.has_projection() {
                        return Err(Error::UnknownCode { authority: "EPSG".into(), code: code.to_string() });
                    }
                    if esri.is_none() {
                        self.warn(format!("no projected CRS has the code EPSG:{code}: the other keys describe it"));
                    }
                    esri.and_then(registered::body)
                }
            },
            None => None,
        };
        let plain =
            [GeoKey::PROJECTION, GeoKey::PROJ_METHOD, GeoKey::GEODETIC_CRS, GeoKey::GEODETIC_DATUM, GeoKey::ELLIPSOID]
                .into_iter()
                .all(|key| self.keys.get(key).is_none());
        if let (Some(Body::Projected(crs)), true) = (&registered, plain) {
            let crs = self.in_file_units((**crs).clone());
            return Ok((Body::Projected(Box::new(crs)), Found::Code));
        }
        let registered = match registered {
            Some(Body::Projected(crs)) => Some(*crs),
            _ => None,
        };
        if let Some(found) = self.esri_string(GeoKey::PROJECTED_CITATION, registered.is_none())? {
            return Ok(found);
        }
        let base = self.base(registered.as_ref().map(|r| &r.base))?;
        let linear = match &registered {
            Some(crs) if self.keys.short(GeoKey::PROJ_LINEAR_UNITS).is_none() => {
                crs.cs.unit(UnitKind::Length).cloned().unwrap_or(Unit::METRE)
            }
            _ => self.linear_unit(),
        };
        let angular = base.cs.unit(UnitKind::Angle).cloned().unwrap_or(Unit::DEGREE);
        let conversion = match self.conversion(&angular, &linear) {
            Some(conversion) => conversion,
            None => match &registered {
                Some(crs) => crs.conversion.clone(),
                None => {
                    let name = self.projected_name();
                    if self.keys.short(GeoKey::PROJ_METHOD).is_some() || self.code(GeoKey::PROJECTION).is_some() {
                        self.warn("the projection is not known: coordinates have no place on Earth".to_string());
                    }
                    return Ok((local(name.unwrap_or("unnamed".into()), linear), Found::Keys));
                }
            },
        };
        let name = match &registered {
            Some(crs) => crs.name.clone(),
            None => self.projected_name().unwrap_or("unnamed".into()),
        };
        let mut conversion = conversion;
        if registered.is_none() {
            crate::methods::on_shape(&mut conversion, base.datum.ellipsoid.is_sphere());
        }
        let cs = methods::implied_axes(&conversion, &linear);
        let crs = Projected { name, base, conversion, cs, usages: Vec::new(), id: None };
        if let Some(official) = registered {
            let (body, found) = self.beside_code(crs, official);
            return Ok((self.with_to_wgs84(body)?, found));
        }
        Ok((self.with_to_wgs84(Body::Projected(Box::new(crs)))?, Found::Keys))
    }

    fn has_projection(&self) -> bool {
        self.code(GeoKey::PROJ_METHOD).is_some() || self.code(GeoKey::PROJECTION).is_some()
    }

    /// A code with keys that repeat it is the code; keys that differ win, and the CRS keeps the code they stand beside.
    fn beside_code(&mut self, mut keyed: Projected, official: Projected) -> (Body, Found) {
        keyed.name = official.name.clone();
        let same =
            equal::bodies(&Body::Projected(Box::new(keyed.clone())), &Body::Projected(Box::new(official.clone())));
        if same {
            return (Body::Projected(Box::new(official)), Found::Code);
        }
        let id = official.id.as_ref().map(Identifier::to_string).unwrap_or_default();
        self.warn(format!("the keys describe another CRS than their code {id}"));
        keyed.id = official.id;
        (Body::Projected(Box::new(keyed)), Found::Keys)
    }

    /// A unit beside a code wins: eastings and parameters count in it.
    fn in_file_units(&mut self, mut crs: Projected) -> Projected {
        let by_key = self.unit(GeoKey::PROJ_LINEAR_UNITS, GeoKey::PROJ_LINEAR_UNIT_SIZE, UnitKind::Length);
        let Some(unit) = by_key.or_else(|| self.cited_unit()) else { return crs };
        let Some(own) = crs.cs.unit(UnitKind::Length) else { return crs };
        if same_number(own.factor, unit.factor) {
            return crs;
        }
        let id = crs.id.as_ref().map(Identifier::to_string).unwrap_or_default();
        self.warn(format!("the unit is {}, not the {} of {id}", unit.name, own.name));
        projection::convert_lengths(&mut crs.conversion, &unit);
        crs.cs = CoordinateSystem::projected(unit);
        crs.id = None;
        crs.usages.clear();
        crs
    }

    /// ERDAS IMAGINE writes the unit into the citation only.
    fn cited_unit(&self) -> Option<Unit> {
        let citations = [GeoKey::PROJECTED_CITATION, GeoKey::CITATION];
        let name = citations.into_iter().find_map(|key| citation::unit(self.text(key)?))?;
        let lower = name.to_lowercase();
        let code = match () {
            () if lower.contains("us") || lower.contains("survey") => 9003,
            () if lower.contains("feet") || lower.contains("foot") => 9002,
            () if lower.contains("met") => 9001,
            () => return None,
        };
        registry::unit_by_code(code)
    }

    fn projected_name(&self) -> Option<Text> {
        let citations = [GeoKey::PROJECTED_CITATION, GeoKey::CITATION];
        citations.into_iter().find_map(|key| citation::name(self.text(key)?, "PCS Name")).map(Text::Owned)
    }

    /// "ESRI PE String = PROJCS[…]" in a citation is the CRS.
    fn esri_string(&mut self, key: GeoKey, alone: bool) -> Result<Option<(Body, Found)>> {
        let Some(wkt) = self.text(key).and_then(|t| t.find(ESRI_STRING).and_then(|at| t.get(at + ESRI_STRING.len()..)))
        else {
            return Ok(None);
        };
        if !alone {
            return Ok(None);
        }
        match text::read(wkt) {
            Ok(read) => {
                self.warnings.extend(read.warnings);
                Ok(Some((read.body, Found::EsriString)))
            }
            Err(error) => {
                self.warn(format!("the citation's ESRI string is left out: {error}"));
                Ok(None)
            }
        }
    }

    fn geographic(&mut self) -> Result<(Body, Found)> {
        let code = self.code(GeoKey::GEODETIC_CRS);
        let registered = self.registered_geographic(code)?;
        if let Some(official) = &registered {
            let crs = self.geographic_from_keys(Some(official))?;
            let (a, b) = (Body::Geodetic(Box::new(crs.clone())), Body::Geodetic(Box::new(official.clone())));
            let moves = official.datum.ensemble.is_some() || official.datum.frame_epoch.is_some();
            if equal::bodies(&a, &b) {
                return Ok((b, Found::Code));
            }
            // A datum that moves is what its code says: GDAL does not compare it.
            if moves {
                self.warn(format!(
                    "keys differ from the code {}, which wins",
                    official.id.as_ref().map(Identifier::to_string).unwrap_or_default()
                ));
                return Ok((b, Found::Code));
            }
            let id = official.id.as_ref().map(Identifier::to_string).unwrap_or_default();
            self.warn(format!("the keys describe another CRS than their code {id}"));
            let crs = Geodetic { id: official.id.clone(), ..crs };
            return Ok((self.with_to_wgs84(Body::Geodetic(Box::new(crs)))?, Found::Keys));
        }
        let crs = self.geographic_from_keys(None)?;
        Ok((self.with_to_wgs84(Body::Geodetic(Box::new(crs)))?, Found::Keys))
    }

    fn geocentric(&mut self) -> Result<(Body, Found)> {
        let code = self.code(GeoKey::GEODETIC_CRS);
        let row = code.and_then(registry::epsg).filter(|r| r.kind() == registry::Kind::Geocentric);
        if let Some(body) = row.and_then(registered::body) {
            return Ok((body, Found::Code));
        }
        let unit = self.unit(GeoKey::GEOG_LINEAR_UNITS, GeoKey::GEOG_LINEAR_UNIT_SIZE, UnitKind::Length);
        let unit = unit.unwrap_or_else(|| self.linear_unit());
        let base = match self.registered_geographic(code)? {
            Some(official) => self.geographic_from_keys(Some(&official))?,
            None => self.geographic_from_keys(None)?,
        };
        let name = [GeoKey::CITATION, GeoKey::GEODETIC_CITATION]
            .into_iter()
            .find_map(|k| citation::name(self.text(k)?, "GCS Name"));
        let name = name.map_or(base.name.clone(), Text::Owned);
        Ok((
            Body::Geodetic(Box::new(Geodetic {
                name,
                cs: CoordinateSystem::geocentric(unit),
                id: None,
                usages: Vec::new(),
                ..base
            })),
            Found::Keys,
        ))
    }

    /// A model of no kind: an ESRI string, or coordinates without a place on Earth.
    fn other(&mut self) -> Result<(Body, Found)> {
        if let Some(found) = self.esri_string(GeoKey::PROJECTED_CITATION, true)? {
            return Ok(found);
        }
        let name = self.text(GeoKey::CITATION).or_else(|| self.text(GeoKey::GEODETIC_CITATION)).unwrap_or("unnamed");
        let name = Text::Owned(name.to_string());
        let unit = self.linear_unit();
        Ok((local(name, unit), Found::Keys))
    }

    /// A CRS without a code whose name is registered, and whose definition is the registered one.
    fn official(&mut self, body: Body, found: Found) -> (Body, Found) {
        if body.id().is_some() || found == Found::EsriString || matches!(body, Body::Engineering(_) | Body::Bound(_)) {
            return (body, found);
        }
        // Two names that are no names of their CRS, and are written everywhere.
        let names = [("WGS_1984_Web_Mercator", "ESRI", "102113"), ("Google Maps Global Mercator", "EPSG", "3857")];
        if let Some((_, authority, code)) = names.iter().find(|(name, _, _)| *name == body.name())
            && let Some(known) = registry::find(authority, code).and_then(registered::body)
            && equal::bodies(&body, &known)
        {
            return (known, Found::Name);
        }
        for row in registry::named(body.name()) {
            if let Some(known) = registered::body(row)
                && equal::bodies(&body, &known)
            {
                return (known, Found::Name);
            }
        }
        (body, found)
    }
}

/// Names for sizes that files give as numbers.
fn registry_unit(factor: f64, kind: UnitKind) -> Option<Unit> {
    let codes: &[u32] = match kind {
        UnitKind::Length => &[9001, 9002, 9003],
        UnitKind::Angle => &[9102, 9101, 9105],
        _ => &[],
    };
    codes.iter().filter_map(|code| registry::unit_by_code(*code)).find(|u| same_number(u.factor, factor))
}

fn local(name: Text, unit: Unit) -> Body {
    Body::Engineering(Box::new(Engineering {
        name,
        datum: Text::Borrowed("Unknown engineering datum"),
        datum_id: None,
        anchor: None,
        cs: CoordinateSystem::projected(unit),
        usages: Vec::new(),
        id: None,
    }))
}
