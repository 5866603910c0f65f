//! From text to words.

use super::tree::{Comparison, Operator};
use crate::error::{Error, Position, Result};

/// A word of the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) what: What,
    /// Bytes of the text.
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    Number(f64),
    Truth(bool),
    Name(String),
    Quoted(String),
    Operator(Operator),
    Comparison(Comparison),
    Not,
    Invert,
    If,
    Else,
    Open,
    Close,
    Comma,
    Semicolon,
    End,
}

/// What people write who think in other languages, and what Python has for it.
const OTHERS: [(&str, &str); 7] = [
    ("&&", "is not an operator: write 'and', or & between parentheses"),
    ("||", "is not an operator: write 'or', or | between parentheses"),
    ("<>", "is not an operator: write !="),
    (":=", "has no place in an expression"),
    ("=", "is not an operator: == compares"),
    ("!", "is not an operator: write 'not'"),
    ("?", "is not an operator: write 'a if condition else b', or where(condition, a, b)"),
];

/// Longer ones before those that they begin with.
const SYMBOLS: [(&str, What); 24] = [
    ("**", What::Operator(Operator::Power)),
    ("//", What::Operator(Operator::FloorDivide)),
    ("<<", What::Operator(Operator::ShiftLeft)),
    (">>", What::Operator(Operator::ShiftRight)),
    ("<=", What::Comparison(Comparison::LessEqual)),
    (">=", What::Comparison(Comparison::GreaterEqual)),
    ("==", What::Comparison(Comparison::Equal)),
    ("!=", What::Comparison(Comparison::NotEqual)),
    ("<", What::Comparison(Comparison::Less)),
    (">", What::Comparison(Comparison::Greater)),
    ("+", What::Operator(Operator::Add)),
    ("-", What::Operator(Operator::Subtract)),
    ("*", What::Operator(Operator::Multiply)),
    ("/", What::Operator(Operator::Divide)),
    ("%", What::Operator(Operator::Remainder)),
    ("&", What::Operator(Operator::BitAnd)),
    ("|", What::Operator(Operator::BitOr)),
    ("^", What::Operator(Operator::BitXor)),
    ("~", What::Invert),
    ("(", What::Open),
    (")", What::Close),
    (",", What::Comma),
    (";", What::Semicolon),
    ("\u{2212}", What::Operator(Operator::Subtract)),
];

/// All words of a text; the last one is its end.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some((rest, first)) = text.get(at..).and_then(|rest| Some((rest, rest.chars().next()?))) {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (what, length) = next(text, at, rest, first)?;
        all.push(Token { what, start: at, end: at + length });
        at += length;
    }
    all.push(Token { what: What::End, start: text.len(), end: text.len() });
    Ok(all)
}

/// One word, and its bytes.
fn next(text: &str, at: usize, rest: &str, first: char) -> Result<(What, usize)> {
    let wrong = |found: &str, problem: String| {
        let position = Position::of(text, at);
        Error::Syntax { position, found: found.into(), problem }
    };
    let second_is_digit = rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit());
    if first.is_ascii_digit() || first == '.' && second_is_digit {
        let (value, length) = number(rest).map_err(|(found, problem)| wrong(found, problem))?;
        return Ok((What::Number(value), length));
    }
    if first == '_' || first.is_alphabetic() {
        let length = rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or_default();
        return Ok((keyword(word).unwrap_or_else(|| What::Name(word.into())), length));
    }
    if let '"' | '\'' | '`' = first {
        let inside = rest.get(1..).unwrap_or_default();
        let name = inside.split_once(first).map(|(name, _)| name);
        let name = name.ok_or_else(|| wrong("", format!("the {first} before has no other that ends the name")))?;
        if name.trim().is_empty() {
            return Err(wrong(&format!("{first}{name}{first}"), "a name is missing between the quotes".into()));
        }
        return Ok((What::Quoted(name.into()), name.len() + 2));
    }
    let begins = |symbol: &str| rest.starts_with(symbol);
    let other = OTHERS.iter().find(|(symbol, _)| begins(symbol));
    let other =
        other.filter(|(symbol, _)| !matches!(*symbol, "=" | "!") || !rest.get(1..).is_some_and(|r| r.starts_with('=')));
    if let Some((symbol, problem)) = other {
        return Err(wrong(symbol, (*problem).into()));
    }
    match SYMBOLS.iter().find(|(symbol, _)| begins(symbol)) {
        Some((symbol, what)) => Ok((what.clone(), symbol.len())),
        None => Err(wrong(&first.to_string(), "has no place in an expression".into())),
    }
}

/// Words that are not names. rio-tiler lower-cases all it is given, so they are known in upper case too.
fn keyword(word: &str) -> Option<What> {
    let all = [
        ("and", What::Operator(Operator::And)),
        ("or", What::Operator(Operator::Or)),
        ("not", What::Not),
        ("if", What::If),
        ("else", What::Else),
        ("true", What::Truth(true)),
        ("false", What::Truth(false)),
    ];
    all.into_iter().find(|(keyword, _)| keyword.eq_ignore_ascii_case(word)).map(|(_, what)| what)
}

/// Whether a name is read as one without quotes.
pub(super) fn is_plain(name: &str) -> bool {
    let begins = name.chars().next().is_some_and(|c| c == '_' || c.is_alphabetic());
    begins && name.chars().all(|c| c == '_' || c.is_alphanumeric()) && keyword(name).is_none()
}

/// A number as Python writes it, and its bytes; else what was found and what is wrong with it.
fn number(rest: &str) -> Result<(f64, usize), (&str, String)> {
    let radix = match rest.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => 16,
        Some("0o") => 8,
        Some("0b") => 2,
        _ => 10,
    };
    let bytes = rest.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(|b| b.is_ascii_digit());
    let digits = |mut at: usize| {
        while digit(at) || bytes.get(at) == Some(&b'_') && digit(at + 1) {
            at += 1;
        }
        at
    };
    let mut end = 0;
    if radix == 10 {
        end = digits(0);
        if bytes.get(end) == Some(&b'.') {
            end = digits(end + 1);
        }
        if let Some(b'e' | b'E') = bytes.get(end) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            if digit(end + 1 + sign) {
                end = digits(end + 1 + sign);
            }
        }
    }
    // What follows without a blank belongs to it.
    let length = end
        + rest.get(end..).and_then(|r| r.find(|c: char| c != '_' && !c.is_alphanumeric())).unwrap_or(rest.len() - end);
    let word = rest.get(..length).unwrap_or_default();
    let plain = word.replace('_', "");
    let value = match radix {
        10 if length == end => plain.parse::<f64>().ok(),
        10 => None,
        _ => u64::from_str_radix(plain.get(2..).unwrap_or_default(), radix).ok().map(|v| v as f64),
    };
    match value {
        Some(value) if value.is_finite() => Ok((value, length)),
        Some(_) => Err((word, "is too large for a number".into())),
        None if word.ends_with(['j', 'J']) => Err((word, "is a complex number: expressions are real".into())),
        None => Err((word, "is not a number; a name that begins like one stands between quotes".into())),
    }
}
