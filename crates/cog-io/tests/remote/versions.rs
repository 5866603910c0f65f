use cog_io::{Error, Session, Version};
use cog_testkit::server::{Server, Validators};

use super::{content, open, quick};

/// Opens, changes the object (same size), reads on: what happens?
async fn change_after_open(validators: Validators) -> (Result<(), Error>, Server, Session) {
    let server = Server::start([("/a", content(100_000))]);
    server.set_validators("/a", validators);
    let session = Session::new(quick());
    let source = open(&session, &server.url("/a")).await;
    source.read_first(1000).await.unwrap();
    let mut other = content(100_000).to_vec();
    other.reverse();
    server.put("/a", other);
    let result = source.read(50_000..50_100).await.map(|_| ());
    (result, server, session)
}

#[tokio::test]
async fn a_changed_object_is_an_error_with_every_kind_of_validator() {
    for validators in [Validators::Strong, Validators::StrongUnchecked, Validators::Weak, Validators::LastModified] {
        let (result, server, session) = change_after_open(validators).await;
        let error = result.unwrap_err();
        assert!(error.is_changed(), "{validators:?}: {error}");
        let sent = server.log().last().unwrap().header("if-match").is_some();
        assert_eq!(sent, matches!(validators, Validators::Strong | Validators::StrongUnchecked), "{validators:?}");
        // The next open sees the new object, although the version was not old enough to be asked for again.
        let again = open(&session, &server.url("/a")).await;
        assert_eq!(
            again.read_first(4).await.unwrap()[..],
            [content(100_000)[99_999], content(100_000)[99_998], content(100_000)[99_997], content(100_000)[99_996]],
            "{validators:?}"
        );
        again.read(50_000..50_100).await.unwrap();
    }
}

#[tokio::test]
async fn without_validators_a_change_of_size_is_noticed() {
    let server = Server::start([("/a", content(100_000))]);
    server.set_validators("/a", Validators::None);
    let source = open(&Session::new(quick()), &server.url("/a")).await;
    source.read_first(1000).await.unwrap();
    assert_eq!(source.version().unwrap().size, Some(100_000));
    server.put("/a", content(100_001));
    let error = source.read(50_000..50_100).await.unwrap_err();
    assert!(error.is_changed() && error.to_string().contains("its size was 100000 and is 100001"), "{error}");
}

#[tokio::test]
async fn if_range_and_head_are_never_sent() {
    let (_, server, _) = change_after_open(Validators::Strong).await;
    assert!(server.log().iter().all(|entry| entry.method == "GET" && entry.header("if-range").is_none()));
}

#[tokio::test]
async fn a_local_file_that_is_rewritten_or_cut_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.bin");
    for (rewrite, named) in [(content(1000), "time of change"), (content(500), "size was 1000 and is 500")] {
        std::fs::write(&path, content(1000)).unwrap();
        let source = open(&Session::default(), path.to_str().unwrap()).await;
        assert_eq!(source.read(10..20).await.unwrap(), content(1000)[10..20]);
        // The clock of a file system ticks every few milliseconds.
        std::thread::sleep(std::time::Duration::from_millis(30));
        std::fs::write(&path, rewrite).unwrap();
        let error = source.read(10..20).await.unwrap_err();
        assert!(error.is_changed() && error.to_string().contains(named), "{error}");
    }
}

#[tokio::test]
async fn local_files_that_are_missing_empty_or_directories_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let session = Session::default();
    let opened = async |path: &std::path::Path| {
        session.open(&cog_io::Location::from_file_path(path).unwrap()).await.unwrap_err().to_string()
    };
    assert!(opened(dir.path()).await.ends_with("is a directory, not a file"));
    assert!(opened(&dir.path().join("none.tif")).await.ends_with("none.tif: not found"));
    let empty = dir.path().join("empty.tif");
    std::fs::write(&empty, b"").unwrap();
    assert!(opened(&empty).await.ends_with("empty.tif: is empty (0 bytes)"));
}

#[test]
fn a_version_can_be_compared_by_callers() {
    assert_eq!(Version::default(), Version::default());
}
