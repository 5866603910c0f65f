//! Logs on standard error, silent unless asked for: by `-v`, `LOG_LEVEL`, `VERBOSE_LOGS` or `RUST_LOG`.

use std::io::IsTerminal;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::cli::Verbosity;
use crate::output::stderr;

/// Ours. What other crates log may hold secrets of URLs and headers, so they are heard only where `RUST_LOG` names them.
const CRATES: [&str; 5] = ["cog", "cog_read", "cog_io", "cog_codecs", "cog_tiff"];

/// Sets up the logs that the command line and the environment ask for.
pub(crate) fn start(verbosity: &Verbosity) {
    let (wanted, problems) = wanted(verbosity, |name| std::env::var_os(name).map(|v| v.to_string_lossy().into_owned()));
    for problem in problems {
        stderr::line(&format!("cog: {problem}"));
    }
    let Some(targets) = wanted else { return };
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && !no_color)
        // A failure to write would be told on standard error, and panic there.
        .log_internal_errors(false);
    // It fails only if there is a subscriber already.
    _ = tracing_subscriber::registry().with(lines).with(targets).try_init();
}

/// What is to be logged, and which variables make no sense. `-q` beats all; `-v` and `VERBOSE_LOGS` add to `RUST_LOG`, which
/// beats `LOG_LEVEL`.
fn wanted(verbosity: &Verbosity, variable: impl Fn(&str) -> Option<String>) -> (Option<Targets>, Vec<String>) {
    if verbosity.quiet {
        return (None, Vec::new());
    }
    let mut problems = Vec::new();
    let set = |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    let (rust_log, log_level, verbose_logs) = (set("RUST_LOG"), set("LOG_LEVEL"), set("VERBOSE_LOGS"));
    let mut targets = None;
    if let Some(text) = rust_log {
        match text.parse::<Targets>() {
            Ok(parsed) => targets = Some(parsed),
            Err(_) => {
                problems.push(format!("RUST_LOG is ignored: \"{text}\" is not TARGET=LEVEL,… such as cog_io=debug"))
            }
        }
    }
    let mut level = match verbosity.verbose {
        0 => LevelFilter::OFF,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    if let Some(text) = log_level {
        match level_of(&text) {
            Some(named) if targets.is_none() => level = level.max(named),
            Some(_) => {}
            None => problems.push(format!(
                "LOG_LEVEL is ignored: \"{text}\" is none of CRITICAL, ERROR, WARNING, INFO, DEBUG, TRACE"
            )),
        }
    }
    if let Some(text) = verbose_logs {
        match text.to_ascii_lowercase().as_str() {
            "yes" | "true" | "on" | "1" => level = LevelFilter::TRACE,
            "no" | "false" | "off" | "0" => {}
            _ => problems.push(format!("VERBOSE_LOGS is ignored: \"{text}\" is neither TRUE nor FALSE")),
        }
    }
    if level > LevelFilter::OFF {
        targets = Some(CRATES.iter().fold(targets.unwrap_or_default(), |all, name| all.with_target(*name, level)));
    }
    (targets, problems)
}

/// Python's names and numbers, which aiocogeo took, and Rust's.
fn level_of(text: &str) -> Option<LevelFilter> {
    Some(match text.to_ascii_uppercase().as_str() {
        "OFF" | "NONE" | "CRITICAL" | "FATAL" | "50" => LevelFilter::OFF,
        "ERROR" | "40" => LevelFilter::ERROR,
        "WARNING" | "WARN" | "30" => LevelFilter::WARN,
        "INFO" | "20" => LevelFilter::INFO,
        "DEBUG" | "10" => LevelFilter::DEBUG,
        "TRACE" | "NOTSET" | "0" => LevelFilter::TRACE,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    fn quiet(quiet: bool, verbose: u8) -> Verbosity {
        Verbosity { quiet, verbose }
    }

    fn with(verbosity: &Verbosity, variables: &[(&str, &str)]) -> (Option<Targets>, usize) {
        let (targets, problems) =
            wanted(verbosity, |name| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()));
        (targets, problems.len())
    }

    /// The most detailed level that our requests are logged at.
    fn requests(targets: Option<Targets>) -> Option<Level> {
        let targets = targets?;
        let all = [Level::TRACE, Level::DEBUG, Level::INFO, Level::WARN, Level::ERROR];
        all.into_iter().find(|level| targets.would_enable("cog_io::http::exchange", level))
    }

    #[test]
    fn nothing_is_logged_unless_asked_for() {
        assert_eq!(with(&quiet(false, 0), &[]), (None, 0));
        assert_eq!(with(&quiet(false, 0), &[("LOG_LEVEL", ""), ("VERBOSE_LOGS", "FALSE")]), (None, 0));
        let all = [("LOG_LEVEL", "DEBUG"), ("VERBOSE_LOGS", "TRUE"), ("RUST_LOG", "trace")];
        assert_eq!(with(&quiet(true, 0), &all), (None, 0));
    }

    #[test]
    fn flags_and_variables_choose_the_level() {
        let level = |verbose, variables: &[(&str, &str)]| requests(with(&quiet(false, verbose), variables).0);
        assert_eq!(level(1, &[]), Some(Level::DEBUG));
        assert_eq!(level(2, &[]), Some(Level::TRACE));
        assert_eq!(level(0, &[("LOG_LEVEL", "warning")]), Some(Level::WARN));
        assert_eq!(level(0, &[("LOG_LEVEL", "DEBUG")]), Some(Level::DEBUG));
        assert_eq!(level(0, &[("LOG_LEVEL", "CRITICAL")]), None);
        assert_eq!(level(1, &[("LOG_LEVEL", "ERROR")]), Some(Level::DEBUG));
        assert_eq!(level(0, &[("VERBOSE_LOGS", "TRUE"), ("LOG_LEVEL", "ERROR")]), Some(Level::TRACE));
        assert_eq!(level(0, &[("RUST_LOG", "cog_io=info"), ("LOG_LEVEL", "DEBUG")]), Some(Level::INFO));
        assert_eq!(level(1, &[("RUST_LOG", "hyper=info")]), Some(Level::DEBUG));
    }

    #[test]
    fn other_crates_are_heard_only_by_name() {
        let loud = with(&quiet(false, 2), &[("LOG_LEVEL", "DEBUG")]).0.unwrap();
        assert!(!loud.would_enable("hyper::proto", &Level::ERROR));
        let named = with(&quiet(false, 0), &[("RUST_LOG", "hyper=debug")]).0.unwrap();
        assert!(named.would_enable("hyper::proto", &Level::DEBUG));
    }

    #[test]
    fn variables_that_make_no_sense_are_named() {
        assert_eq!(with(&quiet(false, 0), &[("LOG_LEVEL", "loud"), ("VERBOSE_LOGS", "perhaps")]), (None, 2));
        assert_eq!(with(&quiet(false, 0), &[("RUST_LOG", "cog_io=loud")]).1, 1);
    }
}
