//! The whole check: the server, the connection, the sign-in, the mailboxes, cleaning up.

use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;

use crate::{
    domain::{
        check::{Outcome, Report},
        exchange::{ExchangeSettings, ServicePassword},
    },
    net::{dialer::Authorization, guard::HostName},
    verification::{
        cut::Cut,
        diagnose::report,
        evidence::{Evidence, Finding},
        ews::{Ews, Guise, has, mailbox, works},
        means::Means,
        observer::Observer,
        progress::Running,
        rules::{Scene, Speaker, finding},
        run::{Notes, Run},
        scrub::{Scrub, spellings},
        step::{self, StepId},
    },
};

use super::{
    account::{Own, end_own, own_mailbox, password_expiry},
    agreement::Agreement,
    autodiscover::Search,
    cloud,
    connect::Approach,
    gate::Gate,
    lines::Lines,
    place::is_within,
    signing,
};

/// The way up: what is climbed with, and the run that is noted.
struct Ladder<'a> {
    means: &'a Means,
    settings: &'a ExchangeSettings,
    password: &'a ServicePassword,
    gate: Gate<'a>,
    run: Run<'a>,
}

/// Runs one check to its verdict.
pub(in crate::verification) async fn check(
    means: Means,
    settings: &ExchangeSettings,
    password: &ServicePassword,
    observer: &dyn Observer,
) -> Report {
    let credential = Authorization::Basic {
        login: settings.service_account.as_str().to_owned(),
        password: SecretString::from(password.expose().to_owned()),
    };
    let ladder = Ladder {
        settings,
        password,
        gate: Gate::new(observer, credential),
        run: Run::new(&step::EXCHANGE, observer, &means),
        means: &means,
    };
    let cut = Cut::new();
    cut.limit_whole(means.pace.whole, ladder.climb(&cut)).await;
    let run = ladder.run;
    run.progress.skip_rest().await;
    let notes: Notes = run.notes.into_inner().unwrap_or_else(PoisonError::into_inner);
    let warned: Vec<_> = notes.warned.iter().map(|found| finding(*found)).collect();
    let steps = run.progress.into_steps();
    report(&step::EXCHANGE, steps, &warned, notes.accepted, notes.asked, cut.whole_is_over())
}

impl Ladder<'_> {
    async fn climb(&self, cut: &Cut) {
        let Some(host) = self.server(cut).await else { return };
        let dialer = self.means.net.dialer();
        let approach = Approach { run: &self.run, dialer, pin: self.settings.certificate.as_ref() };
        let Some(mut line) = approach.connect(&host, cut).await else { return };
        let randomness = &self.means.randomness;
        if !signing::challenge(&self.run, &mut line, randomness, &self.gate, &self.scrub(), cut).await {
            return;
        }
        let lines = Lines::new(line, self.gate.credential());
        let ews = Ews::new(&lines, randomness.clone(), self.guise());
        // Further connections are opened while the server looks at the password.
        let (accepted, ()) = tokio::join!(signing::sign_in(&self.run, &ews, &self.gate, cut), async {
            let _ = cut.before(lines.warm()).await;
        });
        if accepted {
            self.mailboxes(&ews, cut).await;
        }
    }

    fn guise(&self) -> Guise {
        Guise {
            speaker: Speaker::Exchange,
            needs: &[],
            roles: None,
            scrub: self.scrub(),
            mailbox: self.settings.test_mailbox.as_str().to_owned(),
            pace: self.run.pace,
            today: self.run.today,
        }
    }

    fn scrub(&self) -> Scrub {
        Scrub::new(spellings(self.settings.service_account.as_str(), self.password.expose()))
    }

    /// The host of EWS: the one that was given, or the one that autodiscover leads to.
    async fn server(&self, cut: &Cut) -> Option<HostName> {
        let mut running = self.run.progress.begin(StepId::Autodiscover);
        let (found, outcome) = match &self.settings.ews_url {
            Some(url) => {
                running.learn("EWS", url.to_string());
                (HostName::parse(url.host()).ok_or(Evidence::Found(Finding::NoEwsUrl)), Outcome::Skipped)
            }
            None => (self.discover(&mut running, cut).await, Outcome::Passed),
        };
        match found.and_then(|host| self.allowed(host)) {
            Ok(host) => {
                self.run.progress.end(running, outcome, None).await;
                Some(host)
            }
            Err(evidence) => {
                let scene = Scene::of(Speaker::Exchange, StepId::Autodiscover);
                self.run.fail(running, &evidence, scene).await;
                None
            }
        }
    }

    async fn discover(&self, running: &mut Running, cut: &Cut) -> Result<HostName, Evidence> {
        let domain = self.settings.test_mailbox.domain();
        // A host of this domain may be given the password before it says where the server is.
        if let Some(host) = HostName::parse(domain.as_str()) {
            self.allowed(host)?;
        }
        let agreement = self.agreement();
        let step = cut.step();
        let search = Search {
            net: &self.means.net,
            pin: self.settings.certificate.as_ref(),
            mailbox: &self.settings.test_mailbox,
            domain: domain.as_str(),
            agreement: &agreement,
            gate: &self.gate,
            scrub: &self.scrub(),
            cut: &step,
            seen: Mutex::new(Vec::new()),
        };
        // Several silent places one after the other may take longer than one step of other kinds.
        let found =
            step.limit_step(self.run.pace.step * 2, step.before(Box::pin(search.find(running)))).await;
        if self.gate.is_proven().await {
            self.run.note(|notes| notes.accepted = true);
        }
        match found {
            Some(found) => found.and_then(|host| agreed(&agreement, host, running)),
            None if cut.whole_is_over() => Err(Evidence::OutOfTime),
            None => Err(Evidence::Lost(crate::net::Failure::HttpTimeout)),
        }
    }

    fn agreement(&self) -> Agreement<'_> {
        Agreement {
            bound_to: self.means.bound_to.as_ref(),
            proven: self.means.proven.as_ref(),
            login: &self.settings.service_account,
            mailbox: &self.settings.test_mailbox,
        }
    }

    /// A check that is bound to a domain looks only at servers of that domain.
    fn allowed(&self, host: HostName) -> Result<HostName, Evidence> {
        match &self.means.bound_to {
            Some(domain) if !is_within(&host, domain.as_str()) => {
                Err(Evidence::Found(Finding::ForeignServer))
            }
            _ => Ok(host),
        }
    }

    /// What the service account and the test mailbox say, at the same time.
    async fn mailboxes(&self, ews: &Ews<'_>, cut: &Cut) {
        let login = &self.settings.service_account;
        let mut running = self.run.progress.begin(StepId::Mailbox);
        let opening = async {
            let step = cut.step();
            let opened = step.limit_step(self.run.pace.step, mailbox(ews, &mut running, &step)).await;
            (running, opened)
        };
        let own = own_mailbox(&self.run, ews, login, cut);
        let expiry = password_expiry(&self.run, ews, login, cut);
        let ((running, opened), (own_running, own), ()) = tokio::join!(opening, own, expiry);
        end_own(&self.run, own_running, &own, opened.is_ok()).await;
        match opened {
            Ok(()) => {
                self.run.progress.end(running, Outcome::Passed, None).await;
                works(&self.run, ews, cut).await;
            }
            Err(evidence) => self.not_opened(ews, running, &evidence, &own, cut).await,
        }
    }

    /// Ends the step in which the test mailbox did not open, with what else is known of why.
    async fn not_opened(
        &self,
        ews: &Ews<'_>,
        mut running: Running,
        evidence: &Evidence,
        own: &Own,
        cut: &Cut,
    ) {
        let mut scene = ews.scene(StepId::Mailbox);
        if let Evidence::Shown(shown) = evidence {
            if has(shown, &["ErrorNonExistentMailbox"]) {
                let address = self.settings.test_mailbox.as_str();
                scene.hosted = cloud::hosts(self.means.net.provider(), address, &cut.step()).await;
            }
            if has(shown, &["ErrorImpersonateUserDenied"]) {
                let why = match own {
                    Own::Opened => Some("the right is there, and the test mailbox lies outside its scope"),
                    Own::Denied => Some(
                        "the account may not even act as itself: the role is missing or not in effect yet",
                    ),
                    Own::NoMailbox | Own::Unknown(_) => None,
                };
                if let Some(why) = why {
                    running.learn("What this means", why);
                }
            }
        }
        self.run.fail(running, evidence, scene).await;
    }
}

/// A server that was found, if the password may go there.
fn agreed(agreement: &Agreement<'_>, host: HostName, running: &mut Running) -> Result<HostName, Evidence> {
    match agreement.allows(&host) {
        Ok(()) => Ok(host),
        Err(finding) => {
            running.learn(host.as_str(), "was not sent the password");
            Err(Evidence::Found(finding))
        }
    }
}
