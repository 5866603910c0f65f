//! Geographic CRSs that are made, not found.

use crate::model::{CoordinateSystem, Datum, Ellipsoid, Geodetic, Identifier, PrimeMeridian, Shape, Unit};

/// The ellipsoid of WGS 84.
pub(crate) fn wgs84_ellipsoid() -> Ellipsoid {
    Ellipsoid {
        name: "WGS 84".into(),
        semi_major: 6_378_137.0,
        shape: Shape::InverseFlattening(298.257_223_563),
        unit: Unit::METRE,
        id: Some(Identifier::epsg(7030)),
    }
}

/// WGS 84 without a code.
pub(crate) fn wgs84() -> Geodetic {
    Geodetic {
        name: "WGS 84".into(),
        datum: Datum::plain(
            "World Geodetic System 1984".into(),
            wgs84_ellipsoid(),
            PrimeMeridian::greenwich(),
            Some(Identifier::epsg(6326)),
        ),
        cs: CoordinateSystem::geographic(Unit::DEGREE),
        usages: Vec::new(),
        id: None,
    }
}
