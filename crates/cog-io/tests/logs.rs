//! What the logs say. Alone in its process: other tests would decide whether `tracing` listens.
#![cfg(feature = "http")]
#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use cog_io::{Config, Location, Session};
use cog_testkit::server::{Fault, Server};
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

/// Writes every event of this crate as one line.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("cog_io")
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[test]
fn one_debug_line_a_request_and_no_secret_in_any() {
    let target = Server::start([("/b", vec![7; 5000])]);
    let server = Server::start([("/a", vec![7; 5000])]);
    server.inject("/a", 1, Fault::Redirect(302, target.url("/b?sig=topsecret")));
    target.inject("/b", 1, Fault::Status(503));
    let lines = Lines::default();
    tracing::subscriber::with_default(lines.clone(), || {
        // One thread, so that the tasks of the requests see the subscriber too.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let session = Session::new(Config::default().with_bearer("topsecret").with_header("X-Key", "topsecret"));
            let url = format!("{}?token=topsecret", server.url("/a")).replace("http://", "http://u:topsecret@");
            let source = session.open(&Location::parse(&url).unwrap()).await.unwrap();
            source.read_first(100).await.unwrap();
        });
    });
    let lines = lines.0.lock().unwrap().clone();
    assert!(!lines.is_empty() && lines.iter().all(|line| !line.contains("topsecret")), "{lines:#?}");
    let requests: Vec<_> =
        lines.iter().filter(|line| line.starts_with("DEBUG") && line.contains("message=request")).collect();
    assert!(requests.iter().any(|line| line.contains("status=206") && line.contains("bytes=100")), "{lines:#?}");
    assert!(requests.iter().any(|line| line.contains("status=503")), "{lines:#?}");
}
