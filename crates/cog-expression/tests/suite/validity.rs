//! Where results are valid.

use cog_expression::raster::ndarray::{Array2, arr2, arr3};
use cog_expression::raster::{Raster, Validity};
use cog_expression::{BandNames, Expression};

/// b1 is 0, 1, 2, 3, of which the last is masked; b2 is 5, 0, 7, 8, of which the first is; b3 is NaN, infinity, -infinity and 1.
fn mask_of(text: &str) -> Vec<u8> {
    let pixels =
        arr3(&[[[0.0f32, 1.0, 2.0, 3.0]], [[5.0, 0.0, 7.0, 8.0]], [[f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1.0]]]);
    let masks = arr3(&[[[255u8, 255, 255, 0]], [[0, 255, 1, 255]], [[255, 255, 255, 255]]]);
    let program = Expression::parse(text).unwrap().bind(&BandNames::numbered(3)).unwrap();
    let bands: Vec<usize> = program.bands().to_vec();
    let masks = masks.select(cog_expression::raster::ndarray::Axis(0), &bands);
    let raster = Raster::new(pixels.select(cog_expression::raster::ndarray::Axis(0), &bands), Validity::PerBand(masks));
    let found = program.apply(&raster).unwrap();
    let values = found.pixels.view::<f32>().unwrap();
    let mask = found.validity.band(0, 1, 4);
    assert!(values.iter().zip(&mask).all(|(v, m)| v.is_nan() == (*m == 0)), "{text}: {values}");
    mask.into_iter().map(|m| m / 255).collect()
}

#[test]
fn what_is_made_of_something_invalid_is_invalid() {
    for (text, valid) in [
        ("b1", [1, 1, 1, 0]),
        ("b1+b2", [0, 1, 1, 0]),
        ("b1*0", [1, 1, 1, 0]),
        ("b1**0", [1, 1, 1, 0]),
        ("b1>2", [1, 1, 1, 0]),
        ("ones_like(b2)", [0, 1, 1, 1]),
        ("b3", [0, 0, 0, 1]),
        ("b3*0", [0, 0, 0, 1]),
        ("7; b1", [1, 1, 1, 1]),
    ] {
        assert_eq!(mask_of(text), valid, "{text}");
    }
}

#[test]
fn only_the_branch_that_is_taken_counts_and_the_condition() {
    for (text, valid) in [
        ("where(b1 > 0, b1, b2)", [0, 1, 1, 0]),
        ("where(b2 > 6, b2, 1)", [0, 1, 1, 1]),
        ("where(True, b2, b1)", [0, 1, 1, 1]),
        ("b2 if b1 < 1 else 4", [0, 1, 1, 0]),
        ("where(isnan(b1), b2, b1)", [1, 1, 1, 1]),
        ("where(isnan(b2), -1, b2)", [1, 1, 1, 1]),
        ("where(b1 == 0, 0, 1/b1)", [1, 1, 1, 0]),
        ("where(nan, 1, 2) + b1", [0, 0, 0, 0]),
    ] {
        assert_eq!(mask_of(text), valid, "{text}");
    }
}

#[test]
fn division_by_zero_is_invalid_wherever_it_happens() {
    for (text, valid) in [
        ("1/b1", [0, 1, 1, 0]),
        ("1/(1/b1)", [0, 1, 1, 0]),
        ("1//b1", [0, 1, 1, 0]),
        ("1%b1", [0, 1, 1, 0]),
        ("b1**-1", [0, 1, 1, 0]),
        ("b1**-b1", [1, 1, 1, 0]),
        ("b1**(-1-b1)", [0, 1, 1, 0]),
        ("arctan(1/b1)", [0, 1, 1, 0]),
        ("1/0 + b1", [0, 0, 0, 0]),
        ("1e300*1e300*b1 < 0", [0, 1, 1, 0]),
    ] {
        assert_eq!(mask_of(text), valid, "{text}");
    }
}

#[test]
fn infinity_is_a_number_until_it_is_the_result() {
    for (text, valid) in [
        ("minimum(b3, 5)", [0, 1, 0, 1]),
        ("b3 > 5", [0, 1, 1, 1]),
        ("exp(-1/b3) + 1", [0, 1, 1, 1]),
        ("log(b1)", [0, 1, 1, 0]),
        ("exp(log(b1))", [1, 1, 1, 0]),
        ("isinf(b3)", [1, 1, 1, 1]),
        ("inf + 0*b1", [0, 0, 0, 0]),
        ("minimum(inf, b1)", [1, 1, 1, 0]),
        ("b1*1e39", [1, 0, 0, 0]),
        ("b1*3e38", [1, 1, 0, 0]),
    ] {
        assert_eq!(mask_of(text), valid, "{text}");
    }
}

#[test]
fn the_right_side_counts_where_the_left_one_does_not_settle_it() {
    for (text, valid) in [
        ("b1 and b2", [1, 1, 1, 0]),
        ("b2 and b1", [0, 1, 1, 0]),
        ("b1 or b2", [0, 1, 1, 0]),
        ("b2 or b1", [0, 1, 1, 1]),
        ("(b1 > 0) & (b2 > 0)", [0, 1, 1, 0]),
        ("(b2 > 0) | (b1 > 0)", [0, 1, 1, 0]),
        ("1 < b1 < b2", [1, 1, 1, 0]),
        ("9 < b2 < b1", [0, 1, 1, 1]),
        ("not b2", [0, 1, 1, 1]),
    ] {
        assert_eq!(mask_of(text), valid, "{text}");
    }
}

#[test]
fn one_mask_is_shared_and_several_are_not() {
    let raster = Raster::new(arr3(&[[[0u8, 4]]]), Validity::AllValid);
    let of = |text: &str| {
        let program = Expression::parse(text).unwrap().bind(&BandNames::numbered(1)).unwrap();
        program.apply(&raster).unwrap().validity
    };
    assert_eq!(of("b1; b1+1"), Validity::AllValid);
    assert_eq!(of("1/b1"), Validity::Shared(arr2(&[[0, 255]])));
    assert_eq!(of("1/b1; b1"), Validity::PerBand(arr3(&[[[0, 255]], [[255, 255]]])));
}

/// The first chunks, or parts of threads, may be valid, and others not.
#[test]
fn a_pixel_far_inside_is_found() {
    let mut values = Array2::<f32>::ones((600, 500));
    values[[450, 77]] = 0.0;
    let raster = Raster::new(values.insert_axis(cog_expression::raster::ndarray::Axis(0)), Validity::AllValid);
    for threads in [1, 2, 5] {
        let program = Expression::parse("1/b1").unwrap().bind(&BandNames::numbered(1)).unwrap();
        let mask = program.threads(threads).apply(&raster).unwrap().validity.band(0, 600, 500);
        let missing: Vec<_> = mask.indexed_iter().filter(|(_, v)| **v == 0).map(|(at, _)| at).collect();
        assert_eq!((missing, mask.iter().all(|v| *v == 0 || *v == 255)), (vec![(450, 77)], true));
    }
}
