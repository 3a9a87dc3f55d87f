//! The token endpoint: what it believes, and what it says to the rest.

use super::caller::{Caller, NOON, TOKEN, scope};
use crate::simulator::visitor::stage;
use serde_json::{Value, json};

/// Status, word and sentence of a refusal.
fn told(heard: &(u16, Value)) -> (u16, &str, &str) {
    let text = |name: &str| heard.1[name].as_str().unwrap_or_default();
    (heard.0, text("error"), text("error_description"))
}

#[tokio::test]
async fn a_statement_is_believed_only_when_everything_in_it_is_right() {
    let stage = stage().await;
    let caller = Caller::of(&stage.simulator, "google-key-healthy").await;
    let other = Caller::of(&stage.simulator, "google-healthy").await;
    let good = caller.claims(&["contacts"], Some(&caller.mailbox), NOON);
    let heard = caller.hands_in(&caller.statement(&good)).await;
    assert_eq!(
        (heard.0, &heard.1["expires_in"], &heard.1["token_type"]),
        (200, &json!(3599), &json!("Bearer"))
    );
    assert!(
        heard.1["access_token"].as_str().is_some_and(|token| token.starts_with("ya29.") && token.len() > 100)
    );

    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        caller.statement(&claims)
    };
    let now = good["iat"].as_i64().expect("a time");
    let bad_signature = "Invalid JWT Signature.";
    let bad_time = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check \
                    your iat and exp values in the JWT claim.";
    let mut claims = good.clone();
    claims["iss"] = other.claims(&["contacts"], None, NOON)["iss"].clone();
    let foreign_key = caller.statement_by(&claims, None);
    let mut changed = caller.statement(&good);
    changed.truncate(changed.len() - 6);
    let unsigned = {
        let statement = caller.statement(&good);
        let (_, rest) = statement.split_once('.').expect("parts");
        format!("eyJhbGciOiJub25lIn0.{rest}")
    };
    let cases = [
        ("a foreign key", foreign_key, (400, "invalid_grant", bad_signature)),
        ("another key id", caller.statement_by(&good, Some("0000")), (400, "invalid_grant", bad_signature)),
        ("half a signature", changed, (400, "invalid_grant", bad_signature)),
        ("no algorithm", unsigned, (400, "invalid_grant", bad_signature)),
        ("no statement", "no.statement".to_owned(), (400, "invalid_grant", "Bad Request")),
        (
            "another audience",
            with("aud", json!("https://elsewhere.example/token")),
            (400, "invalid_grant", "Invalid JWT: Failed audience check."),
        ),
        ("too long", with("exp", json!(now + 3601)), (400, "invalid_grant", bad_time)),
        (
            "over",
            {
                let mut old = good.clone();
                (old["iat"], old["exp"]) = (json!(now - 3600), json!(now));
                caller.statement(&old)
            },
            (400, "invalid_grant", bad_time),
        ),
        (
            "not yet",
            {
                let mut early = good.clone();
                (early["iat"], early["exp"]) = (json!(now + 301), json!(now + 600));
                caller.statement(&early)
            },
            (400, "invalid_grant", bad_time),
        ),
        ("no scope", with("scope", json!("")), (400, "invalid_scope", "Empty or missing scope not allowed.")),
        (
            "a scope that is none",
            with("scope", json!(scope("gmail.sent"))),
            (400, "invalid_scope", "Invalid OAuth scope or ID token audience provided."),
        ),
        (
            "nobody's account",
            with("iss", json!("nobody@nowhere.iam.gserviceaccount.com")),
            (400, "invalid_grant", "Invalid grant: account not found"),
        ),
        (
            "a blank behind the address",
            with("iss", json!(format!("{} ", good["iss"].as_str().expect("an address")))),
            (401, "invalid_client", "The OAuth client was not found."),
        ),
    ];
    for (what, statement, expected) in cases {
        let heard = caller.hands_in(&statement).await;
        assert_eq!(told(&heard), expected, "{what}");
    }
    let form = [("grant_type", "client_credentials")];
    let response = caller.visitor.client.post(TOKEN).form(&form).send().await.expect("an answer");
    assert_eq!(response.status(), 400);
    let body: Value = response.json().await.expect("JSON");
    assert_eq!(body["error"], "unsupported_grant_type");
}

#[tokio::test]
async fn delegation_is_all_or_nothing_and_goes_by_domain() {
    let stage = stage().await;
    let unauthorised = (
        401,
        "unauthorized_client",
        "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the \
         scopes requested.",
    );
    let some = Caller::of(&stage.simulator, "google-scope-missing").await;
    assert_eq!(some.asks(&["contacts"]).await.0, 200);
    assert_eq!(told(&some.asks(&["contacts", "calendar"]).await), unauthorised);
    assert_eq!(
        told(&some.asks(&["contacts.readonly"]).await),
        unauthorised,
        "a wide scope brings no narrower"
    );

    let own = Caller::of(&stage.simulator, "google-key-healthy").await;
    let as_somebody = async |caller: &Caller, who: &str| {
        caller.hands_in(&caller.statement(&caller.claims(&["contacts"], Some(who), NOON))).await
    };
    assert_eq!(told(&as_somebody(&own, &some.mailbox).await), unauthorised, "another office");
    assert_eq!(as_somebody(&some, &own.mailbox).await.0, 200, "ours, where it was entered");
    let unknown = (400, "invalid_grant", "Invalid email or User ID");
    for who in ["pat@gmail.example", "agent@lakeshore.example", "nobody@beaconhill.example"] {
        assert_eq!(told(&as_somebody(&some, who).await), unknown, "{who}");
    }
    let odd = as_somebody(&some, "not an address").await;
    assert_eq!(told(&odd), (400, "invalid_request", "Invalid impersonation \"sub\" field: not an address"));
}
