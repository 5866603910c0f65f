//! Numbers, words and identifiers, as every notation has them.

use crate::error::{Error, Result};
use crate::model::{Code, CsKind, Direction, Identifier, Text};

/// A finite number: NaN and infinities place nothing on Earth.
pub(crate) fn number(name: &str, text: &str) -> Result<f64> {
    let number: f64 = text.trim().parse().map_err(|_| Error::value(name, text, "no number"))?;
    if number.is_finite() { Ok(number) } else { Err(Error::value(name, text, "not finite")) }
}

/// A word of ISO 19111, which stands in WKT without quotation marks.
pub(crate) fn direction(word: &str) -> Result<Direction> {
    let is_word = !word.is_empty()
        && word.len() < 40
        && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' '));
    if is_word { Ok(Direction::of(word)) } else { Err(Error::value("AXIS", word, "no direction")) }
}

/// The kind of a coordinate system, in WKT's and PROJJSON's words.
pub(crate) fn cs_kind(word: &str) -> Result<CsKind> {
    let kinds = [CsKind::Ellipsoidal, CsKind::Cartesian, CsKind::Vertical, CsKind::Spherical, CsKind::Ordinal];
    let word = if word.eq_ignore_ascii_case("affine") { "Cartesian" } else { word };
    let found = kinds.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(word));
    found.ok_or_else(|| Error::Unsupported(format!("a coordinate system of the kind '{word}'")))
}

/// Metres as text; written as they came.
pub(crate) fn accuracy(text: &str) -> Result<Text> {
    number("accuracy of the ensemble", text).map(|_| owned(text.trim()))
}

pub(crate) fn owned(text: &str) -> Text {
    Text::Owned(text.to_string())
}

/// Of ID["EPSG",4326] and AUTHORITY["EPSG","4326"].
pub(crate) fn identifier(authority: Option<&str>, code: Option<&str>) -> Option<Identifier> {
    let (authority, code) = (authority?, code?);
    Some(Identifier { authority: owned(authority), code: Code::of(code) })
}
