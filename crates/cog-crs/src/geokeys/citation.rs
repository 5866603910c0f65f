//! Citations that hold several names: "PCS Name = …|GCS Name = …|Datum = …|".

/// The value of one entry.
pub(super) fn entry<'a>(citation: &'a str, key: &str) -> Option<&'a str> {
    citation.split('|').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        (name.trim() == key).then(|| value.trim()).filter(|v| !v.is_empty())
    })
}

/// The entry, or the citation as a whole if it is no list. The first line of what ERDAS IMAGINE writes over several.
pub(super) fn name(citation: &str, key: &str) -> Option<String> {
    if let Some(entry) = entry(citation, key) {
        return Some(entry.to_string());
    }
    if let Some(rest) = citation.strip_prefix("IMAGINE GeoTIFF Support") {
        // $Revision$ and the like stand in the first line, the name behind "Projection Name =" if at all.
        let named = rest.split('\n').find_map(|line| line.split_once('=')).map(|(_, v)| v.trim().to_string());
        return named.filter(|n| !n.is_empty());
    }
    if citation.contains(" = ") && citation.contains('|') || citation.contains("LUnits = ") {
        return None;
    }
    let name = citation.trim();
    (!name.is_empty()).then(|| name.to_string())
}

/// The linear unit that a citation names: "LUnits = " of a list, "Units = " of ERDAS IMAGINE's lines.
pub(super) fn unit(citation: &str) -> Option<&str> {
    if citation.contains("IMAGINE GeoTIFF Support") {
        return citation.lines().find_map(|line| line.strip_prefix("Units = ")).map(str::trim);
    }
    entry(citation, "LUnits")
}

#[cfg(test)]
mod tests {
    use super::{entry, name};

    #[test]
    fn a_list_gives_its_entry_and_a_plain_citation_itself() {
        let list = "GCS Name = unknown|Datum = Unknown based on GRS 1980 ellipsoid|Primem = Greenwich|";
        assert_eq!(entry(list, "Datum"), Some("Unknown based on GRS 1980 ellipsoid"));
        assert_eq!(name(list, "PCS Name"), None);
        assert_eq!(name("WGS 84", "GCS Name").as_deref(), Some("WGS 84"));
        assert_eq!(name("LUnits = metre", "PCS Name"), None);
    }
}
