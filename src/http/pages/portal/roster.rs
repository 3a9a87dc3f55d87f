//! All mailboxes of a connection: how far their check is, what came of them by cause, and what can be done.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    roster_form::find,
    roster_page::{Group, GroupPage, RosterPage, progress_words},
    status_view::Moment,
};
use crate::{
    actions::{
        cause_words::{CauseWords, names},
        check_rest::check_rest,
        draft::open_settings,
        roster::{opened_address, opening_attempt},
        stop_roster::stop_roster,
    },
    app::App,
    domain::{
        cause::Names,
        check::{CauseId, Verdict},
        connection::Connection,
        ids::ConnectionId,
        refused::Refused,
        roster::{Roster, RosterGroup, RosterTally, works},
        scope::Scope,
    },
    http::{
        error::PageError,
        form::{FormFields, NoFields, ScopedForm},
        layout::{Layout, OVERVIEW},
        render::{page, see_other},
        session, urls,
    },
    store::{Read, RosterRow},
};

/// So many addresses of a group stand on the page of all.
const SHOWN: i64 = 10;
/// So many stand on a page of the group.
const ON_A_PAGE: i64 = 200;

/// Which group is shown, and from where on.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    cause: String,
    #[serde(default)]
    after: i64,
}

/// What the form of "Check those again" sends.
#[derive(Deserialize)]
pub struct RoundFields {
    #[serde(default)]
    round: String,
}

impl FormFields for RoundFields {}

/// Shows how it stands, or one group of mailboxes. Where no list was sent in, the form asks for one.
pub async fn show(
    State(app): State<App>,
    scope: Scope,
    layout: Layout,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let connection = find(&app, &scope, &id).await?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let roster = read.roster_of(&scope.brokerage, &connection.id).await.map_err(Refused::from)?;
    let Some(roster) = roster else { return Ok(see_other(&urls::new_roster(&connection.id))) };
    let layout = layout.at(OVERVIEW);
    if !wanted.cause.is_empty() {
        let shown = (CauseId::from_stored(wanted.cause), wanted.after.max(0));
        return Ok(page(&group_page(&app, &mut read, layout, (&connection, &roster), shown).await?));
    }
    Ok(page(&roster_page(&app, &mut read, layout, &connection, &roster).await?))
}

/// Has those checked again that do not work or were not reached.
pub async fn again(
    State(app): State<App>,
    session: Session,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<RoundFields>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    // A number that is none is that of no run that was ever shown.
    let round = form.fields.round.parse().unwrap_or(-1);
    led_back(&session, &id, check_rest(&app, &scope, &id, round).await).await
}

/// Stops the check.
pub async fn stop(
    State(app): State<App>,
    session: Session,
    Path(id): Path<String>,
    ScopedForm { scope, .. }: ScopedForm<NoFields>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    led_back(&session, &id, stop_roster(&app, &scope, &id).await).await
}

async fn led_back(
    session: &Session,
    id: &ConnectionId,
    done: Result<(), Refused>,
) -> Result<Response, PageError> {
    match done {
        Ok(()) => {}
        Err(Refused::Conflict(why)) => session::leave_line(session, why).await?,
        Err(other) => return Err(other.into()),
    }
    Ok(see_other(&urls::roster(id)))
}

async fn roster_page(
    app: &App,
    read: &mut Read,
    layout: Layout,
    connection: &Connection,
    roster: &Roster,
) -> Result<RosterPage, Refused> {
    let (names, number) = names_of(app, read, connection, roster).await?;
    let counts = read.roster_groups(&roster.id).await?;
    let mut groups = Vec::new();
    for (cause, count) in failed(&counts) {
        let rows = read.roster_mailboxes_of_cause(&roster.id, &cause, 0, SHOWN).await?;
        let addresses = addresses(app, roster, &rows)?;
        let words = words(&cause, &names, addresses.first());
        groups.push(Group {
            count,
            more: count - i64::try_from(rows.len()).unwrap_or(count),
            words,
            addresses,
        });
    }
    let may_check = opening_attempt(read, connection).await.is_ok();
    let warned = counts.iter().filter(|one| one.verdict == Some(Verdict::PassedWithWarnings));
    Ok(RosterPage {
        layout,
        id: connection.id.clone(),
        name: connection.name.as_str().to_owned(),
        reference: connection.reference.of_attempt(number),
        of: roster.mailboxes,
        done: roster.done,
        tally: RosterTally::of(&counts),
        warned: warned.map(|one| one.count).sum(),
        round: roster.round,
        asked: Moment::of(roster.asked_at),
        ended: roster.ended.map(|(at, end)| (Moment::of(at), end)),
        stopping: roster.stop_at.is_some() && roster.ended.is_none(),
        progress: progress_words(roster, read.now()),
        sign_in: roster.cause.as_ref().map(|cause| CauseWords::of(Some(cause), &names)),
        groups,
        may_check,
    })
}

async fn group_page(
    app: &App,
    read: &mut Read,
    layout: Layout,
    (connection, roster): (&Connection, &Roster),
    (cause, after): (CauseId, i64),
) -> Result<GroupPage, Refused> {
    let (names, _) = names_of(app, read, connection, roster).await?;
    let counts = read.roster_groups(&roster.id).await?;
    let (cause, count) =
        failed(&counts).into_iter().find(|(one, _)| *one == cause).ok_or(Refused::NotFound)?;
    let rows = read.roster_mailboxes_of_cause(&roster.id, &cause, after, ON_A_PAGE + 1).await?;
    let shown = rows.get(..usize::try_from(ON_A_PAGE).unwrap_or_default()).unwrap_or(&rows);
    let next = shown.last().filter(|_| rows.len() > shown.len());
    let addresses = addresses(app, roster, shown)?;
    Ok(GroupPage {
        layout,
        id: connection.id.clone(),
        name: connection.name.as_str().to_owned(),
        count,
        words: words(&cause, &names, addresses.first()),
        first: if after > 0 { urls::roster_group(&connection.id, cause.as_str(), 0) } else { String::new() },
        next: next.map(|row| urls::roster_group(&connection.id, cause.as_str(), row.seq)).unwrap_or_default(),
        addresses,
    })
}

/// Those that do not work, by cause, the most first.
pub(in crate::http::pages) fn failed(counts: &[RosterGroup]) -> Vec<(CauseId, i64)> {
    let mut groups: Vec<(CauseId, i64)> = Vec::new();
    for group in counts.iter().filter(|one| one.verdict.is_some_and(|verdict| !works(verdict))) {
        let Some(cause) = &group.cause else { continue };
        match groups.iter_mut().find(|(known, _)| known == cause) {
            Some((_, count)) => *count += group.count,
            None => groups.push((cause.clone(), group.count)),
        }
    }
    groups.sort_by(|(one, ones), (other, others)| others.cmp(ones).then_with(|| one.cmp(other)));
    groups
}

/// The words of a cause as they fit the first of its mailboxes.
fn words(cause: &CauseId, names: &Names, first: Option<&String>) -> CauseWords {
    let first = first.map(String::as_str).unwrap_or_default();
    CauseWords::of(Some(cause), &names.clone().for_one_of_many(first))
}

fn addresses(app: &App, roster: &Roster, rows: &[RosterRow]) -> Result<Vec<String>, Refused> {
    rows.iter().map(|row| Ok(opened_address(app, &roster.id, row)?.as_str().to_owned())).collect()
}

/// The names of the roster's attempt, and its number.
async fn names_of(
    app: &App,
    read: &mut Read,
    connection: &Connection,
    roster: &Roster,
) -> Result<(Names, i64), Refused> {
    let stored =
        read.attempt(&connection.brokerage_id, &roster.attempt_id).await?.ok_or(Refused::NotFound)?;
    let settings = open_settings(app, &stored.attempt.id, &stored.settings_box)?;
    Ok((names(app, &settings, stored.attempt.number), stored.attempt.number))
}
