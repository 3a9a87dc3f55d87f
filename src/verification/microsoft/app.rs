//! An app with its proof, and the run that tests it: what the ways over Graph and over EWS share.

use crate::{
    domain::{
        address::MailDomain,
        app::{AppSettings, Proof},
        check::{Outcome, Report},
        credential::TenantName,
    },
    verification::{
        bearer::Bearer,
        cut::Cut,
        diagnose::{cause_of, judged},
        evidence::{Evidence, Finding},
        hold::Hold,
        means::Means,
        observer::Observer,
        rules::{Scene, finding},
        run::Run,
        scrub::Scrub,
        step::{Plan, StepId},
    },
};

use super::{
    call::Caller,
    permissions::{Service, signing},
    sign_in::{self, Access, Tenant},
};

/// A proof that ends in fewer days than this is worth a word.
const SOON: i32 = 60;

/// What a check climbs with, and the run that is noted.
pub(super) struct App<'a> {
    pub(super) settings: &'a AppSettings,
    pub(super) proof: &'a Proof,
    pub(super) service: Service,
    pub(super) caller: Caller,
    pub(super) run: Run<'a>,
    plan: &'static Plan,
    bound_to: Option<MailDomain>,
}

impl<'a> App<'a> {
    /// An app whose check has this plan.
    pub(super) fn new(
        means: Means,
        (plan, service): (&'static Plan, Service),
        (settings, proof): (&'a AppSettings, &'a Proof),
        observer: &'a dyn Observer,
    ) -> Self {
        let run = Run::new(plan, observer, &means);
        let caller = Caller {
            client: means.net.provider().clone(),
            hold: Hold::default(),
            clock: means.clock,
            randomness: means.randomness,
        };
        Self { settings, proof, service, caller, run, plan, bound_to: means.bound_to }
    }

    /// The report, once nothing runs any more.
    pub(super) async fn report(self, cut: &Cut) -> Report {
        let days = (self.settings.ends_on() - self.run.today).get_days();
        let soon = match self.proof {
            Proof::Secret(_) => Finding::ExpiresSoon,
            Proof::Certificate { .. } => Finding::OwnCertificateEndsSoon,
        };
        self.run.report(self.plan, (days < SOON).then_some(soon), cut).await
    }

    /// Takes secrets out of what comes back.
    pub(super) fn scrub(&self, bearer: &Bearer) -> Scrub {
        let mut secrets = vec![bearer.secret().clone()];
        // A private key is sent nowhere, so nothing comes back of it.
        if let Proof::Secret(secret) = self.proof {
            secrets.push(secret.expose().to_owned().into());
        }
        Scrub::new(secrets)
    }

    /// The tenant, as the first step finds it; `None` when it does not.
    pub(super) async fn tenant(&self, cut: &Cut) -> Option<Tenant> {
        let asked = (&self.settings.tenant, self.bound_to.as_ref());
        let scene = self.signing(StepId::Tenant);
        tenant(&self.run, &self.caller, asked, scene, cut).await
    }

    /// The token, for which the proof is sent once; `None` when there is none.
    pub(super) async fn token(&self, tenant: &Tenant, cut: &Cut) -> Option<Access> {
        let mut running = self.run.progress.begin(StepId::Token);
        let scene = self.signing(StepId::Token);
        if let Err(denied) = self.run.progress.observer().sign_in_begins().await {
            if let Some(until) = denied.until {
                running.learn("Paused until", until.words());
            }
            self.run.fail(running, &Evidence::Paused, scene).await;
            return None;
        }
        let cut = cut.step();
        let client = &self.settings.client_id;
        let work =
            sign_in::sign_in(&self.caller, (tenant, self.service), client, self.proof, &mut running, &cut);
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

    /// A step at the sign-in service, where some answers mean something else to an app with a certificate.
    const fn signing(&self, step: StepId) -> Scene<'static> {
        Scene { certified: matches!(self.proof, Proof::Certificate { .. }), ..signing(step) }
    }

    /// Tells the observer how the proof was judged, where it was.
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

/// The tenant of this name, held against the domain to which checks are bound; `None` when the step failed.
pub(super) async fn tenant(
    run: &Run<'_>,
    caller: &Caller,
    (asked, bound): (&TenantName, Option<&MailDomain>),
    scene: Scene<'_>,
    cut: &Cut,
) -> Option<Tenant> {
    let (mut running, cut) = (run.progress.begin(StepId::Tenant), cut.step());
    let work = sign_in::find_own_tenant(caller, asked, bound, &mut running, &cut);
    match cut.limit_step(run.pace.step, work).await {
        Ok(tenant) => {
            run.progress.end(running, Outcome::Passed, None).await;
            Some(tenant)
        }
        Err(evidence) => {
            run.fail(running, &evidence, scene).await;
            None
        }
    }
}
