//! Tag 42112: metadata items in XML, for the dataset and for each band.

use std::collections::BTreeMap;

/// One item of GDAL_METADATA.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Item {
    /// Its name.
    pub name: String,
    /// Its text.
    pub value: String,
    /// The band it belongs to, counted from 0; `None` for the dataset.
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
}

impl GdalMetadata {
    /// Parses the tag's text. Text that is no XML holds nothing, as in GDAL.
    pub fn parse(xml: &str) -> GdalMetadata {
        let Some(document) = document(xml) else { return GdalMetadata::default() };
        let items = document
            .root_element()
            .children()
            .filter(|node| node.has_tag_name("Item"))
            .filter_map(|node| {
                Some(Item {
                    name: node.attribute("name")?.to_string(),
                    // GDAL escapes a value twice when it writes, and undoes it twice when it reads.
                    value: unescape(&content(node)),
                    band: node.attribute("sample").and_then(|s| s.trim().parse().ok()),
                    role: node.attribute("role").filter(|r| !r.is_empty()).map(str::to_string),
                    domain: node.attribute("domain").filter(|d| !d.is_empty()).map(str::to_string),
                })
            })
            .collect();
        GdalMetadata::of(items)
    }

    pub(crate) fn of(items: Vec<Item>) -> GdalMetadata {
        let mut of_band: BTreeMap<Option<u32>, Vec<usize>> = BTreeMap::new();
        for (i, item) in items.iter().enumerate() {
            of_band.entry(item.band).or_default().push(i);
        }
        GdalMetadata { items, of_band }
    }

    /// These items, and others that count in their place.
    pub(crate) fn overridden_by(&self, other: &GdalMetadata) -> GdalMetadata {
        GdalMetadata::of(self.items.iter().chain(&other.items).cloned().collect())
    }

    /// Every item in file order; of several that say the same thing the last one counts.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Plain metadata of the dataset (`None`) or a band, counted from 0: (domain, name, value).
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

    /// What values of a band are multiplied with to get units; 1 if nothing is said.
    pub fn scale(&self, band: u32) -> f64 {
        self.role(band, "scale").and_then(|v| v.trim().parse().ok()).unwrap_or(1.0)
    }

    /// What is added to scaled values of a band; 0 if nothing is said.
    pub fn offset(&self, band: u32) -> f64 {
        self.role(band, "offset").and_then(|v| v.trim().parse().ok()).unwrap_or(0.0)
    }

    /// The unit of scaled values of a band.
    pub fn unit(&self, band: u32) -> Option<&str> {
        self.role(band, "unittype")
    }

    /// The name of a band.
    pub fn description(&self, band: u32) -> Option<&str> {
        self.role(band, "description")
    }

    /// The colour interpretation of a band, in GDAL's words ("Red", "Alpha", "NIR" …).
    pub fn color_interpretation(&self, band: u32) -> Option<&str> {
        self.role(band, "colorinterp")
    }

    /// A statistic of a band as some program stored it: `MINIMUM`, `MAXIMUM`, `MEAN`, `STDDEV`, `VALID_PERCENT`.
    pub fn statistic(&self, band: u32, name: &str) -> Option<f64> {
        let stored = |n: &str| n.strip_prefix("STATISTICS_") == Some(name);
        self.plain(Some(band)).filter(|(d, n, _)| d.is_none() && stored(n)).last()?.2.trim().parse().ok()
    }
}

/// Nodes of a document, which take some 100 bytes each.
const MAX_NODES: u32 = 1_000_000;
/// Attributes of one element (GDAL writes at most five), and namespaces of a document.
const MAX_ATTRIBUTES: usize = 64;

/// The document, unless it is damaged or of a kind that only costs time.
pub(crate) fn document(xml: &str) -> Option<roxmltree::Document<'_>> {
    let xml = xml.trim();
    let options = roxmltree::ParsingOptions { nodes_limit: MAX_NODES, ..Default::default() };
    is_plausible(xml).then(|| roxmltree::Document::parse_with_options(xml, options).ok())?
}

/// False for text on which an XML parser would spend its time: it compares every attribute of an element with every
/// other, and carries namespaces to every child.
fn is_plausible(xml: &str) -> bool {
    if xml.matches("xmlns").count() > MAX_ATTRIBUTES {
        return false;
    }
    let mut rest = xml;
    while let Some((_, tag)) = rest.split_once('<') {
        let skipped = [("!--", "-->"), ("![CDATA[", "]]>"), ("?", "?>")].into_iter().find(|(s, _)| tag.starts_with(s));
        if let Some((_, end)) = skipped {
            let Some((_, behind)) = tag.split_once(end) else { return false };
            rest = behind;
            continue;
        }
        let (mut attributes, mut quote) = (0, None);
        let mut len = tag.len();
        for (i, b) in tag.bytes().enumerate() {
            match (quote, b) {
                (Some(q), b) if b == q => quote = None,
                (Some(_), _) => {}
                (None, b'"' | b'\'') => quote = Some(b),
                (None, b'=') => attributes += 1,
                (None, b'>') => {
                    len = i;
                    break;
                }
                _ => {}
            }
        }
        if attributes > MAX_ATTRIBUTES {
            return false;
        }
        rest = tag.get(len..).unwrap_or("");
    }
    true
}

/// Undoes XML's five named entities.
fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_string();
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    entities.into_iter().fold(text.to_string(), |text, (entity, plain)| text.replace(entity, plain))
}

/// The text of an item; items in XML domains hold elements, which stay as they are written.
pub(crate) fn content(node: roxmltree::Node<'_, '_>) -> String {
    if node.children().any(|child| child.is_element()) {
        let text = node.document().input_text();
        let first = node.first_child().map(|c| c.range().start);
        let last = node.last_child().map(|c| c.range().end);
        return first.zip(last).and_then(|(a, b)| text.get(a..b)).unwrap_or_default().to_string();
    }
    node.text().unwrap_or_default().to_string()
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
        assert_eq!((m.scale(0), m.offset(0), m.scale(1)), (0.1, -100.0, 1.0));
        assert_eq!((m.unit(1), m.statistic(1, "MEAN")), (Some("metre"), Some(125.5)));
        let dataset: Vec<_> = m.plain(None).collect();
        assert_eq!(dataset, vec![(None, "PROJECT", "demo & more <1>"), (Some("MY_NS"), "A", "b")]);
    }

    #[test]
    fn text_that_is_no_xml_holds_nothing() {
        assert_eq!(GdalMetadata::parse("<GDALMetadata><Item"), GdalMetadata::default());
    }
}
