//! A form that brings a file along: its parts become pairs of texts, or a refusal, as strictly as those of any other
//! form. A file is read as text; what is no text in it becomes a sign that shows so.

use axum::http::HeaderMap;
use zeroize::Zeroizing;

use super::error::PageError;

/// The longest boundary that browsers and the standard know.
const LONGEST_BOUNDARY: usize = 70;
/// The most bytes of what stands above a part.
const MOST_HEAD: usize = 1024;

/// The boundary of a form with files; `None` for any other sort of body.
pub(super) fn boundary(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all("content-type").iter();
    let (Some(line), None) = (lines.next().and_then(|line| line.to_str().ok()), lines.next()) else {
        return None;
    };
    let (kind, rest) = line.split_once(';')?;
    let boundary = rest.trim().strip_prefix("boundary=")?.trim_matches('"');
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_'()+,./:=?".contains(&b);
    let fits = (1..=LONGEST_BOUNDARY).contains(&boundary.len()) && boundary.bytes().all(plain);
    (kind.trim().eq_ignore_ascii_case("multipart/form-data") && fits).then_some(boundary)
}

/// A part: its name and its text.
type Part = (String, Zeroizing<String>);

/// Reads the parts. `files` names the fields that may bring a file. Errs as a form that cannot be read.
pub(super) fn parts(body: &[u8], boundary: &str, files: &[&str]) -> Result<Vec<Part>, PageError> {
    let first = format!("--{boundary}");
    let between = format!("\r\n--{boundary}");
    let mut rest = body.strip_prefix(first.as_bytes()).ok_or(PageError::Garbled)?;
    let mut parts = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        rest = rest.strip_prefix(b"\r\n").ok_or(PageError::Garbled)?;
        let end = find(rest, between.as_bytes()).ok_or(PageError::Garbled)?;
        parts.push(part(&rest[..end], files)?);
        rest = &rest[end + between.len()..];
    }
}

fn part(bytes: &[u8], files: &[&str]) -> Result<Part, PageError> {
    let end = find(bytes, b"\r\n\r\n").filter(|end| *end <= MOST_HEAD).ok_or(PageError::Garbled)?;
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| PageError::Garbled)?;
    let content = &bytes[end + 4..];
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let (_, about) =
        lines.find(|(name, _)| name.eq_ignore_ascii_case("content-disposition")).ok_or(PageError::Garbled)?;
    let about = about.trim().strip_prefix("form-data;").ok_or(PageError::Garbled)?;
    let name = said(about, "name").filter(|name| is_name(name)).ok_or(PageError::Garbled)?;
    let is_file = said(about, "filename").is_some();
    if is_file && !files.contains(&name) {
        return Err(PageError::Garbled);
    }
    let text = if is_file { of_file(content) } else { of_field(content)? };
    Ok((name.to_owned(), text))
}

/// What stands behind `name="` or `filename="`.
fn said<'a>(about: &'a str, what: &str) -> Option<&'a str> {
    let mut words = about.split(';').map(str::trim);
    words.find_map(|word| word.strip_prefix(what)?.strip_prefix("=\"")?.strip_suffix('"'))
}

fn is_name(name: &str) -> bool {
    (1..=40).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

fn of_field(content: &[u8]) -> Result<Zeroizing<String>, PageError> {
    let text = std::str::from_utf8(content).map_err(|_| {
        unreadable(
            "A field holds letters in a coding other than UTF-8. Type the answer instead of pasting it.",
        )
    })?;
    if text.contains('\0') {
        return Err(unreadable(
            "A field holds a character that cannot be typed (NUL). Type the answer instead of pasting it.",
        ));
    }
    Ok(Zeroizing::new(text.to_owned()))
}

/// Whoever reads the text sees by its signs that the file was none.
fn of_file(content: &[u8]) -> Zeroizing<String> {
    match std::str::from_utf8(content) {
        Ok(text) if !text.contains('\0') => Zeroizing::new(text.to_owned()),
        _ => Zeroizing::new(String::from_utf8_lossy(content).replace('\0', "\u{fffd}")),
    }
}

fn unreadable(sentence: &str) -> PageError {
    PageError::Unreadable(format!("{sentence} Nothing was saved."))
}

fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header};
    use proptest::prelude::*;

    use super::*;

    fn read(body: &[u8]) -> Result<Vec<(String, String)>, PageError> {
        let parts = parts(body, "XX", &["key_file"])?;
        Ok(parts.into_iter().map(|(name, text)| (name, text.as_str().to_owned())).collect())
    }

    fn one(head: &str, content: &[u8]) -> Vec<u8> {
        [b"--XX\r\n", head.as_bytes(), b"\r\n\r\n", content, b"\r\n--XX--\r\n"].concat()
    }

    #[test]
    fn fields_and_a_file_come_out_as_they_were_sent() {
        let body = b"--XX\r\nContent-Disposition: form-data; name=\"goal\"\r\n\r\nreview\r\n--XX\r\ncontent-disposition: form-data; name=\"key_file\"; filename=\"a b.json\"\r\nContent-Type: application/json\r\n\r\n{\"a\":\r\n1}\r\n--XX--\r\n";
        let expected = [("goal", "review"), ("key_file", "{\"a\":\r\n1}")];
        assert_eq!(
            read(body).expect("reads"),
            expected.map(|(name, text)| (name.to_owned(), text.to_owned()))
        );
        let empty = one("Content-Disposition: form-data; name=\"key_file\"; filename=\"\"", b"");
        assert_eq!(read(&empty).expect("reads"), [("key_file".to_owned(), String::new())]);
    }

    #[test]
    fn a_file_that_is_no_text_shows_it() {
        let p12 = one(
            "Content-Disposition: form-data; name=\"key_file\"; filename=\"k.p12\"",
            b"0\x82\x0a\x10\0\x01",
        );
        assert!(read(&p12).expect("reads")[0].1.contains('\u{fffd}'));
        let field = one("Content-Disposition: form-data; name=\"goal\"", b"\xff");
        assert!(matches!(read(&field), Err(PageError::Unreadable(_))));
    }

    #[test]
    fn odd_bodies_are_refused() {
        for body in [
            b"".to_vec(),
            b"--XX".to_vec(),
            b"--XX\r\n".to_vec(),
            b"--YY\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--YY--".to_vec(),
            one("Content-Type: text/plain", b"x"),
            one("Content-Disposition: attachment; name=\"a\"", b"x"),
            one("Content-Disposition: form-data; name=\"../a\"", b"x"),
            one("Content-Disposition: form-data; name=\"goal\"; filename=\"x\"", b"x"),
            one(&format!("Content-Disposition: form-data; name=\"a\"\r\nX: {}", "y".repeat(2000)), b"x"),
        ] {
            assert_eq!(read(&body), Err(PageError::Garbled), "{}", String::from_utf8_lossy(&body));
        }
    }

    #[test]
    fn only_a_form_with_files_has_a_boundary() {
        let said = |line: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(line));
            boundary(&headers).map(str::to_owned)
        };
        assert_eq!(said("multipart/form-data; boundary=----WebKit7"), Some("----WebKit7".to_owned()));
        assert_eq!(said("Multipart/Form-Data; boundary=\"a b\""), None);
        for line in [
            "multipart/form-data",
            "multipart/mixed; boundary=x",
            "application/json; boundary=x",
            "multipart/form-data; boundary=",
        ] {
            assert_eq!(said(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&bytes);
            let _ = read(&one("Content-Disposition: form-data; name=\"key_file\"; filename=\"x\"", &bytes));
        }
    }
}
