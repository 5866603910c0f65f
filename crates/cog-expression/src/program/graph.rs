//! From a tree to a graph in which each value is made once: equal operations on equal values are one, and what is constant is worked out.

use std::collections::HashMap;

use super::{Meaning, Part};
use crate::function;
use crate::operation::{Binary, Unary, select};
use crate::syntax::tree::{Comparison, Id, Node, Operator, Sign, Tree};

/// Which value: its place in [`Graph::values`].
pub(super) type Value = usize;

/// Values behind those that they are made of.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) values: Vec<Made>,
    known: HashMap<Key, Value>,
    /// Of each value: whether it is true or false, not a number.
    logical: Vec<bool>,
    /// What each expression comes to.
    pub(super) results: Vec<Value>,
}

/// How a value is made.
#[derive(Clone, Copy, Debug)]
pub(super) enum Made {
    Constant(f64),
    Load(usize, Part),
    Unary(Unary, Value),
    Binary(Binary, Value, Value),
    Select(Value, Value, Value),
}

/// A value that is the same however often it is written.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Key {
    Constant(u64, bool),
    Load(usize, Part),
    Unary(Unary, Value),
    Binary(Binary, Value, Value),
    Select(Value, Value, Value),
}

/// Whole powers up to this one are products.
const PRODUCTS: i32 = 8;

impl Graph {
    pub(super) fn of(tree: &Tree, meanings: &[Meaning]) -> Graph {
        let mut graph = Graph::default();
        let mut values: Vec<Value> = Vec::with_capacity(tree.nodes.len());
        for node in &tree.nodes {
            let of = |id: &Id| values.get(*id).copied().unwrap_or_default();
            let value = match node {
                Node::Number(value) => graph.constant(*value),
                Node::Truth(is) => graph.truth(*is),
                Node::Name(index) => match meanings.get(*index) {
                    Some(Meaning::Band(band)) => graph.add(Made::Load(*band, Part::Value), false),
                    Some(Meaning::Constant(value)) => graph.constant(*value),
                    None => graph.constant(f64::NAN),
                },
                Node::Sign(sign, a) => graph.sign(*sign, of(a)),
                Node::Operator(operator, a, b) => graph.operator(*operator, of(a), of(b)),
                Node::Comparisons(first, rest) => {
                    let rest: Vec<(Comparison, Value)> = rest.iter().map(|(c, b)| (*c, of(b))).collect();
                    graph.comparisons(of(first), &rest)
                }
                Node::Choice { yes, condition, no } => graph.select(of(condition), of(yes), of(no)),
                Node::Call(function, arguments) => {
                    let arguments: Vec<Value> = arguments.iter().map(of).collect();
                    graph.call(function.meaning, &arguments)
                }
            };
            values.push(value);
        }
        graph.results = tree.roots.iter().map(|(root, _)| values.get(*root).copied().unwrap_or_default()).collect();
        graph
    }

    fn constant(&mut self, value: f64) -> Value {
        self.add(Made::Constant(value), false)
    }

    fn truth(&mut self, is: bool) -> Value {
        self.add(Made::Constant(if is { 1.0 } else { 0.0 }), true)
    }

    /// The value that is made like this, one and the same each time.
    fn add(&mut self, made: Made, logical: bool) -> Value {
        let key = match made {
            Made::Constant(value) => Key::Constant(value.to_bits(), logical),
            Made::Load(band, part) => Key::Load(band, part),
            Made::Unary(operation, a) => Key::Unary(operation, a),
            Made::Binary(operation, a, b) => Key::Binary(operation, a, b),
            Made::Select(condition, yes, no) => Key::Select(condition, yes, no),
        };
        let (values, kinds) = (&mut self.values, &mut self.logical);
        *self.known.entry(key).or_insert_with(|| {
            values.push(made);
            kinds.push(logical);
            values.len() - 1
        })
    }

    fn known(&self, value: Value) -> Option<f64> {
        match self.values.get(value) {
            Some(Made::Constant(value)) => Some(*value),
            _ => None,
        }
    }

    fn is_logical(&self, value: Value) -> bool {
        self.logical.get(value).copied().unwrap_or_default()
    }

    /// The same as a number, where it is true or false: 1 or 0.
    fn number(&mut self, value: Value) -> Value {
        match (self.is_logical(value), self.known(value)) {
            (false, _) => value,
            (true, Some(number)) => self.constant(number),
            (true, None) => self.add(Made::Unary(Unary::Abs, value), false),
        }
    }

    fn unary(&mut self, operation: Unary, a: Value) -> Value {
        let logical = operation.is_logical();
        match self.known(a) {
            Some(a) => self.add(Made::Constant(operation.of(a)), logical),
            None => self.add(Made::Unary(operation, a), logical),
        }
    }

    fn binary(&mut self, operation: Binary, a: Value, b: Value) -> Value {
        let logical = operation.is_logical();
        match (self.known(a), self.known(b)) {
            (Some(a), Some(b)) => self.add(Made::Constant(operation.of(a, b)), logical),
            (_, Some(exponent)) if operation == Binary::Power => self.power(a, b, exponent),
            _ => self.add(Made::Binary(operation, a, b), logical),
        }
    }

    /// A power whose exponent is known, as NumPy shortens it: roots, reciprocals, products.
    fn power(&mut self, base: Value, b: Value, exponent: f64) -> Value {
        let whole = (exponent.fract() == 0.0 && exponent.abs() <= f64::from(PRODUCTS)).then_some(exponent as i32);
        match whole {
            Some(0) => self.unary(Unary::OnesLike, base),
            Some(whole) if whole < 0 => {
                let one = self.constant(1.0);
                let product = self.product(base, whole.unsigned_abs());
                self.binary(Binary::Divide, one, product)
            }
            Some(1) => self.number(base),
            Some(whole) => self.product(base, whole.unsigned_abs()),
            None if exponent == 0.5 => self.unary(Unary::Sqrt, base),
            None => self.add(Made::Binary(Binary::Power, base, b), false),
        }
    }

    fn product(&mut self, base: Value, times: u32) -> Value {
        match times {
            0 | 1 => base,
            _ => {
                let half = self.product(base, times / 2);
                let square = self.binary(Binary::Multiply, half, half);
                if times.is_multiple_of(2) { square } else { self.binary(Binary::Multiply, square, base) }
            }
        }
    }

    fn select(&mut self, condition: Value, yes: Value, no: Value) -> Value {
        let logical = self.is_logical(yes) && self.is_logical(no);
        match self.known(condition) {
            Some(condition) if condition.is_nan() => self.constant(select(condition, 0.0, 0.0)),
            Some(condition) => {
                let taken = if condition != 0.0 { yes } else { no };
                // What it is must not depend on which one is taken: `~` of a number is not `~` of a truth.
                if logical { taken } else { self.number(taken) }
            }
            None => self.add(Made::Select(condition, yes, no), logical),
        }
    }

    fn sign(&mut self, sign: Sign, a: Value) -> Value {
        match sign {
            Sign::Plus => self.number(a),
            Sign::Minus => self.unary(Unary::Negate, a),
            Sign::Not => self.unary(Unary::Not, a),
            Sign::Invert if self.is_logical(a) => self.unary(Unary::Not, a),
            Sign::Invert => self.unary(Unary::Invert, a),
        }
    }

    fn operator(&mut self, operator: Operator, a: Value, b: Value) -> Value {
        let logical = self.is_logical(a) && self.is_logical(b);
        let of_bits = |bits, truths| if logical { truths } else { bits };
        let operation = match operator {
            Operator::Or => Binary::Or,
            Operator::And => Binary::And,
            Operator::BitOr => of_bits(Binary::BitOr, Binary::Either),
            Operator::BitXor => of_bits(Binary::BitXor, Binary::Differ),
            Operator::BitAnd => of_bits(Binary::BitAnd, Binary::Both),
            Operator::ShiftLeft => Binary::ShiftLeft,
            Operator::ShiftRight => Binary::ShiftRight,
            Operator::Add => Binary::Add,
            Operator::Subtract => Binary::Subtract,
            Operator::Multiply => Binary::Multiply,
            Operator::Divide => Binary::Divide,
            Operator::FloorDivide => Binary::FloorDivide,
            Operator::Remainder => Binary::Remainder,
            Operator::Power => Binary::Power,
        };
        self.binary(operation, a, b)
    }

    fn comparisons(&mut self, first: Value, rest: &[(Comparison, Value)]) -> Value {
        let mut left = first;
        let mut all = Vec::with_capacity(rest.len());
        for (comparison, right) in rest {
            let operation = match comparison {
                Comparison::Less => Binary::Less,
                Comparison::LessEqual => Binary::LessEqual,
                Comparison::Greater => Binary::Greater,
                Comparison::GreaterEqual => Binary::GreaterEqual,
                Comparison::Equal => Binary::Equal,
                Comparison::NotEqual => Binary::NotEqual,
            };
            all.push(self.binary(operation, left, *right));
            left = *right;
        }
        let all = all.into_iter().reduce(|before, next| self.binary(Binary::And, before, next));
        all.unwrap_or(first)
    }

    fn call(&mut self, meaning: function::Meaning, arguments: &[Value]) -> Value {
        use function::Meaning as Of;
        let plain = |graph: &Graph, a: Value| match graph.values.get(a) {
            Some(Made::Load(band, Part::Value)) => Some(*band),
            _ => None,
        };
        match (meaning, arguments) {
            (Of::Unary(Unary::Abs), [a]) => match plain(self, *a) {
                Some(band) => self.add(Made::Load(band, Part::Magnitude), false),
                None => self.unary(Unary::Abs, *a),
            },
            (Of::Real, [a]) => match plain(self, *a) {
                Some(band) => self.add(Made::Load(band, Part::Real), false),
                None => self.number(*a),
            },
            (Of::Imaginary, [a]) => match plain(self, *a) {
                Some(band) => self.add(Made::Load(band, Part::Imaginary), false),
                None => {
                    let (one, zero) = (self.unary(Unary::OnesLike, *a), self.constant(0.0));
                    self.binary(Binary::Multiply, one, zero)
                }
            },
            (Of::Unary(operation), [a]) => self.unary(operation, *a),
            (Of::Binary(operation), [a, b]) => self.binary(operation, *a, *b),
            (Of::Fold(operation), [first, rest @ ..]) => {
                rest.iter().fold(*first, |folded, next| self.binary(operation, folded, *next))
            }
            (Of::Where, [condition, yes, no]) => self.select(*condition, *yes, *no),
            // The parser has counted the arguments.
            _ => self.constant(f64::NAN),
        }
    }
}
