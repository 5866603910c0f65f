//! How the command ends: every exit code, once.

use std::fmt::Write;
use std::process::ExitCode;

use cog_read::ErrorClass;

/// The exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// All went well.
    Done = 0,
    /// Something did not.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// It is not known whether something did: `cog validate` could not check a file.
    Unchecked = 3,
    /// The command is wrong. Rust ends a program that panics with the same code.
    Bug = 101,
    /// SIGHUP: 128 and its number.
    HungUp = 129,
    /// SIGINT: 128 and its number, as shells say it.
    Interrupted = 130,
    /// SIGTERM: 128 and its number.
    Terminated = 143,
}

/// What each means, for people.
const TABLE: [(Exit, &str); 8] = [
    (Exit::Done, "everything that was asked for is there"),
    (Exit::Failed, "something is not: standard error names each, one a line; validate: a file is not valid"),
    (Exit::Usage, "the command line is wrong; nothing was opened"),
    (Exit::Unchecked, "validate: a file could not be checked, whatever the others are"),
    (Exit::Bug, "a mistake in cog itself: please report what standard error says"),
    (Exit::HungUp, "stopped because its terminal was closed (SIGHUP)"),
    (Exit::Interrupted, "stopped by Ctrl-C (SIGINT)"),
    (Exit::Terminated, "stopped by SIGTERM"),
];

/// The table as `--help` shows it.
pub(crate) fn table() -> String {
    let mut text = String::from("Exit codes:");
    for (exit, meaning) in TABLE {
        _ = write!(text, "\n  {:<4} {meaning}", exit as u8);
    }
    text
}

impl Exit {
    /// Of two things done, how both ended: the first that went wrong counts.
    pub(crate) fn and(self, other: Exit) -> Exit {
        if self == Exit::Done { other } else { self }
    }
}

impl From<ErrorClass> for Exit {
    /// The exit code of an error of the library.
    fn from(class: ErrorClass) -> Exit {
        match class {
            ErrorClass::Internal => Exit::Bug,
            // Usage too: what a file does not have is known once it is open. The command line alone ends with 2.
            _ => Exit::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
