//! Where shells look for completions: as typer does it, of which aiocogeo's command was made.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};

use crate::cli::Shell;

/// Folders of the user.
#[derive(Debug)]
pub(super) struct Folders {
    home: PathBuf,
    /// Where zsh looks for `.zshrc`.
    zsh: PathBuf,
    /// Settings of fish, elvish and PowerShell.
    config: PathBuf,
}

impl Folders {
    /// Those of who runs this.
    pub(super) fn of_user() -> anyhow::Result<Folders> {
        let home = std::env::home_dir()
            .filter(|home| !home.as_os_str().is_empty())
            .ok_or_else(|| anyhow!("there is no home folder to install completions in: HOME is not set"))?;
        Ok(Folders::new(home, |name| std::env::var_os(name)))
    }

    fn new(home: PathBuf, variable: impl Fn(&str) -> Option<OsString>) -> Folders {
        // The XDG specification: a path that is not absolute is ignored.
        let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let zsh = folder("ZDOTDIR").unwrap_or_else(|| home.clone());
        let config = folder("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
        Folders { home, zsh, config }
    }
}

/// Writes the script, and into the shell's start-up file the line that loads it, if it is not there yet. Returns the place
/// of the script.
pub(super) fn install(shell: Shell, script: &str, folders: &Folders) -> anyhow::Result<PathBuf> {
    let Folders { home, zsh, config } = folders;
    match shell {
        Shell::Bash => {
            let place = home.join(".bash_completions").join("cog.sh");
            write(&place, script)?;
            add_line(&home.join(".bashrc"), &format!("source {}", quoted(&place)?))?;
            Ok(place)
        }
        Shell::Zsh => {
            let folder = home.join(".zfunc");
            let place = folder.join("_cog");
            write(&place, script)?;
            // An earlier compinit has not seen this folder.
            let line = format!("fpath+=({}); autoload -Uz compinit; compinit", quoted(&folder)?);
            add_line(&zsh.join(".zshrc"), &line)?;
            Ok(place)
        }
        Shell::Fish => {
            // Fish loads what lies there by itself.
            let place = config.join("fish").join("completions").join("cog.fish");
            write(&place, script)?;
            Ok(place)
        }
        Shell::Pwsh => {
            let folder = match cfg!(windows) {
                true => home.join("Documents").join("PowerShell"),
                false => config.join("powershell"),
            };
            let place = folder.join("cog.ps1");
            write(&place, script)?;
            add_line(&folder.join("Microsoft.PowerShell_profile.ps1"), &format!(". {}", quoted(&place)?))?;
            Ok(place)
        }
        Shell::Elvish => {
            let folder = config.join("elvish");
            let place = folder.join("lib").join("cog.elv");
            write(&place, script)?;
            add_line(&folder.join("rc.elv"), "use cog")?;
            Ok(place)
        }
    }
}

/// A path as one word: between single quotes, in which bash, zsh and PowerShell read everything but a quote as it stands.
fn quoted(path: &Path) -> anyhow::Result<String> {
    match path.to_str() {
        Some(text) if !text.contains(['\'', '\n']) => Ok(format!("'{text}'")),
        _ => Err(anyhow!("{}: this path cannot be written into a start-up file", path.display())),
    }
}

fn write(place: &Path, script: &str) -> anyhow::Result<()> {
    let written = place.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(place, script));
    written.with_context(|| format!("cannot write {}", place.display()))
}

/// Adds a line at the end of a start-up file that lacks it. The file is not made anew: it may be a link, and is the user's.
fn add_line(path: &Path, line: &str) -> anyhow::Result<()> {
    let failed = || format!("cannot write {}", path.display());
    let old = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error).with_context(failed),
    };
    if old.split(|byte| *byte == b'\n').any(|old| old.trim_ascii() == line.as_bytes()) {
        return Ok(());
    }
    let before = if old.last().is_some_and(|byte| *byte != b'\n') { "\n" } else { "" };
    let text = format!("{before}{line}\n");
    let written = path
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| OpenOptions::new().create(true).append(true).open(path)?.write_all(text.as_bytes()));
    written.with_context(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(shell: Shell, before: Option<(&str, &str)>) -> (tempfile::TempDir, Folders, PathBuf) {
        let home = tempfile::tempdir().unwrap();
        let folders = Folders::new(home.path().to_owned(), |_| None);
        if let Some((file, text)) = before {
            fs::write(home.path().join(file), text).unwrap();
        }
        let place = install(shell, "old", &folders).unwrap();
        assert_eq!(install(shell, "new", &folders).unwrap(), place);
        assert_eq!(fs::read_to_string(&place).unwrap(), "new");
        (home, folders, place)
    }

    #[test]
    fn a_start_up_file_keeps_its_text_and_gets_one_line() {
        let (home, _, place) = installed(Shell::Bash, Some((".bashrc", "alias a=b")));
        let text = fs::read_to_string(home.path().join(".bashrc")).unwrap();
        assert_eq!(text, format!("alias a=b\nsource '{}'\n", place.display()));
        let (home, ..) = installed(Shell::Zsh, Some((".zshrc", "autoload -Uz compinit; compinit\n")));
        let text = fs::read_to_string(home.path().join(".zshrc")).unwrap();
        let loads = format!("fpath+=('{}'); autoload -Uz compinit; compinit", home.path().join(".zfunc").display());
        assert_eq!(text, format!("autoload -Uz compinit; compinit\n{loads}\n"));
    }

    #[test]
    fn each_shell_finds_its_script() {
        for (shell, at) in [
            (Shell::Fish, ".config/fish/completions/cog.fish"),
            (Shell::Zsh, ".zfunc/_cog"),
            (Shell::Elvish, ".config/elvish/lib/cog.elv"),
        ] {
            let (home, _, place) = installed(shell, None);
            assert_eq!(place, home.path().join(at));
        }
        let home = PathBuf::from("/home/x");
        let folders = Folders::new(home, |name| (name == "ZDOTDIR").then(|| "/z".into()));
        assert_eq!((folders.zsh, folders.config), ("/z".into(), "/home/x/.config".into()));
    }
}
