//! What holds of every text.

use cog_expression::raster::ndarray::arr3;
use cog_expression::raster::{Raster, Validity};
use cog_expression::{BandNames, ErrorClass, Expression};
use proptest::prelude::*;

use crate::random::{NAMES, Random, expression};

/// Pieces that texts are made of.
fn soup() -> impl Strategy<Value = String> {
    let pieces = [
        "b1", "b2", " ", "(", ")", "+", "-", "*", "**", "/", "//", "%", "<", "<=", "==", "!=", "&", "|", "^", "~",
        "<<", ">>", "and ", "or ", "not ", " if ", " else ", "where(", "sqrt(", "abs(", ",", ";", "1", "2.5", ".5",
        "1e3", "0x1f", "\"", "'a b'", "nan", "é", "=", "!", "\u{2212}", "_", "1_0", "True",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..40).prop_map(|words| words.concat())
}

/// Reads, prints, reads again, and evaluates.
fn check(text: &str) {
    let parsed = match Expression::parse(text) {
        Ok(parsed) => parsed,
        Err(error) => {
            assert_ne!(error.class(), ErrorClass::Internal, "{text}");
            if let Some(position) = error.position() {
                assert!(position.byte <= text.len() && text.is_char_boundary(position.byte), "{text}: {error}");
                assert_eq!(text[..position.byte].chars().count() + 1, position.character);
            }
            return;
        }
    };
    let printed = parsed.to_string();
    let again = Expression::parse(&printed).unwrap_or_else(|error| panic!("{text} → {printed}: {error}"));
    assert_eq!(again, parsed, "{text} → {printed}");
    assert_eq!(again.to_string(), printed);
    let names = BandNames::new(NAMES.into_iter().zip(0..).chain([("a b", 0), ("é", 1), ("_", 2)]));
    let raster = Raster::new(arr3(&[[[3i16, -5, 0, 7]], [[1, 0, -1, 2]]]), Validity::AllValid);
    if let Ok(program) = parsed.bind(&names)
        && program.bands().len() == 2
    {
        let (found, same) = (program.apply(&raster).unwrap(), again.bind(&names).unwrap().apply(&raster).unwrap());
        let bits = |raster: &Raster| -> Vec<u32> {
            raster.pixels.view::<f32>().unwrap().iter().map(|v| v.to_bits()).collect()
        };
        assert_eq!(bits(&found), bits(&same), "{text} → {printed}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused_with_its_place(text in "\\PC{0,60}") {
        check(&text);
    }

    #[test]
    fn what_looks_like_an_expression_is_printed_as_it_was_read(text in soup()) {
        check(&text);
    }

    #[test]
    fn expressions_are_printed_as_they_were_read(seed in any::<u64>(), depth in 0usize..6) {
        let text = expression(&mut Random::new(seed), depth);
        prop_assert!(Expression::parse(&text).is_ok(), "{text}: {:?}", Expression::parse(&text));
        check(&text);
    }
}
