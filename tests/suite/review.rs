//! What our own people do about connections, and the queue they see: the actions, on both databases.

mod brokerages;
pub mod by_hand;
mod causes;
mod checks;
mod desk;
mod enabling;
mod figures;
mod handing;

mod history;
mod in_use;
mod invitations;
mod items;
mod keepers;
mod mails;
mod messages;
mod news;
mod orders;
pub mod pages;
mod prepare;
mod queue;
mod refusing;
mod saved_lists;
mod sent;

use moxi_onboard::{
    app::App,
    domain::{
        ids::StaffId,
        review::NeedRule,
        staff::{StaffRole, StaffScope},
    },
    store::all_brokerages::{Queue, QueueFilter, QueueView, Review},
};

use crate::{databases::Database, running::Submission};

/// One of our people with one role, known to the database.
pub async fn staff(database: &Database, number: u8, name: &str, role: StaffRole) -> StaffScope {
    let id = StaffId::from_random([number; 16]);
    database
        .execute(&format!(
            "INSERT INTO staff (id, issuer, subject, name, first_seen_at, last_seen_at)
             VALUES ('{id}', 'https://id.moxi.example', 'subject-{number}', '{name}', 1, 1)"
        ))
        .await;
    StaffScope { staff: id, name: name.to_owned(), roles: vec![role] }
}

/// The queue as one of our people sees it, without an end.
pub async fn queue(app: &App, scope: &StaffScope, view: &QueueView) -> Queue {
    let mut read = app.store.read().await.expect("a transaction");
    read.all_brokerages(scope)
        .expect("may read")
        .queue(view, view.orders()[0], &QueueFilter::default(), None, 50)
        .await
        .expect("a page")
}

pub async fn review(app: &App, scope: &StaffScope, of: &Submission) -> Review {
    let mut read = app.store.read().await.expect("a transaction");
    let mut all = read.all_brokerages(scope).expect("may read");
    all.review(&of.connection).await.expect("rows").expect("one")
}

/// The rules by which it needs a human.
pub fn rules(review: &Review) -> Vec<NeedRule> {
    review.needs.iter().map(|need| need.rule).collect()
}
