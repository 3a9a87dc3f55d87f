//! The ways to sign in that a server offers in `WWW-Authenticate`.

use http::{HeaderMap, header};

/// The most ways read from one answer.
const WAYS: usize = 16;

/// The names of the offered ways in lower case, each once, in the server's order. Several may share one header line.
pub fn ways(headers: &HeaderMap) -> Vec<String> {
    let mut ways: Vec<String> = Vec::new();
    for value in headers.get_all(header::WWW_AUTHENTICATE) {
        let text = String::from_utf8_lossy(value.as_bytes());
        for piece in pieces(&text) {
            let Some(way) = way(piece) else { continue };
            if !ways.contains(&way) && ways.len() < WAYS {
                ways.push(way);
            }
        }
    }
    ways
}

/// The parts between commas that do not stand in quotes.
fn pieces(text: &str) -> Vec<&str> {
    let (mut pieces, mut from, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                pieces.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&text[from..]);
    pieces
}

/// The way a part begins with; `None` for a part that only adds a parameter to the way before it.
fn way(piece: &str) -> Option<String> {
    let word = piece.split_whitespace().next()?;
    let token = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    let named = word.len() <= 32 && word.bytes().all(token);
    named.then(|| word.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn ways_are_found_on_one_line_and_on_many() {
        for (lines, expected) in [
            (
                &["Negotiate, NTLM, Basic realm=\"mail.lakeshore.example\""][..],
                &["negotiate", "ntlm", "basic"][..],
            ),
            (&["Negotiate", "NTLM", "BASIC realm=\"x, Digest y\\\", z\""], &["negotiate", "ntlm", "basic"]),
            (
                &["Bearer client_id=\"1\", trusted_issuers=\"a@*\", token_types=\"app\"", "basic"],
                &["bearer", "basic"],
            ),
            (&["", ",,", "=x", "<b>"], &[]),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static(line));
            }
            assert_eq!(ways(&headers), expected, "{lines:?}");
        }
    }
}
