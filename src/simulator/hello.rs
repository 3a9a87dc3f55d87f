//! The client's greeting, read before anybody answers it: it tells which host is meant.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use rustls::CipherSuite;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Longer greetings are nobody's.
const LONGEST: usize = 64 * 1024;

/// A greeting that has been read.
pub(crate) struct Hello {
    /// The host it asks for, in lower case.
    pub(crate) host: String,
    /// All that was read, for whoever answers.
    bytes: Vec<u8>,
    /// Does it offer the suites of old servers?
    old_suites: bool,
}

impl Hello {
    /// One that whoever answers reads by itself.
    pub(crate) fn unread(host: &str) -> Hello {
        Hello { host: host.to_owned(), bytes: Vec::new(), old_suites: false }
    }
}

/// RSA key exchange with AES in CBC mode, which a client of today leaves out.
const OLD_SUITES: [CipherSuite; 4] = [
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA256,
];

/// Reads a greeting; none when it is no TLS, asks for no host, or ends too soon.
pub(crate) async fn read(stream: &mut TcpStream) -> Option<Hello> {
    let mut acceptor = rustls::server::Acceptor::default();
    let mut bytes = Vec::new();
    loop {
        let mut part = [0u8; 4096];
        let length = stream.read(&mut part).await.ok().filter(|length| *length > 0)?;
        bytes.extend_from_slice(&part[..length]);
        let mut rest = &part[..length];
        while !rest.is_empty() {
            acceptor.read_tls(&mut rest).ok()?;
        }
        if let Some(accepted) = acceptor.accept().ok()? {
            let greeting = accepted.client_hello();
            let host = greeting.server_name()?.to_ascii_lowercase();
            let old_suites = greeting.cipher_suites().iter().any(|suite| OLD_SUITES.contains(suite));
            return Some(Hello { host, bytes, old_suites });
        }
        if bytes.len() > LONGEST {
            return None;
        }
    }
}

/// A connection from whose beginning something was read, and is read again.
pub(crate) struct Rewound {
    start: Hello,
    given: usize,
    stream: TcpStream,
}

impl Rewound {
    pub(crate) fn new(start: Hello, stream: TcpStream) -> Rewound {
        Rewound { start, given: 0, stream }
    }

    /// Does the client offer the suites of old servers?
    pub(crate) fn offers_old_suites(&self) -> bool {
        self.start.old_suites
    }

    /// Ends the connection as a firewall does that cuts it.
    pub(crate) async fn reset(mut self) {
        if self.start.bytes.is_empty() {
            let _ = self.stream.read(&mut [0u8; 64]).await;
        }
        let _ = self.stream.set_zero_linger();
    }
}

impl AsyncRead for Rewound {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let left = self.start.bytes.len() - self.given;
        if left == 0 {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let length = left.min(buffer.remaining());
        let from = self.given;
        buffer.put_slice(&self.start.bytes[from..from + length]);
        self.given += length;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Rewound {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
