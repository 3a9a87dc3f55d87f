//! The values of one sign-in. All of them are made from one value that only this browser has, so nothing about a
//! sign-in under way needs to be kept on our side.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// State, nonce and PKCE verifier of one sign-in.
pub struct Login {
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
}

impl Login {
    /// From the whole value of the browser's cookie: at least 256 random bits, and whatever else shall not be changed
    /// on the way.
    pub fn of(cookie: &str) -> Self {
        let made = |label: &str| {
            let digest = Sha256::new()
                .chain_update("moxi staff sign-in 1 ")
                .chain_update(label)
                .chain_update([0])
                .chain_update(cookie)
                .finalize();
            hex::encode(digest)
        };
        Self { state: made("state"), nonce: made("nonce"), verifier: made("verifier") }
    }

    /// Whether what came back belongs to this sign-in.
    pub fn has_state(&self, state: &str) -> bool {
        self.state.as_bytes().ct_eq(state.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_differ_and_hang_on_the_whole_cookie() {
        let login = Login::of("a.1.2f");
        assert!(login.state != login.nonce && login.nonce != login.verifier && login.state != login.verifier);
        assert!(login.has_state(&Login::of("a.1.2f").state));
        assert!(!login.has_state(&Login::of("a.2.2f").state) && !login.has_state(""));
        // As long as a PKCE verifier must be, of letters it may have.
        assert_eq!(login.verifier.len(), 64);
    }
}
