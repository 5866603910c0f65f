//! Completion of arguments, asked of the shells themselves where they are there.

use crate::command;
use std::path::Path;
use std::process::{Command, Stdio};

use cog_testkit::child;

const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "powershell", "elvish"];

/// What a shell prints for a script in which `cog` is the built command; `None` if there is no such shell.
fn shell(name: &str, home: &Path, script: &str) -> Option<String> {
    if Command::new(name).arg("--version").stdout(Stdio::null()).spawn().and_then(|mut c| c.wait()).is_err() {
        println!("{name} is not here: not tried");
        return None;
    }
    let programs = Path::new(env!("CARGO_BIN_EXE_cog")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(name);
    command.args(["-c", script]).env("PATH", path).env("HOME", home).env("XDG_CONFIG_HOME", home.join(".config"));
    let end = child::run(command.current_dir(home), command::CAP).unwrap();
    assert_eq!(end.stderr, "", "{name}: {script}");
    Some(end.stdout)
}

/// `cog` of a user with this home and this login shell.
fn cog_of(home: &Path, login: &str, arguments: &[&str]) -> child::Outcome {
    let mut command = command::cog();
    command.args(arguments).env("HOME", home).env("SHELL", login).env_remove("ZDOTDIR").env_remove("XDG_CONFIG_HOME");
    let end = child::run(&mut command, command::CAP).unwrap();
    assert!(end.is_success(), "{}", command::failure(&end));
    end
}

#[test]
fn each_shell_has_a_script_however_it_is_asked_for() {
    let scripts: Vec<String> = SHELLS.iter().map(|name| command::run(["completions", name]).stdout).collect();
    for (i, (name, script)) in SHELLS.iter().zip(&scripts).enumerate() {
        assert!(script.contains("create-tms") && script.contains("resampling"), "{name}");
        assert!(!scripts[..i].contains(script), "{name}");
        assert_eq!(&command::run(["--show-completion", name]).stdout, script);
    }
    assert_eq!(command::run(["completions", "pwsh"]).stdout, scripts[3]);
    assert_eq!(command::run(["completions", "tcsh"]).code, Some(2));
    assert_eq!(command::run(["--show-completion", "tcsh"]).code, Some(2));
}

#[test]
fn the_shell_is_told_from_the_environment() {
    let home = tempfile::tempdir().unwrap();
    for (login, name) in [("/usr/bin/zsh", "zsh"), ("/bin/bash", "bash"), ("/usr/local/bin/fish", "fish")] {
        let shown = cog_of(home.path(), login, &["--show-completion"]).stdout;
        assert_eq!(shown, command::run(["completions", name]).stdout);
    }
    let mut command = command::cog();
    let end = child::run(command.arg("--show-completion").env("SHELL", "/bin/false"), command::CAP).unwrap();
    command::assert_one_clear_line(&end, &["which shell", "bash, zsh, fish"]);
}

#[test]
fn installing_twice_is_installing_once() {
    for (login, start, script) in [
        ("/bin/bash", Some(".bashrc"), ".bash_completions/cog.sh"),
        ("/usr/bin/zsh", Some(".zshrc"), ".zfunc/_cog"),
        ("/usr/bin/fish", None, ".config/fish/completions/cog.fish"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let first = cog_of(home.path(), login, &["--install-completion"]).stdout;
        assert!(first.contains(script), "{first}");
        let read = |name: &str| std::fs::read_to_string(home.path().join(name)).unwrap();
        let before = start.map(read);
        assert_eq!(cog_of(home.path(), login, &["--install-completion"]).stdout, first);
        assert_eq!(start.map(read), before);
        assert_eq!(before.map_or(1, |text| text.lines().count()), 1);
        assert_eq!(read(script), cog_of(home.path(), login, &["--show-completion"]).stdout);
    }
}

#[test]
fn bash_completes_options_and_leaves_names_of_files_to_itself() {
    let home = tempfile::tempdir().unwrap();
    let ask = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let (last, before) = (words[words.len() - 1], words[words.len() - 2]);
        let script = format!(
            "source <(cog completions bash); COMP_WORDS=({line}{}); COMP_CWORD={}; _cog cog '{last}' '{before}'; echo \"${{COMPREPLY[@]}}\"",
            if last.is_empty() { "''" } else { "" },
            words.len() - 1
        );
        shell("bash", home.path(), &script)
    };
    let Some(verbs) = ask("cog p") else { return };
    assert_eq!(verbs.trim(), "point preview");
    assert_eq!(ask("cog info --js").unwrap().trim(), "--json");
    assert_eq!(ask("cog bounds --den").unwrap().trim(), "--densify");
    assert_eq!(ask("cog completions z").unwrap().trim(), "zsh");
    for line in ["cog info ", "cog -q create-tms ", "cog bounds ", "cog tms ", "cog stats --json a", "cog point "] {
        assert_eq!(ask(line).unwrap().trim(), "", "{line:?}: bash looks for files itself if nothing is offered");
    }
}

#[test]
fn fish_and_zsh_complete() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("some.tif"), "").unwrap();
    let ask = |line: &str| shell("fish", home.path(), &format!("cog completions fish | source; complete -C '{line}'"));
    if let Some(verbs) = ask("cog cr") {
        assert!(verbs.starts_with("create-tms\t"), "{verbs}");
        assert!(ask("cog info --block").unwrap().starts_with("--block-sizes\t"));
        assert!(ask("cog stats so").unwrap().starts_with("some.tif"));
        assert!(ask("cog completions zs").unwrap().starts_with("zsh"));
    }
    let script = "autoload -Uz compinit; compinit -D; source <(cog completions zsh); print ${_comps[cog]}";
    if let Some(printed) = shell("zsh", home.path(), script) {
        assert_eq!(printed, "_cog\n");
    }
}
