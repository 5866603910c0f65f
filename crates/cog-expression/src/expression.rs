//! Expressions as text.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::syntax::parse::parse;
use crate::syntax::tree::{Name, Tree};

/// One expression, or several between semicolons, read and checked; not yet tied to bands. `Display` prints it anew, and what it prints reads
/// back as the same.
///
/// ```
/// use cog_expression::Expression;
///
/// let expression = Expression::parse("(b4-b1)/(b4+b1); where(b1 > 0.2, b1, nan)")?;
/// assert_eq!(expression.names().collect::<Vec<_>>(), ["b4", "b1"]);
/// assert_eq!(expression.texts().collect::<Vec<_>>(), ["(b4-b1)/(b4+b1)", "where(b1 > 0.2, b1, nan)"]);
///
/// let error = Expression::parse("b1 && b2").unwrap_err();
/// assert_eq!(error.to_string(), "character 4, '&&': is not an operator: write 'and', or & between parentheses");
/// # Ok::<(), cog_expression::Error>(())
/// ```
///
/// The language is Python's, as far as numbers have it, so that expressions of rio-tiler, titiler and numexpr can be taken as they are; from the
/// loosest to what binds tightest:
///
/// | | |
/// |---|---|
/// | `a if c else b` | `a` where `c` is true, else `b`: as `where(c, a, b)` |
/// | `or`, `and`, `not` | of what is not 0 |
/// | `<` `<=` `>` `>=` `==` `!=` | a chain `0 < b1 < 9` is `0 < b1 and b1 < 9`, as in Python (numexpr refuses it) |
/// | `\|` `^` `&` `<<` `>>` | bits of whole numbers; of comparisons "or", "differ" and "and" |
/// | `+` `-` `*` `/` `//` `%` | `/` is exact division, `//` rounds down, `%` has the sign of the divisor |
/// | `-` `+` `~` | `~` of a comparison is "not" |
/// | `**` | from the right: `2**3**2` is `2**9`, `-a**2` is `-(a**2)` |
///
/// As `&` and `\|` bind tighter than comparisons, `b1 > 0 & b2 < 9` is refused, with the parentheses that it needs.
///
/// Numbers are those of Python: `1`, `.5`, `1e-3`, `1_000`, `0xff`. `nan`, `inf`, `pi` and `e` are known, unless a band has that name. Functions are
/// those of numexpr that make a number from numbers: `abs`, `arccos`, `arccosh`, `arcsin`, `arcsinh`, `arctan`, `arctan2`, `arctanh`, `ceil`,
/// `copysign`, `cos`, `cosh`, `exp`, `expm1`, `floor`, `fmod`, `hypot`, `imag`, `isfinite`, `isinf`, `isnan`, `log`, `log10`, `log1p`, `log2`,
/// `maximum`, `minimum`, `nextafter`, `ones_like`, `real`, `round`, `sign`, `signbit`, `sin`, `sinh`, `sqrt`, `tan`, `tanh`, `trunc`, `where`; also
/// `power`, `mod`, and `min` and `max` of several arguments. Functions that go over all pixels (`sum`, `prod`) there are not.
///
/// All other words are names of bands. A name that does not look like one stands between quotes: `"rgb-10m" / 'B 8A'`. Upper and lower case
/// are the same wherever a name is not there twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    tree: Tree,
}

impl Expression {
    /// Reads a text, within the default [`Limits`].
    ///
    /// # Errors
    /// What is no expression, with its place in the text; more than the limits allow.
    pub fn parse(text: &str) -> Result<Expression> {
        Expression::parse_within(text, &Limits::default())
    }

    /// Reads a text, within limits.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_within(text: &str, limits: &Limits) -> Result<Expression> {
        Ok(Expression { tree: parse(text, limits)? })
    }

    /// The names in it that are not those of constants, each once, in the order in which they appear: what has to be there before it can be
    /// evaluated. Names are as they were written.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let bands = self.tree.names.iter().filter(|name| constant(name).is_none());
        bands.map(|name| name.text.as_str())
    }

    /// The text of each expression: what to call the bands of the output.
    pub fn texts(&self) -> impl ExactSizeIterator<Item = &str> {
        self.tree.roots.iter().map(|(_, text)| text.as_str())
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }
}

/// The value of a constant's name.
pub(crate) fn constant(name: &Name) -> Option<f64> {
    let all = [("nan", f64::NAN), ("inf", f64::INFINITY), ("pi", std::f64::consts::PI), ("e", std::f64::consts::E)];
    let found = all.into_iter().find(|(known, _)| !name.quoted && known.eq_ignore_ascii_case(&name.text));
    found.map(|(_, value)| value)
}

impl FromStr for Expression {
    type Err = Error;

    fn from_str(text: &str) -> Result<Expression> {
        Expression::parse(text)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tree.fmt(f)
    }
}
