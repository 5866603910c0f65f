//! Any text as an expression: it is read or refused by a named error with its place; what was read prints so that it reads back as the same, and
//! what is evaluated is a number exactly where it is valid.
#![no_main]

use std::sync::OnceLock;

use cog_expression::raster::ndarray::{Array2, Array3};
use cog_expression::raster::{Pixels, Raster, Validity};
use cog_expression::{Band, BandNames, ErrorClass, Expression};
use libfuzzer_sys::fuzz_target;

const ROWS: usize = 3;
const COLUMNS: usize = 4;

fn bands() -> &'static [(Pixels, Array2<u8>)] {
    static BANDS: OnceLock<Vec<(Pixels, Array2<u8>)>> = OnceLock::new();
    BANDS.get_or_init(|| {
        let odd = [0.0, -0.0, f64::NAN, f64::INFINITY, -1.5, 1e-310, 1e200, 9.3e18, -1.0, 63.0, 64.0, 0.1];
        let at = |row: usize, column: usize| row * COLUMNS + column;
        let shape = (1, ROWS, COLUMNS);
        vec![
            (Pixels::from(Array3::from_shape_fn(shape, |(_, row, column)| (at(row, column) * 23) as u8)), mask(3)),
            (Pixels::from(Array3::from_shape_fn(shape, |(_, row, column)| at(row, column) as i64 * (i64::MAX / 11))), mask(5)),
            (Pixels::from(Array3::from_shape_fn(shape, |(_, row, column)| odd[at(row, column)])), mask(7)),
        ]
    })
}

fn mask(hole: usize) -> Array2<u8> {
    Array2::from_shape_fn((ROWS, COLUMNS), |(row, column)| if row * COLUMNS + column == hole { 0 } else { 255 })
}

fuzz_target!(|text: &str| {
    let expression = match Expression::parse(text) {
        Ok(expression) => expression,
        Err(error) => {
            assert!(error.class() != ErrorClass::Internal, "{error}");
            if let Some(position) = error.position() {
                assert_eq!(text[..position.byte].chars().count() + 1, position.character, "{error}");
            }
            return;
        }
    };
    let printed = expression.to_string();
    // What is printed may be longer than a text may be: it has blanks.
    if printed.len() < 1 << 14 {
        let again = Expression::parse(&printed).unwrap_or_else(|error| panic!("{printed}: {error}"));
        assert!(again == expression && again.to_string() == printed, "{printed}");
    }
    let names = BandNames::new([("b1", 0), ("b2", 1), ("b3", 2), ("a", 0), ("b", 1), ("c", 2)]);
    let Ok(program) = expression.bind(&names) else { return };
    let of = |band: &usize| Band::new(&bands()[*band].0, 0).mask(bands()[*band].1.view());
    let found = program.evaluate(&program.bands().iter().map(of).collect::<Vec<_>>()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(found.samples.dim(), (expression.texts().len(), ROWS, COLUMNS));
    for ((band, row, column), value) in found.samples.indexed_iter() {
        assert!(value.is_finite() || value.is_nan());
        assert_eq!(found.validity.is_valid(band, row, column), value.is_finite());
    }
    let raster = Raster::new(Array3::<u16>::ones((program.bands().len(), 1, 1)), Validity::AllValid);
    _ = program.apply(&raster);
});
