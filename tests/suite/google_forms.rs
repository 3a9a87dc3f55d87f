//! The forms of Google Workspace: what is asked, what is sealed, what is refused, and what a second office does with the
//! first one's key.

use moxi_onboard::{
    actions::{
        create_connection::{TypedConnection, create_connection},
        draft::{Bench, SecretStanding},
        save_answers::{Goal, save_answers},
        submit::submit,
    },
    app::App,
    domain::{
        answers::Answers,
        ids::ConnectionId,
        kind::{AccessKind, SecretSource},
        review::NeedRule,
        scope::Scope,
        staff::StaffRole,
    },
};

use crate::{
    databases::on_both,
    flow_pages::Browser,
    office::{KEY_FILE, SESSION, fresh_key, key_file, office, portal, portal_with, save, typed},
    rows,
    staff_site::StaffSite,
    world::free_port,
};

const NUMBER: &str = "104857600000000000001";

async fn connect(app: &App, scope: &Scope, kind: AccessKind) -> ConnectionId {
    let typed = TypedConnection {
        name: kind.title().to_owned(),
        external_id: String::new(),
        kind: kind.id().to_owned(),
    };
    create_connection(app, scope, &typed, &fresh_key()).await.expect("a connection")
}

async fn bench(app: &App, scope: &Scope, id: &ConnectionId) -> Bench {
    let mut read = app.store.read().await.expect("a transaction");
    Bench::read(app, &mut read, scope, SESSION, id).await.expect("a bench")
}

fn good(kind: AccessKind, domain: &str) -> Answers {
    Answers::proposed(kind, 1).with("test_mailbox", format!("pat@{domain}"))
}

/// Fills in and submits, as somebody does who makes no mistake.
async fn submits(app: &App, scope: &Scope, kind: AccessKind, domain: &str, key: &str) -> ConnectionId {
    let id = connect(app, scope, kind).await;
    let saved = save(app, scope, &id, typed(good(kind, domain), key), Goal::Review).await.expect("saved");
    assert!(saved.errors.is_empty(), "{:?}", saved.errors);
    let seen = bench(app, scope, &id).await.draft.expect("a draft").version;
    submit(app, scope, SESSION, &id, seen, &fresh_key()).await.expect("submitted");
    id
}

on_both! {
    async fn a_delegation_asks_for_a_mailbox_and_nothing_secret(database) {
        let app = portal_with(database, &format!("[about]\ngoogle_client_id = \"{NUMBER}\"\n"), true).await;
        let scope = office(&app, "lakeshore.example").await;
        let kind = AccessKind::GoogleDelegated;
        assert_eq!(kind.secret_source(), SecretSource::Nobody);
        let mut ida = Browser::of(&app, &scope).await;
        let connection = ida.connects("Main office", kind.id()).await;
        let form = ida.look(&format!("{connection}/answers")).await;
        for part in [format!("clientIdToAdd={NUMBER}").as_str(), "gmail.send", "id=\"google-client-id\"", "super administrator"] {
            assert!(form.body.contains(part), "{part}: {}", form.body);
        }
        assert!(!form.body.contains("type=\"password\"") && !form.body.contains("type=\"file\""), "{}", form.body);
        let seen = ida.seen.clone();
        let wrong = ida.send(&format!("{connection}/answers"), &[("goal", "review"), ("seen", &seen), ("test_mailbox", "pat@gmail.com")]).await;
        let wrong = ida.shown_again(&connection, wrong).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.body.contains("private mailboxes") && wrong.body.contains("pat@gmail.com"), "{}", wrong.body);
        assert!(wrong.body.contains("data-cause=\"form_consumer_account\""), "{}", wrong.body);
        ida.look(&format!("{connection}/answers")).await;
        let seen = ida.seen.clone();
        let sent = ida.send(&format!("{connection}/answers"), &[("goal", "review"), ("seen", &seen), ("test_mailbox", "pat@lakeshore.example")]).await;
        assert_eq!((sent.status, sent.location.as_str()), (303, format!("{connection}/review").as_str()), "{}", sent.body);
        let review = ida.look(&sent.location).await;
        assert!(review.body.contains("Google Workspace") && !review.body.contains("Key file"), "{}", review.body);
        assert_eq!(ida.submit(&connection).await.location, connection);
        assert_eq!(rows::texts(database, "SELECT kind FROM attempts WHERE secret_id IS NULL").await, ["google_delegated"]);
        assert_eq!(rows::count(database, "secrets").await, 0);
        assert!(!rows::holds(database, b"pat@lakeshore.example").await, "the mailbox is nowhere in clear");
    }

    async fn a_key_is_sealed_with_what_is_said_of_it_and_what_is_none_is_named(database) {
        let app = portal(database).await;
        let scope = office(&app, "lakeshore.example").await;
        let kind = AccessKind::GoogleKey;
        let id = connect(&app, &scope, kind).await;
        let answers = || good(kind, "lakeshore.example");
        for (given, said) in [
            ("", "Enter the key file"),
            ("AIzaSyA1234567890abcdefghijklmnopqrstuv", "API key"),
            ("{\"installed\": {}}", "OAuth client"),
            ("{\"type\": \"authorized_user\"}", "signs a person in"),
            (&KEY_FILE[..500], "cut off or changed"),
            (&KEY_FILE.replace("oauth2.googleapis.com", "oauth2.evil.example"), "leads away from Google"),
            (&"x".repeat(70_000), "far more"),
        ] {
            let saved = save(&app, &scope, &id, typed(answers(), given), Goal::Review).await.expect("saved");
            let told = saved.errors.iter().find(|error| error.field == "service_account_key");
            assert!(told.is_some_and(|error| error.sentence.contains(said)), "{said}: {:?}", saved.errors);
        }
        assert_eq!(rows::count(database, "secrets").await, 0, "nothing of them was kept");

        let saved = save(&app, &scope, &id, typed(answers(), &KEY_FILE), Goal::Review).await.expect("saved");
        assert!(saved.errors.is_empty(), "{:?}", saved.errors);
        let held = bench(&app, &scope, &id).await;
        assert!(matches!(held.secret, SecretStanding::Here { .. }));
        assert_eq!(held.answers.sealed_account().map(|account| account.client_id), Some(NUMBER.to_owned()));
        // Leaving the field empty keeps the key and whose it is; nobody can claim another account by typing it.
        let sly = answers().with("sealed_key_client_id", "666666666666666666666").with("sealed_key_email", "evil@evil.iam.gserviceaccount.com");
        save(&app, &scope, &id, typed(sly, ""), Goal::Review).await.expect("saved");
        let held = bench(&app, &scope, &id).await;
        assert_eq!(held.answers.sealed_account().map(|account| account.client_id), Some(NUMBER.to_owned()));

        let mut ida = Browser::of(&app, &scope).await;
        let form = ida.look(&format!("/connections/{id}/answers")).await;
        assert!(form.body.contains(&format!("action=\"/connections/{id}/key-file\" enctype=\"multipart/form-data\"")), "{}", form.body);
        assert!(form.body.contains(&format!("clientIdToAdd={NUMBER}")), "the number is known from the file: {}", form.body);
        for needle in [&KEY_FILE[300..400], "moxiengage@lakeshore-mail", NUMBER, "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567"] {
            assert!(!rows::holds(database, needle.as_bytes()).await, "{needle} is nowhere in clear");
        }
        assert!(!form.body.contains("PRIVATE KEY"), "nothing of the key is shown");
        let late = typed(good(kind, "harborpine.example"), &KEY_FILE);
        let late = save_answers(&app, &scope, SESSION, &id, late, Goal::Review).await.expect("answered");
        assert!(late.stale && late.lost_secret);
        assert_eq!(late.errors[0].field, "service_account_key");
        assert!(late.errors[0].sentence.starts_with("The key file that you entered here was not kept"), "{:?}", late.errors);
    }

    async fn the_same_key_from_two_offices_is_told_to_our_own_people_alone(database) {
        let app = portal(database).await;
        let kind = AccessKind::GoogleKey;
        let shared = "needs WHERE rule = 'shared_key'";
        let lakeshore = office(&app, "lakeshore.example").await;
        submits(&app, &lakeshore, kind, "lakeshore.example", &KEY_FILE).await;
        assert_eq!(rows::count(database, shared).await, 0);
        let pine = office(&app, "pine.example").await;
        submits(&app, &pine, kind, "pine.example", &KEY_FILE).await;
        assert_eq!(rows::count(database, shared).await, 1, "whoever came second is looked at");
        assert_eq!(NeedRule::parse("shared_key").and_then(NeedRule::cause), Some("form_duplicate_credential"));
        let harbor = office(&app, "harbor.example").await;
        submits(&app, &harbor, kind, "harbor.example", &key_file("own", "ffeeddccbbaa99887766554433221100ffeeddcc")).await;
        assert_eq!(rows::count(database, shared).await, 1);
    }

    async fn our_own_people_see_who_has_the_same_key_and_let_it_stand_until_a_third_comes(database) {
        let text = format!("[staff]\nlisten = \"{}\"\n", free_port());
        let app = portal_with(database, &text, true).await;
        let site = StaffSite::of(app.clone()).await;
        let kind = AccessKind::GoogleKey;
        let shared = "needs WHERE rule = 'shared_key'";
        let lakeshore = office(&app, "lakeshore.example").await;
        submits(&app, &lakeshore, kind, "lakeshore.example", &KEY_FILE).await;
        let pine = office(&app, "pine.example").await;
        let id = submits(&app, &pine, kind, "pine.example", &KEY_FILE).await;
        let page = format!("/connections/{id}");
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let kim = site.colleague("Kim Oduya", &[StaffRole::Support]).await;
        let shown = dana.opens(&page).await;
        shown.must_say("Lakeshore Realty handed it in as well.");
        let form = shown.form_with("shared_why");
        kim.opens(&page).await.must_say("Lakeshore Realty handed it in as well.");
        let token = kim.opens(&page).await.form_that_says("Sign out").value("csrf").expect("a token").to_owned();
        let why = "Two brands of <b>one</b> company, said their owner.";
        let no = kim.posts(&form.clone().with("csrf", &token).with("shared_why", why)).await;
        assert_eq!(no.status, 403, "{}", no.text());
        let empty = dana.posts(&form).await;
        assert_eq!(empty.status, 422);
        empty.must_say("Enter why they may have the same key");
        assert_eq!(rows::count(database, shared).await, 1);

        let done = dana.sends(&form.clone().with("shared_why", why)).await;
        done.must_say("It may stand.");
        done.must_say(why);
        dana.sends(&form.clone().with("shared_why", why)).await.must_say(why);
        assert_eq!(rows::count(database, shared).await, 0);
        assert_eq!(rows::count(database, "audit WHERE verb = 'shared_key.allow'").await, 1, "once, though it was sent twice");
        assert!(!rows::holds(database, b"said their owner").await, "the reason is nowhere in clear");

        let harbor = office(&app, "harbor.example").await;
        submits(&app, &harbor, kind, "harbor.example", &KEY_FILE).await;
        // What belongs to pine is settled with the next thing that happens to it.
        dana.sends(&dana.opens(&page).await.form_with("text").with("text", "Seen.").with("kind", "question")).await;
        dana.opens(&page).await.form_with("shared_why");
    }
}
