/// A number with at most 15 digits and no more than it needs: C's `%.15g`, by which PROJ writes every number.
pub(crate) fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value.is_finite() { "0".into() } else { value.to_string() };
    }
    let scientific = format!("{value:.14e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..15).contains(&exponent) {
        let decimals = usize::try_from(14 - exponent).unwrap_or(0);
        return trimmed(&format!("{value:.decimals$}")).to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trimmed(digits), exponent.abs())
}

fn trimmed(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_written_as_by_printf_with_15_digits() {
        // From printf("%.15g").
        assert_eq!(number(0.017_453_292_519_943_295), "0.0174532925199433");
        assert_eq!(number(298.257_223_563), "298.257223563");
        assert_eq!(number(6_378_137.0), "6378137");
        assert_eq!(number(-1e-5), "-1e-05");
        assert_eq!(number(1e15), "1e+15");
        assert_eq!(number(123_456_789_012_345.0), "123456789012345");
        assert_eq!(number(0.000_1), "0.0001");
    }
}
