//! The audit's chain: how one row follows from the one before it, and what a checkpoint's signature is made over.
//!
//! `hash = SHA-256(0x00, hash of the row before, row)`; before the first row stand 32 zero bytes. A row is its fields in
//! the order of the table, each behind its length (4 bytes, big-endian); the time is 8 bytes, big-endian; a field that
//! can be missing begins with 0 (missing) or 1. So no two rows make the same bytes.
//!
//! A checkpoint signs a label, the numbers of the first and the last row it covers, the hash, the time and the key's id,
//! each behind its length. A checkpoint begins where the one before it ended: none can be taken out unnoticed.

use sha2::{Digest, Sha256};

use super::{
    audit_key::{AuditKey, AuditPublicKey},
    framed::framed,
};
use crate::domain::{
    audit::{AuditEntry, Checkpoint},
    instant::Instant,
};

/// What stands before the first row.
pub const START: [u8; 32] = [0; 32];

const ROW: u8 = 0x00;
const LABEL: &[u8] = b"moxi-onboard audit checkpoint 1";

/// The hash of a row that follows `previous`.
pub fn link(previous: &[u8; 32], entry: &AuditEntry) -> [u8; 32] {
    let digest = Sha256::new().chain_update([ROW]).chain_update(previous).chain_update(canonical(entry));
    digest.finalize().into()
}

fn canonical(entry: &AuditEntry) -> Vec<u8> {
    let optional = |text: &Option<String>| match text {
        None => vec![0],
        Some(text) => [&[1], text.as_bytes()].concat(),
    };
    framed(&[
        entry.id.as_bytes(),
        &entry.at.as_micros().to_be_bytes(),
        entry.actor.as_bytes(),
        &optional(&entry.actor_id),
        entry.verb.as_bytes(),
        entry.object.as_bytes(),
        &optional(&entry.brokerage_id),
        entry.detail.as_bytes(),
    ])
}

/// A head of the chain with its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// The number of the first row it covers.
    pub first_seq: i64,
    /// The last row it covers, and the chain's hash there.
    pub head: Checkpoint,
    /// When it was signed.
    pub at: Instant,
    /// The id of the key.
    pub key_id: String,
    /// The signature, Ed25519.
    pub signature: Vec<u8>,
}

impl SignedCheckpoint {
    /// Signs a head of the chain that covers the rows from `first_seq` on.
    pub fn sign(key: &AuditKey, first_seq: i64, head: Checkpoint, at: Instant) -> Self {
        let key_id = key.public().id().to_string();
        let mut signed = Self { first_seq, head, at, key_id, signature: Vec::new() };
        signed.signature = key.sign(&signed.message());
        signed
    }

    /// Whether this key signed it as it stands.
    pub fn was_signed_by(&self, key: &AuditPublicKey) -> bool {
        key.id().to_string() == self.key_id && key.verifies(&self.message(), &self.signature)
    }

    fn message(&self) -> Vec<u8> {
        framed(&[
            LABEL,
            &self.first_seq.to_be_bytes(),
            &self.head.seq.to_be_bytes(),
            &self.head.hash,
            &self.at.as_micros().to_be_bytes(),
            self.key_id.as_bytes(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::clock::Randomness;

    fn entry() -> AuditEntry {
        AuditEntry {
            id: "aud_1".to_owned(),
            at: Instant::from_micros(1_795_257_720_000_000),
            actor: "person".to_owned(),
            actor_id: Some("per_1".to_owned()),
            verb: "attempt.submit".to_owned(),
            object: "att_1".to_owned(),
            brokerage_id: None,
            detail: "{}".to_owned(),
        }
    }

    /// What was sealed once must verify for ever: the bytes of a row never change.
    #[test]
    fn the_bytes_of_a_row_are_these() {
        let bytes = b"\0\0\0\x05aud_1\0\0\0\x08\0\x06\x60\xc7\x02\xae\x4e\0\0\0\0\x06person\0\0\0\x06\x01per_1\0\0\0\x0eattempt.submit\0\0\0\x05att_1\0\0\0\x01\0\0\0\0\x02{}";
        assert_eq!(canonical(&entry()), bytes);
        let expected = Sha256::new().chain_update([0; 33]).chain_update(bytes).finalize();
        assert_eq!(link(&START, &entry()), <[u8; 32]>::from(expected));
    }

    #[test]
    fn each_field_counts_and_none_flows_into_its_neighbour() {
        let changes: [fn(&mut AuditEntry); 9] = [
            |e| e.id.push('x'),
            |e| e.at = Instant::from_micros(1),
            |e| e.actor.push('x'),
            |e| e.actor_id = None,
            |e| e.actor_id = Some(String::new()),
            |e| e.verb = "attempt.submita".to_owned(),
            |e| e.object = "tt_1".to_owned(),
            |e| e.brokerage_id = Some(String::new()),
            |e| e.detail = "{ }".to_owned(),
        ];
        let mut hashes: Vec<[u8; 32]> = changes
            .into_iter()
            .map(|change| {
                let mut entry = entry();
                change(&mut entry);
                link(&START, &entry)
            })
            .collect();
        hashes.extend([link(&START, &entry()), link(&[1; 32], &entry())]);
        let all = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), all);
    }

    #[test]
    fn a_signature_holds_for_what_was_signed_and_nothing_else() {
        let randomness = Randomness::seeded(7);
        let key = AuditKey::generate(date(2026, 11, 21), &randomness);
        let other = AuditKey::generate(date(2026, 11, 21), &randomness);
        let head = Checkpoint { seq: 9, hash: [3; 32] };
        let signed = SignedCheckpoint::sign(&key, 4, head, Instant::from_micros(5));
        assert!(signed.was_signed_by(key.public()) && !signed.was_signed_by(other.public()));
        let changes: [fn(&mut SignedCheckpoint); 6] = [
            |s| s.first_seq = 3,
            |s| s.head.seq = 10,
            |s| s.head.hash[31] ^= 1,
            |s| s.at = Instant::from_micros(6),
            |s| s.key_id.clear(),
            |s| s.signature[0] ^= 1,
        ];
        for change in changes {
            let mut changed = signed.clone();
            change(&mut changed);
            assert!(!changed.was_signed_by(key.public()), "{changed:?}");
        }
    }
}
