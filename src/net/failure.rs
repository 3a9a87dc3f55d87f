//! What can go wrong between us and an answer, layer by layer.
//!
//! The texts name the layer and nothing else: no URL, no address, no header, no secret. They may stand in logs
//! and on pages.

use super::guard::HostName;

/// Why a name gave no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DnsProblem {
    /// The name does not exist.
    #[error("the name does not exist")]
    NxDomain,
    /// The name exists and has no address.
    #[error("the name has no address")]
    NoAddress,
    /// The name server reported a fault, or sent more aliases or addresses than an honest name has.
    #[error("the name server failed")]
    ServFail,
    /// No answer in time.
    #[error("the name server did not answer in time")]
    Timeout,
}

/// Why there was no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TcpProblem {
    /// Nothing came back.
    #[error("the connection timed out")]
    Timeout,
    /// Nothing listens there.
    #[error("the connection was refused")]
    Refused,
    /// No way through the network.
    #[error("the host cannot be reached")]
    Unreachable,
}

/// Why the connection could not be secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TlsProblem {
    /// The certificate's last day is over.
    #[error("the certificate has expired")]
    Expired,
    /// The certificate begins later.
    #[error("the certificate is not valid yet")]
    NotYetValid,
    /// Signed by nobody we trust, and nothing more is known of it.
    #[error("the certificate's issuer is unknown")]
    UnknownIssuer,
    /// Signed by itself.
    #[error("the certificate is signed by itself")]
    SelfSigned,
    /// Signed by a private authority.
    #[error("the certificate comes from a private authority")]
    PrivateCa,
    /// From a public authority, whose certificate between this one and a root was not sent.
    #[error("the server does not send the certificate between its own and the root")]
    ChainIncomplete,
    /// With a common name only.
    #[error("the certificate names no host in the way that is required")]
    NoSan,
    /// Another certificate than the one that was agreed on, and not from the issuer that was agreed on.
    #[error("the certificate is not the one that was agreed on")]
    NotPinned,
    /// For another name.
    #[error("the certificate is for another name")]
    NameMismatch,
    /// No cipher suite in common.
    #[error("there is no cipher suite in common")]
    NoCommonCipher,
    /// Only versions below TLS 1.2.
    #[error("the server speaks no TLS 1.2")]
    VersionTooOld,
    /// The server wants a certificate from us.
    #[error("the server demands a client certificate")]
    ClientCertRequired,
    /// Something else than TLS answered.
    #[error("the server does not speak TLS")]
    NotTls,
    /// Reset while securing.
    #[error("the connection was reset during the handshake")]
    Reset,
    /// Closed while securing.
    #[error("the connection was closed during the handshake")]
    Closed,
    /// Silence while securing.
    #[error("the handshake timed out")]
    Timeout,
    /// Anything else.
    #[error("the handshake failed")]
    Other,
}

/// Why a call brought no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The name gave no address.
    #[error("{0}")]
    Dns(DnsProblem),
    /// Every address is one of private networks. The text is that of all refused addresses; the type tells it apart,
    /// because an office that publishes its inner address needs to hear so.
    #[error("refused by the safety rules")]
    Private,
    /// An answer was not public, or the host is no name that may be called. One text for all of it, so that
    /// nobody can feel their way through a network with it.
    #[error("refused by the safety rules")]
    Forbidden,
    /// Only mapped addresses may be dialled, and this one is not.
    #[error("the address is not mapped")]
    NotMapped,
    /// No connection.
    #[error("{0}")]
    Tcp(TcpProblem),
    /// Not secured.
    #[error("{0}")]
    Tls(TlsProblem),
    /// No answer, or not the whole, in time.
    #[error("the answer did not come in time")]
    HttpTimeout,
    /// The connection ended before the answer did.
    #[error("the answer broke off")]
    Truncated,
    /// More than the cap.
    #[error("the answer was too large")]
    TooLarge,
    /// Compressed, although plain bytes were asked for. It is not unpacked: no honest server does this, and a small
    /// answer can unpack to a huge one.
    #[error("the answer was compressed without being asked")]
    Compressed,
    /// No HTTP that could be read.
    #[error("the answer could not be read")]
    Malformed,
    /// Sent on to another place, to which nothing was sent. The host is kept where it is a proper name.
    #[error("the answer was a redirect")]
    Redirected(Option<HostName>),
    /// The call itself was not well-formed: a fault of the caller.
    #[error("the call was not well-formed")]
    BadCall,
}

impl Failure {
    /// Whether the other side may have received and carried out the call, although no answer came.
    pub const fn may_have_acted(&self) -> bool {
        matches!(
            self,
            Self::HttpTimeout | Self::Truncated | Self::TooLarge | Self::Compressed | Self::Malformed
        )
    }
}
