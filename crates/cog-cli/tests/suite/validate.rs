//! `cog validate`: verdicts, how it ends, and what it takes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use cog_testkit::Corpus;
use cog_testkit::child::Outcome;
use cog_testkit::server::{CogPlan, Server, Validators, VastTiff};
use serde_json::Value;

use crate::command;

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").canonicalize().unwrap()
}

/// One of the files that break a rule each.
fn broken(name: &str) -> String {
    testdata().join("validate/files").join(name).to_str().unwrap().to_owned()
}

fn validate(arguments: &[&str]) -> Outcome {
    command::run([&["validate"], arguments].concat())
}

/// The same with a file as standard input: exit code and output.
fn fed(arguments: &[&str], input: &Path) -> (Option<i32>, String) {
    let mut cog = command::cog();
    cog.arg("validate").args(arguments).stdin(Stdio::from(std::fs::File::open(input).unwrap()));
    let end = cog.output().unwrap();
    (end.status.code(), String::from_utf8(end.stdout).unwrap())
}

fn json(end: &Outcome) -> Value {
    serde_json::from_str(&end.stdout).unwrap_or_else(|e| panic!("{e}: {:?} {}", end.stdout, command::failure(end)))
}

fn lines(end: &Outcome) -> Vec<Value> {
    end.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_valid_file_is_told_in_a_line_a_verdict() {
    let end = validate(&[&broken("valid.tif")]);
    assert!(end.is_success(), "{}", command::failure(&end));
    for line in [
        &*format!("{}: is a valid COG", broken("valid.tif")),
        "  rio-cogeo   valid",
        "  GDAL        valid",
        "  OGC 21-026  valid (does not count: see --rules)",
    ] {
        assert!(end.stdout.lines().any(|found| found == line), "no {line:?} in {}", end.stdout);
    }
    assert!(!end.stdout.contains("What to do\n    cog convert"), "{}", end.stdout);
}

#[test]
fn an_invalid_file_is_told_rule_by_rule_with_numbers_and_what_to_do() {
    let end = validate(&[&broken("R12.tif")]);
    assert_eq!((end.code, &*end.stderr), (Some(1), ""), "{}", end.stdout);
    assert!(end.stdout.starts_with(&format!("{}: is NOT a valid COG\n", broken("R12.tif"))), "{}", end.stdout);
    for rule in
        ["error    R12  the first block of the image lies at byte ", "error    G14  the first block of the image lies"]
    {
        assert!(end.stdout.contains(rule), "no {rule} in {}", end.stdout);
    }
    assert!(end.stdout.contains(&format!("cog convert {} OUT.tif", broken("R12.tif"))), "{}", end.stdout);
}

#[test]
fn a_file_that_cannot_be_checked_outranks_one_that_is_not_valid() {
    let (good, bad) = (broken("valid.tif"), broken("R12.tif"));
    let work = tempfile::tempdir().unwrap();
    let cut = work.path().join("cut.tif");
    // A header that points to an IFD behind the end.
    std::fs::write(&cut, b"II*\0\x08\0\0\0").unwrap();
    let cut = cut.to_str().unwrap();
    assert_eq!(validate(&[&good, &bad]).code, Some(1));
    assert_eq!(validate(&[&good, cut]).code, Some(3));
    let end = validate(&[&bad, cut, &good, "no-such.tif", "http://[bad"]);
    assert_eq!(end.code, Some(3), "{}", command::failure(&end));
    let errors: Vec<&str> = end.stderr.lines().collect();
    assert_eq!(errors.len(), 3, "{errors:?}");
    for (error, word) in errors.iter().zip([cut, "no-such.tif", "location 5 of 5"]) {
        assert!(error.contains(word), "no {word} in {error}");
    }
    let (first, last) = (end.stdout.find(&bad).unwrap(), end.stdout.find(&good).unwrap());
    assert!(first < last, "{}", end.stdout);
    assert!(end.stdout.ends_with("1 valid, 1 not valid, 3 could not be checked\n"), "{}", end.stdout);
    let list = json(&validate(&["--json", &bad, "no-such.tif"]));
    assert_eq!((&list[0]["valid"], &list[1]["valid"]), (&Value::Bool(false), &Value::Null));
    assert!(list[1]["error"].as_str().unwrap().contains("no-such.tif"), "{list}");
    assert_eq!(validate(&["--no-such-option", &bad]).code, Some(2));
}

#[test]
fn warnings_count_if_the_check_is_strict() {
    let file = broken("R04.tif");
    let end = validate(&[&file]);
    assert!(end.is_success() && end.stdout.contains("warning  R04  the image has 700 × 600 pixels"), "{}", end.stdout);
    assert_eq!(validate(&["--strict", &file]).code, Some(1));
    let strict = json(&validate(&["--strict", "--json", &file]));
    assert_eq!((&strict["valid"], &strict["rio_cogeo"]["valid"]), (&Value::Bool(false), &Value::Bool(false)));
}

#[test]
fn rules_decide_whose_verdict_counts() {
    for (rules, file, code) in [
        ("rio-cogeo,gdal", "valid_mask.tif", 0),
        ("ogc", "valid_mask.tif", 1),
        ("rio-cogeo", "G20.tif", 0),
        ("gdal", "G20.tif", 1),
        ("rio-cogeo", "R05.tif", 1),
        ("gdal,ogc", "R05.tif", 0),
    ] {
        let end = validate(&["--rules", rules, &broken(file)]);
        assert_eq!(end.code, Some(code), "{rules} of {file}: {}", end.stdout);
    }
    assert_eq!(validate(&["--rules", "nobody", &broken("valid.tif")]).code, Some(2));
    // What the full check alone finds is not looked for in the header.
    assert_eq!(validate(&["--header-only", &broken("G21.tif")]).code, Some(0));
}

/// How many findings of each rule an answer has.
fn counts(answer: &Value, tool: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for finding in ["errors", "warnings"].iter().flat_map(|list| answer[tool][list].as_array().unwrap()) {
        *counts.entry(finding["rule"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    counts
}

#[test]
fn a_folder_a_list_and_a_pipe_give_one_entry_for_each_message_of_the_tools() {
    let folder = testdata().join("validate/files");
    let recorded = std::fs::read_to_string(testdata().join("validate/rules.json")).unwrap();
    let recorded: BTreeMap<String, Value> = serde_json::from_str(&recorded).unwrap();
    let end = validate(&["--json", folder.to_str().unwrap()]);
    assert_eq!(end.code, Some(1), "{}", command::failure(&end));
    let list = json(&end);
    let answers = list.as_array().unwrap();
    let inputs: Vec<&str> = answers.iter().map(|answer| answer["input"].as_str().unwrap()).collect();
    let named: Vec<String> = recorded.keys().map(|name| folder.join(name).to_str().unwrap().to_owned()).collect();
    assert_eq!(inputs, named, "all of them, sorted");
    for (answer, (name, tools)) in answers.iter().zip(&recorded) {
        for tool in ["rio_cogeo", "gdal"] {
            let Some(rules) = tools[tool].get("rules") else { continue };
            let rules: BTreeMap<String, u64> = serde_json::from_value(rules.clone()).unwrap();
            assert_eq!(counts(answer, tool), rules, "{name}: {tool}");
            let has_errors = !answer[tool]["errors"].as_array().unwrap().is_empty();
            assert_eq!(answer[tool]["valid"], Value::Bool(!has_errors), "{name}: {tool}");
        }
    }
    // The same by a list: an object in each line, in its order.
    let work = tempfile::tempdir().unwrap();
    let path = work.path().join("list.txt");
    let backwards: Vec<&str> = inputs.iter().rev().copied().collect();
    std::fs::write(&path, format!("# files\n\n{}\n", backwards.join("\n"))).unwrap();
    let by_list = validate(&["--ndjson", &format!("@{}", path.display())]);
    let found: Vec<Value> = lines(&by_list);
    assert_eq!(found.iter().map(|answer| answer["input"].as_str().unwrap()).collect::<Vec<_>>(), backwards);
    assert!(found.iter().rev().zip(answers).all(|(a, b)| a == b));
    assert_eq!(fed(&["--ndjson", "@-"], &path).1, by_list.stdout);
}

/// rio-cogeo 7.0.4 takes tiles as wide as a level for strips.
#[test]
fn a_column_of_tiles_is_called_what_it_is() {
    let column = broken("R03_one_column_of_tiles.tif");
    let end = validate(&[&column]);
    assert_eq!(end.code, Some(1), "{}", end.stdout);
    for said in [
        "R03  the image has 512 × 600 pixels and is made of tiles as wide as it is, 512 × 512, which rio-cogeo takes for strips",
        "R03: `cog convert --blocksize 256`",
    ] {
        assert!(end.stdout.contains(said), "{said}\n{}", end.stdout);
    }
    assert!(!end.stdout.contains("lays the file out anew"), "{}", end.stdout);
    let strips = validate(&[&broken("R03_strips.tif")]).stdout;
    assert!(strips.contains("is not tiled") && strips.contains("lays the file out anew"), "{strips}");
    // Such a file is mended by --fix all the same, and by what is said.
    let work = tempfile::tempdir().unwrap();
    let out = |name: &str| work.path().join(name).to_str().unwrap().to_owned();
    let rgb = testdata().join("files/cog_deflate_p2_uint8_rgb.tif");
    let size = ["--width", "512", "--height", "600", "--bands", "1", "-o", &out("tall.tif")];
    assert!(command::run([&["read", rgb.to_str().unwrap()], &size[..]].concat()).is_success());
    assert!(command::run(["convert", &out("tall.tif"), &out("column.tif"), "--blocksize", "512"]).is_success());
    assert_eq!(counts(&json(&validate(&["--json", &out("column.tif")])), "rio_cogeo"), [("R03".to_owned(), 1)].into());
    assert_eq!(validate(&["--fix", &out("fixed.tif"), &out("column.tif")]).code, Some(0));
    assert!(command::run(["convert", &out("column.tif"), &out("256.tif"), "--blocksize", "256"]).is_success());
    assert_eq!(validate(&[&out("256.tif")]).code, Some(0));
}

#[test]
fn single_values_stand_in_a_line_each() {
    let end = validate(&["--field", "valid", "--field", "gdal.errors.0.rule", &broken("G21.tif"), &broken("G24.tif")]);
    assert_eq!((end.code, &*end.stdout), (Some(1), "false\tG21\nfalse\tG24\n"), "{}", end.stderr);
    // What a file does not have is empty.
    let end =
        validate(&["--field", "gdal.errors.0.rule", "--field", "valid", &broken("valid.tif"), &broken("G21.tif")]);
    assert_eq!((end.code, &*end.stdout), (Some(1), "\ttrue\nG21\tfalse\n"), "{}", end.stderr);
    let end = validate(&["--field", "colour", "--field", "valid", &broken("valid.tif"), &broken("valid_mask.tif")]);
    assert_eq!((end.code, &*end.stdout), (Some(1), "\ttrue\n\ttrue\n"));
    assert_eq!((end.stderr.lines().count(), end.stderr.contains("'colour'")), (1, true), "{}", end.stderr);
}

#[test]
fn places_are_named_in_json() {
    let answer = json(&validate(&["--json", &broken("G21.tif")]));
    let finding = &answer["gdal"]["errors"][0];
    // Block 4 of the image, which is three blocks wide.
    assert_eq!(
        (&finding["rule"], &finding["ifd"], &finding["level"], &finding["mask"], &finding["block"]),
        (&"G21".into(), &0.into(), &0.into(), &false.into(), &serde_json::json!([1, 1]))
    );
    assert_eq!(finding["numbers"], serde_json::json!({"length": 8, "leader": 7}));
    assert_eq!((&answer["full"], &answer["requests"]), (&true.into(), &0.into()));
    let masked = json(&validate(&["--json", &broken("G24.tif")]));
    assert_eq!(masked["gdal"]["errors"][0]["mask"], true);
}

#[test]
fn standard_input_is_a_file_too() {
    let (code, out) = fed(&["--json", "-"], Path::new(&broken("R12.tif")));
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, counts(&answer, "rio_cogeo")), (Some(1), BTreeMap::from([("R12".to_owned(), 1)])));
}

#[test]
fn a_remote_file_costs_one_request_unless_all_of_it_is_asked_for() {
    let plan = CogPlan::new(2100, 2100).make();
    let server = Server::start([("/a.tif", plan.bytes)]);
    let url = server.url("/a.tif");
    let end = validate(&["--json", &url]);
    assert!(end.is_success(), "{}", command::failure(&end));
    let answer = json(&end);
    assert_eq!((&answer["full"], &answer["requests"]), (&false.into(), &1.into()), "{answer}");
    assert_eq!(server.take_log().len(), 1);
    let full = json(&validate(&["--json", "--full", &url]));
    assert_eq!((&full["full"], &full["gdal"]["valid"]), (&true.into(), &true.into()), "{full}");
    assert!(full["requests"].as_u64().unwrap() > 1, "{full}");
    assert_eq!(counts(&full, "gdal"), counts(&answer, "gdal"));
}

#[test]
fn what_a_server_does_not_tell_is_advice() {
    let server = Server::start([("/a.tif", std::fs::read(broken("valid.tif")).unwrap())]);
    let advice = |end: &Outcome| {
        let all = json(end)["advice"].as_array().unwrap().clone();
        all.into_iter().filter(|finding| finding["rule"] == "A17").count()
    };
    let url = server.url("/a.tif");
    assert_eq!(advice(&validate(&["--json", &url])), 0);
    server.set_validators("/a.tif", Validators::None);
    let end = validate(&["--json", &url]);
    assert_eq!((end.code, advice(&end)), (Some(0), 1), "{}", end.stdout);
}

#[test]
fn ten_million_tiles_cost_a_few_requests() {
    let server = Server::start([("/vast.tif", VastTiff::new().content())]);
    let end = validate(&["--json", &server.url("/vast.tif")]);
    let answer = json(&end);
    assert_eq!(answer["blocks"], 10_000_000);
    assert!(server.log().len() <= 4, "{} requests", server.log().len());
    assert!(answer["bytes"].as_u64().unwrap() < 1 << 20, "{answer}");
}

#[test]
fn damaged_files_are_judged_or_named_and_nothing_panics() {
    let mut folders = vec![testdata().join("files/malformed")];
    match std::env::var_os("COG_CORPUS") {
        Some(corpus) => folders.push(Path::new(&corpus).join("files/malformed")),
        None => cog_testkit::not_run("damaged_files_are_judged_or_named", "COG_CORPUS=DIR"),
    }
    for folder in folders {
        let end = validate(&["--ndjson", folder.to_str().unwrap()]);
        assert_eq!(end.code, Some(3), "{}", command::failure(&end));
        let answers = lines(&end);
        let unchecked = answers.iter().filter(|answer| answer["valid"].is_null()).count();
        assert_eq!(end.stderr.lines().count(), unchecked, "{}", end.stderr);
        assert!(unchecked < answers.len(), "{} of {}", unchecked, answers.len());
    }
}

#[test]
fn what_lies_beside_a_file_counts() {
    let end = validate(&["--json", &broken("R02.tif")]);
    assert_eq!((end.code, counts(&json(&end), "gdal")), (Some(1), BTreeMap::from([("G02".to_owned(), 1)])));
    // Beside a remote file nothing is looked for unless it is asked for.
    let bytes = |name: &str| std::fs::read(broken(name)).unwrap();
    let server = Server::start([("/a.tif", bytes("R02.tif")), ("/a.tif.ovr", bytes("R02.tif.ovr"))]);
    assert_eq!(validate(&[&server.url("/a.tif")]).code, Some(0));
    assert_eq!(validate(&["--side-cars", &server.url("/a.tif")]).code, Some(1));
}

#[test]
fn all_readable_files_of_the_repository_are_checked_in_one_go() {
    let files = Corpus::testdata().well_formed().unwrap();
    let list: String = files.iter().map(|file| format!("{}\n", file.path.display())).collect();
    let work = tempfile::tempdir().unwrap();
    let path = work.path().join("list.txt");
    std::fs::write(&path, list).unwrap();
    let end = validate(&[&format!("@{}", path.display())]);
    assert_eq!(end.code, Some(1), "{}", command::failure(&end));
    let last = end.stdout.lines().last().unwrap();
    let numbers: Vec<usize> = last.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    assert_eq!(numbers.iter().sum::<usize>(), files.len(), "{last}");
}

#[test]
fn a_prefix_of_a_bucket_stands_for_its_files() {
    let (Ok(endpoint), Ok(bucket)) = (std::env::var("COG_TEST_S3"), std::env::var("COG_TEST_S3_BUCKET")) else {
        let needs = "COG_TEST_S3 and COG_TEST_S3_BUCKET, which `cargo xtask test` sets";
        return cog_testkit::not_run("a_prefix_of_a_bucket_stands_for_its_files", needs);
    };
    let s3 = |location: &str| {
        let mut cog = command::cog();
        cog.env("AWS_ENDPOINT_URL", &endpoint).env("AWS_ALLOW_HTTP", "true").env("AWS_REGION", "us-east-1");
        cog.env("AWS_ACCESS_KEY_ID", "testing").env("AWS_SECRET_ACCESS_KEY", "s3cret-of-the-test");
        cog_testkit::child::run(cog.args(["validate", "--ndjson", location]), command::CAP).unwrap()
    };
    let folder = testdata().join("files/malformed");
    let there = lines(&s3(&format!("s3://{bucket}/malformed/")));
    let here = lines(&validate(&["--ndjson", "--header-only", folder.to_str().unwrap()]));
    let prefix = format!("{}/", folder.display());
    let told = |answers: &[Value], prefix: &str| -> Vec<(String, Value)> {
        let one = |answer: &Value| {
            let name = answer["input"].as_str().unwrap().strip_prefix(prefix).unwrap().to_owned();
            (name, serde_json::json!([answer["valid"], answer["rio_cogeo"], answer["gdal"]]))
        };
        answers.iter().map(one).collect()
    };
    assert!(here.len() > 10);
    assert_eq!(told(&there, &format!("s3://{bucket}/malformed/")), told(&here, &prefix));
    let none = s3(&format!("s3://{bucket}/no-such-prefix/"));
    assert_eq!(none.code, Some(3), "{}", command::failure(&none));
    assert!(none.stderr.contains("has no .tif or .tiff below it"), "{}", none.stderr);
    let missing = s3("s3://no-such-bucket-of-ours/a/");
    assert_eq!(missing.code, Some(3), "{}", command::failure(&missing));
    assert!(missing.stderr.contains("no-such-bucket-of-ours"), "{}", missing.stderr);
}

#[test]
fn what_is_recommended_is_there() {
    let help = command::run(["convert", "--help"]).stdout;
    let mut named = 0;
    for remedy in cog_validate::Rule::ALL.iter().filter_map(|rule| rule.remedy()) {
        for option in remedy.split(['`', ' ']).filter(|word| word.starts_with("--")) {
            assert!(
                help.contains(&format!("{option} ")) || help.contains(&format!("{option}\n")),
                "{option}: {remedy}"
            );
            named += 1;
        }
    }
    assert!(named > 5);
}
