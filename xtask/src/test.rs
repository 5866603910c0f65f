//! `cargo xtask test`: the tests of all crates, with everything around them that they ask for.

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::azurite::Azurite;
use crate::moto::Moto;
use crate::nginx::Nginx;
use crate::{test_environment, workspace};

/// Runs `cargo test` with the test environment in its variables. The exit code is the tests'.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode> {
    let python = test_environment::prepare()?;
    // Ends with this function, whichever way it ends.
    let moto = Moto::start(&python)?;
    println!("S3 for the tests: {} (bucket {})", moto.endpoint(), moto.bucket());
    let azurite = told("Azure", Azurite::start(&python));
    let nginx = told("nginx", Nginx::start(&python));
    if std::env::var_os("COG_CORPUS").is_none_or(|v| v.is_empty()) {
        println!("COG_CORPUS is not set: the tests that walk a corpus do so on testdata/ alone");
    }
    let mut cargo = workspace::cargo();
    cargo.arg("test");
    if !names_packages(arguments) {
        cargo.arg("--workspace");
    }
    cargo.args(arguments).env("COG_TEST_PYTHON", &python);
    cargo.env("COG_TEST_S3", moto.endpoint()).env("COG_TEST_S3_BUCKET", moto.bucket());
    if let Some(azurite) = &azurite {
        cargo.env("COG_TEST_AZURE", azurite.connection_string()).env("COG_TEST_AZURE_BLOB", azurite.blob());
    }
    if let Some(nginx) = &nginx {
        cargo.env("COG_TEST_HTTP", nginx.plain()).env("COG_TEST_HTTPS", nginx.tls());
        cargo.env("COG_TEST_HTTPS_CA", nginx.ca());
    }
    let status = cargo.status().context("cargo test did not start")?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// A server that the tests can do without; why it is not there is said, and again by each test that needs it.
fn told<T>(name: &str, started: Result<T>) -> Option<T> {
    match started {
        Ok(server) => {
            println!("{name} for the tests: running");
            Some(server)
        }
        Err(error) => {
            println!("not run: the tests against {name}: {error:#}");
            None
        }
    }
}

fn names_packages(arguments: &[String]) -> bool {
    let before_dashes = arguments.iter().take_while(|a| *a != "--");
    before_dashes.into_iter().any(|a| a.starts_with("-p") || a.starts_with("--package") || a == "--workspace")
}

#[cfg(test)]
mod tests {
    use super::names_packages;

    #[test]
    fn packages_are_named_only_before_the_dashes() {
        let of = |words: &[&str]| names_packages(&words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>());
        assert!(of(&["-p", "cog-tiff"]));
        assert!(of(&["--package=cog-tiff"]));
        assert!(!of(&["some_test", "--", "-p"]));
        assert!(!of(&[]));
    }
}
