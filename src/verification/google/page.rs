//! The bodies of good answers. Unknown members are passed over; a member that stands twice is refused.

use serde::Deserialize;

use crate::verification::json::{ENTRIES, few};

/// The most names of a contact, and the most addresses that mail can be sent as, that are looked at.
const FEW: usize = 100;

/// What a proof is exchanged for.
#[derive(Deserialize)]
pub(super) struct Token {
    pub(super) access_token: Option<String>,
}

/// A name of a contact.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PersonName {
    pub(super) given_name: Option<String>,
    pub(super) family_name: Option<String>,
}

/// A contact.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Person {
    pub(super) resource_name: Option<String>,
    #[serde(default, deserialize_with = "few::<_, _, FEW>")]
    pub(super) names: Vec<PersonName>,
}

/// A page of contacts. A list that is empty is left out.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct People {
    #[serde(default, deserialize_with = "few::<_, _, ENTRIES>")]
    pub(super) connections: Vec<Person>,
    pub(super) next_page_token: Option<String>,
    pub(super) next_sync_token: Option<String>,
}

/// A calendar. The id of a user's own is their address.
#[derive(Deserialize)]
pub(super) struct Calendar {
    pub(super) id: Option<String>,
}

/// An entry of a calendar.
#[derive(Deserialize)]
pub(super) struct Event {
    pub(super) id: Option<String>,
    pub(super) summary: Option<String>,
}

/// A page of a calendar.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Events {
    #[serde(default, deserialize_with = "few::<_, _, ENTRIES>")]
    pub(super) items: Vec<Event>,
    pub(super) next_page_token: Option<String>,
    pub(super) next_sync_token: Option<String>,
}

/// An address that mail can be sent as.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SendAs {
    pub(super) is_default: Option<bool>,
    pub(super) signature: Option<String>,
}

/// All of them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Senders {
    #[serde(default, deserialize_with = "few::<_, _, FEW>")]
    pub(super) send_as: Vec<SendAs>,
}
