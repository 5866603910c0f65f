//! From one datum to another by way of a third, where no operation leads there directly, as PROJ does: two operations whose areas
//! overlap, each as accurate as both together.

use super::super::geocentric::{Shape, Shift};
use super::operations::{Local, Operations};
use proj_core::{AreaOfUse, Coord, CrsDef, Transform};

/// Most datums are tied to WGS 84, those of Europe to ETRS89 or to ED50 before it.
const BETWEEN: [u32; 3] = [4230, 4258, 4326];

/// Pairs of operations, of which each point takes the best one that is meant for its place.
pub(in super::super) struct ByWay {
    pairs: Vec<Pair>,
    name: String,
    accuracy: f64,
}

struct Pair {
    first: Transform,
    second: Transform,
    /// Both in one: PROJ keeps the height above the ellipsoid between them.
    together: Option<Shift>,
    area: AreaOfUse,
    accuracy: f64,
    size: f64,
}

impl std::fmt::Debug for ByWay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

impl ByWay {
    /// Between geographic CRSs by their EPSG codes. None where an operation without grids leads there directly, and where no two
    /// operations share a place.
    pub(in super::super) fn between(from: u32, to: u32) -> Option<ByWay> {
        let (source, target) = (proj_core::lookup_epsg(from)?, proj_core::lookup_epsg(to)?);
        let direct = proj_core::operation_candidates_between(&source, &target).unwrap_or_default();
        if direct.iter().any(|one| !one.uses_grids && !one.deprecated) {
            return None;
        }
        let shapes = (shape(&source), shape(&target));
        let mut pairs: Vec<Pair> = Vec::new();
        for middle in BETWEEN.into_iter().filter(|middle| *middle != from && *middle != to) {
            let (Ok(there), Ok(on)) = (Operations::between(from, middle), Operations::between(middle, to)) else {
                continue;
            };
            pairs.extend(there.local.iter().flat_map(|a| on.local.iter().filter_map(move |b| Pair::of(a, b, shapes))));
        }
        // In PROJ's order; the sort is stable.
        pairs.sort_by(|a, b| a.accuracy.total_cmp(&b.accuracy).then(a.size.total_cmp(&b.size)));
        let best = pairs.first()?;
        let (first, second) = (best.first.selected_operation(), best.second.selected_operation());
        let mut name = format!("{}, then {}", first.name, second.name);
        if pairs.len() > 1 {
            name += &format!(", and {} other pairs, by place", pairs.len() - 1);
        }
        let accuracy = pairs.iter().map(|pair| pair.accuracy).fold(best.accuracy, f64::max);
        Some(ByWay { pairs, name, accuracy })
    }

    pub(in super::super) fn convert(&self, longitude: f64, latitude: f64) -> Option<(f64, f64)> {
        let point = Coord::new(longitude, latitude);
        let here = self.pairs.iter().find(|pair| pair.area.contains_point(point)).or(self.pairs.first())?;
        if let Some(shift) = &here.together {
            return Some(shift.convert(longitude, latitude));
        }
        let middle: (f64, f64) = here.first.convert((longitude, latitude)).ok()?;
        here.second.convert(middle).ok()
    }

    pub(in super::super) fn name(&self) -> &str {
        &self.name
    }

    /// Of the worst pair.
    pub(in super::super) fn accuracy(&self) -> f64 {
        self.accuracy
    }
}

impl Pair {
    /// None if the two have no place in common.
    fn of(first: &Local, second: &Local, (from, to): (Shape, Shape)) -> Option<Pair> {
        let area = common(&first.area, &second.area)?;
        let width = if area.west <= area.east { area.east - area.west } else { area.east + 360.0 - area.west };
        let affine = first.affine().zip(second.affine()).map(|(first, second)| first.then(&second));
        Some(Pair {
            together: affine.map(|affine| Shift::new(from, to, Some(affine))),
            first: first.transform.clone(),
            second: second.transform.clone(),
            accuracy: first.accuracy + second.accuracy,
            size: width * (area.north.to_radians().sin() - area.south.to_radians().sin()),
            area,
        })
    }
}

fn shape(crs: &CrsDef) -> Shape {
    let ellipsoid = crs.datum().ellipsoid();
    let flattening = ellipsoid.flattening();
    Shape::new(ellipsoid.semi_major_axis(), if flattening == 0.0 { 0.0 } else { 1.0 / flattening })
}

/// What two areas share; of two parts the wider one.
fn common(a: &AreaOfUse, b: &AreaOfUse) -> Option<AreaOfUse> {
    let (south, north) = (a.south.max(b.south), a.north.min(b.north));
    let end = |area: &AreaOfUse| if area.west <= area.east { area.east } else { area.east + 360.0 };
    let (a_end, b_end) = (end(a), end(b));
    let parts = [-360.0, 0.0, 360.0].map(|turn| (a.west.max(b.west + turn), a_end.min(b_end + turn)));
    let (west, east) = parts.into_iter().max_by(|x, y| (x.1 - x.0).total_cmp(&(y.1 - y.0)))?;
    let on_globe = |longitude: f64| if longitude > 180.0 { longitude - 360.0 } else { longitude };
    let name = format!("{}; {}", a.name, b.name);
    (south < north && west < east).then(|| AreaOfUse { west: on_globe(west), south, east: on_globe(east), north, name })
}

#[cfg(test)]
mod tests {
    use super::common;
    use proj_core::AreaOfUse;

    fn area([west, south, east, north]: [f64; 4]) -> AreaOfUse {
        AreaOfUse { west, south, east, north, name: String::new() }
    }

    fn shared(a: [f64; 4], b: [f64; 4]) -> Option<[f64; 4]> {
        common(&area(a), &area(b)).map(|c| [c.west, c.south, c.east, c.north])
    }

    #[test]
    fn areas_share_what_lies_in_both() {
        assert_eq!(shared([0.0, 40.0, 10.0, 50.0], [5.0, 45.0, 20.0, 60.0]), Some([5.0, 45.0, 10.0, 50.0]));
        assert_eq!(shared([0.0, 40.0, 10.0, 50.0], [10.0, 40.0, 20.0, 50.0]), None);
        assert_eq!(shared([0.0, 40.0, 10.0, 50.0], [0.0, 51.0, 10.0, 60.0]), None);
    }

    #[test]
    fn areas_across_the_antimeridian_share_too() {
        assert_eq!(
            shared([160.0, -50.0, -170.0, -30.0], [170.0, -60.0, 175.0, -40.0]),
            Some([170.0, -50.0, 175.0, -40.0])
        );
        assert_eq!(
            shared([-180.0, -50.0, -175.0, -30.0], [170.0, -60.0, -178.0, -40.0]),
            Some([-180.0, -50.0, -178.0, -40.0])
        );
        assert_eq!(shared([160.0, 0.0, -170.0, 9.0], [150.0, 0.0, -160.0, 9.0]), Some([160.0, 0.0, -170.0, 9.0]));
    }
}
