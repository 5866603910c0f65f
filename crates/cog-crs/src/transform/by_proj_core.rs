//! Projections and operations between datums by `proj-core`.

use crate::error::{Error, Result};
use crate::model::{Conversion, Ellipsoid, ParameterValue};
use proj_core::{
    AreaOfUse, Coord, CrsDef, Datum, DatumToWgs84, Ellipsoid as CoreEllipsoid, GeographicCrsDef, LinearUnit,
    ProjectedCrsDef, ProjectionMethod, SelectionOptions, Transform,
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

/// The operations between two datums, of which each point takes the best one that is meant for its place.
pub(super) struct Operations {
    /// Where the area of none holds the point.
    elsewhere: Transform,
    local: Vec<Local>,
    name: String,
    accuracy: Option<f64>,
}

struct Local {
    transform: Transform,
    area: AreaOfUse,
    accuracy: f64,
    size: f64,
    superseded: bool,
    code: u32,
}

/// One operation of a pair.
#[cfg(test)]
pub(super) struct Use {
    pub(super) code: u32,
    pub(super) backward: bool,
    /// West, south, east, north.
    pub(super) area: [f64; 4],
}

impl Local {
    /// What decides between operations of one accuracy and area: small is better.
    fn key(&self, rank: &[u32]) -> (bool, usize) {
        let east = if self.area.west <= self.area.east { self.area.east } else { self.area.east + 360.0 };
        let middle = (0.5 * (self.area.west + east), 0.5 * (self.area.south + self.area.north));
        let shifted =
            self.transform.convert(middle).map_or(f64::INFINITY, |(x, y)| (x - middle.0).abs() + (y - middle.1).abs());
        (shifted > 1e-12, rank.iter().position(|code| *code == self.code).unwrap_or(usize::MAX))
    }
}

/// Codes of operations as the engine ranks them from the lower to the higher code.
fn ranking(from: u32, to: u32) -> Vec<u32> {
    let (Some(low), Some(high)) = (proj_core::lookup_epsg(from.min(to)), proj_core::lookup_epsg(from.max(to))) else {
        return Vec::new();
    };
    let candidates = proj_core::operation_candidates_between(&low, &high).unwrap_or_default();
    candidates.into_iter().filter_map(|c| c.id).map(|id| id.0).collect()
}

impl std::fmt::Debug for Operations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
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

impl Operations {
    /// Between geographic CRSs by their EPSG codes; the text of an error is the engine's.
    pub(super) fn between(from: u32, to: u32) -> Result<Operations, String> {
        let elsewhere = Transform::from_epsg_horizontal(from, to).map_err(|e| e.to_string())?;
        let candidates = proj_core::operation_candidates_between(elsewhere.source_crs(), elsewhere.target_crs());
        let mut local: Vec<Local> = Vec::new();
        for candidate in candidates.map_err(|e| e.to_string())? {
            // Grids only by name; what is withdrawn, or of unknown accuracy, by nobody's choice.
            let (Some(id), Some(area), Some(accuracy)) = (candidate.id, candidate.area_of_use, candidate.accuracy)
            else {
                continue;
            };
            if candidate.uses_grids || candidate.deprecated || area.name.contains("- offshore") {
                continue;
            }
            let options = SelectionOptions::new().with_operation(id);
            let (source, target) = (elsewhere.source_crs(), elsewhere.target_crs());
            let Ok(transform) = Transform::from_horizontal_components_with_selection_options(source, target, options)
            else {
                continue;
            };
            let width = if area.west <= area.east { area.east - area.west } else { area.east + 360.0 - area.west };
            let size = width * (area.north.to_radians().sin() - area.south.to_radians().sin());
            let superseded = proj_core::lookup_operation(id).is_some_and(|o| o.superseded);
            local.push(Local { transform, area, accuracy: accuracy.meters, size, superseded, code: id.0 });
        }
        // By a newer operation, which may need a grid: then the older one stays.
        if local.iter().any(|l| !l.superseded) {
            local.retain(|l| !l.superseded);
        }
        let ranked_first = local.first().map(|l| l.transform.clone());
        // PROJ's order: the most accurate one, among equals that of the smallest area; then one that shifts nothing, then the
        // engine's ranking in one direction, so that there and back are the same.
        let rank = ranking(from, to);
        local.sort_by(|a, b| {
            a.accuracy.total_cmp(&b.accuracy).then(a.size.total_cmp(&b.size)).then(a.key(&rank).cmp(&b.key(&rank)))
        });
        // An operation that nobody vouches for can be kilometres off.
        let elsewhere = match (elsewhere.selected_operation().accuracy, ranked_first) {
            (None, Some(ranked_first)) => ranked_first,
            (None, None) if elsewhere.selected_operation().id.is_some() => {
                return Err(format!("the accuracy of '{}' is unknown", elsewhere.selected_operation().name));
            }
            _ => elsewhere,
        };
        let first = elsewhere.selected_operation();
        let (name, accuracy) = match local.as_slice() {
            [] => (first.name.clone(), first.accuracy.map(|a| a.meters)),
            [one] => (one.transform.selected_operation().name.clone(), Some(one.accuracy)),
            [one, others @ ..] => {
                let worst = others.iter().map(|o| o.accuracy).fold(one.accuracy, f64::max);
                (
                    format!("{} and {} others, by place", one.transform.selected_operation().name, others.len()),
                    Some(worst),
                )
            }
        };
        Ok(Operations { elsewhere, local, name, accuracy })
    }

    pub(super) fn convert(&self, longitude: f64, latitude: f64) -> Option<(f64, f64)> {
        let point = Coord::new(longitude, latitude);
        let here = self.local.iter().find(|l| l.area.contains_point(point));
        let transform = here.map_or(&self.elsewhere, |l| &l.transform);
        transform.convert((longitude, latitude)).ok()
    }

    /// By code, the one for points outside all areas first. None if one of them has no code.
    #[cfg(test)]
    pub(super) fn uses(&self) -> Option<Vec<Use>> {
        let elsewhere = self.elsewhere.selected_operation();
        let one = |transform: &Transform, area: [f64; 4]| {
            let chosen = transform.selected_operation();
            let backward = chosen.direction == proj_core::OperationStepDirection::Reverse;
            Some(Use { code: chosen.id?.0, backward, area })
        };
        let local =
            self.local.iter().map(|l| one(&l.transform, [l.area.west, l.area.south, l.area.east, l.area.north]));
        let simple = !elsewhere.uses_grids && self.elsewhere.selection_diagnostics().fallback_operations.is_empty();
        simple.then(|| std::iter::once(one(&self.elsewhere, [f64::NAN; 4])).chain(local).collect())?
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn accuracy(&self) -> Option<f64> {
        self.accuracy
    }
}

/// A geographic CRS that `proj-core` knows by this code.
#[cfg(test)]
pub(super) fn knows(epsg: u32) -> bool {
    proj_core::lookup_epsg(epsg).is_some_and(|crs| crs.is_geographic())
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
    // Not here, for `proj4rs` is nearer to PROJ: Lambert's azimuthal projection and Equal Earth, whose inverse is 1.5 mm off,
    // Albers, whose inverse gives up beyond 85°, and the equidistant cylindrical one, which PROJ computes on a sphere.
    Some(match conversion.method_code()? {
        // The web's sphere has this radius; on another ellipsoid it is another projection.
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
            co_latitude_cone_axis: degrees(1036),
            lat_pseudo_standard_parallel: degrees(8818),
            k0: scale(8819),
            false_easting,
            false_northing,
        },
        // Southings and westings are turned by the caller, so offsets change their sign with them.
        9819 => ProjectionMethod::KrovakNorthOrientated {
            lon0: degrees(8833),
            lat0: degrees(8811),
            co_latitude_cone_axis: degrees(1036),
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
