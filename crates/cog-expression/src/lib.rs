//! Band maths: expressions such as `(b4-b1)/(b4+b1)` over pixels.
//!
//! ```
//! use cog_expression::{BandNames, Expression};
//! use cog_raster::ndarray::arr3;
//! use cog_raster::{Raster, Validity};
//!
//! let expression = Expression::parse("(b2-b1)/(b2+b1); where(b1 > 10, b1, nan)")?;
//! let program = expression.bind(&BandNames::numbered(2))?;
//! assert_eq!(program.bands(), [0, 1]); // read these, and no others
//!
//! let raster = Raster::new(arr3(&[[[10u8, 20, 0]], [[30, 20, 0]]]), Validity::AllValid);
//! let found = program.apply(&raster)?;
//! let values = found.pixels.view::<f32>()?; // (expression, row, column)
//! assert_eq!((values[[0, 0, 0]], values[[0, 0, 1]], values[[1, 0, 1]]), (0.5, 0.0, 20.0));
//! assert!(values[[0, 0, 2]].is_nan() && !found.validity.is_valid(0, 0, 2)); // 0 / 0
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Expression`] says which language this is: Python's operators, numexpr's functions. [`Expression::bind`] ties the names in it to bands by
//! [`BandNames`], [`Program::apply`] and [`Program::evaluate`] make pixels.
//!
//! # Numbers
//! Samples of every type become `f64`, every step is made in `f64`, and the result is rounded to `f32`: what NumPy gives for
//! `float64` arrays. (numexpr calculates integers of up to 16 bits in `int32`, where products wrap around, and `float32` in `float32`.) 64-bit integers beyond
//! 2^53 are rounded. `&`, `|`, `^`, `~`, `<<` and `>>` are of whole numbers that 64 bits hold with their sign, and invalid of others. Of complex samples
//! `real`, `imag` and `abs` are numbers, nothing else. What is true is 1, what is false 0; among numbers it is one: `~(b1 > 2)` is "not",
//! `~where(b2 > 0, b1 > 2, b1)` has the bits of a number.
//!
//! # Validity
//! What is invalid is NaN, from the input to the result, and what is NaN is invalid:
//! - A result is invalid where one of the values that it is made of is, be it by a mask, by nodata or because it is NaN.
//! - `x / 0`, `x // 0`, `x % 0` and `0 ** -1` are invalid, also as a part of something larger: `1 / (1 / 0)` is not 0.
//! - Infinity from elsewhere (`log(0)`, `exp(1000)`, `inf`, infinite samples) is a number within an expression, so that `minimum(b1, inf)` works; a
//!   result that is infinite is invalid. So is one that no `f32` holds.
//! - `where(c, a, b)` and `a if c else b` are invalid where the condition is, or the branch that is taken: what the other holds does not count. So a mask
//!   can be filled: `where(isnan(b1), b2, b1)`.
//! - `isnan`, `isfinite` and `isinf` are valid everywhere; of what is invalid `isnan` is true.
//! - `and`, `or` and chains of comparisons look at the right side only where the left one does not settle it, as in Python; `&` and `|` look at both.
//!
//! Pixels that are invalid are NaN in the output, and 0 in its validity.
//!
//! # Text of strangers
//! [`Limits`] bound length, depth, operations and expressions; the errors name the limit and the place in the text. Parsing never panics, and evaluating takes a
//! fixed amount of memory beside the output: as many chunks of 256 numbers as there are values in use at once. (Bands whose samples do not lie in one
//! piece are copied first.)

mod error;
mod evaluate;
mod expression;
mod function;
mod limits;
mod names;
mod operation;
mod program;
mod syntax;

pub use error::{Error, Position, Result};
pub use evaluate::{Band, Evaluated};
pub use expression::Expression;
pub use limits::Limits;
pub use names::BandNames;
pub use program::Program;

pub use cog_error::ErrorClass;
pub use cog_raster as raster;

/// The example of the README, kept compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
