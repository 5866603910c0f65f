//! Many files as one picture.

mod accumulate;
mod bands;
pub(crate) mod collection;
pub(crate) mod coverage;
pub(crate) mod create;
mod document;
mod files;
mod globe;
mod grid;
mod index;
mod job;
pub(crate) mod json;
mod layer;
mod masks;
pub(crate) mod options;
mod order;
mod piece;
mod pieces;
pub(crate) mod point;
mod quadkeys;
mod rectangle;
pub(crate) mod report;
pub(crate) mod request;
mod run;
pub(crate) mod selection;
pub(crate) mod source;
