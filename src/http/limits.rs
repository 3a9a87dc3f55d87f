//! How long and how much a listener puts up with.

use std::time::Duration;

/// Times and sizes of a listener. The defaults are for the open internet; tests shorten the times.
#[derive(Debug, Clone)]
pub struct Limits {
    /// From the first byte, or from the last answer, until a request's headers are complete. Default: 10 s.
    pub header_time: Duration,
    /// The same where the connection comes from a named proxy, which reads slow visitors' headers itself and keeps its
    /// connections for the next visitor. It must be longer than proxies keep them (nginx 60 s, Caddy 120 s): else
    /// one is closed in the moment in which a form is put on it, and the visitor sees the proxy's 502. Default: 130 s.
    pub proxy_idle_time: Duration,
    /// Until a TLS handshake is complete. Default: 10 s.
    pub handshake_time: Duration,
    /// Until a request's body is complete. Default: 30 s.
    pub body_time: Duration,
    /// How long an answer may wait for a visitor who does not read it. Default: 30 s.
    pub stall_time: Duration,
    /// How long open requests may go on after the order to stop. Default: 10 s.
    pub drain_time: Duration,
    /// Bytes of a request's body on any route; forms take far less. Default: 4 MiB.
    pub body_bytes: usize,
    /// Bytes of a request's headers. Default: 32 KiB.
    pub header_bytes: usize,
    /// Number of a request's headers. Default: 100.
    pub header_count: usize,
    /// Connections at the same time. Default: 2048.
    pub connections: usize,
    /// Connections at the same time from one address; named proxies may have them all. Default: 64.
    pub per_address: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_time: Duration::from_secs(10),
            proxy_idle_time: Duration::from_secs(130),
            handshake_time: Duration::from_secs(10),
            body_time: Duration::from_secs(30),
            stall_time: Duration::from_secs(30),
            drain_time: Duration::from_secs(10),
            body_bytes: 4 * 1024 * 1024,
            header_bytes: 32 * 1024,
            header_count: 100,
            connections: 2048,
            per_address: 64,
        }
    }
}
