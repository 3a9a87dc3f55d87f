//! Portal, staff site and two workers as four processes on one PostgreSQL: a reviewer follows at one of them what a
//! brokerage does at another, and nothing that was typed or handed over lies where it must not.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    databases::{Database, Kind},
    world::{Cast, NeedleKind, Plan, World, client::client, comes_in, rows},
};

const APART: [Cast; 4] = [Cast::Portal, Cast::Staff, Cast::Worker, Cast::Worker];

/// What the company's tokens begin with, learnt by signing in there as the site does.
async fn head_of_a_token(world: &World<'_>) -> String {
    let openid = world.simulator.addresses().openid.clone().expect("the company's sign-in");
    let verifier = "a-verifier-of-a-test-that-is-long-enough-0123456789";
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    let back = format!("{}/sign-in/return", world.staff_site);
    let asked = [
        ("client_id", openid.client_id.as_str()),
        ("redirect_uri", &back),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "of-a-test"),
        ("nonce", "of-a-test"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("account", "dana"),
    ];
    let authorize = format!("{}/authorize/as", openid.issuer);
    let answer = client().get(authorize).query(&asked).send().await.expect("an answer");
    let to = url::Url::parse(answer.headers()["location"].to_str().expect("plain")).expect("an address");
    let code = to.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
    let grant = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &back),
        ("code_verifier", verifier),
    ];
    let request = client().post(format!("{}/token", openid.issuer)).form(&grant);
    // In the head of a request a secret stands as in a form.
    let secret: String = url::form_urlencoded::byte_serialize(openid.client_secret.as_bytes()).collect();
    let request = request.basic_auth(&openid.client_id, Some(secret));
    let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    let token = answer["id_token"].as_str().unwrap_or_else(|| panic!("no token in {answer}"));
    token.split_once('.').expect("three parts").0.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewer_at_one_process_follows_what_happens_at_the_others() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let mut world = World::start_with(&database, Plan::default(), &APART).await;
    let secret = world.simulator.openid().client_secret().to_owned();
    world.seen.typed(NeedleKind::Secret, "the staff site's secret at the company", &secret);
    let head = head_of_a_token(&world).await;
    world.seen.typed(NeedleKind::Secret, "an id token", &head);
    world.seen.typed(NeedleKind::Setting, "a colleague's address", "dana@moxiworks.example");
    let admin = world.admin("exchange-ntlm-only");
    let company = admin.sample.brokerage.company.clone();

    let status = admin.submits_the_first_attempt().await;
    let (dana, queue) = comes_in(&world.staff_site, "Dana Reyes", &world.seen).await;
    let page = dana.opens(&queue.link(&format!("{company}: Main office"))).await;
    let failed = admin.sees_the_end(&status).await;
    assert_eq!(admin.verdict(&failed), "failed", "{}", failed.text());
    admin.mail("Not connected").await;
    dana.opens("/?view=failed").await.must_say(&format!("{company}: Main office"));
    let page = dana.opens(&page.url).await;
    let cause = admin.sample.expected_cause.as_deref().and_then(moxi_onboard::domain::causes::find);
    page.must_say(cause.expect("a known cause").title);
    page.must_say("Attempt 1");

    // One of the two workers goes without a word.
    world.processes.remove(3).kill();
    assert!(world.simulator.heal("exchange-ntlm-only"));
    let form = page.form_with("words").with("reason", "mended").with("words", "They called: it is mended");
    dana.sends(&form).await.must_say("They called: it is mended");
    let status = admin.sees_the_end(&admin.browser.opens(&status.url).await).await;
    assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
    status.must_say("because you told them that it is mended");
    assert!(!status.says("They called") && !status.says("Dana"), "what our people write stays with us");
    admin.mail("Verified").await;
    let page = dana.opens(&page.url).await;
    page.must_say("Verdict: passed");
    page.must_say("They called: it is mended");
    assert_eq!(rows::count(&database, "SELECT COUNT(*) FROM attempts").await, 1);
    assert_eq!(rows::count(&database, "SELECT COUNT(*) FROM checks").await, 2);
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_processes_at_the_front_hold_no_private_keys() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let world = World::start_with(&database, Plan::default(), &APART).await;
    let settings = |name: &str| {
        std::fs::read_to_string(world.folder.path().join(format!("{name}.toml"))).expect("a settings file")
    };
    let secret = world.simulator.openid().client_secret().to_owned();
    for (name, opens, signs_in) in [
        ("portal-1", false, false),
        ("staff-2", false, true),
        ("worker-3", true, false),
        ("worker-4", true, false),
    ] {
        let text = settings(name);
        assert_eq!(text.contains("/private.keys"), opens, "{name}");
        assert_eq!(text.contains(&secret), signs_in, "{name}");
    }
}
