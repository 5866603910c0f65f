//! Which shell a command is run from.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::cli::Shell;

/// The shell that started this process, else the one of `$SHELL`. A `$SHELL` that was set for this command alone is meant.
pub(super) fn shell() -> Option<Shell> {
    let variable = std::env::var_os("SHELL");
    let parent = Parent::of_this_process();
    let of_variable = variable.as_deref().and_then(named);
    match parent {
        Some(parent) if parent.variable == variable => parent.shell.or(of_variable),
        Some(parent) => of_variable.or(parent.shell),
        None => of_variable,
    }
}

/// A shell by the name of its program: `/bin/zsh`, `-bash` of a login, `pwsh.exe`.
fn named(program: &OsStr) -> Option<Shell> {
    let stem = Path::new(program).file_stem()?.to_str()?.to_ascii_lowercase();
    match stem.trim_start_matches('-') {
        "bash" => Some(Shell::Bash),
        "zsh" => Some(Shell::Zsh),
        "fish" => Some(Shell::Fish),
        "pwsh" | "powershell" => Some(Shell::Pwsh),
        "elvish" => Some(Shell::Elvish),
        _ => None,
    }
}

/// The process that started this one.
struct Parent {
    shell: Option<Shell>,
    /// `$SHELL` as it was when that process started.
    variable: Option<OsString>,
}

impl Parent {
    #[cfg(target_os = "linux")]
    fn of_this_process() -> Option<Parent> {
        use std::os::unix::ffi::OsStrExt;

        let folder = Path::new("/proc").join(std::os::unix::process::parent_id().to_string());
        let program = std::fs::read(folder.join("comm")).ok()?;
        let environment = std::fs::read(folder.join("environ")).ok()?;
        let variable = environment.split(|byte| *byte == 0).find_map(|entry| entry.strip_prefix(b"SHELL="));
        Some(Parent {
            shell: named(OsStr::from_bytes(program.trim_ascii())),
            variable: variable.map(|value| OsStr::from_bytes(value).to_owned()),
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn of_this_process() -> Option<Parent> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_are_known_by_their_programs() {
        for (program, shell) in [
            ("/usr/bin/bash", Some(Shell::Bash)),
            ("-zsh", Some(Shell::Zsh)),
            ("fish", Some(Shell::Fish)),
            ("pwsh.exe", Some(Shell::Pwsh)),
            ("/opt/elvish", Some(Shell::Elvish)),
            ("/bin/sh", None),
            ("", None),
        ] {
            assert_eq!(named(OsStr::new(program)), shell, "{program}");
        }
    }
}
