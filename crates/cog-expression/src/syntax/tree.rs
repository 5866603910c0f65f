//! Expressions as trees.

use crate::error::Position;
use crate::function::Function;

/// Which node: its place in [`Tree::nodes`].
pub(crate) type Id = usize;

/// Expressions as they were written. Operands stand before their operations, so that whoever goes through the nodes in order needs no stack.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
    /// Names in the order in which they appear first.
    pub(crate) names: Vec<Name>,
    /// What each expression comes to, and its text.
    pub(crate) roots: Vec<(Id, String)>,
}

/// A name in the text.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) text: String,
    /// Between quotes, so that it is a band whatever it looks like.
    pub(crate) quoted: bool,
    /// Where it stands first.
    pub(crate) position: Position,
}

/// A number, a name, or what is made of others.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Number(f64),
    Truth(bool),
    /// Which of [`Tree::names`].
    Name(usize),
    Sign(Sign, Id),
    Operator(Operator, Id, Id),
    /// A comparison, or several in a chain: `a < b <= c`.
    Comparisons(Id, Vec<(Comparison, Id)>),
    Choice {
        yes: Id,
        condition: Id,
        no: Id,
    },
    Call(&'static Function, Vec<Id>),
}

/// What stands before one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    Plus,
    Minus,
    Invert,
    Not,
}

/// What stands between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Or,
    And,
    BitOr,
    BitXor,
    BitAnd,
    ShiftLeft,
    ShiftRight,
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Power,
}

/// What compares two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
}

/// How tightly operators bind, from the loosest: Python's table.
pub(crate) mod binding {
    pub(crate) const CHOICE: u8 = 1;
    pub(crate) const OR: u8 = 2;
    pub(crate) const AND: u8 = 3;
    pub(crate) const NOT: u8 = 4;
    pub(crate) const COMPARISON: u8 = 5;
    pub(crate) const BIT_OR: u8 = 6;
    pub(crate) const BIT_XOR: u8 = 7;
    pub(crate) const BIT_AND: u8 = 8;
    pub(crate) const SHIFT: u8 = 9;
    pub(crate) const SUM: u8 = 10;
    pub(crate) const PRODUCT: u8 = 11;
    pub(crate) const SIGN: u8 = 12;
    pub(crate) const POWER: u8 = 13;
    pub(crate) const OPERAND: u8 = 14;
}

impl Operator {
    pub(crate) fn binding(self) -> u8 {
        match self {
            Operator::Or => binding::OR,
            Operator::And => binding::AND,
            Operator::BitOr => binding::BIT_OR,
            Operator::BitXor => binding::BIT_XOR,
            Operator::BitAnd => binding::BIT_AND,
            Operator::ShiftLeft | Operator::ShiftRight => binding::SHIFT,
            Operator::Add | Operator::Subtract => binding::SUM,
            Operator::Multiply | Operator::Divide | Operator::FloorDivide | Operator::Remainder => binding::PRODUCT,
            Operator::Power => binding::POWER,
        }
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Operator::Or => "or",
            Operator::And => "and",
            Operator::BitOr => "|",
            Operator::BitXor => "^",
            Operator::BitAnd => "&",
            Operator::ShiftLeft => "<<",
            Operator::ShiftRight => ">>",
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::FloorDivide => "//",
            Operator::Remainder => "%",
            Operator::Power => "**",
        }
    }

    /// `&`, `|` and `^`, which bind tighter than comparisons.
    pub(crate) fn is_bitwise(self) -> bool {
        matches!(self, Operator::BitAnd | Operator::BitOr | Operator::BitXor)
    }
}

impl Comparison {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Comparison::Less => "<",
            Comparison::LessEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterEqual => ">=",
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
        }
    }
}

/// The same expressions, wherever they stood in a text.
impl PartialEq for Tree {
    fn eq(&self, other: &Tree) -> bool {
        let names = |tree: &Tree| tree.names.iter().map(|n| (n.text.clone(), n.quoted)).collect::<Vec<_>>();
        let roots = |tree: &Tree| tree.roots.iter().map(|(root, _)| *root).collect::<Vec<_>>();
        self.nodes == other.nodes && names(self) == names(other) && roots(self) == roots(other)
    }
}
