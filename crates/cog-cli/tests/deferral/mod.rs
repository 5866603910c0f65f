//! What the readers do not decode yet, told from what tifffile says of the file. Such a file may fail with an error, never with
//! wrong pixels; as soon as it reads right, it counts as agreeing.

use cog_testkit::Expected;
use serde_json::Value;

/// Why this file may still be refused; none if it has to be read.
pub(crate) fn reason(expected: &Expected) -> Option<String> {
    let number = |code: u32| expected.tag(code).and_then(first);
    let compression = expected.tifffile.as_ref().and_then(|t| t.compression).unwrap_or(1);
    let codec = match compression {
        2..=4 => "CCITT",
        6 => "old-style JPEG",
        34887 => "LERC",
        34925 => "LZMA",
        50002 | 52546 => "JPEG XL",
        33003 | 33005 | 34712 => "JPEG 2000",
        22610 | 34934 => "JPEG XR, which GDAL does not read either",
        34676 | 34677 => "LogLuv",
        32809 => "ThunderScan",
        _ => "",
    };
    if !codec.is_empty() {
        return Some(format!("compression {compression} ({codec})"));
    }
    let bits = number(258).unwrap_or(1);
    if compression == 7 && bits != 8 {
        return Some(format!("JPEG of {bits} bits a sample"));
    }
    match number(262) {
        Some(5) if bits == 8 => Some("CMYK, shown as RGBA".to_owned()),
        Some(8) => Some("CIELab, shown as RGBA".to_owned()),
        Some(6) if compression != 7 => Some("YCbCr without JPEG, shown as RGBA".to_owned()),
        _ => None,
    }
}

fn first(value: &Value) -> Option<u64> {
    match value {
        Value::Array(all) => all.first()?.as_u64(),
        one => one.as_u64(),
    }
}
