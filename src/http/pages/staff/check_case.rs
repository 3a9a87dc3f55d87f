//! Reads everything that is kept of one check.

use super::news::News;
use crate::{
    actions::{
        draft::{DRY_RUN_BOX, open_settings},
        progress::{EndedStep, opened_steps},
    },
    app::App,
    domain::{
        attempt::Attempt,
        brokerage::Brokerage,
        connection::Connection,
        credential::CredentialSettings,
        ids::{CheckId, ConnectionId},
        instant::Instant,
        refused::Refused,
        staff::StaffScope,
    },
    http::urls,
    store::{StepRow, Try, all_brokerages::CheckEntry},
};

/// So many of the latest runs are read. A check is taken up again only when a worker was lost.
const MOST_RUNS: usize = 5;

/// One run of it: its steps in the order in which they ended, each with that time.
pub(super) struct RunOf {
    pub(super) number: i64,
    pub(super) steps: Vec<(Instant, EndedStep)>,
}

/// Everything that is kept of a check.
pub(super) struct Detail {
    pub(super) scope: StaffScope,
    pub(super) brokerage: Brokerage,
    pub(super) connection: Connection,
    pub(super) entry: CheckEntry,
    /// The attempt that it tested; none for a test before a submission.
    pub(super) attempt: Option<Attempt>,
    /// What it tested; none once retention deleted the settings of a test before a submission.
    pub(super) settings: Option<CredentialSettings>,
    /// The latest first.
    pub(super) runs: Vec<RunOf>,
    pub(super) tries: Vec<Try>,
    /// Where its page hears that it ended; none once it has.
    pub(super) news: Option<News>,
}

/// Reads it. Errs with `NotFound` when the connection has no such check.
pub(super) async fn read_detail(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    check: &CheckId,
) -> Result<Detail, Refused> {
    let mut read = app.store.read().await?;
    let mut all = read.all_brokerages(scope)?;
    let whose = all.whose(id).await?.ok_or(Refused::NotFound)?;
    let news = News::of_connection(&mut all, id, app.clock.now()).await?;
    let entry = all.check_of(id, check).await?.ok_or(Refused::NotFound)?;
    let news = entry.check.verdict.is_none().then(|| news.shown_at(urls::check_detail(id, check), true));
    let connection = read.connection(&whose, id).await?.ok_or(Refused::NotFound)?;
    let brokerage = read.brokerage(&whose).await?.ok_or(Refused::NotFound)?;
    let (attempt, settings) = match &entry.check.attempt_id {
        Some(attempt) => {
            let stored = read.attempt(&whose, attempt).await?.ok_or(Refused::NotFound)?;
            let settings = open_settings(app, attempt, &stored.settings_box)?;
            (Some(stored.attempt), Some(settings))
        }
        None => {
            let stored = read.dry_run(check).await?;
            let settings = stored
                .map(|stored| app.from_box(DRY_RUN_BOX, check.as_str(), &stored.settings_box))
                .transpose()?;
            (None, settings)
        }
    };
    let mut runs = Vec::new();
    for number in (1..=entry.check.run).rev().take(MOST_RUNS) {
        let rows = read.steps_above(check, number, 0).await?;
        runs.push(RunOf { number, steps: timed(app, check, rows)? });
    }
    let tries = read.tries_of_check(check).await?;
    drop(read);
    Ok(Detail { scope: scope.clone(), brokerage, connection, entry, attempt, settings, runs, tries, news })
}

fn timed(app: &App, check: &CheckId, rows: Vec<StepRow>) -> Result<Vec<(Instant, EndedStep)>, Refused> {
    let times: Vec<Instant> = rows.iter().map(|row| row.ended_at).collect();
    Ok(times.into_iter().zip(opened_steps(app, check, rows)?).collect())
}
