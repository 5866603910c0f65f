//! One file a format.

pub(crate) mod file;
pub(crate) mod info_json;
pub(crate) mod info_text;
pub(crate) mod json_number;
pub(crate) mod npy;
pub(crate) mod picture;
pub(crate) mod png;
pub(crate) mod stderr;
pub(crate) mod stdout;
pub(crate) mod text;
