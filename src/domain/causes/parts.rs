//! What several entries share: templates by remedy, and mends that many causes have in common.

use crate::domain::cause::{Cause, Mend, Remedy, SecretFault, Who};

/// A step of a mend in words alone.
pub(super) const fn say(text: &'static str) -> Mend {
    Mend { text, command: None, copy: None, exchanges_mailbox: false }
}

/// A step of a mend that takes another test mailbox.
pub(super) const fn other(text: &'static str) -> Mend {
    Mend { exchanges_mailbox: true, ..say(text) }
}

/// A step of a mend with the command that does it.
pub(super) const fn run(text: &'static str, command: &'static str) -> Mend {
    Mend { text, command: Some(command), copy: None, exchanges_mailbox: false }
}

/// A step of a mend with a value to be copied.
pub(super) const fn copy(text: &'static str, value: &'static str) -> Mend {
    Mend { text, command: None, copy: Some(value), exchanges_mailbox: false }
}

/// The admin acts; identity and permission, so a fresh start with new names is the default.
pub(super) const ACT: Cause = Cause {
    id: "",
    title: "",
    meaning: "",
    mend: &[],
    who: Who::Admin,
    remedy: Remedy::Act,
    waits: None,
    renew: true,
    secret: SecretFault::No,
    answer: false,
    scenarios: &[],
    told: None,
    own_server: None,
};

/// The admin acts, and names stay: it is about the test mailbox, not about the app.
pub(super) const KEEP: Cause = Cause { renew: false, ..ACT };

/// The admin enters something else in a new attempt, and names stay: to check the same answers again would find the same.
pub(super) const ANSWER: Cause = Cause { answer: true, ..KEEP };

/// The admin acts, and names stay: what is there needs a secret that works.
pub(super) const RENEW_SECRET: Cause = Cause { secret: SecretFault::Yes, ..KEEP };

/// The same, where the secret may be right after all once something about its account was mended.
pub(super) const DOUBT_SECRET: Cause = Cause { secret: SecretFault::Maybe, ..KEEP };

/// The other side is busy or could not be reached; we try again soon.
pub(super) const RETRY: Cause = Cause { who: Who::Provider, remedy: Remedy::Retry, ..KEEP };

/// The admin acts, and names stay; the way in has a change of its own pace, so the same attempt is looked at again.
pub(super) const ACT_THEN_WAIT: Cause = Cause { remedy: Remedy::ActThenWait, ..ACT };

/// Whoever runs the network or the hosting acts; names stay.
pub(super) const HOSTER: Cause = Cause { who: Who::HostingProvider, ..KEEP };

/// Ours to look at.
pub(super) const OURS: Cause = Cause { who: Who::MoxiWorks, remedy: Remedy::Ours, ..KEEP };

/// Works; mend it all the same.
pub(super) const ADVISE: Cause = Cause { remedy: Remedy::Advise, ..KEEP };

pub(super) const OUR_TURN: &[Mend] = &[say(
    "You have nothing to do. Our people have been told and will write to you. If it is urgent, write to {support}.",
)];

pub(super) const TRY_SOON: &[Mend] = &[say(
    "You have nothing to do. We try again by ourselves in a few minutes. If it lasts longer than an hour, write to {support}.",
)];
