//! `Content-Range: bytes 0-99/200` (RFC 9110, section 14.4).

use std::ops::Range;

/// A parsed Content-Range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ContentRange {
    /// The bytes that follow; `None` for `bytes */200`, which comes with status 416.
    pub(super) range: Option<Range<u64>>,
    /// The size of the whole object; `None` for `*`.
    pub(super) size: Option<u64>,
}

impl ContentRange {
    /// `None` if the text is not a byte range that can be true.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (unit, rest) = text.trim().split_once([' ', '='])?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return None;
        }
        let (range, size) = rest.trim().split_once('/')?;
        let size = match size.trim() {
            "*" => None,
            size => Some(digits(size)?),
        };
        let range = match range.trim() {
            "*" => None,
            range => {
                let (first, last) = range.split_once('-')?;
                let (first, last) = (digits(first)?, digits(last)?);
                let end = last.checked_add(1)?;
                if first > last || size.is_some_and(|size| end > size) {
                    return None;
                }
                Some(first..end)
            }
        };
        Some(Self { range, size })
    }
}

/// Digits only: `u64::from_str` would take a plus sign.
fn digits(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rfc_9110_allows_is_read() {
        assert_eq!(ContentRange::parse("bytes 0-99/200"), Some(ContentRange { range: Some(0..100), size: Some(200) }));
        assert_eq!(ContentRange::parse("bytes 5-5/*"), Some(ContentRange { range: Some(5..6), size: None }));
        assert_eq!(ContentRange::parse("bytes */0"), Some(ContentRange { range: None, size: Some(0) }));
    }

    #[test]
    fn what_cannot_be_true_is_refused() {
        for text in [
            "bytes 9-5/20",
            "bytes 0-20/20",
            "items 0-1/2",
            "bytes 0-18446744073709551615/*",
            "bytes +1-2/3",
            "",
            "bytes",
        ] {
            assert_eq!(ContentRange::parse(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            if let Some(ContentRange { range: Some(range), size: Some(size) }) = ContentRange::parse(&text) {
                proptest::prop_assert!(range.start < range.end && range.end <= size);
            }
        }
    }
}
