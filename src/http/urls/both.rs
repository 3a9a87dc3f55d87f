//! What both sites have, and what an address of ours may look like.

use crate::domain::ids::{AccessId, ConnectionId};

/// The public start page.
pub const HOME: &str = "/";
/// Help, in the same place on every page.
pub const HELP: &str = "/help";
/// How credentials are protected.
pub const SECURITY: &str = "/security";
/// How to use the site with assistive technology, and what is known to be missing.
pub const ACCESSIBILITY: &str = "/accessibility";
/// Changes the colours (POST).
pub const THEME: &str = "/theme";
/// Asks for a sign-in code (POST), or shows the form for it.
pub const SIGN_IN: &str = "/sign-in";
/// Ends the session (POST).
pub const SIGN_OUT: &str = "/sign-out";
/// Where somebody lands who has signed out: the page to sign in, which says so. It knows nobody and keeps nothing.
pub const SIGNED_OUT: &str = "/signed-out";
/// A connection: how it stands, its check, its outcome.
pub const CONNECTION_ROUTE: &str = "/connections/{id}";
/// Asks whether a connection is closed and why; closes it (POST).
pub const CLOSE_ROUTE: &str = "/connections/{id}/close";
/// Takes a closed connection up again (POST); on both sites.
pub const REOPEN_ROUTE: &str = "/connections/{id}/reopen";
/// Checks the same attempt again (POST).
pub const CHECK_AGAIN_ROUTE: &str = "/connections/{id}/check";
/// Who asked to look at the brokerage's secrets, and who looked.
pub const ACCESS: &str = "/access";
/// One such request, on both sites.
pub const ACCESS_ROUTE: &str = "/access/{id}";
/// Tells the office's page of it that it stands elsewhere.
pub const ACCESS_NEWS_ROUTE: &str = "/access/{id}/news";
/// Says yes to it (POST): the brokerage, or on the staff site the second operations person.
pub const APPROVE_ACCESS_ROUTE: &str = "/access/{id}/approve";
/// Says no (POST).
pub const DECLINE_ACCESS_ROUTE: &str = "/access/{id}/decline";
/// Ends it at once (POST).
pub const STOP_ACCESS_ROUTE: &str = "/access/{id}/stop";
/// Where somebody who is signed in shows once more that it is them, and asks for a code (POST).
pub const CONFIRM: &str = "/confirm";
/// Says that the process lives.
pub const LIVEZ: &str = "/livez";
/// Says that the process can work.
pub const READYZ: &str = "/readyz";
/// What the process did, for Prometheus.
pub const METRICS: &str = "/metrics";
/// Assets of the binary: name, content hash and ending in one segment.
pub const ASSET_ROUTE: &str = "/assets/{file}";

/// The page of a connection.
pub fn connection(id: &ConnectionId) -> String {
    format!("/connections/{id}")
}

/// Asks whether a connection is closed, and why.
pub fn close(id: &ConnectionId) -> String {
    format!("/connections/{id}/close")
}

/// Takes a closed connection up again.
pub fn reopen(id: &ConnectionId) -> String {
    format!("/connections/{id}/reopen")
}

/// Checks the same attempt again.
pub fn check_again(id: &ConnectionId) -> String {
    format!("/connections/{id}/check")
}

/// One request to look at a secret.
pub fn access(id: &AccessId) -> String {
    format!("/access/{id}")
}

/// Where the office's page of it hears that it stands elsewhere than the page has seen.
pub fn access_news(id: &AccessId, seen: &str) -> String {
    format!("/access/{id}/news?seen={seen}")
}

/// Does something about it: `approve`, `decline`, `stop`, `secret`, `review`.
pub fn access_verb(id: &AccessId, verb: &str) -> String {
    format!("/access/{id}/{verb}")
}

/// An address with the names and values that are not empty.
pub(super) fn with_query(page: &str, asked: &[(&str, &str)]) -> String {
    let mut url = page.to_owned();
    for (name, value) in asked.iter().filter(|(_, value)| !value.is_empty()) {
        url.push(if url.len() == page.len() { '?' } else { '&' });
        url.push_str(name);
        url.push('=');
        url.push_str(&escaped(value));
    }
    url
}

/// Sign-in that leads back to `next`; anything but a path of our own is dropped.
pub fn sign_in_then(next: &str) -> String {
    match own_path(next) {
        Some(path) if path != HOME => format!("{SIGN_IN}?next={}", escaped(path)),
        _ => SIGN_IN.to_owned(),
    }
}

/// A path of this site, or nothing: no other host, no scheme, no backslash, no control, no `..`.
///
/// Browsers read `//host`, `/\host` and tabs inside of either as another site.
pub fn own_path(path: &str) -> Option<&str> {
    let plain = path.len() <= 512
        && path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\' && byte != b'"' && byte != b'<');
    let lowered = path.to_ascii_lowercase();
    let tricky = ["..", "%2e", "%2f", "%5c", "%0", ";"].iter().any(|part| lowered.contains(part));
    (plain && !tricky).then_some(path)
}

/// Escapes text for one value of a query.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_leads_nowhere_but_home() {
        assert_eq!(sign_in_then("/overview?page=2"), "/sign-in?next=/overview%3Fpage%3D2");
        for elsewhere in [
            "//evil.example",
            "/\\evil.example",
            "https:evil.example",
            "https://evil.example",
            "",
            "overview",
            "/\t/evil.example",
            "/..//evil.example",
            "/%2e%2e/",
            "/%2F/evil",
            "/%5cevil",
            "/a\r\nb",
            "/\u{e9}",
        ] {
            assert_eq!(own_path(elsewhere), None, "{elsewhere:?}");
            assert_eq!(sign_in_then(elsewhere), SIGN_IN);
        }
    }
}
