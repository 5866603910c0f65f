//! Bounds on what documents may make us do.

/// Bounds that a document from elsewhere cannot pass. The defaults admit what catalogues in use publish.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one JSON document: 64 MiB unless set. Parsed, it takes several times as much memory.
    pub max_document_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_document_bytes: 64 << 20 }
    }
}

impl Limits {
    /// Sets the bytes that one JSON document may have.
    #[must_use]
    pub fn with_max_document_bytes(mut self, bytes: u64) -> Self {
        self.max_document_bytes = bytes;
        self
    }
}
