//! A request's body must arrive within a time and a size, whoever reads it.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

/// Why reading a body was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFault {
    /// It did not arrive in time.
    TooSlow,
    /// It is longer than any page takes.
    TooLarge,
}

impl fmt::Display for BodyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooSlow => "the body did not arrive in time",
            Self::TooLarge => "the body is too long",
        })
    }
}

impl std::error::Error for BodyFault {}

type Boxed = Box<dyn std::error::Error + Send + Sync>;

/// A body with a deadline and a cap. The clock starts with the first look at it.
pub(super) struct Guarded<B> {
    inner: B,
    time: Duration,
    deadline: Option<Pin<Box<Sleep>>>,
    left: usize,
}

impl<B> Guarded<B> {
    pub(super) fn new(inner: B, time: Duration, most: usize) -> Self {
        Self { inner, time, deadline: None, left: most }
    }
}

impl<B> Body for Guarded<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Boxed>,
{
    type Data = Bytes;
    type Error = Boxed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Boxed>>> {
        match Pin::new(&mut self.inner).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                match self.left.checked_sub(length) {
                    Some(left) => self.left = left,
                    None => return Poll::Ready(Some(Err(BodyFault::TooLarge.into()))),
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let time = self.time;
                let deadline = self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(time)));
                deadline.as_mut().poll(context).map(|()| Some(Err(BodyFault::TooSlow.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
