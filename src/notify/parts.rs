//! Reads a finished message back into what a person sees of it, and makes a new message of an old one. Only messages that
//! [`super::finish`] made are read: one text and one HTML part.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{Timestamp, tz::TimeZone};
use zeroize::Zeroizing;

use crate::domain::instant::Instant;

/// What a person sees of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// Its subject.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// Reads a message; `None` when it is none of ours.
pub fn parts(bytes: &[u8]) -> Option<Parts> {
    let (head, body) = split(bytes)?;
    let boundary = between(&header(head, "content-type")?, "boundary=\"", "\"")?;
    let mark = format!("--{boundary}");
    let body = std::str::from_utf8(body).ok()?;
    let mut parts = body.split(mark.as_str()).skip(1).take_while(|part| !part.starts_with("--"));
    let text = decoded(parts.next()?)?;
    let html = decoded(parts.next()?)?;
    Some(Parts { subject: words(&header(head, "subject")?), text, html })
}

/// The subject of a message alone; `None` when it is none of ours.
pub fn subject(bytes: &[u8]) -> Option<String> {
    Some(words(&header(split(bytes)?.0, "subject")?))
}

/// The same message as a new one: under another Message-ID, with another date, to the last byte otherwise. `None` when it is
/// none of ours.
pub fn again(bytes: &[u8], message_id: &str, date: Instant) -> Option<Zeroizing<Vec<u8>>> {
    let (head, body) = split(bytes)?;
    let date = Timestamp::from_second(date.as_micros().div_euclid(1_000_000)).ok()?.to_zoned(TimeZone::UTC);
    let date = date.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
    let mut message = Zeroizing::new(Vec::with_capacity(bytes.len() + 64));
    let mut replaced = 0;
    let mut folded_away = false;
    for line in head.split_inclusive('\n') {
        let continues = line.starts_with([' ', '\t']);
        if continues && folded_away {
            continue;
        }
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let new = match name.as_str() {
            "message-id" if !continues => Some(format!("Message-ID: {message_id}\r\n")),
            "date" if !continues => Some(format!("Date: {date}\r\n")),
            _ => None,
        };
        folded_away = new.is_some();
        replaced += usize::from(folded_away);
        message.extend_from_slice(new.as_deref().unwrap_or(line).as_bytes());
    }
    message.extend_from_slice(b"\r\n");
    message.extend_from_slice(body);
    (replaced == 2).then_some(message)
}

/// Headers with their last line's end, and what follows the empty line.
fn split(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some((std::str::from_utf8(&bytes[..end + 2]).ok()?, &bytes[end + 4..]))
}

/// The value of a header, folded lines joined.
fn header(head: &str, name: &str) -> Option<String> {
    let mut value: Option<String> = None;
    for line in head.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some(value) = &mut value {
                value.push(' ');
                value.push_str(line.trim());
            }
            continue;
        }
        if value.is_some() {
            break;
        }
        value = line
            .split_once(':')
            .filter(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned());
    }
    value
}

fn between(text: &str, open: &str, close: &str) -> Option<String> {
    let (_, rest) = text.split_once(open)?;
    rest.split_once(close).map(|(found, _)| found.to_owned())
}

/// One part behind its boundary, as text.
fn decoded(part: &str) -> Option<String> {
    let (head, body) = part.trim_start_matches("\r\n").split_once("\r\n\r\n")?;
    let body = body.strip_suffix("\r\n").unwrap_or(body);
    let bytes = match header(head, "content-transfer-encoding")?.to_ascii_lowercase().as_str() {
        "base64" => STANDARD.decode(body.split_whitespace().collect::<String>()).ok()?,
        "quoted-printable" => quoted(body)?,
        _ => body.as_bytes().to_vec(),
    };
    String::from_utf8(bytes).ok()
}

/// Quoted-printable as RFC 2045 has it.
fn quoted(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('=') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at + 1..];
        if let Some(next) = rest.strip_prefix("\r\n") {
            rest = next;
            continue;
        }
        let digits = rest.get(..2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &rest[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    Some(bytes)
}

/// A header's value with its encoded words read: `=?utf-8?b?...?=`. The space between two of them is not part of it.
fn words(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    let mut after_word = false;
    while let Some(at) = rest.find("=?") {
        let (before, word) = rest.split_at(at);
        let Some((found, next)) = encoded_word(word) else { break };
        if !(after_word && before.trim().is_empty()) {
            out.push_str(before);
        }
        out.push_str(&found);
        rest = next;
        after_word = true;
    }
    out.push_str(rest);
    out
}

fn encoded_word(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix("=?")?;
    let (set, rest) = inner.split_once('?')?;
    let (sort, rest) = rest.split_once('?')?;
    let (code, rest) = rest.split_once("?=")?;
    let bytes = match (set.eq_ignore_ascii_case("utf-8"), sort) {
        (true, "b" | "B") => STANDARD.decode(code).ok()?,
        (true, "q" | "Q") => quoted(&code.replace('_', " "))?,
        _ => return None,
    };
    Some((String::from_utf8(bytes).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{address::MailAddress, text::PersonName},
        notify::{
            compose::compose,
            finish::{Letter, Sender, plain},
            samples::{letterheads, samples},
        },
    };

    const AT: Instant = Instant::from_micros(1_795_257_720_000_000);

    #[test]
    fn every_mail_reads_back_as_it_was_composed_and_again_is_the_same_mail() {
        let sender = Sender::parse("MoxiEngage <connect@moxi.example>", None).expect("a sender");
        let to = MailAddress::parse("ida@lakeshore.example").expect("an address");
        let name = PersonName::from_stored("Ida Bérg".to_owned());
        for notice in samples() {
            let composed = compose(&notice, &letterheads()[0]).expect("composes");
            let letter = |message_id, date| Letter {
                to: &to,
                to_name: Some(&name),
                message_id,
                date,
                thread: None,
                reply_to: None,
            };
            let bytes = sender.finish(&composed, letter("<a.1@moxi.example>", AT)).expect("finishes");
            let read = parts(&bytes).expect("one of ours");
            // What looks like an encoded word is told apart before it is sent.
            assert_eq!(read.subject, plain(&composed.subject));
            assert_eq!(subject(&bytes).as_ref(), Some(&read.subject));
            let lines = |text: &str| text.replace("\r\n", "\n").trim_end().to_owned();
            assert_eq!(lines(&read.text), lines(&composed.text));
            assert_eq!(lines(&read.html), lines(&composed.html));

            let later = AT.plus(jiff::SignedDuration::from_hours(30));
            let anew = again(&bytes, "<b.2@moxi.example>", later).expect("one of ours");
            assert_eq!(parts(&anew), Some(read), "the same to read");
            let text = String::from_utf8(anew.to_vec()).expect("text");
            assert!(text.contains("Message-ID: <b.2@moxi.example>\r\n") && !text.contains("<a.1@"), "{text}");
            assert!(text.contains("Date: Sun, 22 Nov 2026 16:42:00 +0000\r\n"), "{text}");
            let body = |bytes: &[u8]| split(bytes).map(|(_, body)| body.to_vec());
            assert_eq!(body(&anew), body(&bytes), "the same to the last byte");
        }
    }

    #[test]
    fn what_is_none_of_ours_is_not_read() {
        for wrong in [
            &b""[..],
            b"Subject: x\r\n\r\nbody",
            b"Content-Type: multipart/alternative; boundary=\"x\"\r\n\r\n--x\r\n\r\nonly",
            b"\xff\xfe\r\n\r\n",
        ] {
            assert_eq!(parts(wrong), None);
            assert!(again(wrong, "<a@b>", AT).is_none());
        }
        assert_eq!(quoted("a=ZZ"), None);
        assert_eq!(words("a =?utf-8?b?w6k=?= =?utf-8?b?w6k=?= b =?x?y?z?="), "a éé b =?x?y?z?=");
    }
}
