//! WKT, read: both grammars have nodes of a keyword and what stands in its brackets.

pub(crate) mod lexer;
pub(crate) mod wkt1;
pub(crate) mod wkt2;
pub(crate) mod words;
