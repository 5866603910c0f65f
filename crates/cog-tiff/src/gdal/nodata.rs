//! Tag 42113: nodata as text.

use crate::sample::SampleType;

/// The value of pixels without data, exact in the type of the samples.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Nodata {
    /// For every type but the 64-bit integers.
    Float(f64),
    /// For `int64`.
    Int(i64),
    /// For `uint64`.
    Uint(u64),
}

impl Nodata {
    /// Parses the tag's text for samples of a type, as GDAL does: blanks around it and text behind the number are
    /// ignored, text that is no number is 0. `None` if the type cannot hold the value.
    pub fn parse(text: &str, sample_type: SampleType) -> Option<Nodata> {
        let text = text.trim();
        match sample_type {
            SampleType::I64 => integer_prefix(text).and_then(|n| i64::try_from(n).ok()).map(Nodata::Int),
            SampleType::U64 => integer_prefix(text).and_then(|n| u64::try_from(n).ok()).map(Nodata::Uint),
            _ => {
                let value = float_prefix(text);
                let value = if sample_type == SampleType::F32 { as_f32(value) } else { value };
                in_range(value, sample_type).then_some(Nodata::Float(value))
            }
        }
    }

    /// A value that a caller names instead of the file's. `None` if the type cannot hold it.
    /// `f64` rounds the largest 64-bit integers up by one, which means them; fractions of these types are cut, as by GDAL.
    pub fn of(value: f64, sample_type: SampleType) -> Option<Nodata> {
        match sample_type {
            SampleType::I64 if value >= i64::MIN as f64 && value <= i64::MAX as f64 => Some(Nodata::Int(value as i64)),
            SampleType::U64 if value >= 0.0 && value <= u64::MAX as f64 => Some(Nodata::Uint(value as u64)),
            SampleType::I64 | SampleType::U64 => None,
            _ => Nodata::parse(&value.to_string(), sample_type),
        }
    }

    /// As a floating point number; 64-bit integers beyond 2^53 are rounded.
    pub fn as_f64(self) -> f64 {
        match self {
            Nodata::Float(v) => v,
            Nodata::Int(v) => v as f64,
            Nodata::Uint(v) => v as f64,
        }
    }

    /// True for not-a-number, which equals nothing: compare with `is_nan`.
    pub fn is_nan(self) -> bool {
        matches!(self, Nodata::Float(v) if v.is_nan())
    }
}

/// The nearest float32. Writers print the lowest and highest one with too few digits, or too many: those mean the
/// bounds themselves.
fn as_f32(value: f64) -> f64 {
    let max = f64::from(f32::MAX);
    if value.is_finite() && value.abs() > max {
        return if value.abs() < max * (1.0 + 1e-8) { max.copysign(value) } else { value };
    }
    f64::from(value as f32)
}

fn in_range(value: f64, sample_type: SampleType) -> bool {
    let within = |low: f64, high: f64| value >= low && value <= high;
    match sample_type {
        SampleType::U8 => within(0.0, 255.0),
        SampleType::U16 => within(0.0, 65_535.0),
        SampleType::U32 => within(0.0, 4_294_967_295.0),
        SampleType::I8 => within(-128.0, 127.0),
        SampleType::I16 => within(-32_768.0, 32_767.0),
        SampleType::I32 => within(-2_147_483_648.0, 2_147_483_647.0),
        SampleType::F32 | SampleType::Complex32 => {
            !value.is_finite() || within(-f64::from(f32::MAX), f64::from(f32::MAX))
        }
        _ => true,
    }
}

/// The longest prefix that is a number; C's `strtod` without its hexadecimal form.
fn float_prefix(text: &str) -> f64 {
    let lower = text.to_ascii_lowercase();
    let (negative, magnitude) = match lower.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, lower.strip_prefix('+').unwrap_or(&lower)),
    };
    let value = if magnitude.starts_with("nan") || magnitude.starts_with("1.#qnan") || magnitude.starts_with("1.#ind") {
        f64::NAN
    } else if magnitude.starts_with("inf") || magnitude.starts_with("1.#inf") {
        f64::INFINITY
    } else {
        let mut end = 0;
        for (i, _) in magnitude.char_indices().map(|(i, c)| (i + c.len_utf8(), c)) {
            let ok = magnitude.get(..i).is_some_and(|p| p.parse::<f64>().is_ok());
            if ok {
                end = i;
            }
            if i > 400 {
                break;
            }
        }
        magnitude.get(..end).and_then(|p| p.parse().ok()).unwrap_or(0.0)
    };
    if negative { -value } else { value }
}

/// The longest prefix that is an integer, 0 if there is none: C's `strtoll`, by which GDAL reads 64-bit nodata. It
/// stops at a decimal point, so "-9.2e18" is -9.
fn integer_prefix(text: &str) -> Option<i128> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let len = digits.bytes().take_while(u8::is_ascii_digit).count();
    if len == 0 {
        return Some(0);
    }
    text.get(..text.len() - digits.len() + len)?.trim_start_matches('+').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodata_text_is_read_as_gdal_reads_it() {
        let float = |text: &str, t| Nodata::parse(text, t).map(Nodata::as_f64);
        assert_eq!(float("-9999 ", SampleType::I16), Some(-9999.0));
        assert_eq!(float("-9999", SampleType::U16), None);
        assert_eq!(float("255", SampleType::U8), Some(255.0));
        assert_eq!(float("1e400", SampleType::F64), Some(f64::INFINITY));
        assert_eq!(float("abc", SampleType::F32), Some(0.0));
        assert_eq!(float("12abc", SampleType::F32), Some(12.0));
        assert!(Nodata::parse("nan", SampleType::F32).unwrap().is_nan());
        assert_eq!(Nodata::parse("nan", SampleType::U8), None);
    }

    #[test]
    fn the_lowest_float32_is_recognised_in_decimal() {
        let lowest = Some(Nodata::Float(f64::from(f32::MIN)));
        assert_eq!(Nodata::parse("-3.4028234663852886e+38", SampleType::F32), lowest);
        assert_eq!(Nodata::parse("-3.40282347e+38", SampleType::F32), lowest);
    }

    #[test]
    fn sixty_four_bit_nodata_keeps_every_digit() {
        assert_eq!(Nodata::parse("-9223372036854775808", SampleType::I64), Some(Nodata::Int(i64::MIN)));
        assert_eq!(Nodata::parse("18446744073709551615", SampleType::U64), Some(Nodata::Uint(u64::MAX)));
        assert_eq!(Nodata::parse("-1", SampleType::U64), None);
    }

    #[test]
    fn a_callers_nodata_is_no_number_read_as_0() {
        assert_eq!(Nodata::of(f64::NAN, SampleType::I64), None);
        assert_eq!(Nodata::of(-1.0, SampleType::U64), None);
        assert_eq!(Nodata::of(9_223_372_036_854_775_807.0, SampleType::I64), Some(Nodata::Int(i64::MAX)));
        assert_eq!(Nodata::of(18_446_744_073_709_551_615.0, SampleType::U64), Some(Nodata::Uint(u64::MAX)));
        assert_eq!(Nodata::of(0.5, SampleType::I64), Some(Nodata::Int(0)));
    }
}
