//! Tag 42112: metadata items in XML, for the dataset and for each band.

use std::collections::BTreeMap;

use crate::color_interpretation::ColorInterpretation;
use crate::gdal::number;
use crate::gdal::xml::{Document, Element, short, unescape};

/// One item of GDAL_METADATA.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Item {
    /// Its name.
    pub name: String,
    /// Its text.
    pub value: String,
    /// The band it belongs to, counted from 1; `None` for the dataset.
    pub band: Option<u32>,
    /// What GDAL uses it for: `scale`, `offset`, `description`, `unittype`, `colorinterp`; `None` for plain metadata.
    pub role: Option<String>,
    /// The metadata domain; `None` for the default one.
    pub domain: Option<String>,
}

/// Everything the tag holds.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct GdalMetadata {
    items: Vec<Item>,
    /// Indices of the items of each band.
    of_band: BTreeMap<Option<u32>, Vec<usize>>,
    warnings: Vec<String>,
}

/// Warnings that are kept of one document.
const MAX_WARNINGS: usize = 32;

/// What an item of a band may be used for.
const ROLES: [&str; 5] = ["scale", "offset", "description", "unittype", "colorinterp"];

impl GdalMetadata {
    /// Parses the tag's text as leniently as GDAL; [`GdalMetadata::warnings`] says what of it was dropped. Text that GDAL
    /// gives up holds nothing.
    pub fn parse(xml: &str) -> GdalMetadata {
        let text = xml.split('\0').next().unwrap_or(xml);
        let nothing = |problem: String| GdalMetadata { warnings: vec![problem], ..GdalMetadata::default() };
        if text.trim().is_empty() {
            return GdalMetadata::default();
        }
        let document = match Document::parse(text) {
            Ok(document) => document,
            Err(problem) => return nothing(format!("GDAL_METADATA is lost: {problem}")),
        };
        let Some(root) = document.root("GDALMetadata") else {
            return nothing("GDAL_METADATA is lost: it has no element \"GDALMetadata\"".to_string());
        };
        let mut warnings: Vec<String> = document.notes.iter().map(|note| format!("GDAL_METADATA: {note}")).collect();
        let beside = document.beside("GDALMetadata");
        if beside > 0 {
            warnings.push(format!("GDAL_METADATA: {beside} elements or texts beside its root are ignored"));
        }
        let mut items = Vec::new();
        let mut others = 0u64;
        for child in root.children() {
            if !child.is("Item") {
                others += 1;
                continue;
            }
            match item(&child) {
                Ok(found) => found.into_items(&mut items, &mut warnings),
                Err(problem) => warn(&mut warnings, problem),
            }
            if let Some(name) = child.repeated_attribute() {
                warn(&mut warnings, format!("the attribute \"{}\" is there twice: the first counts", short(name)));
            }
        }
        if others > 0 {
            warn(&mut warnings, format!("{others} elements that are no \"Item\" are ignored"));
        }
        GdalMetadata { warnings, ..GdalMetadata::of(items) }
    }

    /// What was dropped or doubted, one line each.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    pub(crate) fn of(items: Vec<Item>) -> GdalMetadata {
        let mut of_band: BTreeMap<Option<u32>, Vec<usize>> = BTreeMap::new();
        for (i, item) in items.iter().enumerate() {
            of_band.entry(item.band).or_default().push(i);
        }
        GdalMetadata { items, of_band, warnings: Vec::new() }
    }

    /// These items, and others that count in their place.
    pub(crate) fn overridden_by(&self, other: &GdalMetadata) -> GdalMetadata {
        let warnings = self.warnings.iter().chain(&other.warnings).cloned().collect();
        GdalMetadata { warnings, ..GdalMetadata::of(self.items.iter().chain(&other.items).cloned().collect()) }
    }

    /// Every item in file order; of several that say the same thing the last one counts.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Plain metadata of the dataset (`None`) or a band, counted from 1: (domain, name, value). Of items with the same name, in
    /// any case, the last one counts.
    pub fn plain(&self, band: Option<u32>) -> impl Iterator<Item = (Option<&str>, &str, &str)> {
        self.of_band(band)
            .filter(|item| item.role.is_none())
            .map(|item| (item.domain.as_deref(), item.name.as_str(), item.value.as_str()))
    }

    fn of_band(&self, band: Option<u32>) -> impl DoubleEndedIterator<Item = &Item> {
        self.of_band.get(&band).into_iter().flatten().filter_map(|i| self.items.get(*i))
    }

    fn role(&self, band: u32, role: &str) -> Option<&str> {
        let item = self.of_band(Some(band)).rev().find(|item| item.role.as_deref() == Some(role));
        item.map(|item| item.value.as_str())
    }

    /// What values of a band, counted from 1, are multiplied with to get units; 1 if nothing is said. As in GDAL the number at the start of
    /// the text counts, with a point or a comma, and text that is not a number is 0.
    pub fn scale(&self, band: u32) -> f64 {
        self.role(band, "scale").map_or(1.0, |text| number::leading(text).value)
    }

    /// What is added to scaled values of a band, counted from 1; 0 if nothing is said.
    pub fn offset(&self, band: u32) -> f64 {
        self.role(band, "offset").map_or(0.0, |text| number::leading(text).value)
    }

    /// The unit of scaled values of a band, counted from 1.
    pub fn unit(&self, band: u32) -> Option<&str> {
        self.role(band, "unittype")
    }

    /// The name of a band, counted from 1.
    pub fn description(&self, band: u32) -> Option<&str> {
        self.role(band, "description")
    }

    /// The colour interpretation of a band, counted from 1, in GDAL's words ("Red", "Alpha", "NIR" …).
    pub fn color_interpretation(&self, band: u32) -> Option<&str> {
        self.role(band, "colorinterp")
    }

    /// A statistic of a band, counted from 1, as some program stored it: `MINIMUM`, `MAXIMUM`, `MEAN`, `STDDEV`, `VALID_PERCENT`.
    pub fn statistic(&self, band: u32, name: &str) -> Option<f64> {
        let stored = |n: &str| n.strip_prefix("STATISTICS_") == Some(name);
        self.plain(Some(band)).filter(|(d, n, _)| d.is_none() && stored(n)).last()?.2.trim().parse().ok()
    }
}

/// An item, and what is to be said of it.
struct Found {
    item: Item,
    problem: Option<String>,
}

impl Found {
    fn into_items(self, items: &mut Vec<Item>, warnings: &mut Vec<String>) {
        if let Some(problem) = self.problem {
            warn(warnings, problem);
        }
        let item = self.item;
        // GDAL keeps the name of a colour that it does not know as plain metadata, and the colour is undefined.
        if item.role.as_deref() == Some("colorinterp") && !ColorInterpretation::is_name(&item.value) {
            warn(warnings, format!("\"{}\" is not a known colour", short(&item.value)));
            let name = "COLOR_INTERPRETATION".to_string();
            items.push(Item { name, role: None, ..item.clone() });
        }
        items.push(item);
    }
}

fn warn(warnings: &mut Vec<String>, problem: String) {
    if warnings.len() < MAX_WARNINGS {
        warnings.push(format!("GDAL_METADATA: {problem}"));
    }
}

/// Reads an item as GDAL does. A role counts for a band only, and if it is one of those that GDAL knows.
fn item(element: &Element<'_, '_>) -> Result<Found, String> {
    let Some(name) = element.attribute("name") else { return Err("an item without a name is dropped".to_string()) };
    let Some(text) = element.text() else {
        return Err(format!("the item \"{}\" is dropped: it holds no plain text", short(name)));
    };
    let sample = number::integer(element.attribute("sample").unwrap_or("-1"));
    // The attribute counts from 0.
    let band = match sample {
        -1 => None,
        0..=65_535 => u32::try_from(sample + 1).ok(),
        _ => return Err(format!("the item \"{}\" is dropped: there is no band {sample}", short(name))),
    };
    let role = element.attribute("role").map(str::to_ascii_lowercase);
    let role = role.filter(|role| band.is_some() && ROLES.contains(&role.as_str()));
    let domain = element.attribute("domain").filter(|d| !d.is_empty()).map(str::to_string);
    // GDAL escapes a value twice when it writes, and undoes it twice when it reads.
    let (value, cut) = unescape(text);
    let mut problem =
        cut.map(|at| format!("\"{}\" ends at a bare \"&\": \"{}\"", short(name), short(text.get(at..).unwrap_or(""))));
    let number = number::leading(&value);
    if matches!(role.as_deref(), Some("scale" | "offset")) && !number.whole {
        problem = Some(format!("\"{}\" of \"{}\" is read as {}", short(&value), short(name), number.value));
    }
    let item = Item { name: name.to_string(), value: value.into_owned(), band, role, domain };
    Ok(Found { item, problem })
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = r#"<GDALMetadata>
  <Item name="PROJECT">demo &amp;amp; more &amp;lt;1&amp;gt;</Item>
  <Item name="OFFSET" sample="0" role="offset">-100</Item>
  <Item name="SCALE" sample="0" role="scale">0.1</Item>
  <Item name="UNITTYPE" sample="1" role="unittype">metre</Item>
  <Item name="STATISTICS_MEAN" sample="1">125.5</Item>
  <Item name="A" domain="MY_NS">b</Item>
</GDALMetadata>
"#;

    #[test]
    fn items_belong_to_the_dataset_or_to_a_band() {
        let m = GdalMetadata::parse(XML);
        assert_eq!((m.scale(1), m.offset(1), m.scale(2)), (0.1, -100.0, 1.0));
        assert_eq!((m.unit(2), m.statistic(2, "MEAN")), (Some("metre"), Some(125.5)));
        let dataset: Vec<_> = m.plain(None).collect();
        assert_eq!(dataset, vec![(None, "PROJECT", "demo & more <1>"), (Some("MY_NS"), "A", "b")]);
    }

    #[test]
    fn text_that_is_no_xml_holds_nothing() {
        let metadata = GdalMetadata::parse("<GDALMetadata><Item");
        assert_eq!((metadata.items(), metadata.warnings().len()), (&[][..], 1));
        assert_eq!(GdalMetadata::parse(" "), GdalMetadata::default());
    }
}
