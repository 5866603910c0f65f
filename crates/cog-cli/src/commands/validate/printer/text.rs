//! Verdicts for people.

use std::fmt::Write;

use cog_validate::{Finding, Report, Rule, Severity, Verdict};

use crate::cli::{self, Rules};
use crate::commands::validate::checked::Checked;
use crate::output::text::one_line;

/// Findings of one rule that are listed.
const LISTED: usize = 10;

/// What is said of a file: of one among many that is valid no more than that, and nothing of one that could not be checked, which standard error
/// names.
pub(super) fn file(checked: &Checked, arguments: &cli::Validate, many: bool) -> String {
    let (Ok(report), Some(valid)) = (&checked.report, checked.is_valid(arguments)) else { return String::new() };
    let name = checked.location.as_deref().unwrap_or_default();
    let mut out = String::new();
    let said = if valid { "is a valid COG" } else { "is NOT a valid COG" };
    _ = writeln!(out, "{}: {said}", one_line(name));
    if many && valid && !arguments.advice {
        return out;
    }
    verdicts(&mut out, report, arguments);
    for rules in Rules::ALL {
        let Some(verdict) = report.verdict(rules.authority()).filter(|verdict| verdict.findings().next().is_some())
        else {
            continue;
        };
        // Among many files that whose verdict does not count is left to JSON.
        if many && !arguments.rules.contains(&rules) {
            continue;
        }
        _ = writeln!(out, "\n  {}", rules.name());
        findings(&mut out, verdict.findings());
    }
    if !report.advice.is_empty() && (!many || arguments.advice) {
        _ = writeln!(out, "\n  Advice (does not count)");
        findings(&mut out, report.advice.iter());
    }
    if !many {
        what_to_do(&mut out, report, arguments, name);
        cost(&mut out, checked, report);
    }
    out
}

fn verdicts(out: &mut String, report: &Report, arguments: &cli::Validate) {
    for rules in Rules::ALL {
        let Some(verdict) = report.verdict(rules.authority()) else { continue };
        let said = if verdict.is_valid(arguments.strict) { "valid" } else { "not valid" };
        let mut notes = Vec::new();
        notes.extend(counted(verdict.error_count, "error"));
        notes.extend(counted(verdict.warning_count, "warning"));
        if !arguments.rules.contains(&rules) {
            notes.push("does not count: see --rules".into());
        }
        let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) };
        _ = writeln!(out, "  {:<11} {said}{notes}", rules.name());
    }
}

fn counted(count: u64, what: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        _ => Some(format!("{count} {what}s")),
    }
}

/// One in a line; of those of one rule the first few.
fn findings<'a>(out: &mut String, all: impl Iterator<Item = &'a Finding>) {
    let mut counts: Vec<(Rule, usize)> = Vec::new();
    for finding in all {
        let rule = finding.rule;
        if counts.last().is_none_or(|(last, _)| *last != rule) {
            more(out, counts.last());
            counts.push((rule, 0));
        }
        let Some((_, count)) = counts.last_mut() else { continue };
        *count += 1;
        if *count <= LISTED {
            let severity = match rule.severity() {
                Severity::Error => "error    ",
                Severity::Warning => "warning  ",
                _ => "",
            };
            _ = writeln!(out, "    {severity}{rule}  {}", one_line(&finding.text));
        }
    }
    more(out, counts.last());
}

fn more(out: &mut String, last: Option<&(Rule, usize)>) {
    if let Some((rule, count)) = last.filter(|(_, count)| *count > LISTED) {
        _ = writeln!(out, "             {rule}  and {} more like these", count - LISTED);
    }
}

fn what_to_do(out: &mut String, report: &Report, arguments: &cli::Validate, name: &str) {
    let broken = |rules: &Rules| report.verdict(rules.authority()).into_iter().flat_map(Verdict::findings);
    let all: Vec<&Finding> = arguments.rules.iter().flat_map(broken).collect();
    let shown = Rules::ALL.iter().flat_map(broken).chain(&report.advice);
    let mut lines = Vec::new();
    if all.iter().any(|finding| finding.remedy().is_none()) {
        lines.push(format!(
            "cog convert {} OUT.tif lays the file out anew and makes overviews that are missing",
            one_line(name)
        ));
    }
    let mut told: Vec<Rule> = Vec::new();
    for finding in shown {
        if let Some(remedy) = finding.remedy().filter(|_| !told.contains(&finding.rule)) {
            told.push(finding.rule);
            lines.push(format!("{}: {remedy}", finding.rule));
        }
    }
    if !lines.is_empty() {
        _ = writeln!(out, "\n  What to do");
        lines.iter().for_each(|line| _ = writeln!(out, "    {line}"));
    }
}

fn cost(out: &mut String, checked: &Checked, report: &Report) {
    let looked =
        if report.full { "every block was looked at" } else { "the header was looked at; --full looks at every block" };
    let requests = match checked.requests {
        0 => String::new(),
        1 => " in 1 request".into(),
        count => format!(" in {count} requests"),
    };
    _ = writeln!(
        out,
        "\n  {looked}: {} blocks, header of {} bytes, {} bytes read{requests}",
        report.blocks, report.header_bytes, checked.bytes
    );
}

/// Behind the last of several files.
pub(super) fn summary([valid, invalid, unchecked]: [u64; 3], gap: bool) -> String {
    let gap = if gap { "\n" } else { "" };
    let unchecked = match unchecked {
        0 => String::new(),
        count => format!(", {count} could not be checked"),
    };
    let invalid = if invalid == 0 { String::new() } else { format!(", {invalid} not valid") };
    format!("{gap}{valid} valid{invalid}{unchecked}\n")
}
