//! WKT2:2019 (ISO 19162:2019), with PROJ's choices: identifiers of the outermost object that has one, and of methods and
//! parameters; three digits of nothing more.

use super::node::{Layout, Node};
use crate::model::{
    Axis, Body, Bound, Compound, Conversion, CoordinateSystem, CsKind, Datum, Ellipsoid, Engineering, Ensemble,
    Geodetic, Identifier, Parameter, ParameterValue, PrimeMeridian, Projected, Text, Unit, UnitKind, Usage, Vertical,
};

/// Methods whose parameters scale parts per million as plain factors in WKT: Helmert transformations.
const SCALE_DIFFERENCE: u32 = 8611;

pub(crate) fn wkt2(body: &Body, layout: Layout) -> String {
    node(body, true).write(layout)
}

/// `ids`: no object around it has an identifier.
fn node(body: &Body, ids: bool) -> Node {
    match body {
        Body::Geodetic(crs) => geodetic(crs, ids),
        Body::Projected(crs) => projected(crs, ids),
        Body::Vertical(crs) => vertical(crs, ids),
        Body::Engineering(crs) => engineering(crs, ids),
        Body::Compound(crs) => compound(crs, ids),
        Body::Bound(crs) => bound(crs, ids),
    }
}

fn geodetic(crs: &Geodetic, ids: bool) -> Node {
    let keyword = if crs.cs.kind == CsKind::Ellipsoidal { "GEOGCRS" } else { "GEODCRS" };
    let inner = ids && crs.id.is_none();
    let mut out = Node::named(keyword, &crs.name);
    datum(&mut out, &crs.datum, inner);
    system(&mut out, &crs.cs, inner);
    finish(out, &crs.usages, crs.id.as_ref(), ids)
}

fn projected(crs: &Projected, ids: bool) -> Node {
    let inner = ids && crs.id.is_none();
    let base = &crs.base;
    let keyword = if base.cs.kind == CsKind::Ellipsoidal { "BASEGEOGCRS" } else { "BASEGEODCRS" };
    let mut base_node = Node::named(keyword, &base.name);
    datum(&mut base_node, &base.datum, inner && base.id.is_none());
    // The unit of the base's axes shows nowhere else.
    if let Some(unit) = base.cs.unit(UnitKind::Angle).filter(|u| !u.is_degree() && base.id.is_none())
        && (*unit != base.datum.prime_meridian.unit || base.datum.prime_meridian.longitude == 0.0)
    {
        base_node.push(unit_node(unit, inner && base.id.is_none()));
    }
    let base_node = base_node.maybe(base.id.as_ref().map(Node::id));
    let mut out =
        Node::named("PROJCRS", &crs.name).with(base_node).with(conversion(&crs.conversion, "CONVERSION", inner));
    system(&mut out, &crs.cs, inner);
    finish(out, &crs.usages, crs.id.as_ref(), ids)
}

fn vertical(crs: &Vertical, ids: bool) -> Node {
    let inner = ids && crs.id.is_none();
    let datum = &crs.datum;
    let mut out = Node::named("VERTCRS", &crs.name);
    match &datum.ensemble {
        Some(ensemble) => out.push(ensemble_node(&datum.name, ensemble, None, datum.id.as_ref(), inner)),
        None => {
            dynamic(&mut out, datum.frame_epoch);
            let node = Node::named("VDATUM", &datum.name);
            let node = anchored(node, datum.anchor.as_ref(), datum.anchor_epoch);
            out.push(node.maybe(datum.id.as_ref().filter(|_| inner).map(Node::id)));
        }
    }
    system(&mut out, &crs.cs, inner);
    finish(out, &crs.usages, crs.id.as_ref(), ids)
}

fn engineering(crs: &Engineering, ids: bool) -> Node {
    let inner = ids && crs.id.is_none();
    let datum = anchored(Node::named("EDATUM", &crs.datum), crs.anchor.as_ref(), None);
    let datum = datum.maybe(crs.datum_id.as_ref().filter(|_| inner).map(Node::id));
    let mut out = Node::named("ENGCRS", &crs.name).with(datum);
    system(&mut out, &crs.cs, inner);
    finish(out, &crs.usages, crs.id.as_ref(), ids)
}

fn compound(crs: &Compound, ids: bool) -> Node {
    let inner = ids && crs.id.is_none();
    let out = Node::named("COMPOUNDCRS", &crs.name).with(node(&crs.horizontal, inner)).with(node(&crs.vertical, inner));
    finish(out, &crs.usages, crs.id.as_ref(), ids)
}

fn bound(crs: &Bound, ids: bool) -> Node {
    Node::new("BOUNDCRS")
        .with(Node::new("SOURCECRS").with(node(&crs.source, ids)))
        .with(Node::new("TARGETCRS").with(node(&crs.target, ids)))
        .with(conversion(&crs.transformation, "ABRIDGEDTRANSFORMATION", ids))
}

fn finish(mut out: Node, usages: &[Usage], id: Option<&Identifier>, ids: bool) -> Node {
    // Parts of a compound CRS leave their use to the whole.
    if ids {
        for usage in usages {
            let mut node = Node::new("USAGE").with(Node::named("SCOPE", &usage.scope));
            if !usage.area.is_empty() {
                node.push(Node::named("AREA", &usage.area));
            }
            if let Some([south, west, north, east]) = usage.bbox {
                node.push(Node::new("BBOX").number(south).number(west).number(north).number(east));
            }
            out.push(node);
        }
    }
    out.maybe(id.filter(|_| ids).map(Node::id))
}

fn dynamic(out: &mut Node, epoch: Option<f64>) {
    if let Some(epoch) = epoch {
        out.push(Node::new("DYNAMIC").with(Node::new("FRAMEEPOCH").number(epoch)));
    }
}

fn anchored(node: Node, anchor: Option<&Text>, epoch: Option<f64>) -> Node {
    node.maybe(anchor.map(|a| Node::named("ANCHOR", a))).maybe(epoch.map(|e| Node::new("ANCHOREPOCH").number(e)))
}

fn datum(out: &mut Node, datum: &Datum, ids: bool) {
    let inner = ids && datum.id.is_none();
    match &datum.ensemble {
        Some(ensemble) => {
            out.push(ensemble_node(&datum.name, ensemble, Some(&datum.ellipsoid), datum.id.as_ref(), ids));
        }
        None => {
            dynamic(out, datum.frame_epoch);
            let node = Node::named("DATUM", &datum.name).with(ellipsoid(&datum.ellipsoid, inner));
            let node = anchored(node, datum.anchor.as_ref(), datum.anchor_epoch);
            out.push(node.maybe(datum.id.as_ref().filter(|_| ids).map(Node::id)));
        }
    }
    out.push(prime_meridian(&datum.prime_meridian, ids));
}

fn ensemble_node(
    name: &str,
    ensemble: &Ensemble,
    shape: Option<&Ellipsoid>,
    id: Option<&Identifier>,
    ids: bool,
) -> Node {
    let inner = ids && id.is_none();
    let mut out = Node::named("ENSEMBLE", name);
    for member in &ensemble.members {
        let node = Node::named("MEMBER", &member.name);
        out.push(node.maybe(member.id.as_ref().filter(|_| inner).map(Node::id)));
    }
    out.maybe(shape.map(|e| ellipsoid(e, inner)))
        .with(Node::new("ENSEMBLEACCURACY").word(ensemble.accuracy.as_ref()))
        .maybe(id.filter(|_| ids).map(Node::id))
}

fn ellipsoid(ellipsoid: &Ellipsoid, ids: bool) -> Node {
    let inner = ids && ellipsoid.id.is_none();
    Node::named("ELLIPSOID", &ellipsoid.name)
        .number(ellipsoid.semi_major)
        .number(ellipsoid.inverse_flattening())
        .with(unit_node(&ellipsoid.unit, inner))
        .maybe(ellipsoid.id.as_ref().filter(|_| ids).map(Node::id))
}

fn prime_meridian(meridian: &PrimeMeridian, ids: bool) -> Node {
    let inner = ids && meridian.id.is_none();
    Node::named("PRIMEM", &meridian.name)
        .number(meridian.longitude)
        .with(unit_node(&meridian.unit, inner))
        .maybe(meridian.id.as_ref().filter(|_| ids).map(Node::id))
}

fn unit_node(unit: &Unit, ids: bool) -> Node {
    let keyword = match unit.kind {
        UnitKind::Length => "LENGTHUNIT",
        UnitKind::Angle => "ANGLEUNIT",
        UnitKind::Scale => "SCALEUNIT",
        UnitKind::Time => "TIMEUNIT",
    };
    let node = Node::named(keyword, &unit.name).number(unit.factor);
    node.maybe(unit.id.as_ref().filter(|_| ids).map(Node::id))
}

fn conversion(conversion: &Conversion, keyword: &'static str, ids: bool) -> Node {
    let abridged = keyword == "ABRIDGEDTRANSFORMATION";
    let method = &conversion.method;
    let method = Node::named("METHOD", &method.name).maybe(method.id.as_ref().map(Node::id));
    let mut out = Node::named(keyword, &conversion.name).with(method);
    for p in &conversion.parameters {
        out.push(parameter(p, abridged));
    }
    out.maybe(conversion.id.as_ref().filter(|_| ids).map(Node::id))
}

fn parameter(parameter: &Parameter, abridged: bool) -> Node {
    let id = parameter.id.as_ref().map(Node::id);
    match &parameter.value {
        ParameterValue::File(path) => Node::named("PARAMETERFILE", &parameter.name).quoted(path).maybe(id),
        // An abridged transformation has fixed units: metres, seconds, and a factor.
        ParameterValue::Number(value, _) if abridged => {
            let is_scale = parameter.epsg() == Some(SCALE_DIFFERENCE);
            let value = if is_scale { 1.0 + value * 1e-6 } else { *value };
            Node::named("PARAMETER", &parameter.name).number(value).maybe(id)
        }
        ParameterValue::Number(value, unit) => {
            // Its own identifier stands for that of its unit.
            let unit = unit_node(unit, id.is_none() && unit.kind != UnitKind::Scale);
            Node::named("PARAMETER", &parameter.name).number(*value).with(unit).maybe(id)
        }
    }
}

fn system(out: &mut Node, cs: &CoordinateSystem, ids: bool) {
    out.push(Node::new("CS").word(cs.kind.word()).word(cs.axes.len().to_string()));
    let usual = is_usual(cs);
    for (i, axis) in cs.axes.iter().enumerate() {
        let order = (cs.axes.len() > 1).then_some(i + 1);
        let name = if usual && i < 2 || axis.name.starts_with("Geocentric ") {
            format!("({})", axis.abbreviation)
        } else {
            axis_name(axis)
        };
        out.push(axis_node(axis, &name, order, ids));
    }
}

/// Easting (E) and northing (N) in this order go by their abbreviations.
fn is_usual(cs: &CoordinateSystem) -> bool {
    let is = |axis: &Axis, name: &str, abbreviation: &str| axis.name == name && axis.abbreviation == abbreviation;
    matches!(cs.axes.as_slice(), [e, n, ..] if is(e, "Easting", "E") && is(n, "Northing", "N"))
}

fn axis_node(axis: &Axis, name: &str, order: Option<usize>, ids: bool) -> Node {
    let mut node = Node::named("AXIS", name).word(axis.direction.word());
    if let Some((degrees, unit)) = &axis.meridian {
        node.push(Node::new("MERIDIAN").number(*degrees).with(unit_node(unit, false)));
    }
    if let Some(order) = order {
        node.push(Node::new("ORDER").word(order.to_string()));
    }
    node.maybe(axis.unit.as_ref().map(|u| unit_node(u, ids)))
}

/// "easting (X)": the name begins in lower case, the abbreviation follows.
fn axis_name(axis: &Axis) -> String {
    let name: &str = &axis.name;
    let mut chars = name.chars();
    let mut out: String = chars.next().map(|c| c.to_lowercase().collect()).unwrap_or_default();
    out.push_str(chars.as_str());
    if matches!(name, "Latitude" | "Longitude") || axis.abbreviation.is_empty() {
        return out;
    }
    if !out.is_empty() {
        out.push(' ');
    }
    out + "(" + &axis.abbreviation + ")"
}
