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

/// The lines that `work` writes, on one thread, so that the tasks of its requests write them too.
fn lines_of(work: impl Future<Output = ()>) -> Vec<String> {
    let lines = Lines::default();
    tracing::subscriber::with_default(lines.clone(), || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(work);
    });
    lines.0.lock().unwrap().clone()
}

fn count(lines: &[String], message: &str) -> usize {
    lines.iter().filter(|line| line.starts_with("DEBUG") && line.contains(&format!("message={message}"))).count()
}

#[test]
fn one_debug_line_a_request_and_no_secret_in_any() {
    let target = Server::start([("/b", vec![7; 5000])]);
    let server = Server::start([("/a", vec![7; 5000])]);
    server.inject("/a", 1, Fault::Redirect(302, target.url("/b?sig=topsecret")));
    target.inject("/b", 1, Fault::Status(503));
    target.inject("/b", 1, Fault::Reset);
    target.inject("/b", 1, Fault::Cut(10));
    let lines = lines_of(async {
        let session = Session::new(Config::default().with_bearer("topsecret").with_header("X-Key", "topsecret"));
        let url = format!("{}?token=topsecret", server.url("/a")).replace("http://", "http://u:topsecret@");
        let source = session.open(&Location::parse(&url).unwrap()).await.unwrap();
        // The redirect is followed again by every retry.
        server.inject("/a", usize::MAX, Fault::Redirect(302, target.url("/b?sig=topsecret")));
        source.read_first(100).await.unwrap();
    });
    assert!(lines.iter().all(|line| !line.contains("topsecret")), "{lines:#?}");
    let sent = (server.log().len(), target.log().len());
    assert_eq!(sent, (4, 4), "{lines:#?}");
    assert_eq!((count(&lines, "redirect"), count(&lines, "request"), count(&lines, "retry")), (4, 4, 3), "{lines:#?}");
    let says = |what: &str| lines.iter().any(|line| line.contains("message=request") && line.contains(what));
    assert!(says("status=206") && says("bytes=100") && says("status=503") && says("error="), "{lines:#?}");
    assert!(lines.iter().any(|line| line.starts_with("TRACE") && line.contains("headers_ms=")), "{lines:#?}");
    let headers = |message: &str| -> Vec<&String> {
        lines.iter().filter(|line| line.starts_with("TRACE") && line.contains(&format!("message={message}"))).collect()
    };
    let (requests, answers) = (headers("headers sent"), headers("headers received"));
    assert_eq!((requests.len(), answers.len()), (8, 7), "one connection was reset: {lines:#?}");
    assert!(requests.iter().all(|line| line.contains("range: bytes=")), "{requests:#?}");
    assert!(
        requests.iter().any(|line| line.contains("authorization: …") && line.contains("x-key: …")),
        "{requests:#?}"
    );
    assert!(requests.iter().any(|line| line.contains("/b?sig=…")), "{requests:#?}");
    assert!(answers.iter().any(|line| line.contains("status=302") && line.contains("/b?sig=…")), "{answers:#?}");
    assert!(answers.iter().any(|line| line.contains("status=206") && line.contains("content-range: bytes ")));
}

#[test]
fn a_connection_that_cannot_be_made_is_a_line_too() {
    let gone = Server::start([("/a", vec![7; 50])]).url("/a");
    let lines = lines_of(async {
        let source = Session::default().open(&Location::parse(&gone).unwrap()).await.unwrap();
        source.read_first(10).await.unwrap_err();
    });
    assert_eq!(count(&lines, "request"), 2, "one, and one more try: {lines:#?}");
    let debug = |line: &&String| line.starts_with("DEBUG");
    assert!(lines.iter().filter(debug).all(|line| line.contains("connection refused")), "{lines:#?}");
}

#[test]
fn calls_of_a_store_that_the_caller_brings_are_lines() {
    use cog_io::object_store::memory::InMemory;
    let lines = lines_of(async {
        let source = cog_io::Source::from_store(&Session::default(), Arc::new(InMemory::new()), "none".into());
        source.read_first(10).await.unwrap_err();
    });
    assert_eq!(count(&lines, "request"), 1, "{lines:#?}");
}
