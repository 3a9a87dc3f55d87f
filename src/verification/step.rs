//! The steps of a check, and what each needs.

use crate::domain::check::PlannedStep;

/// A step of the Microsoft 365 plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StepId {
    /// Find the tenant.
    Tenant,
    /// Sign in.
    Token,
    /// Look up the account; optional.
    Account,
    /// Open the mailbox.
    Mailbox,
    /// Read a contact.
    ContactsRead,
    /// Read the calendar.
    CalendarRead,
    /// Write a contact.
    ContactWrite,
    /// Read the list of changes to its end.
    ContactsSync,
    /// Remove the contact.
    ContactRemove,
    /// Write a calendar entry.
    EventWrite,
    /// Remove it.
    EventRemove,
    /// Whether mail may be sent.
    SendRight,
}

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

const fn planned(id: &'static str, title: &'static str) -> PlannedStep {
    PlannedStep { id, title }
}

impl StepId {
    /// Every step in the order of the plan.
    pub const ALL: &[Self] = &[
        Self::Tenant,
        Self::Token,
        Self::Account,
        Self::Mailbox,
        Self::ContactsRead,
        Self::CalendarRead,
        Self::ContactWrite,
        Self::ContactsSync,
        Self::ContactRemove,
        Self::EventWrite,
        Self::EventRemove,
        Self::SendRight,
    ];

    /// The plan, in the same order.
    pub const PLAN: &[PlannedStep] = &[
        planned("tenant", "Find your Microsoft 365 tenant"),
        planned("token", "Sign in as your app"),
        planned("account", "Look up the test mailbox's account (optional)"),
        planned("mailbox", "Open the test mailbox"),
        planned("contacts_read", "Read contacts"),
        planned("calendar_read", "Read the calendar"),
        planned("contact_write", "Write a test contact"),
        planned("contacts_sync", "Synchronise contacts"),
        planned("contact_remove", "Remove the test contact"),
        planned("event_write", "Write a test calendar entry"),
        planned("event_remove", "Remove the test calendar entry"),
        planned("send_right", "May mail be sent? (nothing is sent)"),
    ];

    /// Its entry in the plan.
    pub const fn planned(self) -> &'static PlannedStep {
        &Self::PLAN[self as usize]
    }

    /// Permissions of which one is enough for this step, the one that the guide names first.
    pub const fn needs(self) -> &'static [&'static str] {
        match self {
            Self::Tenant | Self::Token => &[],
            Self::Account => {
                &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"]
            }
            Self::Mailbox => &["MailboxSettings.Read", "MailboxSettings.ReadWrite"],
            Self::ContactsRead | Self::ContactsSync => &["Contacts.ReadWrite", "Contacts.Read"],
            Self::CalendarRead => &["Calendars.ReadWrite", "Calendars.Read"],
            Self::ContactWrite | Self::ContactRemove => &["Contacts.ReadWrite"],
            Self::EventWrite | Self::EventRemove => &["Calendars.ReadWrite"],
            Self::SendRight => &["Mail.Send"],
        }
    }

    /// Whether these permissions are enough for this step.
    pub fn is_permitted_by(self, roles: &[String]) -> bool {
        self.needs().is_empty() || roles.iter().any(|role| self.needs().contains(&role.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_and_the_steps_go_together() {
        assert_eq!(StepId::ALL.len(), StepId::PLAN.len());
        for (at, step) in StepId::ALL.iter().enumerate() {
            assert_eq!(*step as usize, at);
            assert_eq!(step.planned(), &StepId::PLAN[at]);
        }
    }
}
