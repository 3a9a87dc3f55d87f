//! The whole check: tenant, sign-in, what only reads, what writes, cleaning up.

use std::sync::{Mutex, PoisonError};

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
        progress::Progress,
        rules::{Scene, finding},
        run::{Notes, Run},
        scrub::Scrub,
        step::{self, StepId},
        traces::Traces,
    },
};

use super::{
    call::{Caller, segment},
    graph::Graph,
    permissions::signing,
    reading,
    sign_in::{self, Access, Tenant},
    writing,
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

/// The way up: what is climbed with, and the run that is noted.
struct Ladder<'a> {
    settings: &'a GraphSecretSettings,
    secret: &'a ClientSecret,
    bound_to: Option<MailDomain>,
    caller: Caller,
    run: Run<'a>,
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
        bound_to: means.bound_to,
        caller: Caller { client: means.net.provider().clone(), randomness: means.randomness },
        run: Run {
            progress: Progress::new(&step::GRAPH, observer, means.clock),
            pace: means.pace,
            today,
            notes: Mutex::new(Notes::default()),
        },
    };
    let cut = Cut::new();
    cut.limit_whole(means.pace.whole, ladder.climb(&cut)).await;
    let run = ladder.run;
    run.progress.skip_rest().await;
    let days = (settings.secret_expires_on - today).get_days();
    let warned: &[_] = if days < SOON { &[finding(Finding::ExpiresSoon)] } else { &[] };
    let notes = run.notes.into_inner().unwrap_or_else(PoisonError::into_inner);
    report(&step::GRAPH, run.progress.into_steps(), warned, notes.accepted, notes.asked, cut.whole_is_over())
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
            pace: self.run.pace,
            today: self.run.today,
            roles: access.roles,
            traces: Traces::new(),
        };
        let opened = reading::reads(&self.run, &graph, cut).await;
        if opened.any() {
            writing::works(&self.run, &graph, opened, cut).await;
        }
    }

    async fn tenant(&self, cut: &Cut) -> Option<Tenant> {
        let mut running = self.run.progress.begin(StepId::Tenant);
        let cut = cut.step();
        let (asked, bound) = (&self.settings.tenant, self.bound_to.as_ref());
        let work = sign_in::find_own_tenant(&self.caller, asked, bound, &mut running, &cut);
        match cut.limit_step(self.run.pace.step, work).await {
            Ok(tenant) => {
                self.run.progress.end(running, Outcome::Passed, None).await;
                Some(tenant)
            }
            Err(evidence) => {
                self.run.fail(running, &evidence, signing(StepId::Tenant)).await;
                None
            }
        }
    }

    async fn token(&self, tenant: &Tenant, cut: &Cut) -> Option<Access> {
        let mut running = self.run.progress.begin(StepId::Token);
        let scene = signing(StepId::Token);
        if let Err(denied) = self.run.progress.observer().sign_in_begins().await {
            if let Some(until) = denied.until {
                running.learn("Paused until", until.words());
            }
            self.run.fail(running, &Evidence::Paused, scene).await;
            return None;
        }
        let cut = cut.step();
        let client = &self.settings.client_id;
        let work = sign_in::sign_in(&self.caller, tenant, client, self.secret, &mut running, &cut);
        let signed = cut.limit_step(self.run.pace.step, work).await;
        self.judge(&signed, &scene).await;
        match signed {
            Ok(access) => {
                let advice = access.advice.map(finding);
                let outcome = if advice.is_some() { Outcome::Warning } else { Outcome::Passed };
                self.run.progress.end(running, outcome, advice).await;
                Some(access)
            }
            Err(evidence) => {
                self.run.fail(running, &evidence, scene).await;
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
            self.run.note(|notes| notes.accepted = accepted);
            self.run.progress.observer().sign_in_answered(accepted).await;
        }
    }
}
