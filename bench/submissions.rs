//! Durable submissions a second: one POST of a prepared draft each, answered only after its commit.

use std::time::Duration;

use moxi_onboard::simulator::Sample;
use reqwest::{Method, Request, StatusCode, header};

use crate::{
    databases::Database,
    load::{self, ms},
    raw,
    world::{Admin, Cast, Form, World, rows, seen::Seen, visitor::Visitor},
};

/// Connections, and how many submissions they send in all.
const LEVELS: [(usize, usize); 3] = [(1, 300), (16, 1200), (64, 2400)];
/// An accepted brokerage may have this many connections.
const PER_OFFICE: usize = 200 - 1;

pub async fn report(database: &Database) {
    let mut world = World::start_with(database, crate::calm(), &[Cast::Everything]).await;
    let wanted: usize = LEVELS.iter().map(|(_, count)| count).sum();
    let mut requests = Vec::with_capacity(wanted);
    let mut unmeasured = Vec::new();
    for office in 0..wanted.div_ceil(PER_OFFICE) {
        let admin = begins(&world, office).await;
        let left = (wanted - requests.len()).min(PER_OFFICE);
        requests.extend(drafts(&admin, left).await);
        unmeasured.extend(drafts_from(&admin, left, 1).await);
    }
    // From here on nobody checks: a worker on the same two cores would take part of what is measured.
    world.processes.remove(0).terminate().await;
    world.adds(Cast::Portal).await;
    // A brokerage has so many submissions an hour. One of each opens its window, and the rest then find room in it.
    let opened = load::send(unmeasured, 1, StatusCode::SEE_OTHER).await;
    assert_eq!(opened.wrong, 0, "one submission of each brokerage is answered");
    rows::execute(database, "UPDATE rate_limits SET uses = -1000000").await;
    println!("durable submissions, one POST each, against the rows alone:");
    for (connections, count) in LEVELS {
        let now = requests.split_off(requests.len() - count);
        let before = submitted(database).await;
        let outcome = load::send(now, connections, StatusCode::SEE_OTHER).await;
        let durable = submitted(database).await - before;
        assert_eq!((outcome.wrong, durable), (0, count), "every submission is answered and durable");
        let raw = raw::commits_per_second(database, connections, Duration::from_secs(3)).await;
        println!(
            "  {connections:>3} connections: {:>6.0} a second, raw commits {raw:>6.0} a second, share {:.2}; p50 {}, p99 {}",
            outcome.per_second(),
            outcome.per_second() / raw,
            ms(outcome.within(0.5)),
            ms(outcome.within(0.99)),
        );
    }
}

async fn submitted(database: &Database) -> usize {
    let count = rows::count(database, "SELECT COUNT(*) FROM attempts").await;
    usize::try_from(count).expect("a count")
}

/// A brokerage of its own, accepted, with its admin signed in.
pub async fn begins(world: &World<'_>, number: usize) -> Admin {
    let mut sample: Sample = world.sample("healthy");
    sample.brokerage.admin_email = format!("it{number}@{}", sample.tenant_domain);
    sample.brokerage.company = format!("Lakeshore Realty {number}");
    let visitor = Visitor::new(&world.portal, &Seen::default());
    let admin = Admin::new(visitor, sample, world.mailbox.clone(), Seen::default());
    admin.begins().await;
    rows::execute(world.database, "UPDATE brokerages SET accepted_at = created_at").await;
    admin
}

/// Requests that submit a draft each.
pub async fn drafts(admin: &Admin, count: usize) -> Vec<Request> {
    drafts_from(admin, 0, count).await
}

async fn drafts_from(admin: &Admin, first: usize, count: usize) -> Vec<Request> {
    let new = admin.browser.opens("/connections/new").await.form_with("external_id");
    let mut answers: Option<Form> = None;
    // Form keys are one person's own.
    let person: String = admin.address().chars().filter(char::is_ascii_alphanumeric).collect();
    let mut requests = Vec::with_capacity(count);
    for number in first..first + count {
        let form = new
            .clone()
            .with("name", &format!("Office {number}"))
            .with("kind", admin.sample.kind)
            .with("form_key", &format!("{person}{number:05}"));
        let page = leads_to(admin, &form).await;
        let mut filled = match &answers {
            Some(form) => form.clone(),
            None => {
                let asked = admin.browser.opens(&page).await;
                answers.insert(admin.fills(&asked, &admin.credential())).clone()
            }
        };
        filled.action.clone_from(&page);
        let review = leads_to(admin, &filled).await;
        let review = admin.browser.opens(&review).await.form_with("seen");
        let request = admin.browser.request(Method::POST, &review.action).form(&review.fields);
        requests.push(request.build().expect("a request"));
    }
    requests
}

async fn leads_to(admin: &Admin, form: &Form) -> String {
    let answer = admin.browser.posts(form).await;
    let location = answer.headers.get(header::LOCATION);
    location
        .unwrap_or_else(|| panic!("{}: {}", answer.status, answer.text()))
        .to_str()
        .expect("plain")
        .to_owned()
}
