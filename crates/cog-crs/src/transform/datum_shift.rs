//! From one datum to another, in degrees east of Greenwich.

use super::batch::each;
use super::by_proj4rs::Shift;
use super::operations::{self, Operations};
use crate::error::{Error, Result};
use crate::model::{Body, Bound, Datum, Geodetic, PrimeMeridian, canonical};
use crate::{equal, registered, registry};

const WGS84: u32 = 4326;

#[derive(Debug)]
pub(super) struct DatumShift {
    steps: Vec<Step>,
    name: String,
    accuracy: Option<f64>,
    is_ballpark: bool,
}

#[derive(Debug)]
enum Step {
    Operations(Box<Operations>),
    Shift(Box<Shift>),
}

/// A datum on one side: by the code of a geographic CRS, or by the way to WGS 84 that its definition brings along.
enum End<'a> {
    Registered(u32),
    Bound(&'a Bound),
    /// Only its ellipsoid is known.
    Unnamed,
}

impl DatumShift {
    pub(super) fn new(from: &Body, to: &Body) -> Result<DatumShift> {
        let none = |name: &str, is_ballpark| DatumShift {
            steps: Vec::new(),
            name: name.to_string(),
            accuracy: if is_ballpark { None } else { Some(0.0) },
            is_ballpark,
        };
        let (Some(a), Some(b)) = (from.geodetic(), to.geodetic()) else {
            return Err(Error::unsupported("transforming a CRS without a datum"));
        };
        // Asked first, for the engine's registry takes milliseconds to open.
        if bound_of(from).is_none()
            && bound_of(to).is_none()
            && equal::datums(&greenwich(&a.datum), &greenwich(&b.datum))
        {
            return Ok(none("none: one datum", false));
        }
        let (source, target) = (end(from, a)?, end(to, b)?);
        let same = match (&source, &target) {
            (End::Bound(x), End::Bound(y)) => {
                equal::datums(&a.datum, &b.datum) && equal::conversions(&x.transformation, &y.transformation)
            }
            // One datum is itself, whatever ways lead from it elsewhere.
            _ => equal::datums(&greenwich(&a.datum), &greenwich(&b.datum)),
        };
        if same {
            return Ok(none("none: one datum", false));
        }
        if matches!(source, End::Unnamed) || matches!(target, End::Unnamed) {
            return Ok(none("none: a datum has no name, longitudes and latitudes are kept", true));
        }
        if let (End::Registered(x), End::Registered(y)) = (&source, &target) {
            let operation = between(*x, *y, a, b)?;
            let (name, accuracy) = (operation.name().to_string(), operation.accuracy());
            return Ok(DatumShift {
                steps: vec![Step::Operations(Box::new(operation))],
                name,
                accuracy,
                is_ballpark: false,
            });
        }
        // By way of WGS 84.
        let mut steps = Vec::new();
        match source {
            End::Bound(bound) => steps.push(Step::Shift(Box::new(Shift::new(bound, true)?))),
            End::Registered(code) if code != WGS84 => {
                steps.push(Step::Operations(Box::new(between(code, WGS84, a, b)?)))
            }
            _ => {}
        }
        match target {
            End::Bound(bound) => steps.push(Step::Shift(Box::new(Shift::new(bound, false)?))),
            End::Registered(code) if code != WGS84 => {
                steps.push(Step::Operations(Box::new(between(WGS84, code, a, b)?)))
            }
            _ => {}
        }
        Ok(DatumShift { steps, name: "TOWGS84 of the definition".into(), accuracy: None, is_ballpark: false })
    }

    /// Longitudes and latitudes are kept, for want of anything better.
    pub(super) fn unknown() -> DatumShift {
        DatumShift {
            steps: Vec::new(),
            name: "none: no operation is known, longitudes and latitudes are kept".into(),
            accuracy: None,
            is_ballpark: true,
        }
    }

    /// Degrees in place; NaN where there is no way.
    pub(super) fn convert(&self, longitudes: &mut [f64], latitudes: &mut [f64]) {
        for step in &self.steps {
            match step {
                Step::Operations(operations) => operations.convert(longitudes, latitudes),
                Step::Shift(shift) => each(longitudes, latitudes, |x, y| shift.convert(x, y)),
            }
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn accuracy(&self) -> Option<f64> {
        self.accuracy
    }

    pub(super) fn is_ballpark(&self) -> bool {
        self.is_ballpark
    }
}

fn between(from: u32, to: u32, a: &Geodetic, b: &Geodetic) -> Result<Operations> {
    Operations::between(from, to).map_err(|problem| {
        Error::unsupported(format!("an operation from the datum '{}' to '{}' ({problem})", a.datum.name, b.datum.name))
    })
}

fn end<'a>(body: &'a Body, crs: &Geodetic) -> Result<End<'a>> {
    if let Some(bound) = bound_of(body) {
        return Ok(End::Bound(bound));
    }
    let datum = greenwich(&crs.datum);
    if is_unnamed(&datum) {
        return Ok(End::Unnamed);
    }
    geographic_code(crs, &datum).map(End::Registered).ok_or_else(|| {
        Error::unsupported(format!("transforming from or to the datum '{}', which no engine knows,", datum.name))
    })
}

/// A datum that is only an ellipsoid, by its own name; or a sphere, which nobody has surveyed.
fn is_unnamed(datum: &Datum) -> bool {
    let name: String = canonical(&datum.name).collect();
    let name = name.strip_prefix("d").filter(|n| n.starts_with("unknown")).unwrap_or(&name);
    datum.ellipsoid.is_sphere()
        || ["unknown", "unnamed", "notspecified", "unspecified"].iter().any(|word| name.starts_with(word))
}

fn bound_of(body: &Body) -> Option<&Bound> {
    match body {
        Body::Bound(bound) => Some(bound),
        Body::Compound(crs) => bound_of(&crs.horizontal),
        _ => None,
    }
}

/// The datum with longitudes from Greenwich: "… (Paris)" is the same one by another name.
fn greenwich(datum: &Datum) -> Datum {
    if datum.prime_meridian.longitude == 0.0 {
        return datum.clone();
    }
    let plain = datum.name.rsplit_once(" (").map(|(name, _)| name).and_then(registry::datum_by_name);
    let plain = plain.filter(|p| equal::ellipsoids(&p.ellipsoid, &datum.ellipsoid));
    plain.unwrap_or_else(|| Datum { prime_meridian: PrimeMeridian::greenwich(), id: None, ..datum.clone() })
}

/// A two-dimensional geographic CRS of EPSG on this datum that the engine knows, its own one first.
fn geographic_code(crs: &Geodetic, datum: &Datum) -> Option<u32> {
    let own = crs.id.as_ref().and_then(|id| id.epsg_code());
    let own = own
        .filter(|code| crs.datum.prime_meridian.longitude == 0.0 && crs.cs.axes.len() == 2 && operations::knows(*code));
    // A code beside keys that say otherwise is not the datum's.
    let own = own.filter(|code| {
        let known = registry::epsg(*code).and_then(registered::body);
        known.as_ref().and_then(Body::geodetic).is_some_and(|k| equal::datums(&k.datum, datum))
    });
    own.or_else(|| {
        registry::rows()
            .take_while(|row| row.is_epsg())
            .filter(|row| row.kind() == registry::Kind::Geographic2d && !row.is_deprecated())
            .filter(|row| (row.semi_major() - datum.ellipsoid.semi_major_metres()).abs() < 0.01)
            .find_map(|row| {
                let body = registered::body(row)?;
                let found = body.geodetic()?;
                let code = row.id().epsg_code()?;
                (equal::datums(&found.datum, datum) && operations::knows(code)).then_some(code)
            })
    })
}
