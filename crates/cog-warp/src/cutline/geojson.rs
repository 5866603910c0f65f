//! Polygons out of GeoJSON (RFC 7946).

use std::cell::Cell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::polygon::{MOST_POINTS, Polygons};
use crate::error::CutlineError;

/// The polygons of a text, and the CRS that it names, if it does.
pub(super) struct Read {
    pub(super) polygons: Polygons,
    /// The name in a member `crs`, as GeoJSON of 2008 had it.
    pub(super) crs: Option<String>,
}

/// # Errors
/// Text that is no GeoJSON, geometry that is no polygon, rings that are none, and too many points.
pub(super) fn read(text: &str) -> Result<Read, CutlineError> {
    let points = Cell::new(0);
    let mut json = serde_json::Deserializer::from_str(text);
    let object = ObjectSeed { points: &points }.deserialize(&mut json);
    let too_many = points.get() > MOST_POINTS;
    let object = object.and_then(|object| json.end().map(|()| object)).map_err(|e| match too_many {
        true => CutlineError::TooManyPoints { limit: MOST_POINTS },
        false => CutlineError::NotGeoJson { problem: e.to_string() },
    })?;
    let crs = object.crs.clone();
    let mut polygons = Polygons::default();
    collect(object, &mut polygons)?;
    if polygons.is_empty() {
        return Err(CutlineError::NoPolygon { found: "empty".to_string() });
    }
    Ok(Read { polygons, crs })
}

/// One object of GeoJSON: a geometry, a feature, or many.
#[derive(Default)]
struct Object {
    kind: String,
    coordinates: Option<Coordinates>,
    /// `geometry`, `geometries` or `features`.
    parts: Vec<Object>,
    crs: Option<String>,
}

/// Lists of lists of positions.
enum Coordinates {
    Position(f64, f64),
    Many(Vec<Coordinates>),
}

fn collect(object: Object, polygons: &mut Polygons) -> Result<(), CutlineError> {
    let no_polygon = |found: &str| Err(CutlineError::NoPolygon { found: found.chars().take(40).collect() });
    match (object.kind.as_str(), object.coordinates) {
        ("Feature" | "FeatureCollection" | "GeometryCollection", _) => {
            object.parts.into_iter().try_for_each(|part| collect(part, polygons))
        }
        ("Polygon", Some(rings)) => polygon(rings, polygons),
        ("MultiPolygon", Some(Coordinates::Many(many))) => many.into_iter().try_for_each(|p| polygon(p, polygons)),
        ("Polygon" | "MultiPolygon", None) => no_polygon("one without coordinates"),
        ("", _) => Err(CutlineError::NotGeoJson { problem: "an object has no type".to_string() }),
        ("MultiPolygon", _) => Err(not_nested()),
        ("Point" | "MultiPoint" | "LineString" | "MultiLineString", _) => no_polygon(&format!("a {}", object.kind)),
        (other, _) => {
            let kind: String = other.chars().take(40).collect();
            Err(CutlineError::NotGeoJson { problem: format!("'{kind}' is no type of geometry") })
        }
    }
}

fn polygon(rings: Coordinates, polygons: &mut Polygons) -> Result<(), CutlineError> {
    let Coordinates::Many(rings) = rings else { return Err(not_nested()) };
    let ring = |ring: Coordinates| match ring {
        Coordinates::Many(points) => points
            .into_iter()
            .map(|point| match point {
                Coordinates::Position(x, y) => Ok((x, y)),
                Coordinates::Many(_) => Err(not_nested()),
            })
            .collect::<Result<Vec<_>, _>>(),
        Coordinates::Position(..) => Err(not_nested()),
    };
    polygons.add(rings.into_iter().map(ring).collect::<Result<_, _>>()?)
}

fn not_nested() -> CutlineError {
    CutlineError::NotGeoJson { problem: "coordinates of a polygon are not lists of rings of positions".to_string() }
}

struct ObjectSeed<'a> {
    points: &'a Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for ObjectSeed<'_> {
    type Value = Object;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Object, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ObjectSeed<'_> {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of GeoJSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        let mut object = Object::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => object.kind = map.next_value()?,
                "coordinates" => {
                    object.coordinates = Some(map.next_value_seed(CoordinatesSeed { points: self.points })?);
                }
                "geometry" => object.parts.extend(map.next_value_seed(MaybeObject { points: self.points })?),
                "geometries" | "features" => object.parts = map.next_value_seed(Objects { points: self.points })?,
                "crs" => {
                    let crs: Value = map.next_value()?;
                    object.crs = crs.pointer("/properties/name").and_then(Value::as_str).map(str::to_string);
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(object)
    }
}

/// An object or `null`: a feature may have no place.
struct MaybeObject<'a> {
    points: &'a Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for MaybeObject<'_> {
    type Value = Option<Object>;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Option<Object>, D::Error> {
        from.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for MaybeObject<'_> {
    type Value = Option<Object>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a geometry or null")
    }

    fn visit_none<E: de::Error>(self) -> Result<Option<Object>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Option<Object>, D::Error> {
        ObjectSeed { points: self.points }.deserialize(from).map(Some)
    }
}

struct Objects<'a> {
    points: &'a Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Objects<'_> {
    type Value = Vec<Object>;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Vec<Object>, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Objects<'_> {
    type Value = Vec<Object>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of geometries or features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Object>, A::Error> {
        let mut objects = Vec::new();
        while let Some(object) = list.next_element_seed(ObjectSeed { points: self.points })? {
            objects.push(object);
        }
        Ok(objects)
    }
}

/// Counts positions, so that reading stops early where there are too many.
struct CoordinatesSeed<'a> {
    points: &'a Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for CoordinatesSeed<'_> {
    type Value = Coordinates;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Coordinates, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for CoordinatesSeed<'_> {
    type Value = Coordinates;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a position or a list of them")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Coordinates, A::Error> {
        let mut many = Vec::new();
        let mut numbers = [0.0; 2];
        let mut count = 0;
        while let Some(element) = list.next_element_seed(ElementSeed { points: self.points })? {
            match element {
                Element::Number(v) => {
                    // A height, and whatever else follows, is no matter.
                    if let Some(place) = numbers.get_mut(count) {
                        *place = v;
                    }
                    count += 1;
                }
                Element::List(coordinates) => many.push(coordinates),
            }
        }
        match (count, many.is_empty()) {
            (0, _) => Ok(Coordinates::Many(many)),
            (1, _) | (_, false) => Err(de::Error::custom("a position needs two numbers")),
            _ => {
                self.points.set(self.points.get() + 1);
                if self.points.get() > MOST_POINTS {
                    return Err(de::Error::custom("too many points"));
                }
                let [x, y] = numbers;
                Ok(Coordinates::Position(x, y))
            }
        }
    }
}

enum Element {
    Number(f64),
    List(Coordinates),
}

struct ElementSeed<'a> {
    points: &'a Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for ElementSeed<'_> {
    type Value = Element;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Element, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ElementSeed<'_> {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a list of positions")
    }

    fn visit_f64<E>(self, v: f64) -> Result<Element, E> {
        Ok(Element::Number(v))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Element, E> {
        Ok(Element::Number(v as f64))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Element, E> {
        Ok(Element::Number(v as f64))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Element, A::Error> {
        CoordinatesSeed { points: self.points }.visit_seq(list).map(Element::List)
    }
}
