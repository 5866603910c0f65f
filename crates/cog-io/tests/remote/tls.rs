#![cfg(feature = "tls")]

use cog_io::{Error, Session};
use cog_testkit::server::Server;

use super::{content, open, quick};

fn trusting(server: &Server) -> (tempfile::NamedTempFile, Session) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), server.ca_pem().unwrap()).unwrap();
    let session = Session::new(quick().with_ca_file(file.path()));
    (file, session)
}

#[tokio::test]
async fn https_with_an_own_authority_speaks_http2_on_one_connection() {
    let server = Server::start_tls([("/a", content(3_000_000))]);
    let (_file, session) = trusting(&server);
    let source = open(&session, &server.url("/a")).await;
    assert_eq!(source.read_first(1000).await.unwrap(), content(1000));
    let ranges: Vec<_> = (0..20u64).map(|i| i * 150_000..i * 150_000 + 20_000).collect();
    let parts = source.read_ranges(&ranges).await.unwrap();
    assert_eq!(parts[19], content(3_000_000)[19 * 150_000..19 * 150_000 + 20_000]);
    assert!(server.log().iter().all(|entry| entry.http2));
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_final() {
    let server = Server::start_tls([("/a", content(10))]);
    let other = Server::start_tls([("/a", content(10))]);
    let (_file, session) = trusting(&other);
    let error = open(&session, &server.url("/a")).await.read_first(10).await.unwrap_err();
    assert!(matches!(&error, Error::Connect { reason, .. } if reason.contains("TLS")), "{error}");
    assert_eq!(server.connections(), 1, "a certificate error is not retried");
}
