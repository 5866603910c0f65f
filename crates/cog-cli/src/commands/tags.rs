//! `cog tags`: every tag of every IFD.

use std::fmt::Write;
use std::ops::Range;

use anyhow::bail;
use cog_read::Cog;
use cog_read::tiff::{Entry, GeoKeyValue, GeoKeys, Ifd, Place, Tag, Value};
use serde_json::json;

use crate::cli;
use crate::commands::files::{Answer, Files};
use crate::context::Context;
use crate::exit::Exit;
use crate::output::json_number::number;
use crate::output::text::{one_line, safe, shortened};

/// Values longer than this are cut in the text form.
const SHOWN_CHARACTERS: usize = 100;

/// Tables up to this many entries are read for the text form.
const SHOWN_VALUES: u64 = 32;

/// Tables up to this many entries are read for the JSON form; larger ones are named with their count.
const LISTED_VALUES: u64 = 65_536;

/// Values of all tables of a file that the JSON form lists. A crafted file can name one table as often as it likes.
const LISTED_IN_ALL: u64 = 1 << 19;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Tags) -> anyhow::Result<Exit> {
    let cli::Tags { locations, ifd, answers } = arguments;
    let files = Files::answered(locations, 0, answers);
    let named = files.many();
    let work = async |cog: &Cog| match answers.is_text() {
        false => all_json(cog, *ifd).await.map(Answer::Json),
        true => all_text(cog, *ifd, named).await.map(Answer::Text),
    };
    files.answer(context, work).await
}

/// The IFDs asked for.
fn wanted(cog: &Cog, ifd: Option<usize>) -> anyhow::Result<Range<usize>> {
    let count = cog.tiff().ifds().len();
    Ok(match ifd {
        Some(n) if n >= count => bail!("{}: IFD {n} does not exist, there are {count} (from 0)", cog.location()),
        Some(n) => n..n + 1,
        None => 0..count,
    })
}

async fn all_json(cog: &Cog, ifd: Option<usize>) -> anyhow::Result<serde_json::Value> {
    let mut ifds = Vec::new();
    let mut left = LISTED_IN_ALL;
    for index in wanted(cog, ifd)? {
        ifds.push(ifd_json(cog, index, &mut left).await?);
    }
    Ok(json!({"schema": "tags-1", "byte_order": cog.tiff().header().byte_order.name(), "ifds": ifds}))
}

async fn all_text(cog: &Cog, ifd: Option<usize>, named: bool) -> anyhow::Result<String> {
    let mut out = String::new();
    if named {
        writeln!(out, "{}", one_line(cog.location()))?;
    }
    for index in wanted(cog, ifd)? {
        add_ifd(&mut out, cog, index).await?;
    }
    Ok(out)
}

async fn add_ifd(out: &mut String, cog: &Cog, index: usize) -> anyhow::Result<()> {
    let Some(ifd) = cog.tiff().ifds().get(index) else { return Ok(()) };
    writeln!(out, "IFD {index} at offset {}{}", ifd.offset(), place(cog, index))?;
    for (entry, value) in ifd.tags() {
        // Short tables are worth showing; long ones would not fit anyway.
        let fetched = match value {
            None if entry.count <= SHOWN_VALUES => cog.tag(index, entry.tag).await.ok().flatten(),
            _ => None,
        };
        let value = value.or(fetched.as_ref());
        let name = entry.tag.name().unwrap_or("unknown");
        let kind = format!("{} × {}", entry.field_type.name(), entry.count);
        let shown = match value {
            Some(value) => shortened(&value_text(value), SHOWN_CHARACTERS),
            None => not_loaded(ifd, entry),
        };
        writeln!(out, "  {:<6} {name:<26} {kind:<16} {shown}", entry.tag.0)?;
    }
    if let Some(keys) = GeoKeys::of(ifd) {
        writeln!(out, "  GeoKeys")?;
        for (key, value) in keys.iter() {
            let shown = match value {
                GeoKeyValue::Short(n) => n.to_string(),
                GeoKeyValue::Doubles(v) => v.iter().map(f64::to_string).collect::<Vec<_>>().join(", "),
                GeoKeyValue::Text(t) => one_line(t),
                _ => String::new(),
            };
            writeln!(out, "    {:<5} {:<26} {}", key.0, key.name().unwrap_or("unknown"), shortened(&shown, 90))?;
        }
    }
    writeln!(out)?;
    Ok(())
}

fn place(cog: &Cog, index: usize) -> String {
    match cog.tiff().place(index) {
        Some(Place::SubIfd(parent)) => format!(" (SubIFD of IFD {parent})"),
        _ => String::new(),
    }
}

/// Why a value is not shown.
fn not_loaded(ifd: &Ifd, entry: &Entry) -> String {
    match ifd.warnings().find(|(tag, _)| *tag == entry.tag) {
        Some((_, problem)) => problem.to_string(),
        None => format!("at offset {}", entry.offset),
    }
}

fn value_text(value: &Value) -> String {
    fn join<T: ToString>(values: &[T]) -> String {
        let mut text: Vec<String> = values.iter().take(SHOWN_VALUES as usize).map(T::to_string).collect();
        if values.len() as u64 > SHOWN_VALUES {
            text.push("…".to_string());
        }
        text.join(" ")
    }
    match value {
        Value::Ascii(_) => safe(&value.text().unwrap_or_default()),
        Value::Bytes(v) => join(v),
        Value::Unsigned(v) => join(v),
        Value::Signed(v) => join(v),
        Value::Float(v) => join(v),
        Value::Double(v) => join(v),
        Value::Rational(v) => join(&v.iter().map(|(n, d)| format!("{n}/{d}")).collect::<Vec<_>>()),
        Value::SRational(v) => join(&v.iter().map(|(n, d)| format!("{n}/{d}")).collect::<Vec<_>>()),
        _ => String::new(),
    }
}

/// `left` is how many values may still be listed.
async fn ifd_json(cog: &Cog, index: usize, left: &mut u64) -> anyhow::Result<serde_json::Value> {
    let Some(ifd) = cog.tiff().ifds().get(index) else { return Ok(json!(null)) };
    let entries: Vec<(Entry, Option<Value>)> = ifd.tags().map(|(e, v)| (*e, v.cloned())).collect();
    let mut tags = Vec::new();
    for (entry, value) in entries {
        // A damaged value is named as such; it does not hide the others.
        let value = match value {
            Some(value) => Ok(Some(value)),
            None if entry.count <= LISTED_VALUES.min(*left) => cog.tag(index, entry.tag).await,
            None => Ok(None),
        };
        if matches!(value, Ok(Some(_))) {
            *left = left.saturating_sub(entry.count);
        }
        tags.push(json!({
            "code": entry.tag.0,
            "name": entry.tag.name(),
            "type": entry.field_type.name(),
            "count": entry.count,
            "value": value.as_ref().ok().and_then(Option::as_ref).map(|v| value_json(entry.tag, v)),
            "problem": value.as_ref().err().map(ToString::to_string),
        }));
    }
    let keys = GeoKeys::of(ifd).map(|keys| {
        keys.iter()
            .map(|(key, value)| {
                let value = match value {
                    GeoKeyValue::Short(n) => json!(n),
                    GeoKeyValue::Doubles(v) => v.iter().map(|v| number(*v)).collect(),
                    GeoKeyValue::Text(t) => json!(t),
                    _ => json!(null),
                };
                json!({"code": key.0, "name": key.name(), "value": value})
            })
            .collect::<Vec<_>>()
    });
    let parent = match cog.tiff().place(index) {
        Some(Place::SubIfd(parent)) => Some(parent),
        _ => None,
    };
    Ok(json!({"ifd": index, "offset": ifd.offset(), "parent": parent, "tags": tags, "geo_keys": keys}))
}

/// A list, a single number where the count is 1, or text. Bytes that are not known to be text are a list.
fn value_json(tag: Tag, value: &Value) -> serde_json::Value {
    let list: Vec<serde_json::Value> = match value {
        Value::Ascii(_) => return json!(value.text()),
        Value::Bytes(_) if matches!(tag, Tag::XMP | Tag::GEO_METADATA) => return json!(value.text()),
        Value::Bytes(v) => v.iter().map(|v| json!(v)).collect(),
        Value::Unsigned(v) => v.iter().map(|v| json!(v)).collect(),
        Value::Signed(v) => v.iter().map(|v| json!(v)).collect(),
        Value::Float(v) => v.iter().map(|v| number(f64::from(*v))).collect(),
        Value::Double(v) => v.iter().map(|v| number(*v)).collect(),
        Value::Rational(v) => v.iter().map(|(n, d)| json!([n, d])).collect(),
        Value::SRational(v) => v.iter().map(|(n, d)| json!([n, d])).collect(),
        _ => Vec::new(),
    };
    match <[serde_json::Value; 1]>::try_from(list) {
        Ok([one]) => one,
        Err(list) => list.into(),
    }
}
