//! Answers that are not the wanted ones, reduced to evidence.

use http::{HeaderMap, header};
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

/// The most characters of a code, an id or a time.
const MARK: usize = 80;

/// How deep error codes are looked for inside each other.
const DEPTH: usize = 8;

/// An answer of the sign-in service.
pub(super) fn sign_in_shown(answer: &Answer, scrub: &Scrub) -> Shown {
    let body = looked_into(&answer.body);
    let text = body["error_description"].as_str().unwrap_or_default();
    let mut shown = shown(answer, text, scrub);
    shown.codes.extend(body["error"].as_str().map(|code| scrub.clean(code, MARK)));
    let listed = body["error_codes"].as_array().into_iter().flatten();
    shown.aad = listed.filter_map(Value::as_u64).filter_map(|n| u32::try_from(n).ok()).take(DEPTH).collect();
    if shown.aad.is_empty() {
        shown.aad.extend(number_in(text));
    }
    if let Some(number) = shown.aad.first() {
        shown.marks.push(("Error code", format!("AADSTS{number}")));
    }
    for (label, field) in
        [("Trace ID", "trace_id"), ("Correlation ID", "correlation_id"), ("Timestamp", "timestamp")]
    {
        shown.marks.extend(body[field].as_str().map(|value| (label, scrub.clean(value, MARK))));
    }
    shown
}

/// The number at the start of a description, where the list of numbers is missing.
fn number_in(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("AADSTS")?;
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// An answer of Graph. Codes are nested: each level may hold a more precise one.
pub(super) fn graph_shown(answer: &Answer, scrub: &Scrub) -> Shown {
    let body = looked_into(&answer.body);
    let outer = &body["error"];
    let levels = std::iter::successors(Some(outer), |level| {
        ["innerError", "innererror"].iter().map(|name| &level[*name]).find(|inner| inner.is_object())
    });
    let levels: Vec<&Value> = levels.take(DEPTH).collect();
    let mut shown = shown(answer, outer["message"].as_str().unwrap_or_default(), scrub);
    let codes = levels.iter().filter_map(|level| level["code"].as_str());
    shown.codes.extend(codes.map(|code| scrub.clean(code, MARK)));
    if let Some(code) = shown.codes.last() {
        shown.marks.push(("Error code", code.clone()));
    }
    let id = levels.iter().find_map(|level| level["request-id"].as_str()).map(|id| scrub.clean(id, MARK));
    match id {
        Some(id) if !shown.marks.iter().any(|(label, _)| *label == "Request ID") => {
            shown.marks.push(("Request ID", id));
        }
        _ => {}
    }
    shown
}

fn shown(answer: &Answer, text: &str, scrub: &Scrub) -> Shown {
    let lower = text.to_lowercase();
    let words = scrub.clean(text, WORDS);
    let mut marks = vec![("HTTP status", answer.status.as_u16().to_string())];
    marks.extend(request_id(&answer.headers, scrub));
    Shown {
        status: answer.status.as_u16(),
        words: (!words.is_empty()).then_some(words),
        phrases: PHRASES.iter().copied().filter(|phrase| lower.contains(phrase)).collect(),
        claims_challenge: demands_claims(&answer.headers),
        retry_after: retry_after(&answer.headers),
        marks,
        ..Shown::default()
    }
}

/// The id under which the server's people find the request.
pub(super) fn request_id(headers: &HeaderMap, scrub: &Scrub) -> Option<(&'static str, String)> {
    let id = ["request-id", "x-ms-request-id"].iter().find_map(|name| headers.get(*name))?;
    Some(("Request ID", scrub.clean(id.to_str().ok()?, MARK)))
}

fn demands_claims(headers: &HeaderMap) -> bool {
    let challenges = headers.get_all(header::WWW_AUTHENTICATE).iter();
    challenges.filter_map(|value| value.to_str().ok()).any(|value| value.to_lowercase().contains("claims="))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::{HeaderValue, StatusCode};
    use proptest::{collection, prelude::*};

    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(n, v)| (n.parse().expect("name"), HeaderValue::from_static(v)));
        Answer {
            status: StatusCode::from_u16(status).expect("a status"),
            headers: headers.collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn absurd_pauses_are_capped_or_passed_over() {
        for (text, wait) in [
            ("2", Some(2)),
            ("1000000000", Some(300)),
            ("99999999999999999999999999", Some(300)),
            ("-1", None),
            ("", None),
            ("soon", None),
            ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ] {
            let shown = graph_shown(&answer(429, &[("retry-after", text)], ""), &Scrub::new(Vec::new()));
            assert_eq!(shown.retry_after, wait.map(Duration::from_secs), "{text}");
        }
    }

    #[test]
    fn codes_are_read_to_the_innermost() {
        let body = r#"{"error":{"code":"ErrorAccessDenied","message":"Access to OData is disabled: [RAOP] x",
            "innerError":{"request-id":"abc","innererror":{"code":"NoPermissionsInAccessToken"}}}}"#;
        let shown = graph_shown(&answer(403, &[], body), &Scrub::new(Vec::new()));
        assert_eq!(shown.codes, ["ErrorAccessDenied", "NoPermissionsInAccessToken"]);
        assert_eq!(shown.phrases, ["[raop]", "access to odata is disabled"]);
        assert!(shown.marks.contains(&("Request ID", "abc".to_owned())));
    }

    #[test]
    fn a_number_is_found_in_the_list_or_in_the_words() {
        let scrub = Scrub::new(Vec::new());
        let listed = r#"{"error":"invalid_client","error_codes":[7000215],"error_description":"AADSTS1: x"}"#;
        assert_eq!(sign_in_shown(&answer(401, &[], listed), &scrub).aad, [7_000_215]);
        let worded = r#"{"error":"invalid_client","error_description":"AADSTS7000222: x"}"#;
        assert_eq!(sign_in_shown(&answer(401, &[], worded), &scrub).aad, [7_000_222]);
        for odd in [
            "",
            "<html>",
            "[]",
            r#"{"error_codes":"x"}"#,
            r#"{"error_codes":[-1,1e400]}"#,
            r#"{"error":{"a":1}}"#,
        ] {
            let shown = sign_in_shown(&answer(400, &[], odd), &scrub);
            assert!(shown.aad.is_empty() && shown.codes.is_empty(), "{odd}");
        }
    }

    #[test]
    fn an_error_that_is_far_too_long_is_not_looked_into() {
        let long = format!(r#"{{"error":{{"code":"ErrorAccessDenied","x":[{}0]}}}}"#, "[0],".repeat(20_000));
        let shown = graph_shown(&answer(403, &[], &long), &Scrub::new(Vec::new()));
        assert_eq!((shown.status, shown.codes), (403, Vec::<String>::new()));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_readers_panic(bytes in collection::vec(any::<u8>(), 0..300)) {
            let answer = Answer { body: bytes, ..answer(400, &[], "") };
            let scrub = Scrub::new(Vec::new());
            let _ = (graph_shown(&answer, &scrub), sign_in_shown(&answer, &scrub));
        }

        #[test]
        fn whatever_is_said_is_kept_short_and_without_the_secret(said in value(), status in 200..600_u16) {
            let scrub = Scrub::new(vec![SECRET.to_owned().into()]);
            let body = said.to_string();
            for shown in [
                graph_shown(&answer(status, &[], &body), &scrub),
                sign_in_shown(&answer(status, &[], &body), &scrub),
            ] {
                let kept = format!("{shown:?}");
                prop_assert!(!kept.contains(&SECRET[..8]) && !kept.contains(&SECRET[12..20]), "{kept}");
                prop_assert!(kept.len() < 12_000 && shown.codes.len() <= DEPTH && shown.aad.len() <= DEPTH, "{kept}");
            }
        }
    }

    const SECRET: &str = "Xq18Q~abcdefghijklmnopqrstuvwxyz0123456._-";

    /// JSON with the members that are looked for, anywhere and of any kind, in which the secret stands here and there.
    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,60}".prop_map(|text| Value::from(format!("{text}{SECRET}{text}"))),
            "[A-Za-z]{0,200}".prop_map(Value::from),
        ];
        let name =
            "(error|code|message|innerError|innererror|error_codes|error_description|trace_id|request-id)";
        leaf.prop_recursive(12, 64, 6, move |inner| {
            prop_oneof![
                collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                collection::btree_map(name, inner, 0..6).prop_map(|members| members.into_iter().collect()),
            ]
        })
    }
}
