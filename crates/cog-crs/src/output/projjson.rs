//! PROJJSON 0.7, in PROJ's order of members.

use super::number;
use crate::model::{
    Axis, Body, Bound, Code, Compound, Conversion, CoordinateSystem, CsKind, Datum, Ellipsoid, Engineering, Ensemble,
    Geodetic, Identifier, Parameter, ParameterValue, PrimeMeridian, Projected, Shape, Text, Unit, UnitKind, Usage,
    Vertical, VerticalDatum,
};

const SCHEMA: &str = "https://proj.org/schemas/v0.7/projjson.schema.json";

/// JSON in one line.
pub(crate) fn projjson(body: &Body) -> String {
    let mut json = Json::default();
    json.open('{');
    json.text("$schema", SCHEMA);
    members(&mut json, body, true);
    json.close('}');
    json.out
}

/// JSON as it is written: commas where they belong.
#[derive(Default)]
struct Json {
    out: String,
    /// A member was written since the last bracket opened.
    follows: bool,
}

impl Json {
    fn separate(&mut self) {
        if self.follows {
            self.out.push(',');
        }
        self.follows = true;
    }

    fn open(&mut self, bracket: char) {
        self.out.push(bracket);
        self.follows = false;
    }

    fn close(&mut self, bracket: char) {
        self.out.push(bracket);
        self.follows = true;
    }

    fn key(&mut self, key: &str) {
        self.separate();
        self.out.push_str(&format!("\"{key}\":"));
    }

    fn string(&mut self, text: &str) {
        self.out.push_str(&serde_json::Value::from(text).to_string());
    }

    fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        self.string(text);
    }

    fn number(&mut self, key: &str, value: f64) {
        self.key(key);
        self.out.push_str(&if value.is_finite() { number(value) } else { "null".into() });
    }

    fn object(&mut self, key: &str, write: impl FnOnce(&mut Json)) {
        self.key(key);
        self.open('{');
        write(self);
        self.close('}');
    }

    fn array<T>(&mut self, key: &str, items: &[T], mut write: impl FnMut(&mut Json, &T)) {
        self.key(key);
        self.open('[');
        for item in items {
            self.separate();
            self.open('{');
            write(self, item);
            self.close('}');
        }
        self.close(']');
    }

    fn id(&mut self, id: Option<&Identifier>) {
        let Some(id) = id else { return };
        self.object("id", |json| {
            let (authority, version) = id.versioned();
            json.text("authority", authority);
            match &id.code {
                Code::Number(code) => {
                    json.key("code");
                    json.out.push_str(&code.to_string());
                }
                Code::Text(code) => json.text("code", code),
            }
            if let Some(version) = version {
                json.key("version");
                json.out.push_str(version);
            }
        });
    }
}

/// `ids`: no object around it has an identifier.
fn members(json: &mut Json, body: &Body, ids: bool) {
    match body {
        Body::Geodetic(crs) => {
            json.text("type", if crs.cs.kind == CsKind::Ellipsoidal { "GeographicCRS" } else { "GeodeticCRS" });
            geodetic(json, crs, ids);
        }
        Body::Projected(crs) => projected(json, crs, ids),
        Body::Vertical(crs) => vertical(json, crs, ids),
        Body::Engineering(crs) => engineering(json, crs, ids),
        Body::Compound(crs) => compound(json, crs, ids),
        Body::Bound(crs) => bound(json, crs, ids),
    }
}

fn geodetic(json: &mut Json, crs: &Geodetic, ids: bool) {
    let inner = ids && crs.id.is_none();
    json.text("name", &crs.name);
    datum(json, &crs.datum, inner);
    system(json, &crs.cs, inner);
    finish(json, &crs.usages, crs.id.as_ref(), ids);
}

fn projected(json: &mut Json, crs: &Projected, ids: bool) {
    let inner = ids && crs.id.is_none();
    json.text("type", "ProjectedCRS");
    json.text("name", &crs.name);
    json.object("base_crs", |json| {
        let base = &crs.base;
        json.text("type", if base.cs.kind == CsKind::Ellipsoidal { "GeographicCRS" } else { "GeodeticCRS" });
        json.text("name", &base.name);
        datum(json, &base.datum, inner && base.id.is_none());
        system(json, &base.cs, inner && base.id.is_none());
        json.id(base.id.as_ref());
    });
    conversion(json, "conversion", &crs.conversion, inner);
    system(json, &crs.cs, inner);
    finish(json, &crs.usages, crs.id.as_ref(), ids);
}

fn vertical(json: &mut Json, crs: &Vertical, ids: bool) {
    let inner = ids && crs.id.is_none();
    json.text("type", "VerticalCRS");
    json.text("name", &crs.name);
    vertical_datum(json, &crs.datum, inner);
    system(json, &crs.cs, inner);
    finish(json, &crs.usages, crs.id.as_ref(), ids);
}

fn engineering(json: &mut Json, crs: &Engineering, ids: bool) {
    let inner = ids && crs.id.is_none();
    json.text("type", "EngineeringCRS");
    json.text("name", &crs.name);
    json.object("datum", |json| {
        json.text("name", &crs.datum);
        anchored(json, crs.anchor.as_ref(), None, None);
        json.id(crs.datum_id.as_ref().filter(|_| inner));
    });
    system(json, &crs.cs, inner);
    finish(json, &crs.usages, crs.id.as_ref(), ids);
}

fn compound(json: &mut Json, crs: &Compound, ids: bool) {
    let inner = ids && crs.id.is_none();
    json.text("type", "CompoundCRS");
    json.text("name", &crs.name);
    json.array("components", &[&crs.horizontal, &crs.vertical], |json, part| members(json, part, inner));
    finish(json, &crs.usages, crs.id.as_ref(), ids);
}

fn bound(json: &mut Json, crs: &Bound, ids: bool) {
    json.text("type", "BoundCRS");
    json.object("source_crs", |json| members(json, &crs.source, ids));
    json.object("target_crs", |json| members(json, &crs.target, ids));
    conversion(json, "transformation", &crs.transformation, ids);
}

fn finish(json: &mut Json, usages: &[Usage], id: Option<&Identifier>, ids: bool) {
    if ids {
        match usages {
            [] => {}
            [one] => usage(json, one),
            several => json.array("usages", several, usage),
        }
    }
    json.id(id.filter(|_| ids));
}

fn usage(json: &mut Json, usage: &Usage) {
    json.text("scope", &usage.scope);
    if !usage.area.is_empty() {
        json.text("area", &usage.area);
    }
    if let Some([south, west, north, east]) = usage.bbox {
        json.object("bbox", |json| {
            json.number("south_latitude", south);
            json.number("west_longitude", west);
            json.number("north_latitude", north);
            json.number("east_longitude", east);
        });
    }
}

fn datum(json: &mut Json, datum: &Datum, ids: bool) {
    if let Some(ensemble) = &datum.ensemble {
        ensemble_members(json, &datum.name, ensemble, Some(&datum.ellipsoid), datum.id.as_ref());
        return;
    }
    let inner = ids && datum.id.is_none();
    json.object("datum", |json| {
        let dynamic = datum.frame_epoch.is_some();
        json.text("type", if dynamic { "DynamicGeodeticReferenceFrame" } else { "GeodeticReferenceFrame" });
        json.text("name", &datum.name);
        anchored(json, datum.anchor.as_ref(), datum.anchor_epoch, datum.frame_epoch);
        ellipsoid(json, &datum.ellipsoid, inner);
        if datum.prime_meridian.name != "Greenwich" {
            prime_meridian(json, &datum.prime_meridian, inner);
        }
        json.id(datum.id.as_ref().filter(|_| ids));
    });
}

fn vertical_datum(json: &mut Json, datum: &VerticalDatum, ids: bool) {
    if let Some(ensemble) = &datum.ensemble {
        ensemble_members(json, &datum.name, ensemble, None, datum.id.as_ref());
        return;
    }
    json.object("datum", |json| {
        let dynamic = datum.frame_epoch.is_some();
        json.text("type", if dynamic { "DynamicVerticalReferenceFrame" } else { "VerticalReferenceFrame" });
        json.text("name", &datum.name);
        anchored(json, datum.anchor.as_ref(), datum.anchor_epoch, datum.frame_epoch);
        json.id(datum.id.as_ref().filter(|_| ids));
    });
}

/// How a datum is fixed, and when.
fn anchored(json: &mut Json, anchor: Option<&Text>, anchor_epoch: Option<f64>, frame_epoch: Option<f64>) {
    if let Some(anchor) = anchor {
        json.text("anchor", anchor);
    }
    for (key, epoch) in [("anchor_epoch", anchor_epoch), ("frame_reference_epoch", frame_epoch)] {
        if let Some(epoch) = epoch {
            json.number(key, epoch);
        }
    }
}

/// Identifiers of an ensemble and its members are always written.
fn ensemble_members(
    json: &mut Json,
    name: &str,
    ensemble: &Ensemble,
    shape: Option<&Ellipsoid>,
    id: Option<&Identifier>,
) {
    json.object("datum_ensemble", |json| {
        json.text("name", name);
        json.array("members", &ensemble.members, |json, member| {
            json.text("name", &member.name);
            json.id(member.id.as_ref());
        });
        if let Some(shape) = shape {
            ellipsoid(json, shape, id.is_none());
        }
        json.text("accuracy", &ensemble.accuracy);
        json.id(id);
    });
}

fn ellipsoid(json: &mut Json, ellipsoid: &Ellipsoid, ids: bool) {
    json.object("ellipsoid", |json| {
        json.text("name", &ellipsoid.name);
        let inner = ids && ellipsoid.id.is_none();
        let length = |json: &mut Json, key: &str, value: f64| measure(json, key, value, &ellipsoid.unit, inner);
        match ellipsoid.shape {
            _ if ellipsoid.is_sphere() => length(json, "radius", ellipsoid.semi_major),
            Shape::InverseFlattening(f) => {
                length(json, "semi_major_axis", ellipsoid.semi_major);
                json.number("inverse_flattening", f);
            }
            Shape::SemiMinor(b) => {
                length(json, "semi_major_axis", ellipsoid.semi_major);
                length(json, "semi_minor_axis", b);
            }
            Shape::Sphere => {}
        }
        json.id(ellipsoid.id.as_ref().filter(|_| ids));
    });
}

fn prime_meridian(json: &mut Json, meridian: &PrimeMeridian, ids: bool) {
    json.object("prime_meridian", |json| {
        json.text("name", &meridian.name);
        measure(json, "longitude", meridian.longitude, &meridian.unit, ids && meridian.id.is_none());
        json.id(meridian.id.as_ref().filter(|_| ids));
    });
}

/// A number of metres or degrees, or one with its unit.
fn measure(json: &mut Json, key: &str, value: f64, by: &Unit, ids: bool) {
    if by.is_metre() || by.is_degree() {
        return json.number(key, value);
    }
    json.object(key, |json| {
        json.number("value", value);
        unit(json, by, ids);
    });
}

fn unit(json: &mut Json, unit: &Unit, ids: bool) {
    let plain = matches!(
        (unit.kind, unit.name.as_ref()),
        (UnitKind::Length, "metre") | (UnitKind::Angle, "degree") | (UnitKind::Scale, "unity")
    );
    if plain {
        return json.text("unit", &unit.name);
    }
    json.object("unit", |json| {
        let kind = match unit.kind {
            UnitKind::Length => "LinearUnit",
            UnitKind::Angle => "AngularUnit",
            UnitKind::Scale => "ScaleUnit",
            UnitKind::Time => "TimeUnit",
        };
        json.text("type", kind);
        json.text("name", &unit.name);
        json.number("conversion_factor", unit.factor);
        json.id(unit.id.as_ref().filter(|_| ids));
    });
}

fn conversion(json: &mut Json, key: &str, conversion: &Conversion, ids: bool) {
    json.object(key, |json| {
        json.text("name", &conversion.name);
        json.object("method", |json| {
            json.text("name", &conversion.method.name);
            json.id(conversion.method.id.as_ref());
        });
        json.array("parameters", &conversion.parameters, parameter);
        json.id(conversion.id.as_ref().filter(|_| ids));
    });
}

fn parameter(json: &mut Json, parameter: &Parameter) {
    json.text("name", &parameter.name);
    match &parameter.value {
        ParameterValue::Number(value, by) => {
            json.number("value", *value);
            unit(json, by, parameter.id.is_none());
        }
        ParameterValue::File(path) => json.text("value", path),
    }
    json.id(parameter.id.as_ref());
}

fn system(json: &mut Json, cs: &CoordinateSystem, ids: bool) {
    json.object("coordinate_system", |json| {
        json.text("subtype", cs.kind.word());
        json.array("axis", &cs.axes, |json, axis| axis_members(json, axis, ids));
    });
}

fn axis_members(json: &mut Json, axis: &Axis, ids: bool) {
    json.text("name", &axis.name);
    json.text("abbreviation", &axis.abbreviation);
    json.text("direction", axis.direction.word());
    if let Some((degrees, by)) = &axis.meridian {
        json.object("meridian", |json| measure(json, "longitude", *degrees, by, false));
    }
    if let Some(by) = &axis.unit {
        unit(json, by, ids);
    }
}
