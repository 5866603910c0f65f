//! TCP, directly or through a proxy; TLS comes on top.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::config::{Config, ProxySettings};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The proxies of a configuration, or none.
pub(super) fn matcher(proxy: &ProxySettings) -> Option<Arc<Matcher>> {
    if proxy.http.is_none() && proxy.https.is_none() {
        return None;
    }
    let mut builder = Matcher::builder();
    if let Some(http) = &proxy.http {
        builder = builder.http(http.expose().to_owned());
    }
    if let Some(https) = &proxy.https {
        builder = builder.https(https.expose().to_owned());
    }
    if let Some(no) = &proxy.no_proxy {
        builder = builder.no(no.clone());
    }
    Some(Arc::new(builder.build()))
}

/// The `Proxy-Authorization` of a plain `http://` request, which the proxy reads itself.
pub(super) fn proxy_authorization(matcher: Option<&Matcher>, uri: &Uri) -> Option<HeaderValue> {
    if uri.scheme_str() != Some("http") {
        return None;
    }
    matcher?.intercept(uri)?.basic_auth().cloned()
}

#[derive(Clone)]
pub(super) struct TcpConnector {
    tcp: HttpConnector,
    proxies: Option<Arc<Matcher>>,
}

impl TcpConnector {
    pub(super) fn new(config: &Config, proxies: Option<Arc<Matcher>>) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(config.connect_timeout));
        tcp.set_keepalive(Some(std::time::Duration::from_secs(60)));
        Self { tcp, proxies }
    }
}

impl Service<Uri> for TcpConnector {
    type Response = Tcp;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Tcp, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let Some(proxy) = self.proxies.as_ref().and_then(|matcher| matcher.intercept(&target)) else {
            let connecting = self.tcp.call(target);
            return Box::pin(async move { Ok(Tcp { stream: connecting.await?, forwarded: false }) });
        };
        if !matches!(proxy.uri().scheme_str(), Some("http") | None) {
            let scheme = proxy.uri().scheme_str().unwrap_or_default().to_owned();
            return Box::pin(
                async move { Err(format!("proxy scheme \"{scheme}\" is not supported (http is)").into()) },
            );
        }
        if target.scheme_str() == Some("https") {
            let mut tunnel = Tunnel::new(proxy.uri().clone(), self.tcp.clone());
            if let Some(auth) = proxy.basic_auth() {
                tunnel = tunnel.with_auth(auth.clone());
            }
            return Box::pin(async move {
                let stream =
                    tunnel.call(target).await.map_err(|error| -> BoxError { format!("proxy: {error}").into() })?;
                Ok(Tcp { stream, forwarded: false })
            });
        }
        let connecting = self.tcp.call(proxy.uri().clone());
        Box::pin(async move { Ok(Tcp { stream: connecting.await?, forwarded: true }) })
    }
}

/// A TCP stream that remembers whether a proxy forwards its requests, which then need the absolute form of the target.
pub(super) struct Tcp {
    stream: TokioIo<TcpStream>,
    forwarded: bool,
}

impl Connection for Tcp {
    fn connected(&self) -> Connected {
        self.stream.connected().proxy(self.forwarded)
    }
}

impl hyper::rt::Read for Tcp {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: hyper::rt::ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl hyper::rt::Write for Tcp {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }
}
