//! Registered systems as definitions, those among them that the registry holds as ESRI's WKT.

use crate::model::Body;
use crate::registry::Row;
use crate::wkt::{lexer, wkt1};

/// The whole definition; none if it is text that cannot be read.
pub(crate) fn body(row: Row) -> Option<Body> {
    let Some(text) = row.text_definition() else { return row.plain_body() };
    let mut body = wkt1::read(&lexer::parse(text).ok()?, &mut Vec::new()).ok()?;
    if let Body::Projected(crs) = &mut body {
        crs.usages = row.usages();
        crs.name = row.name().into();
        crs.conversion.name = row.name().into();
    }
    body.set_id(Some(row.id()));
    Some(body)
}

#[cfg(test)]
mod tests {
    use super::body;
    use crate::registry::{is_whole, rows, version};

    #[test]
    fn every_row_of_the_registry_can_be_built() {
        assert!(is_whole());
        assert!(version().starts_with("PROJ.VERSION 9.7.1; EPSG.VERSION v12.029"));
        let mut seen = 0;
        for row in rows() {
            let body = body(row).unwrap_or_else(|| panic!("{}", row.id()));
            assert_eq!((body.name(), body.id()), (row.name(), Some(&row.id())));
            assert!(!body.name().is_empty() && !body.cs().axes.is_empty(), "{}", row.id());
            seen += 1;
        }
        // select count(*) from crs_view, less the two of NKG.
        assert_eq!(seen, 13_718);
    }
}
