//! Answers that are not the wanted ones, reduced to evidence.

use serde_json::Value;

use crate::{
    net::provider::Answer,
    verification::{
        evidence::Shown,
        json::looked_into,
        rules::PHRASES,
        scrub::{Scrub, WORDS},
        waits::retry_after,
    },
};

/// The most characters of a code.
const MARK: usize = 80;

/// The most entries read of a list of reasons.
const MOST: usize = 8;

/// An answer of the place where service accounts sign in.
pub(super) fn token_shown(answer: &Answer, scrub: &Scrub) -> Shown {
    let body = looked_into(&answer.body);
    let text = body["error_description"].as_str().unwrap_or_default();
    let mut shown = shown(answer, text, scrub);
    shown.codes.extend(body["error"].as_str().map(|code| scrub.clean(code, MARK)));
    // Some descriptions stand where the code should.
    marked(shown)
}

/// An answer of Google's interfaces. The reason is told in up to three places, the most precise first.
pub(super) fn api_shown(answer: &Answer, scrub: &Scrub) -> Shown {
    let body = looked_into(&answer.body);
    let error = &body["error"];
    let mut shown = shown(answer, error["message"].as_str().unwrap_or_default(), scrub);
    let reasons = |list: &Value| -> Vec<String> {
        let entries = list.as_array().into_iter().flatten().take(MOST);
        entries.filter_map(|entry| Some(scrub.clean(entry["reason"].as_str()?, MARK))).collect()
    };
    shown.codes.extend(reasons(&error["errors"]));
    shown.codes.extend(reasons(&error["details"]));
    shown.codes.extend(error["status"].as_str().map(|status| scrub.clean(status, MARK)));
    let details = error["details"].as_array().into_iter().flatten().take(MOST);
    let service = details.filter_map(|entry| entry["metadata"]["service"].as_str()).next();
    if let Some(service) = service {
        shown.marks.push(("Interface", scrub.clean(service, MARK)));
    }
    marked(shown)
}

/// With the most precise code for people.
fn marked(mut shown: Shown) -> Shown {
    if let Some(code) = shown.codes.first() {
        shown.marks.push(("Error code", code.clone()));
    }
    shown
}

fn shown(answer: &Answer, text: &str, scrub: &Scrub) -> Shown {
    let lower = text.to_lowercase();
    let words = scrub.clean(text, WORDS);
    Shown {
        status: answer.status.as_u16(),
        words: (!words.is_empty()).then_some(words),
        phrases: PHRASES.iter().copied().filter(|phrase| lower.contains(phrase)).collect(),
        retry_after: retry_after(&answer.headers),
        marks: vec![("HTTP status", answer.status.as_u16().to_string())],
        ..Shown::default()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};
    use proptest::prelude::*;

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let status = StatusCode::from_u16(status).expect("a status");
        Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    fn scrub() -> Scrub {
        Scrub::new(Vec::new())
    }

    #[test]
    fn reasons_are_read_from_each_of_their_places() {
        let body = r#"{"error":{"code":403,"message":"Delegation denied for pat@x.example","status":"PERMISSION_DENIED",
            "errors":[{"domain":"global","reason":"forbidden"}],
            "details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"SERVICE_DISABLED",
                "metadata":{"service":"people.googleapis.com","consumer":"projects/123"}}]}}"#;
        let shown = api_shown(&answer(403, body), &scrub());
        assert_eq!(shown.codes, ["forbidden", "SERVICE_DISABLED", "PERMISSION_DENIED"]);
        assert_eq!(shown.phrases, ["delegation denied"]);
        assert!(shown.marks.contains(&("Interface", "people.googleapis.com".to_owned())));
    }

    #[test]
    fn a_refused_sign_in_has_its_code_and_its_words() {
        let body = r#"{"error":"invalid_grant","error_description":"Invalid email or User ID"}"#;
        let shown = token_shown(&answer(400, body), &scrub());
        assert_eq!(
            (shown.codes.as_slice(), shown.phrases.as_slice()),
            (&["invalid_grant".to_owned()][..], &["invalid email or user id"][..])
        );
    }

    proptest! {
        #[test]
        fn no_answer_stops_the_reading(bytes in proptest::collection::vec(any::<u8>(), 0..300), status in 200u16..600) {
            let status = StatusCode::from_u16(status).expect("a status");
            let answer = Answer { status, headers: HeaderMap::new(), body: bytes };
            prop_assert_eq!(api_shown(&answer, &scrub()).status, status.as_u16());
            prop_assert_eq!(token_shown(&answer, &scrub()).status, status.as_u16());
        }

        #[test]
        fn odd_members_are_passed_over(text in "[\\[\\]{}:,\"a-z0-9 ]{0,60}") {
            for place in ["error", "errors", "details", "status", "message", "reason"] {
                let body = format!(r#"{{"error":{{"{place}":{text}}},"{place}":{text}}}"#);
                api_shown(&answer(400, &body), &scrub());
                token_shown(&answer(400, &body), &scrub());
            }
        }
    }
}
