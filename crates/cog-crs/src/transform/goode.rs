//! Goode's Homolosine on the sphere of radius 1: sinusoidal up to 40°44'11.8", Mollweide beyond, whole or in the lobes of land, as PROJ
//! has them. Between the lobes lies nothing, but two of the north are continued for Greenland and the east of Siberia.

use super::mollweide::auxiliary;
use std::f64::consts::{FRAC_PI_2, PI, SQRT_2};

/// A part of the map: between two longitudes, around a third, in degrees.
struct Lobe {
    west: f64,
    east: f64,
    center: f64,
    /// West, east and south of what is drawn once more.
    more: &'static [[f64; 3]],
}

const fn lobe(west: f64, east: f64, center: f64) -> Lobe {
    Lobe { west, east, center, more: &[] }
}

const NORTH: [Lobe; 2] = [
    Lobe { more: &[[-40.0, -10.0, 60.0]], ..lobe(-180.0, -40.0, -100.0) },
    Lobe { more: &[[-180.0, -160.0, 50.0], [-50.0, -40.0, 60.0]], ..lobe(-40.0, 180.0, 30.0) },
];
const SOUTH: [Lobe; 4] =
    [lobe(-180.0, -100.0, -160.0), lobe(-100.0, -20.0, -60.0), lobe(-20.0, 80.0, 20.0), lobe(80.0, 180.0, 140.0)];

/// So much beyond an edge is taken for it.
const EDGE: f64 = 1e-10;

fn limit() -> f64 {
    (40.0 + 44.0 / 60.0 + 11.8 / 3600.0_f64).to_radians()
}

/// What Mollweide's map is lowered by, that the lobes meet: PROJ has five digits of it for the whole map.
fn lowered(is_interrupted: bool) -> f64 {
    if is_interrupted { SQRT_2 * auxiliary(limit()).sin() - limit() } else { 0.0528 }
}

/// The lobe that holds a longitude or an easting, in radians.
fn lobe_at(is_north: bool, east: f64) -> Option<&'static Lobe> {
    let lobes: &'static [Lobe] = if is_north { &NORTH } else { &SOUTH };
    lobes.iter().find(|lobe| east <= lobe.east.to_radians()).or(lobes.last())
}

impl Lobe {
    fn draws(&self, longitude: f64, latitude: f64, is_mollweide: bool) -> bool {
        let within = |[west, east, south]: [f64; 3]| {
            longitude >= west.to_radians() - EDGE
                && longitude <= east.to_radians() + EDGE
                && latitude >= south.to_radians() - EDGE
        };
        within([self.west, self.east, -90.0]) || is_mollweide && self.more.iter().any(|more| within(*more))
    }
}

pub(super) fn forward(longitude: f64, latitude: f64, is_interrupted: bool) -> Option<(f64, f64)> {
    let lobe = lobe_at(latitude >= 0.0, longitude).filter(|_| is_interrupted);
    let center = lobe.map_or(0.0, |lobe| lobe.center.to_radians());
    // The last parallel is sinusoidal on the whole map, Mollweide's in the lobes.
    let is_mollweide = latitude.abs() > limit() || is_interrupted && latitude == limit();
    let turn = longitude - center;
    let (x, y) = if is_mollweide {
        let theta = auxiliary(latitude);
        let y = SQRT_2 * theta.sin();
        (2.0 * SQRT_2 / PI * turn * theta.cos(), y - lowered(is_interrupted).copysign(y))
    } else {
        (turn * latitude.cos(), latitude)
    };
    Some((x + center, y))
}

pub(super) fn inverse(x: f64, y: f64, is_interrupted: bool) -> Option<(f64, f64)> {
    let lobe = lobe_at(y >= 0.0, x).filter(|_| is_interrupted);
    let center = lobe.map_or(0.0, |lobe| lobe.center.to_radians());
    let is_mollweide = y.abs() > limit();
    let (turn, latitude) = if is_mollweide {
        let sine = (y + lowered(is_interrupted).copysign(y)) / SQRT_2;
        if sine.abs() > 1.0 + EDGE {
            return None;
        }
        let theta = sine.clamp(-1.0, 1.0).asin();
        let latitude = ((2.0 * theta + (2.0 * theta).sin()) / PI).clamp(-1.0, 1.0).asin();
        let scale = 2.0 * SQRT_2 / PI * theta.cos();
        let turn = if scale < 1e-12 && (x - center).abs() < EDGE { 0.0 } else { (x - center) / scale };
        (turn, latitude)
    } else {
        ((x - center) / y.cos(), y)
    };
    let longitude = turn + center;
    let is_drawn = match lobe {
        Some(lobe) => lobe.draws(longitude, latitude, is_mollweide),
        None => longitude.abs() <= PI + EDGE && latitude.abs() <= FRAC_PI_2 + EDGE,
    };
    is_drawn.then_some((longitude, latitude))
}
