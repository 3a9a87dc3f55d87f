//! Is the mailbox in Microsoft 365? Its autodiscover says so to everybody, without a credential.

use http::{Method, Request, StatusCode};
use serde::Deserialize;

use crate::{
    net::provider::ProviderClient,
    verification::{cut::Cut, segment::segment},
};

use super::place::{ews_host, is_cloud};

/// Where Microsoft 365 is asked about a mailbox of which nothing else is known: the worldwide cloud.
pub(in crate::verification) const HOST: &str = "outlook.office365.com";

/// What an answer in JSON says.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Said {
    url: Option<String>,
}

/// Asks where the EWS of an address is; `None` when the answer says nothing. Gives the address of EWS as written.
pub(in crate::verification) async fn ask(
    client: &ProviderClient,
    address: &str,
    cut: &Cut,
) -> Option<String> {
    ask_at(client, HOST, address, cut).await
}

async fn ask_at(client: &ProviderClient, host: &str, address: &str, cut: &Cut) -> Option<String> {
    let call = Request::builder().method(Method::GET).uri(format!("https://{host}{}", path(address)?));
    let answer = cut.before(client.send(call.body(Vec::new()).ok()?)).await?.ok()?;
    url_in(answer.status, &answer.body)
}

/// Whether the mailbox is in the cloud whose EWS is at this host; `None` when nothing says so or otherwise.
pub(in crate::verification) async fn hosts(
    client: &ProviderClient,
    host: &str,
    address: &str,
    cut: &Cut,
) -> Option<bool> {
    ask_at(client, host, address, cut).await.as_deref().and_then(ews_host).map(|host| is_cloud(&host))
}

/// Path and query of the question for an address.
pub(super) fn path(address: &str) -> Option<String> {
    Some(format!("/autodiscover/autodiscover.json?Email={}&Protocol=Ews", segment(address)?))
}

/// The address of EWS in an answer, as written.
pub(super) fn url_in(status: StatusCode, body: &[u8]) -> Option<String> {
    let said: Said = serde_json::from_slice(body).ok().filter(|_| status == StatusCode::OK)?;
    said.url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_nothing_else() {
        let said = |body: &str| url_in(StatusCode::OK, body.as_bytes());
        assert_eq!(said(r#"{"Protocol":"Ews","Url":"https://x/"}"#).as_deref(), Some("https://x/"));
        assert_eq!(url_in(StatusCode::CREATED, br#"{"Url":"https://x/"}"#), None);
        let deep = format!("{{\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        let twice = r#"{"Url":"https://x/","Url":"https://y/"}"#;
        for wrong in ["", "[]", "<html/>", "{}", r#"{"Url":5}"#, r#"{"url":"https://x/"}"#, &deep, twice] {
            assert_eq!(said(wrong), None, "{}", wrong.len());
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = url_in(StatusCode::OK, &bytes);
        }

        #[test]
        fn an_address_comes_back_as_it_was(url in "\\PC{0,80}", other in "\\PC{0,20}") {
            let body = serde_json::json!({ "Protocol": other, "Url": url, "Other": [other] }).to_string();
            proptest::prop_assert_eq!(url_in(StatusCode::OK, body.as_bytes()), Some(url));
        }

        #[test]
        fn a_question_stands_in_a_path(address in "\\PC{1,60}") {
            if let Some(path) = path(&address) {
                let uri: Result<http::uri::PathAndQuery, _> = path.parse();
                proptest::prop_assert!(uri.is_ok_and(|uri| uri.path() == "/autodiscover/autodiscover.json"), "{path}");
                proptest::prop_assert!(!path.contains('#') && path.matches('?').count() == 1, "{path}");
            }
        }
    }
}
