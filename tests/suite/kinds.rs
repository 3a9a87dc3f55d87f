//! The forms of an Exchange server and of EWS in Microsoft 365, from the chooser to a submission and on to the second
//! attempt; and what all forms of answers do alike.

use std::time::Duration;

use jiff::ToSpan as _;
use moxi_onboard::{
    actions::{
        create_connection::{TypedConnection, create_connection},
        draft::{ANSWERS_BOX, Bench},
        run_check::sealed_as,
        save_answers::Goal,
        start_attempt::start_attempt,
    },
    app::App,
    domain::{
        answers::{Answers, fields, secret_field},
        ids::{ConnectionId, DraftId},
        kind::{AccessKind, Availability},
        refused::Refused,
        scope::Scope,
    },
    store::Quiet,
    vault::context::Context,
};

use crate::{
    databases::on_both,
    flow_pages::{Browser, stage},
    office::{
        CLIENT, KEY_FILE, PASSWORD, SECRET, SESSION, TENANT, fresh_key, office, office_of, portal,
        portal_with, save, typed,
    },
    rows,
    submit::{fail, press, ready},
};

const DOMAIN: &str = "lakeshore.example";
const URL: &str = "https://mail.lakeshore.example/EWS/Exchange.asmx";

/// Answers that are right for an office of the domain, of each kind.
fn good(kind: AccessKind) -> Answers {
    Answers::proposed(kind, 1)
        .with("tenant", TENANT)
        .with("client_id", CLIENT)
        .with("ends_month", "11")
        .with("ends_day", "21")
        .with("ends_year", "2028")
        .with("service_account", "moxi.svc@lakeshore.example")
        .with("ews_url", URL)
        .with("certificate_sha256", "AB:".repeat(31) + "AB")
        .with("test_mailbox", "pat@lakeshore.example")
}

/// A portal on which the kind for the invited is everybody's.
const OPEN: &str = "[kinds]\nmicrosoft365_password = \"offered\"\n";

fn secret(kind: AccessKind) -> &'static str {
    match kind {
        AccessKind::ExchangeBasic | AccessKind::Microsoft365Password => PASSWORD,
        AccessKind::GoogleKey => &KEY_FILE,
        _ => SECRET,
    }
}

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

/// Fills in the form that was looked at last: good answers but for these.
async fn sends(
    browser: &mut Browser,
    connection: &str,
    kind: AccessKind,
    but: &[(&str, &str)],
) -> crate::flow_pages::Answer {
    let ends = moxi_onboard::clock::Clock::system().today().checked_add(1.year()).expect("a day");
    let answers = good(kind)
        .with("ends_month", ends.month().to_string())
        .with("ends_day", ends.day().to_string())
        .with("ends_year", ends.year().to_string());
    let seen = browser.seen.clone();
    let mut sent: Vec<(&str, &str)> = vec![("goal", "review"), ("seen", &seen)];
    sent.extend(secret_field(kind).map(|field| (field, secret(kind))));
    let typed = fields(kind).iter().filter(|field| Some(**field) != secret_field(kind));
    sent.extend(typed.map(|field| (*field, answers.text(field))));
    for (field, text) in but {
        sent.retain(|(name, _)| name != field);
        sent.push((field, text));
    }
    let sent = browser.send(&format!("{connection}/answers"), &sent).await;
    browser.shown_again(connection, sent).await
}

/// Slips of fields that not every kind has: each is typed below, and must have its cause.
pub const SLIPS: &[&str] = &[
    "form_consumer_account",
    "form_domain_mismatch",
    "form_ews_url",
    "form_private_key_uploaded",
    "form_same_mailbox",
    "form_secret_in_notes",
    "form_wrong_path_exo",
];

on_both! {
    async fn a_server_of_the_offices_own_goes_from_chooser_to_submission(database) {
        let (_, _, mut ida) = stage(database).await;
        let chooser = ida.look("/connections/new").await;
        for kind in AccessKind::ALL {
            let shown = chooser.body.contains(&format!("id=\"kind-{}\"", kind.id()));
            assert_eq!(shown, kind.usual_availability() == Availability::Offered, "{}", chooser.body);
        }
        assert!(!chooser.body.contains(" checked"), "nothing is chosen for them");
        let kind = AccessKind::ExchangeBasic;
        let connection = ida.connects("Main office", kind.id()).await;
        assert!(ida.look("/overview").await.body.contains("Enter your service account&#39;s details"));
        let form = ida.look(&format!("{connection}/answers")).await;
        for part in ["MoxiEngage Service", "Impersonation", "Exchange admin center", "EWS URL (optional)"] {
            assert!(form.body.contains(part), "{part}: {}", form.body);
        }

        let refused = sends(&mut ida, &connection, kind, &[("ews_url", "mail.lakeshore.example/owa"), ("test_mailbox", "moxi.svc@lakeshore.example")]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains(&format!("probably {URL}")) && refused.body.contains("value=\"mail.lakeshore.example/owa\""), "{}", refused.body);
        assert!(refused.body.contains("ordinary agent&#39;s mailbox") && refused.body.contains("href=\"#ews_url\""));
        assert!(refused.body.contains(", 22 characters</span>"), "the password is there already: {}", refused.body);

        let elsewhere = sends(&mut ida, &connection, kind, &[("password", ""), ("ews_url", "https://mail.pine.example/EWS/Exchange.asmx")]).await;
        assert_eq!(elsewhere.status, 422);
        assert!(elsewhere.body.contains("until we have accepted your brokerage"), "{}", elsewhere.body);

        let sent = sends(&mut ida, &connection, kind, &[("password", "")]).await;
        assert_eq!((sent.status, sent.location.as_str()), (303, format!("{connection}/review").as_str()), "{}", sent.body);
        let review = ida.look(&sent.location).await;
        for part in ["22 characters, not shown", URL, &"ab".repeat(32), "moxi.svc@lakeshore.example", "Role group", "LKS-0001-1"] {
            assert!(review.body.contains(part), "{part}: {}", review.body);
        }
        let submitted = ida.submit(&connection).await;
        assert_eq!((submitted.status, submitted.location.as_str()), (303, connection.as_str()), "{}", submitted.body);
        let status = ida.look(&connection).await;
        assert!(status.status == 200 && status.body.contains("Exchange on our own server"), "{}", status.body);
        for needle in [PASSWORD, "moxi.svc@lakeshore.example", "mail.lakeshore.example", &"ab".repeat(32)] {
            assert!(!rows::holds(database, needle.as_bytes()).await, "{needle} is nowhere in clear");
        }
        assert_eq!(rows::texts(database, "SELECT kind FROM attempts").await, ["exchange_basic"]);
    }

    async fn ews_says_when_it_ends_and_is_never_chosen_for_anybody(database) {
        let (_, _, mut ida) = stage(database).await;
        let connection = ida.connects("Main office", "ews_secret").await;
        let form = ida.look(&format!("{connection}/answers")).await;
        assert!(form.body.contains("off on April 1, 2027") && form.body.contains("Make a connection over Graph instead"), "{}", form.body);
        let sent = sends(&mut ida, &connection, AccessKind::EwsSecret, &[]).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let review = ida.look(&sent.location).await;
        assert!(review.body.contains("moxi.svc@lakeshore.example") && review.body.contains("Microsoft 365 over EWS"), "{}", review.body);
        assert_eq!(ida.submit(&connection).await.location, connection);
        assert_eq!(rows::texts(database, "SELECT kind FROM attempts").await, ["ews_secret"]);
    }

    async fn the_only_kind_is_chosen_unless_it_comes_to_its_end(database) {
        for (open, chosen) in [("exchange_basic", true), ("graph_secret", true), ("ews_secret", false), ("microsoft365_password", false)] {
            let kinds: String = AccessKind::ALL.iter().filter(|kind| kind.id() != open).map(|kind| format!("{} = \"closed\"\n", kind.id())).collect();
            let app = portal_with(database, &format!("[kinds]\n{open} = \"offered\"\n{kinds}"), false).await;
            let scope = office(&app, &format!("{}.example", open.replace('_', "-"))).await;
            let page = Browser::of(&app, &scope).await.look("/connections/new").await;
            assert_eq!(page.body.contains(" checked"), chosen, "{open}: {}", page.body);
            assert!(page.body.contains(&format!("id=\"kind-{open}\"")), "{open}: {}", page.body);
        }
    }

    async fn the_secret_of_each_kind_is_sealed_into_its_own_field(database) {
        let app = portal(database).await;
        let scope = office_of(&app, DOMAIN, true, &["Ida"]).await;
        for kind in AccessKind::ALL.iter().filter(|kind| secret_field(**kind).is_some() && !kind.makes_secret()) {
            let id = connect(&app, &scope, *kind).await;
            let wrong = good(*kind).with("test_mailbox", "pat@gmail.com");
            let saved = save(&app, &scope, &id, typed(wrong, secret(*kind)), Goal::Review).await.expect("saved");
            assert_eq!(saved.errors.iter().map(|e| e.field).collect::<Vec<_>>(), ["test_mailbox"], "{kind:?}");
            let held = bench(&app, &scope, &id).await.draft.and_then(|draft| draft.secret_id).expect("a secret");
            let sealed = app.store.read().await.expect("a read").secret(&scope.brokerage, &held).await.expect("a read").expect("sealed");
            let field = sealed_as(*kind).expect("a field");
            let context = Context::of_credential("test", &scope.brokerage, &id, &held, field);
            let digest: [u8; 32] = sealed.sha256.clone().try_into().expect("32 bytes");
            let opened = app.vault.open(&context, &sealed.sealed, &digest).expect("the worker opens it");
            assert_eq!(secrecy::ExposeSecret::expose_secret(&opened), secret(*kind));
        }
        assert!(!rows::holds(database, PASSWORD.as_bytes()).await && !rows::holds(database, SECRET.as_bytes()).await);
    }

    async fn an_odd_password_is_taken_byte_for_byte_and_pointed_out(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let kind = AccessKind::ExchangeBasic;
        let id = connect(&app, &scope, kind).await;
        for (password, letters, said) in [
            (" Tr0ub4dor&3 ", 13, "blank"),
            ("Trüb4dor&3xy", 12, "letters beyond a to z"),
            ("' OR 1=1--{{7*7}}$(id)", 22, ""),
        ] {
            let saved = save(&app, &scope, &id, typed(good(kind), password), Goal::Review).await.expect("saved");
            assert!(saved.errors.is_empty(), "{password}: {:?}", saved.errors);
            // What is said of it stays while the field is left empty.
            save(&app, &scope, &id, typed(good(kind), ""), Goal::Review).await.expect("saved");
            let bench = bench(&app, &scope, &id).await;
            assert_eq!(bench.draft.as_ref().and_then(|draft| draft.letters), Some(letters), "{password}");
            assert!(bench.answers.remark().contains(said) && bench.answers.remark().is_empty() == said.is_empty());
            assert!(!rows::holds(database, password.trim().as_bytes()).await);
        }
        for (password, said) in [("••••••••", "masked"), ("two\nlines", "line break"), ("a\u{200b}bcdefgh", "cannot be seen"), ("x".repeat(257).as_str(), "256 characters")] {
            let saved = save(&app, &scope, &id, typed(good(kind), password), Goal::Later).await.expect("saved");
            assert!(saved.errors.iter().any(|e| e.field == "password" && e.sentence.contains(said)), "{password:?}: {:?}", saved.errors);
        }
        let pasted = good(kind).with("account_name", format!("MoxiEngage {PASSWORD}"));
        let saved = save(&app, &scope, &id, typed(pasted, PASSWORD), Goal::Later).await.expect("saved");
        assert!(saved.errors.iter().any(|e| e.field == "account_name" && e.sentence.contains("looked like your password")));
        assert_eq!(bench(&app, &scope, &id).await.answers.text("account_name"), "");
    }

    async fn a_slip_that_the_catalogue_knows_has_its_cause(database) {
        let app = portal_with(database, OPEN, true).await;
        let scope = office(&app, DOMAIN).await;
        let key = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----";
        let exchange = connect(&app, &scope, AccessKind::ExchangeBasic).await;
        let graph = connect(&app, &scope, AccessKind::GraphSecret).await;
        let google = connect(&app, &scope, AccessKind::GoogleKey).await;
        let mut met = vec!["form_same_mailbox"];
        for (kind, field, text, cause) in [
            (AccessKind::ExchangeBasic, "ews_url", "http://mail.lakeshore.example/EWS/Exchange.asmx", "form_ews_url"),
            (AccessKind::ExchangeBasic, "ews_url", "https://outlook.office365.com/EWS/Exchange.asmx", "form_wrong_path_exo"),
            (AccessKind::ExchangeBasic, "service_account", "moxi@hotmail.com", "form_consumer_account"),
            (AccessKind::ExchangeBasic, "test_mailbox", "pat@elsewhere.example", "form_domain_mismatch"),
            (AccessKind::ExchangeBasic, "account_name", PASSWORD, "form_secret_in_notes"),
            (AccessKind::ExchangeBasic, "certificate_sha256", key, "form_private_key_uploaded"),
            (AccessKind::GraphSecret, "tenant", "not an id", "form_id_malformed"),
            (AccessKind::GraphSecret, "client_id", "5f1b9a52", "form_id_malformed"),
            (AccessKind::GraphSecret, "ends_year", "2020", "form_expiry_invalid"),
            (AccessKind::GraphSecret, "app_name", SECRET, "form_secret_in_notes"),
            (AccessKind::GoogleKey, "test_mailbox", "pat@gmail.com", "form_consumer_account"),
        ] {
            let id = match kind {
                AccessKind::ExchangeBasic => &exchange,
                AccessKind::GraphSecret => &graph,
                _ => &google,
            };
            let saved = save(&app, &scope, id, typed(good(kind).with(field, text), secret(kind)), Goal::Review).await.expect("saved");
            let causes: Vec<_> = saved.errors.iter().filter_map(|error| error.cause).collect();
            assert_eq!(causes, [cause], "{kind:?} {field}: {:?}", saved.errors);
            met.push(cause);
        }
        assert!(SLIPS.iter().all(|slip| met.contains(slip)), "{met:?}");
        let account = good(AccessKind::ExchangeBasic).with("service_account", format!("agent@{DOMAIN}")).with("test_mailbox", format!("agent@{DOMAIN}"));
        let saved = save(&app, &scope, &exchange, typed(account, PASSWORD), Goal::Review).await.expect("saved");
        assert!(saved.errors.iter().any(|error| error.cause == Some("form_same_mailbox")), "{:?}", saved.errors);
        for (given, cause) in [("5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11", "form_secret_is_id"), ("Xq1••••••••••••••••", "form_secret_masked"), ("Xq18Q~abc defghijklmnopqrst", "form_secret_whitespace")] {
            let saved = save(&app, &scope, &graph, typed(good(AccessKind::GraphSecret), given), Goal::Review).await.expect("saved");
            assert!(saved.errors.iter().any(|error| error.cause == Some(cause)), "{given}: {:?}", saved.errors);
        }
    }

    async fn every_field_of_every_kind_meets_odd_text_with_a_sentence_and_keeps_it(database) {
        let app = portal_with(database, OPEN, true).await;
        let scope = office(&app, DOMAIN).await;
        let odd = [
            "", "   ", "\u{a0}\u{a0}", "\u{200b}\u{feff}", "\u{202e}evil", "a\0b", "🏡🏡", &format!("e{}", "\u{301}".repeat(900)),
            "' or 1=1--", "{{7*7}}", "$(id)", "a\r\nBcc: x@evil.example", "<script>alert(1)</script>", &"x".repeat(1000),
            "pat@pine.example", "PINE\\pat:x", "https://mail.pine.example/EWS/Exchange.asmx", "https://u:p@mail.lakeshore.example/EWS/Exchange.asmx",
        ];
        for kind in [AccessKind::ExchangeBasic, AccessKind::EwsSecret, AccessKind::Microsoft365Password] {
            let id = connect(&app, &scope, kind).await;
            for (text, field) in odd.iter().flat_map(|text| fields(kind).iter().map(move |field| (*text, *field))) {
                if Some(field) == secret_field(kind) || ["ends_sure", "mailbox_used"].contains(&field) {
                    continue;
                }
                let saved = save(&app, &scope, &id, typed(good(kind).with(field, text), secret(kind)), Goal::Review).await.expect("no fault");
                let optional = ["ews_url", "certificate_sha256", "outside_mailbox"].contains(&field) || field == "client_id" && kind == AccessKind::Microsoft365Password || field == "service_account" && kind == AccessKind::EwsSecret;
                let blank = text.trim_matches(|c: char| c.is_whitespace() || "\u{200b}\u{feff}".contains(c)).is_empty();
                let taken = optional && blank || field == "service_account" && kind == AccessKind::EwsSecret && text == "pat@pine.example";
                assert_eq!(saved.errors.is_empty(), taken, "{kind:?} {field} {text:?}: {:?}", saved.errors);
                for error in &saved.errors {
                    let group = error.field == field || error.field.starts_with("ends_") && field.starts_with("ends_");
                    assert!(group && error.sentence.len() > 15 && !error.sentence.contains("invalid"), "{field} {text:?}: {error:?}");
                }
                assert_eq!(saved.answers.text(field), text.replace('\0', "\u{fffd}"), "nothing typed is lost");
            }
            let huge = good(kind).with("service_account", "x".repeat(1 << 20));
            let saved = save(&app, &scope, &id, typed(huge, &"y".repeat(1 << 20)), Goal::Review).await.expect("no fault");
            assert_eq!(saved.answers.text("service_account").len(), 1000);
            let mut told: Vec<&str> = saved.errors.iter().map(|e| e.field).collect();
            told.sort_unstable();
            assert_eq!(told, if kind.has_service_account() { ["password", "service_account"] } else { ["client_secret", "service_account"] });
        }
    }

    async fn the_second_attempt_on_a_server_has_names_of_its_own_where_the_cause_asks(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let kind = AccessKind::ExchangeBasic;
        let kept = ["MoxiEngage Service", "moxi.svc@lakeshore.example", "Impersonation"];
        let fresh = ["MoxiEngage Service4", "moxi.svc4@lakeshore.example", "Impersonation4"];
        let renews = moxi_onboard::domain::causes::all().find(|cause| cause.renew).expect("such a cause").id;
        for (number, cause, names) in [(2, "basic_credentials_rejected", kept), (3, "tcp_refused", kept), (4, renews, fresh)] {
            let id = match number {
                2 => connect(&app, &scope, kind).await,
                _ => app.store.read().await.expect("a read").connections_of(&scope.brokerage).await.expect("rows")[0].id.clone(),
            };
            let answers = bench(&app, &scope, &id).await.answers;
            let answers = if number == 2 { good(kind).with("mailbox_used", "yes") } else { answers };
            let saved = save(&app, &scope, &id, typed(answers, PASSWORD), Goal::Review).await.expect("saved");
            assert!(saved.errors.is_empty(), "{cause}: {:?}", saved.errors);
            let seen = bench(&app, &scope, &id).await.draft.expect("a draft").version;
            press(&app, &scope, &id, seen, &fresh_key()).await.expect("submitted");
            fail(&app, &scope, &id, cause).await;
            assert_eq!(start_attempt(&app, &scope, SESSION, &id).await, Ok(number));
            let next = bench(&app, &scope, &id).await;
            assert_eq!(["account_name", "service_account", "role_group"].map(|field| next.answers.text(field)), names, "{cause}");
            assert_eq!((next.answers.text("ews_url"), next.answers.text("test_mailbox")), (URL, "pat@lakeshore.example"));
            assert!(next.answers.says_mailbox_is_used(), "what was said of the mailbox need not be said again");
            assert_eq!(next.missing().iter().map(|e| e.field).collect::<Vec<_>>(), ["password"]);
            let same = good(kind).with("mailbox_used", "yes");
            let same = save(&app, &scope, &id, typed(same, PASSWORD), Goal::Review).await.expect("saved");
            let refused: Vec<_> = same.errors.iter().filter(|e| e.sentence.contains("was used in attempt 3")).map(|e| e.field).collect();
            let expected: &[&str] = if names == fresh { &["account_name", "service_account", "role_group"] } else { &[] };
            assert_eq!(refused, expected, "{cause}: {:?}", same.errors);
        }
    }

    async fn what_another_tab_saved_is_not_overwritten_unseen(database) {
        let (app, scope, mut ida) = stage(database).await;
        let kind = AccessKind::ExchangeBasic;
        let connection = ida.connects("Main office", kind.id()).await;
        let form = format!("{connection}/answers");
        ida.look(&form).await;
        let mut tab = ida.clone();
        assert_eq!(sends(&mut ida, &connection, kind, &[("role_group", "Group of Ida")]).await.status, 303);
        assert_eq!(sends(&mut ida, &connection, kind, &[("role_group", "Group of Ida")]).await.status, 303, "a double press");

        let stale = sends(&mut tab, &connection, kind, &[("role_group", "Group of the tab")]).await;
        assert_eq!(stale.status, 409);
        let lost = "The password that you entered here was not kept. Enter it again, or leave this empty to keep the one that is saved";
        let parts = ["changed elsewhere", "value=\"Group of the tab\"", "<dd>Group of Ida</dd>", "<strong>The password that you entered was not kept</strong>", lost];
        for part in parts {
            assert!(stale.body.contains(part), "{part}: {}", stale.body);
        }
        let without = sends(&mut tab.clone(), &connection, kind, &[("role_group", "Group of the tab"), ("password", ""), ("seen", "")]).await;
        assert!(without.status == 409 && !without.body.contains("was not kept"), "nothing secret was typed: {}", without.body);
        let mut elsewhere = Browser::of(&app, &scope).await;
        elsewhere.look(&form).await;
        let away = sends(&mut elsewhere, &connection, kind, &[("role_group", "Group of the phone"), ("seen", "")]).await;
        assert!(away.status == 409 && away.body.contains("was not kept. Enter it again<"), "the one that is saved is of another session: {}", away.body);
        assert!(!stale.body.contains("<dd>pat@lakeshore.example</dd>"), "only what differs is held against it");
        assert!(ida.look(&form).await.body.contains("value=\"Group of Ida\""), "nothing was overwritten");
        assert_eq!(sends(&mut tab, &connection, kind, &[("role_group", "Group of the tab"), ("password", "")]).await.status, 303, "the page that was shown again may");
        assert!(ida.look(&form).await.body.contains("value=\"Group of the tab\""));
        assert_eq!(rows::count(database, "secrets").await, 1);
        let forged = ida.send(&form, &[("goal", "later"), ("role_group", "Nobody's")]).await;
        assert_eq!(forged.status, 409, "a form that shows no draft is older than any");
    }

    async fn a_draft_that_the_version_before_wrote_is_gone_on_with(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let id = connect(&app, &scope, AccessKind::GraphSecret).await;
        let old: serde_json::Value = serde_json::from_str(r#"{"app_name":"MoxiEngage","tenant":"11111111-7a0e-4c43-9a5a-3a7e0f6c2d11","client_id":"5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11","secret_name":"Engage access","ends_month":"11","ends_day":"21","ends_year":"2028","ends_sure":"","test_mailbox":"pat@lakeshore.example"}"#).expect("JSON");
        let bytes = app.to_box(ANSWERS_BOX, id.as_str(), &old).expect("encrypted");
        let mut write = app.store.write().await.expect("a transaction");
        write.insert_draft(&app.new_id(DraftId::from_random), &scope.brokerage, &id, 1, &bytes).await.expect("a draft");
        write.commit_quietly(Quiet::Draft).await.expect("a commit");
        let opened = bench(&app, &scope, &id).await;
        assert_eq!(opened.answers, good(AccessKind::GraphSecret));
        assert_eq!(opened.missing().iter().map(|e| e.field).collect::<Vec<_>>(), ["client_secret"]);
        let saved = save(&app, &scope, &id, typed(opened.answers, SECRET), Goal::Review).await.expect("saved");
        assert!(saved.errors.is_empty() && !saved.stale, "{:?}", saved.errors);
    }

    async fn a_brokerage_submits_twenty_times_an_hour_and_is_told_when_it_goes_on(database) {
        let app = portal(database).await;
        let scope = office_of(&app, DOMAIN, true, &["Ida"]).await;
        for number in 0..20 {
            let (id, seen) = ready(&app, &scope, &format!("Office {number}")).await;
            press(&app, &scope, &id, seen, &fresh_key()).await.expect("submitted");
        }
        app.clock.advance(Duration::from_secs(600));
        let (id, seen) = ready(&app, &scope, "One more").await;
        let until = app.clock.now().plus(jiff::SignedDuration::from_mins(50));
        let key = fresh_key();
        for _ in 0..3 {
            assert_eq!(press(&app, &scope, &id, seen, &key).await, Err(Refused::TooMany(until)));
        }
        assert_eq!(rows::count(database, "attempts").await, 20);
        let other = office_of(&app, "pine.example", true, &["Kim"]).await;
        assert_ne!(other.brokerage, scope.brokerage);
        app.clock.advance(Duration::from_secs(3000));
        let (id, seen) = ready(&app, &scope, "Later").await;
        press(&app, &scope, &id, seen, &key).await.expect("the hour is over");
    }

    async fn the_overview_tells_each_connection_by_its_own_draft_and_attempts(database) {
        let (app, scope, mut ida) = stage(database).await;
        let first = ida.connects("Server", "exchange_basic").await;
        ida.look(&format!("{first}/answers")).await;
        assert_eq!(sends(&mut ida, &first, AccessKind::ExchangeBasic, &[]).await.status, 303);
        ida.look(&format!("{first}/review")).await;
        ida.submit(&first).await;
        let second = ida.connects("Cloud", "graph_secret").await;
        ida.look(&format!("{second}/answers")).await;
        assert_eq!(sends(&mut ida, &second, AccessKind::GraphSecret, &[("tenant", "half"), ("goal", "later")]).await.status, 303);
        ida.connects("Old way", "ews_secret").await;
        let mut read = app.store.read().await.expect("a transaction");
        let all = Bench::read_all(&app, &mut read, &scope, SESSION).await.expect("benches");
        for bench in &all {
            let alone = Bench::read(&app, &mut read, &scope, SESSION, &bench.connection.id).await.expect("a bench");
            assert_eq!((&bench.answers, bench.number, bench.mark()), (&alone.answers, alone.number, alone.mark()));
            assert_eq!((bench.attempts.len(), bench.secret), (alone.attempts.len(), alone.secret));
        }
        let told: Vec<_> = all.iter().map(|bench| (bench.connection.name.as_str(), bench.attempts.len(), bench.draft.is_some())).collect();
        assert_eq!(told, [("Server", 1, false), ("Cloud", 0, true), ("Old way", 0, false)]);
        drop(read);
        let page = ida.look("/overview").await.body;
        assert!(page.contains("Attempt 1 is being checked.") && page.contains("What you entered is saved."), "{page}");
    }
}
