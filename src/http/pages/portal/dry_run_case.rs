//! Reads how a test stands and makes its page.

use std::sync::Arc;

use super::{
    dry_run_page::{Again, DryRunPage, Next, Way},
    dry_run_words::{Standing, ago, headline, refused_lately, secret_is_gone, tests_again},
    status_view::{Moment, facts, parted, server_words, steps, trouble},
};
use crate::{
    actions::{
        cause_words::{CauseWords, again_comes_first, names},
        draft::{Bench, SecretStanding},
        progress::{Cursor, EndedStep, news},
        test_answers::{Freshness, Room, Tested, is_ours},
    },
    app::{App, guides::Guides},
    domain::{
        answers::{secret_field, secret_noun},
        cause::{Names, SecretFault},
        causes,
        check::{Check, Verdict},
        ids::{CheckId, ConnectionId},
        refused::Refused,
        scope::Scope,
    },
    http::{layout::Layout, urls},
};

/// Everything the page is made of.
pub(super) struct Case {
    bench: Bench,
    tested: Tested,
    names: Names,
    ended: Vec<EndedStep>,
    cursor: Cursor,
    room: Room,
    guides: Arc<Guides>,
}

/// Reads it. Errs when there is no such test of this brokerage's connection.
pub(super) async fn read_case(
    app: &App,
    scope: &Scope,
    session: &[u8],
    id: &ConnectionId,
    check: &CheckId,
) -> Result<Case, Refused> {
    let mut read = app.store.read().await?;
    let bench = Bench::read(app, &mut read, scope, session, id).await?;
    let found = Tested::of_check(app, &mut read, scope, id, check).await?;
    let tested = found.ok_or(Refused::NotFound)?;
    let told = news(app, &mut read, scope, check, Cursor::START).await?;
    let room = Room::of(app, &mut read, scope, &tested.settings).await?;
    drop(read);
    Ok(Case {
        names: names(app, &tested.settings, tested.dry_run.attempt_number),
        tested: Tested { check: told.check, ..tested },
        ended: told.steps,
        cursor: told.cursor,
        bench,
        room,
        guides: app.guides.clone(),
    })
}

impl Case {
    /// The page that shows it.
    pub(super) fn page(self, layout: Layout) -> DryRunPage {
        let (connection, check) = (&self.bench.connection, &self.tested.check);
        let runs = check.verdict.is_none();
        let cause = self.cause();
        let ready = self.bench.missing().is_empty();
        let (ended_by, fresh) = (self.tested.dry_run.ended_by, self.fresh());
        let standing = Standing { check, ended_by, fresh, ready };
        let top = headline(&standing, cause.as_ref());
        let blamed = check.cause.as_ref().map(|cause| cause.as_str());
        let failed = check.verdict == Some(Verdict::Failed);
        // Nobody looked: a list of steps that nobody tried says nothing.
        let looked = self.tested.dry_run.ended_by.is_none();
        let all = steps(connection.kind, check, &self.ended, blamed, |step| trouble(step, &self.names));
        let (worked, steps) = parted(failed, if looked { all } else { Vec::new() });
        DryRunPage {
            layout,
            id: connection.id.clone(),
            name: connection.name.as_str().to_owned(),
            reference: connection.reference.of_attempt(self.tested.dry_run.attempt_number),
            back: self.back(),
            here: urls::test(&connection.id, &check.id),
            live: urls::test_live(&connection.id, &check.id),
            h1: top.h1,
            lede: top.lede,
            tag: top.tag,
            ended: check.decided_at.filter(|_| looked).map(Moment::of),
            ago: check.decided_at.map(|at| ago(self.bench.now, at)).unwrap_or_default(),
            interrupted: check.run > 1,
            events: runs
                .then(|| urls::connection_events(&connection.id, &check.id, &self.cursor.to_string())),
            runs,
            notes: self.notes(),
            next: self.next(),
            guide_step: self.guide_step(),
            words: server_words(connection.kind, &self.ended, blamed),
            warnings: check.warnings.iter().map(|id| CauseWords::of(Some(id), &self.names)).collect(),
            worked,
            steps,
            cause,
        }
    }

    /// How the tested answers stand to those that are there now.
    fn fresh(&self) -> Freshness {
        if self.bench.takes_answers().is_err() {
            return Freshness::Gone;
        }
        self.tested.freshness(&self.bench)
    }

    /// The cause that the page explains, where there is something to mend or to wait for.
    fn cause(&self) -> Option<CauseWords> {
        let check: &Check = &self.tested.check;
        let verdict = check.verdict.filter(|_| self.tested.dry_run.ended_by.is_none())?;
        match verdict {
            Verdict::Passed | Verdict::PassedWithWarnings => None,
            Verdict::CouldNotTell if check.cause.is_none() => None,
            // The mend of what is ours is that our people were told; of a test nobody told them.
            _ if is_ours(verdict, check.cause.as_ref()) => {
                let words = CauseWords::of(check.cause.as_ref(), &self.names);
                Some(CauseWords { mend: Vec::new(), ..words })
            }
            _ => Some(CauseWords::of(check.cause.as_ref(), &self.names).lacking(facts(&self.ended))),
        }
    }

    /// The step of the guide that mends the cause: its address and title.
    fn guide_step(&self) -> Option<(String, String)> {
        let connection = &self.bench.connection;
        let step = self.guides.of(connection.kind)?.step_for(self.tested.check.cause.as_ref()?.as_str())?;
        Some((urls::guide_step(connection.id.as_str(), &step.id), step.title.plain()))
    }

    fn back(&self) -> (String, &'static str) {
        let id = &self.bench.connection.id;
        if self.fresh() == Freshness::Gone {
            (urls::connection(id), "See how the connection stands")
        } else {
            (urls::review(id), "Back to your answers")
        }
    }

    fn notes(&self) -> Vec<String> {
        let over = self.tested.check.verdict.is_some();
        if !over || self.fresh() == Freshness::Gone {
            return Vec::new();
        }
        let gone = self.bench.secret == SecretStanding::Missing && self.in_secret();
        let kind = self.bench.connection.kind;
        let gone = (gone && !kind.makes_secret()).then(|| secret_is_gone(secret_noun(kind)));
        let paused = refused_lately(self.room.refused, self.room.paused_until);
        gone.into_iter().chain(paused).chain(self.room.tests_until.map(tests_again)).collect()
    }

    /// What to do next: one thing first.
    fn next(&self) -> Next {
        let id = &self.bench.connection.id;
        let fresh = self.fresh();
        let Some(verdict) = self.tested.check.verdict.filter(|_| fresh != Freshness::Gone) else {
            return Next::default();
        };
        let missing = self.bench.missing().first().map(|error| error.field);
        let seen = self.bench.draft.as_ref().map(|draft| draft.version).filter(|_| missing.is_none());
        let may_submit = verdict != Verdict::Failed && self.tested.dry_run.ended_by.is_none();
        let submit = seen.filter(|_| may_submit && fresh == Freshness::Same);
        let passed = matches!(verdict, Verdict::Passed | Verdict::PassedWithWarnings);
        let room = self.room.paused_until.or(self.room.tests_until).is_none();
        let again = seen.filter(|_| room && !(passed && submit.is_some()));
        let answers = match missing.or(secret_field(self.bench.connection.kind).filter(|_| self.in_secret()))
        {
            Some(field) if missing.is_some() => format!("{}#{field}", urls::answers_missing(id)),
            Some(field) => format!("{}#{field}", urls::answers(id)),
            None => urls::answers(id),
        };
        let change = Way { url: answers, label: "Change the answers", quiet: submit.is_some() };
        let mended_elsewhere = submit.is_none() && self.mended_elsewhere();
        Next {
            submit,
            way: Some(Way { quiet: change.quiet || mended_elsewhere && again.is_some(), ..change }),
            again: again.map(|seen| Again { seen, quiet: submit.is_some() || !mended_elsewhere }),
        }
    }

    /// Whether the cause lies in the secret.
    fn in_secret(&self) -> bool {
        let cause = self.tested.check.cause.as_ref().and_then(|id| causes::find(id.as_str()));
        cause.is_some_and(|cause| !matches!(cause.secret, SecretFault::No))
    }

    /// Whether what failed is mended elsewhere, so that the same answers are tested again.
    fn mended_elsewhere(&self) -> bool {
        let cause = self.tested.check.cause.as_ref().and_then(|id| causes::find(id.as_str()));
        cause.is_none_or(again_comes_first)
    }
}
