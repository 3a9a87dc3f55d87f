//! The audit's page through the front door: who may read it, what it finds, what was changed behind its back, and the files
//! that are taken away.

use std::time::Duration;

use moxi_onboard::{
    actions::create_connection::{TypedConnection, create_connection},
    app::App,
    clock::Clock,
    domain::staff::StaffRole,
    vault::audit_key::AuditPublicKeys,
};

use super::{sealer, seals};
use crate::{
    databases::{Database, Kind, START, on_both},
    office,
    review::pages::both,
    rows,
    running::{until, worker},
    staff_site::StaffSite,
    world::{Page, free_port, visitor::Visitor},
};

/// A staff site whose worker holds an audit key.
async fn site(database: &Database) -> (StaffSite, App) {
    let (keyed, _): (App, AuditPublicKeys) = super::portal(database).await;
    let text = format!("[staff]\nlisten = \"{}\"\n", free_port());
    let plain = office::portal_at(database, Clock::standing_at(START), &text, true).await;
    let app = App { settings: plain.settings, ..keyed };
    (StaffSite::of(app.clone()).await, app)
}

/// Something happens, a moment after what happened before.
async fn happens(app: &App, object: usize) {
    app.clock.advance(Duration::from_secs(1));
    super::happens(app, object).await;
}

/// Whoever owns the database takes its guards away and does this.
pub async fn behind_our_back(database: &Database, text: &str) {
    let guards = match database.kind {
        Kind::Sqlite => {
            "PRAGMA foreign_keys = OFF; DROP TRIGGER IF EXISTS audit_is_not_changed; DROP TRIGGER IF EXISTS audit_is_not_deleted;
             DROP TRIGGER IF EXISTS audit_chain_is_not_changed; DROP TRIGGER IF EXISTS audit_chain_is_not_deleted;"
        }
        Kind::Postgres => "ALTER TABLE audit DISABLE TRIGGER ALL; ALTER TABLE audit_chain DISABLE TRIGGER ALL;",
    };
    database.execute(&format!("{guards} {text}")).await;
}

/// Presses "Verify now" and waits until the page says what was found.
async fn verifies(app: &App, ada: &Visitor) -> Page {
    let page = ada.opens("/audit").await;
    ada.sends(&page.form_that_says("Verify now")).await.must_say("is being looked through");
    until(app, "it is looked through", &mut async || {
        let page = ada.opens("/audit").await;
        (!page.says("Being looked through")).then_some(page)
    })
    .await
}

on_both! {
    async fn an_auditor_reads_filters_and_verifies(database) {
        let (site, app) = site(database).await;
        for object in 0..60 {
            happens(&app, object).await;
        }
        let ada = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        let one = sealer(&app, "one");
        seals(&app, &one).await;
        happens(&app, 60).await;
        let page = ada.opens("/audit").await;
        assert_eq!((page.status.as_u16(), page.heading().as_str()), (200, "Audit"));
        for words in ["Last signed checkpoint", "61:", "Nobody has had it looked through", "Is sealed in a moment", "obj_60", "number: 60"] {
            page.must_say(words);
        }
        assert!(!page.says("Missing") && !page.says("Not whole"), "{}", page.text());
        let older = ada.opens(&page.link("Older")).await;
        older.must_say("obj_0");
        assert!(!older.says("obj_60") && !older.says("Missing"), "{}", older.text());
        ada.opens(&older.link("Newest")).await.must_say("obj_60");

        let form = page.form_with("who");
        let by_name = ada.sends(&form.clone().with("who", "byrne")).await;
        by_name.must_say("staff.sign_in");
        assert!(!by_name.says("obj_1"), "{}", by_name.text());
        ada.sends(&form.clone().with("thing", "obj_7")).await.must_say("number: 7");
        let verb = ada.sends(&form.clone().with("verb", "staff.sign_in")).await;
        assert!(verb.says("Ada Byrne") && !verb.says("obj_1"), "{}", verb.text());
        ada.sends(&form.clone().with("who", "system").with("from", "2026-11-21").with("to", "2026-11-21")).await.must_say("obj_60");
        ada.sends(&form.clone().with("from", "2026-11-22")).await.must_say("Nothing fits that.");
        ada.sends(&form.clone().with("to", "2026-11-20")).await.must_say("Nothing fits that.");
        ada.sends(&form.clone().with("from", "yesterday")).await.must_say("Enter days as year, month and day");
        ada.sends(&form.clone().with("who", "Nobody")).await.must_say("Nobody is called that");
        for hostile in ["%", "<script>alert(1)</script>", "';--", "\u{0}", &"x".repeat(4000)] {
            let page = ada.sends(&form.clone().with("thing", hostile)).await;
            assert!(page.status == 200 && !page.source.contains("<script>alert"), "{hostile}");
        }
        for place in ["x", "5", "99999999999999999999.aud_1", "5.%00", "1.aud_1"] {
            assert_eq!(ada.opens(&format!("/audit?after={place}")).await.status, 200, "{place}");
        }

        let lee = site.colleague("Lee Park", &[StaffRole::Reviewer, StaffRole::Support]).await;
        assert_eq!(lee.opens("/audit").await.status, 403);
        let token = lee.opens("/account").await.form_that_says("Sign out").value("csrf").expect("a token").to_owned();
        for offered in ["Verify now", "As NDJSON"] {
            let mut form = page.form_that_says(offered).with("csrf", &token);
            form.fields.push(("sort".to_owned(), "csv".to_owned()));
            let refused = lee.posts(&form).await;
            assert_eq!(refused.status, 403, "{offered}");
        }

        let worker = worker(app.clone());
        let page = verifies(&app, &ada).await;
        page.must_say("Intact");
        page.must_say("Ada Byrne asked for it.");
        worker.stop().await;
    }

    async fn a_thing_is_found_by_what_people_call_it_and_a_verb_says_what_it_means(database) {
        let (site, app) = site(database).await;
        let ada = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        for (domain, external) in [("elm.example", "MLS-100"), ("oak.example", "MLS-200")] {
            let scope = office::office(&app, domain).await;
            let typed = TypedConnection {
                name: "Main office".to_owned(),
                external_id: external.to_owned(),
                kind: "graph_secret".to_owned(),
            };
            create_connection(&app, &scope, &typed, &office::fresh_key()).await.expect("made");
        }
        database.execute("UPDATE brokerages SET company = 'Oak Homes', company_key = 'oak homes' WHERE proven_domain = 'oak.example'").await;
        let form = ada.opens("/audit").await.form_with("who");
        let asks = async |thing: &str| ada.sends(&form.clone().with("thing", thing)).await;
        let page = asks("mls-200").await;
        assert!(page.says("Made a connection") && page.says("connection.create") && page.says("Oak Homes"), "{}", page.text());
        assert!(!page.says("Lakeshore Realty"), "{}", page.text());
        let page = asks("oak").await;
        assert!(page.says("Made a connection") && !page.says("Lakeshore Realty"), "{}", page.text());
        database.execute("UPDATE brokerages SET company = 'Oak Farms', company_key = 'oak farms' WHERE proven_domain = 'elm.example'").await;
        let page = asks("OAK").await;
        page.must_say("Several brokerages are called that. Choose one.");
        let page = ada.opens(&page.link("Oak Farms")).await;
        assert!(page.says("Oak Farms") && !page.says("Oak Homes"), "{}", page.text());
        asks("nothing of ours").await.must_say("Nothing fits that.");
        let page = ada.opens("/audit").await;
        page.must_say("Made a connection (connection.create)");
    }

    async fn people_of_an_office_are_found_by_name_and_by_address(database) {
        let (site, app) = site(database).await;
        let ada = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        for (domain, name) in [("elm.example", "Ida"), ("oak.example", "Ida"), ("ash.example", "Tomas")] {
            let scope = office::office_of(&app, domain, true, &[name]).await;
            let typed = TypedConnection {
                name: "Main office".to_owned(),
                external_id: format!("MLS-{domain}"),
                kind: "graph_secret".to_owned(),
            };
            create_connection(&app, &scope, &typed, &office::fresh_key()).await.expect("made");
        }
        database.execute("UPDATE brokerages SET company = 'Oak Homes' WHERE proven_domain = 'oak.example'").await;
        let form = ada.opens("/audit").await.form_with("who");
        let asks = async |who: &str| ada.sends(&form.clone().with("who", who)).await;
        let made = |page: &Page| page.source.matches("<code>connection.create</code>").count();
        let page = asks("tomas").await;
        assert!(made(&page) == 1 && !page.says("staff.sign_in</code>"), "{}", page.text());
        let page = asks("Ida@Oak.example").await;
        assert!(made(&page) == 1 && page.says("Oak Homes") && !page.says("Lakeshore"), "{}", page.text());
        let page = asks("ida").await;
        assert_eq!(made(&page), 0, "{}", page.text());
        page.must_say("Several people are called that. Choose one.");
        let page = ada.opens(&page.link("Ida, Oak Homes")).await;
        assert!(made(&page) == 1 && page.says("Oak Homes"), "{}", page.text());
        for nobody in ["nobody@oak.example", "Zoe", "%", "' OR 1=1"] {
            asks(nobody).await.must_say("Nobody is called that");
        }
    }

    async fn an_attempt_is_found_by_its_reference(database) {
        let (portal, site, lab) = both(database).await;
        let sample = lab.sample("healthy");
        let scope = portal.office(&sample.tenant_domain).await;
        portal.submit(&scope, &sample).await;
        let reference = rows::texts(database, "SELECT reference FROM connections").await.remove(0);
        let olga = site.colleague("Olga Weiss", &[StaffRole::Owner]).await;
        let page = olga.opens(&format!("/audit?thing={}-1", reference.to_lowercase())).await;
        let has = |page: &Page, verb: &str| page.source.contains(&format!("<code>{verb}</code>"));
        assert!(has(&page, "attempt.submit") && !has(&page, "connection.create"), "{}", page.text());
        page.must_say("Handed an attempt in");
        let none = olga.opens(&format!("/audit?thing={reference}-2")).await;
        assert!(!has(&none, "attempt.submit"), "{}", none.text());
    }

    async fn what_was_changed_stands_in_red_rows(database) {
        let (site, app) = site(database).await;
        for object in 0..9 {
            happens(&app, object).await;
        }
        let ada = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        let one = sealer(&app, "one");
        seals(&app, &one).await;
        behind_our_back(
            database,
            "UPDATE audit SET detail = '{\"number\":\"1000\"}' WHERE object = 'obj_7';
             DELETE FROM audit WHERE object = 'obj_5';
             DELETE FROM audit_chain WHERE seq = 3;
             INSERT INTO audit VALUES ('aud_x', 1795257720000000, 'system', NULL, 'put.in', 'obj_x', NULL, '{}')",
        )
        .await;
        for address in ["/audit", "/audit?who=system"] {
            let page = ada.opens(address).await;
            let rows = page.source.matches("<tr class=\"bad\">").count();
            // The line behind the row that is gone cannot be told either.
            assert_eq!(rows, 6, "{}", page.text());
            for words in [
                "Not what was sealed here",
                "was sealed here and is no longer in the audit",
                "Row 3 of the chain is missing",
                "Not in the chain: put in past the portal",
                "The row before it is missing",
            ] {
                page.must_say(words);
            }
        }
        behind_our_back(database, "DELETE FROM audit_chain WHERE seq > 8").await;
        ada.opens("/audit").await.must_say("Rows 9 to 10 of the chain are missing.");

        let worker = worker(app.clone());
        let page = verifies(&app, &ada).await;
        page.must_say("Not intact:");
        page.must_say("row 3 of the chain is missing");
        page.must_say("No signed checkpoint proves the rows before it.");
        worker.stop().await;
    }

    async fn lines_are_taken_away_as_files_and_that_stands_in_the_audit(database) {
        let (site, app) = site(database).await;
        happens(&app, 0).await;
        // More than one part of a file.
        database.execute(
            "INSERT INTO audit (id, at, actor, actor_id, verb, object, brokerage_id, detail)
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
             SELECT 'aud_many' || i, 1000 + i, 'system', NULL, '=cmd', '+' || i, NULL, '{\"a\":\"b\"}' FROM n",
        ).await;
        let omar = site.colleague("=Omar Haddad", &[StaffRole::Operations]).await;
        let page = omar.opens("/audit?verb=%3Dcmd").await;
        let form = page.form_that_says("As NDJSON");
        let objects = omar.presses(&form, "As NDJSON").await;
        assert!(objects.headers["content-disposition"].to_str().expect("plain").contains("audit-2026-11-21.ndjson"));
        let lines: Vec<serde_json::Value> =
            objects.source.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
        assert_eq!((lines.len(), &lines[0]["export"]["whole"]), (2502, &false.into()));
        assert_eq!(lines[2501]["end"]["lines"], 2500);
        let lines = &lines[1..2501];
        assert!(lines.iter().all(|line| line["verb"] == "=cmd"));
        let mut things: Vec<&str> = lines.iter().filter_map(|line| line["object"].as_str()).collect();
        things.sort_unstable();
        things.dedup();
        assert_eq!(things.len(), 2500, "each line once");

        let table = omar.presses(&form, "As a table").await;
        assert_eq!(table.source.lines().count(), 2501);
        let second = table.source.lines().nth(1).expect("a line");
        assert!(second.contains("\"'=cmd\"") && second.contains("\"'+2500\""), "{second}");
        assert!(!table.source.contains("\"=") && !table.source.contains("\"+"), "a cell is a formula");

        let page = omar.opens("/audit?verb=audit.export").await;
        for words in ["=Omar Haddad", "file: ndjson", "file: csv"] {
            page.must_say(words);
        }
        let mut unknown = form;
        unknown.fields.push(("sort".to_owned(), "xlsx".to_owned()));
        let unknown = omar.posts(&unknown).await;
        assert_eq!(unknown.status, 400);
    }
}
