//! What a service allows its clients.

use std::time::Duration;

/// The most that clients may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Bytes of a request.
    pub(super) request: u64,
    /// Rows of a request.
    pub(super) rows: u64,
    /// Connections at a time.
    pub(super) connections: usize,
    /// Time to send a request, or to take a part of an answer.
    pub(super) time: Duration,
}
