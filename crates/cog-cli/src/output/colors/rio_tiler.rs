//! Colours as rio-tiler and titiler have them in JSON: `{"1": "#ff0000", "2": [0, 0, 255, 255]}`, or `[[[0, 10], "#ff0000"], …]`.

use serde_json::Value;

use super::color::Color;

/// Colours of values or of intervals.
#[derive(Clone, Debug)]
pub(crate) enum Tabled {
    /// Of single values, in order. Others are transparent.
    Values(Vec<(f64, Color)>),
    /// From one value up to another; of several that hold one the last counts. Others are transparent.
    Intervals(Vec<([f64; 2], Color)>),
}

impl Tabled {
    pub(super) fn of(&self, value: f64) -> Color {
        match self {
            Tabled::Values(values) => match values.binary_search_by(|(known, _)| known.total_cmp(&(value + 0.0))) {
                Ok(found) => values.get(found).map_or([0; 4], |(_, color)| *color),
                Err(_) => [0; 4],
            },
            Tabled::Intervals(all) => {
                let holds = |range: &[f64; 2]| value >= range[0] && value < range[1];
                all.iter().rev().find(|(range, _)| holds(range)).map_or([0; 4], |(_, color)| *color)
            }
        }
    }
}

/// Colours of values or of intervals, as JSON.
pub(super) fn parse(text: &str) -> Result<Tabled, String> {
    let json: Value = serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))?;
    match json {
        Value::Object(map) => {
            let entry = |(value, color): (&String, &Value)| {
                let number = value.trim().parse::<f64>().ok().filter(|number| number.is_finite());
                let number = number.ok_or_else(|| format!("'{value}' is not the number of a sample"))?;
                Ok((number + 0.0, self::color(color)?))
            };
            let mut values = map.iter().map(entry).collect::<Result<Vec<_>, String>>()?;
            values.sort_by(|one, other| one.0.total_cmp(&other.0));
            filled(values.is_empty())?;
            Ok(Tabled::Values(values))
        }
        Value::Array(list) => {
            let intervals = list.iter().map(interval).collect::<Result<Vec<_>, String>>()?;
            filled(intervals.is_empty())?;
            Ok(Tabled::Intervals(intervals))
        }
        _ => Err("holds neither colours of values nor of intervals".into()),
    }
}

fn filled(empty: bool) -> Result<(), String> {
    if empty { Err("holds no colours".into()) } else { Ok(()) }
}

fn interval(entry: &Value) -> Result<([f64; 2], Color), String> {
    let wrong = || format!("{entry} is not an interval and its colour: [[FROM, TO], COLOUR]");
    let [range, color] = entry.as_array().map(Vec::as_slice).unwrap_or_default() else { return Err(wrong()) };
    let [from, to] = range.as_array().map(Vec::as_slice).unwrap_or_default() else { return Err(wrong()) };
    let range = [from.as_f64().ok_or_else(wrong)?, to.as_f64().ok_or_else(wrong)?];
    Ok((range, self::color(color)?))
}

/// `#rgb`, `#rgba`, `#rrggbb`, `#rrggbbaa`, or a list of three or four numbers.
fn color(value: &Value) -> Result<Color, String> {
    let wrong = || format!("{value} is not a colour: #rrggbb, #rrggbbaa, [r, g, b] or [r, g, b, a]");
    let channels: Option<Vec<u8>> = match value {
        Value::String(text) => text
            .strip_prefix('#')
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| {
                let (length, factor) = if digits.len() < 6 { (1, 17) } else { (2, 1) };
                let channel = |digits: &[u8]| {
                    let text = std::str::from_utf8(digits).ok().filter(|text| text.len() == length)?;
                    u8::from_str_radix(text, 16).ok().map(|channel| channel * factor)
                };
                digits.as_bytes().chunks(length).map(channel).collect()
            }),
        Value::Array(list) => list.iter().map(|v| v.as_u64().and_then(|v| u8::try_from(v).ok())).collect(),
        _ => None,
    };
    match channels.as_deref() {
        Some(&[red, green, blue]) => Ok([red, green, blue, 255]),
        Some(&[red, green, blue, alpha]) => Ok([red, green, blue, alpha]),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As rio-tiler's `parse_color`.
    #[test]
    fn colours_are_written_in_six_ways() {
        for (text, expected) in [
            (r##""#FFF""##, [255, 255, 255, 255]),
            (r##""#f008""##, [255, 0, 0, 136]),
            (r##""#FF0000""##, [255, 0, 0, 255]),
            (r##""#FF000080""##, [255, 0, 0, 128]),
            ("[1, 2, 3]", [1, 2, 3, 255]),
            ("[1, 2, 3, 0]", [1, 2, 3, 0]),
        ] {
            assert_eq!(color(&serde_json::from_str(text).unwrap()), Ok(expected), "{text}");
        }
        for wrong in [r##""#FFFFF""##, r#""red""#, "[1, 2]", "[1, 2, 256]", "7", r##""#é0000""##, r##""#+1+1+1""##] {
            assert!(color(&serde_json::from_str(wrong).unwrap()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn values_and_intervals() {
        let values = parse(r##"{"10": "#00f", "1": [255, 0, 0, 255], "-0.5": [1, 2, 3]}"##).unwrap();
        assert_eq!(values.of(10.0), [0, 0, 255, 255]);
        assert_eq!(values.of(-0.5), [1, 2, 3, 255]);
        assert_eq!(values.of(9.0), [0; 4]);
        // `apply_intervals_cmap`: from the first number on, below the second, and later ones win.
        let intervals = parse(r##"[[[0, 10], "#100000"], [[5, 7], "#200000"]]"##).unwrap();
        assert_eq!([0.0, 4.9, 5.0, 7.0, 10.0].map(|v| intervals.of(v)[0]), [16, 16, 32, 16, 0]);
        for wrong in ["{", "{}", "[]", "[1]", "[[[1], [1, 2, 3]]]", r#"{"a": [1, 2, 3]}"#] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
