//! Everything that is done once a mailbox opened: four chains at the same time.

use crate::{
    domain::check::Outcome,
    verification::{
        cut::Cut,
        evidence::Evidence,
        outside,
        run::Run,
        step::StepId,
        traces::Trace,
        writing::{Mailbox, clear, create, removal_ended, remove, write},
    },
};

use super::{
    client::{Ews, has},
    items::Thing,
    probes, sync,
};

/// Contacts, calendar, a draft, and the mailbox that must be refused: each in its order and all at the same time.
pub async fn works(run: &Run<'_>, ews: &Ews<'_>, cut: &Cut) {
    tokio::join!(
        contacts(run, ews, cut),
        calendar(run, ews, cut),
        draft(run, ews, cut),
        outside(run, ews, cut),
    );
}

/// Codes of a server that refuses to let the credential act as a mailbox.
const REFUSED: &[&str] = &["ErrorImpersonateUserDenied", "ErrorImpersonationDenied", "ErrorAccessDenied"];

/// Whether the server refuses to let the credential act as the mailbox.
fn is_refused(evidence: &Evidence) -> bool {
    matches!(evidence, Evidence::Shown(shown) if has(shown, REFUSED))
}

/// Looks at a mailbox of a roster that must be refused.
pub async fn look(run: &Run<'_>, ews: &Ews<'_>, cut: &Cut) {
    let (running, step) = (run.progress.begin(StepId::OutsideMailbox), cut.step());
    let opened = step.limit_step(run.pace.step, probes::folders(ews, &ews.mailbox, &step)).await;
    outside::judge(run, running, (opened, ews.scene(StepId::Mailbox)), is_refused).await;
}

/// Looks at the mailbox that must be refused.
async fn outside(run: &Run<'_>, ews: &Ews<'_>, cut: &Cut) {
    let Some(running) = outside::begin(run, ews.outside.is_some()).await else { return };
    let step = cut.step();
    let mailbox = ews.outside.as_deref().unwrap_or_default();
    let opened = step.limit_step(run.pace.step, probes::folders(ews, mailbox, &step)).await;
    outside::end(run, running, opened, is_refused).await;
}

async fn contacts(run: &Run<'_>, ews: &Ews<'_>, cut: &Cut) {
    let (mut running, step) = (run.progress.begin(StepId::ContactsRead), cut.step());
    let end = match step.limit_step(run.pace.step, sync::read(ews, &mut running, &step)).await {
        Ok(end) => end,
        Err(evidence) => return run.fail(running, &evidence, ews.scene(StepId::ContactsRead)).await,
    };
    run.progress.end(running, Outcome::Passed, None).await;
    // What has not begun when the time is over is skipped, so that nothing is written only to be removed.
    if cut.whole_is_over() || write(run, ews, Thing::Contact, cut).await.is_none() {
        return;
    }
    if let Trace::There(id) = ews.traces.get(Thing::Contact) {
        let (mut running, step) = (run.progress.begin(StepId::ContactsSync), cut.step());
        let work = sync::find(ews, &end, &id, &mut running, &step);
        let done = step.limit_step(run.pace.step, work).await;
        run.end(running, done, Mailbox::scene(ews, StepId::ContactsSync)).await;
    }
    clear(run, ews, Thing::Contact).await;
}

async fn calendar(run: &Run<'_>, ews: &Ews<'_>, cut: &Cut) {
    let (mut running, step) = (run.progress.begin(StepId::CalendarRead), cut.step());
    let read = step.limit_step(run.pace.step, probes::calendar(ews, &mut running, &step)).await;
    if let Err(evidence) = read {
        return run.fail(running, &evidence, ews.scene(StepId::CalendarRead)).await;
    }
    run.progress.end(running, Outcome::Passed, None).await;
    if !cut.whole_is_over() && write(run, ews, Thing::Event, cut).await.is_some() {
        clear(run, ews, Thing::Event).await;
    }
}

/// Saves a draft as the agent and removes it: whoever may act as the owner may send as the owner, and nothing is sent.
async fn draft(run: &Run<'_>, ews: &Ews<'_>, cut: &Cut) {
    let (mut running, step) = (run.progress.begin(StepId::SendRight), cut.step());
    let work = create(run, ews, Thing::Draft, &mut running, &step);
    let saved = step.limit_step(run.pace.step, work).await;
    let mut aside = running.aside();
    if let Err(evidence) = saved {
        // Whether it was saved after all is of no interest to anybody, as long as nothing stays.
        let removed = remove(run, ews, Thing::Draft, &mut aside).await;
        if removed.is_err() && ews.traces.get(Thing::Draft) != Trace::None {
            running.learn("Left behind", "perhaps a draft with the subject of this test");
        }
        return run.fail(running, &evidence, Mailbox::scene(ews, StepId::SendRight)).await;
    }
    running.learn("Sending", "possible as the agent; nothing was sent");
    let removed = remove(run, ews, Thing::Draft, &mut aside).await;
    removal_ended(run, ews, Thing::Draft, running, removed).await;
}
