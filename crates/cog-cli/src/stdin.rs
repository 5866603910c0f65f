//! Standard input as a file to read: `-`.

use std::fs::File;
use std::io::{IsTerminal, Read, Seek};

use anyhow::{Context, bail};
use cog_read::io::Source;

use crate::output::descriptor::Descriptor;

/// What it is called.
const NAME: &str = "standard input";

/// A file that standard input was redirected from is read by position like any other; a pipe is read to its end into
/// memory, at most `limit` bytes.
pub(crate) fn source(limit: u64) -> anyhow::Result<Source> {
    let mut input = input("the bytes of a TIFF")?;
    if is_whole_file(&mut input) {
        return Ok(Source::from_file(input, NAME)?);
    }
    let bytes = rest(input, limit)?;
    Ok(Source::from_named_bytes(bytes.into(), NAME))
}

/// All of standard input, which is `what`: at most `limit` bytes.
pub(crate) fn text(what: &str, limit: u64) -> anyhow::Result<Vec<u8>> {
    rest(input(what)?, limit)
}

/// Standard input, from which `what` is to come.
fn input(what: &str) -> anyhow::Result<File> {
    let input = Descriptor::own(0).context(NAME)?.into_file();
    if input.is_terminal() {
        bail!("{NAME}: is a terminal; pipe {what} into it");
    }
    Ok(input)
}

fn rest(input: File, limit: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(limit.saturating_add(1)).read_to_end(&mut bytes).with_context(|| format!("{NAME}: cannot be read"))?;
    if bytes.len() as u64 > limit {
        bail!("{NAME}: has more than the limit of {limit} bytes; a file of that size is read by its name");
    }
    Ok(bytes)
}

/// A regular file of which nothing was read yet.
fn is_whole_file(input: &mut File) -> bool {
    input.metadata().is_ok_and(|meta| meta.is_file()) && input.stream_position().is_ok_and(|place| place == 0)
}
