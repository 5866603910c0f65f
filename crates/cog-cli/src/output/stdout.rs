//! Standard output: all of it arrives, or the command fails. A reader that closed the pipe has seen enough.

use std::io::{self, ErrorKind, Write};

/// Writes and hands on at once, so that what is ready is seen, and what cannot be written is an error here and now.
///
/// # Errors
/// The device is full, or [`is_closed_pipe`].
pub(crate) fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let written = out.write_all(bytes).and_then(|()| out.flush());
    written.map_err(|error| anyhow::Error::new(error).context("cannot write to standard output"))
}

/// Whether the command wrote into a pipe whose reader has gone. A connection that breaks while a file is read is another
/// matter.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let broken = |e: &(dyn std::error::Error + 'static)| {
        e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == ErrorKind::BrokenPipe)
    };
    error.downcast_ref::<cog_read::Error>().is_none() && error.chain().any(broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_command_writes_makes_a_closed_pipe() {
        let broken = || io::Error::from(ErrorKind::BrokenPipe);
        assert!(is_closed_pipe(&anyhow::Error::new(broken()).context("cannot write to standard output")));
        let source = std::sync::Arc::new(broken());
        let read = cog_read::Error::Io(cog_read::io::Error::Io { location: "a.tif".into(), source });
        assert!(!is_closed_pipe(&read.into()));
        assert!(!is_closed_pipe(&anyhow::Error::new(io::Error::from(ErrorKind::StorageFull))));
    }
}
