//! The headers that every answer carries, whatever its status.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Scripts, styles and pictures from here only, no frames around us, no text turned into markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// The same for a page that shows a page of ours in a frame: a mail's HTML part, which may do nothing.
pub(in crate::http) const POLICY_WITH_FRAME: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

const FIXED: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-read=(), clipboard-write=(self)",
    ),
];

const TWO_YEARS: &str = "max-age=63072000; includeSubDomains; preload";

/// Puts the headers on; one that the page set itself, such as a stricter policy for a preview, stays.
pub(super) fn put(headers: &mut HeaderMap, https: bool) {
    for (name, value) in FIXED {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if https {
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(HeaderValue::from_static(TWO_YEARS));
    }
    finish_cookies(headers);
}

/// A browser takes a `__Host-` cookie only with `Secure`, and so it does when the cookie is taken back: without the
/// word, which the session library leaves out there, the old value would stay.
fn finish_cookies(headers: &mut HeaderMap) {
    let header::Entry::Occupied(mut lines) = headers.entry(header::SET_COOKIE) else { return };
    for line in lines.iter_mut() {
        let Ok(text) = line.to_str() else { continue };
        let bare = text.starts_with("__Host-") && !text.to_ascii_lowercase().contains("; secure");
        if bare && let Ok(whole) = HeaderValue::from_str(&format!("{text}; Secure")) {
            *line = whole;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_that_is_taken_back_is_secure_too() {
        let mut headers = HeaderMap::new();
        for line in ["__Host-a=; Path=/; Max-Age=0", "__Host-b=1; Path=/; Secure", "theme=dark"] {
            headers.append(header::SET_COOKIE, HeaderValue::from_static(line));
        }
        put(&mut headers, false);
        let lines: Vec<_> = headers.get_all(header::SET_COOKIE).iter().collect();
        assert_eq!(
            lines,
            ["__Host-a=; Path=/; Max-Age=0; Secure", "__Host-b=1; Path=/; Secure", "theme=dark"]
        );
    }
}
