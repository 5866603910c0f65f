//! JSON documents from any location, bounded in size.

use std::fmt;
use std::io::Read;
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

    /// Parses a document that was read elsewhere, plain or compressed with gzip (RFC 1952), as cogeo-mosaic writes large ones; `name` stands in
    /// errors.
    ///
    /// # Errors
    /// Bytes that are not JSON, and more bytes or values than [`Limits`] allow, uncompressed too.
    pub fn parse(name: impl Into<Arc<str>>, bytes: &[u8], limits: &Limits) -> Result<Document> {
        let (location, size, limit) = (name.into(), bytes.len() as u64, limits.max_document_bytes);
        if size > limit {
            return Err(Error::DocumentTooLarge { location, bytes: Some(size), limit });
        }
        if bytes.starts_with(&GZIP) {
            let text = gunzipped(bytes, &location, limit)?;
            return Ok(Document { bytes: size, ..Document::parse(location, &text, limits)? });
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

/// What compressed documents begin with. No JSON does.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The text of a compressed document, of at most `limit` bytes.
fn gunzipped(bytes: &[u8], location: &Arc<str>, limit: u64) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(bytes).take(limit.saturating_add(1));
    let problem = |e: std::io::Error| Error::NotJson { location: Arc::clone(location), problem: format!("gzip: {e}") };
    reader.read_to_end(&mut text).map_err(problem)?;
    if text.len() as u64 > limit {
        return Err(Error::DocumentTooLarge { location: Arc::clone(location), bytes: None, limit });
    }
    if text.starts_with(&GZIP) {
        return Err(Error::NotJson { location: Arc::clone(location), problem: "it is compressed twice".into() });
    }
    Ok(text)
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn documents_compressed_with_gzip_are_read_within_the_same_limits() {
        // `gzip.compress(b'{"mosaicjson": [1, 2]}', mtime=0)` of Python.
        let python = [
            0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab, 0x56, 0xca, 0xcd, 0x2f, 0x4e, 0xcc, 0x4c,
            0xce, 0x2a, 0xce, 0xcf, 0x53, 0xb2, 0x52, 0x88, 0x36, 0xd4, 0x51, 0x30, 0x8a, 0xad, 0x05, 0x00, 0xf6, 0x8d,
            0x62, 0x25, 0x16, 0x00, 0x00, 0x00,
        ];
        let document = Document::parse("a.json.gz", &python, &Limits::default()).unwrap();
        assert_eq!(document.value(), &serde_json::json!({"mosaicjson": [1, 2]}));
        assert_eq!(document.bytes, python.len() as u64);

        let cut = Document::parse("a.json.gz", &python[..python.len() - 9], &Limits::default()).unwrap_err();
        assert!(matches!(&cut, Error::NotJson { problem, .. } if problem.starts_with("gzip: ")), "{cut}");

        // A megabyte of blanks takes a kilobyte.
        let mut large = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        large.write_all(&vec![b' '; 1 << 20]).unwrap();
        let large = large.finish().unwrap();
        let limits = Limits::default().with_max_document_bytes(100_000);
        let error = Document::parse("a.json.gz", &large, &limits).unwrap_err();
        assert!(matches!(error, Error::DocumentTooLarge { bytes: None, limit: 100_000, .. }), "{error}");

        let mut twice = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        twice.write_all(&python).unwrap();
        let error = Document::parse("a.json.gz", &twice.finish().unwrap(), &Limits::default()).unwrap_err();
        assert!(error.to_string().contains("compressed twice"), "{error}");
    }
}
