//! Makes text of the other side fit to keep: no secret, no control characters, short.

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::domain::text::is_hidden;

/// The most characters of a server's own words that are kept.
pub const WORDS: usize = 300;

/// A run of at least this many characters of a secret is taken for the secret.
const TELLTALE: usize = 8;

/// Knows the secrets of one check and takes them out of whatever comes back: a server may echo what it was sent.
pub struct Scrub {
    secrets: Vec<SecretString>,
}

impl Scrub {
    /// Knows these secrets.
    pub const fn new(secrets: Vec<SecretString>) -> Self {
        Self { secrets }
    }

    /// The same, and one more.
    #[must_use]
    pub fn and(mut self, secret: SecretString) -> Self {
        self.secrets.push(secret);
        self
    }

    /// The text without secrets and hidden characters, blanks folded, at most `limit` characters.
    pub fn clean(&self, text: &str, limit: usize) -> String {
        // Cut first: what is scanned stays small however long the text is.
        let shown: String =
            text.chars().filter(|c| !is_hidden(*c) || c.is_whitespace()).take(limit * 4).collect();
        let safe = self.secrets.iter().fold(shown, |text, secret| without(&text, secret.expose_secret()));
        let folded = safe.split_whitespace().collect::<Vec<_>>().join(" ");
        match folded.char_indices().nth(limit) {
            None => folded,
            Some((at, _)) => format!("{}…", &folded[..at]),
        }
    }
}

/// A login and its password as a server may echo them: the password, and both as Basic authentication writes them.
pub fn spellings(login: &str, password: &str) -> Vec<SecretString> {
    let pair = Zeroizing::new(format!("{login}:{password}"));
    let sent = STANDARD.encode(pair.as_bytes());
    vec![SecretString::from(password.to_owned()), SecretString::from(sent)]
}

/// Replaces the whole secret, and each run that the text shares with it, in the secret's own spelling or
/// percent-encoded.
fn without(text: &str, secret: &str) -> String {
    let text = if secret.is_empty() { text.to_owned() } else { text.replace(secret, "[removed]") };
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let run = shared_run(rest, secret).max(shared_run(rest, &encoded));
        if run == 0 {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            out.push_str("[removed]");
            rest = &rest[run..];
        }
    }
    out
}

/// How many bytes at the start of `text` also stand somewhere in `needle`; 0 when fewer than [`TELLTALE`]. What is
/// shared is ASCII, so it ends between characters.
fn shared_run(text: &str, needle: &str) -> usize {
    let Some(head) = text.get(..TELLTALE).filter(|head| head.is_ascii()) else { return 0 };
    let shared = |(a, b): &(u8, u8)| a == b && a.is_ascii();
    let from = |at: usize| text.bytes().zip(needle.bytes().skip(at)).take_while(shared).count();
    needle.match_indices(head).map(|(at, _)| from(at)).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "Xq18Q~abcdefghijklmnopqrstuvwxyz0123456._-";

    fn scrub() -> Scrub {
        Scrub::new(vec![SecretString::from(SECRET.to_owned())])
    }

    #[test]
    fn an_echoed_secret_is_taken_out_whole_cut_or_encoded() {
        let encoded: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
        for echo in [SECRET, &SECRET[..20], &SECRET[10..30], &encoded, &encoded[..12]] {
            let clean = scrub().clean(&format!("You sent \"{echo}\", which is wrong"), WORDS);
            assert_eq!(clean, "You sent \"[removed]\", which is wrong", "{echo}");
        }
        assert_eq!(scrub().clean("an abcdefg of ours", WORDS), "an abcdefg of ours");
    }

    #[test]
    fn words_are_short_and_show_all_they_hold() {
        let clean = scrub().clean(&format!("a\u{1b}[31m\r\n\tb\u{202e}c {}", "é".repeat(500)), WORDS);
        assert!(clean.starts_with("a[31m bc é"), "{clean}");
        assert_eq!(clean.chars().count(), WORDS + 1);
    }
}
