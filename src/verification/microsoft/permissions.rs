//! The permissions of an app, and which step needs which.

use crate::verification::{
    rules::{Scene, Speaker},
    step::StepId,
};

/// The permissions that the guide asks for, and the narrower or optional ones that do no harm.
pub const HARMLESS: &[&str] = &[
    "Contacts.ReadWrite",
    "Contacts.Read",
    "Calendars.ReadWrite",
    "Calendars.Read",
    "Mail.Send",
    "MailboxSettings.Read",
    "User.Read.All",
];

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
