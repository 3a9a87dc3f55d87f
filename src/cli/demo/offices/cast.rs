//! Which offices are played, and how far each one comes. Each has a sample of the simulated world; the demo's README tour
//! names some of them.

/// An office and its story.
pub(super) struct Part {
    /// The sample whose people and credential it has.
    pub(super) sample: &'static str,
    /// How far the office comes by itself.
    pub(super) comes: Comes,
    /// What happens then, one after the other.
    pub(super) then: &'static [Then],
}

/// How far an office comes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Comes {
    /// It makes a connection, fills in part of the form and goes home.
    Begins,
    /// It submits, and its check ends.
    Submits,
    /// Its first attempt fails; it says that it is mended, and it fails once more.
    FailsTwice,
    /// Its first attempt fails; the second has a good credential.
    Mends,
}

/// Something that somebody does about an office.
#[derive(Clone, Copy)]
pub(super) enum Then {
    /// A reviewer accepts the brokerage.
    Accepted,
    /// The account manager takes it on.
    Managed,
    /// MoxiEngage was told to use it.
    Enabled,
    /// One of our people takes it.
    Taken(&'static str),
    /// One of our people puts it off until the next working day.
    PutOff(&'static str),
    /// One of our people leaves a note.
    Note(&'static str, &'static str),
    /// The office asks us something.
    Asks(&'static str),
    /// Support answers what it asked.
    Answered(&'static str),
    /// Support asks to see its secret; the office has not answered.
    Support(&'static str),
    /// The office says yes to that.
    Yes,
    /// The office says no to that.
    No,
    /// Operations ask for a second operations person.
    Operations(&'static str),
    /// Two operations people opened it in an emergency that is over: a third person has not looked it over.
    Emergency(&'static str),
    /// A reviewer wants it verified by hand; a second person has not answered.
    ByHand(&'static str),
    /// The office takes its submission back.
    Withdrawn,
    /// The office closes its connection.
    Closed(&'static str),
}
use Comes::{Begins, FailsTwice, Mends, Submits};
use Then::{
    Accepted, Answered, Asks, ByHand, Closed, Emergency, Enabled, Managed, No, Note, Operations, PutOff,
    Support, Taken, Withdrawn, Yes,
};

const fn part(sample: &'static str, comes: Comes, then: &'static [Then]) -> Part {
    Part { sample, comes, then }
}

/// Every office that is played.
pub(super) const CAST: &[Part] = &[
    // What works.
    part(
        "healthy-exchange-roles",
        Submits,
        &[Accepted, Managed, Enabled, Support("Their agents see no contacts since Friday."), Yes],
    ),
    part("too-many-permissions", Submits, &[Accepted, Managed, Enabled]),
    part(
        "secret-expires-soon",
        Submits,
        &[Accepted, Support("To compare the client secret with the one in their ticket.")],
    ),
    part(
        "exchange-2016",
        Submits,
        &[Accepted, Support("They are not sure which password they entered."), No],
    ),
    part("google-busy", Submits, &[Accepted, Note("kim", "Called: they add forty agents in January.")]),
    part(
        "app-unknown",
        Mends,
        &[Accepted, Operations("Their secret store was restored; is this the new secret?")],
    ),
    // What the office has to mend.
    part(
        "no-subscription",
        Submits,
        &[Accepted, Asks("Which licence does the test mailbox need? Our reseller asks.")],
    ),
    part(
        "exchange-wrong-password",
        Submits,
        &[
            Accepted,
            Asks("May we use the same account for two offices?"),
            Answered(
                "Yes: one account can have the role for both. Enter the same login in the second connection.",
            ),
        ],
    ),
    part("google-user-unknown", Submits, &[PutOff("dana")]),
    part(
        "exchange-certificate-chain",
        FailsTwice,
        &[Accepted, Taken("kim"), Note("kim", "Their provider adds the missing certificate tonight.")],
    ),
    part("exchange-owa-redirect", Submits, &[Accepted]),
    // What one of us has to look at.
    part(
        "sign-in-riddle",
        Submits,
        &[Accepted, ByHand("Their admin showed us on the telephone that contacts and calendar open.")],
    ),
    part(
        "token-rejected",
        Submits,
        &[
            Accepted,
            Taken("dana"),
            Note("dana", "Asked Microsoft, their case is open."),
            Emergency("A stolen secret may be in use at their tenant."),
        ],
    ),
    part("probe-alarm", Submits, &[Accepted]),
    part("google-token-rejected", Submits, &[]),
    // What waits for others.
    part("google-daily-limit", Submits, &[Accepted]),
    part("exchange-moving", Submits, &[]),
    // What was begun.
    part("china-cloud", Begins, &[]),
    part(
        "government-cloud",
        Begins,
        &[Accepted, Asks("Is there a form for offices of the government cloud?")],
    ),
    // What was taken back or closed.
    part("page-instead-of-answer", Submits, &[Accepted, Withdrawn]),
    part("google-riddle", Submits, &[Withdrawn]),
    part("unserved-cloud", Submits, &[Accepted, Closed("hosted_elsewhere")]),
    part("google-other-client", Submits, &[Accepted, Closed("free_gmail")]),
];

/// Those who were invited and have not come: company, person, address, and the id of a connection that is made for them.
pub(super) const INVITED: &[(&str, &str, &str, Option<&str>)] = &[
    ("Larkspur Homes", "Nell Abara", "nell@larkspur-homes.example", Some("MLS-70412")),
    ("Saltmarsh Realty", "Piet Okafor", "piet@saltmarsh-realty.example", None),
];
