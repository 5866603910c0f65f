//! Numbers as C's `printf` writes them, in which GDAL's metadata are worded.

/// `%.{digits}g`: so many significant digits, zeros at the end left out, with an exponent for the very large and small.
pub(crate) fn general(value: f64, digits: usize) -> String {
    if value.is_nan() {
        return "nan".to_string();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_string();
    }
    let digits = digits.max(1);
    let text = format!("{value:.*e}", digits - 1);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let decimals = i32::try_from(digits).unwrap_or(i32::MAX) - 1 - exponent;
    if exponent < -4 || decimals < 0 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", without_zeros(mantissa), exponent.abs());
    }
    without_zeros(&format!("{value:.*}", usize::try_from(decimals).unwrap_or(0))).to_string()
}

fn without_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::general;

    /// What Python's `%` gives, which follows C.
    #[test]
    fn numbers_are_written_as_c_writes_them() {
        for (value, digits, text) in [
            (f64::from(72.8f32), 8, "72.800003"),
            (300.0, 8, "300"),
            (f64::from(833.333_44_f32), 8, "833.33344"),
            (0.0, 8, "0"),
            (-0.0, 6, "-0"),
            (1.5e-9, 8, "1.5e-09"),
            (0.0001, 6, "0.0001"),
            (0.000_012_5, 6, "1.25e-05"),
            (1.0 / 3.0, 6, "0.333333"),
            (999_999.5, 6, "1e+06"),
            (123_456.0, 6, "123456"),
            (1_234_567.0, 6, "1.23457e+06"),
            (-0.005_457_526, 15, "-0.005457526"),
            (1e300, 15, "1e+300"),
            (9.999_999_9, 6, "10"),
        ] {
            assert_eq!(general(value, digits), text, "{value} {digits}");
        }
        assert_eq!((general(f64::NAN, 6).as_str(), general(f64::NEG_INFINITY, 6).as_str()), ("nan", "-inf"));
    }
}
