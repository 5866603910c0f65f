//! One side of a transform: between a CRS's coordinates and degrees east of Greenwich on its own datum.

use super::mollweide::Mollweide;
use super::new_zealand::NewZealandMapGrid;
use super::{by_proj_core, by_proj4rs};
use crate::error::{Error, Result};
use crate::model::{Body, Direction, Geodetic, Projected, UnitKind};

/// An engine's projection: degrees from the central meridian's own prime meridian to metres, and back.
#[derive(Debug)]
pub(super) enum Projection {
    Core(Box<by_proj_core::Projection>),
    Four(Box<by_proj4rs::Projection>),
    Mollweide(Mollweide),
    NewZealand(NewZealandMapGrid),
}

#[derive(Debug)]
pub(super) struct Half {
    projection: Option<Projection>,
    /// Degrees or metres in one unit of the CRS.
    unit: f64,
    /// Degrees of the prime meridian east of Greenwich.
    meridian: f64,
    /// The way that coordinates count.
    axes: Axes,
    /// The central meridian of a projection, in degrees, and where it lies, in metres.
    center: (f64, f64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Axes {
    EastNorth,
    WestSouth,
    SouthWest,
}

impl Half {
    pub(super) fn new(body: &Body) -> Result<Half> {
        match body.horizontal() {
            Body::Geodetic(crs) if crs.is_geocentric() => {
                Err(Error::unsupported(format!("transforming the geocentric CRS '{}'", crs.name)))
            }
            Body::Geodetic(crs) => Half::geographic(crs),
            Body::Projected(crs) => Half::projected(crs),
            other => Err(Error::unsupported(format!("transforming '{}', which has no place on Earth,", other.name()))),
        }
    }

    fn geographic(crs: &Geodetic) -> Result<Half> {
        let unit =
            crs.cs.unit(UnitKind::Angle).map_or(1.0, |u| if u.is_degree() { 1.0 } else { u.factor.to_degrees() });
        if crs.cs.axes.iter().take(2).any(|a| matches!(a.direction, Direction::West | Direction::South)) {
            return Err(Error::unsupported(format!("transforming '{}', whose longitudes count westward,", crs.name)));
        }
        Ok(Half {
            projection: None,
            unit,
            meridian: crs.datum.prime_meridian.degrees(),
            axes: Axes::EastNorth,
            center: (0.0, 0.0),
        })
    }

    fn projected(crs: &Projected) -> Result<Half> {
        let unit = crs.cs.unit(UnitKind::Length).map_or(1.0, |u| u.factor);
        let directions: Vec<&Direction> = crs.cs.axes.iter().take(2).map(|a| &a.direction).collect();
        let is_polar = crs.cs.axes.iter().take(2).all(|a| a.meridian.is_some());
        let axes = match directions.as_slice() {
            [Direction::West, Direction::South] => Axes::WestSouth,
            [Direction::South, Direction::West] => Axes::SouthWest,
            [Direction::East, Direction::North] | [Direction::North, Direction::East] => Axes::EastNorth,
            // Away from a pole, along the meridians that the projection's central one implies.
            [a, b] if is_polar || a == b => Axes::EastNorth,
            _ => return Err(Error::unsupported(format!("transforming '{}', for the way of its axes,", crs.name))),
        };
        let axes = match (axes, crs.conversion.method_code()) {
            // Its definition counts west and south; axes that say otherwise contradict it.
            (_, Some(9808)) => Axes::WestSouth,
            (_, Some(9819)) => Axes::SouthWest,
            (Axes::EastNorth, _) => Axes::EastNorth,
            _ => return Err(Error::unsupported(format!("transforming '{}', for the way of its axes,", crs.name))),
        };
        let ellipsoid = &crs.base.datum.ellipsoid;
        let projection = match by_proj_core::Projection::new(&crs.conversion, ellipsoid)? {
            Some(projection) => Projection::Core(Box::new(projection)),
            None if crs.conversion.method.name == "Mollweide" => {
                Projection::Mollweide(Mollweide::new(&crs.conversion, ellipsoid))
            }
            None if crs.conversion.method_code() == Some(9811) => {
                Projection::NewZealand(NewZealandMapGrid::new(&crs.conversion, ellipsoid))
            }
            None => Projection::Four(Box::new(by_proj4rs::Projection::new(&crs.conversion, ellipsoid)?)),
        };
        let of = |codes: &[u32]| codes.iter().find_map(|code| crs.conversion.si(*code)).unwrap_or(0.0);
        let center = (of(&[8802, 8822, 8833, 8812]).to_degrees(), of(&[8806, 8826, 8816]));
        Ok(Half { projection: Some(projection), unit, meridian: crs.base.datum.prime_meridian.degrees(), axes, center })
    }

    /// True if its coordinates are longitudes and latitudes in degrees.
    pub(super) fn is_degrees(&self) -> bool {
        self.projection.is_none() && (self.unit - 1.0).abs() < 1e-8
    }

    /// The antimeridian is 180 or -180 degrees, by the side from which a map reaches it: its western half, or a map whose central
    /// meridian is in the west, ends at -180.
    fn on_its_side(&self, longitude: f64, east: f64) -> f64 {
        const NEAR: f64 = 1e-10;
        if longitude.abs() < 180.0 - NEAR {
            return longitude;
        }
        match self.center {
            (center, _) if center < 0.0 => -180.0,
            (center, middle) if center == 0.0 && east < middle => -180.0,
            _ => 180.0,
        }
    }

    /// Degrees east of Greenwich, and north.
    pub(super) fn inverse(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let (longitude, latitude) = match &self.projection {
            None => (x * self.unit, y * self.unit),
            Some(projection) => {
                let (x, y) = (x * self.unit, y * self.unit);
                let (east, north) = match self.axes {
                    Axes::EastNorth => (x, y),
                    Axes::WestSouth => (-x, -y),
                    Axes::SouthWest => (-y, -x),
                };
                let (longitude, latitude) = match projection {
                    Projection::Core(p) => p.inverse(east, north)?,
                    Projection::Four(p) => p.inverse(east, north)?,
                    Projection::Mollweide(p) => p.inverse(east, north)?,
                    Projection::NewZealand(p) => p.inverse(east, north)?,
                };
                (self.on_its_side(longitude, east), latitude)
            }
        };
        Some((longitude + self.meridian, latitude))
    }

    pub(super) fn forward(&self, longitude: f64, latitude: f64) -> Option<(f64, f64)> {
        let longitude = longitude - self.meridian;
        let Some(projection) = &self.projection else { return Some((longitude / self.unit, latitude / self.unit)) };
        let (east, north) = match projection {
            Projection::Core(p) => p.forward(longitude, latitude)?,
            Projection::Four(p) => p.forward(longitude, latitude)?,
            Projection::Mollweide(p) => p.forward(longitude, latitude)?,
            Projection::NewZealand(p) => p.forward(longitude, latitude)?,
        };
        let (x, y) = match self.axes {
            Axes::EastNorth => (east, north),
            Axes::WestSouth => (-east, -north),
            Axes::SouthWest => (-north, -east),
        };
        Some((x / self.unit, y / self.unit))
    }
}
