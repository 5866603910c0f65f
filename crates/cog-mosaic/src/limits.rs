//! Bounds on what documents may make us do.

/// Bounds that a document from elsewhere cannot pass. The defaults admit what catalogues in use publish.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one JSON document: 64 MiB unless set.
    pub max_document_bytes: u64,
    /// Values of one JSON document, as its commas and brackets count them: 4 million unless set. Each takes some 30 to 130 bytes of memory, and
    /// 2 of the document.
    pub max_document_values: u64,
    /// Pages of a collection of items that are followed: 1,000 unless set.
    pub max_pages: u64,
    /// Items of all pages: 100,000 unless set.
    pub max_items: u64,
    /// Bytes of all pages: 256 MiB unless set.
    pub max_total_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_document_bytes: 64 << 20,
            max_document_values: 4_000_000,
            max_pages: 1_000,
            max_items: 100_000,
            max_total_bytes: 256 << 20,
        }
    }
}

impl Limits {
    /// Sets the bytes that one JSON document may have.
    #[must_use]
    pub fn with_max_document_bytes(mut self, bytes: u64) -> Self {
        self.max_document_bytes = bytes;
        self
    }

    /// Sets the values that one JSON document may have.
    #[must_use]
    pub fn with_max_document_values(mut self, values: u64) -> Self {
        self.max_document_values = values;
        self
    }

    /// Sets the pages of a collection of items that are followed.
    #[must_use]
    pub fn with_max_pages(mut self, pages: u64) -> Self {
        self.max_pages = pages;
        self
    }

    /// Sets the items that all pages may have.
    #[must_use]
    pub fn with_max_items(mut self, items: u64) -> Self {
        self.max_items = items;
        self
    }

    /// Sets the bytes that all pages may have.
    #[must_use]
    pub fn with_max_total_bytes(mut self, bytes: u64) -> Self {
        self.max_total_bytes = bytes;
        self
    }
}
