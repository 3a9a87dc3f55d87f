//! A stream that somebody listens to for as long as they like.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// Hears the bytes that come. `false` when no more are wanted.
pub(super) type Listener = Box<dyn FnMut(&[u8]) -> bool + Send>;

/// A stream with a listener.
pub(super) struct Ear {
    stream: TcpStream,
    listener: Option<Listener>,
}

impl Ear {
    pub(super) fn on(stream: TcpStream, listener: impl FnMut(&[u8]) -> bool + Send + 'static) -> Self {
        Self { stream, listener: Some(Box::new(listener)) }
    }
}

impl AsyncRead for Ear {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let new = &buffer.filled()[before..];
        if !new.is_empty() && self.listener.as_mut().is_some_and(|hear| !hear(new)) {
            self.listener = None;
        }
        polled
    }
}

impl AsyncWrite for Ear {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
