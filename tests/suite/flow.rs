//! From a new connection to answers that can be submitted.

use std::time::Duration;

use moxi_onboard::{
    actions::{
        create_connection::{LIMIT_UNACCEPTED, TypedConnection, create_connection},
        draft::{Bench, SecretStanding},
        save_answers::Goal,
        start_attempt::start_attempt,
    },
    app::App,
    domain::{
        answers::Answers,
        ids::ConnectionId,
        kind::AccessKind,
        refused::{FieldError, Refused},
        scope::Scope,
    },
    vault::context::{Context, SecretField},
};

use crate::{
    databases::on_both,
    office::{
        CLIENT, OTHER_SESSION, SECRET, SESSION, TENANT, fresh_key, good_answers, key_with, office, office_of,
        portal, portal_with, save, typed,
    },
    rows,
};

const DOMAIN: &str = "lakeshore.example";

fn connection(name: &str, external_id: &str) -> TypedConnection {
    TypedConnection {
        name: name.to_owned(),
        external_id: external_id.to_owned(),
        kind: "graph_secret".to_owned(),
    }
}

async fn connect(app: &App, scope: &Scope) -> ConnectionId {
    create_connection(app, scope, &connection("Main office", ""), &fresh_key()).await.expect("a connection")
}

async fn bench(app: &App, scope: &Scope, session: &[u8], id: &ConnectionId) -> Bench {
    let mut read = app.store.read().await.expect("a transaction");
    Bench::read(app, &mut read, scope, session, id).await.expect("a bench")
}

fn fields(refused: &Refused) -> Vec<&'static str> {
    match refused {
        Refused::Fields(errors) => errors.iter().map(|error| error.field).collect(),
        other => panic!("not fields: {other:?}"),
    }
}

fn sentence<'a>(errors: &'a [FieldError], field: &str) -> &'a str {
    errors.iter().find(|error| error.field == field).map_or("", |error| error.sentence.as_str())
}

on_both! {
    async fn a_connection_gets_a_reference_and_keeps_its_external_id(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let id = create_connection(&app, &scope, &connection(" Main  office ", "lks/1"), &fresh_key()).await.expect("made");
        let mut read = app.store.read().await.expect("a transaction");
        let made = read.connection(&scope.brokerage, &id).await.expect("a read").expect("it is there");
        assert_eq!((made.reference.as_str(), made.name.as_str()), ("LKS-0001", "Main office"));
        assert_eq!(made.external_id.map(|id| id.as_str().to_owned()).as_deref(), Some("lks/1"));
        let audit = read.audit_of(&scope.brokerage).await.expect("lines");
        assert!(audit.iter().any(|line| line.verb == "connection.create" && line.object == id.as_str()));
    }

    async fn a_name_belongs_to_one_connection_of_a_brokerage_and_an_external_id_to_one_of_all(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let other = office(&app, "pine.example").await;
        create_connection(&app, &scope, &connection("Main", "A-1"), &fresh_key()).await.expect("made");
        let refused = create_connection(&app, &scope, &connection(" MAIN ", "a-1"), &fresh_key()).await.expect_err("taken");
        assert_eq!(fields(&refused), ["name", "external_id"]);
        let refused = create_connection(&app, &other, &connection("Main", "A-1"), &fresh_key()).await.expect_err("taken");
        assert_eq!(fields(&refused), ["external_id"], "one id, one connection of the installation");
        assert!(!format!("{refused:?}").contains("Another of your"), "and nobody learns of other customers");
        create_connection(&app, &other, &connection("Main", "B-1"), &fresh_key()).await.expect("another brokerage");
    }

    async fn an_external_id_cannot_be_changed(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        create_connection(&app, &scope, &connection("Main", "A-1"), &fresh_key()).await.expect("made");
        let refused = rows::execute(database, "UPDATE connections SET external_id = 'B-2', external_id_key = 'b-2'").await;
        assert!(refused.expect_err("the database refuses").to_string().contains("external id"));
    }

    async fn everything_wrong_with_a_connection_is_told_at_once(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let typed = TypedConnection { name: "\u{202e}x".to_owned(), external_id: "a b".to_owned(), kind: "by_letter".to_owned() };
        let refused = create_connection(&app, &scope, &typed, &fresh_key()).await.expect_err("refused");
        assert_eq!(fields(&refused), ["name", "kind", "external_id"]);
        let refused = create_connection(&app, &scope, &TypedConnection::default(), &fresh_key()).await.expect_err("refused");
        assert_eq!(fields(&refused), ["name", "kind"]);
        assert_eq!(rows::count(database, "connections").await, 0);
    }

    async fn a_double_press_makes_one_connection(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let presses = (0..20).map(|_| {
            let (app, scope) = (app.clone(), scope.clone());
            tokio::spawn(async move {
                create_connection(&app, &scope, &connection("Main", ""), &key_with("samesamesamesame", "Main")).await
            })
        });
        let mut made = Vec::new();
        for press in presses.collect::<Vec<_>>() {
            made.push(press.await.expect("no panic").expect("made"));
        }
        made.dedup();
        assert_eq!(made.len(), 1);
        assert_eq!(rows::count(database, "connections").await, 1);
        let other = create_connection(&app, &scope, &connection("Second", ""), &key_with("samesamesamesame", "Second")).await;
        assert_eq!(fields(&other.expect_err("another body")), [""]);
        assert_eq!(rows::count(database, "connections").await, 1);
    }

    async fn a_brokerage_that_nobody_accepted_makes_few_connections(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let presses: Vec<_> = (0..10).map(|number| {
            let (app, scope) = (app.clone(), scope.clone());
            tokio::spawn(async move {
                create_connection(&app, &scope, &connection(&format!("Office {number}"), ""), &fresh_key()).await
            })
        }).collect();
        let mut refused = 0;
        for press in presses {
            refused += i64::from(matches!(press.await.expect("no panic"), Err(Refused::Forbidden(_))));
        }
        assert_eq!(refused, 10 - LIMIT_UNACCEPTED);
        assert_eq!(rows::count(database, "connections").await, LIMIT_UNACCEPTED);
        let references: Vec<String> = rows::texts(database, "SELECT reference FROM connections ORDER BY reference").await;
        assert_eq!(references, ["LKS-0001", "LKS-0002", "LKS-0003"], "no number is lost");
    }

    async fn a_kind_is_open_to_whom_its_setting_says(database) {
        let app = portal_with(database, "[kinds]\ngraph_secret = \"by_invitation\"\n", true).await;
        let stranger = office(&app, DOMAIN).await;
        let known = office_of(&app, "pine.example", true, &["Kim"]).await;
        let refused = create_connection(&app, &stranger, &connection("Main", ""), &fresh_key()).await.expect_err("not open");
        assert_eq!(fields(&refused), ["kind"]);
        create_connection(&app, &known, &connection("Main", ""), &fresh_key()).await.expect("open");
    }

    async fn a_closed_kind_is_closed_to_everybody(database) {
        let app = portal_with(database, "[kinds]\ngraph_secret = \"closed\"\n", true).await;
        let known = office_of(&app, DOMAIN, true, &["Kim"]).await;
        let refused = create_connection(&app, &known, &connection("Main", ""), &fresh_key()).await.expect_err("closed");
        assert_eq!(fields(&refused), ["kind"]);
    }

    async fn a_secret_is_sealed_although_other_fields_are_wrong(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let id = connect(&app, &scope).await;
        let answers = good_answers(DOMAIN).with("tenant", "nonsense !");
        let saved = save(&app, &scope, &id, typed(answers, &format!(" {SECRET}\r\n")), Goal::Review).await.expect("saved");
        assert_eq!(saved.errors.iter().map(|e| e.field).collect::<Vec<_>>(), ["tenant"]);
        let bench = bench(&app, &scope, SESSION, &id).await;
        assert!(matches!(bench.secret, SecretStanding::Here { letters: 41, .. }), "{:?}", bench.secret);
        assert_eq!(bench.answers.text("tenant"), "nonsense !", "what was typed is kept");

        let secret = bench.draft.and_then(|draft| draft.secret_id).expect("a secret");
        let sealed = app.store.read().await.expect("a read").secret(&scope.brokerage, &secret).await.expect("a read").expect("sealed");
        let context = Context::of_credential("test", &scope.brokerage, &id, &secret, SecretField::ClientSecret);
        let digest: [u8; 32] = sealed.sha256.clone().try_into().expect("32 bytes");
        let opened = app.vault.open(&context, &sealed.sealed, &digest).expect("the worker opens it");
        assert_eq!(secrecy::ExposeSecret::expose_secret(&opened), SECRET, "byte for byte, without what came along");
        assert!(!rows::holds(database, SECRET.as_bytes()).await, "nowhere in clear");
        assert!(!rows::holds(database, TENANT.as_bytes()).await, "settings are not in clear either");
        assert!(!rows::holds(database, b"pat@lakeshore.example").await);
    }

    async fn a_portal_without_private_keys_cannot_open_what_it_sealed(database) {
        let app = portal_with(database, "", false).await;
        let scope = office(&app, DOMAIN).await;
        let id = connect(&app, &scope).await;
        save(&app, &scope, &id, typed(good_answers(DOMAIN), SECRET), Goal::Review).await.expect("saved");
        let secret = bench(&app, &scope, SESSION, &id).await.draft.and_then(|draft| draft.secret_id).expect("a secret");
        let sealed = app.store.read().await.expect("a read").secret(&scope.brokerage, &secret).await.expect("a read").expect("sealed");
        let context = Context::of_credential("test", &scope.brokerage, &id, &secret, SecretField::ClientSecret);
        let digest: [u8; 32] = sealed.sha256.try_into().expect("32 bytes");
        assert!(app.vault.open(&context, &sealed.sealed, &digest).is_err());
    }

    async fn the_secret_is_asked_again_after_an_hour_and_says_why(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let id = connect(&app, &scope).await;
        save(&app, &scope, &id, typed(good_answers(DOMAIN), SECRET), Goal::Review).await.expect("saved");
        app.clock.advance(Duration::from_secs(59 * 60));
        assert!(bench(&app, &scope, SESSION, &id).await.missing().is_empty());
        app.clock.advance(Duration::from_secs(60));
        let late = bench(&app, &scope, SESSION, &id).await;
        assert_eq!(late.missing().iter().map(|e| e.field).collect::<Vec<_>>(), ["client_secret"], "and nothing else");
        assert!(sentence(&late.missing(), "client_secret").contains("60 minutes"));

        let mut write = app.store.write().await.expect("a transaction");
        assert_eq!(write.delete_ended_secrets().await.expect("swept"), 1);
        write.commit_quietly(moxi_onboard::store::Quiet::Tick).await.expect("a commit");
        let swept = bench(&app, &scope, SESSION, &id).await;
        assert_eq!(swept.secret, SecretStanding::Ended, "the page still knows why it asks");
        assert_eq!(swept.answers, late.answers, "the answers outlive the secret");
        let saved = save(&app, &scope, &id, typed(swept.answers, ""), Goal::Review).await.expect("saved");
        assert!(sentence(&saved.errors, "client_secret").contains("60 minutes"));
    }

    async fn the_secret_is_asked_again_after_a_new_sign_in(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let id = connect(&app, &scope).await;
        save(&app, &scope, &id, typed(good_answers(DOMAIN), SECRET), Goal::Review).await.expect("saved");
        let other = bench(&app, &scope, OTHER_SESSION, &id).await;
        assert_eq!(other.missing().iter().map(|e| e.field).collect::<Vec<_>>(), ["client_secret"]);
        assert!(sentence(&other.missing(), "client_secret").contains("signed in"));
        assert_eq!(other.answers, good_answers(DOMAIN));
    }

    async fn another_secret_takes_the_place_of_the_first(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let id = connect(&app, &scope).await;
        save(&app, &scope, &id, typed(good_answers(DOMAIN), SECRET), Goal::Review).await.expect("saved");
        let kept = save(&app, &scope, &id, typed(good_answers(DOMAIN), ""), Goal::Review).await.expect("saved");
        assert!(kept.errors.is_empty(), "an empty field keeps what is there");
        let wrong = save(&app, &scope, &id, typed(good_answers(DOMAIN), CLIENT), Goal::Review).await.expect("saved");
        assert!(sentence(&wrong.errors, "client_secret").contains("Secret ID"));
        assert!(matches!(bench(&app, &scope, SESSION, &id).await.secret, SecretStanding::Here { letters: 41, .. }), "a wrong one replaces nothing");
        save(&app, &scope, &id, typed(good_answers(DOMAIN), &format!("{SECRET}xyz")), Goal::Review).await.expect("saved");
        assert!(matches!(bench(&app, &scope, SESSION, &id).await.secret, SecretStanding::Here { letters: 44, .. }));
        assert_eq!(rows::count(database, "secrets").await, 1);
    }

    async fn saving_for_later_asks_nothing_but_loses_no_secret_silently(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let id = connect(&app, &scope).await;
        let half = Answers::empty(AccessKind::GraphSecret).with("tenant", "half a");
        let saved = save(&app, &scope, &id, typed(half.clone(), ""), Goal::Later).await.expect("saved");
        assert!(saved.errors.is_empty());
        let saved = save(&app, &scope, &id, typed(half.clone(), "••••••••"), Goal::Later).await.expect("saved");
        assert!(sentence(&saved.errors, "client_secret").contains("masked"));
        let kept = bench(&app, &scope, OTHER_SESSION, &id).await.answers;
        assert!(kept.slips().len() == 1 && sentence(&kept.slips(), "client_secret").contains("masked"), "{kept:?}");
        assert_eq!(kept.with_slips(&[]), half);
    }

    async fn a_secret_in_the_wrong_field_is_not_kept(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let id = connect(&app, &scope).await;
        let answers = good_answers(DOMAIN).with("client_id", SECRET);
        let saved = save(&app, &scope, &id, typed(answers, ""), Goal::Later).await.expect("saved");
        assert!(sentence(&saved.errors, "client_id").contains("looked like a client secret"));
        assert_eq!(saved.answers.text("client_id"), "");
        assert_eq!(bench(&app, &scope, SESSION, &id).await.answers.text("client_id"), "");
    }

    async fn every_field_meets_odd_text_with_a_sentence_and_keeps_it(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let id = connect(&app, &scope).await;
        let odd = [
            "", "   ", "\u{a0}\u{a0}", "\u{200b}\u{feff}", "\u{202e}evil", "a\0b", "🏡🏡", &format!("e{}", "\u{301}".repeat(900)),
            "' or 1=1--", "{{7*7}}", "$(id)", "`id`", "*)(", "../../etc/passwd", "a\r\nBcc: x@evil.example", "<script>alert(1)</script>",
            &"x".repeat(1000), "ﷺ", "%00", "null", "-1", "9999999999999999999999",
        ];
        for text in odd {
            for field in ["tenant", "client_id", "ends_month", "ends_day", "ends_year", "test_mailbox", "app_name", "secret_name"] {
                let answers = good_answers(DOMAIN).with(field, text);
                let saved = save(&app, &scope, &id, typed(answers.clone(), SECRET), Goal::Review).await.expect("no fault");
                let taken = matches!(field, "app_name" | "secret_name") && ["null", "-1", "9999999999999999999999", "ﷺ"].contains(&text);
                assert_eq!(saved.errors.is_empty(), taken, "{field} {text:?}: {:?}", saved.errors);
                for error in &saved.errors {
                    let group = error.field == field || error.field.starts_with("ends_") && field.starts_with("ends_");
                    assert!(group, "{field} {text:?}: {error:?}");
                    assert!(error.sentence.len() > 15 && !error.sentence.contains("invalid"), "{error:?}");
                }
                assert_eq!(saved.answers.text(field), text.replace('\0', "\u{fffd}"), "nothing typed is lost");
            }
            let saved = save(&app, &scope, &id, typed(good_answers(DOMAIN), text), Goal::Review).await.expect("no fault");
            assert!(saved.errors.is_empty() || sentence(&saved.errors, "client_secret").len() > 15, "{text:?}");
        }
        let huge = good_answers(DOMAIN).with("tenant", "x".repeat(1 << 20));
        let saved = save(&app, &scope, &id, typed(huge, &"y".repeat(1 << 20)), Goal::Review).await.expect("no fault");
        assert_eq!(saved.answers.text("tenant").len(), 1000);
        assert_eq!(saved.errors.iter().map(|e| e.field).collect::<Vec<_>>(), ["tenant", "client_secret"]);
    }

    async fn nobody_reaches_the_connection_of_another_brokerage(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let stranger = office(&app, "pine.example").await;
        let id = connect(&app, &scope).await;
        let mut read = app.store.read().await.expect("a transaction");
        assert_eq!(Bench::read(&app, &mut read, &stranger, SESSION, &id).await.err(), Some(Refused::NotFound));
        drop(read);
        let saved = save(&app, &stranger, &id, typed(good_answers("pine.example"), SECRET), Goal::Review).await;
        assert_eq!(saved.err(), Some(Refused::NotFound));
        assert_eq!(start_attempt(&app, &stranger, SESSION, &id).await, Err(Refused::NotFound));
        assert_eq!(rows::count(database, "secrets").await + rows::count(database, "drafts").await, 0);
    }

    async fn many_savers_at_once_leave_one_draft_and_one_secret(database) {
        let app = portal(database).await;
        let scope = office(&app, DOMAIN).await;
        let id = connect(&app, &scope).await;
        let savers: Vec<_> = (0..20).map(|_| {
            let (app, scope, id) = (app.clone(), scope.clone(), id.clone());
            tokio::spawn(async move { save(&app, &scope, &id, typed(good_answers(DOMAIN), SECRET), Goal::Review).await.map(|_| ()) })
        }).collect();
        for saver in savers {
            saver.await.expect("no panic").expect("saved");
        }
        assert_eq!((rows::count(database, "drafts").await, rows::count(database, "secrets").await), (1, 1));
    }
}
