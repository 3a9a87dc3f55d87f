//! The queue: views, pages, searches; and that it reads across brokerages for our own people alone.

use std::collections::BTreeSet;

use moxi_onboard::{
    app::App,
    domain::{
        connection::State,
        search::search_text,
        staff::{StaffRole, StaffScope},
    },
    store::all_brokerages::{QueueItem, QueuePlace, QueueView},
};

use super::{queue, staff};
use crate::{
    databases::{Database, on_both},
    office::office,
    running::Portal,
};

/// So many connections of offices that nobody accepted, all in the same microsecond: ids alone tell them apart.
async fn filled(database: &Database, portal: &Portal, names: &[&str]) {
    for (number, name) in names.iter().enumerate() {
        let scope = office(&portal.app, &format!("office{number}.example")).await;
        portal.connection(&scope, name).await;
    }
    assert_eq!(database.count("connections").await, i64::try_from(names.len()).expect("small"));
}

async fn page(
    app: &App,
    dana: &StaffScope,
    view: &QueueView,
    after: Option<&QueuePlace>,
    most: usize,
) -> (Vec<QueueItem>, Option<QueuePlace>) {
    let mut read = app.store.read().await.expect("a transaction");
    let page = read.all_brokerages(dana).expect("may read").queue(view, after, most).await.expect("a page");
    (page.items, page.next)
}

async fn names(app: &App, dana: &StaffScope, typed: &str) -> Vec<String> {
    let Some(text) = search_text(typed) else { return Vec::new() };
    let found = queue(app, dana, &QueueView::Found(text)).await;
    let mut names: Vec<String> = found.items.iter().map(|item| item.name.as_str().to_owned()).collect();
    names.sort();
    names
}

on_both! {
    async fn pages_follow_each_other_without_gap_or_repetition(database) {
        let portal = Portal::open(database).await;
        let dana = staff(database, 1, "Dana", StaffRole::Reviewer).await;
        let all: Vec<String> = (0..11).map(|number| format!("Office {number}")).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        filled(database, &portal, &all).await;
        let views = [QueueView::Needing, QueueView::All, QueueView::In(State::Draft), QueueView::Found("office".to_owned())];
        for view in views {
            let mut seen = BTreeSet::new();
            let mut after = None;
            let mut pages = 0;
            loop {
                let (items, next) = page(&portal.app, &dana, &view, after.as_ref(), 4).await;
                assert!(items.len() <= 4, "{view:?}");
                for item in items {
                    assert!(seen.insert(item.id.clone()), "{view:?} shows {} twice", item.name);
                }
                pages += 1;
                let Some(next) = next else { break };
                // A place reads back from an address.
                after = QueuePlace::parse(&next.to_string());
            }
            assert_eq!((seen.len(), pages), (11, 3), "{view:?}");
        }
        assert!(queue(&portal.app, &dana, &QueueView::In(State::Failed)).await.items.is_empty());
        assert!(queue(&portal.app, &dana, &QueueView::TakenBy(dana.staff.clone())).await.items.is_empty());
        let counts = portal.app.store.read().await.expect("a transaction");
        let mut counts = counts;
        let counts = counts.all_brokerages(&dana).expect("may read").queue_counts(&dana.staff).await.expect("counts");
        assert_eq!((counts.needing, counts.mine, counts.failed), (11, 0, 0));
    }

    async fn a_search_finds_beginnings_and_takes_every_letter_as_it_is(database) {
        let portal = Portal::open(database).await;
        let dana = staff(database, 1, "Dana", StaffRole::Reviewer).await;
        let app = &portal.app;
        filled(database, &portal, &["Harbor & Pine", "100% mail", "a_b", "axb", "Größe", "''; DROP TABLE notes--"]).await;
        assert_eq!(names(app, &dana, "HARBOR").await, ["Harbor & Pine"]);
        assert_eq!(names(app, &dana, "pine").await, ["Harbor & Pine"]);
        assert_eq!(names(app, &dana, "ine").await, Vec::<String>::new(), "no middle of a word");
        assert_eq!(names(app, &dana, "a_").await, ["a_b"]);
        assert_eq!(names(app, &dana, "100%").await, ["100% mail"]);
        assert_eq!(names(app, &dana, "GRÖSSE").await, Vec::<String>::new());
        assert_eq!(names(app, &dana, "größe").await, ["Größe"]);
        assert_eq!(names(app, &dana, "''; drop").await, ["''; DROP TABLE notes--"]);
        assert_eq!(names(app, &dana, "office3.example").await, ["axb"]);
        assert_eq!(names(app, &dana, "lakeshore").await.len(), 6, "each once, though company and words match");
        for nothing in ["%%%%", "_", "%", "\u{10ffff}", "\\", "*", &"x".repeat(10_240), &"%".repeat(119)] {
            assert_eq!(names(app, &dana, nothing).await, Vec::<String>::new(), "{nothing}");
        }
    }

    async fn a_place_that_somebody_made_up_shows_nothing_that_is_not_asked_for(database) {
        let portal = Portal::open(database).await;
        let dana = staff(database, 1, "Dana", StaffRole::Reviewer).await;
        filled(database, &portal, &["Alder", "Birch"]).await;
        let (items, _) = page(&portal.app, &dana, &QueueView::All, None, 50).await;
        for key in ["", "x", "99999999999999999999999", "-1", "a"] {
            let place = QueuePlace { key: key.to_owned(), id: items[0].id.clone() };
            let (found, _) = page(&portal.app, &dana, &QueueView::Found("birch".to_owned()), Some(&place), 50).await;
            assert_eq!(found.len(), 1, "{key:?}");
            page(&portal.app, &dana, &QueueView::All, Some(&place), 50).await;
        }
        let nobody = StaffScope { roles: Vec::new(), ..dana };
        let mut read = portal.app.store.read().await.expect("a transaction");
        assert!(read.all_brokerages(&nobody).is_err(), "without a role nothing is read");
    }
}
