//! A body that can break off or stall, and that counts what was taken from it.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::time::{Sleep, sleep};

use super::Sent;
use super::content::Part;

/// Until then what was handed over is on its way: without it a break may overtake the headers.
const BEFORE_BREAK: Duration = Duration::from_millis(20);

/// Bytes handed to the connection at a time: what a client that goes away has not taken is not counted.
const PIECE: u64 = 32 << 10;

#[derive(Debug)]
pub(super) enum Step {
    Data(Part),
    /// Nothing comes any more, and the connection stays open.
    Stall,
    /// The connection breaks.
    Break,
}

#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) steps: VecDeque<Step>,
    pub(super) sent: Sent,
    /// Runs before the connection breaks.
    pub(super) pause: Option<Pin<Box<Sleep>>>,
}

impl Body for Script {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.steps.front_mut() {
            None => Poll::Ready(None),
            // Never woken: hyper drops the body when the client goes away.
            Some(Step::Stall) => Poll::Pending,
            Some(Step::Break) => {
                let pause = self.pause.get_or_insert_with(|| Box::pin(sleep(BEFORE_BREAK)));
                match pause.as_mut().poll(context) {
                    Poll::Pending => Poll::Pending,
                    Poll::Ready(()) => Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into()))),
                }
            }
            Some(Step::Data(part)) => {
                let bytes = part.take(PIECE);
                if part.len() == 0 {
                    self.steps.pop_front();
                }
                self.sent.add(bytes.len() as u64);
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
        }
    }
}
