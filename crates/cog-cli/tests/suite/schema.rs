//! What is printed as JSON is what docs/schema says, for every file there is.

use std::fs;
use std::path::Path;

use cog_testkit::Corpus;
use serde_json::{Map, Value};

use crate::command;

/// A schema: of JSON Schema it knows what ours use, and nothing is passed over.
struct Schema {
    root: Value,
}

impl Schema {
    fn named(name: &str) -> Schema {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema").join(format!("{name}.json"));
        let root = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        Schema { root }
    }

    #[track_caller]
    fn assert_holds(&self, value: &Value) {
        if let Err(problem) = self.check(&self.root, value, "") {
            panic!("{problem}");
        }
    }

    fn check(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let rules = match schema {
            Value::Bool(true) => return Ok(()),
            Value::Bool(false) => return Err(format!("{at} is not in the schema")),
            other => other.as_object().unwrap(),
        };
        for (rule, wanted) in rules {
            match rule.as_str() {
                "$schema" | "$id" | "$defs" | "title" | "description" => {}
                "type" => {
                    let kinds = wanted.as_array().cloned().unwrap_or_else(|| vec![wanted.clone()]);
                    if !kinds.iter().any(|kind| is(kind.as_str().unwrap(), value)) {
                        return Err(format!("{at} is {value}, not {wanted}"));
                    }
                }
                "const" if value != wanted => return Err(format!("{at} is {value}, not {wanted}")),
                "enum" if !wanted.as_array().unwrap().contains(value) => {
                    return Err(format!("{at} is {value}, none of {wanted}"));
                }
                "const" | "enum" => {}
                "$ref" => {
                    let pointer = wanted.as_str().unwrap().strip_prefix('#').unwrap();
                    self.check(self.root.pointer(pointer).unwrap(), value, at)?;
                }
                "anyOf" | "oneOf" => {
                    let all: Vec<_> =
                        wanted.as_array().unwrap().iter().map(|schema| self.check(schema, value, at)).collect();
                    let good = all.iter().filter(|result| result.is_ok()).count();
                    if good == 0 || rule == "oneOf" && good > 1 {
                        return Err(format!("{at}: {all:?}"));
                    }
                }
                "minItems" | "maxItems" => {
                    let (count, bound) = (value.as_array().map(Vec::len), wanted.as_u64().unwrap() as usize);
                    if count.is_some_and(|count| if rule == "minItems" { count < bound } else { count > bound }) {
                        return Err(format!("{at} has {count:?} items, and not {bound}"));
                    }
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(wanted, item, &format!("{at}/{index}"))?;
                    }
                }
                "required" => {
                    for name in wanted.as_array().unwrap() {
                        if value.as_object().is_some_and(|map| !map.contains_key(name.as_str().unwrap())) {
                            return Err(format!("{at} lacks {name}"));
                        }
                    }
                }
                "properties" => {}
                "patternProperties" => {}
                "additionalProperties" => self.check_members(rules, value, at)?,
                other => panic!("the schema says {other}, which this test does not know"),
            }
        }
        Ok(())
    }

    fn check_members(&self, rules: &Map<String, Value>, value: &Value, at: &str) -> Result<(), String> {
        for (name, member) in value.as_object().into_iter().flatten() {
            let known = rules.get("properties").and_then(|all| all.get(name));
            // The one pattern there is: `^percentile_[0-9.e+-]+$`.
            let by_pattern = || {
                let (pattern, schema) = rules.get("patternProperties")?.as_object()?.iter().next()?;
                assert_eq!(pattern, "^percentile_[0-9.e+-]+$");
                let digits = name.strip_prefix("percentile_")?;
                digits.chars().all(|c| c.is_ascii_digit() || ".e+-".contains(c)).then_some(schema)
            };
            let schema = known.or_else(by_pattern).unwrap_or(&rules["additionalProperties"]);
            self.check(schema, member, &format!("{at}/{name}"))?;
        }
        Ok(())
    }
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.as_i64().is_some() || value.as_u64().is_some(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("no type {other}"),
    }
}

fn files() -> Vec<String> {
    let mut all: Vec<String> = Corpus::testdata()
        .files()
        .unwrap()
        .into_iter()
        .filter(|file| !file.name().contains("malformed"))
        .map(|file| file.path.to_str().unwrap().to_owned())
        .collect();
    all.sort();
    all
}

/// What is printed a line each; files that cannot be read have none.
fn lines(arguments: &[&str], files: &[String]) -> Vec<Value> {
    let arguments = arguments.iter().map(|word| (*word).to_owned()).chain(files.iter().cloned());
    let end = command::run(arguments);
    end.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn json_of_every_file_is_what_its_schema_says() {
    let files = files();
    for (verb, name) in [("info", "info-1"), ("tags", "tags-1"), ("stats", "stats-1")] {
        let schema = Schema::named(name);
        let all = lines(&[verb, "--ndjson"], &files);
        assert!(all.len() > 40, "{verb}: {}", all.len());
        for value in &all {
            schema.assert_holds(value);
            assert_eq!(value["schema"], name);
        }
        // A list has the same.
        let few = files.iter().filter(|file| file.contains("cog_")).cloned().collect::<Vec<_>>();
        let list = command::run([verb.to_owned(), "--json".to_owned()].into_iter().chain(few.clone()));
        let list: Value = serde_json::from_str(&list.stdout).unwrap();
        assert_eq!(list.as_array().unwrap(), &lines(&[verb, "--ndjson"], &few), "{verb}");
    }
    let all = lines(&["stats", "--ndjson", "--histogram", "4", "--percentiles", "1,99.5"], &files[..5]);
    all.iter().for_each(|value| Schema::named("stats-1").assert_holds(value));
}

#[test]
fn verdicts_are_what_their_schema_says() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/validate/files");
    let malformed = rules.join("../../files/malformed");
    let folders = [rules, malformed].map(|folder| folder.to_str().unwrap().to_owned());
    let all = lines(&["validate", "--ndjson"], &[&files()[..], &folders].concat());
    assert!(all.len() > 100, "{}", all.len());
    all.iter().for_each(|value| Schema::named("validate-1").assert_holds(value));
    assert!(all.iter().any(|value| value["valid"].is_null()));
}

#[test]
fn outlines_places_and_grids_are_what_their_schemas_say() {
    let files = files();
    let outlines = lines(&["bounds", "--ndjson"], &files);
    assert!(outlines.len() > 20);
    outlines.iter().for_each(|value| Schema::named("bounds-1").assert_holds(value));
    assert!(outlines.iter().all(|value| value["schema"] == "bounds-1"));
    for more in [&[][..], &["--crs", "EPSG:3857"]] {
        let named = command::run([&["bounds", &files[6]], more].concat());
        Schema::named("bounds-1").assert_holds(&serde_json::from_str(&named.stdout).unwrap());
    }
    let schema = Schema::named("point-1");
    for file in &files {
        let end = command::run(["point", file, "0.5", "0.5", "-1", "nan", "--pixels", "--ndjson"]);
        for line in end.stdout.lines() {
            schema.assert_holds(&serde_json::from_str(line).unwrap());
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let (out, grid) = (folder.path().join("o.npy"), folder.path().join("g.json"));
    for file in files.iter().take(10) {
        let end = command::run(["read", file, "-o", out.to_str().unwrap(), "--grid", grid.to_str().unwrap()]);
        assert!(end.is_success(), "{}", command::failure(&end));
        Schema::named("grid-1").assert_holds(&serde_json::from_str(&fs::read_to_string(&grid).unwrap()).unwrap());
    }
}

#[test]
fn a_schema_that_is_not_met_is_told() {
    let schema = Schema::named("grid-1");
    let good = serde_json::json!({"schema": "grid-1", "width": 1, "height": 1, "count": 1, "dtype": "uint8", "transform": null, "bounds": [0.0, 1.0, 2.0, 3.0], "crs": null, "level": 0});
    schema.assert_holds(&good);
    for (name, wrong) in [("width", serde_json::json!("1")), ("bounds", serde_json::json!([1])), ("more", Value::Null)]
    {
        let mut value = good.clone();
        value[name] = wrong;
        assert!(schema.check(&schema.root, &value, "").is_err(), "{name}");
    }
    let mut value = good;
    value.as_object_mut().unwrap().remove("level");
    assert!(schema.check(&schema.root, &value, "").is_err());
}
