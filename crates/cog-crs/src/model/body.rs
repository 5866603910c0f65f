use super::{Conversion, CoordinateSystem, CsKind, Datum, Identifier, Text, Usage, VerticalDatum};

/// A CRS on an ellipsoid: geographic with two or three dimensions, or geocentric.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Geodetic {
    pub(crate) name: Text,
    pub(crate) datum: Datum,
    pub(crate) cs: CoordinateSystem,
    pub(crate) usages: Vec<Usage>,
    pub(crate) id: Option<Identifier>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Projected {
    pub(crate) name: Text,
    pub(crate) base: Geodetic,
    pub(crate) conversion: Conversion,
    pub(crate) cs: CoordinateSystem,
    pub(crate) usages: Vec<Usage>,
    pub(crate) id: Option<Identifier>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Vertical {
    pub(crate) name: Text,
    pub(crate) datum: VerticalDatum,
    pub(crate) cs: CoordinateSystem,
    pub(crate) usages: Vec<Usage>,
    pub(crate) id: Option<Identifier>,
}

/// Coordinates without a place on Earth.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Engineering {
    pub(crate) name: Text,
    pub(crate) datum: Text,
    pub(crate) datum_id: Option<Identifier>,
    pub(crate) anchor: Option<Text>,
    pub(crate) cs: CoordinateSystem,
    pub(crate) usages: Vec<Usage>,
    pub(crate) id: Option<Identifier>,
}

/// A horizontal CRS and heights.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Compound {
    pub(crate) name: Text,
    pub(crate) horizontal: Body,
    pub(crate) vertical: Body,
    pub(crate) usages: Vec<Usage>,
    pub(crate) id: Option<Identifier>,
}

/// A CRS with the way to another one, usually WGS 84: TOWGS84 and grids of WKT 1.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bound {
    pub(crate) source: Body,
    pub(crate) target: Body,
    pub(crate) transformation: Conversion,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    Geodetic(Box<Geodetic>),
    Projected(Box<Projected>),
    Vertical(Box<Vertical>),
    Engineering(Box<Engineering>),
    Compound(Box<Compound>),
    Bound(Box<Bound>),
}

impl Geodetic {
    pub(crate) fn is_geocentric(&self) -> bool {
        self.cs.kind == CsKind::Cartesian
    }

    pub(crate) fn is_3d(&self) -> bool {
        self.cs.axes.len() == 3 && !self.is_geocentric()
    }
}

impl Body {
    pub(crate) fn name(&self) -> &str {
        match self {
            Body::Geodetic(crs) => &crs.name,
            Body::Projected(crs) => &crs.name,
            Body::Vertical(crs) => &crs.name,
            Body::Engineering(crs) => &crs.name,
            Body::Compound(crs) => &crs.name,
            Body::Bound(crs) => crs.source.name(),
        }
    }

    /// The code that the definition bears. A bound CRS bears none itself; its source may.
    pub(crate) fn id(&self) -> Option<&Identifier> {
        match self {
            Body::Geodetic(crs) => crs.id.as_ref(),
            Body::Projected(crs) => crs.id.as_ref(),
            Body::Vertical(crs) => crs.id.as_ref(),
            Body::Engineering(crs) => crs.id.as_ref(),
            Body::Compound(crs) => crs.id.as_ref(),
            Body::Bound(crs) => crs.source.id(),
        }
    }

    pub(crate) fn set_id(&mut self, id: Option<Identifier>) {
        match self {
            Body::Geodetic(crs) => crs.id = id,
            Body::Projected(crs) => crs.id = id,
            Body::Vertical(crs) => crs.id = id,
            Body::Engineering(crs) => crs.id = id,
            Body::Compound(crs) => crs.id = id,
            Body::Bound(crs) => crs.source.set_id(id),
        }
    }

    pub(crate) fn usages(&self) -> &[Usage] {
        match self {
            Body::Geodetic(crs) => &crs.usages,
            Body::Projected(crs) => &crs.usages,
            Body::Vertical(crs) => &crs.usages,
            Body::Engineering(crs) => &crs.usages,
            Body::Compound(crs) => &crs.usages,
            Body::Bound(crs) => crs.source.usages(),
        }
    }

    /// The part that places things on a map: of a compound CRS the horizontal one, of a bound one its source.
    pub(crate) fn horizontal(&self) -> &Body {
        match self {
            Body::Compound(crs) => crs.horizontal.horizontal(),
            Body::Bound(crs) => crs.source.horizontal(),
            other => other,
        }
    }

    pub(crate) fn vertical(&self) -> Option<&Vertical> {
        match self {
            Body::Vertical(crs) => Some(crs),
            Body::Compound(crs) => crs.vertical.vertical(),
            Body::Bound(crs) => crs.source.vertical(),
            _ => None,
        }
    }

    /// The axes of the horizontal part; of a vertical CRS its own.
    pub(crate) fn cs(&self) -> &CoordinateSystem {
        match self {
            Body::Geodetic(crs) => &crs.cs,
            Body::Projected(crs) => &crs.cs,
            Body::Vertical(crs) => &crs.cs,
            Body::Engineering(crs) => &crs.cs,
            Body::Compound(crs) => crs.horizontal.cs(),
            Body::Bound(crs) => crs.source.cs(),
        }
    }

    /// The geographic or geocentric CRS that it stands on.
    pub(crate) fn geodetic(&self) -> Option<&Geodetic> {
        match self {
            Body::Geodetic(crs) => Some(crs),
            Body::Projected(crs) => Some(&crs.base),
            Body::Compound(crs) => crs.horizontal.geodetic(),
            Body::Bound(crs) => crs.source.geodetic(),
            Body::Vertical(_) | Body::Engineering(_) => None,
        }
    }
}
