//! GDAL's side-car `NAME.aux.xml` (its "persistent auxiliary metadata", PAM): what programs said of a file without writing
//! into it.

use std::collections::BTreeMap;

use crate::gdal::metadata::{GdalMetadata, Item};
use crate::gdal::number;
use crate::gdal::xml::{Document, Element};
use crate::geo::{Gcp, GeoTransform, is_epsg};

/// What an `.aux.xml` says. GDAL lets it override the file itself.
///
/// ```
/// use cog_tiff::Pam;
///
/// let pam = Pam::parse(r#"<PAMDataset><SRS>EPSG:4326</SRS>
///   <PAMRasterBand band="1"><NoDataValue>-9999</NoDataValue></PAMRasterBand></PAMDataset>"#).unwrap();
/// assert_eq!((pam.epsg(), pam.nodata(1)), (Some(4326), Some("-9999")));
/// ```
///
/// Histograms, category names, colour tables and attribute tables are left aside.
#[derive(Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct Pam {
    /// The CRS as text: WKT, or an authority's code.
    pub srs: Option<String>,
    /// From pixels to coordinates.
    pub transform: Option<GeoTransform>,
    /// Ground control points; GDAL uses them where there is no transform.
    pub gcps: Vec<Gcp>,
    /// Metadata of the dataset and its bands, with their scales, offsets, units, descriptions and colours.
    pub metadata: GdalMetadata,
    /// Text of each band's nodata, bands counted from 1.
    nodata: BTreeMap<u32, String>,
    warnings: Vec<String>,
}

impl Pam {
    /// Parses the text as leniently as GDAL. `None` if it is not such a document: GDAL passes over those too.
    pub fn parse(xml: &str) -> Option<Pam> {
        let xml = xml.split('\0').next().unwrap_or(xml);
        let document = Document::parse(xml).ok()?;
        let root = document.root("PAMDataset")?;
        let mut warnings = document.notes.clone();
        let mut items = Vec::new();
        metadata_items(&root, xml, None, &mut items);
        let mut nodata = BTreeMap::new();
        for band in root.children().filter(|node| node.is("PAMRasterBand")) {
            let number = band.attribute("band").map_or(0, number::integer);
            let Some(number) = u32::try_from(number).ok().filter(|number| *number > 0) else { continue };
            metadata_items(&band, xml, Some(number), &mut items);
            for (element, role) in ROLES {
                let Some(value) = text(&band, element) else { continue };
                if matches!(role, "scale" | "offset") && !number::leading(&value).whole {
                    warnings.push(format!("{element} of band {number}: \"{value}\" is not a plain number"));
                }
                let (name, role) = (role.to_ascii_uppercase(), Some(role.to_string()));
                items.push(Item { name, value, band: Some(number), role, domain: None });
            }
            if let Some(value) = text(&band, "NoDataValue") {
                nodata.insert(number, value);
            }
        }
        let transform = text(&root, "GeoTransform").and_then(|text| {
            let parts = text.split(',').filter(|part| !part.is_empty());
            let numbers: Vec<f64> = parts.take(7).map(|part| number::leading_with_point(part).value).collect();
            let found = <[f64; 6]>::try_from(numbers).ok();
            if found.is_none() {
                warnings.push("GeoTransform does not hold six numbers: it is ignored".to_string());
            }
            let [c, a, b, f, d, e] = found?;
            Some(GeoTransform { a, b, c, d, e, f })
        });
        let list = root.child("GCPList");
        let gcps = list.into_iter().flat_map(|list| list.children()).filter(|node| node.is("GCP"));
        let gcps = gcps.map(|node| gcp(&node)).collect();
        Some(Pam { srs: text(&root, "SRS"), transform, gcps, metadata: GdalMetadata::of(items), nodata, warnings })
    }

    /// What was dropped or doubted, one line each.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The text of a band's nodata, bands counted from 1: see [`Nodata::parse`](crate::Nodata::parse).
    pub fn nodata(&self, band: u32) -> Option<&str> {
        self.nodata.get(&band).map(String::as_str)
    }

    /// The EPSG code of the CRS, if its text names one for the whole of it.
    pub fn epsg(&self) -> Option<u16> {
        epsg_of(self.srs.as_deref()?)
    }

    /// The name of the CRS.
    pub fn crs_name(&self) -> Option<&str> {
        self.srs.as_deref()?.split('"').nth(1)
    }
}

/// Elements of a band and the roles of GDAL_METADATA that say the same.
const ROLES: [(&str, &str); 5] = [
    ("Description", "description"),
    ("UnitType", "unittype"),
    ("Offset", "offset"),
    ("Scale", "scale"),
    ("ColorInterp", "colorinterp"),
];

/// The text of a child, if it has any.
fn text(element: &Element<'_, '_>, child: &str) -> Option<String> {
    element.child(child)?.text().map(|text| text.trim().to_string()).filter(|text| !text.is_empty())
}

/// The items of every `Metadata` child: one a key, or one for the whole of a domain that is XML itself.
fn metadata_items<'a>(element: &Element<'_, 'a>, xml: &'a str, band: Option<u32>, items: &mut Vec<Item>) {
    for metadata in element.children().filter(|node| node.is("Metadata")) {
        let domain = metadata.attribute("domain").filter(|d| !d.is_empty()).map(str::to_string);
        if metadata.attribute("format").is_some_and(|format| format.eq_ignore_ascii_case("xml")) {
            let name = domain.clone().unwrap_or_default();
            items.push(Item { name, value: metadata.source(xml).to_string(), band, role: None, domain });
            continue;
        }
        for item in metadata.children().filter(|node| node.is("MDI")) {
            let (Some(name), Some(value)) = (item.first_attribute(), item.text()) else { continue };
            items.push(Item {
                name: name.to_string(),
                value: value.to_string(),
                band,
                role: None,
                domain: domain.clone(),
            });
        }
    }
}

/// A point; what it leaves out is 0, as in GDAL.
fn gcp(element: &Element<'_, '_>) -> Gcp {
    let number = |name: &str| element.attribute(name).map_or(0.0, |text| number::leading_with_point(text).value);
    Gcp { column: number("Pixel"), row: number("Line"), x: number("X"), y: number("Y"), z: number("Z") }
}

/// The EPSG code that a CRS names for itself: `EPSG:n`, or in WKT the `AUTHORITY` or `ID` that stands directly in the outermost
/// brackets (those of its parts lie deeper).
fn epsg_of(srs: &str) -> Option<u16> {
    let srs = srs.trim();
    if let Some((_, code)) = srs.split_once(':').filter(|(authority, _)| authority.eq_ignore_ascii_case("EPSG")) {
        return code.trim().parse().ok().filter(|code| is_epsg(*code));
    }
    let (mut depth, mut quoted, mut start) = (0u32, false, 0);
    let mut found = None;
    for (i, c) in srs.char_indices() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' | '(' => {
                let word = srs.get(start..i).unwrap_or_default().trim();
                if depth == 1 && (word.eq_ignore_ascii_case("AUTHORITY") || word.eq_ignore_ascii_case("ID")) {
                    found = srs.get(i + 1..).and_then(epsg_pair).or(found);
                }
                depth += 1;
                start = i + 1;
            }
            ']' | ')' => depth = depth.saturating_sub(1),
            ',' => start = i + 1,
            _ => {}
        }
    }
    found
}

/// The code of `"EPSG","n"]…` or `"EPSG",n]…`.
fn epsg_pair(text: &str) -> Option<u16> {
    let end = text.find([']', ')'])?;
    let (authority, code) = text.get(..end)?.split_once(',')?;
    let plain = |text: &str| text.trim().trim_matches('"').trim().to_string();
    // An ID may go on with a version.
    let code = code.split(',').next().unwrap_or_default();
    if plain(authority).eq_ignore_ascii_case("EPSG") {
        plain(code).parse().ok().filter(|code| is_epsg(*code))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crs_names_the_code_of_the_whole_not_of_a_part() {
        let part = r#"PROJCS["x",GEOGCS["WGS 84",AUTHORITY["EPSG","4326"]],UNIT["metre",1,AUTHORITY["EPSG","9001"]]"#;
        assert_eq!(epsg_of(&format!("{part}]")), None);
        assert_eq!(epsg_of(&format!("{part},AUTHORITY[\"EPSG\",\"32633\"]]")), Some(32633));
        let wkt2 = r#"PROJCRS["a, b [c]",BASEGEOGCRS["WGS 84",ID["EPSG",4326]],ID["EPSG",3857]]"#;
        assert_eq!(epsg_of(wkt2), Some(3857));
        assert_eq!(
            (epsg_of("EPSG:4979"), epsg_of("epsg: 5514"), epsg_of("ESRI:102100")),
            (Some(4979), Some(5514), None)
        );
        assert_eq!((epsg_of(""), epsg_of("]]]("), epsg_of("ID[")), (None, None, None));
    }

    #[test]
    fn bands_are_counted_from_one_and_there_is_no_band_zero() {
        let xml = r#"<PAMDataset>
          <GeoTransform> 10, 0.25, 0, 50, 0, -0.25</GeoTransform>
          <Metadata><MDI key="A">x &amp;amp; y</MDI></Metadata>
          <Metadata domain="xml:D" format="xml"><e a="1"/></Metadata>
          <PAMRasterBand band="2"><Scale>3</Scale><Metadata><MDI key="STATISTICS_MEAN">9.5</MDI></Metadata></PAMRasterBand>
          <PAMRasterBand band="0"><Scale>4</Scale></PAMRasterBand>
        </PAMDataset>"#;
        let pam = Pam::parse(xml).unwrap();
        assert_eq!(pam.transform, Some(GeoTransform { a: 0.25, b: 0.0, c: 10.0, d: 0.0, e: -0.25, f: 50.0 }));
        assert_eq!((pam.metadata.scale(0), pam.metadata.scale(1), pam.metadata.scale(2)), (1.0, 1.0, 3.0));
        assert_eq!(pam.metadata.statistic(2, "MEAN"), Some(9.5));
        let plain: Vec<_> = pam.metadata.plain(None).collect();
        assert_eq!(plain, [(None, "A", "x &amp; y"), (Some("xml:D"), "xml:D", "<e a=\"1\"/>")]);
    }

    #[test]
    fn other_documents_are_passed_over() {
        for text in ["", "<html>not found</html>", "<PAMDataset><SRS>", "II*\0"] {
            assert_eq!(Pam::parse(text), None, "{text:?}");
        }
    }
}
