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
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' => return !quoted,
            _ => {}
        }
        false
    })
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
    use http::{HeaderValue, header::WWW_AUTHENTICATE};
    use proptest::{collection, prelude::*};

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

    fn said(lines: &[Vec<u8>]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_bytes(line).expect("a value"));
        }
        ways(&headers)
    }

    #[test]
    fn thousands_of_ways_are_cut_to_a_few() {
        let many: Vec<String> = (0..5_000).map(|n| format!("way{n} realm=\"x\"")).collect();
        let one_line = said(&[many.join(",").into_bytes()]);
        let lines: Vec<Vec<u8>> = many.into_iter().map(String::into_bytes).collect();
        assert_eq!((one_line.len(), said(&lines)), (WAYS, one_line));
        assert_eq!(said(&[[b"Basic ".as_slice(), &[b'x'; 100_000]].concat()]), ["basic"]);
        assert_eq!(said(&[vec![b'x'; 100_000]]), Vec::<String>::new(), "no way has such a name");
    }

    /// Of the control characters a header takes none but the tabulator.
    const fn allowed(byte: u8) -> u8 {
        if byte < b' ' || byte == 127 { b'\t' } else { byte }
    }

    proptest! {
        #[test]
        fn whatever_a_server_says_few_short_names_are_kept(
            lines in collection::vec(collection::vec(any::<u8>().prop_map(allowed), 0..80), 0..6),
        ) {
            let ways = said(&lines);
            prop_assert!(ways.len() <= WAYS);
            for way in ways {
                let token = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
                prop_assert!((1..=32).contains(&way.len()) && way.bytes().all(token), "{way}");
            }
        }

        #[test]
        fn basic_is_found_wherever_it_stands(
            others in collection::vec("(Negotiate|NTLM|Bearer x=\"[a-zA-Z, ]{0,12}\"|Digest realm=\"Basic,?\", qop=\"a\")", 0..4),
            at in 0..5_usize, one_line: bool,
        ) {
            let mut all = others.clone();
            all.insert(at.min(others.len()), "BASIC realm=\"x\"".to_owned());
            let lines = if one_line { vec![all.join(", ").into_bytes()] } else { all.into_iter().map(String::into_bytes).collect() };
            prop_assert!(said(&lines).contains(&"basic".to_owned()));
            let without: Vec<Vec<u8>> = others.into_iter().map(String::into_bytes).collect();
            prop_assert!(!said(&without).contains(&"basic".to_owned()));
        }
    }
}
