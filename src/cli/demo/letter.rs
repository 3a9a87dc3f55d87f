//! Reads a mail file far enough to show it: addressee, subject, date and the plain text.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// A mail as the desk shows it.
pub(super) struct Letter {
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) date: String,
    pub(super) text: String,
}

impl Letter {
    /// Reads what the portal itself wrote; anything else is shown as it stands.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mail = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
        let (head, body) = mail.split_once("\n\n").unwrap_or((&mail, ""));
        let head = head.replace("\n ", " ").replace("\n\t", " ");
        Self {
            to: words(&field(&head, "to").unwrap_or_default()),
            subject: words(&field(&head, "subject").unwrap_or_default()),
            date: field(&head, "date").unwrap_or_default(),
            text: plain(&head, body),
        }
    }
}

fn field(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// The plain text of a message or of its first plain part.
fn plain(head: &str, body: &str) -> String {
    let kind = field(head, "content-type").unwrap_or_default();
    let Some((_, boundary)) = kind.split_once("boundary=") else {
        return decoded(&field(head, "content-transfer-encoding").unwrap_or_default(), body);
    };
    let boundary = format!("--{}", boundary.split(';').next().unwrap_or_default().trim_matches('"'));
    let parts = body.split(boundary.as_str()).filter_map(|part| part.trim_start().split_once("\n\n"));
    let mut plains = parts.filter(|(head, _)| head.contains("text/plain"));
    plains.next().map(|(head, body)| plain(head, body)).unwrap_or_default()
}

fn decoded(encoding: &str, body: &str) -> String {
    match encoding.to_ascii_lowercase().as_str() {
        "base64" => STANDARD
            .decode(body.split_whitespace().collect::<String>())
            .map_or_else(|_| body.to_owned(), |bytes| String::from_utf8_lossy(&bytes).into_owned()),
        "quoted-printable" => quoted_printable(body),
        _ => body.to_owned(),
    }
}

fn quoted_printable(body: &str) -> String {
    let joined = body.replace("=\n", "");
    let (mut bytes, mut rest) = (Vec::new(), joined.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let hex =
            (*first == b'=').then(|| after.get(..2)).flatten().and_then(|two| std::str::from_utf8(two).ok());
        if let Some(byte) = hex.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A header's encoded words, `=?utf-8?b?...?=`, as text.
fn words(value: &str) -> String {
    let one = |word: &str| {
        let mut parts = word.strip_prefix("=?")?.strip_suffix("?=")?.splitn(3, '?').skip(1);
        match (parts.next()?, parts.next()?) {
            ("b" | "B", text) => Some(decoded("base64", text)),
            ("q" | "Q", text) => Some(quoted_printable(&text.replace('_', " "))),
            _ => None,
        }
    };
    let mut text = String::new();
    let mut joined = true;
    for word in value.split(' ') {
        let read = one(word);
        // Blanks between two encoded words belong to the encoding, not to the text.
        if !(text.is_empty() || joined && read.is_some()) {
            text.push(' ');
        }
        joined = read.is_some();
        text.push_str(read.as_deref().unwrap_or(word));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_with_an_encoded_name_is_shown_as_people_write_it() {
        let letter = Letter::read(
            b"To: =?utf-8?b?SsO8cmdlbg==?= =?utf-8?b?IEzDtnfDqQ==?=\r\n <it@lakeshore.example>\r\nSubject: Hello\r\n\r\nText\r\n",
        );
        assert_eq!(letter.to, "J\u{fc}rgen L\u{f6}w\u{e9} <it@lakeshore.example>");
    }

    #[test]
    fn reads_the_plain_part_of_a_mail_in_two_forms() {
        let letter = Letter::read(
            b"To: it@lakeshore.example\r\nSubject: =?utf-8?b?w5xi?= =?utf-8?b?ZXI=?= all\r\nDate: Sat, 21 Nov 2026 10:42:00 +0000\r\n\
              Content-Type: multipart/alternative; boundary=\"x\"\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\
              Content-Transfer-Encoding: quoted-printable\r\n\r\nK=C3=BCche is=\r\n open\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>no</p>\r\n--x--\r\n",
        );
        assert_eq!((letter.to.as_str(), letter.subject.as_str()), ("it@lakeshore.example", "Über all"));
        assert_eq!(letter.text.trim(), "Küche is open");
    }
}
