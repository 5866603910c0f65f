//! Datums, ellipsoids, prime meridians.

use super::{Node, authority};
use crate::error::{Error, Result};
use crate::model::{Datum, Ellipsoid, PrimeMeridian, Shape, Unit, same_number};
use crate::registry;
use crate::wkt::words::owned;

pub(super) fn datum(node: &Node, angular: &Unit) -> Result<Datum> {
    let datum = node.need(&["DATUM"], "DATUM")?;
    let spheroid = datum.need(&["SPHEROID", "ELLIPSOID"], "SPHEROID")?;
    let ellipsoid = ellipsoid(spheroid)?;
    let prime_meridian = match node.child(&["PRIMEM"]) {
        Some(node) => prime_meridian(node, angular)?,
        None => PrimeMeridian::greenwich(),
    };
    let (name, id) = registry::spelled_datum(datum.name(), &ellipsoid, authority(datum));
    Ok(Datum::plain(name, ellipsoid, prime_meridian, id))
}

fn ellipsoid(node: &Node) -> Result<Ellipsoid> {
    let (semi_major, inverse_flattening) = (node.number(1)?, node.number(2)?);
    // ESRI's WGS_1984 is "WGS 84".
    let known = registry::ellipsoid_by_name(node.name())
        .filter(|e| same_number(e.semi_major, semi_major) && same_number(e.inverse_flattening(), inverse_flattening));
    let ellipsoid = Ellipsoid {
        name: known.as_ref().map_or_else(|| owned(node.name()), |e| e.name.clone()),
        semi_major,
        shape: if inverse_flattening == 0.0 { Shape::Sphere } else { Shape::InverseFlattening(inverse_flattening) },
        unit: Unit::METRE,
        id: authority(node).or_else(|| known.and_then(|e| e.id)),
    };
    if ellipsoid.is_possible() {
        Ok(ellipsoid)
    } else {
        Err(Error::value("SPHEROID", format!("{semi_major}, {inverse_flattening}"), "no ellipsoid"))
    }
}

fn prime_meridian(node: &Node, angular: &Unit) -> Result<PrimeMeridian> {
    let longitude = node.number(1)?;
    // GDAL writes degrees whatever the CRS's unit, ESRI too: a known meridian tells its own longitude.
    let known = registry::prime_meridian_by_name(node.name());
    if longitude == 0.0 {
        let unit = if angular.is_degree() { angular.clone() } else { Unit::DEGREE };
        return Ok(PrimeMeridian { name: owned(node.name()), longitude, unit, id: authority(node) });
    }
    if let Some(known) = known.filter(|k| (k.degrees() - longitude).abs() < 1e-6) {
        return Ok(known);
    }
    Ok(PrimeMeridian { name: owned(node.name()), longitude, unit: Unit::DEGREE, id: authority(node) })
}
