//! Expressions that know their bands, as a list of steps.

mod graph;
mod registers;

use crate::error::{Error, Result};
use crate::expression::{Expression, constant};
use crate::names::{BandNames, Found};
use crate::operation::{Binary, Unary};
use graph::Graph;

/// Expressions tied to bands: what to read is known, and the steps that make pixels of it.
///
/// Steps that several expressions share are made once, and what does not depend on pixels is worked out beforehand.
///
/// ```
/// use cog_expression::{BandNames, Expression};
///
/// let expression = Expression::parse("(nir - red) / (nir + red)")?;
/// let program = expression.bind(&BandNames::new([("blue", 0), ("red", 2), ("nir", 3)]))?;
/// assert_eq!(program.bands(), [2, 3]); // nothing else is needed
/// # Ok::<(), cog_expression::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Program {
    /// The bands that are needed, as the caller counts them, in rising order.
    bands: Vec<usize>,
    /// A name for each.
    pub(crate) names: Vec<String>,
    /// Text of each expression.
    pub(crate) texts: Vec<String>,
    pub(crate) steps: Vec<Step>,
    /// Registers that the steps use.
    pub(crate) registers: usize,
    /// What each expression comes to.
    pub(crate) results: Vec<Operand>,
    pub(crate) threads: usize,
}

/// What a step does, and the register that it writes: never one that it reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) to: usize,
    pub(crate) action: Action,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Action {
    /// Samples of a band: which of [`Program::bands`].
    Load(usize, Part),
    Unary(Unary, usize),
    Binary(Binary, Operand, Operand),
    Select(usize, Operand, Operand),
}

/// Where a number comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Operand {
    Register(usize),
    Constant(f64),
}

/// Which number of a sample that may be complex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// All there is: not of complex samples.
    Value,
    Real,
    Imaginary,
    Magnitude,
}

impl Expression {
    /// Ties names to bands.
    ///
    /// # Errors
    /// Names that stand for no band, or for one of several, and expressions that name none at all.
    pub fn bind(&self, names: &BandNames) -> Result<Program> {
        let tree = self.tree();
        let mut of_names = Vec::with_capacity(tree.names.len());
        for name in &tree.names {
            of_names.push(match (names.search(&name.text), constant(name)) {
                (Found::Band(band), _) => Meaning::Band(band),
                (_, Some(value)) => Meaning::Constant(value),
                (found, None) => {
                    let (position, name) = (name.position, name.text.clone());
                    return Err(match found {
                        Found::Several(candidates) => Error::AmbiguousName { name, position, candidates },
                        _ => Error::UnknownName { name, position, known: names.all() },
                    });
                }
            });
        }
        let mut bands: Vec<usize> = of_names.iter().filter_map(Meaning::band).collect();
        bands.sort_unstable();
        bands.dedup();
        if bands.is_empty() {
            return Err(Error::NoBand { known: names.all() });
        }
        let name_of = |band: &usize| {
            let found = of_names.iter().zip(&tree.names).find(|(meaning, _)| meaning.band() == Some(*band));
            found.map(|(_, name)| name.text.clone()).unwrap_or_default()
        };
        let band_names = bands.iter().map(name_of).collect();
        let meanings: Vec<Meaning> = of_names
            .into_iter()
            .map(|meaning| match meaning {
                Meaning::Band(band) => Meaning::Band(bands.binary_search(&band).unwrap_or_default()),
                constant => constant,
            })
            .collect();
        let graph = Graph::of(tree, &meanings);
        let (steps, registers, results) = registers::allocate(&graph);
        let texts = self.texts().map(str::to_owned).collect();
        Ok(Program { bands, names: band_names, texts, steps, registers, results, threads: 1 })
    }
}

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Meaning {
    Band(usize),
    Constant(f64),
}

impl Meaning {
    fn band(&self) -> Option<usize> {
        match self {
            Meaning::Band(band) => Some(*band),
            Meaning::Constant(_) => None,
        }
    }
}

impl Program {
    /// The bands that are needed, as the caller of [`Expression::bind`] counts them, in rising order: read these, and evaluate over these.
    pub fn bands(&self) -> &[usize] {
        &self.bands
    }

    /// The text of each expression.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// Evaluates on so many threads; on one unless set.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Program {
        self.threads = threads.max(1);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(text: &str) -> Program {
        Expression::parse(text).unwrap().bind(&BandNames::numbered(9)).unwrap()
    }

    #[test]
    fn equal_parts_are_made_once_and_constant_ones_never() {
        for (text, steps) in [
            ("(b2-b1)/(b2+b1)", 5),
            ("(b2-b1)/(b2+b1); (b2-b1)*2; B2 - b1", 6),
            ("b1*(2*3+sqrt(16))", 2),
            ("where(1 > 2, b1, b2)", 1),
            ("b1**2 + b1*b1", 3),
            ("b1**8", 4),
            ("0 < b1 < 9 and 0 < b1", 5),
            ("2 + 2; b1", 1),
        ] {
            assert_eq!(program(text).steps.len(), steps, "{text}");
        }
        assert_eq!(program("2 + 2; b1").results, [Operand::Constant(4.0), Operand::Register(0)]);
    }

    #[test]
    fn registers_are_used_again() {
        let sum = (1..=9).map(|band| format!("sqrt(b{band})")).collect::<Vec<_>>().join("+");
        assert_eq!((program(&sum).steps.len(), program(&sum).registers), (9 + 9 + 8, 3));
        for text in [sum.as_str(), "(b2-b1)/(b2+b1)", "where(b1 > b2, b1*b1, b2-b1) + b1", "b1;b1;b2+b1;b2"] {
            for step in program(text).steps {
                let reads = match step.action {
                    Action::Load(..) => vec![],
                    Action::Unary(_, a) => vec![Operand::Register(a)],
                    Action::Binary(_, a, b) => vec![a, b],
                    Action::Select(a, b, c) => vec![Operand::Register(a), b, c],
                };
                assert!(!reads.contains(&Operand::Register(step.to)), "{text}: {step:?}");
            }
        }
    }
}
