//! The steps that only read.

use crate::verification::{cut::Cut, evidence::Evidence, progress::Running};

use super::{
    page::{Calendar, Events, People, Senders},
    service::{Ask, Service},
};

/// The fields of a contact that are asked for.
pub(super) const PERSON: &str = "personFields=names,metadata";

/// Reads one contact.
pub(super) async fn contacts(people: &Service<'_>, running: &mut Running, cut: &Cut) -> Result<(), Evidence> {
    let ask = Ask::read(format!("/v1/people/me/connections?{PERSON}&pageSize=1"));
    let page: People = people.read(&ask, cut).await?;
    running.learn("Contacts", if page.connections.is_empty() { "none yet" } else { "can be read" });
    Ok(())
}

/// Reads one entry of the calendar.
pub(super) async fn calendar(
    calendar: &Service<'_>,
    running: &mut Running,
    cut: &Cut,
) -> Result<(), Evidence> {
    let ask = Ask::read(format!("{EVENTS}?maxResults=1"));
    let page: Events = calendar.read(&ask, cut).await?;
    running.learn("Calendar", if page.items.is_empty() { "no entries yet" } else { "can be read" });
    Ok(())
}

/// Where the entries of the user's own calendar are.
pub(super) const EVENTS: &str = "/calendar/v3/calendars/primary/events";

/// Whether the calendar that opened is the service account's own. `false` where that cannot be told.
pub(super) async fn is_own(calendar: &Service<'_>, account: &str, cut: &Cut) -> bool {
    let ask = Ask::read("/calendar/v3/calendars/primary?fields=id".to_owned());
    let read: Result<Calendar, Evidence> = calendar.read(&ask, cut).await;
    read.is_ok_and(|calendar| calendar.id.is_some_and(|id| id.eq_ignore_ascii_case(account)))
}

/// Reads the addresses that mail can be sent as. Optional.
pub(super) async fn senders(mail: &Service<'_>, running: &mut Running, cut: &Cut) -> Result<(), Evidence> {
    let ask = Ask::read("/gmail/v1/users/me/settings/sendAs".to_owned());
    let senders: Senders = mail.read(&ask, cut).await?;
    running.learn("Sending addresses", senders.send_as.len().to_string());
    let own = senders.send_as.iter().find(|sender| sender.is_default == Some(true));
    let signed = own.and_then(|sender| sender.signature.as_ref()).is_some_and(|text| !text.is_empty());
    running.learn("Signature", if signed { "set" } else { "none" });
    Ok(())
}
