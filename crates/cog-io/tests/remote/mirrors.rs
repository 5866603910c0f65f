//! Servers whose mirrors do not agree on ETag and Last-Modified.

use cog_io::{Config, Session};
use cog_testkit::server::{Fault, Server, Validators};

use super::{content, open, quick};

fn serve(validators: Validators) -> Server {
    let server = Server::start([("/a", content(100_000))]);
    server.set_validators("/a", validators);
    server
}

#[tokio::test]
async fn the_error_says_how_to_read_all_the_same() {
    for validators in [Validators::Wobbling, Validators::WobblingTime] {
        let server = serve(validators);
        let source = open(&Session::new(quick()), &server.url("/a")).await;
        source.read_first(1000).await.unwrap();
        let error = source.read(50_000..50_100).await.unwrap_err();
        assert!(error.is_changed(), "{error}");
        assert!(error.to_string().contains("PIN_VERSION=NO (cog --no-pin) trusts the size alone"), "{error}");
    }
}

#[tokio::test]
async fn without_pinning_only_the_size_counts_and_a_warning_says_what_differs() {
    for (validators, named) in
        [(Validators::Wobbling, "its ETag differs"), (Validators::WobblingTime, "its Last-Modified differs")]
    {
        let server = serve(validators);
        let session = Session::new(quick().with_pin(false));
        let source = open(&session, &server.url("/a")).await;
        assert_eq!(source.read_first(1000).await.unwrap(), content(1000));
        for at in [20_000, 50_000, 90_000] {
            assert_eq!(source.read(at..at + 100).await.unwrap(), content(100_000)[at as usize..at as usize + 100]);
        }
        assert!(server.log().iter().all(|entry| entry.header("if-match").is_none()));
        let warnings = source.warnings();
        assert!(warnings.len() == 1 && warnings[0].contains(named), "{warnings:?}");
        // Another open meets the caches: the object is the same one.
        let again = open(&session, &server.url("/a")).await;
        again.read_first(1000).await.unwrap();
        again.read(20_000..20_100).await.unwrap();
        assert_eq!(server.log().len(), 4);
        // Parts of one range may come from different mirrors.
        server.inject("/a", 1, Fault::Less(10));
        assert_eq!(source.read(70_000..70_100).await.unwrap(), content(100_000)[70_000..70_100]);
        server.put("/a", content(99_999));
        let error = source.read(60_000..60_100).await.unwrap_err();
        assert!(error.is_changed() && error.to_string().contains("its size was 100000 and is 99999"), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_agrees_with_itself_gets_no_warning() {
    let server = serve(Validators::Strong);
    let source = open(&Session::new(quick().with_pin(false)), &server.url("/a")).await;
    source.read_first(1000).await.unwrap();
    source.read(50_000..50_100).await.unwrap();
    assert!(source.warnings().is_empty());
}

#[test]
fn the_environment_sets_it() {
    let mut config = Config::default();
    assert!(config.pin);
    config.set("PIN_VERSION", "NO").unwrap();
    assert!(!config.pin);
}

#[tokio::test]
async fn a_local_file_without_pinning_may_change_its_time_but_not_its_size() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content(1000)).unwrap();
    let source = open(&Session::new(Config::default().with_pin(false)), file.path().to_str().unwrap()).await;
    file.as_file().set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(source.read(10..20).await.unwrap(), content(1000)[10..20]);
    assert!(source.warnings()[0].contains("its time of change"), "{:?}", source.warnings());
    std::fs::write(file.path(), content(999)).unwrap();
    assert!(source.read(10..20).await.unwrap_err().is_changed());
}
