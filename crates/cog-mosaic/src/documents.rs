//! JSON documents from any location, bounded in size.

use std::fmt;
use std::sync::Arc;

use cog_io::{Location, Session, Source};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::limits::Limits;

/// What is asked for first: most items of STAC are shorter.
const FIRST: u64 = 256 << 10;

/// A JSON document, and where it came from. `Debug` shows nothing of what it says, for that may hold secrets.
#[derive(Clone)]
pub struct Document {
    /// Its name in errors: redacted.
    pub(crate) name: Arc<str>,
    pub(crate) value: Value,
    /// As it came.
    pub(crate) bytes: u64,
}

impl Document {
    /// Fetches and parses a document from wherever a [`Location`] can be.
    ///
    /// # Errors
    /// What the store says, a document that is not JSON, and more bytes or values than [`Limits`] allow.
    pub async fn open(session: &Session, location: &Location, limits: &Limits) -> Result<Document> {
        let source = session.open(location).await?;
        let name: Arc<str> = source.location().into();
        let limit = limits.max_document_bytes;
        let bytes = all_bytes(&source, &name, limit).await?;
        Document::parse(name, &bytes, limits)
    }

    /// Posts a JSON body to an HTTP location, and parses the answer.
    ///
    /// # Errors
    /// As [`open`](Self::open), and a location that is not HTTP.
    pub async fn post(session: &Session, location: &Location, body: &str, limits: &Limits) -> Result<Document> {
        let bytes = session.post_json(location, body.to_owned().into()).await?;
        Document::parse(location.to_string(), &bytes, limits)
    }

    /// Parses a document that was read elsewhere; `name` stands in errors.
    ///
    /// # Errors
    /// Bytes that are not JSON, and more bytes or values than [`Limits`] allow.
    pub fn parse(name: impl Into<Arc<str>>, bytes: &[u8], limits: &Limits) -> Result<Document> {
        let (location, size, limit) = (name.into(), bytes.len() as u64, limits.max_document_bytes);
        if size > limit {
            return Err(Error::DocumentTooLarge { location, bytes: Some(size), limit });
        }
        // Parsed, a list of zeros takes sixteen times as much memory as its text.
        let (values, limit) = (values(bytes), limits.max_document_values);
        if values > limit {
            return Err(Error::TooManyValues { location, values, limit });
        }
        // A byte order mark is not JSON (RFC 8259, section 8.1), and editors write it all the same.
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match serde_json::from_slice(text) {
            Ok(value) => Ok(Document { name: location, value, bytes: size }),
            Err(problem) => Err(Error::NotJson { location, problem: problem.to_string() }),
        }
    }

    /// What it is called in errors: redacted.
    pub fn location(&self) -> &str {
        &self.name
    }

    /// The document.
    pub fn value(&self) -> &Value {
        &self.value
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({}, {} bytes)", self.name, self.bytes)
    }
}

/// No fewer than the values of a JSON text: each but the first of all stands behind a comma or a bracket.
fn values(text: &[u8]) -> u64 {
    text.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count() as u64
}

/// All bytes of an object of at most `limit`, in one request if they are few.
async fn all_bytes(source: &Source, name: &Arc<str>, limit: u64) -> Result<Vec<u8>> {
    let too_large = |bytes| Error::DocumentTooLarge { location: Arc::clone(name), bytes, limit };
    let first = source.read_first(FIRST.min(limit.saturating_add(1))).await?;
    if let Some(size) = source.size() {
        if size > limit {
            return Err(too_large(Some(size)));
        }
        let mut bytes = first.to_vec();
        if size > bytes.len() as u64 {
            bytes.extend_from_slice(&source.read(bytes.len() as u64..size).await?);
        }
        return Ok(bytes);
    }
    // A server that names no size sends either all it has or the part that was asked for.
    if (first.len() as u64) < FIRST {
        return Ok(first.to_vec());
    }
    let all = source.read_first(limit.saturating_add(1)).await?;
    if all.len() as u64 > limit { Err(too_large(None)) } else { Ok(all.to_vec()) }
}
