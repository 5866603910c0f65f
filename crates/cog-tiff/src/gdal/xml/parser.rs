//! From text to a [`Document`]: tokens, and what may follow which.

use std::borrow::Cow;

use super::{Document, Kind, Link, Node, short, unescape};

/// Elements open at once, as in GDAL. Nothing here recurses.
const MAX_DEPTH: usize = 10_000;
/// Nodes of a document, which take some 64 bytes each.
const MAX_NODES: usize = 1_000_000;

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

pub(super) struct Parser<'a> {
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
    pub(super) fn new(text: &'a str) -> Parser<'a> {
        Parser { text, at: 0, in_element: false, document: Document::default(), open: Vec::new(), last_root: 0 }
    }

    pub(super) fn parse(mut self) -> Result<Document<'a>, String> {
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
        // A character of several bytes was cut: what is left of it is not a word either.
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
