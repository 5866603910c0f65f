//! Blocks on their way: located in the tables, fetched, decoded on the pool, placed where they belong.

pub(crate) mod assemble;
pub(crate) mod block_list;
pub(crate) mod cost;
pub(crate) mod decode;
pub(crate) mod destination;
pub(crate) mod fetch;
pub(crate) mod locate;
pub(crate) mod planar_color;
pub(crate) mod progress;
