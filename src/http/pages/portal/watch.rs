//! Somebody watches a check: what happens is told in order, each step once, and never before it was committed.

use std::time::Duration;

use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant as Deadline, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::{
    actions::progress::{Cursor, EndedStep, news},
    app::App,
    domain::{ids::CheckId, refused::Refused},
    http::session::Watcher,
    store::Topic,
};

/// How often the rows are read when nobody told of a change.
const POLL: Duration = Duration::from_secs(5);
/// The longest a stream stays open. Whoever still watches comes again and goes on where they were.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// What a watcher is told.
pub(super) enum Told {
    /// A run of the check began.
    Run(Cursor),
    /// A step ended.
    Step(Cursor, EndedStep),
    /// The check has its verdict.
    Decided(Cursor),
    /// A newer check took its place.
    Overtaken(Cursor),
}

/// Somebody who watches a check.
pub(super) struct Watch {
    app: App,
    watcher: Watcher,
    check: CheckId,
    cursor: Cursor,
    woken: Receiver<Topic>,
    stop: CancellationToken,
    ends: Deadline,
    over: bool,
}

impl Watch {
    /// Begins to watch behind `cursor`. Changes are heard from now on, so that none falls between two looks.
    pub(super) fn begin(
        app: App,
        watcher: Watcher,
        check: CheckId,
        cursor: Cursor,
        stop: CancellationToken,
    ) -> Self {
        let woken = app.store.wakes().hear();
        Self { app, watcher, check, cursor, woken, stop, ends: Deadline::now() + LONGEST, over: false }
    }

    /// What happened next; `None` when the stream is over: decided, overtaken, too long, the
    /// session ended, or the process stops.
    ///
    /// Errs when the rows cannot be read; the watcher may come again.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Told>>, Refused> {
        if self.over {
            return Ok(None);
        }
        loop {
            if self.stop.is_cancelled() || Deadline::now() >= self.ends {
                return Ok(None);
            }
            let told = self.look().await?;
            if !told.is_empty() {
                return Ok(Some(told));
            }
            if self.over || !self.wait().await {
                return Ok(None);
            }
        }
    }

    async fn look(&mut self) -> Result<Vec<Told>, Refused> {
        let mut read = self.app.store.read().await?;
        // Looked at with every change and every few seconds: who signed out sees nothing more.
        if !read.session_is_open(&self.watcher.session).await? {
            self.over = true;
            return Ok(Vec::new());
        }
        let news = news(&self.app, &mut read, &self.watcher.scope, &self.check, self.cursor).await?;
        drop(read);
        let mut told = Vec::new();
        let run = news.check.run;
        if run > self.cursor.run {
            told.push(Told::Run(Cursor { run, seq: 0 }));
        }
        // A cursor from elsewhere may be ahead: it never goes back, and the steps before it are not told.
        if run >= self.cursor.run {
            told.extend(news.steps.into_iter().map(|step| Told::Step(Cursor { run, seq: step.seq }, step)));
            self.cursor = news.cursor;
        }
        if news.check.verdict.is_some() {
            self.over = true;
            told.push(Told::Decided(self.cursor));
        } else if news.latest.as_ref() != Some(&self.check) {
            self.over = true;
            told.push(Told::Overtaken(self.cursor));
        }
        Ok(told)
    }

    /// Waits until there may be something; `false` when the stream is over.
    async fn wait(&mut self) -> bool {
        tokio::select! {
            () = self.stop.cancelled() => false,
            () = sleep_until(self.ends) => false,
            () = sleep(POLL) => true,
            () = mentioned(&mut self.woken, &self.check) => true,
        }
    }
}

async fn mentioned(woken: &mut Receiver<Topic>, check: &CheckId) {
    loop {
        match woken.recv().await {
            Ok(Topic::Check(told)) if told == *check => return,
            // Another check of the same attempt may have taken this one's place.
            Ok(Topic::Everything) | Err(RecvError::Lagged(_)) => return,
            Ok(
                Topic::Check(_)
                | Topic::Roster(_)
                | Topic::Look(_)
                | Topic::Jobs
                | Topic::Audit
                | Topic::Sealed
                | Topic::Needs
                | Topic::Connections
                | Topic::Recognised,
            ) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
