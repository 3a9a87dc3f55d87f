//! What the provider shows of itself, for whoever looks over the installation: the same description and keys that a
//! sign-in reads, by the same rules, and why they cannot be used.

use std::net::SocketAddr;

use jsonwebtoken::Algorithm;

use super::{
    discovery::{self, Unusable},
    keys,
    refusal::Refusal,
};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Whether it says that it takes a code challenge by SHA-256; none where the description cannot be used.
    pub challenge: Option<Challenge>,
    /// How many of its keys tokens can be believed by, and by which algorithms.
    pub keys: Result<(usize, Vec<&'static str>), Trouble>,
}

/// What the description says of code challenges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    /// It takes them by SHA-256.
    Taken,
    /// Nothing. One is sent all the same.
    NotSaid,
}

/// Why nobody can sign in by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// No answer, or none that can be used.
    NoAnswer(Refusal),
    /// What answers there is no description of a provider.
    NoDescription,
    /// It is the description of this issuer.
    OtherIssuer(String),
    /// One of its addresses is none that may be called.
    Address(&'static str),
    /// It takes no code challenge by SHA-256.
    NoChallenge,
    /// It takes no secret of an application, neither in the head nor in the body.
    NoSecret,
    /// Its keys give no answer, or none that can be read.
    NoKeys(Refusal),
    /// None of its keys is one that tokens are believed by.
    NoUsableKey,
}

impl From<Unusable> for Trouble {
    fn from(why: Unusable) -> Self {
        match why {
            Unusable::NoDescription => Self::NoDescription,
            Unusable::OtherIssuer(issuer) => Self::OtherIssuer(issuer),
            Unusable::Address(name) => Self::Address(name),
            Unusable::NoChallenge => Self::NoChallenge,
            Unusable::NoSecret => Self::NoSecret,
        }
    }
}

/// Looks at a description as it came, and at the keys where it leads to.
pub(super) async fn looked(
    described: Result<Vec<u8>, Refusal>,
    issuer: &str,
    loopback: Option<SocketAddr>,
    fetched: impl AsyncFnOnce(&str) -> Result<Vec<u8>, Refusal>,
) -> Looked {
    let read = match described {
        Ok(body) => discovery::read(&body, issuer, loopback).map_err(Trouble::from),
        Err(Refusal::Discovery) => Err(Trouble::NoDescription),
        Err(refusal) => Err(Trouble::NoAnswer(refusal)),
    };
    let found = match read {
        Ok(found) => found,
        Err(trouble) => return Looked { challenge: None, keys: Err(trouble) },
    };
    let keys = match fetched(found.keys.as_str()).await.and_then(|body| keys::read(&body)) {
        Ok(keys) => usable(keys.iter().map(|key| key.algorithm), found.signs_by.as_deref()),
        Err(refusal) => Err(Trouble::NoKeys(refusal)),
    };
    let challenge = if found.takes_challenge { Challenge::Taken } else { Challenge::NotSaid };
    Looked { challenge: Some(challenge), keys }
}

/// The keys whose algorithm is among those that the provider says it signs by.
fn usable(
    keys: impl Iterator<Item = Algorithm>,
    signs_by: Option<&[String]>,
) -> Result<(usize, Vec<&'static str>), Trouble> {
    let said = |name: &str| signs_by.is_none_or(|all| all.iter().any(|one| one == name));
    let mut names: Vec<&'static str> = keys.map(word).filter(|name| said(name)).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    if count == 0 { Err(Trouble::NoUsableKey) } else { Ok((count, names)) }
}

/// Keys of other algorithms are left out when they are read.
const fn word(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::RS256 => "RS256",
        Algorithm::ES256 => "ES256",
        _ => "EdDSA",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_count_by_what_the_provider_says_it_signs_by() {
        let all = [Algorithm::RS256, Algorithm::ES256, Algorithm::ES256];
        let said = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(usable(all.into_iter(), None), Ok((3, vec!["ES256", "RS256"])));
        assert_eq!(usable(all.into_iter(), Some(&said(&["ES256", "HS256"]))), Ok((2, vec!["ES256"])));
        assert_eq!(usable(all.into_iter(), Some(&said(&["RS512"]))), Err(Trouble::NoUsableKey));
        assert_eq!(usable([].into_iter(), None), Err(Trouble::NoUsableKey));
    }
}
