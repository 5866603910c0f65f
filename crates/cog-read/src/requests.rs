//! What a caller can ask of an opened file; each request is built, then awaited.

pub(crate) mod block_sizes;
pub(crate) mod blocks;
pub(crate) mod encoded;
pub(crate) mod points;
pub(crate) mod read;
pub(crate) mod statistics;
pub(crate) mod tiles;
