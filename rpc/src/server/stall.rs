//! A socket that fails when the other end takes nothing for too long, so that a client that asks much
//! and reads nothing does not keep its connection; that reads nothing while its address is in debt; and that
//! lets other connections have their turn between the parts of a long answer.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::meter::Allowance;

/// Bytes written in one turn.
const PART_BYTES_MAX: usize = 64 * 1024;

pub(super) struct Stall {
    stream: TcpStream,
    timeout: Duration,
    allowance: Arc<Allowance>,
    /// Runs while the address is in debt.
    waiting: Option<Pin<Box<Sleep>>>,
    /// Runs while the other end takes nothing.
    stalled: Option<Pin<Box<Sleep>>>,
    /// What has been written since others had their turn.
    written: usize,
}

impl Stall {
    pub(super) fn new(stream: TcpStream, timeout: Duration, allowance: Arc<Allowance>) -> Self {
        Self { stream, timeout, allowance, waiting: None, stalled: None, written: 0 }
    }

    /// Waits until the address has worked off what it owes.
    fn poll_paid(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(waiting) = &mut self.waiting {
                ready!(waiting.as_mut().poll(context));
            }
            self.waiting =
                self.allowance.bytes.debt().map(|debt| Box::pin(tokio::time::sleep(debt)));
            if self.waiting.is_none() {
                return Poll::Ready(());
            }
        }
    }

    /// `written`, unless it is still pending when the time has run out.
    fn within_time(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let timeout = self.timeout;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Stall {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_paid(context));
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.allowance.bytes.charge(buffer.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stall {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.written >= PART_BYTES_MAX {
            self.written = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let part = bytes.get(..PART_BYTES_MAX).unwrap_or(bytes);
        let written = Pin::new(&mut self.stream).poll_write(context, part);
        if let Poll::Ready(Ok(bytes)) = &written {
            self.written += bytes;
        }
        self.within_time(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let long = slices.iter().find(|slice| slice.len() > PART_BYTES_MAX);
        if long.is_some() || self.written >= PART_BYTES_MAX {
            let first = slices.iter().find(|slice| !slice.is_empty());
            return self.poll_write(context, first.map_or(&[], |slice| slice));
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        if let Poll::Ready(Ok(bytes)) = &written {
            self.written += bytes;
        }
        self.within_time(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
