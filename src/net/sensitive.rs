//! Headers that hold a secret.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use hyper::body::Bytes;
use zeroize::Zeroizing;

/// A header's value whose bytes are overwritten when the last call that carries it is gone; the buffers of HTTP and TLS
/// under it are not ours. It is marked, so that nothing prints it.
///
/// `None` when the text cannot stand in a header.
pub fn sensitive(text: Zeroizing<String>) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(Wiped(text))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The text of Basic authentication (RFC 7617), in UTF-8, as typed. Each buffer has its full size from the start, so that
/// none is moved and left behind.
pub fn basic(login: &str, password: &str) -> Zeroizing<String> {
    let mut pair = Zeroizing::new(String::with_capacity(login.len() + 1 + password.len()));
    pair.extend([login, ":", password]);
    let mut text = Zeroizing::new(String::with_capacity(6 + pair.len().div_ceil(3) * 4));
    text.push_str("Basic ");
    STANDARD.encode_string(pair.as_bytes(), &mut text);
    text
}

/// The text of a bearer token (RFC 6750), in the same way.
pub fn bearer(token: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(7 + token.len()));
    text.extend(["Bearer ", token]);
    text
}

struct Wiped(Zeroizing<String>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_marked_and_written_as_the_papers_say() {
        // The example of RFC 7617, section 2.
        let value = sensitive(basic("Aladdin", "open sesame")).expect("a value");
        assert_eq!(value.as_bytes(), b"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert!(value.is_sensitive());
        assert!(!format!("{value:?}").contains("QWxh"));
        assert_eq!(bearer("abc").as_str(), "Bearer abc");
        assert!(sensitive(bearer("a\nb")).is_none());
    }

    #[test]
    fn no_buffer_is_moved_while_it_is_written() {
        for length in 0..20 {
            let (login, password) = ("x".repeat(length), "y".repeat(length * 3));
            let text = basic(&login, &password);
            assert_eq!(text.len(), text.capacity(), "{length}");
        }
        assert_eq!(bearer("abc").len(), bearer("abc").capacity());
    }
}
