//! The id under which a request of ours is found in the other side's logs.

use crate::clock::Randomness;

/// A random id in the form the provider's own clients send.
pub fn fresh(randomness: &Randomness) -> String {
    let mut bytes = randomness.bytes::<16>();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = hex::encode(bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
