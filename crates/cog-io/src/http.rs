//! HTTP on hyper: one client for plain URLs and, as their connector, for the stores of `object_store`.

mod answer;
mod client;
mod connect;
mod content_coding;
mod content_range;
mod error_body;
mod exchange;
pub(crate) mod failure;
mod header_log;
mod headers;
mod redirect;
mod refusal;
pub(crate) mod retry;

pub(crate) use self::answer::Answer;
pub(crate) use self::client::Client;
pub(crate) use self::exchange::RangeRequest;
pub(crate) use self::headers::headers_of;
pub(crate) use self::redirect::uri_of;
