//! The whole check: tenant, sign-in, what only reads, what writes, cleaning up.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::civil::Date;

use crate::{
    clock::{Clock, Randomness},
    domain::{
        address::MailDomain,
        check::{Outcome, Report},
        credential::{ClientSecret, GraphSecretSettings},
    },
    net::Net,
    verification::{
        cut::Cut,
        diagnose::{cause_of, judged, report},
        evidence::{Evidence, Finding},
        observer::Observer,
        pace::Pace,
        progress::{Progress, Running},
        rules::{Scene, finding},
        scrub::Scrub,
        step::StepId,
    },
};

use super::{
    call::{Caller, segment},
    graph::Graph,
    probes,
    sign_in::{self, Access, Tenant},
    traces::{Kind, Trace, Traces},
    writes,
};

/// A secret that ends in fewer days than this is worth a word.
const SOON: i32 = 60;

/// What the checks are made with.
pub(in crate::verification) struct Means {
    pub(in crate::verification) net: Net,
    pub(in crate::verification) clock: Clock,
    pub(in crate::verification) randomness: Randomness,
    pub(in crate::verification) pace: Pace,
    pub(in crate::verification) bound_to: Option<MailDomain>,
}

/// One check under way.
struct Ladder<'a> {
    settings: &'a GraphSecretSettings,
    secret: &'a ClientSecret,
    progress: Progress<'a>,
    caller: Caller,
    pace: Pace,
    bound_to: Option<MailDomain>,
    today: Date,
    traces: Traces,
    notes: Mutex<Notes>,
}

#[derive(Default)]
struct Notes {
    accepted: bool,
    asked: Option<Duration>,
}

/// Runs one check to its verdict.
pub(in crate::verification) async fn check(
    means: Means,
    settings: &GraphSecretSettings,
    secret: &ClientSecret,
    observer: &dyn Observer,
) -> Report {
    let today = means.clock.today();
    let ladder = Ladder {
        settings,
        secret,
        progress: Progress::new(observer, means.clock),
        caller: Caller { client: means.net.provider().clone(), randomness: means.randomness },
        pace: means.pace,
        bound_to: means.bound_to,
        today,
        traces: Traces::new(),
        notes: Mutex::new(Notes::default()),
    };
    let cut = Cut::new();
    cut.limit_whole(means.pace.whole, ladder.climb(&cut)).await;
    ladder.progress.skip_rest().await;
    let days = (settings.secret_expires_on - today).get_days();
    let warned: &[_] = if days < SOON { &[finding(Finding::ExpiresSoon)] } else { &[] };
    let notes = ladder.notes.into_inner().unwrap_or_else(PoisonError::into_inner);
    report(ladder.progress.into_steps(), warned, notes.accepted, notes.asked)
}

impl Ladder<'_> {
    async fn climb(&self, cut: &Cut) {
        let Some(tenant) = self.tenant(cut).await else { return };
        let Some(access) = self.token(&tenant, cut).await else { return };
        let Some(user) = segment(self.settings.test_mailbox.as_str()) else { return };
        let secrets = vec![access.bearer.secret().clone(), self.secret.expose().to_owned().into()];
        let graph = Graph {
            caller: &self.caller,
            host: tenant.cloud.graph,
            bearer: access.bearer,
            scrub: Scrub::new(secrets),
            user: format!("/v1.0/users/{user}"),
            pace: self.pace,
        };
        let opened = self.reads(&graph, access.roles.as_deref(), cut).await;
        if opened.any() {
            self.works(&graph, access.roles.as_deref(), opened, cut).await;
        }
    }

    async fn tenant(&self, cut: &Cut) -> Option<Tenant> {
        let mut running = self.progress.begin(StepId::Tenant);
        let cut = cut.step();
        let (asked, bound) = (&self.settings.tenant, self.bound_to.as_ref());
        let work = sign_in::find_own_tenant(&self.caller, asked, bound, &mut running, &cut);
        match cut.limit_step(self.pace.step, work).await {
            Ok(tenant) => {
                self.progress.end(running, Outcome::Passed, None).await;
                Some(tenant)
            }
            Err(evidence) => {
                self.fail(running, &evidence, scene(StepId::Tenant, None)).await;
                None
            }
        }
    }

    async fn token(&self, tenant: &Tenant, cut: &Cut) -> Option<Access> {
        let mut running = self.progress.begin(StepId::Token);
        let scene = scene(StepId::Token, None);
        if let Err(denied) = self.progress.observer().sign_in_begins().await {
            if let Some(until) = denied.until {
                running.learn("Paused until", until.words());
            }
            self.fail(running, &Evidence::Paused, scene).await;
            return None;
        }
        let cut = cut.step();
        let client = &self.settings.client_id;
        let work = sign_in::sign_in(&self.caller, tenant, client, self.secret, &mut running, &cut);
        let signed = cut.limit_step(self.pace.step, work).await;
        self.judge(&signed, &scene).await;
        match signed {
            Ok(access) => {
                let advice = access.advice.map(finding);
                let outcome = if advice.is_some() { Outcome::Warning } else { Outcome::Passed };
                self.progress.end(running, outcome, advice).await;
                Some(access)
            }
            Err(evidence) => {
                self.fail(running, &evidence, scene).await;
                None
            }
        }
    }

    /// Tells the observer how the secret was judged, where it was.
    async fn judge(&self, signed: &Result<Access, Evidence>, scene: &Scene<'_>) {
        let accepted = match signed {
            Ok(_) | Err(Evidence::Found(_)) => Some(true),
            Err(Evidence::Shown(shown)) => judged(shown, cause_of(&Evidence::Shown(shown.clone()), scene)),
            Err(_) => None,
        };
        if let Some(accepted) = accepted {
            self.notes.lock().unwrap_or_else(PoisonError::into_inner).accepted = accepted;
            self.progress.observer().sign_in_answered(accepted).await;
        }
    }

    /// What only reads, at the same time. Those that fail are judged together, once all are in: whether others
    /// opened the mailbox, and what the directory says, decides what a refusal means.
    async fn reads(&self, graph: &Graph<'_>, roles: Option<&[String]>, cut: &Cut) -> Opened {
        let limit = self.pace.step;
        let account = async {
            let (mut run, cut) = (self.progress.begin(StepId::Account), cut.step());
            let done = cut.limit_step(limit, probes::account(graph, &mut run, &cut)).await;
            self.settled(run, done).await
        };
        let mailbox = async {
            let (mut run, cut) = (self.progress.begin(StepId::Mailbox), cut.step());
            let done = cut.limit_step(limit, probes::mailbox(graph, &mut run, &cut)).await;
            self.settled(run, done).await
        };
        let contacts = async {
            let (mut run, cut) = (self.progress.begin(StepId::ContactsRead), cut.step());
            let done = cut.limit_step(limit, probes::contacts(graph, &mut run, &cut)).await;
            self.settled(run, done).await
        };
        let calendar = async {
            let (mut run, cut) = (self.progress.begin(StepId::CalendarRead), cut.step());
            let done = cut.limit_step(limit, probes::calendar(graph, self.today, &mut run, &cut)).await;
            self.settled(run, done).await
        };
        let (account, mailbox, contacts, calendar) = tokio::join!(account, mailbox, contacts, calendar);
        let opened =
            Opened { mailbox: mailbox.is_ok(), contacts: contacts.is_ok(), calendar: calendar.is_ok() };
        let licensed = account.as_ref().ok().and_then(|known| known.licensed);
        let scene = |step| Scene { step, roles, opened: opened.any(), licensed };
        if let Err((running, evidence)) = account {
            self.end_account(running, &evidence, scene(StepId::Account)).await;
        }
        for (running, evidence) in [mailbox, contacts, calendar].into_iter().filter_map(Result::err) {
            let scene = scene(running.id());
            self.fail(running, &evidence, scene).await;
        }
        opened
    }

    /// Ends a step at once when it worked; else hands it back for judgement.
    async fn settled<T>(
        &self,
        running: Running,
        done: Result<T, Evidence>,
    ) -> Result<T, (Running, Evidence)> {
        match done {
            Ok(value) => {
                self.progress.end(running, Outcome::Passed, None).await;
                Ok(value)
            }
            Err(evidence) => Err((running, evidence)),
        }
    }

    /// The account is optional: only a directory that knows no such user fails the step, and only when the
    /// mailbox did not open either.
    async fn end_account(&self, running: Running, evidence: &Evidence, scene: Scene<'_>) {
        let cause = cause_of(evidence, &scene);
        if scene.opened || cause != "graph_user_not_found" {
            let running = described(running, evidence);
            self.progress.end(running, Outcome::Skipped, Some(cause)).await;
        } else {
            self.fail(running, evidence, scene).await;
        }
    }

    /// What writes, as far as reading worked, each chain in its order and all chains at the same time.
    async fn works(&self, graph: &Graph<'_>, roles: Option<&[String]>, opened: Opened, cut: &Cut) {
        let contact = async {
            if opened.contacts {
                self.contact(graph, roles, cut).await;
            }
        };
        let event = async {
            if opened.calendar {
                self.event(graph, roles, cut).await;
            }
        };
        let send = async {
            let (mut running, cut) = (self.progress.begin(StepId::SendRight), cut.step());
            let done = cut.limit_step(self.pace.step, writes::send_right(graph, &mut running, &cut)).await;
            self.end(running, done, written(StepId::SendRight, roles)).await;
        };
        tokio::join!(contact, event, send);
    }

    async fn contact(&self, graph: &Graph<'_>, roles: Option<&[String]>, cut: &Cut) {
        let Some(folder) = self.write(graph, Kind::Contact, roles, cut).await else { return };
        if let (Some(folder), Trace::There(id)) = (folder, self.traces.get(Kind::Contact)) {
            let (mut running, cut) = (self.progress.begin(StepId::ContactsSync), cut.step());
            let work = writes::synchronise(graph, &folder, &id, &mut running, &cut);
            let done = cut.limit_step(self.pace.step, work).await;
            self.end(running, done, written(StepId::ContactsSync, roles)).await;
        }
        self.clear(graph, Kind::Contact).await;
    }

    async fn event(&self, graph: &Graph<'_>, roles: Option<&[String]>, cut: &Cut) {
        if self.write(graph, Kind::Event, roles, cut).await.is_some() {
            self.clear(graph, Kind::Event).await;
        }
    }

    /// Writes one; `None` when that failed, with whatever it may have left removed.
    async fn write(
        &self,
        graph: &Graph<'_>,
        kind: Kind,
        roles: Option<&[String]>,
        cut: &Cut,
    ) -> Option<Option<String>> {
        let (step, cut) = (kind.write_step(), cut.step());
        let mut running = self.progress.begin(step);
        let work = writes::create(graph, kind, self.today, &self.traces, &mut running, &cut);
        match cut.limit_step(self.pace.step, work).await {
            Ok(folder) => {
                self.progress.end(running, Outcome::Passed, None).await;
                Some(folder)
            }
            Err(evidence) => {
                self.fail(running, &evidence, written(step, roles)).await;
                if self.traces.get(kind) != Trace::None {
                    self.clear(graph, kind).await;
                }
                None
            }
        }
    }

    /// Removes what was written, also when the time of the check is over: cleaning up has time of its own.
    async fn clear(&self, graph: &Graph<'_>, kind: Kind) {
        let mut running = self.progress.begin(kind.remove_step());
        let cut = Cut::new();
        let limit = self.pace.cleanup + self.pace.settle * 2;
        let work = self.removed(graph, kind, &mut running, &cut);
        match cut.limit_whole(limit, work).await {
            Ok(()) => self.progress.end(running, Outcome::Passed, None).await,
            Err(evidence) => {
                let mut running = described(running, &evidence);
                running.learn("Left behind", writes::left_words(kind, &self.traces.get(kind)));
                let cause = finding(Finding::LeftBehind);
                self.progress.end(running, Outcome::Warning, Some(cause)).await;
            }
        }
    }

    async fn removed(
        &self,
        graph: &Graph<'_>,
        kind: Kind,
        running: &mut Running,
        cut: &Cut,
    ) -> Result<(), Evidence> {
        let id = match self.traces.get(kind) {
            Trace::None => return Ok(()),
            Trace::There(id) => Some(id),
            Trace::Asked => writes::find_lost(graph, kind, self.today, cut).await?,
        };
        match id {
            Some(id) => writes::remove(graph, kind, &id, &self.traces, running, cut).await,
            None => {
                running.learn("Test entry", "was not written after all");
                Ok(())
            }
        }
    }

    async fn end(&self, running: Running, done: Result<(), Evidence>, scene: Scene<'_>) {
        match done {
            Ok(()) => self.progress.end(running, Outcome::Passed, None).await,
            Err(Evidence::Found(found @ Finding::NotListed)) => {
                self.progress.end(running, Outcome::Warning, Some(finding(found))).await;
            }
            Err(evidence) => self.fail(running, &evidence, scene).await,
        }
    }

    async fn fail(&self, running: Running, evidence: &Evidence, scene: Scene<'_>) {
        if let Evidence::Shown(shown) = evidence {
            let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
            notes.asked = notes.asked.max(shown.retry_after);
        }
        let mut running = described(running, evidence);
        let refused = matches!(evidence, Evidence::Shown(shown) if matches!(shown.status, 401 | 403));
        if let Some(needed) = scene.step.needs().first().filter(|_| refused) {
            running.learn("Permission needed", *needed);
        }
        self.progress.end(running, Outcome::Failed, Some(cause_of(evidence, &scene))).await;
    }
}

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

/// What of the mailbox could be read.
#[derive(Clone, Copy)]
struct Opened {
    mailbox: bool,
    contacts: bool,
    calendar: bool,
}

impl Opened {
    const fn any(self) -> bool {
        self.mailbox || self.contacts || self.calendar
    }
}

const fn scene(step: StepId, roles: Option<&[String]>) -> Scene<'_> {
    Scene { step, roles, opened: false, licensed: None }
}

/// A step that comes after the mailbox was opened.
const fn written(step: StepId, roles: Option<&[String]>) -> Scene<'_> {
    Scene { step, roles, opened: true, licensed: None }
}

/// The step with what the evidence tells people.
fn described(mut running: Running, evidence: &Evidence) -> Running {
    match evidence {
        Evidence::Shown(shown) => {
            for (label, value) in &shown.marks {
                running.learn(label, value.as_str());
            }
            running.quote(shown.words.clone());
        }
        Evidence::Lost(failure) => {
            running.learn("What happened", failure.to_string());
            if let crate::net::Failure::Redirected(Some(host)) = failure {
                running.learn("Redirected to", host.as_str());
            }
        }
        Evidence::OutOfTime | Evidence::Found(_) | Evidence::Paused => {}
    }
    running
}
