//! How long a page of the staff queue takes with few and with many connections, and how much longer with many.

use std::time::Duration;

use moxi_onboard::domain::staff::StaffRole;
use reqwest::{Method, Request, StatusCode};

use crate::{
    databases::{Database, Kind},
    fresh,
    load::{self, ms},
    staff_site::StaffSite,
    world::visitor::Visitor,
};

const SIZES: [usize; 2] = [1_000, 100_000];
/// Events of one connection, in its timeline.
const EVENTS: usize = 2_000;
/// The views that show nothing, so that the others have to.
const EMPTY: [&str; 2] = ["where nothing fits", "search that fits nothing"];
const READERS: usize = 2;
const REQUESTS: usize = 600;

/// The views, and pages in the middle of them.
const VIEWS: [(&str, &str); 28] = [
    ("needs a human", "/"),
    ("mine", "/?view=mine"),
    ("failed", "/?view=failed"),
    ("put off", "/?view=snoozed"),
    ("of my brokerages", "/?view=brokerages"),
    ("being checked", "/?view=checking"),
    ("of one rule", "/?rule=could_not_tell"),
    ("of one kind", "/?kind=graph_secret"),
    ("of one cause", "/?cause=client_secret_invalid"),
    ("of one id", "/?external=mls-777"),
    ("of a state and nobody's, for me among them few", "/?view=needs&owner=nobody&kind=graph_secret"),
    ("where nothing fits", "/?state=verified&kind=exchange_basic&owner=nobody"),
    ("all", "/?view=all"),
    ("all, from the middle", "/?view=all&after=con_00000000000000000000000500.1795257720500000"),
    ("needs a human, what waits longest first", "/?order=longest"),
    ("needs a human, newest news first", "/?order=newest"),
    ("needs a human, by brokerage", "/?order=company"),
    ("failed, what waits longest first", "/?view=failed&order=longest"),
    ("all, by brokerage", "/?view=all&order=company"),
    (
        "all, by brokerage, from the middle",
        "/?view=all&order=company&after=con_00000000000000000000000500.lakeshore%20realty%20100",
    ),
    ("search that fits every one", "/?q=off"),
    ("search that fits one", "/?q=office%20777."),
    (
        "search, where nothing new follows",
        "/?q=l&after=con_99999999999999999999999999.lakeshore%20realty%209999",
    ),
    ("brokerages without a connection", "/brokerages"),
    ("search that fits one brokerage", "/?q=realty%20199"),
    ("search that fits nothing", "/?q=zeppelin"),
    ("timeline of 2,000 events", "/connections/con_00000000000000000000000007/timeline"),
    (
        "timeline of 2,000 events, from the middle",
        "/connections/con_00000000000000000000000007/timeline?before=1795257720001000.0.aud_x",
    ),
];

pub async fn report(kind: Kind) {
    println!("staff queue, {READERS} readers, {REQUESTS} pages of each view, {SIZES:?} connections:");
    let few = measure(&fresh(kind).await, SIZES[0]).await;
    let many = measure(&fresh(kind).await, SIZES[1]).await;
    for (((name, _), few), many) in VIEWS.iter().zip(few).zip(many) {
        println!(
            "  {name}: p50 {} and {}, p99 {} and {}; growth of p50 {:.2}",
            ms(few.0),
            ms(many.0),
            ms(few.1),
            ms(many.1),
            many.0.as_secs_f64() / few.0.as_secs_f64(),
        );
    }
}

/// p50 and p99 of each view.
async fn measure(database: &Database, connections: usize) -> Vec<(Duration, Duration)> {
    let site = StaffSite::open(database).await;
    let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
    fill(database, connections).await;
    let mut times = Vec::with_capacity(VIEWS.len());
    for (name, path) in VIEWS {
        let page = dana.opens(path).await;
        let shows =
            page.source.contains("/con_") || page.source.contains("/brk_") || path.contains("/timeline");
        assert_eq!(shows, !EMPTY.contains(&name), "{path} shows what it is asked for");
        // What is read for the first time comes from the disk; the second time counts.
        load::send(pages(&dana, path, 50), READERS, StatusCode::OK).await;
        let outcome = load::send(pages(&dana, path, REQUESTS), READERS, StatusCode::OK).await;
        assert_eq!(outcome.wrong, 0, "every page of {path} is shown");
        times.push((outcome.within(0.5), outcome.within(0.99)));
    }
    times
}

fn pages(reader: &Visitor, path: &str, count: usize) -> Vec<Request> {
    (0..count).map(|_| reader.request(Method::GET, path).build().expect("a request")).collect()
}

/// Rows as the actions write them: five connections a brokerage, in every state, one in twenty in need, and one brokerage
/// in eleven without a connection. The reader has taken fifty of them, however many there are.
async fn fill(database: &Database, connections: usize) {
    let numbers = |last: usize| {
        format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {last})")
    };
    let id = |prefix: &str, number: &str| {
        format!(
            "'{prefix}_' || substr('00000000000000000000000000', 1, 26 - length(CAST({number} AS TEXT))) || CAST({number} AS TEXT)"
        )
    };
    let blob = match database.kind {
        Kind::Sqlite => "BLOB",
        Kind::Postgres => "BYTEA",
    };
    let bytes = format!("CAST('x' AS {blob})");
    let apart = connections / 50;
    let connected = connections.div_ceil(5);
    let (all, offices) = (numbers(connections), numbers(connected + connected / 10));
    let (con, att, office) = (id("con", "i"), id("att", "i"), id("brk", "((i - 1) / 5 + 1)"));
    for text in [
        format!(
            "{offices} INSERT INTO brokerages (id, version, company, company_key, contact, origin, proven_domain, accepted_at, created_at,
                 unconnected_since)
             SELECT {}, 1, 'Lakeshore Realty ' || i, 'lakeshore realty ' || i, 'Ida', 'invited', 'office' || i || '.example', 1, 1,
                 CASE WHEN i > {connected} THEN 1795257720000000 + i END FROM n",
            id("brk", "i")
        ),
        format!(
            "{offices} INSERT INTO people (id, version, brokerage_id, name, address_box, address_key, mail_domain, created_at)
             SELECT {}, 1, {}, 'Ida', {bytes}, CAST(CAST(i AS TEXT) AS {blob}), 'office.example', 1 FROM n",
            id("per", "i"),
            id("brk", "i"),
        ),
        format!(
            "{all} INSERT INTO connections (id, version, brokerage_id, reference, name, name_key, kind, came_from, state, phase,
                 candidate_id, created_at, changed_at, needs_since, needs_latest, company_key, queue_due, queue_since, snoozed_until, cause, external_id, external_id_key, manager_id, taken_by, taken_at)
             SELECT {con}, 1, {office}, 'LKS-' || i, 'Office ' || i || '.', 'office ' || i || '.', 'graph_secret',
                 CASE WHEN i % 10 = 3 THEN 'draft' ELSE 'submitted' END,
                 CASE WHEN i % 10 = 3 THEN 'draft' WHEN i % 10 < 3 THEN 'failed' WHEN i % 10 = 4 THEN 'submitted' ELSE 'verified' END,
                 CASE WHEN i % 20 = 4 THEN 'needs_staff' WHEN i % 10 = 4 THEN 'checking' END,
                 {att}, 1, 1795257720000000 + (i * 7919 % 1000003),
                 CASE WHEN i % 20 = 4 THEN 1795257720000000 + (i * 7919 % 1000003) END,
                 CASE WHEN i % 20 = 4 THEN 1795257720000000 + (i * 7919 % 1000003) END, 'lakeshore realty ' || ((i - 1) / 5 + 1),
                 CASE WHEN i % 20 = 4 THEN 1795257720000000 + (i * 7919 % 1000003) END,
                 CASE WHEN i % 20 = 4 THEN 1795257720000000 + (i * 7919 % 1000003) END,
                 CASE WHEN i % 20 = 5 THEN 1795257720000000 + i END,
                 CASE WHEN i % 10 IN (3, 5, 6, 7, 8, 9) THEN NULL ELSE 'client_secret_invalid' END,
                 'MLS-' || i, 'mls-' || i,
                 CASE WHEN i % {apart} = 1 THEN (SELECT MIN(id) FROM staff) END,
                 CASE WHEN i % {apart} = 0 THEN (SELECT MIN(id) FROM staff) END, CASE WHEN i % {apart} = 0 THEN 1 END FROM n"
        ),
        format!(
            "{all} INSERT INTO attempts (id, brokerage_id, connection_id, number, kind, settings_box, submitted_by, submitted_at,
                 came_from, state, cause)
             SELECT {att}, {office}, {con}, 1, 'graph_secret', {bytes}, {}, 1, 'submitted', 'failed', 'client_secret_invalid' FROM n",
            id("per", "((i - 1) / 5 + 1)")
        ),
        format!(
            "{all} INSERT INTO needs (connection_id, rule, since, due_at)
             SELECT {con}, 'could_not_tell', 1795257720000000 + (i * 7919 % 1000003), 1795257720000000 + (i * 7919 % 1000003)
             FROM n WHERE i % 20 = 4"
        ),
        format!(
            "{all} INSERT INTO connection_words (word, connection_id)
             SELECT 'office ' || i || '.', {con} FROM n UNION SELECT CAST(i AS TEXT), {con} FROM n
             UNION SELECT 'lakeshore realty ' || ((i - 1) / 5 + 1), {con} FROM n UNION SELECT 'lks-' || i, {con} FROM n"
        ),
        // A brokerage is found by each word of its name on.
        format!(
            "{offices} INSERT INTO brokerage_words (word, brokerage_id)
             SELECT 'lakeshore realty ' || i, {one} FROM n UNION SELECT 'realty ' || i, {one} FROM n
             UNION SELECT CAST(i AS TEXT), {one} FROM n UNION SELECT 'ida', {one} FROM n
             UNION SELECT 'office' || i || '.example', {one} FROM n",
            one = id("brk", "i")
        ),
        format!(
            "{all} INSERT INTO audit (id, at, actor, verb, object, brokerage_id, detail)
             SELECT {}, 1795257720000000 + i, 'system', 'item.return', {con}, {office}, '{{}}' FROM n",
            id("aud", "i")
        ),
        // One of them has a long story; half of it is about its attempt.
        format!(
            "{} INSERT INTO audit (id, at, actor, verb, object, brokerage_id, detail)
             SELECT {}, 1795257720000000 + i, 'system', 'attempt.submit',
                 CASE WHEN i % 2 = 0 THEN {} ELSE {} END, {}, '{{}}' FROM n",
            numbers(EVENTS),
            id("aud", &format!("({connections} + i)")),
            id("con", "7"),
            id("att", "7"),
            id("brk", "2"),
        ),
        "ANALYZE".to_owned(),
    ] {
        database.execute(&text).await;
    }
}
