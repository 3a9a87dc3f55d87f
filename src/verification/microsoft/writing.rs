//! The steps that write to the mailbox, and what removes what they wrote.

use crate::{
    domain::check::Outcome,
    verification::{
        cut::Cut,
        evidence::{Evidence, Finding},
        progress::Running,
        rules::finding,
        step::StepId,
    },
};

use super::{
    graph::Graph,
    reading::Opened,
    run::{Run, described, written},
    sync, test_item,
    traces::{Kind, Trace},
    writes,
};

impl Kind {
    const fn write_step(self) -> StepId {
        match self {
            Self::Contact => StepId::ContactWrite,
            Self::Event => StepId::EventWrite,
        }
    }

    const fn remove_step(self) -> StepId {
        match self {
            Self::Contact => StepId::ContactRemove,
            Self::Event => StepId::EventRemove,
        }
    }
}

/// What writes, as far as reading worked, each chain in its order and all chains at the same time.
pub(super) async fn works(
    run: &Run<'_>,
    graph: &Graph<'_>,
    roles: Option<&[String]>,
    opened: Opened,
    cut: &Cut,
) {
    // What has not begun when the time is over is skipped, so that nothing is written only to be removed.
    if cut.whole_is_over() {
        return;
    }
    let contact = async {
        if opened.contacts {
            contact(run, graph, roles, cut).await;
        }
    };
    let event = async {
        if opened.calendar {
            event(run, graph, roles, cut).await;
        }
    };
    let send = async {
        let (mut running, cut) = (run.progress.begin(StepId::SendRight), cut.step());
        let done = cut.limit_step(run.pace.step, writes::send_right(graph, &mut running, &cut)).await;
        run.end(running, done, written(StepId::SendRight, roles)).await;
    };
    tokio::join!(contact, event, send);
}

async fn contact(run: &Run<'_>, graph: &Graph<'_>, roles: Option<&[String]>, cut: &Cut) {
    let Some(folder) = write(run, graph, Kind::Contact, roles, cut).await else { return };
    if let Trace::There(id) = run.traces.get(Kind::Contact) {
        let (mut running, cut) = (run.progress.begin(StepId::ContactsSync), cut.step());
        let work = sync::synchronise(graph, folder.as_deref(), &id, &mut running, &cut);
        let done = cut.limit_step(run.pace.step, work).await;
        run.end(running, done, written(StepId::ContactsSync, roles)).await;
    }
    clear(run, graph, Kind::Contact).await;
}

async fn event(run: &Run<'_>, graph: &Graph<'_>, roles: Option<&[String]>, cut: &Cut) {
    if write(run, graph, Kind::Event, roles, cut).await.is_some() {
        clear(run, graph, Kind::Event).await;
    }
}

/// Writes one; `None` when that failed, with whatever it may have left removed.
async fn write(
    run: &Run<'_>,
    graph: &Graph<'_>,
    kind: Kind,
    roles: Option<&[String]>,
    cut: &Cut,
) -> Option<Option<String>> {
    let (step, cut) = (kind.write_step(), cut.step());
    let mut running = run.progress.begin(step);
    let work = writes::create(graph, kind, run.today, &run.traces, &mut running, &cut);
    match cut.limit_step(run.pace.step, work).await {
        Ok(folder) => {
            run.progress.end(running, Outcome::Passed, None).await;
            Some(folder)
        }
        Err(evidence) => {
            run.fail(running, &evidence, written(step, roles)).await;
            if run.traces.get(kind) != Trace::None {
                clear(run, graph, kind).await;
            }
            None
        }
    }
}

/// Removes what was written, also when the time of the check is over: cleaning up has time of its own.
async fn clear(run: &Run<'_>, graph: &Graph<'_>, kind: Kind) {
    let mut running = run.progress.begin(kind.remove_step());
    let cut = Cut::new();
    let limit = run.pace.cleanup + run.pace.settle * 2;
    let work = removed(run, graph, kind, &mut running, &cut);
    match cut.limit_whole(limit, work).await {
        Ok(()) => run.progress.end(running, Outcome::Passed, None).await,
        Err(evidence) => {
            let mut running = described(running, &evidence);
            running.learn("Left behind", test_item::left_words(kind, &run.traces.get(kind)));
            let cause = finding(Finding::LeftBehind);
            run.progress.end(running, Outcome::Warning, Some(cause)).await;
        }
    }
}

async fn removed(
    run: &Run<'_>,
    graph: &Graph<'_>,
    kind: Kind,
    running: &mut Running,
    cut: &Cut,
) -> Result<(), Evidence> {
    let id = match run.traces.get(kind) {
        Trace::None => return Ok(()),
        Trace::There(id) => Some(id),
        Trace::Asked => writes::find_lost(graph, kind, run.today, cut).await?,
    };
    match id {
        Some(id) => writes::remove(graph, kind, &id, &run.traces, running, cut).await,
        None => {
            running.learn("Test entry", "was not written after all");
            Ok(())
        }
    }
}
