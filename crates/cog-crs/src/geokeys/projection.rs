//! Map projections: ProjMethod and its parameters, or the code of a conversion.

use super::Reader;
use crate::methods::{self, MethodInfo};
use crate::model::{Conversion, ParameterValue, Unit, UnitKind};
use crate::registry;
use cog_tiff::GeoKey;

/// Keys that may hold a value: writers differ between natural, false and centre origins.
type Keys = &'static [GeoKey];

const LAT: Keys = &[GeoKey::PROJ_NAT_ORIGIN_LAT, GeoKey::PROJ_FALSE_ORIGIN_LAT, GeoKey::PROJ_CENTER_LAT];
const LON: Keys = &[GeoKey::PROJ_NAT_ORIGIN_LONG, GeoKey::PROJ_FALSE_ORIGIN_LONG, GeoKey::PROJ_CENTER_LONG];
const LAT_FALSE: Keys = &[GeoKey::PROJ_FALSE_ORIGIN_LAT, GeoKey::PROJ_NAT_ORIGIN_LAT, GeoKey::PROJ_CENTER_LAT];
const LON_FALSE: Keys = &[GeoKey::PROJ_FALSE_ORIGIN_LONG, GeoKey::PROJ_NAT_ORIGIN_LONG, GeoKey::PROJ_CENTER_LONG];
const LAT_CENTER: Keys = &[GeoKey::PROJ_CENTER_LAT, GeoKey::PROJ_NAT_ORIGIN_LAT, GeoKey::PROJ_FALSE_ORIGIN_LAT];
const LON_CENTER: Keys = &[GeoKey::PROJ_CENTER_LONG, GeoKey::PROJ_NAT_ORIGIN_LONG, GeoKey::PROJ_FALSE_ORIGIN_LONG];
const LON_POLE: Keys = &[
    GeoKey::PROJ_STRAIGHT_VERT_POLE_LONG,
    GeoKey::PROJ_NAT_ORIGIN_LONG,
    GeoKey::PROJ_FALSE_ORIGIN_LONG,
    GeoKey::PROJ_CENTER_LONG,
];
const SCALE: Keys = &[GeoKey::PROJ_SCALE_AT_NAT_ORIGIN, GeoKey::PROJ_SCALE_AT_CENTER];
const SP1: Keys = &[GeoKey::PROJ_STD_PARALLEL_1];
const SP2: Keys = &[GeoKey::PROJ_STD_PARALLEL_2];
const AZIMUTH: Keys = &[GeoKey::PROJ_AZIMUTH_ANGLE];
const RECTIFIED: Keys = &[GeoKey::PROJ_RECTIFIED_GRID_ANGLE];
const FE: Keys = &[GeoKey::PROJ_FALSE_EASTING, GeoKey::PROJ_CENTER_EASTING, GeoKey::PROJ_FALSE_ORIGIN_EASTING];
const FN: Keys = &[GeoKey::PROJ_FALSE_NORTHING, GeoKey::PROJ_CENTER_NORTHING, GeoKey::PROJ_FALSE_ORIGIN_NORTHING];
const FE_FALSE: Keys = &[GeoKey::PROJ_FALSE_ORIGIN_EASTING, GeoKey::PROJ_FALSE_EASTING, GeoKey::PROJ_CENTER_EASTING];
const FN_FALSE: Keys = &[GeoKey::PROJ_FALSE_ORIGIN_NORTHING, GeoKey::PROJ_FALSE_NORTHING, GeoKey::PROJ_CENTER_NORTHING];

pub(super) const EQUIRECTANGULAR: u16 = 17;

/// GeoTIFF's number of a method, EPSG's name, and the keys of its parameters in EPSG's order. The first key of each is
/// the one to write.
pub(super) const METHODS: &[(u16, &str, &[Keys])] = &[
    (1, "Transverse Mercator", &[LAT, LON, SCALE, FE, FN]),
    (27, "Transverse Mercator (South Orientated)", &[LAT, LON, SCALE, FE, FN]),
    (7, "Mercator (variant A)", &[LAT, LON, SCALE, FE, FN]),
    (7, "Mercator (variant B)", &[SP1, LON, FE, FN]),
    (16, "Oblique Stereographic", &[LAT, LON, SCALE, FE, FN]),
    (14, "Stereographic", &[LAT_CENTER, LON_CENTER, SCALE, FE, FN]),
    (15, "Polar Stereographic (variant A)", &[LAT, LON_POLE, SCALE, FE, FN]),
    (15, "Polar Stereographic (variant B)", &[LAT, LON_POLE, FE, FN]),
    (
        3,
        "Hotine Oblique Mercator (variant A)",
        &[
            LAT_CENTER,
            LON_CENTER,
            AZIMUTH,
            RECTIFIED,
            &[GeoKey::PROJ_SCALE_AT_CENTER, GeoKey::PROJ_SCALE_AT_NAT_ORIGIN],
            FE,
            FN,
        ],
    ),
    (
        9815,
        "Hotine Oblique Mercator (variant B)",
        &[
            LAT_CENTER,
            LON_CENTER,
            AZIMUTH,
            RECTIFIED,
            &[GeoKey::PROJ_SCALE_AT_CENTER, GeoKey::PROJ_SCALE_AT_NAT_ORIGIN],
            FE,
            FN,
        ],
    ),
    (
        4,
        "Laborde Oblique Mercator",
        &[LAT_CENTER, LON_CENTER, AZIMUTH, &[GeoKey::PROJ_SCALE_AT_CENTER, GeoKey::PROJ_SCALE_AT_NAT_ORIGIN], FE, FN],
    ),
    (13, "Equidistant Conic", &[LAT, LON, SP1, SP2, FE, FN]),
    (18, "Cassini-Soldner", &[LAT, LON, FE, FN]),
    (22, "American Polyconic", &[LAT, LON, FE, FN]),
    (12, "Azimuthal Equidistant", &[LAT_CENTER, LON_CENTER, FE, FN]),
    (20, "Miller Cylindrical", &[LON_CENTER, FE, FN]),
    (17, "Equidistant Cylindrical", &[SP1, LON_CENTER, FE, FN]),
    (19, "Gnomonic", &[LAT_CENTER, LON_CENTER, FE, FN]),
    (10, "Lambert Azimuthal Equal Area", &[LAT_CENTER, LON_CENTER, FE, FN]),
    (21, "Orthographic", &[LAT_CENTER, LON_CENTER, FE, FN]),
    (23, "Robinson", &[LON_CENTER, FE, FN]),
    (24, "Sinusoidal", &[LON_CENTER, FE, FN]),
    (25, "Van Der Grinten", &[LON_CENTER, FE, FN]),
    (8, "Lambert Conic Conformal (2SP)", &[LAT_FALSE, LON_FALSE, SP1, SP2, FE_FALSE, FN_FALSE]),
    (9, "Lambert Conic Conformal (1SP)", &[LAT, LON, SCALE, FE, FN]),
    (11, "Albers Equal Area", &[LAT, LON, SP1, SP2, FE, FN]),
    (26, "New Zealand Map Grid", &[LAT, LON, FE, FN]),
    (28, "Lambert Cylindrical Equal Area", &[SP1, LON, FE, FN]),
];

impl Reader<'_> {
    /// The conversion of ProjMethod, or of the code in Projection.
    pub(super) fn conversion(&mut self, angular: &Unit, linear: &Unit) -> Option<Conversion> {
        if let Some(code) = self.code(GeoKey::PROJECTION) {
            // 3856 and 9841 stand for the web's Mercator.
            if matches!(code, 3856 | 1024 | 9841) {
                return methods::by_code(1024).map(|m| m.conversion(&[0.0, 0.0, 0.0, 0.0], &Unit::DEGREE, linear));
            }
            if let Some(mut conversion) = registry::conversion_by_code(code) {
                convert_lengths(&mut conversion, linear);
                return Some(conversion);
            }
            self.warn(format!("no conversion has the code EPSG:{code}"));
        }
        let number = self.keys.short(GeoKey::PROJ_METHOD)?;
        let (info, keys) = self.method(number)?;
        let mut values = Vec::new();
        for (parameter, keys) in info.parameters.iter().zip(keys) {
            let found = keys.iter().find_map(|key| self.number(*key));
            values.push(match (found, parameter.kind) {
                (Some(0.0), UnitKind::Scale) => 1.0,
                (Some(value), _) => value,
                (None, UnitKind::Scale) => 1.0,
                (None, _) if parameter.epsg == 8814 => std::f64::consts::FRAC_PI_2 / angular.factor,
                (None, _) => 0.0,
            });
        }
        let mut conversion = info.conversion(&values, angular, linear);
        if number == EQUIRECTANGULAR {
            // Northings may count from a latitude.
            let latitude = LAT_CENTER.iter().find_map(|key| self.number(*key)).filter(|l| *l != 0.0);
            conversion.parameters.extend(latitude.map(|l| methods::LATITUDE_OF_ORIGIN.with_value(l, angular.clone())));
        }
        Some(conversion)
    }

    fn method(&mut self, number: u16) -> Option<(&'static MethodInfo, &'static [Keys])> {
        let latitude = LAT.iter().find_map(|key| self.number(*key));
        let scaled = SCALE.iter().find_map(|key| self.number(*key)).is_some_and(|k| k != 1.0 && k != 0.0);
        let name = match number {
            7 if self.keys.get(GeoKey::PROJ_STD_PARALLEL_1).is_some() => "Mercator (variant B)",
            15 if !scaled && latitude.is_some_and(|l| (l.abs() - 90.0).abs() >= 1e-10) => {
                "Polar Stereographic (variant B)"
            }
            _ => METHODS.iter().find(|(n, _, _)| *n == number)?.1,
        };
        let keys = METHODS.iter().find(|(_, n, _)| *n == name)?.2;
        Some((methods::by_name(name)?, keys))
    }
}

/// Writes every length of a conversion in another unit.
pub(super) fn convert_lengths(conversion: &mut Conversion, unit: &Unit) {
    let mut changed = false;
    for parameter in &mut conversion.parameters {
        if let ParameterValue::Number(value, own) = &mut parameter.value
            && own.kind == UnitKind::Length
            && !own.same_size(unit)
        {
            *value *= own.factor / unit.factor;
            *own = unit.clone();
            changed = true;
        }
    }
    if changed {
        conversion.name = "unnamed".into();
        conversion.id = None;
    }
}
