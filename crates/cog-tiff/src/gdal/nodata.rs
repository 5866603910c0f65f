//! Tag 42113: nodata as text.

use crate::gdal::number;
use crate::gdal::xml::short;
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
    /// Parses the tag's text for samples of a type, as GDAL does: the number at its start counts, and text that is not a number
    /// is 0. `None` if the text is empty or the type cannot hold the value (rasterio says so too; GDAL's own flags of an
    /// `int8` band name a nodata that none of its pixels can have).
    ///
    /// Fractions stay as they are said; pixels of an integer type are compared with what is before the point: see
    /// [`Nodata::in_type`]. 64-bit integers are read by C's `strtoll` and `strtoull`, which end at a point and clamp.
    pub fn parse(text: &str, sample_type: SampleType) -> Option<Nodata> {
        if text.is_empty() {
            return None;
        }
        match sample_type {
            SampleType::I64 => {
                let (negative, magnitude) = integer_prefix(text);
                let value = if negative { -magnitude } else { magnitude };
                Some(Nodata::Int(value.clamp(i64::MIN.into(), i64::MAX.into()) as i64))
            }
            SampleType::U64 => {
                let (negative, magnitude) = integer_prefix(text);
                let value = u64::try_from(magnitude).unwrap_or(u64::MAX);
                // C negates what it read in the unsigned type; a number that is too large stays the largest.
                let fits = magnitude <= u64::MAX.into();
                Some(Nodata::Uint(if negative && fits { value.wrapping_neg() } else { value }))
            }
            _ => {
                let value = number::leading(text).value;
                let value = if sample_type == SampleType::F32 { as_f32(value) } else { value };
                in_range(value, sample_type).then_some(Nodata::Float(value))
            }
        }
    }

    /// What is doubtful about the tag's text, in a line for people; `None` if nothing is.
    pub(crate) fn doubt(text: &str, sample_type: SampleType) -> Option<String> {
        if text.is_empty() {
            return None;
        }
        let name = sample_type.name();
        let shown = short(text);
        let number = number::leading(text);
        match Nodata::parse(text, sample_type) {
            None => Some(format!("GDAL_NODATA \"{shown}\" is ignored: {name} cannot hold it")),
            Some(_) if !number.whole => Some(format!("GDAL_NODATA \"{shown}\" is read as {}", number.value)),
            Some(Nodata::Int(v)) if v as f64 != number.value => {
                Some(format!("GDAL_NODATA \"{shown}\" is read as {v} for {name}"))
            }
            Some(Nodata::Uint(v)) if v as f64 != number.value => {
                Some(format!("GDAL_NODATA \"{shown}\" is read as {v} for {name}"))
            }
            Some(Nodata::Float(v)) if v.fract() != 0.0 && sample_type.is_integer() => {
                Some(format!("GDAL_NODATA \"{shown}\" stands for {} in {name}", v.trunc()))
            }
            Some(Nodata::Float(v)) if v.is_infinite() && number.value.is_finite() => {
                Some(format!("GDAL_NODATA \"{shown}\" is read as {v} for {name}"))
            }
            Some(_) => None,
        }
    }

    /// What pixels of a type are compared with: of a fraction, an integer type has what is before the point (GDAL).
    pub fn in_type(self, sample_type: SampleType) -> Nodata {
        match self {
            Nodata::Float(v) if sample_type.is_integer() => Nodata::Float(v.trunc()),
            other => other,
        }
    }

    /// A value that a caller names instead of the file's. `None` if the type cannot hold it.
    /// `f64` rounds the largest 64-bit integers up by one, which means them; fractions of these types are cut, as by GDAL.
    pub fn of(value: f64, sample_type: SampleType) -> Option<Nodata> {
        match sample_type {
            SampleType::I64 if value >= i64::MIN as f64 && value <= i64::MAX as f64 => Some(Nodata::Int(value as i64)),
            SampleType::U64 if value >= 0.0 && value <= u64::MAX as f64 => Some(Nodata::Uint(value as u64)),
            SampleType::I64 | SampleType::U64 => None,
            SampleType::F32 if value.is_finite() && as_f32(value).is_infinite() => None,
            SampleType::F32 => Some(Nodata::Float(as_f32(value))),
            _ => in_range(value, sample_type).then_some(Nodata::Float(value)),
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
/// bounds themselves; what lies further out is infinite.
fn as_f32(value: f64) -> f64 {
    let max = f64::from(f32::MAX);
    if value.is_finite() && value.abs() > max {
        return if value.abs() < max * (1.0 + 1e-8) { max.copysign(value) } else { f64::INFINITY.copysign(value) };
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

/// Sign and magnitude of the integer at the start of a text, 0 if there is none: C's `strtoll`, by which GDAL reads 64-bit
/// nodata. It stops at a decimal point, so "-9.2e18" is -9. The magnitude is bounded, far beyond 64 bits.
fn integer_prefix(text: &str) -> (bool, i128) {
    let text = text.trim_start();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let magnitude = digits
        .bytes()
        .take_while(u8::is_ascii_digit)
        .fold(0i128, |n, digit| n.saturating_mul(10).saturating_add(i128::from(digit - b'0')));
    (text.starts_with('-'), magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;
    use SampleType as T;

    /// Text, type, and the nodata that rasterio 1.4.4 (GDAL 3.10.3) gives; `testdata/strange` has every type.
    #[test]
    fn nodata_text_is_read_as_gdal_reads_it() {
        let float = |text: &str, t| Nodata::parse(text, t).map(Nodata::as_f64);
        for (text, sample_type, expected) in [
            ("-9999 ", T::I16, Some(-9999.0)),
            ("-9999", T::U16, None),
            ("255", T::U8, Some(255.0)),
            ("255.4", T::U8, None),
            ("0.5", T::U8, Some(0.5)),
            ("", T::U8, None),
            (" ", T::U8, Some(0.0)),
            ("7,8", T::U8, Some(7.8)),
            ("0x10", T::I32, Some(0.0)),
            ("1e400", T::F64, Some(f64::INFINITY)),
            ("1e39", T::F32, Some(f64::INFINITY)),
            ("-3.5e38", T::F32, Some(f64::NEG_INFINITY)),
            ("1e39", T::Complex32, None),
            ("1e-50", T::F32, Some(0.0)),
            ("16777217", T::F32, Some(16_777_216.0)),
            ("abc", T::F32, Some(0.0)),
            ("12abc", T::F32, Some(12.0)),
            ("nan", T::U8, None),
        ] {
            assert_eq!(float(text, sample_type), expected, "{text:?} {sample_type}");
        }
        assert!(Nodata::parse("nan", T::F32).unwrap().is_nan());
    }

    #[test]
    fn the_lowest_float32_is_recognised_in_decimal() {
        let lowest = Some(Nodata::Float(f64::from(f32::MIN)));
        assert_eq!(Nodata::parse("-3.4028234663852886e+38", T::F32), lowest);
        assert_eq!(Nodata::parse("-3.40282347e+38", T::F32), lowest);
    }

    /// As C's strtoll and strtoull.
    #[test]
    fn sixty_four_bit_nodata_keeps_every_digit_and_clamps() {
        for (text, expected) in [
            ("-9223372036854775808", i64::MIN),
            ("-9223372036854775809", i64::MIN),
            ("9223372036854775808", i64::MAX),
            ("9007199254740993", 9_007_199_254_740_993),
            ("-1.5", -1),
            ("1e3", 1),
            ("nan", 0),
        ] {
            assert_eq!(Nodata::parse(text, T::I64), Some(Nodata::Int(expected)), "{text}");
        }
        for (text, expected) in [
            ("18446744073709551615", u64::MAX),
            ("18446744073709551616", u64::MAX),
            ("-1", u64::MAX),
            ("-32768", u64::MAX - 32_767),
            ("-0.5", 0),
            ("99999999999999999999999999999999999999999999", u64::MAX),
        ] {
            assert_eq!(Nodata::parse(text, T::U64), Some(Nodata::Uint(expected)), "{text}");
        }
    }

    #[test]
    fn an_integer_type_has_what_is_before_the_point() {
        let of = |v, t| Nodata::Float(v).in_type(t);
        assert_eq!((of(0.5, T::U8), of(-0.5, T::I8)), (Nodata::Float(0.0), Nodata::Float(-0.0)));
        assert_eq!(of(0.5, T::F32), Nodata::Float(0.5));
    }

    #[test]
    fn a_callers_nodata_is_no_number_read_as_0() {
        assert_eq!(Nodata::of(f64::NAN, T::I64), None);
        assert_eq!(Nodata::of(-1.0, T::U64), None);
        assert_eq!(Nodata::of(1e39, T::F32), None);
        assert_eq!(Nodata::of(f64::INFINITY, T::F32), Some(Nodata::Float(f64::INFINITY)));
        assert_eq!(Nodata::of(9_223_372_036_854_775_807.0, T::I64), Some(Nodata::Int(i64::MAX)));
        assert_eq!(Nodata::of(18_446_744_073_709_551_615.0, T::U64), Some(Nodata::Uint(u64::MAX)));
        assert_eq!(Nodata::of(0.5, T::I64), Some(Nodata::Int(0)));
    }
}
