//! What expressions come to. Expected values are those of NumPy 2.4, `float64` rounded to `float32`, unless a test says otherwise.

use cog_expression::raster::ndarray::{Array3, arr3};
use cog_expression::raster::num_complex::Complex;
use cog_expression::raster::{GeoTransform, Nodata, Pixels, Raster, SampleType, Validity};
use cog_expression::{Band, BandNames, Error, ErrorClass, Expression, Program};

fn program(text: &str, bands: usize) -> Program {
    let expression = Expression::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    expression.bind(&BandNames::numbered(bands)).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The values of one expression over one row of bands; NaN for what is invalid.
fn values(text: &str, bands: &[Pixels]) -> Vec<f32> {
    let program = program(text, bands.len());
    let bands: Vec<Band<'_>> = program.bands().iter().map(|band| Band::new(&bands[*band], 0)).collect();
    let found = program.evaluate(&bands).unwrap_or_else(|error| panic!("{text}: {error}"));
    let (_, _, columns) = found.samples.dim();
    for (column, value) in found.samples.iter().enumerate() {
        assert_eq!(found.validity.is_valid(0, 0, column), value.is_finite(), "{text}");
    }
    assert_eq!(found.samples.len(), columns);
    found.samples.into_iter().collect()
}

fn row<T: cog_expression::raster::Sample>(values: &[T]) -> Pixels {
    Pixels::from(Array3::from_shape_vec((1, 1, values.len()), values.to_vec()).unwrap())
}

fn assert_values(text: &str, bands: &[Pixels], expected: &[f32]) {
    let found = values(text, bands);
    let same = |(a, b): (&f32, &f32)| a == b || a.is_nan() && b.is_nan();
    assert!(
        found.len() == expected.len() && found.iter().zip(expected).all(same),
        "{text}: {found:?}, not {expected:?}"
    );
}

const NAN: f32 = f32::NAN;

#[test]
fn operators_are_numpys() {
    let bands = [row(&[0u8, 1, 2, 200, 255]), row(&[0u8, 3, 0, 100, 1]), row(&[-5i8, -7, 7, 5, -128])];
    for (text, expected) in [
        ("b1-b2", [0.0, -2.0, 2.0, 100.0, 254.0]),
        ("b1*b1*b1*b1*b1", [0.0, 1.0, 32.0, 3.2e11, 1.078_203_9e12]),
        ("b1/b2", [NAN, 1.0 / 3.0, NAN, 2.0, 255.0]),
        ("(b2-b1)/(b2+b1)", [NAN, 0.5, -1.0, -1.0 / 3.0, -0.992_187_5]),
        ("b3%3", [1.0, 2.0, 1.0, 2.0, 1.0]),
        ("-b3%3", [2.0, 1.0, 2.0, 1.0, 2.0]),
        ("b3//2", [-3.0, -4.0, 3.0, 2.0, -64.0]),
        ("b3%b2", [NAN, 2.0, NAN, 5.0, 0.0]),
        ("b3**2", [25.0, 49.0, 49.0, 25.0, 16384.0]),
        ("b1**0.5", [0.0, 1.0, std::f32::consts::SQRT_2, 14.142_136, 15.968_719_5]),
        ("b3**-1", [-0.2, -1.0 / 7.0, 1.0 / 7.0, 0.2, -0.007_812_5]),
        ("2**b2", [1.0, 8.0, 1.0, 1.267_650_6e30, 2.0]),
        ("b1**0", [1.0; 5]),
        ("b1&b2", [0.0, 1.0, 0.0, 64.0, 1.0]),
        ("b1|b2", [0.0, 3.0, 2.0, 236.0, 255.0]),
        ("b1^b2", [0.0, 2.0, 2.0, 172.0, 254.0]),
        ("~b1", [-1.0, -2.0, -3.0, -201.0, -256.0]),
        ("b1<<1", [0.0, 2.0, 4.0, 400.0, 510.0]),
        ("b3>>1", [-3.0, -4.0, 3.0, 2.0, -64.0]),
        ("b1>1", [0.0, 0.0, 1.0, 1.0, 1.0]),
        ("~(b1>1)", [1.0, 1.0, 0.0, 0.0, 0.0]),
        // Numbers, whichever side is taken: NumPy makes one type of both.
        ("~((b1>1) if True else b1)", [-1.0, -1.0, -2.0, -2.0, -2.0]),
        ("~(+(b1>1))", [-1.0, -1.0, -2.0, -2.0, -2.0]),
        ("~((b1>1)**1)", [-1.0, -1.0, -2.0, -2.0, -2.0]),
        ("~((b1>1) if True else False)", [1.0, 1.0, 0.0, 0.0, 0.0]),
        ("(b1>1)&(b2>1)", [0.0, 0.0, 0.0, 1.0, 0.0]),
        ("(b1>1)+1", [1.0, 1.0, 2.0, 2.0, 2.0]),
        ("b1&(b2>1)", [0.0, 1.0, 0.0, 0.0, 0.0]),
        ("0 < b1 < 200", [0.0, 1.0, 1.0, 0.0, 0.0]),
        ("b1 and not b2", [0.0, 0.0, 1.0, 0.0, 0.0]),
        ("b1 or b2", [0.0, 1.0, 1.0, 1.0, 1.0]),
        ("b1 if b2 else -1", [-1.0, 1.0, -1.0, 200.0, 255.0]),
        ("where(b1>1, b1, nan)", [NAN, NAN, 2.0, 200.0, 255.0]),
        ("WHERE(B1>1, B1, NaN)", [NAN, NAN, 2.0, 200.0, 255.0]),
        ("max(b1, b2, 3)", [3.0, 3.0, 3.0, 200.0, 255.0]),
        ("minimum(b1, b2)", [0.0, 1.0, 0.0, 100.0, 1.0]),
        ("sqrt(b3)", [NAN, NAN, 2.645_751_2, 2.236_068, NAN]),
        ("log(b1)", [NAN, 0.0, std::f32::consts::LN_2, 5.298_317_4, 5.541_263_6]),
        ("round(b3 / 2)", [-2.0, -4.0, 4.0, 2.0, -64.0]),
        ("sign(b3)", [-1.0, -1.0, 1.0, 1.0, -1.0]),
        ("abs(b3)", [5.0, 7.0, 7.0, 5.0, 128.0]),
        ("hypot(b1, b2)", [0.0, 3.162_277_7, 2.0, 223.606_8, 255.001_97]),
        ("isfinite(b1/b2)", [0.0, 1.0, 0.0, 1.0, 1.0]),
        ("sin(pi/2) + b1*0", [1.0; 5]),
        ("log(e) + b1*0", [1.0; 5]),
        ("1/3 + b1*0", [1.0 / 3.0; 5]),
        ("b1*1e39", [0.0, NAN, NAN, NAN, NAN]),
    ] {
        assert_values(text, &bands, &expected);
    }
}

/// All of them exactly where a double has them.
#[test]
fn every_type_of_samples_is_read() {
    let large = (1i64 << 53) as f32;
    let bands = [
        row(&[200u8, 7]),
        row(&[60_000u16, 7]),
        row(&[4_000_000_000u32, 7]),
        row(&[1u64 << 53, 7]),
        row(&[-100i8, 7]),
        row(&[-30_000i16, 7]),
        row(&[-2_000_000_000i32, 7]),
        row(&[-(1i64 << 53), 7]),
        row(&[1.5f32, 7.0]),
        row(&[1e-300f64, 7.0]),
    ];
    let first = [200.0, 60_000.0, 4e9, large, -100.0, -30_000.0, -2e9, -large, 1.5, 0.0];
    for (band, first) in (1..).zip(first) {
        assert_values(&format!("b{band}"), &bands, &[first, 7.0]);
    }
    assert_values("b10 * 1e300 + b3", &bands, &[4e9, NAN]);
    assert_values("b1*b2*b3*b4*b5*b6*b7*b8*b9", &bands[..9], &[NAN, 40_353_607.0]);
}

#[test]
fn complex_samples_have_parts() {
    let complex = [row(&[Complex::new(3f32, -4.0), Complex::new(f32::NAN, 1.0)]), row(&[Complex::new(0f64, 2.0); 2])];
    assert_values("abs(b1) + imag(b2)", &complex, &[7.0, NAN]);
    assert_values("arctan2(imag(b1), real(b1))", &complex, &[-0.927_295_2, NAN]);
    let plain = [row(&[5i16, -6]), row(&[0u8, 0])];
    assert_values("real(b1) + imag(b1) + abs(b1)", &plain, &[10.0, 0.0]);

    let program = program("B1 + b2", 2);
    let error = program.evaluate(&[Band::new(&complex[0], 0), Band::new(&complex[1], 0)]).unwrap_err();
    assert_eq!(error.to_string(), "the samples of 'B1' are complex: write real(B1), imag(B1) or abs(B1)");
    assert_eq!(error.class(), ErrorClass::Usage);
}

#[test]
fn a_result_lies_where_its_raster_does() {
    let mut raster = Raster::new(arr3(&[[[1u8, 2], [3, 4]], [[4, 3], [2, 0]]]), Validity::AllValid);
    raster.transform = Some(GeoTransform { a: 10.0, b: 0.0, c: 500.0, d: 0.0, e: -10.0, f: 900.0 });
    (raster.level, raster.epsg) = (2, Some(32633));
    let found = program(" b1 / b2 ; b1+b2;", 2).apply(&raster).unwrap();
    let expected = arr3(&[[[0.25f32, 2.0 / 3.0], [1.5, NAN]], [[5.0, 5.0], [5.0, 4.0]]]);
    let same = found.pixels.view::<f32>().unwrap().iter().zip(&expected).all(|(a, b)| a.to_bits() == b.to_bits());
    assert!(same, "{:?}", found.pixels);
    assert_eq!((found.transform, found.level, found.epsg), (raster.transform, 2, Some(32633)));
    assert!(matches!(found.nodata, Some(Nodata::Float(v)) if v.is_nan()));
    assert_eq!((found.bands, found.pixels.sample_type()), (vec![1, 2], SampleType::F32));
    assert_eq!(found.band_names.iter().flatten().collect::<Vec<_>>(), ["b1 / b2", "b1+b2"]);
    assert_eq!(found.validity.band(0, 2, 2).into_iter().collect::<Vec<_>>(), [255, 255, 255, 0]);
    assert_eq!(found.validity.band(1, 2, 2).into_iter().collect::<Vec<_>>(), [255; 4]);
}

/// Sizes around those of the chunks that are worked on together, on one thread and on three: the same everywhere.
#[test]
fn size_and_threads_change_nothing() {
    for (rows, columns) in [(0, 0), (0, 5), (1, 1), (1, 255), (1, 256), (1, 257), (5, 205), (257, 256), (700, 500)] {
        let pixels = Array3::from_shape_fn((2, rows, columns), |(band, row, column)| {
            ((band * 7919 + row * 131 + column * 31) % 251) as u8
        });
        let raster = Raster::new(pixels.clone(), Validity::AllValid);
        let one = program("(b2-b1)/(b2+b1); b1 & 3; 7", 2);
        let found = one.apply(&raster).unwrap();
        let many = one.threads(3).apply(&raster).unwrap();
        assert_eq!(found.validity, many.validity);
        let values = found.pixels.view::<f32>().unwrap();
        let bits = |raster: &Raster| -> Vec<u32> {
            raster.pixels.view::<f32>().unwrap().iter().map(|v| v.to_bits()).collect()
        };
        assert_eq!(bits(&found), bits(&many), "{rows} × {columns}");
        for row in 0..rows {
            for column in 0..columns {
                let [a, b] = [0, 1].map(|band| f64::from(pixels[[band, row, column]]));
                let expected = ((b - a) / (b + a)) as f32;
                let value = values[[0, row, column]];
                assert!(value == expected || a + b == 0.0 && value.is_nan());
                assert_eq!(found.validity.is_valid(0, row, column), a + b != 0.0);
                assert_eq!((values[[1, row, column]], values[[2, row, column]]), ((a as u8 & 3).into(), 7.0));
            }
        }
    }
}

#[test]
fn arrays_with_gaps_are_read_in_order() {
    let pixels = Array3::from_shape_fn((4, 3, 2), |(row, column, band)| (band * 100 + row * 10 + column) as u16);
    // (row, column, band) as (band, row, column): no band lies in one piece.
    let pixels = Pixels::from(pixels.permuted_axes([2, 0, 1]));
    let found = program("b2 - b1 + b1", 2).evaluate(&[Band::new(&pixels, 0), Band::new(&pixels, 1)]).unwrap();
    assert_eq!(found.samples, Array3::from_shape_fn((1, 4, 3), |(_, row, column)| (100 + row * 10 + column) as f32));
}

#[test]
fn bands_that_do_not_fit_are_refused() {
    let (small, large) = (row(&[1u8, 2]), row(&[1u8, 2, 3]));
    let two = program("b1+b2", 2);
    let count = two.evaluate(&[Band::new(&small, 0)]).unwrap_err();
    assert_eq!(count, Error::BandCount { needed: 2, given: 1 });
    let shape = two.evaluate(&[Band::new(&small, 0), Band::new(&large, 0)]).unwrap_err();
    let text = "band 1 of those given, or its mask, has 1 × 3 pixels where the first has 1 × 2";
    assert_eq!((shape.to_string().as_str(), shape.class()), (text, ErrorClass::Usage));
    let mask = cog_expression::raster::ndarray::Array2::zeros((2, 1));
    let masked = [Band::new(&small, 0), Band::new(&small, 0).mask(mask.view())];
    assert!(matches!(two.evaluate(&masked).unwrap_err(), Error::Shape { band: 1, rows: 2, columns: 1, .. }));
    assert!(matches!(
        two.evaluate(&[Band::new(&small, 0), Band::new(&small, 1)]).unwrap_err(),
        Error::Shape { band: 1, .. }
    ));
}
