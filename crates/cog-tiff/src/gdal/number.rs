//! Numbers in text, as GDAL's `CPLAtofM` reads them: the number at the start counts, whatever stands behind it.

/// GDAL looks for the decimal point or comma this far.
const POINT_WITHIN: usize = 50;

/// What some programs print for values that are not numbers: (text, whether more may follow it, value).
const WORDS: [(&str, bool, f64); 21] = [
    ("nan", false, f64::NAN),
    ("NaN", false, f64::NAN),
    ("+nan", false, f64::NAN),
    ("+NaN", false, f64::NAN),
    ("inf", false, f64::INFINITY),
    ("Inf", false, f64::INFINITY),
    ("INF", false, f64::INFINITY),
    ("+inf", false, f64::INFINITY),
    ("+Inf", false, f64::INFINITY),
    ("Infinity", false, f64::INFINITY),
    ("+Infinity", false, f64::INFINITY),
    ("-inf", false, f64::NEG_INFINITY),
    ("-Inf", false, f64::NEG_INFINITY),
    ("-INF", false, f64::NEG_INFINITY),
    ("-Infinity", false, f64::NEG_INFINITY),
    ("1.#QNAN", true, f64::NAN),
    ("1.#SNAN", true, f64::NAN),
    ("-1.#QNAN", true, f64::NAN),
    ("-1.#IND", true, f64::NAN),
    ("1.#INF", true, f64::INFINITY),
    ("-1.#INF", true, f64::NEG_INFINITY),
];

/// A number, and whether it is all that the text holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number {
    pub(crate) value: f64,
    /// False if there is no number, or text behind it.
    pub(crate) whole: bool,
}

/// The number at the start of the text; 0 if there is none. Its decimal mark is a point or a comma, whichever comes first.
pub(crate) fn leading(text: &str) -> Number {
    let mark = text.bytes().take(POINT_WITHIN).find(|b| matches!(b, b'.' | b',')).unwrap_or(b'.');
    with_mark(text, mark)
}

/// The same with a decimal point only: C's `atof`, without its hexadecimal form.
pub(crate) fn leading_with_point(text: &str) -> Number {
    with_mark(text, b'.')
}

fn with_mark(text: &str, mark: u8) -> Number {
    let text = text.trim_start_matches([' ', '\t', '\n', '\r']);
    for (word, more, value) in WORDS {
        if text == word || more && text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)) {
            return Number { value, whole: text.len() == word.len() };
        }
    }
    let len = prefix(text.as_bytes(), mark);
    let number = text.get(..len).unwrap_or_default();
    let value = match mark {
        b',' => number.replace(',', ".").parse(),
        _ => number.parse(),
    };
    let rest = text.get(len..).unwrap_or_default();
    Number { value: value.unwrap_or(0.0), whole: len > 0 && rest.trim_end().is_empty() }
}

/// Bytes of the longest start that is a number: sign, digits, fraction, exponent. 0 if there is no digit.
fn prefix(text: &[u8], mark: u8) -> usize {
    let digits = |from: usize| text.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
    let at = |i: usize| text.get(i).copied().unwrap_or(0);
    let sign = usize::from(matches!(at(0), b'+' | b'-'));
    let whole = digits(sign);
    let mut len = sign + whole;
    let mut count = whole;
    if at(len) == mark {
        let fraction = digits(len + 1);
        count += fraction;
        len += 1 + fraction;
    }
    if count == 0 {
        return 0;
    }
    if matches!(at(len), b'e' | b'E') {
        let sign = usize::from(matches!(at(len + 1), b'+' | b'-'));
        let exponent = digits(len + 1 + sign);
        if exponent > 0 {
            len += 1 + sign + exponent;
        }
    }
    len
}

/// C's `atoi` as the C library of GDAL's builds has it: the digits at the start, bounded to 64 bits, of which 32 stay.
pub(crate) fn integer(text: &str) -> i32 {
    let text = text.trim_start();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let magnitude = digits
        .bytes()
        .take_while(u8::is_ascii_digit)
        .fold(0i64, |n, digit| n.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    (if negative { -magnitude } else { magnitude }) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What rasterio 1.4.4 (GDAL 3.10.3) gives for the scale of a band whose text is this.
    #[test]
    fn numbers_are_those_that_gdal_reads() {
        for (text, value) in [
            ("0.1f", 0.1),
            ("0,1", 0.1),
            ("1,234.5", 1.234),
            ("1.234,5", 1.234),
            ("1e3x", 1000.0),
            ("1d3", 1.0),
            ("0x10", 0.0),
            ("abc", 0.0),
            ("1.5e", 1.5),
            ("1e+", 1.0),
            ("1e5.5", 100_000.0),
            ("0,5.5", 0.5),
            ("1..5", 1.0),
            ("  2.5  ", 2.5),
            ("+3", 3.0),
            ("--3", 0.0),
            ("+ 7", 0.0),
            (".5", 0.5),
            ("5.", 5.0),
            (".", 0.0),
            ("-.5e-2", -0.005),
            ("1_000", 1.0),
            ("½", 0.0),
            ("1e400", f64::INFINITY),
            ("1e99999999999", f64::INFINITY),
            ("1e-99999999999", 0.0),
            ("-0012.50", -12.5),
            ("inf", f64::INFINITY),
            ("infx", 0.0),
            ("inf ", 0.0),
            ("-Infinity", f64::NEG_INFINITY),
            ("INFINITY", 0.0),
            ("1.#INFx", f64::INFINITY),
            ("+1.#INF", 1.0),
            ("NAN", 0.0),
            ("-nan", 0.0),
            ("nan ", 0.0),
            ("12345678901234567890123456789012345678901234567890,5", 1.234_567_890_123_456_7e49),
        ] {
            assert_eq!(leading(text).value, value, "{text:?}");
        }
        for text in ["nan", "NaN", "+nan", " nan", "1.#QNANx", "-1.#IND"] {
            assert!(leading(text).value.is_nan(), "{text:?}");
        }
    }

    #[test]
    fn text_behind_a_number_is_noticed_blanks_are_not() {
        let whole = |text| leading(text).whole;
        assert!(whole("0.1") && whole(" 7 ") && whole("0,1") && whole("nan") && whole("1e3"));
        assert!(!whole("0.1f") && !whole("") && !whole("abc") && !whole("1 2") && !whole("1.234,5"));
    }

    #[test]
    fn integers_are_those_of_the_c_library() {
        for (text, value) in [
            ("7", 7),
            (" 0x", 0),
            ("x", 0),
            ("", 0),
            ("-1", -1),
            ("+2", 2),
            ("0.9", 0),
            ("4294967295", -1),
            ("4294967296", 0),
            ("99999999999999999999", -1),
        ] {
            assert_eq!(integer(text), value, "{text:?}");
        }
    }
}
