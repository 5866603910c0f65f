//! XML as GDAL's `CPLParseXMLString` reads it: what strict parsers refuse (bare `&`, unquoted or repeated attributes, several
//! roots, text around them, prefixes that nothing declares) is no reason to lose a file's metadata.

mod entities;
mod parser;

use std::borrow::Cow;

pub(crate) use self::entities::unescape;
use self::parser::Parser;

/// Notes that are kept of one document.
const MAX_NOTES: usize = 16;

/// A document: every node in order, each linked to its first child and its next sibling.
#[derive(Debug, Default)]
pub(crate) struct Document<'a> {
    nodes: Vec<Node<'a>>,
    first_root: Link,
    /// What was cut off from text and attributes.
    pub(crate) notes: Vec<String>,
}

/// The place of a node, plus one; 0 is none.
type Link = u32;

#[derive(Debug)]
struct Node<'a> {
    kind: Kind,
    /// Name of an element or attribute, or the text.
    text: Cow<'a, str>,
    /// Value of an attribute.
    value: Cow<'a, str>,
    first_child: Link,
    next: Link,
    /// Of an element: where its content starts and ends in the text.
    inner: (u32, u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Element,
    Attribute,
    Text,
    /// A comment or a DOCTYPE.
    Other,
}

/// An element of a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'d, 'a> {
    document: &'d Document<'a>,
    node: &'d Node<'a>,
}

impl<'a> Document<'a> {
    /// Parses text up to its first NUL.
    ///
    /// # Errors
    /// What GDAL gives a document up for, with the byte where it was found.
    pub(crate) fn parse(text: &'a str) -> Result<Document<'a>, String> {
        let text = text.split('\0').next().unwrap_or(text);
        Parser::new(text).parse()
    }

    /// The first root with this name, in any case.
    pub(crate) fn root(&self, name: &str) -> Option<Element<'_, 'a>> {
        self.siblings(self.first_root)
            .find(|node| node.kind == Kind::Element && node.text.eq_ignore_ascii_case(name))
            .map(|node| Element { document: self, node })
    }

    /// Elements and text beside the root with this name; an XML declaration is not counted.
    pub(crate) fn beside(&self, name: &str) -> usize {
        let outer = |node: &&Node<'_>| match node.kind {
            Kind::Element => !node.text.starts_with('?'),
            Kind::Text => !node.text.trim_matches('\u{feff}').is_empty(),
            _ => false,
        };
        let all = self.siblings(self.first_root).filter(outer).count();
        all - usize::from(self.root(name).is_some())
    }

    fn siblings(&self, first: Link) -> impl Iterator<Item = &Node<'a>> {
        let mut link = first;
        std::iter::from_fn(move || {
            let node = self.nodes.get(usize::try_from(link.checked_sub(1)?).ok()?)?;
            link = node.next;
            Some(node)
        })
    }
}

impl<'d, 'a> Element<'d, 'a> {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.node.text.eq_ignore_ascii_case(name)
    }

    fn nodes(&self) -> impl Iterator<Item = &'d Node<'a>> + use<'d, 'a> {
        self.document.siblings(self.node.first_child)
    }

    /// Its elements.
    pub(crate) fn children(&self) -> impl Iterator<Item = Element<'d, 'a>> + use<'d, 'a> {
        let document = self.document;
        self.nodes().filter(|node| node.kind == Kind::Element).map(move |node| Element { document, node })
    }

    /// Its first child with this name, in any case.
    pub(crate) fn child(&self, name: &str) -> Option<Element<'d, 'a>> {
        self.children().find(|child| child.is(name))
    }

    /// The first attribute with this name, in any case.
    pub(crate) fn attribute(&self, name: &str) -> Option<&'d str> {
        let found = |node: &&Node<'_>| node.kind == Kind::Attribute && node.text.eq_ignore_ascii_case(name);
        self.nodes().find(found).map(|node| node.value.as_ref())
    }

    /// The value of its first attribute, whatever the name.
    pub(crate) fn first_attribute(&self) -> Option<&'d str> {
        self.nodes().find(|node| node.kind == Kind::Attribute).map(|node| node.value.as_ref())
    }

    /// An attribute that is there twice or more.
    pub(crate) fn repeated_attribute(&self) -> Option<&'d str> {
        let mut names: Vec<&str> =
            self.nodes().filter(|node| node.kind == Kind::Attribute).map(|node| node.text.as_ref()).collect();
        names.sort_unstable_by_key(|name| name.to_ascii_lowercase());
        names.windows(2).find_map(|pair| match pair {
            [a, b] if a.eq_ignore_ascii_case(b) => Some(*b),
            _ => None,
        })
    }

    /// Its text, if it holds one piece of text and nothing else.
    pub(crate) fn text(&self) -> Option<&'d str> {
        let mut content = self.nodes().filter(|node| node.kind != Kind::Attribute);
        match (content.next(), content.next()) {
            (Some(node), None) if node.kind == Kind::Text => Some(node.text.as_ref()),
            _ => None,
        }
    }

    /// Its content as it is written.
    pub(crate) fn source(&self, text: &'a str) -> &'a str {
        let (start, end) = self.node.inner;
        text.get(start as usize..end as usize).unwrap_or_default()
    }
}

impl Document<'_> {
    /// Notes that text from an `&` on was dropped.
    fn note(&mut self, dropped: &str) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(format!("text from a bare \"&\" on is dropped: \"{}\"", short(dropped)));
        }
    }
}

/// The first characters of a text, for messages.
pub(crate) fn short(text: &str) -> String {
    const MOST: usize = 40;
    let mut shown: String = text.chars().take(MOST).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(xml: &str) -> Option<String> {
        Document::parse(xml).ok()?.root("r")?.text().map(str::to_string)
    }

    #[test]
    fn leading_blanks_of_a_text_are_dropped_and_those_behind_it_stay() {
        assert_eq!(text_of("<r>\n\u{b} b \n</r>").as_deref(), Some("b \n"));
        assert_eq!(text_of("<r>  </r>"), None);
        assert_eq!(text_of("<r><![CDATA[]]></r>").as_deref(), Some(""));
        assert_eq!(text_of("<r>x<![CDATA[y]]></r>"), None);
        assert_eq!(text_of("<r a='1' ><!-- c -->x</r>"), None);
    }

    #[test]
    fn elements_close_without_regard_to_case_but_must_close() {
        assert_eq!(text_of("<R>b</r >").as_deref(), Some("b"));
        for xml in
            ["<r>b", "<r>b</s>", "<r>b</r x>", "<r>b</ r>", "<r>b</r", "<r a>b</r>", "<r a=>b</r>", "<r a=\"b>c</r>"]
        {
            assert!(Document::parse(xml).is_err(), "{xml}");
        }
    }

    #[test]
    fn the_source_of_an_element_is_its_content_as_written() {
        let xml = "<?xml version=\"1.0\"?><r><m a='1'><e b=\"&lt;\"/> x</m></r>";
        let document = Document::parse(xml).unwrap();
        assert_eq!(document.root("R").unwrap().child("M").unwrap().source(xml), "<e b=\"&lt;\"/> x");
    }

    #[test]
    fn depth_and_number_of_nodes_are_bounded() {
        let nested = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
        assert!(Document::parse(&nested(10_000)).is_ok());
        assert!(Document::parse(&nested(10_001)).unwrap_err().contains("10000"));
        assert!(Document::parse(&"<a/>".repeat(1_000_001)).unwrap_err().contains("1000000"));
    }

    #[test]
    fn no_cut_of_a_document_is_a_panic() {
        let xml = "<?xml a?><!DOCTYPE x [ <!ENTITY é \"]>\"> ]><r é='ü' b=c>é&#x20AC;<![CDATA[ü]]><!-- ö --></r>";
        for (from, _) in xml.char_indices() {
            for (to, _) in xml.char_indices().filter(|(to, _)| *to >= from) {
                _ = Document::parse(&xml[from..to]);
            }
        }
    }
}
