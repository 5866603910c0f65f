use crate::model::{Code, Identifier};

/// One part of WKT between two commas.
enum Part {
    Word(String),
    Node(Node),
}

/// `KEYWORD[part,part,…]`.
pub(super) struct Node {
    keyword: &'static str,
    parts: Vec<Part>,
}

/// How WKT is broken into lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    OneLine,
    /// A line for each part with parts, indented by four spaces.
    Indented,
}

impl Node {
    pub(super) fn new(keyword: &'static str) -> Node {
        Node { keyword, parts: Vec::new() }
    }

    pub(super) fn named(keyword: &'static str, name: &str) -> Node {
        Node::new(keyword).quoted(name)
    }

    pub(super) fn word(mut self, word: impl Into<String>) -> Node {
        self.parts.push(Part::Word(word.into()));
        self
    }

    pub(super) fn number(self, value: f64) -> Node {
        self.word(super::number(value))
    }

    pub(super) fn quoted(self, text: &str) -> Node {
        self.word(format!("\"{}\"", text.replace('"', "\"\"")))
    }

    pub(super) fn push(&mut self, node: Node) {
        self.parts.push(Part::Node(node));
    }

    pub(super) fn with(mut self, node: Node) -> Node {
        self.push(node);
        self
    }

    pub(super) fn maybe(mut self, node: Option<Node>) -> Node {
        if let Some(node) = node {
            self.push(node);
        }
        self
    }

    /// `ID["EPSG",4326]`.
    pub(super) fn id(id: &Identifier) -> Node {
        let (authority, version) = id.versioned();
        let node = Node::named("ID", authority);
        let node = match &id.code {
            Code::Number(number) => node.word(number.to_string()),
            Code::Text(text) => node.quoted(text),
        };
        match version {
            Some(version) => node.word(version),
            None => node,
        }
    }

    pub(super) fn write(&self, layout: Layout) -> String {
        let mut out = String::new();
        self.write_into(&mut out, layout, 0);
        out
    }

    fn write_into(&self, out: &mut String, layout: Layout, depth: usize) {
        out.push_str(self.keyword);
        out.push('[');
        for (i, part) in self.parts.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            match part {
                Part::Word(word) => out.push_str(word),
                Part::Node(node) => {
                    if layout == Layout::Indented {
                        // The axes belong to the coordinate system, which WKT does not nest.
                        let depth = depth + 1 + usize::from(node.keyword == "AXIS" && self.keyword != "CS");
                        out.push('\n');
                        out.extend(std::iter::repeat_n("    ", depth));
                        node.write_into(out, layout, depth);
                    } else {
                        node.write_into(out, layout, depth);
                    }
                }
            }
        }
        out.push(']');
    }
}
