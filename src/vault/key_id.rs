//! The name of a key: envelopes, key files and the settings' form all carry it.

use std::fmt;

use sha2::{Digest, Sha256};

/// Names a key: 5 bytes, shown as 10 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; 5]);

impl KeyId {
    /// Takes the bytes from an envelope or a table.
    pub const fn from_bytes(bytes: [u8; 5]) -> Self {
        Self(bytes)
    }

    /// The bytes, for an envelope or a table.
    pub const fn to_bytes(self) -> [u8; 5] {
        self.0
    }

    /// The id of a key, from a label of its sort and its bytes.
    pub(super) fn of(label: &str, key: &[u8]) -> Self {
        let digest = Sha256::new().chain_update(label).chain_update(key).finalize();
        let mut id = [0; 5];
        id.copy_from_slice(&digest[..5]);
        Self(id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}
