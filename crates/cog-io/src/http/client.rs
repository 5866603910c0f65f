//! The hyper client of a session: pooled connections, HTTP/1.1 and HTTP/2, TLS roots loaded on first use.

use std::fmt;
use std::sync::Arc;
#[cfg(feature = "tls")]
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tracing::trace;

use super::connect::{TcpConnector, matcher, proxy_authorization};
use super::failure::{Failure, of_connection};
use super::header_log::Shown;
use super::redirect::shown;
use crate::config::Config;
use crate::error::Error;

type Plain = legacy::Client<TcpConnector, Full<Bytes>>;
#[cfg(feature = "tls")]
type Tls = legacy::Client<hyper_rustls::HttpsConnector<TcpConnector>, Full<Bytes>>;

/// Sends requests; knows nothing of ranges.
pub(crate) struct Client {
    #[cfg_attr(not(feature = "tls"), allow(dead_code, reason = "TLS and credential services are set up by it"))]
    pub(crate) config: Arc<Config>,
    proxies: Option<Arc<Matcher>>,
    plain: Plain,
    #[cfg(feature = "tls")]
    tls: OnceLock<Result<Tls, String>>,
}

impl Client {
    pub(crate) fn new(config: Arc<Config>) -> Self {
        let proxies = matcher(&config.proxy);
        let plain = builder().build(TcpConnector::new(&config, proxies.clone()));
        Self {
            config,
            proxies,
            plain,
            #[cfg(feature = "tls")]
            tls: OnceLock::new(),
        }
    }

    /// One request on one connection; no retry, no redirect.
    pub(crate) async fn send(
        &self,
        location: &Arc<str>,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Failure> {
        trace!(
            location = %location, method = %request.method(), url = %shown(request.uri()),
            headers = %Shown(request.headers()), "headers sent"
        );
        let response = self.send_silently(location, request).await?;
        trace!(
            location = %location, version = ?response.version(), status = response.status().as_u16(),
            headers = %Shown(response.headers()), "headers received"
        );
        Ok(response)
    }

    async fn send_silently(
        &self,
        location: &Arc<str>,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Failure> {
        let uri = request.uri().clone();
        let failed = |error: legacy::Error| of_connection(location, &uri, &error, error.is_connect());
        if uri.scheme_str() != Some("https") {
            if let Some(auth) = proxy_authorization(self.proxies.as_deref(), &uri) {
                request.headers_mut().insert(http::header::PROXY_AUTHORIZATION, auth);
            }
            return self.plain.request(request).await.map_err(failed);
        }
        self.send_tls(location, &uri, request).await
    }

    #[cfg(feature = "tls")]
    async fn send_tls(
        &self,
        location: &Arc<str>,
        uri: &Uri,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Failure> {
        let client = self.tls.get_or_init(|| {
            let connector = hyper_rustls::HttpsConnectorBuilder::new()
                .with_tls_config(tls_config(&self.config)?)
                .https_or_http()
                .enable_all_versions()
                .wrap_connector(TcpConnector::new(&self.config, self.proxies.clone()));
            Ok(builder().build(connector))
        });
        match client {
            Ok(client) => {
                client.request(request).await.map_err(|error| of_connection(location, uri, &error, error.is_connect()))
            }
            Err(reason) => Err(Failure::Final(Error::Connect {
                location: Arc::clone(location),
                host: super::failure::host_of(uri),
                reason: reason.clone(),
            })),
        }
    }

    #[cfg(not(feature = "tls"))]
    async fn send_tls(
        &self,
        location: &Arc<str>,
        _: &Uri,
        _: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Failure> {
        Err(Failure::Final(Error::Unsupported {
            location: Arc::clone(location),
            what: "https".into(),
            hint: "this build has no TLS: enable the feature \"tls\"".into(),
        }))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

fn builder() -> legacy::Builder {
    let mut builder = legacy::Client::builder(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(60))
        // Windows for fast far links: 200 ms × 1 Gbit/s is 25 MB.
        .http2_initial_stream_window_size(8 << 20)
        .http2_initial_connection_window_size(32 << 20)
        .http2_max_frame_size(1 << 20)
        .http2_keep_alive_interval(Duration::from_secs(20));
    builder
}

#[cfg(feature = "tls")]
fn tls_config(config: &Config) -> Result<rustls::ClientConfig, String> {
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject;

    let mut roots = rustls::RootCertStore::empty();
    match &config.ca_file {
        Some(path) => {
            let unreadable =
                |error: &dyn fmt::Display| format!("certificates of {} cannot be read: {error}", path.display());
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))? {
                roots.add(certificate.map_err(|error| unreadable(&error))?).map_err(|error| unreadable(&error))?;
            }
        }
        None => {
            // Some entries of a system's store may be malformed; the others serve.
            let _ = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err("no trusted certificates were found (set SSL_CERT_FILE or CURL_CA_BUNDLE to a PEM file)".into());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
