//! What can be wrong with an expression, or with what it is evaluated over.

use std::fmt::{self, Write};

use cog_error::ErrorClass;

/// A shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Where in the text of an expression: bytes from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Bytes before it.
    pub byte: usize,
    /// Characters up to it, itself included: people count from 1.
    pub character: usize,
}

impl Position {
    /// The position of a byte of the text.
    pub(crate) fn of(text: &str, byte: usize) -> Position {
        let before = text.char_indices().take_while(|(at, _)| *at < byte).count();
        Position { byte, character: before + 1 }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "character {}", self.character)
    }
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing but blanks and semicolons.
    #[error("there is no expression")]
    Empty,
    /// The text is not an expression.
    #[error("{position}{}: {problem}", quoted(found))]
    Syntax {
        /// Where.
        position: Position,
        /// What stands there; empty at the end.
        found: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A function that there is not.
    #[error("{position}: there is no function {name}; there are {}", crate::function::names())]
    UnknownFunction {
        /// Its name.
        name: String,
        /// Where it is called.
        position: Position,
    },
    /// A function called with too many arguments, or too few.
    #[error("{position}: {name} takes {takes}, not {given}")]
    Arguments {
        /// Of the function.
        name: &'static str,
        /// In words.
        takes: &'static str,
        /// As many were given.
        given: usize,
        /// Where it is called.
        position: Position,
    },
    /// A name that stands for no band.
    #[error("{position}: '{name}' is not the name of a band; there {}", listed(known))]
    UnknownName {
        /// As it was written.
        name: String,
        /// Where it stands first.
        position: Position,
        /// The names that there are.
        known: Vec<String>,
    },
    /// A name that is one band's as well as another's but for upper and lower case.
    #[error("{position}: '{name}' may be any of {}", candidates.join(", "))]
    AmbiguousName {
        /// As it was written.
        name: String,
        /// Where it stands first.
        position: Position,
        /// The names that it may be.
        candidates: Vec<String>,
    },
    /// No name of a band in any of the expressions.
    #[error("the expression names no band, so there is nothing to evaluate it over; there {}", listed(known))]
    NoBand {
        /// The names that there are.
        known: Vec<String>,
    },
    /// A longer text than allowed.
    #[error("the text has {length} bytes, more than the limit of {limit} (Limits::length)")]
    TooLong {
        /// Bytes of the text.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// Parentheses, calls, signs, powers and choices further inside each other than allowed.
    #[error(
        "{position}: more than {limit} parentheses, calls, signs, powers and choices inside each other (Limits::depth)"
    )]
    TooDeep {
        /// Where there is one too many.
        position: Position,
        /// The limit.
        limit: usize,
    },
    /// More operators and calls than allowed.
    #[error("{position}: more than {limit} operators and calls (Limits::operations)")]
    TooManyOperations {
        /// Where there is one too many.
        position: Position,
        /// The limit.
        limit: usize,
    },
    /// More expressions than allowed.
    #[error("{position}: more than {limit} expressions (Limits::expressions)")]
    TooManyExpressions {
        /// Where the first that is too many begins.
        position: Position,
        /// The limit.
        limit: usize,
    },
    /// Other bands than the program asked for.
    #[error("the expression needs {needed} bands and was given {given}")]
    BandCount {
        /// As many as [`Program::bands`](crate::Program::bands) lists.
        needed: usize,
        /// As many as there were.
        given: usize,
    },
    /// A band, or a mask, of another size than the first band; or a band that its pixels do not have.
    #[error(
        "band {band} of those given, or its mask, has {rows} × {columns} pixels where the first has {expected_rows} × {expected_columns}"
    )]
    Shape {
        /// Which, from 0.
        band: usize,
        /// Its rows.
        rows: usize,
        /// Its columns.
        columns: usize,
        /// Rows of the first band.
        expected_rows: usize,
        /// Columns of the first band.
        expected_columns: usize,
    },
    /// Complex samples where one number is needed.
    #[error("the samples of '{name}' are complex: write real({name}), imag({name}) or abs({name})")]
    Complex {
        /// The band, as the expression calls it.
        name: String,
    },
    /// The system refused the memory of the result.
    #[error("no memory for {bytes} bytes")]
    OutOfMemory {
        /// Bytes needed; `u64::MAX` stands for more than can be counted.
        bytes: u64,
    },
}

impl Error {
    /// Who can act on it.
    pub fn class(&self) -> ErrorClass {
        match self {
            Error::TooLong { .. }
            | Error::TooDeep { .. }
            | Error::TooManyOperations { .. }
            | Error::TooManyExpressions { .. }
            | Error::OutOfMemory { .. } => ErrorClass::Limits,
            Error::Empty
            | Error::Syntax { .. }
            | Error::UnknownFunction { .. }
            | Error::Arguments { .. }
            | Error::UnknownName { .. }
            | Error::AmbiguousName { .. }
            | Error::NoBand { .. }
            | Error::BandCount { .. }
            | Error::Shape { .. }
            | Error::Complex { .. } => ErrorClass::Usage,
        }
    }

    /// Where in the text, of errors that have a place there.
    pub fn position(&self) -> Option<Position> {
        match self {
            Error::Syntax { position, .. }
            | Error::UnknownFunction { position, .. }
            | Error::Arguments { position, .. }
            | Error::UnknownName { position, .. }
            | Error::AmbiguousName { position, .. }
            | Error::TooDeep { position, .. }
            | Error::TooManyOperations { position, .. }
            | Error::TooManyExpressions { position, .. } => Some(*position),
            _ => None,
        }
    }
}

fn quoted(found: &str) -> String {
    if found.is_empty() { " (the end)".into() } else { format!(", '{found}'") }
}

/// As many names are listed.
const MOST: usize = 40;

/// Names in a sentence; `b1` to `b13` as such.
fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "are none".into();
    }
    let numbered = (1..).zip(names).take_while(|(n, name)| **name == format!("b{n}")).count();
    let (mut text, mut shown) = (String::new(), Vec::new());
    match numbered {
        0..=3 => {}
        _ => shown.push(format!("b1 to b{numbered}")),
    }
    let skipped = if numbered > 3 { numbered } else { 0 };
    let rest = names.get(skipped..).unwrap_or_default();
    shown.extend(rest.iter().take(MOST).cloned());
    text += if names.len() == 1 { "is " } else { "are " };
    text += &shown.join(", ");
    if rest.len() > MOST {
        _ = write!(text, " and {} more", rest.len() - MOST);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_shortly() {
        let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(listed(&[]), "are none");
        assert_eq!(listed(&names(&["b1"])), "is b1");
        assert_eq!(listed(&names(&["b1", "b2", "red"])), "are b1, b2, red");
        assert_eq!(listed(&names(&["b1", "b2", "b3", "b4", "red"])), "are b1 to b4, red");
        let many: Vec<String> = (0..45).map(|n| format!("asset{n}")).collect();
        assert!(listed(&many).ends_with("asset39 and 5 more"), "{}", listed(&many));
    }

    #[test]
    fn positions_count_characters() {
        assert_eq!(Position::of("ä+b", 2), Position { byte: 2, character: 2 });
        assert_eq!(Position::of("ab", 2).to_string(), "character 3");
    }
}
