//! The grammar that WKT1 and WKT2 share: `KEYWORD["text",1.5,word,NESTED[…]]`, with either kind of bracket.

use crate::error::{Error, Result};

/// Real definitions are eight deep.
const MAX_DEPTH: usize = 32;
/// Real definitions are a few kilobytes.
const MAX_BYTES: usize = 1024 * 1024;

/// One part of a node.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Text(String),
    /// A number or an enumerated word.
    Word(String),
    Node(Node),
}

/// A keyword with what stands in its brackets.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// In upper case.
    pub(crate) keyword: String,
    pub(crate) parts: Vec<Part>,
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

/// The one definition that the text is.
pub(crate) fn parse(text: &str) -> Result<Node> {
    let (root, rest) = parse_first(text)?;
    match rest {
        0 => Ok(root),
        _ => Err(Error::Syntax { offset: text.len() - rest, problem: "text after the last bracket" }),
    }
}

/// The first definition of the text, and how many bytes follow it.
pub(crate) fn parse_first(text: &str) -> Result<(Node, usize)> {
    if text.len() > MAX_BYTES {
        return Err(Error::Syntax { offset: MAX_BYTES, problem: "longer than 1 MiB" });
    }
    let mut lexer = Lexer { text, at: 0 };
    let keyword = lexer.word();
    if lexer.peek().is_none_or(|c| c != '[' && c != '(') {
        return Err(lexer.error("expected a keyword and a bracket"));
    }
    let root = lexer.node(keyword, 0)?;
    lexer.spaces();
    match lexer.peek() {
        None | Some('\0') => Ok((root, 0)),
        Some(_) => Ok((root, text.len() - lexer.at)),
    }
}

impl Lexer<'_> {
    fn error(&self, problem: &'static str) -> Error {
        Error::Syntax { offset: self.at, problem }
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.next();
        }
    }

    /// Everything up to a bracket, a comma or a quotation mark, without spaces around it.
    fn word(&mut self) -> String {
        self.spaces();
        let from = self.at;
        while self.peek().is_some_and(|c| !matches!(c, '[' | ']' | '(' | ')' | ',' | '"' | '\0')) {
            self.next();
        }
        self.text.get(from..self.at).unwrap_or("").trim_end().to_string()
    }

    fn quoted(&mut self) -> Result<String> {
        self.next();
        let mut out = String::new();
        loop {
            match self.next() {
                Some('"') if self.peek() == Some('"') => {
                    self.next();
                    out.push('"');
                }
                Some('"') => return Ok(out),
                Some(c) => out.push(c),
                None => return Err(self.error("a text has no end")),
            }
        }
    }

    fn node(&mut self, keyword: String, depth: usize) -> Result<Node> {
        if depth >= MAX_DEPTH {
            return Err(self.error("nested more than 32 deep"));
        }
        self.next();
        let mut parts = Vec::new();
        loop {
            self.spaces();
            match self.peek() {
                None => return Err(self.error("a bracket has no end")),
                Some(']' | ')') => {
                    self.next();
                    return Ok(Node { keyword: keyword.to_ascii_uppercase(), parts });
                }
                Some(',') => {
                    self.next();
                }
                Some('"') => parts.push(Part::Text(self.quoted()?)),
                Some('[' | '(' | '\0') => return Err(self.error("expected a keyword, a text or a number")),
                Some(_) => {
                    let word = self.word();
                    parts.push(match self.peek() {
                        Some('[' | '(') => Part::Node(self.node(word, depth + 1)?),
                        _ => Part::Word(word),
                    });
                }
            }
        }
    }
}

impl Node {
    pub(crate) fn is(&self, keywords: &[&str]) -> bool {
        keywords.contains(&self.keyword.as_str())
    }

    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.parts.iter().filter_map(|part| match part {
            Part::Node(node) => Some(node),
            _ => None,
        })
    }

    /// The first child with one of these keywords.
    pub(crate) fn child(&self, keywords: &[&str]) -> Option<&Node> {
        self.nodes().find(|n| n.is(keywords))
    }

    pub(crate) fn need(&self, keywords: &[&str], part: &'static str) -> Result<&Node> {
        self.child(keywords).ok_or_else(|| Error::missing(&self.keyword, part))
    }

    /// Text or word number `index`, nodes not counted.
    pub(crate) fn value(&self, index: usize) -> Option<&str> {
        let values = self.parts.iter().filter_map(|part| match part {
            Part::Text(text) | Part::Word(text) => Some(text.as_str()),
            Part::Node(_) => None,
        });
        values.into_iter().nth(index)
    }

    pub(crate) fn name(&self) -> &str {
        self.value(0).unwrap_or("")
    }

    pub(crate) fn number(&self, index: usize) -> Result<f64> {
        let text = self.value(index).ok_or_else(|| Error::missing(&self.keyword, "number"))?;
        super::words::number(&self.keyword, text)
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::Error;

    #[test]
    fn nesting_has_a_bound() {
        let deep = "A[".repeat(100_000);
        assert!(matches!(parse(&deep), Err(Error::Syntax { problem: "nested more than 32 deep", .. })));
    }

    #[test]
    fn quotation_marks_are_doubled_in_text() {
        let node = parse(r#"A["say ""hi""", b]"#).expect("is well formed");
        assert_eq!((node.value(0), node.value(1)), (Some("say \"hi\""), Some("b")));
    }
}
