//! Functions by name: those of numexpr that make a number of numbers at one pixel, and `power` and `mod` of NumPy. `min` and `max` are Python's, of
//! several arguments: numexpr's go over all pixels.

use crate::operation::{Binary, Unary};

/// What a function does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Meaning {
    Unary(Unary),
    Binary(Binary),
    /// The same again and again: of two arguments and more.
    Fold(Binary),
    /// The second or the third, by the first.
    Where,
    /// The argument itself; of complex samples the real part.
    Real,
    /// 0; of complex samples the imaginary part.
    Imaginary,
}

/// A function.
#[derive(Debug, PartialEq)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) meaning: Meaning,
}

impl Function {
    const fn unary(name: &'static str, operation: Unary) -> Function {
        Function { name, meaning: Meaning::Unary(operation) }
    }

    const fn binary(name: &'static str, operation: Binary) -> Function {
        Function { name, meaning: Meaning::Binary(operation) }
    }

    /// Whether it can be called with so many arguments.
    pub(crate) fn takes(&self, arguments: usize) -> bool {
        match self.meaning {
            Meaning::Unary(_) | Meaning::Real | Meaning::Imaginary => arguments == 1,
            Meaning::Binary(_) => arguments == 2,
            Meaning::Fold(_) => arguments >= 2,
            Meaning::Where => arguments == 3,
        }
    }

    /// How many, in words.
    pub(crate) fn arguments(&self) -> &'static str {
        match self.meaning {
            Meaning::Unary(_) | Meaning::Real | Meaning::Imaginary => "one argument",
            Meaning::Binary(_) => "two arguments",
            Meaning::Fold(_) => "two arguments or more (of values at the same pixel)",
            Meaning::Where => "three arguments: a condition, the value where it is true, the value elsewhere",
        }
    }
}

/// All of them, by name.
const FUNCTIONS: [Function; 44] = [
    Function::unary("abs", Unary::Abs),
    Function::unary("arccos", Unary::Arccos),
    Function::unary("arccosh", Unary::Arccosh),
    Function::unary("arcsin", Unary::Arcsin),
    Function::unary("arcsinh", Unary::Arcsinh),
    Function::unary("arctan", Unary::Arctan),
    Function::binary("arctan2", Binary::Arctan2),
    Function::unary("arctanh", Unary::Arctanh),
    Function::unary("ceil", Unary::Ceil),
    Function::binary("copysign", Binary::Copysign),
    Function::unary("cos", Unary::Cos),
    Function::unary("cosh", Unary::Cosh),
    Function::unary("exp", Unary::Exp),
    Function::unary("expm1", Unary::Expm1),
    Function::unary("floor", Unary::Floor),
    Function::binary("fmod", Binary::Fmod),
    Function::binary("hypot", Binary::Hypot),
    Function { name: "imag", meaning: Meaning::Imaginary },
    Function::unary("isfinite", Unary::IsFinite),
    Function::unary("isinf", Unary::IsInf),
    Function::unary("isnan", Unary::IsNan),
    Function::unary("log", Unary::Log),
    Function::unary("log10", Unary::Log10),
    Function::unary("log1p", Unary::Log1p),
    Function::unary("log2", Unary::Log2),
    Function { name: "max", meaning: Meaning::Fold(Binary::Maximum) },
    Function { name: "maximum", meaning: Meaning::Fold(Binary::Maximum) },
    Function { name: "min", meaning: Meaning::Fold(Binary::Minimum) },
    Function { name: "minimum", meaning: Meaning::Fold(Binary::Minimum) },
    Function::binary("nextafter", Binary::Nextafter),
    Function::unary("ones_like", Unary::OnesLike),
    Function { name: "real", meaning: Meaning::Real },
    Function::unary("round", Unary::Round),
    Function::unary("sign", Unary::Sign),
    Function::unary("signbit", Unary::SignBit),
    Function::unary("sin", Unary::Sin),
    Function::unary("sinh", Unary::Sinh),
    Function::unary("sqrt", Unary::Sqrt),
    Function::unary("tan", Unary::Tan),
    Function::unary("tanh", Unary::Tanh),
    Function::unary("trunc", Unary::Trunc),
    Function { name: "where", meaning: Meaning::Where },
    Function::binary("power", Binary::Power),
    Function::binary("mod", Binary::Remainder),
];

/// The function of this name, in upper or lower case.
pub(crate) fn named(name: &str) -> Option<&'static Function> {
    static ALL: [Function; FUNCTIONS.len()] = FUNCTIONS;
    ALL.iter().find(|function| function.name.eq_ignore_ascii_case(name))
}

/// All names, for people.
pub(crate) fn names() -> String {
    FUNCTIONS.map(|function| function.name).join(", ")
}
