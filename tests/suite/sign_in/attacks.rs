//! What scanners, strangers and thieves do.

use std::{collections::BTreeSet, time::Duration};

use super::house::{Browser, House, wrong};
use crate::{databases::on_both, http::world::Answer};

const IDA: &str = "ida@lakeshore.example";
const MINUTE: Duration = Duration::from_secs(60);

fn links(text: &str) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = ["href=\"", "action=\"", "src=\""]
        .iter()
        .flat_map(|mark| text.split(mark).skip(1))
        .filter_map(|rest| rest.split_once('"').map(|(path, _)| path.replace("&amp;", "&")))
        .collect();
    let own = text.split_whitespace().filter(|word| word.contains("://"));
    found.extend(
        own.filter_map(|word| word.split_once("://")?.1.split_once('/').map(|(_, path)| format!("/{path}"))),
    );
    found.retain(|path| path.starts_with('/'));
    found
}

/// Opens everything, presses everything, reads nothing.
async fn scans(scanner: &mut Browser, paths: &BTreeSet<String>) {
    for path in paths {
        for _ in 0..50 {
            for method in ["GET", "HEAD"] {
                let answer = scanner.says(method, path, "", "").await;
                assert!(answer.status < 500, "{method} {path} {}", answer.status);
            }
        }
        scanner.get(path).await;
        for fields in
            [&[][..], &[("code", "K7Q2M9XA")], &[("email", "")], &[("company", "x"), ("contact", "y")]]
        {
            let answer = scanner.sends(path, fields).await;
            assert!(answer.status < 500, "POST {path} {}", answer.status);
        }
    }
}

on_both! {
    async fn a_mail_scanner_spends_nothing(database) {
        let house = House::open(database).await;
        let mut ida = house.asks(IDA).await;
        let code = house.code(IDA, 1).await;
        let page = ida.get("/sign-in/code").await;
        let mut paths = links(&page.body);
        assert!(paths.contains("/sign-in/code") && paths.contains("/sign-in/again"), "{paths:?}");
        paths.extend(links(&house.mail(IDA, 1).await));
        paths.extend(["/start".to_owned(), "/sign-out".to_owned(), format!("/sign-in/code?code={code}")]);
        scans(&mut house.browser(), &paths).await;
        // A scanner that has somehow the token and the code, but not this browser's cookies.
        let mut armed = house.browser();
        armed.get("/sign-in").await;
        assert_eq!(armed.types(&code).await.status, 409);
        assert_eq!(database.count("sessions").await, 0);
        assert_eq!(ida.types(&code).await.header("location"), "/start", "the code still counts");
    }

    async fn a_code_counts_only_in_the_browser_that_asked(database) {
        let house = House::open(database).await;
        let mut ida = house.asks(IDA).await;
        let code = house.code(IDA, 1).await;
        let mut pat = house.asks("pat@lakeshore.example").await;
        let answer = pat.types(&code).await;
        assert!(answer.status == 422 && answer.body.contains("4 tries are left"), "{answer:?}");
        let mut bare = house.browser();
        bare.get("/sign-in").await;
        let answer = bare.types(&code).await;
        assert!(answer.status == 409 && answer.body.contains("This browser has not asked"), "{answer:?}");
        assert!(!answer.body.contains("<title>Error"));
        assert_eq!(ida.types(&code).await.status, 303);
    }

    async fn known_and_unknown_addresses_look_the_same(database) {
        let house = House::open(database).await;
        house.begins(IDA).await;
        house.passes(database, MINUTE).await;
        let before = (database.count("mails").await, database.count("sign_ins").await, database.count("audit").await);
        let mut seen = Vec::new();
        for (n, address) in ["ida@lakeshore.example", "ido@lakeshore.example"].into_iter().enumerate() {
            let mut browser = house.browser();
            let asked = browser.asks(address).await;
            house.code(address, if n == 0 { 2 } else { 1 }).await;
            crate::running::until(&house.app, "the mail is accepted", &mut async || {
                (database.count("mails WHERE state <> 'accepted'").await == 0).then_some(())
            }).await;
            let page = browser.get("/sign-in/code").await;
            let wrong = browser.types(&wrong("A")).await;
            let again = browser.post("/sign-in/again", &[]).await;
            let grown = i64::try_from(n).expect("small") + 1;
            assert_eq!(database.count("mails").await, before.0 + grown);
            assert_eq!(database.count("sign_ins").await, before.1 + grown);
            assert_eq!(database.count("audit").await, before.2 + grown);
            seen.push([shape(&asked, address), shape(&page, address), shape(&wrong, address), shape(&again, address)]);
        }
        assert_eq!(seen[0], seen[1]);
    }

    async fn asking_for_a_code_and_typing_a_wrong_one_looks_nobody_up(database) {
        let house = House::open(database).await;
        house.begins(IDA).await;
        house.passes(database, MINUTE).await;
        // What is away cannot be read: so no answer, and no time until it, depends on who is known or invited.
        let tables = ["people", "invitations", "brokerages"];
        for table in tables {
            database.execute(&format!("ALTER TABLE {table} RENAME TO {table}_away")).await;
        }
        for address in [IDA, "ido@lakeshore.example"] {
            let mut browser = house.browser();
            assert_eq!(browser.asks(address).await.status, 303, "{address}");
            assert_eq!(browser.get("/sign-in/code").await.status, 200, "{address}");
            assert_eq!(browser.types(&wrong("A")).await.status, 422, "{address}");
        }
        for table in tables {
            database.execute(&format!("ALTER TABLE {table}_away RENAME TO {table}")).await;
        }
        assert_eq!(database.count("sign_ins").await, 3);
    }

    async fn a_planted_session_is_worth_nothing_and_a_stolen_one_ends(database) {
        let house = House::open(database).await;
        let mut ida = house.proves(IDA, 1).await;
        let planted = "AAAAAAAAAAAAAAAAAAAAAA".to_owned();
        ida.cookies.insert("__Host-portal".to_owned(), planted.clone());
        assert_eq!(ida.begins("Lakeshore").await.status, 303);
        let session = ida.cookies["__Host-portal"].clone();
        assert_ne!(session, planted);
        let mut thief = house.browser();
        thief.cookies.insert("__Host-portal".to_owned(), planted);
        assert!(!thief.is_in().await);
        thief.cookies.insert("__Host-portal".to_owned(), session);
        assert!(thief.is_in().await);
        ida.get("/overview").await;
        ida.post("/sign-out", &[]).await;
        assert!(!thief.is_in().await, "the id is dead at once");
        assert_eq!(database.count("sessions").await, 0);
    }

    async fn a_table_holds_neither_cookie_nor_code_nor_session(database) {
        let house = House::open(database).await;
        let ida = house.proves(IDA, 1).await;
        let code = house.code(IDA, 1).await;
        let login = ida.cookies["__Host-login"].clone();
        let mut ida = ida;
        ida.begins("Lakeshore").await;
        for needle in [code.as_str(), &login, IDA] {
            assert!(!crate::rows::holds(database, needle.as_bytes()).await, "{needle}");
        }
    }
}

/// An answer without what is random or typed.
fn shape(answer: &Answer, address: &str) -> (u16, Vec<(String, String)>, String) {
    let mut headers: Vec<(String, String)> = answer
        .head()
        .lines()
        .filter_map(|line| line.split_once(": "))
        .filter(|(name, _)| !["date", "x-request-id", "set-cookie"].contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    assert!(headers.len() > 5, "{headers:?}");
    for line in answer.headers("set-cookie") {
        let (name, rest) = line.split_once('=').expect("a pair");
        let rest = rest.split_once(';').map(|(_, rest)| rest.to_owned());
        headers.push((name.to_owned(), rest.unwrap_or_default()));
    }
    let mut body = answer.body.replace(address, "ADDRESS");
    for name in ["csrf", "form_key"] {
        let mark = format!("name=\"{name}\" value=\"");
        let mut parts = body.split(&mark);
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            out.push_str(part.split_once('"').map_or(part, |(_, rest)| rest));
        }
        body = out;
    }
    // Times differ by the second on a database whose own clock counts.
    (answer.status, headers, body.chars().filter(|letter| !letter.is_ascii_digit()).collect())
}
