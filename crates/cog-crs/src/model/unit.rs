use super::{Identifier, Text};
use std::borrow::Cow;

/// What a unit measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnitKind {
    Length,
    Angle,
    Scale,
    Time,
}

/// A unit of measure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unit {
    pub(crate) kind: UnitKind,
    pub(crate) name: Text,
    /// Metres, radians, or ones.
    pub(crate) factor: f64,
    pub(crate) id: Option<Identifier>,
}

/// As PROJ writes it; EPSG:9102 is longer in the last place.
pub(crate) const DEGREE: f64 = 0.017_453_292_519_943_3;

impl Unit {
    pub(crate) const METRE: Unit =
        Unit { kind: UnitKind::Length, name: Cow::Borrowed("metre"), factor: 1.0, id: Some(Identifier::epsg(9001)) };
    pub(crate) const DEGREE: Unit = Unit {
        kind: UnitKind::Angle,
        name: Cow::Borrowed("degree"),
        factor: std::f64::consts::PI / 180.0,
        id: Some(Identifier::epsg(9122)),
    };
    pub(crate) const UNITY: Unit =
        Unit { kind: UnitKind::Scale, name: Cow::Borrowed("unity"), factor: 1.0, id: Some(Identifier::epsg(9201)) };

    pub(crate) fn new(kind: UnitKind, name: impl Into<Text>, factor: f64) -> Unit {
        Unit { kind, name: name.into(), factor, id: None }
    }

    pub(crate) fn is_metre(&self) -> bool {
        self.kind == UnitKind::Length && self.factor == 1.0
    }

    pub(crate) fn is_degree(&self) -> bool {
        self.kind == UnitKind::Angle && same_number(self.factor, DEGREE)
    }

    /// The same size, whatever the names.
    pub(crate) fn same_size(&self, other: &Unit) -> bool {
        self.kind == other.kind && same_number(self.factor, other.factor)
    }
}

/// Equal to what is lost when a number is written with 15 digits, or less.
pub(crate) fn same_number(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 1e-10 * a.abs().max(b.abs())
}
