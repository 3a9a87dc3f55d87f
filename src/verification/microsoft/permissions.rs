//! The permissions of an app, and which step needs which.

use crate::verification::{
    rules::{Scene, Speaker},
    step::StepId,
};

use super::cloud::Cloud;

/// A service for which tokens are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    /// Graph.
    Graph,
    /// EWS in Exchange Online.
    Ews,
}

/// The permission of EWS.
pub(super) const FULL_ACCESS: &[&str] = &["full_access_as_app"];

impl Service {
    /// Its host in a cloud.
    pub(super) const fn host(self, cloud: &Cloud) -> &'static str {
        match self {
            Self::Graph => cloud.graph,
            Self::Ews => cloud.ews,
        }
    }

    /// What a token for it names as its audience: an address or an application id.
    pub(super) fn audiences(self, cloud: &Cloud) -> [String; 2] {
        let id = match self {
            Self::Graph => "00000003-0000-0000-c000-000000000000",
            Self::Ews => "00000002-0000-0ff1-ce00-000000000000",
        };
        [format!("https://{}", self.host(cloud)), id.to_owned()]
    }

    /// The permissions that the guide asks for, and the narrower or optional ones that do no harm.
    pub(super) const fn harmless(self) -> &'static [&'static str] {
        match self {
            Self::Graph => &[
                "Contacts.ReadWrite",
                "Contacts.Read",
                "Calendars.ReadWrite",
                "Calendars.Read",
                "Mail.Send",
                "MailboxSettings.Read",
                "User.Read.All",
            ],
            Self::Ews => FULL_ACCESS,
        }
    }
}

/// Permissions of which one is enough for a step over Graph, the one that the guide names first.
pub(super) const fn needs(step: StepId) -> &'static [&'static str] {
    match step {
        StepId::Account => {
            &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"]
        }
        StepId::Mailbox => &["MailboxSettings.Read", "MailboxSettings.ReadWrite"],
        StepId::ContactsRead | StepId::ContactsSync => &["Contacts.ReadWrite", "Contacts.Read"],
        StepId::CalendarRead => &["Calendars.ReadWrite", "Calendars.Read"],
        StepId::ContactWrite | StepId::ContactRemove => &["Contacts.ReadWrite"],
        StepId::EventWrite | StepId::EventRemove => &["Calendars.ReadWrite"],
        StepId::SendRight => &["Mail.Send"],
        _ => &[],
    }
}

/// A step at the sign-in service, which stands for itself.
pub(in crate::verification) const fn signing(step: StepId) -> Scene<'static> {
    Scene::of(Speaker::SignIn, step)
}

/// A step at Graph, with the permissions in the token where they could be read.
pub(super) const fn at_graph(step: StepId, roles: Option<&[String]>) -> Scene<'_> {
    Scene { roles, needs: needs(step), ..Scene::of(Speaker::Graph, step) }
}
