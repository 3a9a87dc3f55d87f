//! The cookie of a sign-in that is under way. Its value belongs to one browser and one code; the portal keeps only a
//! keyed digest of it.

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};

use crate::{
    clock::Randomness,
    http::visitor::{self, Visitor},
};

const NAME: &str = "__Host-login";
/// Longer than a code lasts, so that the page can still say what became of it: 2 hours.
const SECONDS: u32 = 7200;

/// The value this browser sent, if it looks like one of ours.
pub(super) fn of(headers: &HeaderMap) -> Option<&str> {
    visitor::cookie(headers, NAME)
        .filter(|value| value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The value for a press of a form. Both presses of a button that was pressed twice get the same, so that whichever
/// answer the browser shows leads to a page on which the code counts.
pub(super) fn of_press(visitor: &Visitor, form_key: Option<&str>, randomness: &Randomness) -> String {
    match form_key {
        Some(key) => visitor.of_press(key),
        None => visitor.of_press(&hex::encode(randomness.bytes::<16>())),
    }
}

/// The answer with the cookie set.
pub(super) fn set(response: Response, value: &str) -> Response {
    with(response, &format!("{NAME}={value}; Path=/; Max-Age={SECONDS}; Secure; HttpOnly; SameSite=Lax"))
}

/// The answer with the cookie taken back: the sign-in is over.
pub(super) fn clear(response: Response) -> Response {
    with(response, &format!("{NAME}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"))
}

fn with(mut response: Response, line: &str) -> Response {
    if let Ok(line) = HeaderValue::from_str(line) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}
