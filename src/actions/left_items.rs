//! What checks left in test mailboxes, as it stands in the database and as people read it.

use jiff::civil::Date;

use crate::{
    app::App,
    domain::{
        address::MailAddress,
        credential::CredentialSettings,
        ids::{AttemptId, BrokerageId, CheckId, ConnectionId, JobId},
        instant::Instant,
        job::Job,
        refused::Refused,
        test_item::TestItem,
    },
    store::{LeftItem, Read, Result, Write},
};

use super::draft::DRY_RUN_BOX;

/// The purpose under which the place of a test item is encrypted; the owner is the check's id.
pub const PLACE_BOX: &str = "test_items.place";

/// By what a test item is found.
#[derive(serde::Serialize, serde::Deserialize)]
struct Place {
    /// Where it is not the check's test mailbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mailbox: Option<MailAddress>,
    mark: String,
    day: Date,
    id: Option<String>,
}

/// The place of an item, encrypted for its row. `mailbox` is `None` for the check's own test mailbox.
pub(super) fn sealed_place(
    app: &App,
    check: &CheckId,
    mailbox: Option<&MailAddress>,
    item: &TestItem,
) -> std::result::Result<Vec<u8>, Refused> {
    let place =
        Place { mailbox: mailbox.cloned(), mark: item.mark.clone(), day: item.day, id: item.id.clone() };
    app.to_box(PLACE_BOX, check.as_str(), &place)
}

/// The item that a row is about, and its mailbox, where that is not the check's test mailbox. Errs as a fault when it was
/// encrypted under another key.
pub(super) fn opened_item(
    app: &App,
    left: &LeftItem,
) -> std::result::Result<(Option<MailAddress>, TestItem), Refused> {
    let place: Place = app.from_box(PLACE_BOX, left.check_id.as_str(), &left.place_box)?;
    Ok((place.mailbox, TestItem { thing: left.thing, mark: place.mark, day: place.day, id: place.id }))
}

/// Has a job remove what a check left behind, where it left anything.
pub(super) async fn have_removed(
    app: &App,
    write: &mut Write,
    brokerage: &BrokerageId,
    check: &CheckId,
) -> Result<()> {
    if write.left_by_check(check).await?.is_empty() {
        return Ok(());
    }
    let now = write.now();
    let job = Job::ClearMailbox(check.clone());
    write.enqueue(app.new_id(JobId::from_random), &job, Some(brokerage), now).await
}

/// Has jobs try anew what was given up at a connection: its credential works again.
pub(super) async fn try_anew(
    app: &App,
    write: &mut Write,
    brokerage: &BrokerageId,
    connection: &ConnectionId,
) -> Result<()> {
    for check in write.try_items_anew(connection).await? {
        have_removed(app, write, brokerage, &check).await?;
    }
    Ok(())
}

/// So many things are shown at the most.
const SHOWN: i64 = 20;

/// Something of ours that may still be in a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StillThere {
    /// What people call it.
    pub thing: &'static str,
    /// The mailbox it is in; empty where the attempt is not known.
    pub mailbox: String,
    /// When it was written.
    pub since: Instant,
    /// Whether we still try to remove it.
    pub tried: bool,
}

/// The settings that a dry run tested; none that this process cannot open: the list is worth showing without them.
async fn of_dry_run(app: &App, read: &mut Read, check: &CheckId) -> Result<Option<CredentialSettings>> {
    let stored = read.dry_run(check).await?;
    Ok(stored.and_then(|stored| app.from_box(DRY_RUN_BOX, check.as_str(), &stored.settings_box).ok()))
}

/// What of ours may still be in the mailboxes of a connection.
pub async fn still_there(
    app: &App,
    read: &mut Read,
    brokerage: &BrokerageId,
    connection: &ConnectionId,
    settings: impl Fn(&AttemptId) -> Option<CredentialSettings>,
) -> Result<Vec<StillThere>> {
    let left = read.left_by_connection(brokerage, connection, SHOWN).await?;
    let mut shown = Vec::with_capacity(left.len());
    for one in left {
        let settings = match &one.attempt_id {
            Some(attempt) => settings(attempt),
            None => of_dry_run(app, read, &one.check_id).await?,
        };
        let mailbox = match opened_item(app, &one) {
            Ok((Some(mailbox), _)) => mailbox.as_str().to_owned(),
            _ => settings.map(|of| of.test_mailbox().as_str().to_owned()).unwrap_or_default(),
        };
        shown.push(StillThere {
            thing: one.thing.words(),
            mailbox,
            since: one.noted_at,
            tried: one.given_up_at.is_none(),
        });
    }
    Ok(shown)
}
