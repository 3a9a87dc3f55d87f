//! Bodies of requests: JSON objects, and a mail in its raw form.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::simulator::web::Call;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

/// The body of a POST as a JSON object; none at all is an empty one. `words` are what this API says of other bodies.
pub(crate) fn body(call: &Call, words: &str) -> Result<Map<String, Value>, Refusal> {
    if call.body.is_empty() {
        return Ok(Map::new());
    }
    let json = call.header("content-type").is_none_or(|kind| kind.to_ascii_lowercase().contains("json"));
    match serde_json::from_slice(&call.body) {
        Ok(Value::Object(members)) if json => Ok(members),
        _ => Err(Refusal::bad("parseError", words)),
    }
}

/// A mail's recipients and subject.
pub(crate) struct Letter {
    pub(crate) to: Vec<String>,
    pub(crate) subject: String,
}

impl Letter {
    /// Reads the raw form; none when it is not base64.
    pub(crate) fn read(raw: &str) -> Option<Letter> {
        let bytes = URL.decode(raw).or_else(|_| PLAIN.decode(raw)).ok()?;
        let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
        let head = text.split_once("\n\n").map_or(text.as_str(), |(head, _)| head);
        let head = head.replace("\n ", " ").replace("\n\t", " ");
        let mut letter = Letter { to: Vec::new(), subject: String::new() };
        for line in head.lines() {
            let Some((name, value)) = line.split_once(':') else { continue };
            match name.trim().to_ascii_lowercase().as_str() {
                "to" | "cc" | "bcc" => letter.to.extend(value.split(',').filter_map(address)),
                "subject" => letter.subject = value.trim().to_owned(),
                _ => {}
            }
        }
        Some(letter)
    }
}

fn address(part: &str) -> Option<String> {
    let inside = part.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(inside, _)| inside);
    let text = inside.unwrap_or(part).trim();
    text.contains('@').then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_are_found_wherever_they_stand() {
        let raw = PLAIN.encode("To: \"A, B\" <a@x.example>,\r\n b@x.example\r\nBcc: c@x.example\r\nSubject: s\r\n\r\nTo: d@x.example");
        let letter = Letter::read(&raw);
        let to = letter.map(|letter| letter.to).unwrap_or_default();
        assert_eq!(to, ["a@x.example", "b@x.example", "c@x.example"]);
        let probe = Letter::read(&URL.encode("Subject: MoxiEngage connection test\r\n\r\n"));
        assert!(
            probe
                .is_some_and(|letter| letter.to.is_empty() && letter.subject == "MoxiEngage connection test")
        );
        assert!(Letter::read("***").is_none());
    }
}
