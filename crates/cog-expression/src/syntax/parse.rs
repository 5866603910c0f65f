//! From words to a tree: operators by how tightly they bind.
//!
//! Bounds are checked before anything grows, and each mistake is told with its place. That, chains of comparisons, and `a if c else b` are what
//! parsers of other crates leave to their callers; without them there is only this loop and the table of [`binding`].

use super::token::{Token, What, tokens};
use super::tree::{Comparison, Id, Name, Node, Operator, Sign, Tree, binding};
use crate::error::{Error, Position, Result};
use crate::function;
use crate::limits::Limits;

/// Whatever [`Limits::depth`] says.
const DEEPEST: usize = 128;

/// The expressions of a text.
pub(crate) fn parse(text: &str, limits: &Limits) -> Result<Tree> {
    if text.len() > limits.length {
        return Err(Error::TooLong { length: text.len(), limit: limits.length });
    }
    let mut parser = Parser {
        text,
        tokens: tokens(text)?,
        at: 0,
        tree: Tree::default(),
        enclosed: Vec::new(),
        depth: 0,
        operations: 0,
        limits,
    };
    parser.all()?;
    Ok(parser.tree)
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    tree: Tree,
    /// Of each node: whether it stands in parentheses of its own.
    enclosed: Vec<bool>,
    depth: usize,
    operations: usize,
    limits: &'a Limits,
}

impl Parser<'_> {
    fn all(&mut self) -> Result<()> {
        loop {
            while self.take(&What::Semicolon) {}
            let start = self.here();
            if self.peek() == &What::End {
                break;
            }
            if self.tree.roots.len() >= self.limits.expressions {
                let position = Position::of(self.text, start);
                return Err(Error::TooManyExpressions { position, limit: self.limits.expressions });
            }
            let root = self.expression(binding::CHOICE)?;
            if !matches!(self.peek(), What::Semicolon | What::End) {
                return Err(self.wrong(match self.peek() {
                    What::Close => "no ( belongs to it",
                    What::Comma => "stands between arguments of a function only; ; separates expressions",
                    What::Not => "belongs into parentheses here",
                    What::Else => "no 'if' belongs to it",
                    _ => "an operator is missing before it",
                }));
            }
            let text = self.text.get(start..self.here()).unwrap_or_default().trim().to_owned();
            self.tree.roots.push((root, text));
        }
        if self.tree.roots.is_empty() { Err(Error::Empty) } else { Ok(()) }
    }

    /// An operand and all operators behind it that bind at least so tightly.
    fn expression(&mut self, least: u8) -> Result<Id> {
        let mut left = self.operand(least)?;
        loop {
            left = match *self.peek() {
                What::Operator(operator) if operator.binding() >= least => {
                    self.operation()?;
                    // `2 ** -1`, and `2 ** 3 ** 2` from the right.
                    let right = match operator {
                        Operator::Power => self.inside(|parser| parser.expression(binding::SIGN))?,
                        other => self.expression(other.binding() + 1)?,
                    };
                    self.add(Node::Operator(operator, left, right))
                }
                What::Comparison(_) if binding::COMPARISON >= least => self.comparisons(left)?,
                What::If if binding::CHOICE >= least => {
                    self.operation()?;
                    let condition = self.expression(binding::OR)?;
                    if !self.take(&What::Else) {
                        return Err(
                            self.wrong("'else' is missing before it: a value has two sides, 'a if condition else b'")
                        );
                    }
                    let no = self.inside(|parser| parser.expression(binding::CHOICE))?;
                    self.add(Node::Choice { yes: left, condition, no })
                }
                _ => return Ok(left),
            };
        }
    }

    /// `a < b`, and `a < b < c` as Python means it.
    fn comparisons(&mut self, first: Id) -> Result<Id> {
        let mut rest: Vec<(Comparison, Id)> = Vec::new();
        while let What::Comparison(comparison) = *self.peek() {
            // `b1 > 0 & b2 < 9` is `b1 > (0 & b2) < 9`, which nobody means.
            if let Some((_, middle)) = rest.last()
                && let Some(Node::Operator(operator, ..)) = self.tree.nodes.get(*middle)
                && operator.is_bitwise()
                && self.enclosed.get(*middle) == Some(&false)
            {
                let operator = operator.text();
                return Err(self.wrong(&format!(
                    "{operator} before it binds tighter than comparisons: put them into parentheses, '(a < b) {operator} (c < d)'"
                )));
            }
            self.operation()?;
            let right = self.expression(binding::COMPARISON + 1)?;
            rest.push((comparison, right));
        }
        Ok(self.add(Node::Comparisons(first, rest)))
    }

    /// What operators stand between.
    fn operand(&mut self, least: u8) -> Result<Id> {
        let start = self.here();
        let sign = match *self.peek() {
            What::Operator(Operator::Add) => Some(Sign::Plus),
            What::Operator(Operator::Subtract) => Some(Sign::Minus),
            What::Invert => Some(Sign::Invert),
            What::Not if least > binding::NOT => return Err(self.wrong("belongs into parentheses here")),
            What::Not => Some(Sign::Not),
            _ => None,
        };
        if let Some(sign) = sign {
            self.operation()?;
            let binds = if sign == Sign::Not { binding::NOT } else { binding::SIGN };
            let operand = self.inside(|parser| parser.expression(binds))?;
            return Ok(self.add(Node::Sign(sign, operand)));
        }
        match self.peek().clone() {
            What::Number(value) => {
                self.at += 1;
                Ok(self.add(Node::Number(value)))
            }
            What::Truth(value) => {
                self.at += 1;
                Ok(self.add(Node::Truth(value)))
            }
            What::Quoted(name) => {
                self.at += 1;
                Ok(self.name(name, true, start))
            }
            What::Name(name) => {
                self.at += 1;
                match self.peek() {
                    What::Open => self.call(&name, start),
                    _ => Ok(self.name(name, false, start)),
                }
            }
            What::Open => {
                self.at += 1;
                let id = self.inside(|parser| parser.expression(binding::CHOICE))?;
                self.close()?;
                if let Some(enclosed) = self.enclosed.get_mut(id) {
                    *enclosed = true;
                }
                Ok(id)
            }
            What::End => Err(self.wrong("a value is missing")),
            _ => Err(self.wrong("a value is missing before it")),
        }
    }

    fn call(&mut self, name: &str, start: usize) -> Result<Id> {
        let position = Position::of(self.text, start);
        let function = function::named(name).ok_or_else(|| Error::UnknownFunction { name: name.into(), position })?;
        self.operation()?;
        let mut arguments = Vec::new();
        while self.peek() != &What::Close {
            arguments.push(self.inside(|parser| parser.expression(binding::CHOICE))?);
            if !self.take(&What::Comma) {
                break;
            }
        }
        self.close()?;
        if !function.takes(arguments.len()) {
            let (name, takes, given) = (function.name, function.arguments(), arguments.len());
            return Err(Error::Arguments { name, takes, given, position });
        }
        Ok(self.add(Node::Call(function, arguments)))
    }

    fn close(&mut self) -> Result<()> {
        match (self.take(&What::Close), self.peek()) {
            (true, _) => Ok(()),
            (false, What::End | What::Semicolon | What::Comma) => Err(self.wrong("a ) is missing before it")),
            (false, _) => Err(self.wrong("an operator, or a ), is missing before it")),
        }
    }

    fn name(&mut self, text: String, quoted: bool, start: usize) -> Id {
        let known = self.tree.names.iter().position(|name| name.text == text && name.quoted == quoted);
        let index = known.unwrap_or_else(|| {
            self.tree.names.push(Name { text, quoted, position: Position::of(self.text, start) });
            self.tree.names.len() - 1
        });
        self.add(Node::Name(index))
    }

    fn add(&mut self, node: Node) -> Id {
        self.tree.nodes.push(node);
        self.enclosed.push(false);
        self.tree.nodes.len() - 1
    }

    /// Steps over an operator.
    fn operation(&mut self) -> Result<()> {
        self.operations += 1;
        if self.operations > self.limits.operations {
            let position = Position::of(self.text, self.here());
            return Err(Error::TooManyOperations { position, limit: self.limits.operations });
        }
        self.at += 1;
        Ok(())
    }

    /// One level further inside.
    fn inside(&mut self, parse: impl FnOnce(&mut Self) -> Result<Id>) -> Result<Id> {
        let limit = self.limits.depth.min(DEEPEST);
        if self.depth >= limit {
            let position = Position::of(self.text, self.here());
            return Err(Error::TooDeep { position, limit });
        }
        self.depth += 1;
        let id = parse(self)?;
        self.depth -= 1;
        Ok(id)
    }

    fn peek(&self) -> &What {
        self.tokens.get(self.at).map_or(&What::End, |token| &token.what)
    }

    fn take(&mut self, what: &What) -> bool {
        let is = self.peek() == what;
        self.at += usize::from(is);
        is
    }

    /// Where the next word begins.
    fn here(&self) -> usize {
        self.tokens.get(self.at).map_or(self.text.len(), |token| token.start)
    }

    /// The next word is wrong.
    fn wrong(&self, problem: &str) -> Error {
        let (start, end) = self.tokens.get(self.at).map_or((0, 0), |token| (token.start, token.end));
        let found = self.text.get(start..end).unwrap_or_default().to_owned();
        Error::Syntax { position: Position::of(self.text, start), found, problem: problem.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With every operation in parentheses.
    fn shape(text: &str) -> String {
        let tree = parse(text, &Limits::default()).unwrap_or_else(|error| panic!("{text}: {error}"));
        let mut texts: Vec<String> = Vec::new();
        for node in &tree.nodes {
            let of = |id: &Id| texts[*id].clone();
            texts.push(match node {
                Node::Number(v) => v.to_string(),
                Node::Truth(v) => v.to_string(),
                Node::Name(index) => tree.names[*index].text.clone(),
                Node::Sign(sign, a) => format!("({sign:?} {})", of(a)),
                Node::Operator(operator, a, b) => format!("({} {} {})", of(a), operator.text(), of(b)),
                Node::Comparisons(a, rest) => {
                    let rest: String = rest.iter().map(|(c, b)| format!(" {} {}", c.text(), of(b))).collect();
                    format!("({}{rest})", of(a))
                }
                Node::Choice { yes, condition, no } => format!("({} if {} else {})", of(yes), of(condition), of(no)),
                Node::Call(function, all) => {
                    format!("{}({})", function.name, all.iter().map(of).collect::<Vec<_>>().join(", "))
                }
            });
        }
        tree.roots.iter().map(|(root, _)| texts[*root].clone()).collect::<Vec<_>>().join("; ")
    }

    /// As `ast.parse` of Python 3.11 has it.
    #[test]
    fn operators_bind_as_in_python() {
        for (text, expected) in [
            ("a-b-c", "((a - b) - c)"),
            ("a+b*c", "(a + (b * c))"),
            ("-a**2", "(Minus (a ** 2))"),
            ("2**-a", "(2 ** (Minus a))"),
            ("a**b**c", "(a ** (b ** c))"),
            ("-a*b", "((Minus a) * b)"),
            ("~a&b", "((Invert a) & b)"),
            ("a|b^c&d<<e", "(a | (b ^ (c & (d << e))))"),
            ("a&4==4", "((a & 4) == 4)"),
            ("not a==b", "(Not (a == b))"),
            ("not a and b or c", "(((Not a) and b) or c)"),
            ("a<b<=c", "(a < b <= c)"),
            ("(a<b)<c", "((a < b) < c)"),
            ("a if b else c if d else e", "(a if b else (c if d else e))"),
            ("a or b if c else d", "((a or b) if c else d)"),
            ("a if b or c else d", "(a if (b or c) else d)"),
            ("where(a>1,b,c)+1", "(where((a > 1), b, c) + 1)"),
            ("a//b%c", "((a // b) % c)"),
            ("- - a", "(Minus (Minus a))"),
            ("WHERE(a, NOT b, True)", "where(a, (Not b), true)"),
            (" a ;; b*2; ", "a; (b * 2)"),
            ("a if b else -c", "(a if b else (Minus c))"),
            ("(a & b) > 0 < c", "((a & b) > 0 < c)"),
            ("a < (b & 1) < c", "(a < (b & 1) < c)"),
        ] {
            assert_eq!(shape(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_are_pythons() {
        for (text, value) in [
            ("1", 1.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("1e3", 1000.0),
            ("2.5E-2", 0.025),
            ("1_000", 1000.0),
            ("0x1F", 31.0),
            ("0b101", 5.0),
            ("0o17", 15.0),
        ] {
            let tree = parse(text, &Limits::default()).unwrap();
            assert_eq!(tree.nodes, [Node::Number(value)], "{text}");
        }
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (text, character, words) in [
            ("(b1+b2", 7, "(the end): a ) is missing"),
            ("b1+", 4, "(the end): a value is missing"),
            ("b1 b2", 4, "'b2': an operator is missing"),
            ("b1)", 3, "')': no ( belongs to it"),
            ("*b1", 1, "'*': a value is missing"),
            ("b1 && b2", 4, "'&&' is not an operator: write 'and'"),
            ("b1 = 2", 4, "'=' is not an operator: == compares"),
            ("!b1", 1, "write 'not'"),
            ("b1 > 0 & b2 < 9", 13, "& before it binds tighter"),
            ("b1 + not b2", 6, "'not': belongs into parentheses"),
            ("b1 if b2", 9, "'else' is missing"),
            ("b1 else b2", 4, "no 'if' belongs to it"),
            ("b1, b2", 3, "; separates expressions"),
            ("where(b1, 2)", 1, "where takes three arguments"),
            ("min(b1)", 1, "min takes two arguments or more"),
            ("b1 + foo(2)", 6, "there is no function foo; there are abs,"),
            ("rgb-10m", 5, "'10m' is not a number; a name that begins like one"),
            ("b1+1j", 4, "complex"),
            ("1e999", 1, "too large"),
            ("\"red", 1, "has no other that ends the name"),
            ("b1[0]", 3, "'[' has no place"),
            ("ä#", 2, "'#' has no place"),
            ("np.sqrt(b1)", 3, "'.' has no place"),
            ("f(", 1, "no function f"),
            ("abs(b1", 7, "a ) is missing"),
            ("abs(b1 b2)", 8, "an operator, or a ), is missing"),
        ] {
            let error = parse(text, &Limits::default()).unwrap_err();
            assert_eq!(error.position().map(|p| p.character), Some(character), "{text}: {error}");
            let told = error.to_string().replace("': is not", "' is not").replace("': has no", "' has no");
            assert!(told.contains(words), "{text}: {error}");
        }
        assert_eq!(parse(" ; ", &Limits::default()).unwrap_err(), Error::Empty);
    }

    #[test]
    fn bounds_hold() {
        let limits = Limits::default();
        let error = |text: &str| parse(text, &limits).unwrap_err();
        assert!(matches!(error(&"1".repeat(20_000)), Error::TooLong { length: 20_000, limit: 16_384 }));
        for deep in ["(", "-", "not ", "abs(", "b1**", "a if a else "] {
            let error = error(&format!("{}b1", deep.repeat(1000)));
            assert!(matches!(error, Error::TooDeep { limit: 64, .. }), "{deep}: {error}");
        }
        assert!(matches!(error(&"b1+".repeat(1001)), Error::TooManyOperations { limit: 1000, .. }));
        assert!(matches!(error(&"b1;".repeat(101)), Error::TooManyExpressions { limit: 100, .. }));
        assert!(parse(&"b1+".repeat(1000).add_end(), &limits).is_ok());
        let deepest = Limits { depth: usize::MAX, length: usize::MAX, operations: usize::MAX, expressions: 1 };
        let error = parse(&"(".repeat(1 << 20), &deepest).unwrap_err();
        assert!(matches!(error, Error::TooDeep { limit: 128, .. }), "{error}");
        // Each level as deep in the parser as it can be; tests run with a stack of 2 MiB.
        let error = parse(&"a or b and c < d | e ^ f & g << h + i * (".repeat(1 << 10), &deepest).unwrap_err();
        assert!(matches!(error, Error::TooDeep { limit: 128, .. }), "{error}");
        let long = "b1+".repeat(1 << 16).add_end();
        assert_eq!(parse(&long, &deepest).unwrap().nodes.len(), (2 << 16) + 1);
    }

    trait AddEnd {
        fn add_end(self) -> String;
    }

    impl AddEnd for String {
        fn add_end(self) -> String {
            self + "b1"
        }
    }
}
