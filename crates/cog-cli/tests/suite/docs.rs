//! The examples of the guides: what they type works, and prints what they say.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use cog_testkit::child;

use crate::command;

/// Names of the guides, and the files of testdata that they are.
const FILES: [(&str, &str); 3] = [
    ("scene.tif", "cog_deflate_p2_uint8_rgb.tif"),
    ("dem.tif", "cog_lzw_p2_int16_nodata.tif"),
    ("masked.tif", "cog_deflate_uint16_mask.tif"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A block between fences: its language, the line it begins at, and its text.
struct Block {
    language: String,
    line: usize,
    text: String,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => {
                open = Some(Block { language: language.trim().to_owned(), line: index + 1, text: String::new() });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.text += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block without end");
    blocks
}

/// Runs a script in a folder of examples; what it printed.
fn shell(script: &str, place: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, file) in FILES {
        fs::copy(root().join("testdata/files").join(file), folder.path().join(name)).unwrap();
    }
    let cog = Path::new(env!("CARGO_BIN_EXE_cog"));
    let path = format!("{}:{}", cog.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut bash = Command::new("bash");
    for (name, _) in command::cog().get_envs().filter(|(_, value)| value.is_none()) {
        bash.env_remove(name);
    }
    bash.args(["-euo", "pipefail", "-c", script]).current_dir(&folder).env("PATH", path);
    let end = child::run(&mut bash, Duration::from_secs(120)).unwrap();
    assert!(end.is_success(), "{place}: {}", command::failure(&end));
    end.stdout
}

#[test]
fn examples_of_the_guides_do_what_they_say() {
    let mut count = 0;
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "md") {
            continue;
        }
        for block in blocks(&fs::read_to_string(&path).unwrap()) {
            let place = format!("{}, line {}", path.display(), block.line);
            match block.language.as_str() {
                "sh" => _ = shell(&block.text, &place),
                "console" => {
                    // Commands behind `$ `, and what they print.
                    let mut expected = String::new();
                    let mut script = String::new();
                    for line in block.text.lines() {
                        match line.strip_prefix("$ ") {
                            Some(command) => script += &format!("{command}\n"),
                            None => expected += &format!("{line}\n"),
                        }
                    }
                    assert_eq!(shell(&script, &place), expected, "{place}");
                }
                // Tests of the libraries run these.
                "rust" | "" => continue,
                other => panic!("{place}: {other} is not run by a test"),
            }
            count += 1;
        }
    }
    assert!(count > 15, "{count} examples");
}

#[test]
fn the_exit_codes_of_the_guide_and_of_the_readmes_are_those_of_help() {
    let help = command::run(["--help"]).stdout;
    let table = help.split("Exit codes:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let rows: Vec<(&str, &str)> = table.lines().map(|line| line.trim().split_once(' ').unwrap()).collect();
    assert!(rows.len() >= 7, "{table}");
    for page in ["docs/shell.md", "README.md", "crates/cog-cli/README.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        for (code, meaning) in &rows {
            let row = format!("| {code} | {} |", meaning.trim());
            assert!(text.contains(&row), "{page} lacks {row}");
        }
    }
}

/// The page is what `--help` lists.
#[test]
fn the_table_of_the_environment_is_whole() {
    let help = command::run(["--help"]).stdout;
    let list = help.split("Environment variables:\n").nth(1).unwrap();
    let names: Vec<&str> = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let page = fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    for name in &names {
        assert!(page.contains(&format!("| `{name}` |")), "docs/configuration.md lacks {name}");
    }
    assert_eq!(page.matches("\n| `").count(), names.len(), "names that do not exist");
}

/// Each command shows an example, and each has a page of the manual.
#[test]
fn every_command_has_an_example_and_a_page() {
    let help = command::run(["--help"]).stdout;
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names: Vec<&str> = commands
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.len() > 12, "{names:?}");
    let folder = tempfile::tempdir().unwrap();
    let end = command::run(["man", "--dir", folder.path().to_str().unwrap()]);
    assert!(end.is_success(), "{}", command::failure(&end));
    for name in names {
        let text = command::run([name, "--help"]).stdout;
        assert!(text.contains("Example"), "{name} --help has no example");
        let page = fs::read_to_string(folder.path().join(format!("cog-{name}.1"))).unwrap();
        assert!(page.replace("\\-", "-").contains(&format!("cog-{name}")) && page.contains(".SH NAME"), "{name}");
        assert_eq!(command::run(["man", name]).stdout, page);
    }
    assert!(fs::read_to_string(folder.path().join("cog.1")).unwrap().contains(".SH NAME"));
    command::assert_one_clear_line(&command::run(["man", "nothing"]), &["'nothing'", "--help"]);
}
