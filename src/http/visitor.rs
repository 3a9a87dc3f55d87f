//! The cookie of a browser that asked for a form, and the hidden value of forms that is made from it.
//!
//! The value is a hash over the cookie and, for the signed-in, over the session's id: it changes with sign-in and
//! sign-out, belongs to one browser and needs no row in the database, so anonymous visits write nothing. The
//! `__Host-` prefix keeps a sibling domain from planting the cookie. The value is masked anew on each page, so that
//! the length of a compressed page tells nothing about it.
//!
//! A form that came after its sender was signed out is shown once more with a value of its own: it holds for that form
//! and this browser, also after the next sign-in, so that nobody is shown the same page twice.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, header, request::Parts},
    middleware::Next,
    response::Response,
};
use hex::FromHex as _;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tower_sessions::Session;

use super::{
    error::PageError,
    front::{Audience, Front},
    layout::FormToken,
    session,
};

const COOKIE: &str = "__Host-visitor";
const LABEL: &[u8] = b"moxi form token 1";
const STAFF_LABEL: &[u8] = b"staff site";
const RETURN_LABEL: &[u8] = b"moxi form token of a return 1";
const LOGIN: &[u8] = b"moxi login cookie 1";

/// The visitor's 256 bits, known or fresh.
#[derive(Clone)]
pub struct Visitor {
    secret: [u8; 32],
    asked: Arc<AtomicBool>,
}

impl Visitor {
    /// A value of 256 bits for one press of one form in this browser: the second press of the same form gets the
    /// same, another form or browser another.
    pub(super) fn of_press(&self, form_key: &str) -> String {
        hex::encode(
            Sha256::new().chain_update(LOGIN).chain_update(self.secret).chain_update(form_key).finalize(),
        )
    }
}

/// Reads the cookie, or makes one that is set when the page asked for a form's hidden value.
pub(super) async fn recognise(mut request: Request, next: Next) -> Response {
    let known = cookie(request.headers(), COOKIE).and_then(|text| <[u8; 32]>::from_hex(text).ok());
    let Some(front) = request.extensions().get::<Front>() else { return next.run(request).await };
    let secret = known.unwrap_or_else(|| front.randomness.bytes());
    let visitor = Visitor { secret, asked: Arc::new(AtomicBool::new(false)) };
    request.extensions_mut().insert(visitor.clone());
    let mut response = next.run(request).await;
    if known.is_none() && visitor.asked.load(Ordering::Relaxed) {
        let line = format!("{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax", hex::encode(secret));
        if let Ok(line) = HeaderValue::from_str(&line) {
            response.headers_mut().append(header::SET_COOKIE, line);
        }
    }
    response
}

/// The hidden value for this request's page; empty where the walls are missing.
pub(super) async fn token(parts: &Parts) -> FormToken {
    let (Some(visitor), Some(front)) = (parts.extensions.get::<Visitor>(), parts.extensions.get::<Front>())
    else {
        return FormToken(String::new());
    };
    visitor.asked.store(true, Ordering::Relaxed);
    // A page is shown even when the session cannot be read; its form will then say that a part is away.
    let plain = plain(visitor, front, parts.extensions.get::<Session>()).await.unwrap_or_default();
    masked(front, plain)
}

/// The hidden value of a form that its sender sends again after the next sign-in; empty where the walls are missing.
pub(super) fn token_of_return(parts: &Parts) -> FormToken {
    let (Some(visitor), Some(front)) = (parts.extensions.get::<Visitor>(), parts.extensions.get::<Front>())
    else {
        return FormToken(String::new());
    };
    visitor.asked.store(true, Ordering::Relaxed);
    masked(front, of_return(visitor, front, parts))
}

fn masked(front: &Front, plain: [u8; 32]) -> FormToken {
    let mask = front.randomness.bytes::<32>();
    FormToken(hex::encode(mask) + &hex::encode(xor(mask, plain)))
}

/// Whether `typed` is a hidden value of this browser and session. Errs when the session cannot be read.
pub(super) async fn is_ours(parts: &Parts, typed: &str) -> Result<bool, PageError> {
    let (Some(visitor), Some(front)) = (parts.extensions.get::<Visitor>(), parts.extensions.get::<Front>())
    else {
        return Ok(false);
    };
    let expected = plain(visitor, front, parts.extensions.get::<Session>()).await?;
    let halves = typed
        .split_at_checked(64)
        .and_then(|(mask, rest)| Some((<[u8; 32]>::from_hex(mask).ok()?, <[u8; 32]>::from_hex(rest).ok()?)));
    let Some((mask, masked)) = halves else { return Ok(false) };
    let shown: [u8; 32] = xor(mask, masked);
    Ok((shown.ct_eq(&expected) | shown.ct_eq(&of_return(visitor, front, parts))).into())
}

/// Bound to the browser and to where the form goes, and to no session.
fn of_return(visitor: &Visitor, front: &Front, parts: &Parts) -> [u8; 32] {
    let mut digest = Sha256::new().chain_update(RETURN_LABEL).chain_update(visitor.secret);
    if front.audience == Audience::Staff {
        digest.update(STAFF_LABEL);
    }
    digest.chain_update(parts.uri.path()).finalize().into()
}

async fn plain(visitor: &Visitor, front: &Front, session: Option<&Session>) -> Result<[u8; 32], PageError> {
    let mut digest = Sha256::new().chain_update(LABEL).chain_update(visitor.secret);
    // Two sites of one host on two ports share their cookies, and must not share their forms.
    if front.audience == Audience::Staff {
        digest.update(STAFF_LABEL);
    }
    if let Some(id) = session::signed_in_id(session).await? {
        digest.update(id);
    }
    Ok(digest.finalize().into())
}

/// One cookie's value; none when it is sent twice, for then somebody else planted one of them.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn xor(a: [u8; 32], b: [u8; 32]) -> [u8; 32] {
    std::array::from_fn(|place| a[place] ^ b[place])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_that_is_sent_twice_is_no_cookie() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("theme=dark; a=1; b=2=3"));
        assert_eq!(cookie(&headers, "a"), Some("1"));
        assert_eq!(cookie(&headers, "b"), Some("2=3"));
        headers.append(header::COOKIE, HeaderValue::from_static("a=planted"));
        assert_eq!(cookie(&headers, "a"), None);
    }
}
