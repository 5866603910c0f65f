//! The operations between two datums that the engine's registry holds, in PROJ's order.

use super::super::geocentric::{Affine, IDENTITY};
use proj_core::{
    AreaOfUse, Coord, CoordinateOperationId, OperationMethod, OperationStepDirection, SelectionOptions, Transform,
};

/// The operations between two datums, of which each point takes the best one that is meant for its place.
pub(in super::super) struct Operations {
    /// Where the area of none holds the point.
    elsewhere: Transform,
    pub(super) local: Vec<Local>,
    name: String,
    accuracy: Option<f64>,
}

pub(super) struct Local {
    pub(super) transform: Transform,
    pub(super) area: AreaOfUse,
    pub(super) accuracy: f64,
    size: f64,
    superseded: bool,
    code: u32,
}

/// One operation of a pair.
#[cfg(test)]
pub(in super::super) struct Use {
    pub(in super::super) code: u32,
    pub(in super::super) backward: bool,
    /// West, south, east, north.
    pub(in super::super) area: [f64; 4],
}

impl Local {
    /// In geocentric coordinates; None if it is not computed there.
    pub(super) fn affine(&self) -> Option<Affine> {
        let affine = match proj_core::lookup_operation(CoordinateOperationId(self.code))?.method {
            OperationMethod::Identity => IDENTITY,
            OperationMethod::Helmert { params: p } => {
                Affine::helmert([p.dx(), p.dy(), p.dz(), p.rx(), p.ry(), p.rz(), p.ds()])
            }
            OperationMethod::GeocentricAffine { params: p } => {
                Affine { translation: p.translation(), matrix: p.matrix() }
            }
            _ => return None,
        };
        let is_backward = self.transform.selected_operation().direction == OperationStepDirection::Reverse;
        Some(if is_backward { affine.inverse() } else { affine })
    }

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

impl Operations {
    /// Between geographic CRSs by their EPSG codes; the text of an error is the engine's.
    pub(in super::super) fn between(from: u32, to: u32) -> Result<Operations, String> {
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

    pub(in super::super) fn convert(&self, longitude: f64, latitude: f64) -> Option<(f64, f64)> {
        let point = Coord::new(longitude, latitude);
        let here = self.local.iter().find(|l| l.area.contains_point(point));
        let transform = here.map_or(&self.elsewhere, |l| &l.transform);
        transform.convert((longitude, latitude)).ok()
    }

    /// By code, the one for points outside all areas first. None if one of them has no code.
    #[cfg(test)]
    pub(in super::super) fn uses(&self) -> Option<Vec<Use>> {
        let elsewhere = self.elsewhere.selected_operation();
        let one = |transform: &Transform, area: [f64; 4]| {
            let chosen = transform.selected_operation();
            let backward = chosen.direction == OperationStepDirection::Reverse;
            Some(Use { code: chosen.id?.0, backward, area })
        };
        let local =
            self.local.iter().map(|l| one(&l.transform, [l.area.west, l.area.south, l.area.east, l.area.north]));
        let simple = !elsewhere.uses_grids && self.elsewhere.selection_diagnostics().fallback_operations.is_empty();
        simple.then(|| std::iter::once(one(&self.elsewhere, [f64::NAN; 4])).chain(local).collect())?
    }

    pub(in super::super) fn name(&self) -> &str {
        &self.name
    }

    pub(in super::super) fn accuracy(&self) -> Option<f64> {
        self.accuracy
    }
}

/// A geographic CRS that `proj-core` knows by this code.
#[cfg(test)]
pub(in super::super) fn knows(epsg: u32) -> bool {
    proj_core::lookup_epsg(epsg).is_some_and(|crs| crs.is_geographic())
}
