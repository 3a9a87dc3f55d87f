//! How long and how much at most.

use std::time::Duration;

/// The caps of one connection and one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// For finding the addresses of a name.
    pub resolve: Duration,
    /// For connecting, the name look-up not counted. The client for providers counts securing the connection too.
    pub connect: Duration,
    /// For securing a connection to a host that a customer named.
    pub secure: Duration,
    /// From the first byte of the call to the head of the answer, connecting included.
    pub first_byte: Duration,
    /// For one call with its whole answer.
    pub call: Duration,
    /// Bytes of one answer's body.
    pub body: usize,
}

impl Default for Caps {
    /// 3 s, 5 s, 5 s, 15 s, 30 s and 2 MiB: patient enough for a busy provider, short enough for somebody watching.
    fn default() -> Self {
        Self {
            resolve: Duration::from_secs(3),
            connect: Duration::from_secs(5),
            secure: Duration::from_secs(5),
            first_byte: Duration::from_secs(15),
            call: Duration::from_secs(30),
            body: 2 * 1024 * 1024,
        }
    }
}
