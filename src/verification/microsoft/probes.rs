//! The steps that only read.

use jiff::{ToSpan, civil::Date};

use crate::verification::{cut::Cut, evidence::Evidence, progress::Running};

use super::{
    answer::request_id,
    graph::{Ask, Graph},
    page::{Account, MailboxSettings},
};

/// The most characters of a name that the other side gives.
const NAME: usize = 120;

/// What the directory says of the account.
pub(super) struct Known {
    /// Whether it has any licence, where the directory tells.
    pub(super) licensed: Option<bool>,
}

/// Looks the account up in the directory. Optional: it takes a permission that the check can do without.
pub(super) async fn account(graph: &Graph<'_>, running: &mut Running, cut: &Cut) -> Result<Known, Evidence> {
    let select = "$select=id,userPrincipalName,mail,accountEnabled,assignedLicenses";
    let ask = Ask::read(format!("{}?{select}", graph.user));
    let (account, id): (Account, _) = graph.read(&ask, cut).await?;
    let licensed = account.assigned_licenses.as_ref().map(|licences| !licences.is_empty());
    let said = |yes: Option<bool>| yes.map(|yes| if yes { "yes" } else { "no" });
    if let Some(name) = &account.user_principal_name {
        running.learn("User name", graph.scrub.clean(name, NAME));
    }
    for (label, yes) in [("Enabled", account.account_enabled), ("Licensed", licensed)] {
        if let Some(word) = said(yes) {
            running.learn(label, word);
        }
    }
    note(running, id);
    Ok(Known { licensed })
}

/// Reads the mailbox's settings: the app reaches this mailbox at all.
pub(super) async fn mailbox(graph: &Graph<'_>, running: &mut Running, cut: &Cut) -> Result<(), Evidence> {
    let ask = Ask::read(format!("{}/mailboxSettings?$select=timeZone,userPurpose", graph.user));
    let (settings, id): (MailboxSettings, _) = graph.read(&ask, cut).await?;
    for (label, value) in [("Time zone", settings.time_zone), ("Kind of mailbox", settings.user_purpose)] {
        if let Some(value) = value {
            running.learn(label, graph.scrub.clean(&value, NAME));
        }
    }
    note(running, id);
    Ok(())
}

/// Reads one contact.
pub(super) async fn contacts(graph: &Graph<'_>, running: &mut Running, cut: &Cut) -> Result<(), Evidence> {
    let ask = Ask::read(format!("{}/contacts?$top=1&$select=id,parentFolderId", graph.user));
    let (page, answer) = graph.page(&ask, cut).await?;
    running.learn("Contacts", if page.value.is_empty() { "none yet" } else { "can be read" });
    note(running, request_id(&answer.headers, &graph.scrub));
    Ok(())
}

/// Reads one contact of the mailbox that must be refused.
pub(super) async fn outside(graph: &Graph<'_>, user: &str, cut: &Cut) -> Result<(), Evidence> {
    let ask = Ask::read(format!("{user}/contacts?$top=1&$select=id"));
    graph.ask(&ask, cut).await.map(|_| ())
}

/// Reads one entry of the coming week.
pub(super) async fn calendar(
    graph: &Graph<'_>,
    today: Date,
    running: &mut Running,
    cut: &Cut,
) -> Result<(), Evidence> {
    let end = today.saturating_add(7.days());
    let window = format!("startDateTime={today}T00:00:00Z&endDateTime={end}T00:00:00Z");
    let ask = Ask::read(format!("{}/calendarView?{window}&$top=1&$select=id", graph.user));
    let (page, answer) = graph.page(&ask, cut).await?;
    running.learn("The coming week", if page.value.is_empty() { "no entries" } else { "can be read" });
    note(running, request_id(&answer.headers, &graph.scrub));
    Ok(())
}

/// Notes the id under which the server's people find the request.
pub(super) fn note(running: &mut Running, id: Option<(&'static str, String)>) {
    if let Some((label, id)) = id {
        running.learn(label, id);
    }
}
