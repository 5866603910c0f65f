//! From a tree to text, with the parentheses that it needs.

use std::fmt;

use super::token::is_plain;
use super::tree::{Id, Name, Node, Operator, Sign, Tree, binding};

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = texts(self);
        for (i, (root, _)) in self.roots.iter().enumerate() {
            if i > 0 {
                f.write_str("; ")?;
            }
            f.write_str(texts.get(*root).map_or("", |(text, _)| text))?;
        }
        Ok(())
    }
}

/// Text of each node, and how tightly its operator binds.
fn texts(tree: &Tree) -> Vec<(String, u8)> {
    let mut all: Vec<(String, u8)> = Vec::with_capacity(tree.nodes.len());
    for node in &tree.nodes {
        let plain = |id: &Id| all.get(*id).map_or("", |(text, _)| text);
        let within = |id: &Id, least: u8| match all.get(*id) {
            Some((text, binds)) if *binds < least => format!("({text})"),
            Some((text, _)) => text.clone(),
            None => String::new(),
        };
        all.push(match node {
            Node::Number(value) => (number(*value), binding::OPERAND),
            Node::Truth(value) => ((if *value { "True" } else { "False" }).to_owned(), binding::OPERAND),
            Node::Name(index) => (tree.names.get(*index).map(name).unwrap_or_default(), binding::OPERAND),
            Node::Sign(sign, a) => match sign {
                Sign::Not => (format!("not {}", within(a, binding::NOT)), binding::NOT),
                Sign::Plus => (format!("+{}", within(a, binding::SIGN)), binding::SIGN),
                Sign::Minus => (format!("-{}", within(a, binding::SIGN)), binding::SIGN),
                Sign::Invert => (format!("~{}", within(a, binding::SIGN)), binding::SIGN),
            },
            Node::Operator(operator, a, b) => {
                let binds = operator.binding();
                let (left, right) = match operator {
                    Operator::Power => (binding::OPERAND, binding::SIGN),
                    _ => (binds, binds + 1),
                };
                (format!("{} {} {}", within(a, left), operator.text(), within(b, right)), binds)
            }
            Node::Comparisons(a, rest) => {
                let mut text = within(a, binding::COMPARISON + 1);
                let middles = rest.len().saturating_sub(1);
                for (i, (comparison, b)) in rest.iter().enumerate() {
                    let bitwise = matches!(tree.nodes.get(*b), Some(Node::Operator(o, ..)) if o.is_bitwise());
                    let least = if bitwise && i < middles { binding::OPERAND } else { binding::COMPARISON + 1 };
                    text += &format!(" {} {}", comparison.text(), within(b, least));
                }
                (text, binding::COMPARISON)
            }
            Node::Choice { yes, condition, no } => {
                let (yes, condition) = (within(yes, binding::OR), within(condition, binding::OR));
                (format!("{yes} if {condition} else {}", within(no, binding::CHOICE)), binding::CHOICE)
            }
            Node::Call(function, arguments) => {
                let arguments: Vec<&str> = arguments.iter().map(plain).collect();
                (format!("{}({})", function.name, arguments.join(", ")), binding::OPERAND)
            }
        });
    }
    all
}

/// Shortest digits that read back as this number.
fn number(value: f64) -> String {
    if value.fract() == 0.0 && value < 1e15 { format!("{value}") } else { format!("{value:?}") }
}

fn name(name: &Name) -> String {
    if !name.quoted && is_plain(&name.text) {
        return name.text.clone();
    }
    // A name between one kind of quotes has none of that kind itself.
    let quote = ['"', '\'', '`'].into_iter().find(|quote| !name.text.contains(*quote)).unwrap_or('"');
    format!("{quote}{}{quote}", name.text)
}

#[cfg(test)]
mod tests {
    use crate::limits::Limits;
    use crate::syntax::parse::parse;

    #[test]
    fn parentheses_stay_where_they_are_needed() {
        for (text, printed) in [
            ("(b4-b1)/(b4+b1)", "(b4 - b1) / (b4 + b1)"),
            ("((a)*b)+c", "a * b + c"),
            ("a-(b-c)", "a - (b - c)"),
            ("(-a)**2", "(-a) ** 2"),
            ("-(a**2)", "-a ** 2"),
            ("(a**b)**c", "(a ** b) ** c"),
            ("(a<b)<c", "(a < b) < c"),
            ("a<(b&1)<c", "a < (b & 1) < c"),
            ("not (a and b)", "not (a and b)"),
            ("(a if b else c) + 1", "(a if b else c) + 1"),
            ("'rgb-10m' + \"b1\"; `a'b`", "\"rgb-10m\" + \"b1\"; \"a'b\""),
            ("where(a, 1e300, 0.1); 1e2;", "where(a, 1e300, 0.1); 100"),
            ("true - -1", "True - -1"),
        ] {
            let tree = parse(text, &Limits::default()).unwrap();
            assert_eq!(tree.to_string(), printed);
            assert_eq!(parse(printed, &Limits::default()).unwrap(), tree);
        }
    }
}
