//! From text to a tree, and back.
//!
//! The grammar is Python's, of expressions that numbers have: see [`Expression`](crate::Expression).

pub(crate) mod parse;
mod print;
mod token;
pub(crate) mod tree;
