//! What came of every mailbox, as a table that spreadsheets open. A cell that a spreadsheet would compute is kept from
//! it: addresses come from outside.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use super::roster_form::find;
use crate::{
    actions::{cause_words::CauseWords, roster::opened_address},
    app::App,
    domain::{
        cause::Names,
        check::{CauseId, Verdict},
        refused::Refused,
        roster::Roster,
        scope::Scope,
    },
    http::{error::PageError, table_file::cell},
    store::RosterRow,
};

/// So many rows are read at a time.
const BATCH: i64 = 1000;

/// Sends the table. That of another brokerage is not found.
pub async fn download(
    State(app): State<App>,
    scope: Scope,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let connection = find(&app, &scope, &id).await?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let roster = read.roster_of(&scope.brokerage, &connection.id).await.map_err(Refused::from)?;
    let roster = roster.ok_or(PageError::NotFound)?;
    // The mark by which spreadsheets know that it is UTF-8.
    let mut table = "\u{feff}mailbox,line,result,what is wrong,cause\r\n".to_owned();
    let mut after = 0;
    loop {
        let rows = read.roster_mailboxes(&roster.id, after, BATCH).await.map_err(Refused::from)?;
        let Some(last) = rows.last() else { break };
        after = last.seq;
        for row in &rows {
            table.push_str(&line(&app, &roster, row)?);
        }
    }
    let named = format!("attachment; filename=\"mailboxes-{}.csv\"", connection.reference.as_str());
    let named = HeaderValue::from_str(&named).map_err(|_| PageError::NotFound)?;
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, named)], table).into_response())
}

fn line(app: &App, roster: &Roster, row: &RosterRow) -> Result<String, Refused> {
    let address = opened_address(app, &roster.id, row)?;
    let title = row.cause.as_ref().map(title).unwrap_or_default();
    let cause = row.cause.as_ref().map_or("", CauseId::as_str);
    let (line, result) = (row.line.to_string(), result_words(row));
    let cells = [address.as_str(), &line, result, &title, cause].map(cell);
    Ok(cells.join(",") + "\r\n")
}

fn title(cause: &CauseId) -> String {
    CauseWords::of(Some(cause), &Names::default()).title
}

const fn result_words(row: &RosterRow) -> &'static str {
    match row.verdict {
        Some(Verdict::Passed) if row.outside => "refused, as it must be",
        Some(Verdict::Failed) if row.outside => "not refused, or not found",
        None => "not checked",
        Some(Verdict::Passed) => "works",
        Some(Verdict::PassedWithWarnings) => "works, with something to mend",
        Some(Verdict::Failed) => "does not work",
        Some(Verdict::WaitingForProvider) => "does not work yet",
        Some(Verdict::CouldNotTell) => "could not be told",
    }
}
