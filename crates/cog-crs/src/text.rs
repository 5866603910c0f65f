//! A CRS from text: codes, WKT, PROJJSON, PROJ strings.

mod codes;
mod proj_string;
mod projjson;

use crate::error::{Error, Result};
use crate::found::Found;
use crate::model::Body;
use crate::wkt::{lexer, wkt1, wkt2};

/// What a text says, and what of it was left out.
pub(crate) struct Read {
    pub(crate) body: Body,
    pub(crate) found: Found,
    pub(crate) warnings: Vec<String>,
}

/// Longer than any name of a CRS.
const MAX_BEGIN: usize = 40;

pub(crate) fn read(text: &str) -> Result<Read> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    let mut warnings = Vec::new();
    let keyword: String = text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let bracket = text.get(keyword.len()..).and_then(|rest| rest.trim_start().chars().next());
    let (body, found) = if text.starts_with('{') {
        (projjson::read(text)?, Found::ProjJson)
    } else if !keyword.is_empty() && matches!(bracket, Some('[' | '(')) {
        let (node, rest) = lexer::parse_first(text)?;
        // ESRI writes heights behind the horizontal CRS: `PROJCS[…],VERTCS[…]`.
        let heights = text
            .get(text.len() - rest..)
            .and_then(|t| t.trim_start().strip_prefix(','))
            .map(lexer::parse)
            .transpose()?;
        if let Some(heights) = heights.filter(|_| wkt1::is_root(&node)) {
            (wkt1::with_heights(&node, &heights, &mut warnings)?, Found::Wkt1)
        } else if rest > 0 {
            return Err(Error::Syntax { offset: text.len() - rest, problem: "text after the last bracket" });
        } else if wkt1::is_root(&node) {
            (wkt1::read(&node, &mut warnings)?, Found::Wkt1)
        } else {
            (wkt2::read(&node)?, Found::Wkt2)
        }
    } else if text.contains("+proj=") || text.contains("+init=") || text.starts_with("proj=") {
        (proj_string::read(text, &mut warnings)?, Found::ProjString)
    } else if let Some(body) = codes::read(text)? {
        (body, Found::Code)
    } else {
        return Err(Error::NotACrs { begins: text.chars().take(MAX_BEGIN).collect() });
    };
    Ok(Read { body, found, warnings })
}
