//! The steps that only read the mailbox, at the same time.

use crate::{
    domain::{
        check::Outcome,
        lacking::{ALSO_MISSING, is_named},
    },
    verification::{
        cut::Cut,
        diagnose::cause_of,
        evidence::Evidence,
        ews::has,
        exchange::cloud,
        progress::Running,
        rules::{NO_USABLE_MAILBOX, Scene},
        run::{Run, described},
        step::StepId,
    },
};

use super::{
    graph::Graph,
    permissions::{at_graph, needs},
    probes,
};

/// What of the mailbox could be read.
#[derive(Clone, Copy)]
pub(super) struct Opened {
    pub(super) mailbox: bool,
    pub(super) contacts: bool,
    pub(super) calendar: bool,
}

impl Opened {
    /// Whether anything could.
    pub(super) const fn any(self) -> bool {
        self.mailbox || self.contacts || self.calendar
    }
}

/// What only reads, at the same time. Those that fail are judged together, once all are in: whether others
/// opened the mailbox, and what the directory says, decides what a refusal means.
pub(super) async fn reads(run: &Run<'_>, graph: &Graph<'_>, cut: &Cut) -> Opened {
    let limit = run.pace.step;
    let account = async {
        let (mut running, cut) = (run.progress.begin(StepId::Account), cut.step());
        let done = cut.limit_step(limit, probes::account(graph, &mut running, &cut)).await;
        settled(run, running, done).await
    };
    let mailbox = async {
        let (mut running, cut) = (run.progress.begin(StepId::Mailbox), cut.step());
        let done = cut.limit_step(limit, probes::mailbox(graph, &mut running, &cut)).await;
        settled(run, running, done).await
    };
    let contacts = async {
        let (mut running, cut) = (run.progress.begin(StepId::ContactsRead), cut.step());
        let done = cut.limit_step(limit, probes::contacts(graph, &mut running, &cut)).await;
        settled(run, running, done).await
    };
    let calendar = async {
        let (mut running, cut) = (run.progress.begin(StepId::CalendarRead), cut.step());
        let done = cut.limit_step(limit, probes::calendar(graph, run.today, &mut running, &cut)).await;
        settled(run, running, done).await
    };
    let (account, mailbox, contacts, calendar) = tokio::join!(account, mailbox, contacts, calendar);
    let opened = Opened { mailbox: mailbox.is_ok(), contacts: contacts.is_ok(), calendar: calendar.is_ok() };
    let licensed = account.as_ref().ok().and_then(|known| known.licensed);
    let homeless = [has_no_mailbox(&mailbox), has_no_mailbox(&contacts), has_no_mailbox(&calendar)];
    let hosted = match licensed {
        // Without a licence there is none, wherever others are.
        Some(false) => None,
        _ if homeless.contains(&true) => {
            cloud::hosts(&graph.caller.client, graph.autodiscover, &graph.address, &cut.step()).await
        }
        _ => None,
    };
    let roles = graph.roles.as_deref();
    let scene = |step| Scene { opened: opened.any(), licensed, hosted, ..at_graph(step, roles) };
    if let Err((running, evidence)) = account {
        end_account(run, running, &evidence, scene(StepId::Account)).await;
    }
    for (mut running, evidence) in [mailbox, contacts, calendar].into_iter().filter_map(Result::err) {
        let scene = scene(running.id());
        if running.id() == StepId::Mailbox {
            if let Some(hosted) = hosted {
                running.learn("Where the mailbox is", place(hosted));
            }
            // Where nothing opened nothing is written or sent, so that those steps name nothing.
            if let Some(needed) = missing(StepId::SendRight, roles)
                && !opened.any()
                && is_named(cause_of(&evidence, &scene))
            {
                running.learn(ALSO_MISSING, needed);
            }
        }
        run.fail(running, &evidence, scene).await;
    }
    opened
}

/// Whether an account was met without a mailbox that can be opened, for whatever reason.
fn has_no_mailbox<T>(done: &Result<T, (Running, Evidence)>) -> bool {
    matches!(done, Err((_, Evidence::Shown(shown))) if has(shown, NO_USABLE_MAILBOX))
}

/// Where autodiscover of Microsoft 365 says that a mailbox is.
const fn place(hosted: bool) -> &'static str {
    if hosted { "in Microsoft 365, says its autodiscover" } else { "on another server, says Microsoft 365" }
}

/// What a step needs and the token lacks, where it could be read.
fn missing(step: StepId, roles: Option<&[String]>) -> Option<&'static str> {
    let needed = *needs(step).first()?;
    roles.filter(|roles| !roles.iter().any(|role| role == needed)).map(|_| needed)
}

/// Ends a step at once when it worked; else hands it back for judgement.
async fn settled<T>(
    run: &Run<'_>,
    running: Running,
    done: Result<T, Evidence>,
) -> Result<T, (Running, Evidence)> {
    match done {
        Ok(value) => {
            run.progress.end(running, Outcome::Passed, None).await;
            Ok(value)
        }
        Err(evidence) => Err((running, evidence)),
    }
}

/// The account is optional: only a directory that knows no such user fails the step, and only when the
/// mailbox did not open either.
async fn end_account(run: &Run<'_>, running: Running, evidence: &Evidence, scene: Scene<'_>) {
    let cause = cause_of(evidence, &scene);
    if scene.opened || cause != "graph_user_not_found" {
        let running = described(running, evidence);
        run.progress.end(running, Outcome::Skipped, Some(cause)).await;
    } else {
        run.fail(running, evidence, scene).await;
    }
}
