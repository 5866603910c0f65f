//! Verdicts as they are printed: for people, or as JSON.

mod text;

use anyhow::anyhow;
use serde_json::{Map, Value, json};

use cog_validate::{Finding, Report, Verdict};

use super::checked::Checked;
use crate::cli::{self, Rules};
use crate::failure::{fail, told};
use crate::output::json_list::JsonList;
use crate::output::{field, stdout};

/// What docs/schema calls it.
const SCHEMA: &str = "validate-1";

/// Prints one file behind the other.
pub(super) struct Printer<'a> {
    arguments: &'a cli::Validate,
    many: bool,
    list: JsonList,
    /// Files that are valid, are not, and could not be checked.
    counts: [u64; 3],
    /// Whether anything was printed for people, and whether the last of it took more than a line.
    begun: bool,
    tall: bool,
    /// Why files could not be checked: named at the end, as by other commands.
    failures: Vec<anyhow::Error>,
    /// The first path that led nowhere.
    wrong: Option<anyhow::Error>,
}

impl<'a> Printer<'a> {
    pub(super) fn new(arguments: &'a cli::Validate, many: bool) -> Printer<'a> {
        Printer {
            arguments,
            many,
            list: JsonList::default(),
            counts: [0; 3],
            begun: false,
            tall: false,
            failures: Vec::new(),
            wrong: None,
        }
    }

    /// Prints what came of a file.
    pub(super) fn print(&mut self, checked: Checked) -> anyhow::Result<()> {
        let kind = match checked.is_valid(self.arguments) {
            Some(true) => 0,
            Some(false) => 1,
            None => 2,
        };
        if let Some(count) = self.counts.get_mut(kind) {
            *count += 1;
        }
        let answers = &self.arguments.answers;
        let text = match (answers.json, answers.is_text()) {
            (true, _) if self.many || answers.list => self.list.item(&self.object(&checked))?,
            (true, _) => serde_json::to_string_pretty(&self.object(&checked))? + "\n",
            (false, true) => {
                let text = text::file(&checked, self.arguments, self.many);
                self.apart(text)
            }
            (false, false) if answers.ndjson => serde_json::to_string(&self.object(&checked))? + "\n",
            (false, false) => self.fields(&self.object(&checked)),
        };
        // In JSON it has its place too.
        self.failures.extend(checked.report.err());
        if text.is_empty() { Ok(()) } else { stdout::print(text.as_bytes()) }
    }

    /// A text of several lines stands between empty ones.
    fn apart(&mut self, text: String) -> String {
        if text.is_empty() {
            return text;
        }
        let tall = text.lines().nth(1).is_some();
        let gap = if self.begun && (tall || self.tall) { "\n" } else { "" };
        (self.begun, self.tall) = (true, tall);
        format!("{gap}{text}")
    }

    /// Prints what stands behind the last file, and names those that could not be checked.
    ///
    /// # Errors
    /// What the system says, and a path of `--field` that leads nowhere.
    pub(super) fn end(self) -> anyhow::Result<()> {
        let printed = self.print_end();
        self.failures.iter().for_each(|error| _ = fail(error));
        printed.and(self.wrong.map_or(Ok(()), Err))
    }

    fn print_end(&self) -> anyhow::Result<()> {
        let answers = &self.arguments.answers;
        let text = match (answers.json, answers.is_text()) {
            (true, _) if self.many || answers.list => self.list.end(),
            (_, true) if self.many => text::summary(self.counts, self.tall),
            _ => return Ok(()),
        };
        stdout::print(text.as_bytes())
    }

    /// The values that are wanted, in a line. A file that could not be checked has none.
    fn fields(&mut self, value: &Value) -> String {
        if value.get("error").is_some() {
            return String::new();
        }
        let (line, wrong) = field::line(value, &self.arguments.answers.field);
        if let Some(path) = wrong.filter(|_| self.wrong.is_none()) {
            self.wrong = Some(anyhow!("there is no '{path}': it has {}", field::names(value)));
        }
        line
    }

    fn object(&self, checked: &Checked) -> Value {
        let cli::Validate { strict, rules, .. } = self.arguments;
        let mut map = Map::new();
        map.insert("schema".into(), json!(SCHEMA));
        map.insert("input".into(), json!(checked.typed.to_string_lossy()));
        map.insert("location".into(), json!(checked.location));
        map.insert("valid".into(), json!(checked.is_valid(self.arguments)));
        map.insert("rules".into(), rules.iter().map(|rules| rules.key()).collect());
        map.insert("strict".into(), json!(strict));
        match &checked.report {
            Ok(report) => {
                for rules in Rules::ALL {
                    if let Some(verdict) = report.verdict(rules.authority()) {
                        map.insert(rules.key().into(), of_verdict(verdict, *strict));
                    }
                }
                map.extend(of_report(report));
            }
            Err(error) => _ = map.insert("error".into(), json!(told(error))),
        }
        map.insert("requests".into(), json!(checked.requests));
        map.insert("bytes".into(), json!(checked.bytes));
        Value::Object(map)
    }
}

fn of_verdict(verdict: &Verdict, strict: bool) -> Value {
    let findings = |all: &[Finding]| all.iter().map(of_finding).collect::<Vec<_>>();
    let mut value = json!({
        "valid": verdict.is_valid(strict),
        "errors": findings(&verdict.errors),
        "warnings": findings(&verdict.warnings),
    });
    let kept = (verdict.errors.len() + verdict.warnings.len()) as u64;
    let left_out = (verdict.error_count + verdict.warning_count).saturating_sub(kept);
    if let Value::Object(map) = &mut value
        && left_out > 0
    {
        map.insert("left_out".into(), json!(left_out));
    }
    value
}

fn of_report(report: &Report) -> Map<String, Value> {
    let advice: Vec<Value> = report.advice.iter().map(of_finding).collect();
    let members = [
        ("advice", json!(advice)),
        ("full", json!(report.full)),
        ("size", json!(report.size)),
        ("header_bytes", json!(report.header_bytes)),
        ("table_bytes", json!(report.table_bytes)),
        ("blocks", json!(report.blocks)),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn of_finding(finding: &Finding) -> Value {
    let mut map = Map::new();
    map.insert("rule".into(), json!(finding.rule.id()));
    if let Some(requirement) = finding.rule.requirement() {
        map.insert("requirement".into(), json!(requirement));
    }
    map.insert("message".into(), json!(finding.text));
    if let Some(image) = finding.image {
        map.insert("ifd".into(), json!(image.ifd));
        map.insert("level".into(), json!(image.level));
        map.insert("mask".into(), json!(image.mask));
    }
    if let Some(block) = finding.block {
        map.insert("block".into(), json!(block));
    }
    let numbers: Map<String, Value> = finding.numbers.iter().map(|(name, n)| ((*name).to_owned(), json!(n))).collect();
    map.insert("numbers".into(), Value::Object(numbers));
    Value::Object(map)
}
