//! Why a sign-in at the provider brings nobody in. The words may stand in logs and in the audit: none holds a token, a
//! code, an address or a secret.

use crate::net::Failure;

/// Why nobody comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The provider gave no answer that could be read.
    Away(Failure),
    /// The provider answered that it cannot help now.
    Busy,
    /// The person did not go through with it, or the provider does not let them.
    Denied,
    /// It was begun in another browser, too long ago, or it came back before.
    Stale,
    /// The provider does not know this site the way it is set up.
    NotKnown,
    /// What the provider says of itself is not what the settings say, or cannot be used.
    Discovery,
    /// No token, or one that cannot be read.
    Malformed,
    /// Signed in a way that is not accepted, or not at all.
    Algorithm,
    /// Signed by a key that the provider does not publish, or it is not plain by which.
    Key,
    /// The signature is not of that key.
    Signature,
    /// The token is another provider's.
    Issuer,
    /// The token is for somebody else.
    Audience,
    /// The token's time is over.
    Expired,
    /// The token's time has not come.
    NotYet,
    /// The token belongs to another sign-in.
    Nonce,
    /// The token does not belong to what came with it.
    AccessToken,
    /// The token does not say when the person signed in, or that is too long ago.
    Old,
    /// The token does not name one of the ways of signing in that are asked for.
    Weak,
}

impl Refusal {
    /// One word for logs and the audit.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Away(_) => "away",
            Self::Busy => "busy",
            Self::Denied => "denied",
            Self::Stale => "stale",
            Self::NotKnown => "client_not_known",
            Self::Discovery => "discovery",
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::NotYet => "not_yet",
            Self::Nonce => "nonce",
            Self::AccessToken => "access_token",
            Self::Old => "auth_time",
            Self::Weak => "acr",
        }
    }
}
