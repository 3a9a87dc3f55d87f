//! The timeline of a brokerage: what happened in all its connections and to it as such, in pages like those of a connection.

use super::{
    questions::Asked,
    timeline::{Entry, Mailed, Noted, Place, ROWS, Sort, Stretch, event, mailed, merged, noted, place_of},
};
use crate::{
    app::App,
    domain::{ids::BrokerageId, mail::MailKind, refused::Refused},
    http::urls,
    store::all_brokerages::{AllBrokerages, LOOKED, StoryEntry},
};

/// Reads a page of it: what stands behind a place, or the latest; none of what only the audit tells. `questions` are those
/// of the brokerage.
///
/// Errs when none of the reader's roles may, or when the database is away.
pub(super) async fn story(
    app: &App,
    all: &mut AllBrokerages<'_>,
    id: &BrokerageId,
    questions: &[Asked],
    behind: Option<&Place>,
) -> Result<Stretch, Refused> {
    let first = Place::first();
    let behind = behind.unwrap_or(&first);
    let lines = all.story_before(id, behind.before(Sort::Event)).await?;
    let mails = all.story_mails_before(id, behind.before(Sort::Mail)).await?;
    let notes = all.story_notes_before(id, behind.before(Sort::Note)).await?;
    let mails: Vec<Mailed> = mails.into_iter().map(|row| mailed(app, row)).collect::<Result<_, _>>()?;
    let notes: Vec<Noted> = notes.into_iter().map(|row| noted(app, row)).collect::<Result<_, _>>()?;
    // What is left out counts as well: else a page of nothing but it would seem to be the last one.
    let mut places: Vec<Place> = lines.iter().map(|it| place_of(&it.line)).collect();
    places.extend(mails.iter().map(Mailed::place));
    let mails: Vec<Mailed> =
        mails.into_iter().filter(|mail| mail.entry.kind != MailKind::SignInCode).collect();
    let mut entries = merged(&[], &mails, &notes, questions);
    entries.extend(lines.iter().filter_map(told_of));
    Ok(Stretch::cut(entries, places, behind, looked_up_to(&lines)))
}

/// Where it was looked no further, because nobody wants to know of so many lines between two that are told.
fn looked_up_to(lines: &[StoryEntry]) -> Option<Place> {
    let last = lines.last().filter(|it| it.looked >= LOOKED)?;
    (lines.len() <= ROWS).then(|| place_of(&last.line))
}

/// A line of a brokerage's story, with the connection that it is about.
fn told_of(it: &StoryEntry) -> Option<Entry> {
    let mut entry = event(&it.line).filter(|_| it.told)?;
    if let Some((id, reference)) = it.connection_id.as_ref().zip(it.reference.as_ref()) {
        entry.title = format!("{}: {}", reference.as_str(), entry.title);
        entry.link = Some(urls::connection(id));
    }
    Some(entry)
}
