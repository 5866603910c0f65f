//! Values at places as text, CSV or JSON.

use std::fmt::Write;

use anyhow::bail;
use cog_read::{Pixels, Points};
use serde_json::{Map, Value, json};

use crate::cli;
use crate::output::csv;
use crate::output::json_list::JsonList;
use crate::output::json_number;
use crate::output::text::one_line;

/// What docs/schema calls it.
const SCHEMA: &str = "point-1";

/// How values are printed.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Text,
    Csv,
    Json,
    Lines,
}

/// Prints values of one file behind the other.
pub(super) struct Printer {
    form: Form,
    list: JsonList,
    /// Whether each place has to say which file it is of.
    many: bool,
    /// Names of the columns, once they are printed.
    columns: Option<Vec<String>>,
}

/// Where values come from.
pub(super) struct Source<'a> {
    pub(super) input: &'a str,
    pub(super) location: &'a str,
    /// The texts of expressions, if it is those that have values.
    pub(super) expressions: Option<&'a [String]>,
}

impl Printer {
    pub(super) fn new(arguments: &cli::Point, many: bool) -> Printer {
        let form = match (arguments.csv, arguments.json, arguments.ndjson) {
            (true, ..) => Form::Csv,
            (_, true, _) => Form::Json,
            (.., true) => Form::Lines,
            _ => Form::Text,
        };
        Printer { form, list: JsonList::default(), many, columns: None }
    }

    /// What stands before the values of a file.
    pub(super) fn begin(&self, source: &Source<'_>) -> String {
        match self.form {
            Form::Text if self.many => format!("{}\n", one_line(source.location)),
            _ => String::new(),
        }
    }

    /// The values at some places.
    ///
    /// # Errors
    /// Bands that the table has no columns for.
    pub(super) fn values(
        &mut self,
        source: &Source<'_>,
        points: &Points,
        places: &[(f64, f64)],
    ) -> anyhow::Result<String> {
        let mut text = String::new();
        if self.form == Form::Csv {
            text += &self.header(source, points)?;
        }
        for (index, (x, y)) in places.iter().enumerate() {
            let values = values(points, index);
            match self.form {
                Form::Text => {
                    let values: Vec<String> = values.map(|value| plain(&value)).collect();
                    writeln!(text, "{x} {y}: {}", values.join(" "))?;
                }
                Form::Csv => {
                    let values = values.map(|value| if value.is_null() { String::new() } else { plain(&value) });
                    let place = [x.to_string(), y.to_string()];
                    let source = self.many.then(|| source.input.to_owned());
                    text += &csv::line(source.into_iter().chain(place).chain(values));
                }
                Form::Json => text += &self.list.item(&self.object(source, points, index, (*x, *y)))?,
                Form::Lines => writeln!(text, "{}", self.object(source, points, index, (*x, *y)))?,
            }
        }
        Ok(text)
    }

    /// The names of the columns, before the first values.
    fn header(&mut self, source: &Source<'_>, points: &Points) -> anyhow::Result<String> {
        let names: Vec<String> = match source.expressions {
            Some(texts) => texts.to_vec(),
            None => points.bands.iter().map(|band| format!("b{band}")).collect(),
        };
        match &self.columns {
            Some(columns) if *columns == names => Ok(String::new()),
            Some(columns) => bail!(
                "{}: has the bands {}, and the table those of the first file, {}: choose them with --bands",
                source.location,
                names.join(", "),
                columns.join(", ")
            ),
            None => {
                let first = self.many.then_some("input").into_iter().chain(["x", "y"]);
                let line = csv::line(first.chain(names.iter().map(String::as_str)));
                self.columns = Some(names);
                Ok(line)
            }
        }
    }

    fn object(&self, source: &Source<'_>, points: &Points, index: usize, (x, y): (f64, f64)) -> Value {
        let mut object = Map::new();
        if self.many {
            object.insert("input".into(), json!(source.input));
            object.insert("location".into(), json!(source.location));
        }
        object.insert("schema".into(), json!(SCHEMA));
        object.insert("x".into(), json_number::number(x));
        object.insert("y".into(), json_number::number(y));
        let pixel = points.pixels.get(index).copied().flatten();
        object.insert("pixel".into(), json!(pixel.map(|(column, row)| [column, row])));
        object.insert("level".into(), json!(points.level));
        object.insert("bands".into(), json!(points.bands));
        object.insert("values".into(), values(points, index).collect());
        if let Some(texts) = source.expressions {
            object.insert("expressions".into(), json!(texts));
        }
        Value::Object(object)
    }

    /// What closes it.
    pub(super) fn end(&self) -> String {
        if self.form == Form::Json { self.list.end() } else { String::new() }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The values of a place in each band; null where there is no data.
fn values(points: &Points, place: usize) -> impl Iterator<Item = Value> + '_ {
    (0..points.bands.len()).map(move |band| match points.validity.get((band, place)) {
        Some(0) | None => Value::Null,
        Some(_) => sample(&points.values, (band, 0, place)),
    })
}

/// One sample; a complex one as [re, im].
fn sample(pixels: &Pixels, at: (usize, usize, usize)) -> Value {
    macro_rules! of {
        ($($integer:ident),*) => {
            match pixels {
                $(Pixels::$integer(a) => a.get(at).map_or(Value::Null, |v| json!(v)),)*
                // Shortest digits that read back as this float32.
                Pixels::F32(a) => a.get(at).map_or(Value::Null, |v| match v.is_finite() {
                    true => v.to_string().parse::<f64>().map_or(Value::Null, json_number::number),
                    false => json_number::number(f64::from(*v)),
                }),
                Pixels::F64(a) => a.get(at).map_or(Value::Null, |v| json_number::number(*v)),
                Pixels::Complex32(a) => a.get(at).map_or(Value::Null, |v| {
                    json!([json_number::number(v.re.into()), json_number::number(v.im.into())])
                }),
                Pixels::Complex64(a) => a
                    .get(at)
                    .map_or(Value::Null, |v| json!([json_number::number(v.re), json_number::number(v.im)])),
                _ => Value::Null,
            }
        };
    }
    of!(U8, U16, U32, U64, I8, I16, I32, I64)
}
