//! Answers that are not the wanted ones, reduced to evidence.

use http::HeaderMap;

use crate::{
    net::Answer,
    verification::{
        evidence::{Shown, Trait},
        rules::PHRASES,
        scrub::{Scrub, WORDS},
        waits::retry_after,
    },
};

use super::{reply::Body, who::traits};

/// The most characters of a code, an id or a name.
const MARK: usize = 80;

/// The most codes kept of one answer.
const CODES: usize = 8;

/// Headers that people look for when they search a server's log, and how pages call them.
const MARKS: &[(&str, &str)] = &[
    ("request-id", "Request ID"),
    ("x-feserver", "Answered by"),
    ("x-caserrorcode", "Front end says"),
    ("x-ews-policy-reason", "Policy"),
    ("x-autodiscovery-error", "Sign-in says"),
    ("x-ms-diagnostics", "Diagnostics"),
    ("location", "Leads to"),
];

/// An answer as evidence: who wrote it, which codes and words it holds.
pub fn shown(answer: &Answer, body: &Body, scrub: &Scrub) -> Shown {
    let mut traits = traits(answer);
    let (mut codes, mut words, mut back_off) = (Vec::new(), String::new(), None);
    match body {
        Body::Ews(reply) => {
            traits.push(Trait::Soap);
            for error in reply.errors().take(CODES) {
                codes.push(scrub.clean(&error.code, MARK));
                back_off = back_off.max(error.back_off);
                if words.is_empty() {
                    words.clone_from(&error.text);
                }
            }
        }
        Body::Odd => traits.push(Trait::Soap),
        Body::Xml if !traits.contains(&Trait::Html) => traits.push(Trait::Xml),
        Body::Beyond if !traits.contains(&Trait::Html) => traits.push(Trait::Beyond),
        Body::Xml | Body::Beyond | Body::Other => {}
    }
    let lower = words.to_lowercase();
    let words = scrub.clean(&words, WORDS);
    let mut marks = marks(&answer.headers, scrub);
    marks.insert(0, ("HTTP status", answer.status.as_u16().to_string()));
    if let Some(code) = codes.first() {
        marks.push(("Error code", code.clone()));
    }
    Shown {
        status: answer.status.as_u16(),
        codes,
        aad: diagnostics(&answer.headers).into_iter().collect(),
        words: (!words.is_empty()).then_some(words),
        phrases: PHRASES.iter().copied().filter(|phrase| lower.contains(phrase)).collect(),
        retry_after: back_off.or_else(|| retry_after(&answer.headers)),
        traits,
        marks,
        ..Shown::default()
    }
}

/// The marks of an answer.
pub fn marks(headers: &HeaderMap, scrub: &Scrub) -> Vec<(&'static str, String)> {
    let found = MARKS.iter().filter_map(|(name, label)| {
        let text = String::from_utf8_lossy(headers.get(*name)?.as_bytes()).into_owned();
        // Of an address only what leads there: what follows the question mark may be anything.
        let text = text.split(['?', '#']).next().unwrap_or_default();
        Some((*label, scrub.clean(text, MARK)))
    });
    found.filter(|(_, value)| !value.is_empty()).collect()
}

/// The number at the head of `x-ms-diagnostics`.
fn diagnostics(headers: &HeaderMap) -> Option<u32> {
    let text = headers.get("x-ms-diagnostics")?.to_str().ok()?;
    text.split(';').next()?.trim().parse().ok()
}
