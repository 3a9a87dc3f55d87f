//! The access token, which shows itself only to the request that carries it.

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::net::sensitive::{bearer as text, sensitive};

/// The longest token taken: real ones have two to four thousand characters, headers end at eight thousand.
const LONGEST: usize = 8_000;

/// A bearer token. No `Debug`, no `Clone`, no `Display`.
pub struct Bearer(SecretString);

impl Bearer {
    /// `None` when the text cannot stand in a header.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(SecretString::from(text.to_owned())))
    }

    /// The header that carries it; `None` never happens for a parsed token.
    pub fn header(&self) -> Option<HeaderValue> {
        sensitive(text(self.0.expose_secret()))
    }

    /// For taking it out of answers that echo it, and for reading its claims.
    pub const fn secret(&self) -> &SecretString {
        &self.0
    }
}
