//! What of a guide can be taken away: the commands as a script, the pages to print, the film with its places. And how
//! much a guide weighs.

use moxi_onboard::domain::{guide::BLANKS, kind::AccessKind};
use reqwest::{Method, header};

use super::{guide_of, plan, world};
use crate::{
    databases::{Database, Kind, on_both},
    world::{Folder, Page, visitor::Visitor},
};

/// What is sent of a page, compressed, with style and script: 14 KB at most.
const MOST: usize = 14 * 1024;

on_both! {
    async fn the_commands_come_as_a_script_that_asks(database) {
        let world = world(database, plan()).await;
        let admin = world.admin("exchange-healthy");
        let domain = admin.address().split_once('@').expect("an address").1.to_owned();
        admin.begins().await;
        let guide = guide_of(&admin, "exchange_basic").await;
        let link = guide.link("The commands as a script");
        let file = admin.browser.opens(&link).await;
        assert_eq!(file.headers[header::CONTENT_TYPE], "text/plain; charset=utf-8");
        let name = file.headers[header::CONTENT_DISPOSITION].to_str().expect("plain");
        assert!(name.starts_with("attachment; filename=\"MoxiEngage-") && name.ends_with("-1.ps1\""), "{name}");
        assert!(file.source.starts_with('\u{feff}') && file.source.contains("\r\n"), "{}", file.source);
        for said in [
            "# ---- Step 1: Create the service account\r\n",
            "    New-RoleGroup 'Impersonation' -Roles ApplicationImpersonation",
            &format!("-UserPrincipalName 'MoxiEngage@{domain}'"),
            "    $server = Read-Host 'Name of your server'\r\n",
            "if ((Read-Host 'Run these lines?",
        ] {
            assert!(file.source.contains(said), "{said} in {}", file.source);
        }
        assert!(!file.source.contains("'your test mailbox'"), "an example is no address: {}", file.source);
        let digest: String = <sha2::Sha256 as sha2::Digest>::digest(file.source.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        guide.must_say(&digest);
        assert_ne!(world.anonymous().opens(&link).await.headers[header::CONTENT_TYPE], "text/plain; charset=utf-8");

        let clicks = guide_of(&admin, "google_delegated").await;
        assert!(!clicks.says("The commands as a script"), "it has none");
        let none = admin.browser.opens(&format!("{}/script", clicks.url)).await;
        assert_eq!(none.status, 404);
        world.ends_well().await;
    }

    async fn the_pages_to_print_hold_everything_and_no_secret(database) {
        let world = world(database, plan()).await;
        let admin = world.admin("healthy");
        let failed = admin.first_attempt().await;
        let guide = admin.browser.opens(&format!("{}/guide", failed.url)).await;
        let pack = admin.browser.opens(&guide.link("The whole guide to print")).await;
        assert_eq!((pack.status.as_u16(), pack.heading()), (200, guide.heading()));
        let typed = admin.credential();
        for said in ["Step 7: Enter the details and submit", "203.0.113.10", "MoxiEngage", "What to hand back", "Test mailbox"] {
            pack.must_say(said);
        }
        for (field, value) in typed.all() {
            let secret = field == "client_secret";
            let named = ["tenant", "client_id", "test_mailbox"].contains(&field);
            assert!(!secret || !pack.source.contains(value), "a secret is on paper");
            assert!(!named || pack.says(value), "{field} is missing");
        }
        assert_eq!(pack.source.matches("<svg viewBox=\"0 0 352").count(), 3);
        let main = pack.source.split_once("<main").and_then(|(_, rest)| rest.split_once("</main>")).expect("main").0;
        assert!(!main.contains("<form"), "paper sends nothing");
        world.mailbox.gets(admin.address(), "Verified").await;
        world.ends_well().await;
    }

    async fn a_film_begins_at_each_step(database) {
        let folder = Folder::new();
        let own = folder.path().join("graph_secret");
        std::fs::create_dir_all(&own).expect("a folder");
        let text = "---\ntitle: As we do it\nversion: 7\ndate: 2026-11-20\nminutes: 5\nneeds:\n- A phone.\n---\n\n## Call us {#call}\nwhy: We know how.\nfilm: 1:05\n\n1. Call.\n\n## Wait {#wait}\nwhy: It takes a while.\n\n1. Wait.\n";
        std::fs::write(own.join("guide.md"), text).expect("written");
        let mut plan = plan();
        let dir = toml::Table::from_iter([("dir".to_owned(), folder.path().display().to_string().into())]);
        plan.more.insert("guides".to_owned(), dir.into());
        let films = toml::Table::from_iter([("graph_secret".to_owned(), "https://film.example/v?t={seconds}".into())]);
        let about = toml::Table::from_iter([("video_links".to_owned(), films.into())]);
        plan.more.insert("about".to_owned(), about.into());
        let world = world(database, plan).await;
        let admin = world.admin("healthy");
        admin.begins().await;
        let guide = guide_of(&admin, "graph_secret").await;
        assert_eq!(guide.link("Film, from 1:05"), "https://film.example/v?t=65");
        assert_eq!(guide.link("Watch it as a film"), "https://film.example/v?t=0");
        assert_eq!(guide.text().matches("Film, from").count(), 1);
        world.ends_well().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_guide_fills_its_blanks_and_weighs_little() {
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let world = world(&database, plan()).await;
    let mut weights = Vec::new();
    // An office may begin a few connections by itself: two kinds each.
    for (sample, kinds) in [
        ("healthy", &AccessKind::ALL[..2]),
        ("secret-wrong", &AccessKind::ALL[2..4]),
        ("app-unknown", &AccessKind::ALL[4..6]),
        ("exchange-healthy", &AccessKind::ALL[6..]),
    ] {
        let admin = world.admin(sample);
        admin.begins().await;
        for kind in kinds {
            let guide = guide_of(&admin, kind.id()).await;
            assert_eq!(guide.status, 200, "{}: {}", kind.id(), guide.text());
            for blank in BLANKS {
                let raw = admin.browser.opens(&guide.url).await;
                let unnamed = format!("<mark class=\"open\">{}</mark>", blank.replace('_', " "));
                assert!(!raw.source.contains(&unnamed), "{}: nobody fills {blank}", kind.id());
            }
            weights.push((kind.id(), weight(&admin.browser, &guide).await));
        }
    }
    println!("compressed, with style and script: {weights:?}");
    let heavy: Vec<_> = weights.iter().filter(|(_, weight)| *weight > MOST).collect();
    assert!(heavy.is_empty(), "{heavy:?} bytes, and {MOST} are allowed");
    world.ends_well().await;
}

/// What a browser loads of a page that it has never seen: the page, its style and its script.
async fn weight(browser: &Visitor, guide: &Page) -> usize {
    let assets = guide.source.split("\"/assets/").skip(1).filter_map(|rest| rest.split('"').next());
    let assets = assets.filter(|asset| !asset.ends_with(".svg")).map(|asset| format!("/assets/{asset}"));
    let mut weight = 0;
    for url in assets.chain([guide.url.clone()]) {
        let request = browser.request(Method::GET, &url).header(header::ACCEPT_ENCODING, "gzip");
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.headers()[header::CONTENT_ENCODING], "gzip", "{url}");
        weight += answer.bytes().await.expect("bytes").len();
    }
    weight
}
