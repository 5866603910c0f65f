//! Codes of authorities, plain and in URNs and URLs.

use crate::error::{Error, Result};
use crate::model::{Body, Compound};
use crate::{registered, registry};

/// None if the text is no code at all.
pub(super) fn read(text: &str) -> Result<Option<Body>> {
    let lower = text.to_ascii_lowercase();
    // OGC's names in URLs: http://www.opengis.net/def/crs/EPSG/0/4326, …/gml/srs/epsg.xml#4326.
    if let Some(rest) = after(text, &lower, "opengis.net/def/crs/") {
        let parts: Vec<&str> = rest.split('/').collect();
        return match parts.as_slice() {
            [authority, version, code] => found(authority, code, Some(version)).map(Some),
            _ => Ok(None),
        };
    }
    if let Some(rest) = after(text, &lower, "opengis.net/gml/srs/epsg.xml#") {
        return found("EPSG", rest, None).map(Some);
    }
    for prefix in
        ["urn:ogc:def:crs:", "urn:ogc:def:crs,", "urn:x-ogc:def:crs:", "urn:opengis:crs:", "urn:opengis:def:crs:"]
    {
        if let Some(rest) = lower.strip_prefix(prefix).and(text.get(prefix.len()..)) {
            return urn(rest).map(Some);
        }
    }
    // WGS84 and the like, as programs abbreviate them.
    let known = [("wgs84", 4326), ("wgs 84", 4326), ("nad83", 4269), ("nad27", 4267), ("wgs72", 4322)];
    if let Some((_, code)) = known.iter().find(|(name, _)| *name == lower) {
        return found("EPSG", &code.to_string(), None).map(Some);
    }
    let Some((authority, code)) = text.split_once(':') else { return Ok(None) };
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let authority_ok = !authority.is_empty() && authority.chars().all(is_word);
    if !authority_ok || code.is_empty() || !code.chars().all(|c| is_word(c) || matches!(c, '+' | '.' | ':')) {
        return Ok(None);
    }
    if let Some((horizontal, vertical)) = code.split_once('+') {
        // EPSG:25832+7837 or EPSG:25832+EPSG:7837.
        let vertical = vertical.split_once(':').map_or((authority, vertical), |(a, c)| (a, c));
        return compound(found(authority, horizontal, None)?, found(vertical.0, vertical.1, None)?).map(Some);
    }
    found(authority, code, None).map(Some)
}

fn after<'a>(text: &'a str, lower: &str, mark: &str) -> Option<&'a str> {
    if !(lower.starts_with("http://") || lower.starts_with("https://")) {
        return None;
    }
    lower.find(mark).and_then(|at| text.get(at + mark.len()..))
}

/// `EPSG::4326`, `EPSG:6.9:4326`, and for two: `EPSG::25832,crs:EPSG::7837`.
fn urn(rest: &str) -> Result<Body> {
    let one = |part: &str| {
        let pieces: Vec<&str> = part.split(':').collect();
        match pieces.as_slice() {
            [authority, code] => found(authority, code, None),
            [authority, version, code] => found(authority, code, Some(version)),
            _ => Err(Error::NotACrs { begins: part.chars().take(super::MAX_BEGIN).collect() }),
        }
    };
    let rest = rest.strip_prefix("crs:").unwrap_or(rest);
    match rest.split_once(',') {
        None => one(rest),
        Some((horizontal, vertical)) => {
            let vertical = vertical.strip_prefix("crs:").or_else(|| vertical.strip_prefix("cs:")).unwrap_or(vertical);
            compound(one(horizontal)?, one(vertical)?)
        }
    }
}

fn found(authority: &str, code: &str, version: Option<&str>) -> Result<Body> {
    let unknown = || Error::UnknownCode { authority: authority.to_string(), code: code.to_string() };
    let authority = match authority.to_ascii_uppercase().as_str() {
        // The planetary codes bear their year in the authority's name.
        "IAU" => format!("IAU_{}", version.filter(|v| !v.is_empty() && *v != "0").unwrap_or("2015")),
        "CRS" => "OGC".into(),
        "OGC" if matches!(code, "84" | "83" | "27") => return found("OGC", &format!("CRS{code}"), None),
        upper => upper.to_string(),
    };
    registry::find(&authority, code).and_then(registered::body).ok_or_else(unknown)
}

fn compound(horizontal: Body, vertical: Body) -> Result<Body> {
    if !matches!(vertical, Body::Vertical(_)) {
        return Err(Error::Unsupported(format!("'{}' as the vertical part of a compound CRS", vertical.name())));
    }
    let name = format!("{} + {}", horizontal.name(), vertical.name()).into();
    Ok(Body::Compound(Box::new(Compound { name, horizontal, vertical, usages: Vec::new(), id: None })))
}
