//! What people type and paste, and servers that are not quite as they should be.

use crate::command;
use cog_testkit::Corpus;
use cog_testkit::server::{Fault, Server, Validators};
use serde_json::Value;

fn path(name: &str) -> String {
    let all = Corpus::testdata().files().unwrap();
    all.into_iter().find(|f| f.name() == name).unwrap().path.to_str().unwrap().to_owned()
}

fn serve() -> (Server, String) {
    let server = Server::start([("/a.tif", std::fs::read(path("cog_deflate_uint16_mask.tif")).unwrap())]);
    let url = server.url("/a.tif");
    (server, url)
}

#[track_caller]
fn info(arguments: &[&str]) -> Value {
    let end = command::run([&["info", "--json"], arguments].concat());
    assert!(end.is_success(), "{}", command::failure(&end));
    serde_json::from_str(&end.stdout).unwrap()
}

#[track_caller]
fn refused(arguments: &[&str]) -> String {
    let end = command::run(arguments);
    assert_eq!(end.code, Some(1), "{}", command::failure(&end));
    end.stderr
}

#[test]
fn quotation_marks_a_line_end_and_upper_case_do_not_keep_a_url_from_opening() {
    let (_server, url) = serve();
    for text in [format!("'{url}'"), format!("<{url}>"), format!(" {url}\n"), url.replace("http:", "HTTP:")] {
        assert_eq!(info(&[&text])["profile"]["width"], 150, "{text:?}");
    }
    let encoded = url.replace(':', "%3A").replace('/', "%2F");
    assert_eq!(info(&[&format!("/vsicurl?max_retry=1&list_dir=no&url={encoded}")])["profile"]["width"], 150);
}

/// As GDAL 3.10 reads `GTIFF_DIR:2:`.
#[test]
fn a_directory_in_gdals_spelling_is_that_page() {
    let pages = path("pages_of_different_kinds.tif");
    let page = &info(&[&format!("GTIFF_DIR:2:{pages}")])["profile"];
    assert_eq!((&page["width"], &page["height"], &page["dtype"]), (&30.into(), &20.into(), &"uint8".into()));
    let (_server, url) = serve();
    assert_eq!(info(&[&format!("GTIFF_DIR:3:{url}")])["profile"]["width"], 75);
    assert!(refused(&["info", &format!("GTIFF_DIR:9:{pages}")]).contains("directory 9 does not exist, there are 3"));
    assert!(refused(&["info", "GTIFF_RAW:a.tif"]).contains("--raw-color"));
}

#[test]
fn what_cannot_be_opened_says_what_to_type() {
    for (text, hint) in [
        ("http:/127.0.0.1/a.tif", "for a URL type http://127.0.0.1/a.tif"),
        ("'none.tif'", "without them: none.tif"),
        ("~/none.tif", "type $HOME instead"),
        ("/vsizip/a.zip/a.tif", "unpack it first"),
        ("/vsistdin/", "use - where"),
    ] {
        let error = refused(&["info", text]);
        assert!(error.contains(hint) && error.lines().count() == 1, "{error}");
    }
}

#[test]
fn mirrors_that_do_not_agree_are_read_with_no_pin_and_a_warning() {
    let (server, url) = serve();
    server.set_validators("/a.tif", Validators::Wobbling);
    let arguments = ["stats", "--json", &url];
    let environment = [("INGESTED_BYTES_AT_OPEN", "2000")];
    let refused = command::run_with(arguments, environment);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("--no-pin"), "{}", refused.stderr);
    let read = command::run_with([&arguments[..], &["--no-pin"]].concat(), environment);
    assert!(read.is_success(), "{}", command::failure(&read));
    let bands = |text: &str| serde_json::from_str::<Value>(text).unwrap()["bands"].clone();
    let local = command::run(["stats", "--json", &path("cog_deflate_uint16_mask.tif")]);
    assert_eq!(bands(&read.stdout), bands(&local.stdout));
    let described =
        command::run_with(["info", "--json", "--no-pin", "--block-sizes", &url], [("INGESTED_BYTES_AT_OPEN", "300")]);
    assert!(described.is_success(), "{}", command::failure(&described));
    let described: Value = serde_json::from_str(&described.stdout).unwrap();
    assert!(
        described["warnings"].to_string().contains("its ETag differs between answers"),
        "{}",
        described["warnings"]
    );
}

#[test]
fn an_expired_link_says_so_and_shows_no_signature() {
    let (server, url) = serve();
    let body = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
    server.inject("/a.tif", usize::MAX, Fault::Body(403, body.into()));
    let error = refused(&["info", &format!("{url}?X-Amz-Signature=abcdef")]);
    assert!(error.contains("AccessDenied: Request has expired, a new token or signed URL is needed"), "{error}");
    assert!(!error.contains("abcdef"), "{error}");
}

#[test]
fn a_file_that_is_named_by_its_directory_is_not_overwritten_either() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.npy");
    std::fs::copy(path("pages_of_different_kinds.tif"), &file).unwrap();
    let before = std::fs::read(&file).unwrap();
    let name = file.to_str().unwrap();
    for location in [format!("GTIFF_DIR:2:{name}"), format!("file:{name}")] {
        let end = command::run(["read", &location, "-o", name]);
        assert!(!end.is_success(), "{location}");
        assert_eq!(std::fs::read(&file).unwrap(), before, "{location}");
    }
}
