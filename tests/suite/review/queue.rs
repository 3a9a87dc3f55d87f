//! The queue: views, pages, searches; and that it reads across brokerages for our own people alone.

use std::collections::BTreeSet;

use moxi_onboard::{
    app::App,
    domain::{
        connection::State,
        kind::AccessKind,
        review::NeedRule,
        scope::Scope,
        search::search_text,
        staff::{StaffRole, StaffScope},
    },
    store::all_brokerages::{QueueFilter, QueueItem, QueueOrder, QueuePlace, QueueView},
};

use super::{queue, staff};
use crate::{
    databases::{Database, Kind, on_both},
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

/// The sortable end of an id or a word.
const NUMBER: &str =
    "substr('00000000000000000000000000', 1, 26 - length(CAST(i AS TEXT))) || CAST(i AS TEXT)";

/// 2,000 connections, the last changed last, each found twice by the letter l.
async fn two_thousand(database: &Database, scope: &Scope) {
    let all = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)";
    for text in [
        format!(
            "{all} INSERT INTO connections (id, version, brokerage_id, reference, name, name_key, kind, came_from, state, created_at, changed_at)
             SELECT 'con_' || {NUMBER}, 1, '{}', 'LKS-' || i, 'Office ' || i, 'office ' || i, 'graph_secret', 'draft', 'draft', 1, i FROM n",
            scope.brokerage
        ),
        format!(
            "{all} INSERT INTO connection_words (word, connection_id)
             SELECT 'lakeshore ' || {NUMBER}, 'con_' || {NUMBER} FROM n UNION SELECT 'lks-' || {NUMBER}, 'con_' || {NUMBER} FROM n"
        ),
    ] {
        database.execute(&text).await;
    }
}

async fn page(
    app: &App,
    dana: &StaffScope,
    (view, order): (&QueueView, QueueOrder),
    after: Option<&QueuePlace>,
    most: usize,
) -> (Vec<QueueItem>, Option<QueuePlace>) {
    let mut read = app.store.read().await.expect("a transaction");
    let page = read
        .all_brokerages(dana)
        .expect("may read")
        .queue(view, order, &QueueFilter::default(), after, most)
        .await
        .expect("a page");
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
        let views = [QueueView::Needing, QueueView::All, QueueView::In(State::Draft), QueueView::Of(AccessKind::GraphSecret), QueueView::ByRule(NeedRule::Acceptance), QueueView::Found("office".to_owned())];
        for (view, order) in views.iter().flat_map(|view| view.orders().iter().map(move |order| (view, *order))) {
            let mut seen = BTreeSet::new();
            let mut after = None;
            let mut pages = 0;
            loop {
                let (items, next) = page(&portal.app, &dana, (view, order), after.as_ref(), 4).await;
                assert!(items.len() <= 4, "{view:?} {order:?}");
                for item in items {
                    assert!(seen.insert(item.id.clone()), "{view:?} {order:?} shows {} twice", item.name);
                }
                pages += 1;
                let Some(next) = next else { break };
                // A place reads back from an address.
                after = QueuePlace::parse(&next.to_string());
            }
            assert_eq!((seen.len(), pages), (11, 3), "{view:?} {order:?}");
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
        let (items, _) = page(&portal.app, &dana, (&QueueView::All, QueueOrder::Newest), None, 50).await;
        for key in ["", "x", "99999999999999999999999", "-1", "a"] {
            let place = QueuePlace { key: key.to_owned(), id: items[0].id.clone() };
            let (found, _) = page(&portal.app, &dana, (&QueueView::Found("birch".to_owned()), QueueOrder::Due), Some(&place), 50).await;
            assert_eq!(found.len(), 1, "{key:?}");
            for order in QueueView::All.orders() {
                page(&portal.app, &dana, (&QueueView::All, *order), Some(&place), 50).await;
            }
        }
        let nobody = StaffScope { roles: Vec::new(), ..dana };
        let mut read = portal.app.store.read().await.expect("a transaction");
        assert!(read.all_brokerages(&nobody).is_err(), "without a role nothing is read");
    }

    async fn a_search_of_a_letter_looks_through_so_many_words_a_page(database) {
        let portal = Portal::open(database).await;
        let dana = staff(database, 1, "Dana", StaffRole::Reviewer).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        two_thousand(database, &scope).await;
        let view = QueueView::Found("l".to_owned());
        let mut seen = BTreeSet::new();
        let (mut after, mut full, mut cut_short) = (None, 0, Vec::new());
        loop {
            let mut read = portal.app.store.read().await.expect("a transaction");
            let page = read.all_brokerages(&dana).expect("may read").queue(&view, QueueOrder::Due, &QueueFilter::default(), after.as_ref(), 50).await.expect("a page");
            drop(read);
            let new = page.items.iter().filter(|item| seen.insert(item.id.clone())).count();
            assert_eq!(new, page.items.len(), "each connection once");
            full += usize::from(page.items.len() == 50);
            if page.cut_short {
                cut_short.push(page.items.len());
            }
            let Some(next) = page.next else { break };
            after = Some(next);
        }
        assert_eq!((seen.len(), full, cut_short), (2000, 40, vec![50, 0]), "the words behind those show nothing new");
    }

    async fn a_filter_that_fits_few_looks_through_so_many_rows_a_page_in_their_order(database) {
        let portal = Portal::open(database).await;
        let dana = staff(database, 1, "Dana", StaffRole::Reviewer).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        two_thousand(database, &scope).await;
        // Their times have from one to four digits: as texts they would stand in another order.
        database.execute("UPDATE connections SET kind = 'exchange_basic' WHERE changed_at IN (1001, 1000, 99)").await;
        let filter = QueueFilter { kind: Some(AccessKind::ExchangeBasic), ..QueueFilter::default() };
        let told = |found: &str, cut_short| (found.to_owned(), cut_short);
        let latest = [told("Office 1001", true), told("Office 1000, Office 99", true), told("", false)];
        let longest = [told("Office 99, Office 1000", true), told("Office 1001", true), told("", false)];
        for (view, order, expected) in [
            (QueueView::All, QueueOrder::Newest, &latest),
            (QueueView::In(State::Draft), QueueOrder::Newest, &latest),
            (QueueView::All, QueueOrder::Longest, &longest),
            (QueueView::In(State::Draft), QueueOrder::Longest, &longest),
        ] {
            let (mut pages, mut after) = (Vec::new(), None);
            loop {
                let mut read = portal.app.store.read().await.expect("a transaction");
                let page = read.all_brokerages(&dana).expect("may read").queue(&view, order, &filter, after.as_ref(), 50).await.expect("a page");
                let found: Vec<String> = page.items.iter().map(|item| item.name.to_string()).collect();
                pages.push((found.join(", "), page.cut_short));
                let Some(next) = page.next else { break };
                after = Some(next);
            }
            assert_eq!(pages, *expected, "{view:?} {order:?}");
        }
    }
}

/// What one process changes another one hears, and no browser asks the table for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_in_another_process_is_heard() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let portal = Portal::open(&database).await;
    let other = database.open(&portal.app.clock).await;
    let before = portal.app.clock.now();
    portal.app.clock.advance(std::time::Duration::from_secs(1));
    // Its line to the others is open when it hears something; until then it is told again.
    for number in 0..200 {
        let scope = office(&portal.app, &format!("office{number}.example")).await;
        portal.connection(&scope, "Main office").await;
        if other.wakes().queue_changed(false) > before {
            assert!(other.wakes().queue_changed(true) > before);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the other process heard nothing");
}
