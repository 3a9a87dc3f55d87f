//! The check of all mailboxes of a connection as our own people see it: how far it is and what came of it by cause.
//! Addresses are hidden but for their beginnings: who is who is the office's to see.

use crate::{
    actions::{cause_words::CauseWords, roster::opened_address},
    app::App,
    domain::{
        cause::Names,
        check::CauseId,
        instant::Instant,
        refused::Refused,
        roster::{Roster, RosterEnd, RosterGroup, RosterTally},
    },
    http::pages::portal::{roster::failed, roster_page::progress_words, status_view::Moment},
    store::Read,
};

/// So many addresses of a cause are shown.
const SHOWN: i64 = 3;

/// A roster on the page.
pub(super) struct RosterView {
    pub(super) tag: (&'static str, &'static str),
    pub(super) progress: String,
    pub(super) tally: RosterTally,
    pub(super) round: i64,
    pub(super) asked: Moment,
    pub(super) ended: Option<Moment>,
    pub(super) sign_in: String,
    pub(super) groups: Vec<RosterShare>,
}

/// Mailboxes with the same trouble.
pub(super) struct RosterShare {
    pub(super) count: i64,
    pub(super) title: String,
    pub(super) cause: String,
    /// Some of them, hidden but for their beginnings.
    pub(super) masked: Vec<String>,
}

/// Reads it.
pub(super) async fn read_roster(
    app: &App,
    read: &mut Read,
    roster: &Roster,
    now: Instant,
) -> Result<RosterView, Refused> {
    let counts = read.roster_groups(&roster.id).await?;
    let mut groups = Vec::new();
    for (cause, count) in failed(&counts) {
        let rows = read.roster_mailboxes_of_cause(&roster.id, &cause, 0, SHOWN).await?;
        let masked = rows.iter().map(|row| Ok(opened_address(app, &roster.id, row)?.masked()));
        let masked = masked.collect::<Result<_, Refused>>()?;
        groups.push(RosterShare { count, title: title(&cause), cause: cause.as_str().to_owned(), masked });
    }
    Ok(RosterView {
        tag: tag(roster, &counts),
        progress: progress_words(roster, now),
        tally: RosterTally::of(&counts),
        round: roster.round,
        asked: Moment::of(roster.asked_at),
        ended: roster.ended.map(|(at, _)| Moment::of(at)),
        sign_in: roster.cause.as_ref().map(title).unwrap_or_default(),
        groups,
    })
}

fn title(cause: &CauseId) -> String {
    CauseWords::of(Some(cause), &Names::default().for_one_of_many("")).title
}

fn tag(roster: &Roster, counts: &[RosterGroup]) -> (&'static str, &'static str) {
    match roster.ended {
        None => ("info", "Being checked"),
        Some((_, RosterEnd::Done)) if failed(counts).is_empty() => ("ok", "All work"),
        Some((_, RosterEnd::Done)) => ("bad", "Some do not work"),
        Some((_, RosterEnd::Stopped)) => ("", "Stopped by the office"),
        Some((_, RosterEnd::NotOpened)) => ("bad", "Sign-in failed"),
        Some((_, RosterEnd::Overtaken)) => ("", "Overtaken"),
        Some((_, RosterEnd::GivenUp)) => ("bad", "Given up"),
    }
}
