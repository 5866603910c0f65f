//! What the readers do not decode yet, told from what tifffile says of the file. Such a file may fail with an error, never with
//! wrong pixels; as soon as it reads right, it counts as agreeing.

use cog_testkit::Expected;
use serde_json::Value;

/// Why this file may still be refused; none if it has to be read.
pub(crate) fn reason(expected: &Expected) -> Option<String> {
    let compression = expected.tifffile.as_ref().and_then(|t| t.compression).unwrap_or(1);
    let codec = match compression {
        6 => "old-style JPEG",
        22610 | 34934 => "JPEG XR, which GDAL does not read either",
        _ => "",
    };
    if !codec.is_empty() {
        return Some(format!("compression {compression} ({codec})"));
    }
    let bits = expected.tag(258).and_then(first).unwrap_or(1);
    (compression == 7 && bits != 8).then(|| format!("JPEG of {bits} bits a sample"))
}

fn first(value: &Value) -> Option<u64> {
    match value {
        Value::Array(all) => all.first()?.as_u64(),
        one => one.as_u64(),
    }
}
