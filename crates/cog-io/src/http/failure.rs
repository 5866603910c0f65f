//! Why an attempt failed and whether another one may help.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;

use crate::error::Error;
use crate::redact;

/// A failed attempt.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Another attempt would fail in the same way.
    Final(Error),
    /// Another attempt may succeed, after the time the server asked for.
    Again { error: Error, after: Option<Duration> },
    /// The connection could not be made: worth one more try, no more.
    AgainOnce(Error),
}

impl Failure {
    pub(crate) fn error(&self) -> &Error {
        match self {
            Failure::Final(error) | Failure::AgainOnce(error) | Failure::Again { error, .. } => error,
        }
    }
}

/// Sorts an error of hyper or of the connection below it.
pub(super) fn of_connection(
    location: &Arc<str>,
    uri: &Uri,
    error: &(dyn StdError + 'static),
    connecting: bool,
) -> Failure {
    let host = host_of(uri);
    let connect = |reason: String| Error::Connect { location: Arc::clone(location), host: host.clone(), reason };
    let mut innermost = error.to_string();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if text.starts_with("dns error") {
            return Failure::AgainOnce(connect(format!("the name does not resolve{}", source_text(error))));
        }
        if text.contains("proxy") || text.contains("tunnel") {
            return Failure::Final(connect(redact::text(&format!("{text}{}", source_text(error)))));
        }
        #[cfg(feature = "tls")]
        if let Some(tls) = certificate_problem(error) {
            return Failure::Final(connect(tls));
        }
        if let Some(io) = error.downcast_ref::<io::Error>() {
            match io.kind() {
                io::ErrorKind::ConnectionRefused => return Failure::AgainOnce(connect("connection refused".into())),
                io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                    return Failure::AgainOnce(connect(format!("no route: {io}")));
                }
                io::ErrorKind::TimedOut if connecting => {
                    return Failure::AgainOnce(connect("no answer in time".into()));
                }
                _ => {}
            }
        }
        innermost = text;
        next = error.source();
    }
    if connecting {
        return Failure::AgainOnce(connect(redact::text(&innermost)));
    }
    let source = io::Error::new(io::ErrorKind::ConnectionReset, format!("the connection to {host} broke: {innermost}"));
    Failure::Again { error: Error::Io { location: Arc::clone(location), source: Arc::new(source) }, after: None }
}

fn source_text(error: &dyn StdError) -> String {
    error.source().map(|source| format!(": {source}")).unwrap_or_default()
}

pub(super) fn host_of(uri: &Uri) -> String {
    let host = uri.host().unwrap_or("an unnamed host");
    uri.port_u16().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// A TLS failure is final: the same certificate comes back at every attempt.
#[cfg(feature = "tls")]
fn certificate_problem(error: &(dyn StdError + 'static)) -> Option<String> {
    let mut error = error;
    // `source()` of an io::Error skips the error that it wraps, and connectors wrap twice.
    while let Some(inner) = error.downcast_ref::<io::Error>().and_then(|io| io.get_ref()) {
        error = inner;
    }
    let tls = error.downcast_ref::<rustls::Error>()?;
    Some(format!("TLS: {tls}"))
}
