//! Sealing and opening of secrets, and encryption of everything else that a stolen database must not show.
//!
//! Two kinds of keys do two kinds of work:
//!
//! - A **secret** (a client secret, a sign-in code) is sealed to a public key that every role holds, and opened
//!   with a private key that only the worker holds. Whoever takes a credential in can never read one back.
//! - **Settings** (addresses, ids, server words, mail bytes) are encrypted under one [`settings_key`] that every
//!   role holds, so that a stolen database or backup shows them to nobody, and pages can still show them again.
//!
//! `envelope` documents the sealed form byte by byte, `keyring` the key files, `settings_key` the encrypted form.
//! The room neither stores nor sends: callers keep the bytes, and hand in clock and randomness.

pub mod audit_chain;
pub mod audit_head;
pub mod audit_key;
pub mod birth;
mod body;
pub mod context;
mod disk;
mod envelope;
pub mod files;
mod framed;
mod held;
mod key_id;
pub mod keyring;
mod keyring_text;
pub mod open;
pub mod reveal;
pub mod seal;
pub mod settings_key;
mod wrap;

pub use disk::KeyFileError;
pub use envelope::Malformed;
pub use held::Vault;

#[cfg(test)]
mod tests;
