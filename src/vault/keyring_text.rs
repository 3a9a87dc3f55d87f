//! The text of key files.
//!
//! A file has comment lines (`#`), one headline that names its sort and version, and one line a key:
//!
//! ```text
//! moxi-onboard public keys 1
//! current x25519 3f9a0c1b22 2026-11-21 <32 bytes in base64>
//! older   x25519 77d2e4a190 2025-11-20 <32 bytes in base64>
//! ```
//!
//! The private file has the same lines without the first word, the settings key file the algorithm `aes256`. The
//! algorithm word leaves room: a key that is sealed by a passphrase or kept in a key service gets its own word,
//! and a version that does not know it says so with the line.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::civil::Date;
use zeroize::Zeroizing;

use super::{
    audit_key::{AuditKey, AuditPublicKey, AuditPublicKeys},
    keyring::{KeyId, PrivateKey, PrivateKeyring, PublicKey, PublicKeyring},
    settings_key::SettingsKey,
};
use crate::clock::Randomness;

const PUBLIC: &str = "moxi-onboard public keys 1";
const PRIVATE: &str = "moxi-onboard private keys 1";
const SETTINGS: &str = "moxi-onboard settings key 1";
const AUDIT: &str = "moxi-onboard audit key 1";
const AUDIT_PUBLIC: &str = "moxi-onboard public audit keys 1";
const X25519: &str = "x25519";
const AES256: &str = "aes256";
const ED25519: &str = "ed25519";

/// What is wrong in a key file, and in which line (0: in the file as a whole).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) line: usize,
    pub(super) why: String,
}

fn wrong<T>(line: usize, why: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { line, why: why.into() })
}

pub(super) fn write_public(keyring: &PublicKeyring) -> String {
    let mut text = format!(
        "# Public sealing keys. They seal and cannot open; every role needs this file.\n\
         # The current key seals. Keep an older one as long as something sealed to it exists, backups too.\n\
         # standing, algorithm, key id, day it was made, key\n{PUBLIC}\n"
    );
    for (place, key) in keyring.all().enumerate() {
        let standing = if place == 0 { "current" } else { "older  " };
        let encoded = STANDARD.encode(key.to_bytes());
        text.push_str(&format!("{standing} {X25519} {} {} {encoded}\n", key.id(), key.made_on()));
    }
    text
}

pub(super) fn write_private(keyring: &PrivateKeyring) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(512 + 128 * keyring.all().len()));
    text.push_str(
        "# PRIVATE keys. Whoever reads this file can open every credential. Only the worker needs it.\n\
         # Keep a copy offline: without it nothing that was sealed can be opened again.\n\
         # algorithm, key id, day it was made, key\n",
    );
    text.push_str(PRIVATE);
    text.push('\n');
    for key in keyring.all() {
        push_key(&mut text, X25519, key.public().id(), key.public().made_on(), &key.to_bytes());
    }
    text
}

pub(super) fn write_settings(key: &SettingsKey, made_on: Date) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(512));
    text.push_str(
        "# SECRET settings key. Every role of this installation needs the same one, and nobody else.\n\
         # algorithm, key id, day it was made, key\n",
    );
    text.push_str(SETTINGS);
    text.push('\n');
    push_key(&mut text, AES256, key.id(), made_on, key.to_bytes());
    text
}

pub(super) fn write_audit(key: &AuditKey) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(512));
    text.push_str(
        "# PRIVATE audit key. It signs checkpoints of the audit; only the worker that seals the audit needs it.\n\
         # algorithm, key id, day it was made, key\n",
    );
    text.push_str(AUDIT);
    text.push('\n');
    push_key(&mut text, ED25519, key.public().id(), key.public().made_on(), key.to_bytes());
    text
}

pub(super) fn write_audit_public(keys: &AuditPublicKeys) -> String {
    let mut text = format!(
        "# Public audit keys. With them anybody can verify the audit's checkpoints: `audit verify --public-key`.\n\
         # Keep the older ones as long as checkpoints of theirs exist.\n\
         # standing, algorithm, key id, day it was made, key\n{AUDIT_PUBLIC}\n"
    );
    for (place, key) in keys.all().enumerate() {
        let standing = if place == 0 { "current" } else { "older  " };
        let encoded = STANDARD.encode(key.to_bytes());
        text.push_str(&format!("{standing} {ED25519} {} {} {encoded}\n", key.id(), key.made_on()));
    }
    text
}

pub(super) fn read_audit(text: &str) -> Result<AuditKey, Wrong> {
    let entries = entries(text, AUDIT)?;
    let [(line, words)] = entries.as_slice() else { return wrong(0, "it must hold exactly one key") };
    let entry = Entry::read(*line, words, ED25519)?;
    let key = AuditKey::from_seed(entry.key, entry.made_on);
    if key.public().id() == entry.id { Ok(key) } else { wrong(*line, "the key does not have this id") }
}

pub(super) fn read_audit_public(text: &str) -> Result<AuditPublicKeys, Wrong> {
    let mut keys = Standings::default();
    for (line, words) in entries(text, AUDIT_PUBLIC)? {
        let [standing, rest @ ..] = words.as_slice() else { return wrong(line, "a key is missing") };
        let entry = Entry::read(line, rest, ED25519)?;
        let key = AuditPublicKey::from_bytes(*entry.key, entry.made_on);
        if key.id() != entry.id {
            return wrong(line, "the key does not have this id");
        }
        keys.take(line, standing, key)?;
    }
    let (current, older) = keys.all()?;
    Ok(AuditPublicKeys::new(current, older))
}

/// The keys of a file that marks one as current and the others as older.
struct Standings<K> {
    current: Option<K>,
    older: Vec<K>,
}

impl<K> Default for Standings<K> {
    fn default() -> Self {
        Self { current: None, older: Vec::new() }
    }
}

impl<K> Standings<K> {
    fn take(&mut self, line: usize, standing: &str, key: K) -> Result<(), Wrong> {
        match standing {
            "current" if self.current.is_some() => return wrong(line, "a second current key"),
            "current" => self.current = Some(key),
            "older" => self.older.push(key),
            other => return wrong(line, format!("\"{other}\" is neither current nor older")),
        }
        Ok(())
    }

    fn all(self) -> Result<(K, Vec<K>), Wrong> {
        self.current.map_or_else(|| wrong(0, "no key is marked current"), |current| Ok((current, self.older)))
    }
}

fn push_key(text: &mut Zeroizing<String>, algorithm: &str, id: KeyId, made_on: Date, key: &[u8; 32]) {
    text.push_str(&format!("{algorithm} {id} {made_on} "));
    STANDARD.encode_string(key, text);
    text.push('\n');
}

pub(super) fn read_public(text: &str) -> Result<PublicKeyring, Wrong> {
    let mut keys = Standings::default();
    for (line, words) in entries(text, PUBLIC)? {
        let [standing, rest @ ..] = words.as_slice() else { return wrong(line, "a key is missing") };
        let entry = Entry::read(line, rest, X25519)?;
        let key = PublicKey::from_bytes(entry.key.as_slice(), entry.made_on)
            .filter(|key| key.id() == entry.id)
            .map_or_else(|| wrong(line, "the key does not have this id"), Ok)?;
        keys.take(line, standing, key)?;
    }
    let (current, older) = keys.all()?;
    unique(PublicKeyring::new(current, older))
}

fn unique(keyring: PublicKeyring) -> Result<PublicKeyring, Wrong> {
    let mut ids: Vec<KeyId> = keyring.all().map(PublicKey::id).collect();
    ids.sort_unstable();
    match ids.windows(2).find(|two| two[0] == two[1]) {
        Some(two) => wrong(0, format!("the key {} stands there twice", two[0])),
        None => Ok(keyring),
    }
}

pub(super) fn read_private(text: &str) -> Result<PrivateKeyring, Wrong> {
    let mut keys = Vec::new();
    for (line, words) in entries(text, PRIVATE)? {
        let entry = Entry::read(line, &words, X25519)?;
        let key = PrivateKey::from_bytes(entry.key.as_slice(), entry.made_on)
            .filter(|key| key.public().id() == entry.id)
            .map_or_else(|| wrong(line, "the key does not have this id"), Ok)?;
        keys.push(key);
    }
    if keys.is_empty() { wrong(0, "it holds no key") } else { Ok(PrivateKeyring::new(keys)) }
}

pub(super) fn read_settings(text: &str, randomness: Randomness) -> Result<SettingsKey, Wrong> {
    let entries = entries(text, SETTINGS)?;
    let [(line, words)] = entries.as_slice() else { return wrong(0, "it must hold exactly one key") };
    let entry = Entry::read(*line, words, AES256)?;
    let key = SettingsKey::from_bytes(entry.key, randomness);
    if key.id() == entry.id { Ok(key) } else { wrong(*line, "the key does not have this id") }
}

/// The day in the settings key's file.
pub(super) fn settings_made_on(text: &str) -> Result<Date, Wrong> {
    let entries = entries(text, SETTINGS)?;
    let [(line, words)] = entries.as_slice() else { return wrong(0, "it must hold exactly one key") };
    Ok(Entry::read(*line, words, AES256)?.made_on)
}

/// The words of each line behind the headline, with the line's number.
fn entries<'a>(text: &'a str, headline: &str) -> Result<Vec<(usize, Vec<&'a str>)>, Wrong> {
    let numbered = text.lines().enumerate().map(|(place, line)| (place + 1, line.trim()));
    let mut lines = numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    match lines.next() {
        Some((_, first)) if first == headline => {}
        Some((line, _)) => return wrong(line, format!("the first line must be \"{headline}\"")),
        None => return wrong(0, "it is empty"),
    }
    Ok(lines.map(|(line, text)| (line, text.split_whitespace().collect())).collect())
}

/// The part of a line that all sorts of keys share.
struct Entry {
    id: KeyId,
    made_on: Date,
    key: Zeroizing<[u8; 32]>,
}

impl Entry {
    fn read(line: usize, words: &[&str], algorithm: &str) -> Result<Self, Wrong> {
        let [found, rest @ ..] = words else { return wrong(line, "a key is missing") };
        if *found != algorithm {
            return wrong(line, format!("this version knows only keys of the sort {algorithm}"));
        }
        let [id, made_on, key] = rest else {
            return wrong(line, format!("{algorithm} needs a key id, a day and a key behind it"));
        };
        let Some(id) = key_id(id) else { return wrong(line, "a key id has 10 hexadecimal digits") };
        let Ok(made_on) = made_on.parse() else { return wrong(line, "a day is written 2026-11-21") };
        let decoded = Zeroizing::new(STANDARD.decode(key).unwrap_or_default());
        let mut key = Zeroizing::new([0; 32]);
        if decoded.len() != key.len() {
            return wrong(line, "a key is 32 bytes in base64");
        }
        key.copy_from_slice(&decoded);
        Ok(Self { id, made_on, key })
    }
}

fn key_id(text: &str) -> Option<KeyId> {
    let digits = text.len() == 10 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let bits = u64::from_str_radix(text, 16).ok().filter(|_| digits)?;
    let [_, _, _, id @ ..] = bits.to_be_bytes();
    Some(KeyId::from_bytes(id))
}
