//! What is said on standard error beside errors: nothing, unless asked for; and never a secret.

use crate::command;

use cog_testkit::Corpus;
use cog_testkit::child::{self, Outcome};
use cog_testkit::server::Server;

fn served() -> (Server, String) {
    let all = Corpus::testdata().files().unwrap();
    let file = all.into_iter().find(|f| f.name() == "cog_web_mercator.tif").unwrap();
    let server = Server::start([("/a.tif", std::fs::read(file.path).unwrap())]);
    let url = server.url("/a.tif?X-Amz-Signature=hidden1&sig=hidden2").replace("http://", "http://someone:hidden3@");
    (server, url)
}

fn info(url: &str, flags: &[&str], variables: &[(&str, &str)]) -> Outcome {
    let mut command = command::cog();
    command.arg("info").args(flags).arg(url).envs(variables.iter().copied());
    command.env("GDAL_HTTP_HEADERS", "X-Mine: hidden4").env("GDAL_HTTP_COOKIE", "a=hidden5");
    let end = child::run(&mut command, command::CAP).unwrap();
    assert!(end.is_success(), "{}", command::failure(&end));
    assert!(!end.stderr.contains("hidden"), "{}", end.stderr);
    end
}

#[test]
fn nothing_is_said_unless_asked_for() {
    let (_server, url) = served();
    assert_eq!(info(&url, &[], &[]).stderr, "");
    assert_eq!(info(&url, &[], &[("LOG_LEVEL", "ERROR"), ("VERBOSE_LOGS", "FALSE")]).stderr, "");
    let all = [("LOG_LEVEL", "DEBUG"), ("VERBOSE_LOGS", "TRUE"), ("RUST_LOG", "trace")];
    assert_eq!(info(&url, &["-q"], &all).stderr, "");
}

#[test]
fn requests_are_logged_by_flag_and_by_each_variable() {
    let (_server, url) = served();
    for (flags, variables) in [
        (&["-v"][..], &[][..]),
        (&[], &[("LOG_LEVEL", "DEBUG")]),
        (&[], &[("LOG_LEVEL", "debug"), ("VERBOSE_LOGS", "NO")]),
        (&[], &[("RUST_LOG", "cog_io=debug")]),
    ] {
        let said = info(&url, flags, variables).stderr;
        assert_eq!(
            said.lines().filter(|line| line.contains("DEBUG") && line.contains("status=206")).count(),
            1,
            "{said}"
        );
        assert!(!said.contains("headers sent"), "{flags:?} {variables:?}: {said}");
        assert!(!said.contains('\x1b'), "no colours in a pipe: {said}");
    }
}

#[test]
fn headers_are_logged_without_their_secrets() {
    let (server, url) = served();
    for (flags, variables) in
        [(&["-vv"][..], &[][..]), (&[], &[("VERBOSE_LOGS", "TRUE")]), (&[], &[("RUST_LOG", "cog_io=trace")])]
    {
        let said = info(&url, flags, variables).stderr;
        for part in [
            "headers sent",
            "range: bytes=0-32767",
            "authorization: …",
            "x-mine: …",
            "cookie: …",
            "X-Amz-Signature=…",
            "headers received",
            "content-range: bytes 0-21379/21380",
            "etag: ",
        ] {
            assert!(said.contains(part), "no {part} in {said}");
        }
    }
    let log = server.take_log();
    let sent = |name: &str, value: &str| log.iter().all(|request| request.header(name) == Some(value));
    assert!(sent("x-mine", "hidden4") && sent("cookie", "a=hidden5"), "the server itself did get them");
}

#[test]
fn a_variable_that_makes_no_sense_is_named_and_ignored() {
    let (_server, url) = served();
    let said =
        info(&url, &[], &[("LOG_LEVEL", "loud"), ("VERBOSE_LOGS", "perhaps"), ("RUST_LOG", "cog_io=loud")]).stderr;
    assert_eq!(said.lines().count(), 3, "{said}");
    for name in ["LOG_LEVEL", "VERBOSE_LOGS", "RUST_LOG"] {
        assert!(said.contains(&format!("cog: {name} is ignored")), "{said}");
    }
}
