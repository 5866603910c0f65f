//! What a CRS is made of: ISO 19111's terms, as far as a raster's CRS uses them.

mod axes;
mod body;
mod conversion;
mod datum;
mod identifier;
mod unit;

pub(crate) use axes::{Axis, CoordinateSystem, CsKind, Direction};
pub(crate) use body::{Body, Bound, Compound, Engineering, Geodetic, Projected, Vertical};
pub(crate) use conversion::{Conversion, Method, Parameter, ParameterValue};
pub(crate) use datum::{Datum, Ellipsoid, Ensemble, Member, PrimeMeridian, Shape, VerticalDatum};
pub(crate) use identifier::{Code, Identifier, Text, canonical, name_hash, same_name};
pub(crate) use unit::{Unit, UnitKind, same_number};

/// Where a CRS is meant to be used, and what for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Usage {
    pub(crate) scope: Text,
    pub(crate) area: Text,
    /// South, west, north, east in degrees: the order of WKT.
    pub(crate) bbox: Option<[f64; 4]>,
}
