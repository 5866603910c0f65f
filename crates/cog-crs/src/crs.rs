use crate::equal;
use crate::error::{Error, Result};
use crate::found::Found;
use crate::model::{Body, CsKind, Unit, UnitKind};
use crate::output::{self, Layout};
use crate::{geokeys, identify, registered, registry, text};
use cog_tiff::GeoKeys;
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

/// A coordinate reference system.
///
/// Read from GeoKeys ([`Crs::from_geo_keys`]) or text ([`Crs::from_str`]), it is written as WKT2, WKT1, PROJJSON and
/// GeoKeys. Two are equal (`==`) if they mean the same: datum, projection, parameters, units; names and the order of the
/// axes are no difference.
#[derive(Clone, Debug)]
pub struct Crs {
    body: Body,
    found: Found,
    warnings: Vec<String>,
    /// The registered CRS that it is, looked up when first asked for.
    identity: OnceLock<Option<(String, String)>>,
    epsg: OnceLock<Option<u32>>,
}

/// What coordinates of a CRS are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Eastings and northings on a map.
    Projected,
    /// Longitude and latitude.
    Geographic,
    /// Longitude, latitude and ellipsoidal height.
    Geographic3d,
    /// X, Y, Z from the Earth's centre.
    Geocentric,
    /// Heights alone.
    Vertical,
    /// A horizontal CRS and heights.
    Compound,
    /// A drawing without a place on Earth.
    Local,
}

/// One axis, in the order of the definition.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AxisInfo {
    /// For example "Easting".
    pub name: String,
    /// For example "E".
    pub abbreviation: String,
    /// "east", "north", "up" or another word of ISO 19111.
    pub direction: String,
    /// The name of the unit; empty for counts.
    pub unit: String,
    /// Metres or radians in one unit.
    pub unit_factor: f64,
}

/// Where a CRS is meant to be used.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AreaOfUse {
    /// In words.
    pub name: String,
    /// Degrees; west is greater than east where the area crosses the antimeridian.
    pub west: f64,
    /// Degrees.
    pub south: f64,
    /// Degrees.
    pub east: f64,
    /// Degrees.
    pub north: f64,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Projected => "projected",
            Kind::Geographic => "geographic",
            Kind::Geographic3d => "geographic 3D",
            Kind::Geocentric => "geocentric",
            Kind::Vertical => "vertical",
            Kind::Compound => "compound",
            Kind::Local => "local",
        })
    }
}

impl FromStr for Crs {
    type Err = Error;

    /// `EPSG:4326`, `OGC:CRS84`, `ESRI:54009`, `EPSG:25832+7837`; URNs and URLs of codes; WKT1 in GDAL's and ESRI's
    /// flavour; WKT2 of 2015 and 2019; PROJJSON; PROJ strings.
    ///
    /// # Errors
    /// [`Error::UnknownCode`] for a code that the registry lacks, and what is wrong with a definition.
    fn from_str(text: &str) -> Result<Crs> {
        let read = text::read(text)?;
        Ok(Crs::new(read.body, read.found, read.warnings))
    }
}

impl PartialEq for Crs {
    fn eq(&self, other: &Crs) -> bool {
        equal::bodies(&self.body, &other.body)
    }
}

impl Crs {
    fn new(body: Body, found: Found, warnings: Vec<String>) -> Crs {
        Crs { body, found, warnings, identity: OnceLock::new(), epsg: OnceLock::new() }
    }

    pub(crate) fn body(&self) -> &Body {
        &self.body
    }

    /// The CRS of a GeoTIFF, as GDAL reads it; `None` where no key says anything of one. What contradicts or cannot be used is
    /// told by [`Crs::warnings`].
    ///
    /// # Errors
    /// [`Error::UnknownCode`] if a code that nothing else describes is not registered.
    pub fn from_geo_keys(keys: &GeoKeys) -> Result<Option<Crs>> {
        Ok(geokeys::read(keys)?.map(|read| Crs::new(read.body, read.found, read.warnings)))
    }

    /// The CRS as GeoKeys, as GDAL's GTiff driver writes them: the code where it says all, else every parameter; version 1.1 of
    /// GeoTIFF where there are heights.
    ///
    /// # Errors
    /// [`Error::CannotWrite`] for a CRS that GeoKeys have no words for.
    pub fn to_geo_keys(&self) -> Result<GeoKeys> {
        geokeys::write(&self.body)
    }

    /// A CRS by its EPSG code.
    ///
    /// # Errors
    /// [`Error::UnknownCode`] if there is none.
    pub fn from_epsg(code: u32) -> Result<Crs> {
        let unknown = || Error::UnknownCode { authority: "EPSG".into(), code: code.to_string() };
        let body = registry::epsg(code).and_then(registered::body).ok_or_else(unknown)?;
        Ok(Crs::new(body, Found::Code, Vec::new()))
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        self.body.name()
    }

    /// How it was found.
    pub fn found(&self) -> Found {
        self.found
    }

    /// Everything that was left out, replaced or contradictory on the way.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Authority and code of the registered CRS that it is, axis order aside: by its own code if the definition is that of the
    /// code, by name, else by its parameters. The Albers of EPSG:5070 written out is EPSG:5070.
    pub fn authority(&self) -> Option<(&str, &str)> {
        let identity = self.identity.get_or_init(|| {
            let id = identify::identify(&self.body)?;
            Some((id.authority.to_string(), id.code.to_string()))
        });
        identity.as_ref().map(|(authority, code)| (authority.as_str(), code.as_str()))
    }

    /// The EPSG code: that of [`Crs::authority`], or of a CRS of EPSG that is the same. ESRI:102653 is EPSG:2231.
    pub fn epsg(&self) -> Option<u32> {
        *self.epsg.get_or_init(|| match self.authority()? {
            ("EPSG", code) => code.parse().ok(),
            _ => identify::epsg(&self.body),
        })
    }

    /// What its coordinates are.
    pub fn kind(&self) -> Kind {
        kind(&self.body)
    }

    /// The axes of the horizontal part, in the order of the definition.
    pub fn axes(&self) -> Vec<AxisInfo> {
        let axes = self.body.cs().axes.iter().map(|axis| AxisInfo {
            name: axis.name.to_string(),
            abbreviation: axis.abbreviation.to_string(),
            direction: axis.direction.word().to_string(),
            unit: axis.unit.as_ref().map_or_else(String::new, |u| u.name.to_string()),
            unit_factor: axis.unit.as_ref().map_or(1.0, |u| u.factor),
        });
        axes.collect()
    }

    /// Name and size (metres, radians) of the unit of the horizontal coordinates.
    pub fn unit(&self) -> Option<(&str, f64)> {
        let cs = self.body.cs();
        let kind = if cs.kind == CsKind::Ellipsoidal { UnitKind::Angle } else { UnitKind::Length };
        cs.unit(kind).map(|unit: &Unit| (unit.name.as_ref(), unit.factor))
    }

    /// True if the definition's first axis is latitude or northing. Coordinates of a
    /// GeoTIFF have x first whatever the definition says.
    pub fn is_north_first(&self) -> bool {
        self.body.cs().is_north_first()
    }

    /// Where it is meant to be used, for registered ones and definitions that say so.
    pub fn area_of_use(&self) -> Option<AreaOfUse> {
        let own = self.body.usages().iter().find_map(|u| Some((u.area.to_string(), u.bbox?)));
        let (name, [south, west, north, east]) = own.or_else(|| {
            let (authority, code) = self.authority()?;
            let body = registered::body(registry::find(authority, code)?)?;
            body.usages().iter().find_map(|u| Some((u.area.to_string(), u.bbox?)))
        })?;
        Some(AreaOfUse { name, west, south, east, north })
    }

    /// WKT2:2019 (ISO 19162) in one line.
    pub fn to_wkt2(&self) -> String {
        output::wkt2(&self.body, Layout::OneLine)
    }

    /// WKT2:2019 with a line for each part, for people.
    pub fn to_wkt2_pretty(&self) -> String {
        output::wkt2(&self.body, Layout::Indented)
    }

    /// WKT1 as GDAL writes it, for readers that know nothing newer.
    ///
    /// # Errors
    /// [`Error::CannotWrite`] for what WKT1 has no words for, a three-dimensional CRS for example.
    pub fn to_wkt1(&self) -> Result<String> {
        output::wkt1(&self.body, Layout::OneLine).map_err(|problem| Error::CannotWrite { format: "WKT1", problem })
    }

    /// PROJJSON 0.7 in one line.
    pub fn to_projjson(&self) -> String {
        output::projjson(&self.body)
    }

    /// The heights of a compound CRS as a CRS of their own.
    pub fn vertical(&self) -> Option<Crs> {
        let vertical = self.body.vertical()?;
        Some(Crs::new(Body::Vertical(Box::new(vertical.clone())), self.found, Vec::new()))
    }

    /// The horizontal part of a compound CRS; any other CRS itself.
    pub fn horizontal(&self) -> Crs {
        Crs::new(self.body.horizontal().clone(), self.found, self.warnings.clone())
    }

    /// The geographic CRS of the same datum: what a projected CRS stands on. `None` for local and vertical ones.
    pub fn geographic(&self) -> Option<Crs> {
        let base = self.body.geodetic()?;
        if !base.is_geocentric() {
            return Some(Crs::new(Body::Geodetic(Box::new(base.clone())), self.found, Vec::new()));
        }
        let mut base = base.clone();
        base.cs = crate::model::CoordinateSystem::geographic(Unit::DEGREE);
        base.id = None;
        Some(Crs::new(Body::Geodetic(Box::new(base)), self.found, Vec::new()))
    }
}

fn kind(body: &Body) -> Kind {
    match body {
        Body::Projected(_) => Kind::Projected,
        Body::Geodetic(crs) if crs.is_geocentric() => Kind::Geocentric,
        Body::Geodetic(crs) if crs.is_3d() => Kind::Geographic3d,
        Body::Geodetic(_) => Kind::Geographic,
        Body::Vertical(_) => Kind::Vertical,
        Body::Compound(_) => Kind::Compound,
        Body::Engineering(_) => Kind::Local,
        Body::Bound(crs) => kind(&crs.source),
    }
}

/// Versions of what the registry is derived from, for people.
pub fn registry_version() -> &'static str {
    registry::version()
}
