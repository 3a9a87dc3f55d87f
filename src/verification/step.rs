//! The steps of all checks, and the plan of each kind: which steps, in which order, under which titles.

use crate::domain::{check::PlannedStep, kind::AccessKind};

/// A step of a check. Kinds share the steps that mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StepId {
    /// Find the tenant.
    Tenant,
    /// Sign in as an app.
    Token,
    /// Look up the account; optional.
    Account,
    /// Ask Microsoft 365 whether the mailbox is there.
    HopCloud,
    /// Ask the domain's own host where the server is.
    HopRoot,
    /// Ask the domain's autodiscover host.
    HopHost,
    /// See where the autodiscover host leads over plain HTTP.
    HopPlain,
    /// See where the service record leads.
    HopService,
    /// Find the server by the domain of the mailbox.
    Autodiscover,
    /// Find the server's addresses.
    Dns,
    /// Connect.
    Tcp,
    /// Secure the connection.
    Tls,
    /// Connect to a provider's host and secure the connection.
    Connect,
    /// Ask without a password and read what the server wants.
    Challenge,
    /// Sign in with the password.
    SignIn,
    /// Does the password end?
    PasswordExpiry,
    /// Open the mailbox.
    Mailbox,
    /// Open the service account's own mailbox.
    OwnMailbox,
    /// Is a mailbox refused that must be?
    OutsideMailbox,
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
    /// Whether Graph would work too.
    GraphReady,
    /// Whether the service account may act for the test mailbox's contacts.
    ContactsToken,
    /// The same for its calendar.
    CalendarToken,
    /// The same for sending as it.
    MailToken,
    /// Read the calendar's list of changes to its end.
    CalendarSync,
    /// Read signature and sending addresses; optional.
    MailSettings,
}

/// What the check of a kind does.
#[derive(Debug)]
pub struct Plan {
    /// Its steps in the order in which pages show them.
    pub steps: &'static [StepId],
    /// The same as pages show them.
    pub shown: &'static [PlannedStep],
    /// Steps that may be left out of a check that passes.
    pub optional: &'static [StepId],
    /// Whether the server is the customer's own, so that they mend what is wrong on the way to it.
    pub own_server: bool,
}

const fn planned(id: &'static str, title: &'static str) -> PlannedStep {
    PlannedStep { id, title }
}

use StepId as S;

/// The places where autodiscover is asked, in their order.
pub const HOPS: &[StepId] = &[S::HopCloud, S::HopRoot, S::HopHost, S::HopPlain, S::HopService];

/// Microsoft 365 over Graph.
pub const GRAPH: Plan = Plan {
    steps: &[
        S::Tenant,
        S::Token,
        S::Account,
        S::Mailbox,
        S::ContactsRead,
        S::CalendarRead,
        S::ContactWrite,
        S::ContactsSync,
        S::ContactRemove,
        S::EventWrite,
        S::EventRemove,
        S::SendRight,
        S::OutsideMailbox,
    ],
    shown: &[
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
        planned("outside_mailbox", "Is the mailbox refused that must be? (optional)"),
    ],
    optional: &[S::Account, S::OutsideMailbox],
    own_server: false,
};

/// Exchange Server with a service account.
pub const EXCHANGE: Plan = Plan {
    steps: &[
        S::HopCloud,
        S::HopRoot,
        S::HopHost,
        S::HopPlain,
        S::HopService,
        S::Autodiscover,
        S::Dns,
        S::Tcp,
        S::Tls,
        S::Challenge,
        S::SignIn,
        S::PasswordExpiry,
        S::Mailbox,
        S::OwnMailbox,
        S::ContactsRead,
        S::CalendarRead,
        S::ContactWrite,
        S::ContactsSync,
        S::ContactRemove,
        S::EventWrite,
        S::EventRemove,
        S::SendRight,
        S::OutsideMailbox,
    ],
    shown: &[
        planned("autodiscover_cloud", "Autodiscover: is the mailbox in Microsoft 365?"),
        planned("autodiscover_root", "Autodiscover: ask your domain itself"),
        planned("autodiscover_host", "Autodiscover: ask the host \"autodiscover\" of your domain"),
        planned("autodiscover_redirect", "Autodiscover: does that host lead elsewhere?"),
        planned("autodiscover_service", "Autodiscover: is there a service record?"),
        planned("autodiscover", "Find your Exchange server"),
        planned("dns", "Look up the server's name"),
        planned("tcp", "Reach the server"),
        planned("tls", "Secure the connection"),
        planned("challenge", "Ask how the server wants us to sign in (no password is sent)"),
        planned("sign_in", "Sign in as the service account"),
        planned("password_expiry", "Does the password end?"),
        planned("mailbox", "Open the test mailbox as its owner"),
        planned("own_mailbox", "Open the service account's own mailbox the same way"),
        planned("contacts_read", "Read contacts"),
        planned("calendar_read", "Read the calendar"),
        planned("contact_write", "Write a test contact"),
        planned("contacts_sync", "Synchronise contacts"),
        planned("contact_remove", "Remove the test contact"),
        planned("event_write", "Write a test calendar entry"),
        planned("event_remove", "Remove the test calendar entry"),
        planned("send_right", "Save and remove a draft (nothing is sent)"),
        planned("outside_mailbox", "Is the mailbox refused that must be? (optional)"),
    ],
    optional: &[
        S::HopCloud,
        S::HopRoot,
        S::HopHost,
        S::HopPlain,
        S::HopService,
        S::Autodiscover,
        S::PasswordExpiry,
        S::OwnMailbox,
        S::OutsideMailbox,
    ],
    own_server: true,
};

/// Microsoft 365 over EWS.
pub const EWS: Plan = Plan {
    steps: &[
        S::Tenant,
        S::Token,
        S::Connect,
        S::Mailbox,
        S::ContactsRead,
        S::CalendarRead,
        S::ContactWrite,
        S::ContactsSync,
        S::ContactRemove,
        S::EventWrite,
        S::EventRemove,
        S::SendRight,
        S::OutsideMailbox,
        S::GraphReady,
    ],
    shown: &[
        planned("tenant", "Find your Microsoft 365 tenant"),
        planned("token", "Sign in as your app"),
        planned("connect", "Reach Exchange Online"),
        planned("mailbox", "Open the test mailbox as its owner"),
        planned("contacts_read", "Read contacts"),
        planned("calendar_read", "Read the calendar"),
        planned("contact_write", "Write a test contact"),
        planned("contacts_sync", "Synchronise contacts"),
        planned("contact_remove", "Remove the test contact"),
        planned("event_write", "Write a test calendar entry"),
        planned("event_remove", "Remove the test calendar entry"),
        planned("send_right", "Save and remove a draft (nothing is sent)"),
        planned("outside_mailbox", "Is the mailbox refused that must be? (optional)"),
        planned("graph_ready", "Is your tenant ready for Microsoft Graph?"),
    ],
    optional: &[S::OutsideMailbox, S::GraphReady],
    own_server: false,
};

const GOOGLE_STEPS: &[StepId] = &[
    S::Token,
    S::ContactsToken,
    S::CalendarToken,
    S::MailToken,
    S::ContactsRead,
    S::CalendarRead,
    S::ContactWrite,
    S::ContactsSync,
    S::ContactRemove,
    S::EventWrite,
    S::CalendarSync,
    S::EventRemove,
    S::SendRight,
    S::MailSettings,
];
const GOOGLE_SHOWN: &[PlannedStep] = &[
    planned("token", "Show Google who the service account is"),
    planned("contacts_token", "May it act for the test mailbox: contacts"),
    planned("calendar_token", "May it act for the test mailbox: calendar"),
    planned("mail_token", "May it act for the test mailbox: sending mail"),
    planned("contacts_read", "Read contacts"),
    planned("calendar_read", "Read the calendar"),
    planned("contact_write", "Write a test contact"),
    planned("contacts_sync", "Synchronise contacts"),
    planned("contact_remove", "Remove the test contact"),
    planned("event_write", "Write a test calendar entry"),
    planned("calendar_sync", "Synchronise the calendar"),
    planned("event_remove", "Remove the test calendar entry"),
    planned("send_right", "May mail be sent? (nothing is sent)"),
    planned("gmail_settings", "Read signature and sending addresses (optional)"),
];

/// Google Workspace with our own service account.
pub const GOOGLE_DELEGATED: Plan =
    Plan { steps: GOOGLE_STEPS, shown: GOOGLE_SHOWN, optional: &[S::MailSettings], own_server: false };

/// Google Workspace with a service account of the office's own.
pub const GOOGLE_KEY: Plan =
    Plan { steps: GOOGLE_STEPS, shown: GOOGLE_SHOWN, optional: &[S::MailSettings], own_server: false };

/// Microsoft 365 over EWS with a service account's password.
pub const PASSWORD: Plan = Plan {
    steps: &[
        S::Tenant,
        S::Challenge,
        S::SignIn,
        S::PasswordExpiry,
        S::Mailbox,
        S::ContactsRead,
        S::CalendarRead,
        S::ContactWrite,
        S::ContactsSync,
        S::ContactRemove,
        S::EventWrite,
        S::EventRemove,
        S::SendRight,
    ],
    shown: &[
        planned("tenant", "Find your Microsoft 365 tenant"),
        planned("challenge", "Ask how Exchange Online wants us to sign in (no password is sent)"),
        planned("sign_in", "Sign in as the service account"),
        planned("password_expiry", "Does the password end?"),
        planned("mailbox", "Open the test mailbox as its owner"),
        planned("contacts_read", "Read contacts"),
        planned("calendar_read", "Read the calendar"),
        planned("contact_write", "Write a test contact"),
        planned("contacts_sync", "Synchronise contacts"),
        planned("contact_remove", "Remove the test contact"),
        planned("event_write", "Write a test calendar entry"),
        planned("event_remove", "Remove the test calendar entry"),
        planned("send_right", "Save and remove a draft (nothing is sent)"),
    ],
    optional: &[S::PasswordExpiry],
    own_server: false,
};

/// The look at a mailbox of a roster that must be refused. Nothing is written to it.
pub const OUTSIDE: Plan = Plan {
    steps: &[S::OutsideMailbox],
    shown: &[planned("outside_mailbox", "Is the mailbox refused that must be?")],
    optional: &[],
    own_server: false,
};

/// What a roster needs once, and what it needs for each of its mailboxes. The mailbox that must be refused has a plan of
/// its own.
#[derive(Debug)]
pub struct Parts {
    /// Up to the sign-in.
    pub door: Plan,
    /// One mailbox, with the credential that was accepted.
    pub mailbox: Plan,
}

/// Microsoft 365 over Graph, in parts.
pub const GRAPH_PARTS: Parts = Parts {
    door: Plan { optional: &[], ..GRAPH.part(0, 2) },
    mailbox: Plan { optional: &[S::Account], ..GRAPH.part(2, GRAPH.steps.len() - 1) },
};

/// Microsoft 365 over EWS, in parts. Whether the tenant could move to Graph is the business of its check.
pub const EWS_PARTS: Parts = Parts {
    door: Plan { optional: &[], ..EWS.part(0, 3) },
    mailbox: Plan { optional: &[], ..EWS.part(3, 12) },
};

/// Google Workspace, in parts, whosever the service account is.
pub const GOOGLE_PARTS: Parts = Parts {
    door: Plan { optional: &[], ..GOOGLE_KEY.part(0, 1) },
    mailbox: GOOGLE_KEY.part(1, GOOGLE_STEPS.len()),
};

/// Exchange Server, in parts.
pub const EXCHANGE_PARTS: Parts = Parts {
    door: Plan {
        optional: &[
            S::HopCloud,
            S::HopRoot,
            S::HopHost,
            S::HopPlain,
            S::HopService,
            S::Autodiscover,
            S::PasswordExpiry,
        ],
        ..EXCHANGE.part(0, 12)
    },
    mailbox: Plan { own_server: true, ..EWS_PARTS.mailbox },
};

/// Microsoft 365 with a service account's password, in parts: the mailbox is reached as with an app over EWS.
pub const PASSWORD_PARTS: Parts = Parts { door: PASSWORD.part(0, 4), mailbox: EWS_PARTS.mailbox };

impl Plan {
    /// The steps from one place to before another, under the same titles.
    const fn part(&self, from: usize, to: usize) -> Self {
        Self {
            steps: self.steps.split_at(to).0.split_at(from).1,
            shown: self.shown.split_at(to).0.split_at(from).1,
            optional: self.optional,
            own_server: self.own_server,
        }
    }

    /// The plan of a kind.
    pub const fn of(kind: AccessKind) -> &'static Self {
        match kind {
            AccessKind::GraphCertificate | AccessKind::GraphSecret => &GRAPH,
            AccessKind::ExchangeBasic => &EXCHANGE,
            AccessKind::EwsSecret => &EWS,
            AccessKind::GoogleDelegated => &GOOGLE_DELEGATED,
            AccessKind::GoogleKey => &GOOGLE_KEY,
            AccessKind::Microsoft365Password => &PASSWORD,
        }
    }

    /// Where a step stands in it, and how pages show it; `None` for a step of another kind.
    pub fn find(&self, step: StepId) -> Option<(usize, &'static PlannedStep)> {
        let at = self.steps.iter().position(|planned| *planned == step)?;
        self.shown.get(at).map(|shown| (at, shown))
    }

    /// Whether a check passes without the step of this id.
    pub fn is_optional(&self, id: &str) -> bool {
        self.optional.iter().any(|step| self.find(*step).is_some_and(|(_, shown)| shown.id == id))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn the_parts_of_a_plan_meet_between_the_sign_in_and_the_mailbox() {
        for (parts, last, first) in [
            (&GRAPH_PARTS, S::Token, S::Account),
            (&EWS_PARTS, S::Connect, S::Mailbox),
            (&EXCHANGE_PARTS, S::PasswordExpiry, S::Mailbox),
            (&PASSWORD_PARTS, S::PasswordExpiry, S::Mailbox),
            (&GOOGLE_PARTS, S::Token, S::ContactsToken),
        ] {
            assert_eq!(parts.door.steps.last(), Some(&last));
            assert_eq!(parts.mailbox.steps.first(), Some(&first));
            assert!(parts.mailbox.steps.contains(&S::SendRight));
            for plan in [&parts.door, &parts.mailbox] {
                assert_eq!(plan.steps.len(), plan.shown.len());
                assert!(plan.optional.iter().all(|step| plan.find(*step).is_some()));
            }
        }
    }

    #[test]
    fn every_plan_shows_each_of_its_steps_once_under_an_id_that_all_kinds_share() {
        let mut ids = BTreeMap::new();
        for kind in AccessKind::ALL {
            let plan = Plan::of(*kind);
            assert_eq!(plan.steps.len(), plan.shown.len());
            assert_eq!(plan.steps.iter().collect::<BTreeSet<_>>().len(), plan.steps.len(), "{kind:?}");
            assert!(plan.optional.iter().all(|step| plan.find(*step).is_some()));
            for (step, shown) in plan.steps.iter().zip(plan.shown) {
                assert_eq!(*ids.entry(*step).or_insert(shown.id), shown.id);
            }
        }
        assert_eq!(ids.values().collect::<BTreeSet<_>>().len(), ids.len(), "one id, one step");
    }
}
