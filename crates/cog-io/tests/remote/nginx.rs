//! Against a web server that is not ours: `COG_TEST_HTTP` (plain), `COG_TEST_HTTPS` (TLS, HTTP/2) under the authority in
//! `COG_TEST_HTTPS_CA`; both serve testdata/files. `cargo xtask test` starts nginx and sets them.

use cog_io::{Config, Error, Session};
use cog_testkit::Corpus;

use super::open;

fn file(name: &str) -> Vec<u8> {
    let files = Corpus::testdata().files().unwrap();
    std::fs::read(&files.iter().find(|file| file.name() == name).unwrap().path).unwrap()
}

async fn gives_the_same_bytes(session: &Session, root: &str) {
    let name = "cog_jpeg_mask_interleaved.tif";
    let bytes = file(name);
    let source = open(session, &format!("{root}/{name}")).await;
    assert_eq!(source.read_first(1000).await.unwrap(), bytes[..1000]);
    assert_eq!(source.size(), Some(bytes.len() as u64));
    assert!(source.version().unwrap().etag.is_some());
    let ranges: Vec<_> = (0..40u64).map(|i| (i * 97) % 5000 + i..(i * 97) % 5000 + i + 300).collect();
    for (range, part) in ranges.iter().zip(source.read_ranges(&ranges).await.unwrap()) {
        assert_eq!(part, bytes[range.start as usize..range.end as usize]);
    }
    let stats = source.stats();
    assert!(stats.requests < 10, "{stats:?}");
    let missing = open(session, &format!("{root}/none.tif")).await.read_first(10).await.unwrap_err();
    assert!(missing.is_not_found(), "{missing}");
    let behind = source.read(bytes.len() as u64 - 5..bytes.len() as u64 + 5).await.unwrap_err();
    assert!(matches!(behind, Error::OutOfBounds { .. }), "{behind}");
    let unknown = open(session, &format!("{root}/{name}?another")).await;
    let error = unknown.read(bytes.len() as u64..bytes.len() as u64 + 5).await.unwrap_err();
    assert!(matches!(error, Error::OutOfBounds { .. }), "by its 416: {error}");
}

#[tokio::test]
async fn nginx_gives_the_same_bytes_over_http1() {
    let Ok(root) = std::env::var("COG_TEST_HTTP") else {
        return cog_testkit::not_run(
            "nginx_gives_the_same_bytes_over_http1",
            "COG_TEST_HTTP (cargo xtask test sets it)",
        );
    };
    gives_the_same_bytes(&Session::new(Config::default()), &root).await;
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn nginx_gives_the_same_bytes_over_http2_under_an_own_authority() {
    let (Ok(root), Ok(ca)) = (std::env::var("COG_TEST_HTTPS"), std::env::var("COG_TEST_HTTPS_CA")) else {
        let needs = "COG_TEST_HTTPS and COG_TEST_HTTPS_CA (cargo xtask test sets them)";
        return cog_testkit::not_run("nginx_gives_the_same_bytes_over_http2_under_an_own_authority", needs);
    };
    gives_the_same_bytes(&Session::new(Config::default().with_ca_file(ca)), &root).await;
    let error = open(&Session::new(Config::default()), &format!("{root}/a")).await.read_first(1).await.unwrap_err();
    assert!(matches!(&error, Error::Connect { reason, .. } if reason.contains("TLS")), "{error}");
}
