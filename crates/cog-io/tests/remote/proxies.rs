use cog_io::{ProxySettings, Session};
use cog_testkit::server::Server;

use super::{content, open, quick};

fn through(server: &Server) -> ProxySettings {
    let mut proxy = ProxySettings::default();
    proxy.http = Some(server.url("").replace("http://", "http://me:pass@").into());
    proxy.no_proxy = Some("127.0.0.1".into());
    proxy
}

#[tokio::test]
async fn http_targets_are_asked_of_the_proxy_with_its_credentials() {
    let proxy = Server::start([("/a", content(5000))]);
    let session = Session::new(quick().with_proxy(through(&proxy)));
    let source = open(&session, "http://data.invalid/a").await;
    assert_eq!(source.read_first(100).await.unwrap(), content(100));
    let log = proxy.log();
    assert_eq!(log[0].header("host"), Some("data.invalid"));
    assert_eq!(log[0].header("proxy-authorization"), Some("Basic bWU6cGFzcw=="));
}

#[tokio::test]
async fn hosts_of_no_proxy_are_asked_directly() {
    let proxy = Server::start([("/a", content(10))]);
    let server = Server::start([("/a", content(5000))]);
    let session = Session::new(quick().with_proxy(through(&proxy)));
    open(&session, &server.url("/a")).await.read_first(100).await.unwrap();
    assert_eq!((proxy.log().len(), server.log().len()), (0, 1));
    assert_eq!(server.log()[0].header("proxy-authorization"), None);
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn a_proxy_that_refuses_a_tunnel_is_named_and_not_asked_again() {
    let proxy = Server::start([("/a", content(10))]);
    let mut settings = ProxySettings::default();
    settings.https = Some(proxy.url("").into());
    let session = Session::new(quick().with_proxy(settings));
    let error = open(&session, "https://data.invalid/a").await.read_first(10).await.unwrap_err();
    assert!(matches!(&error, cog_io::Error::Connect { reason, .. } if reason.contains("proxy")), "{error}");
    assert_eq!(proxy.connections(), 1);
}
