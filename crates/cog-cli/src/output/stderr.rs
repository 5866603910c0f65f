//! Standard error. It may be full or closed: that never changes how a command ends.

use std::io::Write;

use super::text;

/// Writes one line, whatever the text holds.
pub(crate) fn line(message: &str) {
    let line = format!("{}\n", text::one_line(message));
    // In one piece, so that lines of several threads do not mix. Who closed standard error does not want to hear of it.
    _ = std::io::stderr().lock().write_all(line.as_bytes());
}
