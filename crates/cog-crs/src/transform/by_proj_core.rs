//! Projections and operations between datums by `proj-core`.

mod by_way;
mod operations;

pub(super) use by_way::ByWay;
pub(super) use operations::Operations;
#[cfg(test)]
pub(super) use operations::{Use, knows};

use crate::error::{Error, Result};
use crate::model::{Conversion, Ellipsoid, ParameterValue};
use proj_core::{
    CrsDef, Datum, DatumToWgs84, Ellipsoid as CoreEllipsoid, GeographicCrsDef, LinearUnit, ProjectedCrsDef,
    ProjectionMethod, Transform,
};

/// A map projection on an ellipsoid.
pub(super) struct Projection {
    forward: Transform,
    inverse: Transform,
}

impl std::fmt::Debug for Projection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("proj-core")
    }
}

impl Projection {
    /// None if the method is not one of `proj-core`'s.
    pub(super) fn new(conversion: &Conversion, ellipsoid: &Ellipsoid) -> Result<Option<Projection>> {
        let Some(method) = method(conversion) else { return Ok(None) };
        let bad =
            |e: proj_core::Error| Error::unsupported(format!("the projection '{}' ({e})", conversion.method.name));
        let shape = match ellipsoid.inverse_flattening() {
            0.0 => CoreEllipsoid::sphere(ellipsoid.semi_major_metres()),
            f => CoreEllipsoid::from_a_rf(ellipsoid.semi_major_metres(), f),
        };
        // One datum on both sides: nothing but the projection is computed.
        let datum = Datum::new(shape.map_err(bad)?, DatumToWgs84::Identity).map_err(bad)?;
        let base = CrsDef::Geographic(GeographicCrsDef::new(0, datum.clone(), ""));
        let projected = CrsDef::Projected(ProjectedCrsDef::new(
            0,
            datum,
            method,
            LinearUnit::from_meters_per_unit(1.0).map_err(bad)?,
            "",
        ));
        Ok(Some(Projection {
            forward: Transform::from_crs_defs(&base, &projected).map_err(bad)?,
            inverse: Transform::from_crs_defs(&projected, &base).map_err(bad)?,
        }))
    }

    pub(super) fn forward(&self, longitude: f64, latitude: f64) -> Option<(f64, f64)> {
        self.forward.convert((longitude, latitude)).ok()
    }

    pub(super) fn inverse(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        self.inverse.convert((x, y)).ok()
    }
}

fn method(conversion: &Conversion) -> Option<ProjectionMethod> {
    let degrees = |code: u32| match conversion.parameter(code).map(|p| &p.value) {
        Some(ParameterValue::Number(value, unit)) if unit.is_degree() => *value,
        Some(ParameterValue::Number(value, unit)) => (value * unit.factor).to_degrees(),
        _ => 0.0,
    };
    let metres = |code: u32| conversion.si(code).unwrap_or(0.0);
    let scale = |code: u32| conversion.si(code).unwrap_or(1.0);
    let (false_easting, false_northing) = (metres(8806), metres(8807));
    let (lat0, lon0, k0) = (degrees(8801), degrees(8802), scale(8805));
    // 30°17'17.30311", which PROJ takes whatever the definition says; EPSG has both this and 17.303", 3 mm apart.
    const KROVAK: f64 = 30.288_139_752_777_78;
    let co_latitude_cone_axis = Some(degrees(1036)).filter(|d| (d - KROVAK).abs() > 1e-6).unwrap_or(KROVAK);
    // Not here, for `proj4rs` is nearer to PROJ: Equal Earth, whose inverse is 1.5 mm off, Albers, whose inverse gives up beyond 85°,
    // and the equidistant cylindrical projection, which PROJ computes on a sphere. Mercator's, Transverse Mercator and Lambert's
    // azimuthal one are our own.
    Some(match conversion.method_code()? {
        9801 => ProjectionMethod::LambertConformalConic {
            lon0,
            lat0,
            lat1: lat0,
            lat2: lat0,
            k0,
            false_easting,
            false_northing,
        },
        9802 => ProjectionMethod::LambertConformalConic {
            lon0: degrees(8822),
            lat0: degrees(8821),
            lat1: degrees(8823),
            lat2: degrees(8824),
            k0: 1.0,
            false_easting: metres(8826),
            false_northing: metres(8827),
        },
        1051 => ProjectionMethod::LambertConformalConicMichigan {
            lon0: degrees(8822),
            lat0: degrees(8821),
            lat1: degrees(8823),
            lat2: degrees(8824),
            ellipsoid_scaling_factor: scale(1038),
            false_easting: metres(8826),
            false_northing: metres(8827),
        },
        1102 => ProjectionMethod::LambertConformalConic1SPVariantB {
            lon0: degrees(8822),
            lat0,
            k0,
            lat_false_origin: degrees(8821),
            false_easting: metres(8826),
            false_northing: metres(8827),
        },
        1027 => ProjectionMethod::LambertAzimuthalEqualAreaSpherical { lon0, lat0, false_easting, false_northing },
        9809 => ProjectionMethod::ObliqueStereographic { lon0, lat0, k0, false_easting, false_northing },
        9810 if (lat0.abs() - 90.0).abs() < 1e-10 => {
            ProjectionMethod::PolarStereographic { lon0, lat_ts: lat0, k0, false_easting, false_northing }
        }
        9829 => ProjectionMethod::PolarStereographic {
            lon0: degrees(8833),
            lat_ts: degrees(8832),
            k0: 1.0,
            false_easting,
            false_northing,
        },
        9830 => ProjectionMethod::PolarStereographicVariantC {
            lon0: degrees(8833),
            lat_ts: degrees(8832),
            easting_false_origin: metres(8826),
            northing_false_origin: metres(8827),
        },
        code @ (9812 | 9815) => ProjectionMethod::HotineObliqueMercator {
            latc: degrees(8811),
            lonc: degrees(8812),
            azimuth: degrees(8813),
            rectified_grid_angle: degrees(8814),
            k0: scale(8815),
            false_easting: if code == 9815 { metres(8816) } else { false_easting },
            false_northing: if code == 9815 { metres(8817) } else { false_northing },
            variant_b: code == 9815,
        },
        9806 => ProjectionMethod::CassiniSoldner { lon0, lat0, false_easting, false_northing },
        1052 => ProjectionMethod::ColombiaUrban { lon0, lat0, h0: metres(1039), false_easting, false_northing },
        1041 => ProjectionMethod::KrovakNorthOrientated {
            lon0: degrees(8833),
            lat0: degrees(8811),
            co_latitude_cone_axis,
            lat_pseudo_standard_parallel: degrees(8818),
            k0: scale(8819),
            false_easting,
            false_northing,
        },
        // Southings and westings are turned by the caller, so offsets change their sign with them.
        9819 => ProjectionMethod::KrovakNorthOrientated {
            lon0: degrees(8833),
            lat0: degrees(8811),
            co_latitude_cone_axis,
            lat_pseudo_standard_parallel: degrees(8818),
            k0: scale(8819),
            false_easting: -false_easting,
            false_northing: -false_northing,
        },
        9818 => ProjectionMethod::AmericanPolyconic { lon0, lat0, false_easting, false_northing },
        1125 | 9832 => ProjectionMethod::AzimuthalEquidistant { lon0, lat0, false_easting, false_northing },
        9831 => ProjectionMethod::GuamProjection { lon0, lat0, false_easting, false_northing },
        9813 => ProjectionMethod::LabordeObliqueMercator {
            lon0: degrees(8812),
            lat0: degrees(8811),
            azimuth: degrees(8813),
            k0: scale(8815),
            false_easting,
            false_northing,
        },
        _ => return None,
    })
}
