//! A connection's socket: ends where a client takes no answer for too long, and closes so that the answer arrives.

use hyper::rt::{Read, ReadBufCursor, Write};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// Bytes that are read at once.
const AT_ONCE: usize = 16 << 10;
/// How long what a client still sends is thrown away before its connection is closed.
const LINGER: Duration = Duration::from_secs(1);

/// A connection to a client.
pub(super) struct Socket {
    stream: TcpStream,
    /// How long the client may take no byte of an answer.
    limit: Duration,
    /// Ends when the client has taken nothing for too long.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Whether a request was answered before it was read.
    is_unread: Arc<AtomicBool>,
    /// Ends when the connection is to be closed, whatever the client sends.
    lingered: Option<Pin<Box<Sleep>>>,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, limit: Duration, is_unread: Arc<AtomicBool>) -> Socket {
        // Answers are written whole, so there is nothing to gather.
        drop(stream.set_nodelay(true));
        Socket {
            stream,
            limit,
            stalled: None,
            is_unread,
            lingered: None,
        }
    }

    /// Returns `written`, or an error if it has been pending for too long.
    fn in_time<T>(
        &mut self,
        cx: &mut Context,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let limit = self.limit;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Reads and throws away what comes, until the client is done or time is up. A socket that is closed before resets
    /// the connection, and the client may lose the answer.
    fn drain(&mut self, cx: &mut Context) -> Poll<()> {
        let lingered = self.lingered.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        if lingered.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let mut bytes = [0; AT_ONCE];
        loop {
            let mut into = ReadBuf::new(&mut bytes);
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut into));
            if read.is_err() || into.filled().is_empty() {
                return Poll::Ready(());
            }
        }
    }
}

impl Read for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context,
        mut into: ReadBufCursor,
    ) -> Poll<io::Result<()>> {
        let mut bytes = [0; AT_ONCE];
        let room = into.remaining().min(AT_ONCE);
        let mut read = ReadBuf::new(&mut bytes[..room]);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut read))?;
        into.put_slice(read.filled());
        Poll::Ready(Ok(()))
    }
}

impl Write for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.in_time(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        if self.lingered.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        }
        if self.is_unread.load(Ordering::Relaxed) {
            ready!(self.drain(cx));
        }
        Poll::Ready(Ok(()))
    }
}
