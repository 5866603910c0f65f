//! The GeoKey directory: GeoTIFF 1.1 section 7.1.

use crate::ifd::Ifd;
use crate::tag::Tag;
use crate::value::decode_text;

/// The number of a GeoKey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GeoKey(pub u16);

macro_rules! geo_keys {
    ($($name:ident = $code:literal, $text:literal;)*) => {
        #[allow(missing_docs)]
        impl GeoKey {
            $(pub const $name: GeoKey = GeoKey($code);)*

            /// The key's name in GeoTIFF 1.1 (without the suffix "GeoKey"); `None` for an unknown one.
            pub fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some($text),)*
                    _ => None,
                }
            }
        }
    };
}

geo_keys! {
    MODEL_TYPE = 1024, "GTModelType";
    RASTER_TYPE = 1025, "GTRasterType";
    CITATION = 1026, "GTCitation";
    GEODETIC_CRS = 2048, "GeodeticCRS";
    GEODETIC_CITATION = 2049, "GeodeticCitation";
    GEODETIC_DATUM = 2050, "GeodeticDatum";
    PRIME_MERIDIAN = 2051, "PrimeMeridian";
    GEOG_LINEAR_UNITS = 2052, "GeogLinearUnits";
    GEOG_LINEAR_UNIT_SIZE = 2053, "GeogLinearUnitSize";
    GEOG_ANGULAR_UNITS = 2054, "GeogAngularUnits";
    GEOG_ANGULAR_UNIT_SIZE = 2055, "GeogAngularUnitSize";
    ELLIPSOID = 2056, "Ellipsoid";
    ELLIPSOID_SEMI_MAJOR_AXIS = 2057, "EllipsoidSemiMajorAxis";
    ELLIPSOID_SEMI_MINOR_AXIS = 2058, "EllipsoidSemiMinorAxis";
    ELLIPSOID_INV_FLATTENING = 2059, "EllipsoidInvFlattening";
    GEOG_AZIMUTH_UNITS = 2060, "GeogAzimuthUnits";
    PRIME_MERIDIAN_LONGITUDE = 2061, "PrimeMeridianLongitude";
    TO_WGS84 = 2062, "GeogTOWGS84";
    PROJECTED_CRS = 3072, "ProjectedCRS";
    PROJECTED_CITATION = 3073, "ProjectedCitation";
    PROJECTION = 3074, "Projection";
    PROJ_METHOD = 3075, "ProjMethod";
    PROJ_LINEAR_UNITS = 3076, "ProjLinearUnits";
    PROJ_LINEAR_UNIT_SIZE = 3077, "ProjLinearUnitSize";
    PROJ_STD_PARALLEL_1 = 3078, "ProjStdParallel1";
    PROJ_STD_PARALLEL_2 = 3079, "ProjStdParallel2";
    PROJ_NAT_ORIGIN_LONG = 3080, "ProjNatOriginLong";
    PROJ_NAT_ORIGIN_LAT = 3081, "ProjNatOriginLat";
    PROJ_FALSE_EASTING = 3082, "ProjFalseEasting";
    PROJ_FALSE_NORTHING = 3083, "ProjFalseNorthing";
    PROJ_FALSE_ORIGIN_LONG = 3084, "ProjFalseOriginLong";
    PROJ_FALSE_ORIGIN_LAT = 3085, "ProjFalseOriginLat";
    PROJ_FALSE_ORIGIN_EASTING = 3086, "ProjFalseOriginEasting";
    PROJ_FALSE_ORIGIN_NORTHING = 3087, "ProjFalseOriginNorthing";
    PROJ_CENTER_LONG = 3088, "ProjCenterLong";
    PROJ_CENTER_LAT = 3089, "ProjCenterLat";
    PROJ_CENTER_EASTING = 3090, "ProjCenterEasting";
    PROJ_CENTER_NORTHING = 3091, "ProjCenterNorthing";
    PROJ_SCALE_AT_NAT_ORIGIN = 3092, "ProjScaleAtNatOrigin";
    PROJ_SCALE_AT_CENTER = 3093, "ProjScaleAtCenter";
    PROJ_AZIMUTH_ANGLE = 3094, "ProjAzimuthAngle";
    PROJ_STRAIGHT_VERT_POLE_LONG = 3095, "ProjStraightVertPoleLong";
    PROJ_RECTIFIED_GRID_ANGLE = 3096, "ProjRectifiedGridAngle";
    VERTICAL = 4096, "Vertical";
    VERTICAL_CITATION = 4097, "VerticalCitation";
    VERTICAL_DATUM = 4098, "VerticalDatum";
    VERTICAL_UNITS = 4099, "VerticalUnits";
    COORDINATE_EPOCH = 5120, "CoordinateEpoch";
}

/// The value of a GeoKey.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum GeoKeyValue {
    /// A number stored in the directory itself, usually an EPSG code.
    Short(u16),
    /// Numbers from GeoDoubleParams.
    Doubles(Vec<f64>),
    /// Text from GeoAsciiParams, without its `|`.
    Text(String),
}

/// What kind of CRS the model has: GTModelTypeGeoKey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelType {
    /// 1
    Projected,
    /// 2: longitude and latitude.
    Geographic,
    /// 3: Earth-centred X, Y, Z.
    Geocentric,
    /// 32767, or a number that GeoTIFF does not define.
    Other(u16),
}

/// All GeoKeys of an IFD.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct GeoKeys {
    revision: (u16, u16),
    keys: Vec<(GeoKey, GeoKeyValue)>,
}

/// 32767 says "user-defined", what lies above is private (GeoTIFF 1.1 section 7.1, annex C): none of them is EPSG's.
const USER_DEFINED: u16 = 32767;

/// True for a number that EPSG may have given.
pub(crate) fn is_epsg(code: u16) -> bool {
    (1..USER_DEFINED).contains(&code)
}

/// Bytes of all parameters together; a file of GDAL's has a few hundred.
const MAX_KEY_BYTES: usize = 1024 * 1024;

impl GeoKeys {
    /// Reads the directory of an IFD; `None` if it has none. A key that points outside its parameters is skipped,
    /// the others stay.
    pub fn of(ifd: &Ifd) -> Option<GeoKeys> {
        let directory = ifd.value(Tag::GEO_KEY_DIRECTORY)?.u64s()?;
        let directory: Vec<u16> = directory.into_iter().map(|n| n.min(0xffff) as u16).collect();
        let doubles = ifd.f64s(Tag::GEO_DOUBLE_PARAMS).unwrap_or_default();
        let ascii = ifd.value(Tag::GEO_ASCII_PARAMS).and_then(|v| v.bytes()).unwrap_or_default();
        let declared = usize::from(*directory.get(3)?);
        let mut keys: Vec<(GeoKey, GeoKeyValue)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let mut room = MAX_KEY_BYTES;
        for entry in directory.get(4..)?.chunks_exact(4).take(declared) {
            let [key, location, count, value] = *entry else { continue };
            let (count, at) = (usize::from(count), usize::from(value));
            // Keys may share their parameters: without a bound 64 KiB of directory could ask for gigabytes.
            let bytes = match Tag(location) {
                Tag::GEO_DOUBLE_PARAMS => count * 8,
                Tag::GEO_ASCII_PARAMS => count,
                _ => 2,
            };
            if bytes > room {
                continue;
            }
            let found = match Tag(location) {
                Tag(0) => Some(GeoKeyValue::Short(value)),
                Tag::GEO_DOUBLE_PARAMS => doubles.get(at..at + count).map(|v| GeoKeyValue::Doubles(v.to_vec())),
                Tag::GEO_ASCII_PARAMS => {
                    // The last key's count may reach over the end by the NUL that some writers count.
                    let text = ascii.get(at..(at + count).min(ascii.len()));
                    text.map(|t| GeoKeyValue::Text(clean(t)))
                }
                Tag::GEO_KEY_DIRECTORY => directory.get(at).map(|n| GeoKeyValue::Short(*n)),
                _ => None,
            };
            if let Some(found) = found {
                if seen.insert(key) {
                    room -= bytes;
                    keys.push((GeoKey(key), found));
                }
            }
        }
        let revision = (directory.get(1).copied().unwrap_or(0), directory.get(2).copied().unwrap_or(0));
        Some(GeoKeys { revision, keys })
    }

    /// A directory of these keys, to be written: `revision` is KeyRevision and MinorRevision. Of a key that stands twice the
    /// first one counts.
    pub fn from_keys(revision: (u16, u16), keys: Vec<(GeoKey, GeoKeyValue)>) -> GeoKeys {
        GeoKeys { revision, keys }
    }

    /// KeyRevision and MinorRevision of the directory: (1, 1) is GeoTIFF 1.1, (1, 0) what came before it.
    pub fn revision(&self) -> (u16, u16) {
        self.revision
    }

    /// Every key with its value, in file order.
    pub fn iter(&self) -> impl Iterator<Item = (GeoKey, &GeoKeyValue)> {
        self.keys.iter().map(|(k, v)| (*k, v))
    }

    /// The value of a key.
    pub fn get(&self, key: GeoKey) -> Option<&GeoKeyValue> {
        self.keys.iter().find(|(k, _)| *k == key).map(|(_, v)| v)
    }

    /// A key whose value stands in the directory.
    pub fn short(&self, key: GeoKey) -> Option<u16> {
        match self.get(key)? {
            GeoKeyValue::Short(n) => Some(*n),
            _ => None,
        }
    }

    /// The first number of a key in GeoDoubleParams.
    pub fn double(&self, key: GeoKey) -> Option<f64> {
        match self.get(key)? {
            GeoKeyValue::Doubles(v) => v.first().copied(),
            _ => None,
        }
    }

    /// A key's text.
    pub fn text(&self, key: GeoKey) -> Option<&str> {
        match self.get(key)? {
            GeoKeyValue::Text(t) => Some(t),
            _ => None,
        }
    }

    /// What kind of CRS it is; without the key, what the CRS keys say.
    pub fn model_type(&self) -> Option<ModelType> {
        Some(match self.short(GeoKey::MODEL_TYPE) {
            Some(1) => ModelType::Projected,
            Some(2) => ModelType::Geographic,
            Some(3) => ModelType::Geocentric,
            Some(n) => ModelType::Other(n),
            None if self.get(GeoKey::PROJECTED_CRS).is_some() => ModelType::Projected,
            None if self.get(GeoKey::GEODETIC_CRS).is_some() => ModelType::Geographic,
            None => return None,
        })
    }

    /// The EPSG code of the horizontal CRS: the projected one for a projected model, else the geodetic one. `None` if
    /// the CRS is user-defined or there is none.
    pub fn epsg(&self) -> Option<u16> {
        let key = match self.model_type()? {
            ModelType::Projected => GeoKey::PROJECTED_CRS,
            ModelType::Geographic | ModelType::Geocentric => GeoKey::GEODETIC_CRS,
            ModelType::Other(_) => return None,
        };
        self.short(key).filter(|code| is_epsg(*code))
    }

    /// The EPSG code of the CRS as a whole, as rasterio's `to_epsg` gives it: with a vertical CRS beside the horizontal
    /// one, the code of the compound or three-dimensional CRS, or `None` where none is registered. [`GeoKeys::epsg`]
    /// and [`GeoKeys::vertical_epsg`] give the parts. Before GeoTIFF 1.1 a vertical CRS stands beside the horizontal one
    /// without making it compound; GDAL reads it so.
    ///
    /// Only codes are looked at, and a few definitions that everybody writes. `Crs::from_geo_keys` of the crate cog-crs knows all
    /// definitions, and keys that contradict their code.
    pub fn crs_epsg(&self) -> Option<u16> {
        let horizontal = self.epsg().or_else(|| self.well_known_user_defined());
        match (horizontal, self.vertical_epsg().filter(|_| self.revision >= (1, 1))) {
            (code, None) => code,
            (Some(4326), Some(4979 | 5030)) => Some(4979),
            (Some(4326), Some(3855)) => Some(9518),
            // GeoTIFF 1.1 section 7.4: a three-dimensional CRS as vertical; EPSG numbers it next to its flat form.
            (Some(h), Some(v)) if self.model_type() == Some(ModelType::Geographic) && h.abs_diff(v) == 1 => Some(v),
            _ => None,
        }
    }

    /// Projections that only one CRS has, or that programs write with parameters instead of their code.
    fn well_known_user_defined(&self) -> Option<u16> {
        const NEW_ZEALAND_MAP_GRID: u16 = 26;
        const PSEUDO_MERCATOR: u16 = 3856;
        let esri_web_mercator = |text: &str| text.contains("WGS_1984_Web_Mercator_Auxiliary_Sphere");
        if self.short(GeoKey::PROJECTION) == Some(PSEUDO_MERCATOR)
            || [GeoKey::CITATION, GeoKey::PROJECTED_CITATION]
                .into_iter()
                .any(|key| self.text(key).is_some_and(esri_web_mercator))
        {
            return Some(3857);
        }
        let origin = [
            (GeoKey::PROJ_NAT_ORIGIN_LAT, -41.0),
            (GeoKey::PROJ_NAT_ORIGIN_LONG, 173.0),
            (GeoKey::PROJ_FALSE_EASTING, 2_510_000.0),
            (GeoKey::PROJ_FALSE_NORTHING, 6_023_150.0),
        ];
        let nzmg = self.short(GeoKey::PROJ_METHOD) == Some(NEW_ZEALAND_MAP_GRID)
            && origin.into_iter().all(|(key, value)| self.double(key) == Some(value));
        nzmg.then_some(27200)
    }

    /// The EPSG code of the vertical CRS. The orthometric codes 5101 to 5106 of GeoTIFF 1.0 name no CRS and are left out.
    pub fn vertical_epsg(&self) -> Option<u16> {
        let code = self.short(GeoKey::VERTICAL)?;
        (is_epsg(code) && !(5101..=5106).contains(&code)).then_some(code)
    }

    /// The unit of heights, if there is a vertical CRS; GDAL shows it as the unit of bands that name none.
    pub fn vertical_unit(&self) -> Option<&'static str> {
        match (self.short(GeoKey::VERTICAL_UNITS), self.vertical_epsg()) {
            (Some(9002), _) | (None, Some(8228)) => Some("foot"),
            (Some(9003), _) | (None, Some(6360)) => Some("US survey foot"),
            (Some(9001), _) => Some("metre"),
            // Three-dimensional CRSs have heights, but are no vertical CRS.
            (None, Some(code)) if self.model_type() == Some(ModelType::Geographic) && self.crs_epsg() == Some(code) => {
                None
            }
            (None, Some(4979 | 5030)) => None,
            (None, Some(_)) => Some("metre"),
            _ => None,
        }
    }

    /// What the file calls its CRS: the citation of the projected or geodetic CRS, else of the whole.
    pub fn citation(&self) -> Option<&str> {
        let order = match self.model_type() {
            Some(ModelType::Geographic | ModelType::Geocentric) => [GeoKey::GEODETIC_CITATION, GeoKey::CITATION],
            _ => [GeoKey::PROJECTED_CITATION, GeoKey::CITATION],
        };
        order.into_iter().filter_map(|key| self.text(key)).find(|text| !text.is_empty())
    }

    /// True if the file says what its pixels are, points or areas: GTRasterTypeGeoKey is there.
    pub fn says_raster_type(&self) -> bool {
        self.short(GeoKey::RASTER_TYPE).is_some()
    }

    /// True if pixels are points: GTRasterTypeGeoKey is 2, RasterPixelIsPoint.
    pub fn pixel_is_point(&self) -> bool {
        self.short(GeoKey::RASTER_TYPE) == Some(2)
    }
}

fn clean(text: &[u8]) -> String {
    let text = text.split(|b| *b == 0).next().unwrap_or(text);
    decode_text(text).trim_end_matches('|').to_string()
}
