//! Tests a draft's answers before anybody submits them: a dry run. It is a check like every other, by the same worker and
//! the same engine; it uses up no attempt, moves no connection and sends no mail. What it tests is noted as it stands
//! now, and the secret stays the draft's.

use jiff::SignedDuration;

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        cause::Who,
        causes,
        check::{CauseId, Check, Verdict},
        credential::CredentialSettings,
        dry_run::DryRun,
        ids::{BrokerageId, CheckId, ConnectionId, JobId},
        instant::Instant,
        job::Job,
        refused::Refused,
        scope::Scope,
    },
    store::{NewDryRun, Quiet, Read, StoredDryRun, Write},
};

use super::{
    draft::{Bench, DRY_RUN_BOX, takes_answers},
    form_answer::FormKey,
    limits::{Limit, Meter},
    run_check::{account, recorder::may_sign_in_again_at},
    submit::{CHANGED, Complete, complete},
};

/// Five tests in a quarter of an hour, for all connections of a brokerage together. One that ended by a fault of ours
/// does not count.
const TESTS: Limit = Limit { what: "test_answers", window: SignedDuration::from_mins(15), most: 5 };

/// The meter that counts a brokerage's tests.
pub(super) fn meter(app: &App, brokerage: &BrokerageId) -> Meter {
    TESTS.of(app, brokerage.as_str())
}

/// Whether what kept a test from a result is ours, and nobody else's to mend.
pub fn is_ours(verdict: Verdict, cause: Option<&CauseId>) -> bool {
    let passed = matches!(verdict, Verdict::Passed | Verdict::PassedWithWarnings);
    let who = |id: &CauseId| causes::find(id.as_str()).map(|cause| cause.who);
    !passed && cause.is_none_or(|id| who(id).is_none_or(|who| who == Who::MoxiWorks))
}

/// Has the connection's draft tested, of which the page showed version `seen`; returns the check. The same form again,
/// or another while a test is under way, returns the check that is there and begins nothing.
///
/// Errs with the fields that are missing or wrong, with a conflict when the draft changed or was submitted meanwhile,
/// and with the time when it was tested too often, or when its account's sign-in was refused too often.
pub async fn test_answers(
    app: &App,
    scope: &Scope,
    session: &[u8],
    id: &ConnectionId,
    seen: i64,
    key: &FormKey,
) -> Result<CheckId, Refused> {
    let begun = match begin(app, scope, session, id, seen, key).await {
        Ok(begun) => begun,
        Err(refused) => key.settle(app, scope, refused).await?,
    };
    CheckId::parse(&begun).map_err(|_| Refused::Fault(String::new()))
}

async fn begin(
    app: &App,
    scope: &Scope,
    session: &[u8],
    id: &ConnectionId,
    seen: i64,
    key: &FormKey,
) -> Result<String, Refused> {
    let mut read = app.store.read().await?;
    if let Some(answer) = key.answered(&mut read, scope).await? {
        return Ok(answer);
    }
    let bench = Bench::read(app, &mut read, scope, session, id).await?;
    bench.takes_answers()?;
    let complete = complete(&bench, seen)?;
    let envelope = match &complete.secret {
        Some(secret) => {
            Some(hex::encode(read.secret(&scope.brokerage, secret).await?.ok_or(CHANGED)?.sha256))
        }
        None => None,
    };
    let room = Room::of(app, &mut read, scope, &complete.settings).await?;
    drop(read);
    if let Some(until) = room.paused_until {
        return Err(Refused::TooMany(until));
    }
    let check = app.new_id(CheckId::from_random);
    let plan = Plan {
        settings_box: app.to_box(DRY_RUN_BOX, check.as_str(), &complete.settings)?,
        job: app.new_id(JobId::from_random),
        meter: meter(app, &scope.brokerage),
        connection: id,
        check,
        complete,
        envelope,
    };
    plan.carry_out(app, scope, key).await
}

/// A dry run, ready to be written.
struct Plan<'a> {
    check: CheckId,
    job: JobId,
    connection: &'a ConnectionId,
    complete: Complete,
    settings_box: Vec<u8>,
    envelope: Option<String>,
    meter: Meter,
}

impl Plan<'_> {
    async fn carry_out(self, app: &App, scope: &Scope, key: &FormKey) -> Result<String, Refused> {
        let mut write = app.store.write().await?;
        let held = write.hold_connection(&scope.brokerage, self.connection).await?;
        takes_answers(&held.ok_or(Refused::NotFound)?, true)?;
        if let Some(check) = under_way(&mut write, scope, self.connection).await? {
            key.note(&mut write, scope, check.as_str()).await?;
            write.commit_quietly(Quiet::Draft).await?;
            return Ok(check.into());
        }
        let draft = write.draft(&scope.brokerage, self.connection).await?.ok_or(CHANGED)?;
        let now = write.now();
        let ended = self.complete.secret.is_some() && draft.expires_at.is_none_or(|end| end <= now);
        if draft.id != self.complete.draft.id || draft.version != self.complete.draft.version || ended {
            return Err(CHANGED);
        }
        let shared = write.shared_now().await?;
        if let Some(until) = self.meter.take(&mut write, shared).await? {
            return Err(Refused::TooMany(until));
        }
        write
            .insert_dry_run(&NewDryRun {
                check: &self.check,
                brokerage: &scope.brokerage,
                connection: self.connection,
                draft: &draft.id,
                attempt_number: draft.attempt_number,
                settings_box: &self.settings_box,
                secret: self.complete.secret.as_ref(),
                asked_by: &scope.person,
            })
            .await?;
        let job = Job::RunCheck(self.check.clone());
        let due_at = write.now();
        write.enqueue(self.job.clone(), &job, Some(&scope.brokerage), due_at).await?;
        key.note(&mut write, scope, self.check.as_str()).await?;
        write.commit(&[self.line(scope)]).await?;
        Ok(self.check.into())
    }

    fn line(&self, scope: &Scope) -> AuditLine {
        let line = AuditLine::new(Actor::Person(scope.person.clone()), "answers.test", self.check.as_str())
            .of(&scope.brokerage)
            .with("connection", self.connection.as_str())
            .with("number", self.complete.draft.attempt_number.to_string());
        match (&self.complete.secret, &self.envelope) {
            (Some(secret), Some(envelope)) => {
                line.with("secret", secret.as_str()).with("envelope_sha256", envelope.as_str())
            }
            _ => line.with("secret", "none"),
        }
    }
}

/// The connection's latest dry run, while it has no result.
async fn under_way(
    write: &mut Write,
    scope: &Scope,
    connection: &ConnectionId,
) -> Result<Option<CheckId>, Refused> {
    let Some(latest) = write.latest_dry_run(&scope.brokerage, connection).await? else { return Ok(None) };
    let check = write.check(scope, &latest.dry_run.check_id).await?;
    Ok(check.filter(|check| check.verdict.is_none()).map(|check| check.id))
}

/// A dry run with its check.
pub struct Tested {
    /// What it tests.
    pub dry_run: DryRun,
    /// The settings it tests.
    pub settings: CredentialSettings,
    /// The check that carries it out.
    pub check: Check,
}

/// How the answers that a dry run tested stand to those of the draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// They are the same.
    Same,
    /// They were changed since.
    Changed,
    /// There is no such draft any more: it was submitted, or the connection was closed.
    Gone,
}

impl Tested {
    /// The latest dry run of a connection of this brokerage.
    ///
    /// Errs as a fault when its settings were encrypted under another key.
    pub async fn latest(
        app: &App,
        read: &mut Read,
        scope: &Scope,
        connection: &ConnectionId,
    ) -> Result<Option<Self>, Refused> {
        match read.latest_dry_run(&scope.brokerage, connection).await? {
            Some(stored) => Self::open(app, read, scope, stored).await,
            None => Ok(None),
        }
    }

    /// The dry run that a check of this brokerage is; `None` when it is no dry run of this connection.
    ///
    /// Errs as a fault when its settings were encrypted under another key.
    pub async fn of_check(
        app: &App,
        read: &mut Read,
        scope: &Scope,
        connection: &ConnectionId,
        check: &CheckId,
    ) -> Result<Option<Self>, Refused> {
        let stored = read.dry_run(check).await?.filter(|stored| {
            stored.dry_run.connection_id == *connection && stored.dry_run.brokerage_id == scope.brokerage
        });
        match stored {
            Some(stored) => Self::open(app, read, scope, stored).await,
            None => Ok(None),
        }
    }

    async fn open(
        app: &App,
        read: &mut Read,
        scope: &Scope,
        stored: StoredDryRun,
    ) -> Result<Option<Self>, Refused> {
        let StoredDryRun { dry_run, settings_box } = stored;
        let Some(check) = read.check(scope, &dry_run.check_id).await? else { return Ok(None) };
        let settings = app.from_box(DRY_RUN_BOX, dry_run.check_id.as_str(), &settings_box)?;
        Ok(Some(Self { dry_run, settings, check }))
    }

    /// How its answers stand to those of the draft now. A secret that is gone is entered again anyway, so it makes no
    /// difference.
    pub fn freshness(&self, bench: &Bench) -> Freshness {
        let Some(draft) = bench.draft.as_ref().filter(|draft| draft.id == self.dry_run.draft_id) else {
            return Freshness::Gone;
        };
        let same_secret = draft.secret_id.is_none() || draft.secret_id == self.dry_run.secret_id;
        let same = bench.settings(&bench.answers).is_ok_and(|settings| settings == self.settings);
        if same && same_secret { Freshness::Same } else { Freshness::Changed }
    }
}

/// Whether there is room for one more test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// How many sign-ins of the account were refused within the last hour, whatever they belonged to.
    pub refused: usize,
    /// Until when nobody signs in as this account, because too many were.
    pub paused_until: Option<Instant>,
    /// Until when there is no more test, because there were too many.
    pub tests_until: Option<Instant>,
}

impl Room {
    /// Reads it. Counts nothing.
    pub async fn of(
        app: &App,
        read: &mut Read,
        scope: &Scope,
        settings: &CredentialSettings,
    ) -> Result<Self, Refused> {
        let account = account::key(app, settings);
        let now = read.now();
        let (refused, paused_until) = may_sign_in_again_at(read, &account, now).await?;
        let shared = read.shared_now().await?;
        let tests_until = meter(app, &scope.brokerage).look(read, shared).await?;
        Ok(Self { refused, paused_until, tests_until })
    }
}
