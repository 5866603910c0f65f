//! Places from lines of text, as they come: a pair of numbers each.

use std::io::{self, BufRead, ErrorKind};

use tokio::sync::mpsc::{self, Receiver, Sender};

/// A line that is longer is not a place, and is not kept.
const LONGEST: usize = 4096;

/// Bytes asked for at once.
const BUFFER: usize = 64 << 10;

/// Buffers that wait for the reader of this.
const WAITING: usize = 64;

/// What a line says.
#[derive(Debug, PartialEq)]
pub(super) enum Line {
    Place((f64, f64)),
    /// Neither a place nor empty: its number, from 1, and its text.
    Bad(u64, String),
}

/// Lines of standard input.
pub(super) struct Lines {
    chunks: Receiver<io::Result<Vec<Line>>>,
    /// What ended them, to be told once the lines before it are.
    failed: Option<io::Error>,
}

impl Lines {
    /// Starts a thread that waits for them.
    pub(super) fn of_stdin() -> Lines {
        let (send, chunks) = mpsc::channel(WAITING);
        std::thread::spawn(move || read(io::BufReader::with_capacity(BUFFER, io::stdin().lock()), &send));
        Lines { chunks, failed: None }
    }

    /// The lines that are there, about `most` of them; waits for one. `None` at the end.
    pub(super) async fn next(&mut self, most: usize) -> io::Result<Option<Vec<Line>>> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let Some(first) = self.chunks.recv().await else { return Ok(None) };
        let mut lines = first?;
        while self.failed.is_none()
            && lines.len() < most
            && let Ok(more) = self.chunks.try_recv()
        {
            match more {
                Ok(more) => lines.extend(more),
                Err(error) => self.failed = Some(error),
            }
        }
        Ok(Some(lines))
    }
}

/// Sends the lines of each buffer together: of a file thousands, of a terminal one.
fn read(mut input: impl BufRead, send: &Sender<io::Result<Vec<Line>>>) {
    let (mut number, mut line) = (0, Vec::new());
    loop {
        let buffer = match input.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => {
                _ = send.blocking_send(Err(error));
                return;
            }
        };
        let length = buffer.len();
        let mut lines = Vec::new();
        for piece in buffer.split_inclusive(|byte| *byte == b'\n') {
            line.extend(piece.iter().take((LONGEST + 1).saturating_sub(line.len())));
            if piece.ends_with(b"\n") {
                number += 1;
                lines.extend(parse(&line, number));
                line.clear();
            }
        }
        if length == 0 && !line.is_empty() {
            lines.extend(parse(&line, number + 1));
        }
        input.consume(length);
        if (!lines.is_empty() && send.blocking_send(Ok(lines)).is_err()) || length == 0 {
            return;
        }
    }
}

/// Two numbers between blanks, commas or semicolons; what follows them is ignored. Nothing of an empty line.
fn parse(line: &[u8], number: u64) -> Option<Line> {
    let text = String::from_utf8_lossy(line);
    // Windows programs put a byte order mark before the first line.
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return None;
    }
    let mut words = text.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|word| !word.is_empty());
    let mut next = || words.next()?.parse::<f64>().ok();
    Some(match (next(), next()) {
        (Some(x), Some(y)) if line.len() <= LONGEST => Line::Place((x, y)),
        _ => Line::Bad(number, text.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8], buffer: usize) -> Vec<Line> {
        let (send, mut receive) = mpsc::channel(1 << 12);
        read(io::BufReader::with_capacity(buffer, text), &send);
        drop(send);
        let mut lines = Vec::new();
        while let Some(chunk) = receive.blocking_recv() {
            lines.extend(chunk.unwrap());
        }
        lines
    }

    #[test]
    fn places_and_bad_lines_are_told_apart_wherever_buffers_end() {
        let text = b"\xef\xbb\xbf1 2\n\n-1e-05,+.5 a label\r\nlon lat\n3\n caf\xe9 1\nnan;inf\n7 8";
        for buffer in [1, 2, 7, 4096] {
            let lines = all(text, buffer);
            assert_eq!(lines.first(), Some(&Line::Place((1.0, 2.0))), "{buffer}");
            assert_eq!(lines.get(1), Some(&Line::Place((-1e-5, 0.5))));
            assert_eq!(lines.get(2), Some(&Line::Bad(4, "lon lat".into())));
            assert_eq!(lines.get(3), Some(&Line::Bad(5, "3".into())));
            assert_eq!(lines.get(4), Some(&Line::Bad(6, "caf\u{fffd} 1".into())));
            assert!(matches!(lines.get(5), Some(Line::Place((x, y))) if x.is_nan() && y.is_infinite()));
            assert_eq!(lines.get(6), Some(&Line::Place((7.0, 8.0))));
            assert_eq!(lines.len(), 7);
        }
    }

    #[test]
    fn a_line_without_end_is_not_kept() {
        let mut text = b"1 2 ".repeat(1 << 18);
        text.extend(b"\n3 4\n");
        let lines = all(&text, 1 << 16);
        assert!(matches!(lines.first(), Some(Line::Bad(1, text)) if text.len() <= LONGEST + 1), "{:?}", lines.len());
        assert_eq!(lines.get(1..), Some(&[Line::Place((3.0, 4.0))][..]));
    }
}
