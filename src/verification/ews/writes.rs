//! Writing one thing, removing it, finding it again.

use async_trait::async_trait;
use jiff::civil::Date;
use tokio::time::sleep;

use crate::verification::{
    cut::Cut,
    evidence::{Evidence, Finding, Shown, Trait},
    progress::Running,
    rules::{Scene, finding},
    step::StepId,
    traces::{Trace, Traces},
    writing::Mailbox,
};

use super::{
    client::{Ews, has},
    items::Thing,
    probes::note,
    requests,
};

/// How often removing is tried.
const LOOKS: usize = 3;

/// Codes after which nobody knows whether something was written.
const UNSURE: &[&str] = &[
    "ErrorTimeoutExpired",
    "ErrorInternalServerError",
    "ErrorInternalServerTransientError",
    "ErrorMailboxFailover",
];

/// Codes that mean it is gone.
const GONE: &[&str] = &["ErrorItemNotFound"];

/// Codes that may be gone at the next try.
const PASSING: &[&str] = &[
    "ErrorServerBusy",
    "ErrorTimeoutExpired",
    "ErrorInternalServerError",
    "ErrorInternalServerTransientError",
    "ErrorMailboxFailover",
    "ErrorMailboxStoreUnavailable",
    "ErrorIrresolvableConflict",
];

#[async_trait]
impl Mailbox for Ews<'_> {
    type Item = Thing;

    fn marked(&self) -> (&str, Date) {
        (&self.mark, self.today)
    }

    fn look_for(&mut self, mark: &str, day: Date) {
        (self.mark, self.today) = (mark.to_owned(), day);
    }

    fn traces(&self) -> &Traces<Thing> {
        &self.traces
    }

    fn scene(&self, step: StepId) -> Scene<'_> {
        Scene { opened: true, ..Self::scene(self, step) }
    }

    async fn create(
        &self,
        item: Thing,
        running: &mut Running,
        cut: &Cut,
    ) -> Result<Option<String>, Evidence> {
        self.traces.set(item, Trace::Asked);
        let question = item.creation(self.today, &self.mark);
        let heard = self.ask(&question, cut).await.inspect_err(|evidence| {
            if !may_be_there(evidence) {
                self.traces.set(item, Trace::None);
            }
        })?;
        let id = heard.reply.find("ItemId").and_then(|id| id.attribute("Id"));
        let id = id.filter(|id| !id.is_empty()).ok_or_else(|| self.odd(&heard))?;
        self.traces.set(item, Trace::There(id.to_owned()));
        note(running, &heard);
        Ok(None)
    }

    async fn remove(&self, item: Thing, id: &str, running: &mut Running, cut: &Cut) -> Result<(), Evidence> {
        let question = item.removal(id);
        let mut left = LOOKS;
        loop {
            left -= 1;
            match self.ask(&question, cut).await {
                Ok(heard) => {
                    self.traces.set(item, Trace::None);
                    note(running, &heard);
                    return Ok(());
                }
                Err(Evidence::Shown(shown)) if has(&shown, GONE) => {
                    self.traces.set(item, Trace::None);
                    running.learn("Test entry", "was gone already");
                    running.notice(finding(Finding::ItemGone));
                    return Ok(());
                }
                Err(evidence) if left == 0 || !passes_with_time(&evidence) => return Err(evidence),
                Err(_) if cut.before(sleep(self.pace.settle)).await.is_none() => {
                    return Err(Evidence::Found(Finding::LeftBehind));
                }
                Err(_) => {}
            }
        }
    }

    async fn find_lost(&self, item: Thing, cut: &Cut) -> Result<Option<String>, Evidence> {
        let heard = self.ask(&requests::marked(item.folder(), &self.mark), cut).await?;
        if heard.reply.find("RootFolder").is_none() {
            return Err(self.odd(&heard));
        }
        let id = heard.reply.find("ItemId").and_then(|id| id.attribute("Id"));
        Ok(id.filter(|id| !id.is_empty()).map(str::to_owned))
    }
}

/// Whether a question that failed may have been carried out all the same.
fn may_be_there(evidence: &Evidence) -> bool {
    match evidence {
        Evidence::Lost(failure) => failure.may_have_acted(),
        Evidence::OutOfTime => true,
        Evidence::Shown(shown) if shown.codes.is_empty() => unclear(shown),
        Evidence::Shown(shown) => has(shown, UNSURE),
        Evidence::Found(_) | Evidence::Paused => false,
    }
}

/// Whether an answer without a code leaves open what was done.
fn unclear(shown: &Shown) -> bool {
    shown.traits.contains(&Trait::Soap) || shown.status >= 500 || shown.status < 300
}

/// Whether removing is worth another try.
fn passes_with_time(evidence: &Evidence) -> bool {
    match evidence {
        Evidence::Shown(shown) if shown.codes.is_empty() => shown.status == 429 || shown.status >= 500,
        Evidence::Shown(shown) => has(shown, PASSING),
        Evidence::Lost(failure) => failure.may_have_acted(),
        _ => false,
    }
}
