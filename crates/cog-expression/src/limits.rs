//! Bounds on what a text can make this crate do.

/// Bounds on a text of expressions. Text of a stranger is safe within the default ones: parsing takes microseconds, evaluating as long as the
/// operations that they allow.
///
/// ```
/// use cog_expression::{Expression, Limits};
///
/// let mut limits = Limits::default();
/// limits.operations = 3;
/// assert!(Expression::parse_within("b1 * 2 + 1", &limits).is_ok());
/// assert!(Expression::parse_within("b1 * 2 + 1 - b2 / 3", &limits).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of the text.
    pub length: usize,
    /// Parentheses, calls, signs, powers and choices inside each other. Never more than 128, whatever is set: each takes stack.
    pub depth: usize,
    /// Operators and calls in the whole text.
    pub operations: usize,
    /// Expressions between semicolons: bands of the output.
    pub expressions: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { length: 1 << 14, depth: 64, operations: 1000, expressions: 100 }
    }
}
