//! The orders of the queue: what each of them says, its headings and its choice, and that every other address keeps it.

use std::time::Duration;

use moxi_onboard::{
    actions::leave_note::{About, TypedNote, leave_note},
    domain::staff::StaffRole,
};

use super::{desk::waiting, pages::both, staff};
use crate::{
    databases::on_both,
    office::{fresh_key, office},
    world::Page,
};

/// The companies of a page's list, from its first row on.
fn listed(page: &Page) -> String {
    let rows = page.source.split("<tr data-row").skip(1);
    let company = |row: &str| ["Alder", "Birch", "Cedar"].into_iter().find(|name| row.contains(name));
    rows.filter_map(company).collect::<Vec<_>>().join(" ")
}

on_both! {
    async fn the_queue_stands_in_the_order_that_somebody_chose_and_every_address_keeps_it(database) {
        let (portal, site, _lab) = both(database).await;
        let app = &portal.app;
        let mut made = Vec::new();
        for name in ["Cedar", "alder", "Birch"] {
            let scope = office(app, &format!("{name}.example")).await;
            let id = &scope.brokerage;
            database.execute(&format!("UPDATE brokerages SET company = '{name} Homes', company_key = '{}' WHERE id = '{id}'", format!("{name} Homes").to_lowercase())).await;
            made.push(waiting(&portal, &scope, &format!("{}{} office", name[..1].to_uppercase(), &name[1..]), "").await);
            app.clock.advance(Duration::from_secs(60));
        }
        let lee = staff(database, 9, "Lee", StaffRole::Support).await;
        let note = TypedNote { text: "Who knows them?".to_owned(), kind: "question".to_owned() };
        leave_note(app, &lee, About::Connection(&made[2].connection), &note, &fresh_key()).await.expect("asked");

        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        for (path, order, marks) in [
            ("/", "Birch Cedar Alder", vec![("ascending", "Due ↑")]),
            ("/?order=due", "Birch Cedar Alder", vec![("ascending", "Due ↑")]),
            ("/?order=longest", "Cedar Alder Birch", vec![("ascending", "Why it needs a human ↑")]),
            ("/?order=newest", "Birch Alder Cedar", vec![("descending", "Why it needs a human ↓")]),
            ("/?order=company", "Alder Birch Cedar", vec![("ascending", "Brokerage ↑")]),
            ("/?view=acting&order=company", "Alder Birch Cedar", vec![("ascending", "Brokerage ↑")]),
            ("/?view=needs&kind=graph_secret&order=company", "Alder Birch Cedar", vec![("ascending", "Brokerage ↑")]),
            ("/?rule=acceptance&order=newest", "Cedar Alder Birch", Vec::new()),
            ("/?view=all", "Birch Alder Cedar", vec![("descending", "State ↓")]),
            ("/?view=all&order=longest", "Cedar Alder Birch", vec![("ascending", "State ↑")]),
            ("/?view=all&order=company", "Alder Birch Cedar", vec![("ascending", "Brokerage ↑")]),
            ("/?view=draft&order=longest", "Cedar Alder Birch", vec![("ascending", "State ↑")]),
            ("/?view=draft&order=company", "Birch Alder Cedar", vec![("descending", "State ↓")]),
            ("/?q=homes&order=longest", "Cedar Alder Birch", Vec::new()),
        ] {
            let page = dana.opens(path).await;
            if !path.contains("q=") {
                assert_eq!(listed(&page), order, "{path}");
            }
            let marked = page.html().marked("aria-sort");
            let marked: Vec<(&str, &str)> = marked.iter().map(|(word, heading)| (word.as_str(), heading.as_str())).collect();
            assert_eq!(marked, marks, "{path}");
        }

        let page = dana.opens("/?view=needs&kind=graph_secret&order=company").await;
        let links = page.html().links();
        let kept = links.iter().filter(|(url, _)| url.starts_with("/?view=")).collect::<Vec<_>>();
        assert!(kept.len() > 10, "{kept:?}");
        for (url, words) in kept {
            let heads = ["Why it needs a human", "Due", "Brokerage"].iter().any(|name| words.starts_with(name));
            assert!(url.contains("order=company") != heads, "{words}: {url}");
        }
        let searched = dana.sends(&page.form_with("q").with("q", "homes")).await;
        assert!(searched.url.contains("order=company"), "{}", searched.url);
        assert_eq!(searched.form_with("state").value("order"), Some("company"), "and behind the search it is there again");
        let filter = page.form_with("state");
        assert_eq!(filter.value("order"), Some("company"));
        let page = dana.sends(&filter.with("order", "longest")).await;
        assert_eq!((listed(&page).as_str(), page.form_with("back").value("back")), ("Cedar Alder Birch", Some("/?view=needs&kind=graph_secret&order=longest")));
        assert_eq!(dana.opens_once("/?order=%3Cscript%3E").await.status, 404);
    }
}
