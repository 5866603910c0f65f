//! The registered CRS that a definition means: by its code, its name, or its parameters.

use crate::equal;
use crate::methods;
use crate::model::{Body, Identifier};
use crate::registered;
use crate::registry::{self, Kind, Row};

const NEW_ZEALAND_MAP_GRID: u32 = 9811;

/// None if no registered CRS is equivalent, axis order aside.
pub(crate) fn identify(body: &Body) -> Option<Identifier> {
    if let Body::Bound(crs) = body {
        return identify(&crs.source);
    }
    // What came from the registry is equal to itself without a comparison of every part.
    if let Some(row) = body.id().and_then(|id| registry::find(&id.authority, &id.code.to_string())) {
        return fits(body, row).then(|| row.id());
    }
    if matches!(body, Body::Engineering(_)) {
        return None;
    }
    if let Body::Projected(crs) = body {
        // One CRS alone has this projection: files without its datum mean it.
        let unknown = crs.base.datum.id.is_none() && crs.base.datum.name.to_lowercase().starts_with("un");
        if crs.conversion.method_code() == Some(NEW_ZEALAND_MAP_GRID) && unknown {
            let known = registry::epsg(27200)?;
            let Some(Body::Projected(official)) = registered::body(known) else { return None };
            let same = equal::conversions(&crs.conversion, &official.conversion)
                && equal::ellipsoids(&crs.base.datum.ellipsoid, &official.base.datum.ellipsoid);
            return same.then(|| known.id());
        }
    }
    search(body, |_| true)
}

/// The code of EPSG for a CRS that is registered elsewhere: ESRI's state planes are EPSG's by other names.
pub(crate) fn epsg(body: &Body) -> Option<u32> {
    match body {
        Body::Bound(crs) => epsg(&crs.source),
        _ => search(body, Row::is_epsg)?.epsg_code(),
    }
}

fn search(body: &Body, wanted: impl Fn(Row) -> bool) -> Option<Identifier> {
    let named = registry::named(body.name());
    if let Some(row) = named.into_iter().find(|row| wanted(*row) && fits(body, *row)) {
        return Some(row.id());
    }
    // Looked up once: a name is compared with every method's.
    let method = match body {
        Body::Projected(crs) => methods::of(&crs.conversion).map(|m| m.epsg).filter(|code| *code != 0),
        _ => None,
    };
    let mut candidates: Vec<Row> =
        registry::rows().filter(|row| wanted(*row) && could_be(body, method, *row)).collect();
    // EPSG before others, and what is valid before what is not.
    candidates.sort_by_key(|row| (!row.is_epsg(), row.is_deprecated()));
    candidates.into_iter().find(|row| fits(body, *row)).map(Row::id)
}

fn fits(body: &Body, row: Row) -> bool {
    registered::body(row).is_some_and(|known| equal::bodies(body, &known))
}

/// Cheap to answer, and true for every row that fits.
fn could_be(body: &Body, own: Option<u32>, row: Row) -> bool {
    match body {
        Body::Projected(crs) => {
            let Some((base, method)) = row.projection() else { return false };
            let twin = |code: u32| match code {
                1029 | 1028 => 1028,
                9820 | 1027 => 9820,
                9835 | 9834 => 9835,
                other => other,
            };
            let same_method = match (own, method) {
                (Some(a), Some(b)) => twin(a) == twin(b),
                (None, None) => true,
                _ => false,
            };
            let near = |p: &crate::model::Parameter| match (p.epsg().and_then(|code| row.parameter(code)), p.si()) {
                (Some(known), Some(own)) => (known - own).abs() <= 1e-9_f64.max(1e-9 * known.abs()),
                _ => true,
            };
            // Standard parallels may stand in either order.
            let ordered = crs.conversion.parameters.iter().filter(|p| !matches!(p.epsg(), Some(8823 | 8824)));
            same_method
                && ordered.into_iter().all(near)
                && (base.semi_major() - crs.base.datum.ellipsoid.semi_major_metres()).abs() < 0.01
        }
        Body::Geodetic(crs) => {
            matches!(row.kind(), Kind::Geographic2d | Kind::Geographic3d | Kind::Geocentric)
                && (row.semi_major() - crs.datum.ellipsoid.semi_major_metres()).abs() < 0.01
        }
        Body::Vertical(_) => row.kind() == Kind::Vertical,
        Body::Compound(_) => row.kind() == Kind::Compound,
        Body::Engineering(_) | Body::Bound(_) => false,
    }
}
