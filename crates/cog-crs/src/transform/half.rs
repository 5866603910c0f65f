//! One side of a transform: between a CRS's coordinates and degrees east of Greenwich on its own datum.

use super::batch::{BATCH, each};
use super::bonne::Bonne;
use super::krovak_modified::KrovakModified;
use super::lambert_azimuthal::LambertAzimuthal;
use super::mercator::Mercator;
use super::mollweide::Mollweide;
use super::new_zealand::NewZealandMapGrid;
use super::transverse_mercator::TransverseMercator;
use super::world_maps::WorldMap;
use super::{by_proj_core, by_proj4rs};
use crate::error::{Error, Result};
use crate::model::{Body, Conversion, Direction, Ellipsoid, Geodetic, Projected, UnitKind};

/// An engine's projection: degrees from the central meridian's own prime meridian to metres, and back.
#[derive(Debug)]
pub(super) enum Projection {
    Mercator(Box<Mercator>),
    TransverseMercator(Box<TransverseMercator>),
    LambertAzimuthal(Box<LambertAzimuthal>),
    Core(Box<by_proj_core::Projection>),
    Four(Box<by_proj4rs::Projection>),
    Mollweide(Mollweide),
    NewZealand(NewZealandMapGrid),
    Bonne(Box<Bonne>),
    World(Box<WorldMap>),
    KrovakModified(Box<KrovakModified>),
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
            (_, Some(9819 | 1042)) => Axes::SouthWest,
            (Axes::EastNorth, _) => Axes::EastNorth,
            _ => return Err(Error::unsupported(format!("transforming '{}', for the way of its axes,", crs.name))),
        };
        let ellipsoid = &crs.base.datum.ellipsoid;
        let projection = Projection::new(&crs.conversion, ellipsoid)?;
        let of = |codes: &[u32]| codes.iter().find_map(|code| crs.conversion.si(*code)).unwrap_or(0.0);
        let center = (of(&[8802, 8822, 8833, 8812]).to_degrees(), of(&[8806, 8826, 8816]));
        Ok(Half { projection: Some(projection), unit, meridian: crs.base.datum.prime_meridian.degrees(), axes, center })
    }

    /// True if its coordinates are longitudes and latitudes in degrees.
    pub(super) fn is_degrees(&self) -> bool {
        self.projection.is_none() && (self.unit - 1.0).abs() < 1e-8
    }

    /// True where a map reaches the antimeridian from the east, at -180 degrees: in its western half, and everywhere if its central
    /// meridian is in the west.
    fn is_west(&self, east: f64) -> bool {
        let (center, middle) = self.center;
        center < 0.0 || center == 0.0 && east < middle
    }

    /// To degrees east of Greenwich, and north; NaN outside the projection's domain.
    pub(super) fn inverse(&self, x: &mut [f64], y: &mut [f64]) {
        scale(x, y, self.unit, |value, unit| value * unit);
        if let Some(projection) = &self.projection {
            self.turn(x, y);
            // The side of the antimeridian is that of the easting.
            let mut west = [false; BATCH];
            for (is_west, east) in west.iter_mut().zip(&*x) {
                *is_west = self.is_west(*east);
            }
            projection.inverse(x, y);
            for (is_west, longitude) in west.iter().zip(&mut *x) {
                *longitude = on_its_side(*longitude, *is_west);
            }
        }
        if self.meridian != 0.0 {
            x.iter_mut().for_each(|longitude| *longitude += self.meridian);
        }
    }

    pub(super) fn forward(&self, x: &mut [f64], y: &mut [f64]) {
        if self.meridian != 0.0 {
            x.iter_mut().for_each(|longitude| *longitude -= self.meridian);
        }
        if let Some(projection) = &self.projection {
            projection.forward(x, y);
            self.turn(x, y);
        }
        scale(x, y, self.unit, |value, unit| value / unit);
    }

    /// Between the way that the axes count and east and north.
    fn turn(&self, x: &mut [f64], y: &mut [f64]) {
        match self.axes {
            Axes::EastNorth => {}
            Axes::WestSouth => x.iter_mut().chain(y).for_each(|value| *value = -*value),
            Axes::SouthWest => x.iter_mut().zip(y).for_each(|(x, y)| (*x, *y) = (-*y, -*x)),
        }
    }
}

/// Nothing where both are in degrees or metres.
fn scale(x: &mut [f64], y: &mut [f64], unit: f64, by: impl Fn(f64, f64) -> f64) {
    if unit != 1.0 {
        x.iter_mut().chain(y).for_each(|value| *value = by(*value, unit));
    }
}

/// The antimeridian is 180 or -180 degrees, by the side from which a map reaches it.
fn on_its_side(longitude: f64, is_west: bool) -> f64 {
    const NEAR: f64 = 1e-10;
    let end = if is_west { -180.0 } else { 180.0 };
    if longitude.abs() >= 180.0 - NEAR { end } else { longitude }
}

impl Projection {
    fn new(conversion: &Conversion, ellipsoid: &Ellipsoid) -> Result<Projection> {
        if let Some(map) = Mercator::new(conversion, ellipsoid)? {
            return Ok(Projection::Mercator(Box::new(map)));
        }
        if let Some(map) = TransverseMercator::new(conversion, ellipsoid)? {
            return Ok(Projection::TransverseMercator(Box::new(map)));
        }
        if let Some(map) = LambertAzimuthal::new(conversion, ellipsoid) {
            return Ok(Projection::LambertAzimuthal(Box::new(map)));
        }
        if let Some(map) = Bonne::new(conversion, ellipsoid)? {
            return Ok(Projection::Bonne(Box::new(map)));
        }
        if let Some(map) = KrovakModified::new(conversion, ellipsoid)? {
            return Ok(Projection::KrovakModified(Box::new(map)));
        }
        if let Some(map) = WorldMap::new(conversion, ellipsoid) {
            return Ok(Projection::World(Box::new(map)));
        }
        Ok(match by_proj_core::Projection::new(conversion, ellipsoid)? {
            Some(projection) => Projection::Core(Box::new(projection)),
            None if conversion.method.name == "Mollweide" => {
                Projection::Mollweide(Mollweide::new(conversion, ellipsoid))
            }
            None if conversion.method_code() == Some(9811) => {
                Projection::NewZealand(NewZealandMapGrid::new(conversion, ellipsoid))
            }
            None => Projection::Four(Box::new(by_proj4rs::Projection::new(conversion, ellipsoid)?)),
        })
    }

    fn forward(&self, x: &mut [f64], y: &mut [f64]) {
        match self {
            Projection::Mercator(p) => p.forward(x, y),
            Projection::TransverseMercator(p) => p.forward(x, y),
            Projection::LambertAzimuthal(p) => p.forward(x, y),
            Projection::Core(p) => each(x, y, |x, y| p.forward(x, y)),
            Projection::Four(p) => each(x, y, |x, y| p.forward(x, y)),
            Projection::Mollweide(p) => each(x, y, |x, y| p.forward(x, y)),
            Projection::NewZealand(p) => each(x, y, |x, y| p.forward(x, y)),
            Projection::Bonne(p) => each(x, y, |x, y| p.forward(x, y)),
            Projection::World(p) => each(x, y, |x, y| p.forward(x, y)),
            Projection::KrovakModified(p) => each(x, y, |x, y| p.forward(x, y)),
        }
    }

    fn inverse(&self, x: &mut [f64], y: &mut [f64]) {
        match self {
            Projection::Mercator(p) => p.inverse(x, y),
            Projection::TransverseMercator(p) => p.inverse(x, y),
            Projection::LambertAzimuthal(p) => p.inverse(x, y),
            Projection::Core(p) => each(x, y, |x, y| p.inverse(x, y)),
            Projection::Four(p) => each(x, y, |x, y| p.inverse(x, y)),
            Projection::Mollweide(p) => each(x, y, |x, y| p.inverse(x, y)),
            Projection::NewZealand(p) => each(x, y, |x, y| p.inverse(x, y)),
            Projection::Bonne(p) => each(x, y, |x, y| p.inverse(x, y)),
            Projection::World(p) => each(x, y, |x, y| p.inverse(x, y)),
            Projection::KrovakModified(p) => each(x, y, |x, y| p.inverse(x, y)),
        }
    }
}
