//! Names and numbers that look as the real services' do.
//!
//! Nothing here is a secret: ids come from a counter hashed with a seed, so that two runs differ and one run
//! never repeats itself.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Makes fresh ids for one run.
pub(crate) struct Ids {
    seed: [u8; 32],
    next: AtomicU64,
}

impl Ids {
    /// Ids of a run; `seed` should differ from run to run.
    pub(crate) fn new(seed: &[u8]) -> Ids {
        Ids { seed: Sha256::digest(seed).into(), next: AtomicU64::new(0) }
    }

    /// The seed, as key for what this run signs.
    pub(crate) fn key(&self) -> &[u8; 32] {
        &self.seed
    }

    /// A fresh GUID.
    pub(crate) fn guid(&self) -> String {
        guid_of(&self.block())
    }

    /// A fresh item id as Exchange makes them: long, and with upper and lower case that matter.
    pub(crate) fn item(&self) -> String {
        format!("AAMkAD{}AAA=", &URL_SAFE_NO_PAD.encode([self.block(), self.block()].concat())[..80])
    }

    /// A fresh short text of letters, digits, `-` and `_`.
    pub(crate) fn short(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.block()[..16])
    }

    /// A fresh id of a contact as Google makes them.
    pub(crate) fn person(&self) -> String {
        format!("c{}", digits_of(&self.block(), 19))
    }

    /// A fresh id of a calendar entry as Google makes them: 26 letters up to v and digits.
    pub(crate) fn event(&self) -> String {
        self.block().iter().take(26).map(|byte| char::from(EVENT[usize::from(byte % 32)])).collect()
    }

    /// A fresh id of a message as Google makes them.
    pub(crate) fn message(&self) -> String {
        hex::encode(self.block())[..16].to_owned()
    }

    /// A fresh access token as Google makes them for service accounts: opaque.
    pub(crate) fn google_token(&self) -> String {
        let blocks: Vec<[u8; 32]> = (0..4).map(|_| self.block()).collect();
        format!("ya29.c.c0{}", URL_SAFE_NO_PAD.encode(blocks.concat()))
    }

    fn block(&self) -> [u8; 32] {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        Sha256::new().chain_update(self.seed).chain_update(count.to_be_bytes()).finalize().into()
    }
}

/// The same GUID for the same words, so that a sample keeps its ids from start to start.
pub(crate) fn stable_guid(words: &str) -> String {
    guid_of(&Sha256::digest(words.as_bytes()).into())
}

/// The same item id for the same words.
pub(crate) fn stable_item(words: &str) -> String {
    let block = Sha256::digest(words.as_bytes());
    format!("AAMkAD{}AAA=", &URL_SAFE_NO_PAD.encode([block, block].concat())[..80])
}

/// The same digits for the same words; the first is no zero.
pub(crate) fn stable_digits(words: &str, count: usize) -> String {
    digits_of(&Sha256::digest(words.as_bytes()).into(), count)
}

/// The same 40 hexadecimal digits for the same words.
pub(crate) fn stable_hex(words: &str) -> String {
    hex::encode(Sha256::digest(words.as_bytes()))[..40].to_owned()
}

/// The same client secret value for the same words: 40 characters with the `8Q~` the admin centre's have.
pub(crate) fn stable_secret(words: &str) -> String {
    let text = URL_SAFE_NO_PAD.encode(Sha256::digest(words.as_bytes()));
    format!("{}8Q~{}", &text[..3], &text[3..37])
}

/// The same password for the same words: 24 characters of every sort.
pub(crate) fn stable_password(words: &str) -> String {
    let text = URL_SAFE_NO_PAD.encode(Sha256::digest(format!("password {words}").as_bytes()));
    format!("Mx7!{}", &text[..20])
}

const EVENT: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";

/// At most 32 digits.
fn digits_of(block: &[u8; 32], count: usize) -> String {
    let digit = |(at, byte): (usize, &u8)| {
        let number = if at == 0 { 1 + byte % 9 } else { byte % 10 };
        char::from(b'0' + number)
    };
    block.iter().enumerate().take(count).map(digit).collect()
}

fn guid_of(block: &[u8; 32]) -> String {
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(&block[..16]);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = hex::encode(bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Is this text a GUID, in either case and without braces?
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_real_shapes() {
        let ids = Ids::new(b"seed");
        assert!(is_guid(&ids.guid()));
        assert_ne!(ids.guid(), ids.guid());
        assert!(is_guid(&stable_guid("x")) && stable_guid("x") == stable_guid("x"));
        assert_eq!(stable_secret("x").len(), 40);
        assert!(!is_guid("00000000-0000-0000-0000-00000000000g"));
    }
}
