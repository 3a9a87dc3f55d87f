//! The cookie of a sign-in that is at the provider: 256 random bits, when it began, and where it leads. Everything else
//! about the sign-in is made from the whole of it, so none of its parts can be changed on the way.

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use hex::FromHex as _;

use crate::{
    clock::Randomness,
    domain::instant::Instant,
    http::{urls, visitor},
};

const NAME: &str = "__Host-staff-login";
/// As long as somebody may take at the provider: 10 minutes.
const SECONDS: u32 = 600;

/// What a browser's cookie says.
pub(super) struct LoginCookie {
    /// The whole value.
    pub(super) value: String,
    /// When the sign-in began.
    pub(super) begun_at: Instant,
    /// Where it leads: a path of ours.
    pub(super) next: String,
}

impl LoginCookie {
    /// A new one.
    pub(super) fn new(next: &str, now: Instant, randomness: &Randomness) -> Self {
        let random = hex::encode(randomness.bytes::<32>());
        let value = format!("{random}.{}.{}", now.as_micros(), hex::encode(next.as_bytes()));
        Self { value, begun_at: now, next: next.to_owned() }
    }

    /// The one this browser sent, if it looks like one of ours.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let value = visitor::cookie(headers, NAME)?;
        let (random, rest) = value.split_once('.')?;
        let (begun, next) = rest.split_once('.')?;
        <[u8; 32]>::from_hex(random).ok()?;
        let begun_at = Instant::from_micros(begun.parse().ok()?);
        let next = text(next)?;
        urls::own_path(&next)?;
        Some(Self { value: value.to_owned(), begun_at, next })
    }

    /// The answer with the cookie set.
    pub(super) fn set(&self, response: Response) -> Response {
        let value = &self.value;
        with(response, &format!("{NAME}={value}; Path=/; Max-Age={SECONDS}; Secure; HttpOnly; SameSite=Lax"))
    }
}

/// The answer with the cookie taken back.
pub(super) fn clear(response: Response) -> Response {
    with(response, &format!("{NAME}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"))
}

fn text(digits: &str) -> Option<String> {
    String::from_utf8(hex::decode(digits).ok()?).ok()
}

fn with(mut response: Response, line: &str) -> Response {
    if let Ok(line) = HeaderValue::from_str(line) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_reads_back_and_nothing_else_does() {
        let now = Instant::from_micros(1_795_257_720_000_000);
        let made = LoginCookie::new("/connections/x?a=1", now, &Randomness::seeded(7));
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            let line = HeaderValue::from_str(&format!("{NAME}={value}")).expect("a line");
            headers.append(header::COOKIE, line);
            LoginCookie::of(&headers)
        };
        let back = read(&made.value).expect("reads");
        assert_eq!((back.begun_at, back.next.as_str()), (now, "/connections/x?a=1"));
        let random = &made.value[..64];
        for wrong in [
            String::new(),
            random.to_owned(),
            format!("{random}.1"),
            format!("{random}.x.2f"),
            format!("{random}.1.2f2"),
            format!("{random}.1.{}", hex::encode(b"//evil.example")),
            format!("{random}.1.ff"),
            format!("{}.1.2f", &random[..62]),
        ] {
            assert!(read(&wrong).is_none(), "{wrong}");
        }
    }
}
