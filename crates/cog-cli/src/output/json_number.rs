//! Numbers that JSON cannot hold.

use cog_read::tiff::Nodata;
use serde_json::{Value, json};

/// A number, or "nan", "inf", "-inf" as text.
pub(crate) fn number(value: f64) -> Value {
    if value.is_nan() {
        json!("nan")
    } else if value.is_infinite() {
        json!(if value > 0.0 { "inf" } else { "-inf" })
    } else {
        json!(value)
    }
}

/// Nodata, 64-bit integers exact.
pub(crate) fn nodata(nodata: Option<Nodata>) -> Value {
    match nodata {
        None => Value::Null,
        Some(Nodata::Int(v)) => json!(v),
        Some(Nodata::Uint(v)) => json!(v),
        Some(other) => number(other.as_f64()),
    }
}
