use super::{Identifier, Text, Unit};

/// How flat an ellipsoid is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    InverseFlattening(f64),
    SemiMinor(f64),
    Sphere,
}

/// The size and shape of a body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ellipsoid {
    pub(crate) name: Text,
    pub(crate) semi_major: f64,
    pub(crate) shape: Shape,
    pub(crate) unit: Unit,
    pub(crate) id: Option<Identifier>,
}

/// Where longitudes start.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PrimeMeridian {
    pub(crate) name: Text,
    /// East of Greenwich.
    pub(crate) longitude: f64,
    pub(crate) unit: Unit,
    pub(crate) id: Option<Identifier>,
}

/// One realization among those of an ensemble.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    pub(crate) name: Text,
    pub(crate) id: Option<Identifier>,
}

/// Several realizations taken for one, because they differ by less than the accuracy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ensemble {
    pub(crate) members: Vec<Member>,
    /// Metres, as text: "2.0".
    pub(crate) accuracy: Text,
}

/// An ellipsoid fixed to the Earth: a geodetic reference frame or an ensemble of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Datum {
    pub(crate) name: Text,
    pub(crate) ellipsoid: Ellipsoid,
    pub(crate) prime_meridian: PrimeMeridian,
    pub(crate) ensemble: Option<Ensemble>,
    /// The epoch of a dynamic frame in years.
    pub(crate) frame_epoch: Option<f64>,
    pub(crate) anchor: Option<Text>,
    pub(crate) anchor_epoch: Option<f64>,
    pub(crate) id: Option<Identifier>,
}

/// Where heights are zero.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VerticalDatum {
    pub(crate) name: Text,
    pub(crate) ensemble: Option<Ensemble>,
    pub(crate) frame_epoch: Option<f64>,
    pub(crate) anchor: Option<Text>,
    pub(crate) anchor_epoch: Option<f64>,
    pub(crate) id: Option<Identifier>,
}

impl Datum {
    /// A frame of which no more is known.
    pub(crate) fn plain(
        name: Text,
        ellipsoid: Ellipsoid,
        prime_meridian: PrimeMeridian,
        id: Option<Identifier>,
    ) -> Datum {
        Datum {
            name,
            ellipsoid,
            prime_meridian,
            ensemble: None,
            frame_epoch: None,
            anchor: None,
            anchor_epoch: None,
            id,
        }
    }
}

impl VerticalDatum {
    /// A frame of which no more is known.
    pub(crate) fn plain(name: Text, id: Option<Identifier>) -> VerticalDatum {
        VerticalDatum { name, ensemble: None, frame_epoch: None, anchor: None, anchor_epoch: None, id }
    }
}

impl Ellipsoid {
    /// True for axes that a body of the sky can have, the first not shorter than the second.
    pub(crate) fn is_possible(&self) -> bool {
        let (a, b, f) = (self.semi_major_metres(), self.semi_minor_metres(), self.inverse_flattening());
        a > 0.0 && b > 0.0 && a.is_finite() && f.is_finite() && (f == 0.0 || f > 1.001)
    }

    pub(crate) fn is_sphere(&self) -> bool {
        match self.shape {
            Shape::Sphere => true,
            Shape::InverseFlattening(f) => f == 0.0,
            Shape::SemiMinor(b) => b == self.semi_major,
        }
    }

    /// a / (a − b); 0 for a sphere.
    pub(crate) fn inverse_flattening(&self) -> f64 {
        match self.shape {
            Shape::Sphere => 0.0,
            Shape::InverseFlattening(f) => f,
            Shape::SemiMinor(b) if b == self.semi_major => 0.0,
            Shape::SemiMinor(b) => {
                let (a, b) = (self.semi_major_metres(), b * self.unit.factor);
                a / (a - b)
            }
        }
    }

    pub(crate) fn semi_major_metres(&self) -> f64 {
        self.semi_major * self.unit.factor
    }

    pub(crate) fn semi_minor_metres(&self) -> f64 {
        let b = match self.shape {
            Shape::Sphere => self.semi_major,
            Shape::SemiMinor(b) => b,
            Shape::InverseFlattening(0.0) => self.semi_major,
            Shape::InverseFlattening(f) => self.semi_major * (1.0 - 1.0 / f),
        };
        b * self.unit.factor
    }
}

impl PrimeMeridian {
    pub(crate) fn greenwich() -> PrimeMeridian {
        PrimeMeridian { name: "Greenwich".into(), longitude: 0.0, unit: Unit::DEGREE, id: Some(Identifier::epsg(8901)) }
    }

    pub(crate) fn radians(&self) -> f64 {
        self.longitude * self.unit.factor
    }

    pub(crate) fn degrees(&self) -> f64 {
        if self.unit.is_degree() { self.longitude } else { self.radians().to_degrees() }
    }
}
