//! A body that can break off or stall.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame};

#[derive(Debug)]
pub(super) enum Step {
    Data(Bytes),
    /// Nothing comes any more, and the connection stays open.
    Stall,
    /// The connection breaks.
    Break,
}

#[derive(Debug)]
pub(super) struct Script(pub(super) VecDeque<Step>);

impl Body for Script {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.0.front() {
            None => Poll::Ready(None),
            // Never woken: hyper drops the body when the client goes away.
            Some(Step::Stall) => Poll::Pending,
            Some(Step::Break) => Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into()))),
            Some(Step::Data(_)) => match self.0.pop_front() {
                Some(Step::Data(bytes)) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
                _ => Poll::Ready(None),
            },
        }
    }
}
