//! Names of bands.

use cog_expression::{BandNames, Error, ErrorClass, Expression};

fn bands(text: &str, names: &BandNames) -> Result<Vec<usize>, Error> {
    Ok(Expression::parse(text)?.bind(names)?.bands().to_vec())
}

#[test]
fn only_what_is_named_is_needed() {
    let numbered = BandNames::numbered(13);
    assert_eq!(bands("(b4-b1)/(b4+b1)", &numbered).unwrap(), [0, 3]);
    assert_eq!(bands("B13; b2", &numbered).unwrap(), [1, 12]);
    let assets =
        BandNames::new([("B04", 0), ("B8A", 1), ("red_b1", 2), ("rgb-10m", 3), ("nir", 4), ("near infrared", 4)]);
    assert_eq!(bands("(b8a - B04) / 'rgb-10m'", &assets).unwrap(), [0, 1, 3]);
    assert_eq!(bands("nir + `near infrared` + \"red_b1\"", &assets).unwrap(), [2, 4]);
}

#[test]
fn names_are_known_before_anything_is_read() {
    let expression = Expression::parse("where(b2 > pi, 'e', E) + B2 + nan; red").unwrap();
    assert_eq!(expression.names().collect::<Vec<_>>(), ["b2", "e", "B2", "red"]);
    assert_eq!(expression.texts().collect::<Vec<_>>(), ["where(b2 > pi, 'e', E) + B2 + nan", "red"]);
}

#[test]
fn a_band_hides_the_constant_of_its_name() {
    let names = BandNames::new([("e", 0), ("x", 1)]);
    assert_eq!(bands("e + x", &names).unwrap(), [0, 1]);
    assert_eq!(bands("pi + x", &names).unwrap(), [1]);
}

#[test]
fn unknown_names_are_told_with_those_that_there_are() {
    let error = bands("b1 + red", &BandNames::numbered(3)).unwrap_err();
    assert_eq!(error.to_string(), "character 6: 'red' is not the name of a band; there are b1, b2, b3");
    assert_eq!((error.class(), error.position().unwrap().character), (ErrorClass::Usage, 6));
    let error = bands("b0", &BandNames::numbered(13).with("red", 0)).unwrap_err();
    assert_eq!(error.to_string(), "character 1: 'b0' is not the name of a band; there are b1 to b13, red");
    let error = bands("'pi' + b1", &BandNames::numbered(1)).unwrap_err();
    assert_eq!(error.to_string(), "character 1: 'pi' is not the name of a band; there is b1");
    let error = bands("B8a", &BandNames::new([("B8A", 0), ("b8a", 1)])).unwrap_err();
    assert_eq!(error.to_string(), "character 1: 'B8a' may be any of B8A, b8a");
}

/// rio-tiler refuses these too.
#[test]
fn an_expression_without_a_band_is_refused() {
    let error = bands("1 + pi; 2", &BandNames::numbered(2)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the expression names no band, so there is nothing to evaluate it over; there are b1, b2"
    );
    assert_eq!(bands("1; b2", &BandNames::numbered(2)).unwrap(), [1]);
}
