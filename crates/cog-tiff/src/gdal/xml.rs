//! XML as GDAL's `CPLParseXMLString` reads it: what strict parsers refuse (bare `&`, unquoted or repeated attributes, several
//! roots, text around them, prefixes that nothing declares) is no reason to lose a file's metadata.

use std::borrow::Cow;

/// Elements open at once, as in GDAL. Nothing here recurses.
const MAX_DEPTH: usize = 10_000;
/// Nodes of a document, which take some 64 bytes each.
const MAX_NODES: usize = 1_000_000;
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
        Parser { text, at: 0, in_element: false, document: Document::default(), open: Vec::new(), last_root: 0 }.parse()
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

enum Token<'a> {
    End,
    Open,
    Close,
    SlashClose,
    QuestionClose,
    Equal,
    Word(Cow<'a, str>),
    Text(Cow<'a, str>),
    Other,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// Between `<` and `>`.
    in_element: bool,
    document: Document<'a>,
    /// Open elements, each with its last child.
    open: Vec<(Link, Link)>,
    last_root: Link,
}

impl<'a> Parser<'a> {
    fn parse(mut self) -> Result<Document<'a>, String> {
        if u32::try_from(self.text.len()).is_err() {
            return Err(format!("{} bytes are too many", self.text.len()));
        }
        loop {
            match self.token()? {
                Token::End => break,
                Token::Open => self.tag()?,
                Token::Word(name) => self.attribute(name)?,
                Token::Close => match self.open.last().copied() {
                    Some((element, _)) => {
                        let at = self.at as u32;
                        if let Some(node) = self.node(element) {
                            node.inner = (at, at);
                        }
                    }
                    None => return self.fail("a \">\" without its \"<\""),
                },
                Token::SlashClose => {
                    if self.open.pop().is_none() {
                        return self.fail("a \"/>\" without its \"<\"");
                    }
                }
                Token::QuestionClose => {
                    if !self.open_name().starts_with('?') {
                        return self.fail("a \"?>\" without its \"<?\"");
                    }
                    self.open.pop();
                }
                Token::Text(text) if !self.in_element => _ = self.attach(Kind::Text, text)?,
                Token::Other => _ = self.attach(Kind::Other, Cow::Borrowed(""))?,
                Token::Text(_) | Token::Equal => return self.fail("an attribute without a name"),
            }
        }
        match self.open.is_empty() {
            true => Ok(self.document),
            false => Err(format!("the element \"{}\" is not closed", short(self.open_name()))),
        }
    }

    /// What stands behind a `<`: the name of an element, or the end of one.
    fn tag(&mut self) -> Result<(), String> {
        let start = self.at - 1;
        let Token::Word(name) = self.token()? else { return self.fail("a \"<\" without a name") };
        let Some(closed) = name.strip_prefix('/') else {
            if self.open.len() >= MAX_DEPTH {
                return self.fail(&format!("more than {MAX_DEPTH} elements within each other"));
            }
            let link = self.attach(Kind::Element, name)?;
            self.open.push((link, 0));
            return Ok(());
        };
        if self.open.is_empty() || !self.open_name().eq_ignore_ascii_case(closed) {
            let problem = format!("\"</{}>\" closes no element", short(closed));
            return self.fail(&problem);
        }
        if !matches!(self.token()?, Token::Close) {
            return self.fail("the end of an element has no \">\"");
        }
        if let Some((element, _)) = self.open.pop() {
            if let Some(node) = self.node(element) {
                node.inner.1 = start as u32;
            }
        }
        Ok(())
    }

    fn attribute(&mut self, name: Cow<'a, str>) -> Result<(), String> {
        let first = self.open.last().is_some_and(|(_, last)| *last == 0);
        match self.token()? {
            Token::Equal => {}
            // A processing instruction may hold any text.
            token if first && self.open_name().starts_with('?') => {
                if !matches!(token, Token::QuestionClose) {
                    let rest = self.rest();
                    let Some(len) = rest.find("?>") else { return self.fail("a \"<?\" without its \"?>\"") };
                    self.at += len + 2;
                    self.in_element = false;
                }
                self.open.pop();
                return Ok(());
            }
            _ => {
                let problem = format!("the attribute \"{}\" has no value", short(&name));
                return self.fail(&problem);
            }
        }
        match self.token()? {
            Token::Text(value) | Token::Word(value) => {
                let link = self.attach(Kind::Attribute, name)?;
                if let Some(node) = self.node(link) {
                    node.value = value;
                }
                Ok(())
            }
            _ => {
                let problem = format!("the attribute \"{}\" has no value", short(&name));
                self.fail(&problem)
            }
        }
    }

    fn node(&mut self, link: Link) -> Option<&mut Node<'a>> {
        self.document.nodes.get_mut(usize::try_from(link.checked_sub(1)?).ok()?)
    }

    fn open_name(&self) -> &str {
        let index = self.open.last().and_then(|(link, _)| usize::try_from(link.checked_sub(1)?).ok());
        index.and_then(|index| self.document.nodes.get(index)).map_or("", |node| node.text.as_ref())
    }

    /// Adds a node behind the last child of the innermost open element.
    fn attach(&mut self, kind: Kind, text: Cow<'a, str>) -> Result<Link, String> {
        if self.document.nodes.len() >= MAX_NODES {
            return self.fail(&format!("more than {MAX_NODES} nodes"));
        }
        self.document.nodes.push(Node { kind, text, value: Cow::Borrowed(""), first_child: 0, next: 0, inner: (0, 0) });
        let link = self.document.nodes.len() as Link;
        let (parent, before) = match self.open.last_mut() {
            Some((parent, last)) => (*parent, std::mem::replace(last, link)),
            None => (0, std::mem::replace(&mut self.last_root, link)),
        };
        if before != 0 {
            if let Some(node) = self.node(before) {
                node.next = link;
            }
        } else if parent != 0 {
            if let Some(node) = self.node(parent) {
                node.first_child = link;
            }
        } else {
            self.document.first_root = link;
        }
        Ok(link)
    }

    fn fail<T>(&self, problem: &str) -> Result<T, String> {
        Err(format!("{problem}, at byte {}", self.at))
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Everything up to `end`, which is skipped; up to the end of the text if it is not there.
    fn until(&mut self, end: &str) -> &'a str {
        let rest = self.rest();
        let (found, skip) = rest.find(end).map_or((rest.len(), 0), |len| (len, end.len()));
        self.at += found + skip;
        rest.get(..found).unwrap_or_default()
    }

    fn starts_with(&self, word: &str) -> bool {
        self.text.as_bytes().get(self.at..self.at + word.len()).is_some_and(|b| b.eq_ignore_ascii_case(word.as_bytes()))
    }

    fn token(&mut self) -> Result<Token<'a>, String> {
        // The blanks of C's isspace.
        let blank = |b: &u8| matches!(b, b' ' | b'\t'..=b'\r');
        self.at += self.rest().bytes().take_while(blank).count();
        let bytes = self.text.as_bytes();
        let Some(&byte) = bytes.get(self.at) else { return Ok(Token::End) };
        let next = bytes.get(self.at + 1).copied();
        if self.starts_with("<!--") {
            self.at += 4;
            self.until("-->");
            return Ok(Token::Other);
        }
        if self.starts_with("<![CDATA[") {
            self.at += 9;
            return Ok(Token::Text(Cow::Borrowed(self.until("]]>"))));
        }
        if self.starts_with("<!DOCTYPE") {
            return self.doctype();
        }
        let single = match (byte, next) {
            (b'<', _) if !self.in_element => Some((Token::Open, 1)),
            (b'>', _) if self.in_element => Some((Token::Close, 1)),
            (b'=', _) if self.in_element => Some((Token::Equal, 1)),
            (b'/', Some(b'>')) if self.in_element => Some((Token::SlashClose, 2)),
            (b'?', Some(b'>')) if self.in_element => Some((Token::QuestionClose, 2)),
            _ => None,
        };
        if let Some((token, len)) = single {
            self.at += len;
            self.in_element = matches!(token, Token::Open | Token::Equal);
            return Ok(token);
        }
        if !self.in_element {
            let rest = self.rest();
            let text = rest.get(..rest.find('<').unwrap_or(rest.len())).unwrap_or_default();
            self.at += text.len();
            return Ok(Token::Text(self.unescaped(text)));
        }
        if let b'"' | b'\'' = byte {
            let rest = self.text.get(self.at + 1..).unwrap_or_default();
            let Some(len) = rest.find(char::from(byte)) else { return self.fail("a quoted value without its end") };
            self.at += len + 2;
            return Ok(Token::Text(self.unescaped(rest.get(..len).unwrap_or_default())));
        }
        // The first byte of a word may be anything.
        let more = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':');
        let behind = bytes.get(self.at + 1..).unwrap_or_default();
        let len = 1 + behind.iter().take_while(|b| more(b)).count();
        let word = String::from_utf8_lossy(bytes.get(self.at..self.at + len).unwrap_or_default());
        self.at += len;
        // A character of several bytes was cut: what is left of it is no word either.
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
        Ok(Token::Word(word))
    }

    /// A DOCTYPE up to its `>`; quotes and an internal subset may hold others.
    fn doctype(&mut self) -> Result<Token<'a>, String> {
        let (mut quoted, mut within) = (false, false);
        for (i, b) in self.rest().bytes().enumerate() {
            match b {
                b']' if within => within = false,
                _ if within => {}
                b'"' => quoted = !quoted,
                b'[' if !quoted => within = true,
                b'>' if !quoted => {
                    self.at += i + 1;
                    return Ok(Token::Other);
                }
                _ => {}
            }
        }
        self.fail("a DOCTYPE without its end")
    }

    fn unescaped(&mut self, text: &'a str) -> Cow<'a, str> {
        let (plain, cut) = unescape(text);
        if let Some(cut) = cut {
            self.document.note(text.get(cut..).unwrap_or_default());
        }
        plain
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

/// Undoes XML's named and numbered entities, as GDAL: an `&` that starts none ends the text. The second value is where
/// that was.
pub(crate) fn unescape(text: &str) -> (Cow<'_, str>, Option<usize>) {
    if !text.contains('&') {
        return (Cow::Borrowed(text), None);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        plain.push_str(before);
        match entity(behind) {
            Some((character, len)) => {
                plain.extend(character);
                rest = behind.get(len..).unwrap_or_default();
            }
            None => return (Cow::Owned(plain), Some(text.len() - behind.len() - 1)),
        }
    }
    plain.push_str(rest);
    (Cow::Owned(plain), None)
}

/// The character of an entity and the bytes it takes behind its `&`. A number 0 is no character.
fn entity(text: &str) -> Option<(Option<char>, usize)> {
    const NAMED: [(&str, char); 5] = [("lt;", '<'), ("gt;", '>'), ("amp;", '&'), ("apos;", '\''), ("quot;", '"')];
    for (name, character) in NAMED {
        if text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return Some((Some(character), name.len()));
        }
    }
    let number = text.strip_prefix('#')?;
    let (radix, digits) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (16, digits),
        None => (10, number),
    };
    let mut code = 0u32;
    for (i, c) in digits.char_indices() {
        if c == ';' {
            let character = (code != 0).then(|| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            return Some((character, text.len() - digits.len() + i + 1));
        }
        code = code.wrapping_mul(radix).wrapping_add(c.to_digit(radix)?);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts of elements and what GDAL 3.10.3 makes of them before its second unescaping.
    #[test]
    fn entities_are_undone_and_a_bare_ampersand_ends_the_text() {
        for (text, plain, whole) in [
            ("&lt;&AMP;&Quot;&apos;", "<&\"'", true),
            ("&#65;&#x42;&#233;&#x20AC;&#1;&#0;z", "ABé€\u{1}z", true),
            ("&#x110000; y", "\u{fffd} y", true),
            ("&#4294967361;y", "Ay", true),
            ("&#xD800;y", "\u{fffd}y", true),
            ("&#;&#x;y", "y", true),
            ("salt & pepper", "salt ", false),
            ("x &amp y", "x ", false),
            ("&#65", "", false),
            ("&#12x;y", "", false),
            ("a&nbsp;b", "a", false),
        ] {
            let (found, cut) = unescape(text);
            assert_eq!((found.as_ref(), cut.is_none()), (plain, whole), "{text}");
        }
        assert_eq!(unescape("salt & pepper").1, Some(5));
    }

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
