//! Heights: a vertical CRS beside the horizontal one, or a third axis.

use super::Reader;
use crate::error::Result;
use crate::model::{
    Axis, Body, Compound, CoordinateSystem, Direction, Geodetic, Text, Unit, UnitKind, Vertical, VerticalDatum,
};
use crate::registered;
use crate::registry::{self, Kind};
use cog_tiff::GeoKey;

impl Reader<'_> {
    /// GeoTIFF 1.0 has vertical keys as well, but GDAL makes no compound CRS of them; neither do we.
    pub(super) fn with_vertical(&mut self, body: Body) -> Result<Body> {
        let code = self.code(GeoKey::VERTICAL);
        let datum_code = self.code(GeoKey::VERTICAL_DATUM);
        let cited = self.text(GeoKey::VERTICAL_CITATION).map(str::to_string);
        let manual = self.keys.short(GeoKey::VERTICAL).is_some()
            || self.keys.short(GeoKey::VERTICAL_DATUM).is_some()
            || cited.is_some();
        if self.keys.revision() < (1, 1) {
            if manual && !matches!(body, Body::Engineering(_)) {
                self.warn("vertical keys of a GeoTIFF 1.0 file are left out, as GDAL does".to_string());
            }
            return Ok(body);
        }
        let has_heights =
            matches!(&body, Body::Geodetic(crs) if crs.cs.axes.len() == 3) || matches!(body, Body::Compound(_));
        if !manual || has_heights {
            return Ok(body);
        }
        // Codes of ellipsoidal heights in GeoTIFF 1.0: 5001 to 5033 are datums.
        let (code, datum_code) = match (code, datum_code) {
            (Some(code @ 5001..=5033), None) => (None, Some(code + 1000)),
            other => other,
        };
        if let Some(three) = self.three_dimensional(&body, code, datum_code) {
            return Ok(three);
        }
        let vertical = match code.and_then(registry::epsg) {
            Some(row) if row.kind() == Kind::Vertical => registered::body(row),
            _ => {
                if let Some(code) = code {
                    self.warn(format!("no vertical CRS has the code EPSG:{code}"));
                }
                None
            }
        };
        let vertical = match vertical {
            Some(vertical) => vertical,
            None => self.manual(datum_code, cited),
        };
        if let Some(known) = registered_compound(&body, &vertical) {
            return Ok(known);
        }
        let cited = self.text(GeoKey::CITATION).filter(|t| !t.contains(" = ")).map(str::to_string);
        let name = cited.unwrap_or_else(|| format!("{} + {}", body.name(), vertical.name()));
        Ok(Body::Compound(Box::new(Compound {
            name: name.into(),
            horizontal: body,
            vertical,
            usages: Vec::new(),
            id: None,
        })))
    }

    /// A three-dimensional geographic CRS as vertical makes the CRS three-dimensional.
    fn three_dimensional(&mut self, body: &Body, code: Option<u32>, datum_code: Option<u32>) -> Option<Body> {
        let own = body.geodetic()?.id.as_ref()?.epsg_code();
        let code = match (own, datum_code) {
            (Some(4326 | 4979), Some(6030)) => 4979,
            _ => code?,
        };
        let Some(Body::Geodetic(three)) = registry::epsg(code).and_then(registered::body) else { return None };
        if !three.is_3d() {
            return None;
        }
        if !crate::equal::datums(&three.datum, &body.geodetic()?.datum) {
            self.warn(format!("the heights are of '{}', another datum: left out", three.name));
            return Some(body.clone());
        }
        match body {
            Body::Geodetic(_) => Some(Body::Geodetic(three)),
            Body::Projected(crs) => {
                let mut crs = crs.clone();
                crs.cs.axes.push(Axis::new("Ellipsoidal height", "h", Direction::Up, Unit::METRE));
                crs.base = Geodetic { usages: Vec::new(), ..*three };
                crs.id = None;
                crs.usages.clear();
                Some(Body::Projected(crs))
            }
            _ => None,
        }
    }

    fn manual(&mut self, datum_code: Option<u32>, cited: Option<String>) -> Body {
        let unit = self.unit(GeoKey::VERTICAL_UNITS, GeoKey(0), UnitKind::Length).unwrap_or(Unit::METRE);
        // GDAL looks the datum up by the name of the CRS, and leaves unit and axis as the keys have them.
        let named = cited.as_deref().map(registry::named).unwrap_or_default();
        let known = named.into_iter().find(|row| row.kind() == Kind::Vertical).and_then(registered::body);
        let known = known.and_then(|body| body.vertical().map(|v| v.datum.clone()));
        let datum = datum_code.and_then(registry::vertical_datum_by_code).or(known);
        let name = cited.map_or(Text::Borrowed("unknown"), Text::Owned);
        let called = || if name == "unknown" { name.clone() } else { Text::Owned(format!("{name} datum")) };
        let datum = datum.unwrap_or_else(|| VerticalDatum::plain(called(), None));
        Body::Vertical(Box::new(Vertical {
            name,
            datum,
            cs: CoordinateSystem::height(unit),
            usages: Vec::new(),
            id: None,
        }))
    }
}

/// The registered compound of two registered parts.
fn registered_compound(horizontal: &Body, vertical: &Body) -> Option<Body> {
    let (horizontal, vertical) = (horizontal.id()?.to_string(), vertical.id()?.to_string());
    let mut rows = registry::rows().filter(|row| row.kind() == Kind::Compound && !row.is_deprecated());
    let found = rows.find(|row| {
        row.parts().is_some_and(|(h, v)| h.id().to_string() == horizontal && v.id().to_string() == vertical)
    });
    found.and_then(registered::body)
}
