//! Reads how a connection stands and makes its page.

mod presses;
mod renewal;

use std::sync::Arc;

use super::{
    certificate::Made,
    differences::{Changes, Compared},
    leftovers::LeftoverView,
    letter_words::{Letter, LetterFacts},
    status_page::{Past, StatusPage},
    status_verified::VerifiedView,
    status_view::{
        LeftView, Moment, asked_by_us, facts, headline, parted, server_words, steps, trouble, untried,
    },
};
use crate::{
    actions::{
        cause_words::{CauseWords, names},
        draft::Bench,
        left_items::{StillThere, still_there},
        leftovers::{Left, left_of},
        people::recipients,
        progress::{Cursor, EndedStep, news},
        roster::opening_attempt,
    },
    app::{App, guides::Guides},
    domain::{
        answers::secret_noun,
        attempt::Attempt,
        cause::{Names, Who},
        causes,
        check::{CauseId, Check, Origin, Verdict},
        connection::{Phase, State as Standing},
        credential::CredentialSettings,
        ids::{AttemptId, ConnectionId},
        refused::Refused,
        scope::Scope,
    },
    http::{layout::Layout, urls},
};

/// Which attempt of a connection a page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// The connection: what is in use, else what is being decided.
    Connection,
    /// The attempt that is to take the place of the one in use.
    Renewal,
}

/// Everything the page is made of.
pub(super) struct Case {
    about: About,
    /// The credential in use with a renewal, or the renewal with the one in use.
    other: Option<(Attempt, CredentialSettings)>,
    bench: Bench,
    attempt: Attempt,
    names: Names,
    settings: CredentialSettings,
    /// Whether two of our own people verified it, whatever later checks found.
    by_hand: bool,
    /// The check whose steps are shown.
    check: Check,
    ended: Vec<EndedStep>,
    /// The check before the one that is shown, where a person had it checked again and the answer stayed the same.
    same_answer: bool,
    /// What the last check found before one was put off, because of a pause between sign-ins.
    before_pause: Option<CauseId>,
    /// The attempt's latest check, which is a later look while the provider is waited for.
    latest: Check,
    cursor: Cursor,
    mailed_to: Vec<String>,
    /// Whether all mailboxes can be checked, or were.
    all_mailboxes: bool,
    left: Vec<StillThere>,
    /// The steps of the attempt before, where there is one.
    before: Vec<EndedStep>,
    leftovers: Vec<Left>,
    /// How many of the attempts, and of the checks of this one, failed.
    failures: usize,
    guides: Arc<Guides>,
}

/// Reads it; `None` when nothing was submitted yet.
///
/// Errs when the connection is not this brokerage's.
pub(super) async fn read_case(
    app: &App,
    scope: &Scope,
    session: &[u8],
    id: &ConnectionId,
    about: About,
) -> Result<Option<Case>, Refused> {
    let mut read = app.store.read().await?;
    let mut bench = Bench::read(app, &mut read, scope, session, id).await?;
    let (in_use, candidate) = (bench.in_use().cloned(), bench.candidate().cloned());
    let renews = bench.renews();
    let (shown, other) = match about {
        About::Connection if renews => (bench.connection.in_use.clone(), candidate),
        About::Connection => (bench.connection.candidate.clone().or(bench.connection.in_use.clone()), None),
        About::Renewal => (bench.connection.candidate.clone().filter(|_| renews), in_use),
    };
    if about == About::Renewal {
        let Some((attempt, _)) = bench.candidate().filter(|_| renews) else { return Ok(None) };
        // The page is about the candidate, so it stands for the connection here.
        (bench.connection.state, bench.connection.phase) = (attempt.state, attempt.phase);
    }
    let shown = shown.as_ref();
    let found = bench.attempts.iter().find(|(attempt, _)| Some(&attempt.id) == shown);
    let Some((attempt, settings)) = found.or_else(|| bench.attempts.last()).cloned() else { return Ok(None) };
    let mut checks = read.checks_of_attempt(scope, &attempt.id, 20).await?;
    // The attempt says which check is its latest: two may have been written in the same microsecond.
    checks.sort_by_key(|check| attempt.check_id.as_ref() != Some(&check.id));
    let Some(latest) = checks.first().cloned() else { return Ok(None) };
    let waits = latest.run == 0 && attempt.phase != Some(Phase::Queued);
    let decided = checks.iter().find(|check| check.verdict.is_some());
    let check = decided.filter(|_| waits).unwrap_or(&latest).clone();
    let same_answer = same_answer(&check, &checks);
    let before_pause = before_pause(&check, &checks);
    let told = news(app, &mut read, scope, &check.id, Cursor::START).await?;
    let of_attempt = |id: &AttemptId| {
        bench.attempts.iter().find(|(attempt, _)| attempt.id == *id).map(|(_, settings)| settings.clone())
    };
    let left = still_there(app, &mut read, &scope.brokerage, id, of_attempt).await?;
    let before = match before(&bench, &attempt).and_then(|(attempt, _)| attempt.check_id.as_ref()) {
        Some(check) => news(app, &mut read, scope, check, Cursor::START).await?.steps,
        None => Vec::new(),
    };
    let failures = failures(&bench, &attempt, &checks);
    let leftovers = left_of(&mut read, scope, &bench).await?;
    let people = read.people_of(&scope.brokerage).await?;
    let by_hand = read.verified_by_hand(&scope.brokerage).await?.contains(&attempt.id);
    let all_mailboxes = about == About::Connection
        && (read.roster_of(&scope.brokerage, id).await?.is_some()
            || opening_attempt(&mut read, &bench.connection).await.is_ok());
    drop(read);
    let cursor = if check.id == latest.id { told.cursor } else { Cursor::START };
    let mailed_to = recipients(app, people)?.into_iter().map(|person| person.address.as_str().to_owned());
    Ok(Some(Case {
        about,
        other,
        mailed_to: mailed_to.collect(),
        left,
        by_hand,
        before,
        leftovers,
        failures,
        names: names(app, &settings, attempt.number),
        check: told.check,
        same_answer,
        before_pause,
        ended: told.steps,
        bench,
        attempt,
        settings,
        latest,
        cursor,
        all_mailboxes,
        guides: app.guides.clone(),
    }))
}

/// Whether a person had it checked again, and it found the same as the check before.
fn same_answer(check: &Check, checks: &[Check]) -> bool {
    let earlier = checks.iter().filter(|other| other.id != check.id && other.verdict.is_some());
    let before =
        earlier.filter(|other| other.created_at <= check.created_at).max_by_key(|other| other.created_at);
    check.origin == Origin::CheckAgain
        && check.cause.is_some()
        && before.is_some_and(|before| before.cause == check.cause)
}

/// What the last check found that was not put off itself, where this one was.
fn before_pause(check: &Check, checks: &[Check]) -> Option<CauseId> {
    is_pause(check.cause.as_ref()).then_some(())?;
    let found = checks.iter().filter(|other| other.cause.is_some() && !is_pause(other.cause.as_ref()));
    found.max_by_key(|other| other.decided_at)?.cause.clone()
}

/// How many of the other attempts failed, and of the checks of this one. Of a renewal only those since the one in use
/// count: what failed before is mended.
fn failures(bench: &Bench, attempt: &Attempt, checks: &[Check]) -> usize {
    let since = bench.in_use().map_or(0, |(in_use, _)| in_use.number);
    let since = if attempt.number > since { since } else { 0 };
    let others = bench.attempts.iter().map(|(other, _)| other).filter(|other| other.number > since);
    let others = others.filter(|other| other.id != attempt.id && other.state == Standing::Failed);
    let own = checks.iter().filter(|check| check.verdict == Some(Verdict::Failed));
    others.count() + own.count()
}

/// The attempt before this one, with its settings.
fn before<'a>(bench: &'a Bench, attempt: &Attempt) -> Option<&'a (Attempt, CredentialSettings)> {
    bench.attempts.iter().rev().find(|(earlier, _)| earlier.number < attempt.number)
}

impl Case {
    /// The page that shows it.
    pub(super) fn page(self, layout: Layout) -> StatusPage {
        let changes = self.changes();
        let letter = self.letter("").map(|_| urls::letter(&self.bench.connection.id));
        let connection = &self.bench.connection;
        let cause = self.cause();
        let top = headline(connection, &self.check, cause.as_ref());
        let mend_first = self.before_pause.as_ref().map(|id| CauseWords::of(Some(id), &self.names));
        let paused = mend_first.is_some() && cause.is_some();
        let cause = if paused { mend_first } else { cause };
        // With our people it is not the office that acts, and nothing is tried by itself any more.
        let with_us = connection.phase == Some(Phase::NeedsStaff);
        let cause = cause.map(|cause| if with_us { cause.in_our_hands() } else { cause });
        let lede = self.tidied().unwrap_or(top.lede);
        let blamed = self.check.cause.as_ref().map(|cause| cause.as_str());
        let failed = connection.state == Standing::Failed;
        let verified = connection.state == Standing::Verified;
        let pending = connection.state == Standing::Submitted && self.latest.verdict.is_none();
        let events = pending
            .then(|| urls::connection_events(&connection.id, &self.latest.id, &self.cursor.to_string()));
        let (again, next_attempt) = (self.again(), self.next_attempt());
        let next_look = (pending && self.check.id != self.latest.id).then(|| Moment::of(self.latest.due_at));
        let instead = self.instead(cause.as_ref(), next_look.is_some());
        let all = steps(connection.kind, &self.check, &self.ended, blamed, |step| trouble(step, &self.names));
        let all = if self.check.origin == Origin::ByHand { Vec::new() } else { all };
        let (worked, steps) = parted(failed, all);
        let (skipped, steps) =
            if self.check.verdict.is_none() { (Vec::new(), steps) } else { untried(steps) };
        StatusPage {
            layout,
            id: connection.id.clone(),
            here: match self.about {
                About::Connection => urls::connection(&connection.id),
                About::Renewal => urls::renew(&connection.id),
            },
            kept: self.kept(),
            beside: self.beside(),
            withdraw: self.withdraw(),
            name: connection.name.as_str().to_owned(),
            reference: connection.reference.of_attempt(self.attempt.number),
            kind: connection.kind.title(),
            number: self.attempt.number,
            h1: top.h1,
            lede,
            // Beside what is in use, a renewal that failed disconnects nobody.
            tag: match self.about {
                _ if is_pause(self.check.cause.as_ref()) && next_look.is_some() => ("warn", "We pause"),
                About::Renewal if failed => ("bad", "Not renewed"),
                _ if verified && self.by_hand => ("ok", "Verified by hand"),
                _ => top.tag,
            },
            submitted: Moment::of(self.attempt.submitted_at),
            decided: self.check.decided_at.map(Moment::of),
            asked_by_us: asked_by_us(&self.check),
            interrupted: self.check.run > 1,
            runs: pending && self.check.id == self.latest.id,
            events,
            worked,
            steps,
            skipped,
            same_answer: self.same_answer.then(|| self.check.decided_at.map(Moment::of)).flatten(),
            words: server_words(connection.kind, &self.ended, blamed),
            warnings: if verified { self.warnings() } else { Vec::new() },
            cleared: self.left.is_empty() && self.check.warnings.iter().any(is_left_behind),
            // Until the pause is over a press would do nothing.
            again: again.filter(|_| next_look.is_none() || !is_pause(self.check.cause.as_ref())),
            stop: self.stop().filter(|_| next_look.is_some() && !paused),
            next_look,
            paused,
            instead,
            next_attempt,
            secret: secret_noun(connection.kind),
            made_here: connection.kind.makes_secret(),
            certificate: Made::of(&self.bench, self.attempt.number),
            after: verified.then(|| {
                let (ends_on, today) = (self.attempt.last_day(&self.settings), self.bench.now.date());
                VerifiedView::of(&connection.id, connection.kind, ends_on, connection.enabled_on, today)
            }),
            changes,
            letter,
            past: self.bench.attempts.iter().rev().map(|(attempt, _)| self.past(attempt)).collect(),
            guide_step: self.guide_step(),
            cause,
            all_mailboxes: self.all_mailboxes,
            mailed_to: self.mailed_to,
            left: self.left.into_iter().map(LeftView::of).collect(),
            leftovers: self.leftovers.into_iter().filter(|_| verified).map(LeftoverView::of).collect(),
        }
    }

    /// The sentence under the heading where everything works and something of an earlier attempt is left.
    fn tidied(&self) -> Option<String> {
        let fine =
            self.bench.connection.state == Standing::Verified && self.check.verdict == Some(Verdict::Passed);
        let left = self.leftovers.iter().filter(|left| left.removed.is_none()).count();
        match left {
            1.. if !fine => None,
            0 => None,
            1 => Some("Everything works. One thing is left to tidy up: see below.".to_owned()),
            many => Some(format!("Everything works. {many} things are left to tidy up: see below.")),
        }
    }

    /// The cause that the page explains, where there is something to mend or to wait for.
    fn cause(&self) -> Option<CauseWords> {
        let undecided = self.check.verdict.is_none();
        let fine = matches!(self.bench.connection.state, Standing::Verified | Standing::Closed);
        if undecided || fine {
            return None;
        }
        let words = CauseWords::of(self.check.cause.as_ref(), &self.names);
        Some(words.lacking(facts(&self.ended)))
    }

    /// The letter for whoever hosts the office's mail: from the second failure on, and after every cause that only they can
    /// mend.
    pub(super) fn letter(&self, brand: &str) -> Option<Letter> {
        let connection = &self.bench.connection;
        let id = self.check.cause.as_ref()?.as_str();
        let theirs = causes::find(id).is_some_and(|cause| {
            let cause = cause.on(self.names.own_server);
            matches!(cause.who, Who::HostingProvider | Who::Provider)
        });
        let offered = connection.state == Standing::Failed && (theirs || self.failures > 1);
        let cause = self.cause().filter(|cause| offered && !cause.mend.is_empty())?;
        let words = server_words(connection.kind, &self.ended, Some(id));
        Some(Letter::of(&LetterFacts {
            company: self.bench.brokerage.company.as_str(),
            brand,
            kind: connection.kind.title(),
            reference: connection.reference.of_attempt(self.attempt.number),
            cause: &cause,
            words: words.as_deref(),
            names: &self.names,
            at: self.check.decided_at.map(|at| at.words().to_string()),
        }))
    }

    /// What changed since the attempt before.
    fn changes(&self) -> Option<Changes> {
        let (attempt, settings) = before(&self.bench, &self.attempt)?;
        let earlier = Compared { number: attempt.number, settings, steps: &self.before };
        let decided = self.check.verdict.is_some();
        let steps: &[EndedStep] = if decided { &self.ended } else { &[] };
        let now = Compared { number: self.attempt.number, settings: &self.settings, steps };
        Some(Changes::of(self.bench.connection.kind, &earlier, &now))
    }

    /// The step of the guide that mends the cause: its address and title.
    fn guide_step(&self) -> Option<(String, String)> {
        let connection = &self.bench.connection;
        let step = self.guides.of(connection.kind)?.step_for(self.check.cause.as_ref()?.as_str())?;
        Some((urls::guide_step(connection.id.as_str(), &step.id), step.title.plain()))
    }

    fn warnings(&self) -> Vec<CauseWords> {
        // What was left behind and is gone by now needs no mending any more.
        let stands = |cause: &&CauseId| !(is_left_behind(cause) && self.left.is_empty());
        let warnings = self.check.warnings.iter().filter(stands);
        warnings.map(|cause| CauseWords::of(Some(cause), &self.names)).collect()
    }

    fn past(&self, attempt: &Attempt) -> Past {
        let (outcome, look) = match attempt.state {
            _ if attempt.ended.is_some() => (attempt.ended.map_or("", |(end, _)| end.title()).to_owned(), ""),
            Standing::Verified => ("Verified".to_owned(), "ok"),
            Standing::Failed => {
                (format!("Failed: {}", CauseWords::of(attempt.cause.as_ref(), &self.names).title), "bad")
            }
            Standing::Submitted if attempt.id == self.attempt.id => ("Not decided yet".to_owned(), ""),
            _ => ("No longer used".to_owned(), ""),
        };
        Past {
            number: attempt.number,
            reference: self.bench.connection.reference.of_attempt(attempt.number),
            submitted: Moment::of(attempt.submitted_at),
            outcome,
            look,
        }
    }
}

/// Whether a check was put off because too many sign-ins were refused.
fn is_pause(cause: Option<&CauseId>) -> bool {
    cause.is_some_and(|cause| cause.as_str() == "sign_in_paused")
}

/// Whether a cause says that a test entry was left in the mailbox.
fn is_left_behind(cause: &CauseId) -> bool {
    matches!(cause.as_str(), "test_item_left_behind" | "delete_refused")
}
