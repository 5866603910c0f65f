use super::{Text, Unit, UnitKind};

/// Which way an axis points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    East,
    North,
    West,
    South,
    Up,
    Down,
    GeocentricX,
    GeocentricY,
    GeocentricZ,
    /// Any other word of ISO 19111.
    Other(Text),
}

/// One axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    pub(crate) name: Text,
    pub(crate) abbreviation: Text,
    pub(crate) direction: Direction,
    /// Of an axis at a pole: the meridian along which it points, in its unit.
    pub(crate) meridian: Option<(f64, Unit)>,
    /// None for the counts of an ordinal system.
    pub(crate) unit: Option<Unit>,
}

/// The kind of a coordinate system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CsKind {
    Ellipsoidal,
    Cartesian,
    Vertical,
    Spherical,
    Ordinal,
}

impl CsKind {
    /// ISO 19162's word for it, which PROJJSON has too.
    pub(crate) fn word(self) -> &'static str {
        match self {
            CsKind::Ellipsoidal => "ellipsoidal",
            CsKind::Cartesian => "Cartesian",
            CsKind::Vertical => "vertical",
            CsKind::Spherical => "spherical",
            CsKind::Ordinal => "ordinal",
        }
    }
}

/// Axes in the order of the definition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CoordinateSystem {
    pub(crate) kind: CsKind,
    pub(crate) axes: Vec<Axis>,
}

const WORDS: [(Direction, &str); 9] = [
    (Direction::East, "east"),
    (Direction::North, "north"),
    (Direction::West, "west"),
    (Direction::South, "south"),
    (Direction::Up, "up"),
    (Direction::Down, "down"),
    (Direction::GeocentricX, "geocentricX"),
    (Direction::GeocentricY, "geocentricY"),
    (Direction::GeocentricZ, "geocentricZ"),
];

/// Words of the registry that are written otherwise in WKT.
const COMPASS: [(&str, &str); 4] = [
    ("east-south-east", "eastSouthEast"),
    ("east south east", "eastSouthEast"),
    ("north-north-east", "northNorthEast"),
    ("north north east", "northNorthEast"),
];

impl Direction {
    /// From any spelling's word; upper and lower case are the same.
    pub(crate) fn of(word: &str) -> Direction {
        if let Some((direction, _)) = WORDS.iter().find(|(_, w)| w.eq_ignore_ascii_case(word)) {
            return direction.clone();
        }
        if let Some((_, compass)) = COMPASS.iter().find(|(w, _)| *w == word) {
            return Direction::Other((*compass).into());
        }
        Direction::Other(word.to_string().into())
    }

    pub(crate) fn word(&self) -> &str {
        match self {
            Direction::Other(word) => word,
            known => WORDS.iter().find(|(d, _)| d == known).map_or("unspecified", |(_, w)| w),
        }
    }

    pub(crate) fn is_east_west(&self) -> bool {
        matches!(self, Direction::East | Direction::West)
    }

    pub(crate) fn is_north_south(&self) -> bool {
        matches!(self, Direction::North | Direction::South)
    }
}

impl Axis {
    pub(crate) fn new(name: &'static str, abbreviation: &'static str, direction: Direction, unit: Unit) -> Axis {
        Axis { name: name.into(), abbreviation: abbreviation.into(), direction, meridian: None, unit: Some(unit) }
    }
}

impl CoordinateSystem {
    /// Latitude, longitude.
    pub(crate) fn geographic(unit: Unit) -> CoordinateSystem {
        CoordinateSystem {
            kind: CsKind::Ellipsoidal,
            axes: vec![
                Axis::new("Latitude", "lat", Direction::North, unit.clone()),
                Axis::new("Longitude", "lon", Direction::East, unit),
            ],
        }
    }

    /// Longitude, latitude: the order of WKT 1 without axes.
    pub(crate) fn longitude_latitude(unit: Unit) -> CoordinateSystem {
        let mut cs = CoordinateSystem::geographic(unit);
        cs.axes.reverse();
        cs
    }

    /// Easting, northing.
    pub(crate) fn projected(unit: Unit) -> CoordinateSystem {
        CoordinateSystem {
            kind: CsKind::Cartesian,
            axes: vec![
                Axis::new("Easting", "E", Direction::East, unit.clone()),
                Axis::new("Northing", "N", Direction::North, unit),
            ],
        }
    }

    pub(crate) fn geocentric(unit: Unit) -> CoordinateSystem {
        CoordinateSystem {
            kind: CsKind::Cartesian,
            axes: vec![
                Axis::new("Geocentric X", "X", Direction::GeocentricX, unit.clone()),
                Axis::new("Geocentric Y", "Y", Direction::GeocentricY, unit.clone()),
                Axis::new("Geocentric Z", "Z", Direction::GeocentricZ, unit),
            ],
        }
    }

    pub(crate) fn height(unit: Unit) -> CoordinateSystem {
        CoordinateSystem {
            kind: CsKind::Vertical,
            axes: vec![Axis::new("Gravity-related height", "H", Direction::Up, unit)],
        }
    }

    /// The unit of the first axis of that kind.
    pub(crate) fn unit(&self, kind: UnitKind) -> Option<&Unit> {
        self.axes.iter().filter_map(|a| a.unit.as_ref()).find(|u| u.kind == kind)
    }

    pub(crate) fn set_unit(&mut self, unit: &Unit) {
        for axis in self.axes.iter_mut().filter(|a| a.unit.as_ref().is_some_and(|u| u.kind == unit.kind)) {
            axis.unit = Some(unit.clone());
        }
    }

    /// True if the first axis is a northing or latitude and the second an easting or longitude.
    pub(crate) fn is_north_first(&self) -> bool {
        match self.axes.as_slice() {
            [a, b, ..] => a.direction.is_north_south() && b.direction.is_east_west(),
            _ => false,
        }
    }
}
