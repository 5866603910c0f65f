//! Expressions at random.

/// Numbers that look random and are the same each time (xorshift).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % most
    }

    pub(crate) fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// What stands in for bands: their names.
pub(crate) const NAMES: [&str; 6] = ["b1", "b2", "b3", "b4", "b5", "b6"];

const UNARY: [&str; 26] = [
    "abs",
    "arccos",
    "arcsin",
    "arctan",
    "arcsinh",
    "ceil",
    "cos",
    "exp",
    "expm1",
    "floor",
    "isfinite",
    "isinf",
    "isnan",
    "log",
    "log10",
    "log1p",
    "log2",
    "ones_like",
    "round",
    "sign",
    "sin",
    "sqrt",
    "tan",
    "tanh",
    "trunc",
    "signbit",
];
const BINARY: [&str; 7] = ["arctan2", "copysign", "fmod", "hypot", "maximum", "minimum", "power"];
const OPERATORS: [&str; 24] = [
    "+", "-", "*", "/", "+", "-", "*", "/", "//", "%", "**", "<", "<=", ">", ">=", "==", "!=", "and", "or", "&", "|",
    "^", "<<", ">>",
];
const NUMBERS: [&str; 14] = ["0", "1", "2", "3", "-1", "0.5", "-2", "1e-4", "10000", "0.1", "255", "nan", "inf", "pi"];

/// Text of an expression, of Python as well as ours. Operators stand as they come; parentheses are where they change something, and where not.
pub(crate) fn expression(random: &mut Random, depth: usize) -> String {
    if depth == 0 || random.below(8) == 0 {
        return match random.below(5) {
            0 => random.of(&NUMBERS).to_owned(),
            _ => random.of(&NAMES).to_owned(),
        };
    }
    let mut inner = |random: &mut Random| expression(random, depth - 1);
    match random.below(16) {
        0 => format!("({}{})", random.of(&["-", "-", "+"]), enclosed(random, &mut inner)),
        1 => format!("(~{})", enclosed(random, &mut inner)),
        2 => format!("(not {})", enclosed(random, &mut inner)),
        3..=4 => format!("{}({})", random.of(&UNARY), inner(random)),
        5 => format!("{}({}, {})", random.of(&BINARY), inner(random), inner(random)),
        6 => format!("where({}, {}, {})", inner(random), inner(random), inner(random)),
        7 => format!("({} if {} else {})", inner(random), inner(random), inner(random)),
        8 => {
            let (a, b, c) = (enclosed(random, &mut inner), enclosed(random, &mut inner), enclosed(random, &mut inner));
            format!("({a} {} {b} {} {c})", random.of(&["<", "<=", ">", "!="]), random.of(&["<", ">=", "=="]))
        }
        9..=11 => {
            format!("({} {} {})", enclosed(random, &mut inner), random.of(&OPERATORS), enclosed(random, &mut inner))
        }
        // Without parentheses: which operator binds tighter is the question.
        _ => {
            let (a, b, c) = (leaf(random), leaf(random), leaf(random));
            let arithmetic = ["+", "-", "*", "/", "//", "%", "**", "&", "|", "^"];
            format!("({a} {} {b} {} -{c})", random.of(&arithmetic), random.of(&arithmetic))
        }
    }
}

fn leaf(random: &mut Random) -> String {
    random.of(&["b1", "b2", "b3", "b4", "2", "3"]).to_owned()
}

fn enclosed(random: &mut Random, inner: &mut impl FnMut(&mut Random) -> String) -> String {
    format!("({})", inner(random))
}
