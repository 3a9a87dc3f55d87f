//! The whole check: the server, the connection, the sign-in, the mailboxes, cleaning up.

use std::sync::Mutex;

use secrecy::SecretString;

use crate::{
    domain::{
        check::{Outcome, Report},
        exchange::{ExchangeSettings, ServicePassword},
        test_item::TestItem,
    },
    net::{dialer::Authorization, guard::HostName},
    verification::{
        cleanup::{Cleared, clear_later},
        cut::Cut,
        evidence::{Evidence, Finding},
        ews::{Ews, Guise, Schema, has, mailbox, works},
        means::Means,
        observer::Observer,
        progress::Running,
        rules::{Scene, Speaker},
        run::Run,
        scrub::{Scrub, spellings},
        step::{self, HOPS, Plan, StepId},
    },
};

use super::{
    account::{Own, end_own, own_mailbox, password_expiry},
    agreement::Agreement,
    autodiscover::Search,
    cloud,
    connect::Approach,
    gate::Gate,
    lines::{Lines, MOST},
    place::is_within,
    signing,
};

/// The way up: what is climbed with, and the run that is noted.
pub(super) struct Ladder<'a> {
    pub(super) means: &'a Means,
    pub(super) settings: &'a ExchangeSettings,
    password: &'a ServicePassword,
    gate: Gate<'a>,
    pub(super) run: Run<'a>,
}

/// What an accepted password opens.
pub(super) struct Door<'a> {
    pub(super) lines: Lines<'a>,
    pub(super) schema: Schema,
}

/// Runs one check to its verdict.
pub(in crate::verification) async fn check(
    means: Means,
    settings: &ExchangeSettings,
    password: &ServicePassword,
    observer: &dyn Observer,
) -> Report {
    let ladder = Ladder::new(&step::EXCHANGE, &means, (settings, password), observer);
    let cut = Cut::new();
    cut.limit_whole(means.pace.whole, Box::pin(ladder.climb(&cut))).await;
    ladder.run.report(&step::EXCHANGE, None, &cut).await
}

/// Removes what earlier checks left behind.
pub(in crate::verification) async fn clear(
    means: Means,
    settings: &ExchangeSettings,
    password: &ServicePassword,
    items: &[TestItem],
    observer: &dyn Observer,
) -> Cleared {
    let ladder = Ladder::new(&step::EXCHANGE, &means, (settings, password), observer);
    let cut = Cut::new();
    match ladder.clear(items, &cut).await {
        Some(cleared) => cleared,
        None => Cleared::unreached(items, ladder.run.report(&step::EXCHANGE, None, &cut).await),
    }
}

impl<'a> Ladder<'a> {
    /// At its foot.
    pub(super) fn new(
        plan: &'static Plan,
        means: &'a Means,
        (settings, password): (&'a ExchangeSettings, &'a ServicePassword),
        observer: &'a dyn Observer,
    ) -> Self {
        let credential = Authorization::Basic {
            login: settings.service_account.as_str().to_owned(),
            password: SecretString::from(password.expose().to_owned()),
        };
        let gate = Gate::new(observer, credential);
        Self { means, settings, password, gate, run: Run::new(plan, observer, means) }
    }
}

impl Ladder<'_> {
    async fn climb(&self, cut: &Cut) {
        let Some(Door { lines, schema }) = self.sign_in(MOST, cut).await else { return };
        let ews = self.ews(&lines, self.settings.test_mailbox.as_str(), schema);
        ews.prove(true);
        self.mailboxes(&ews, cut).await;
    }

    /// `None` when the server was not reached or did not take the password.
    async fn clear(&self, items: &[TestItem], cut: &Cut) -> Option<Cleared> {
        let Door { lines, schema } = cut.limit_whole(self.means.pace.whole, self.sign_in(1, cut)).await?;
        let mut ews = self.ews(&lines, self.settings.test_mailbox.as_str(), schema);
        ews.prove(true);
        Some(Box::pin(clear_later(&self.run, &mut ews, items)).await)
    }

    /// Everything up to the password that was accepted, with room for so many connections.
    pub(super) async fn sign_in(&self, places: usize, cut: &Cut) -> Option<Door<'_>> {
        let host = self.server(cut).await?;
        let dialer = self.means.net.dialer();
        let approach = Approach { run: &self.run, dialer, pin: self.settings.certificate.as_ref() };
        let mut line = approach.connect(&host, cut).await?;
        let randomness = &self.means.randomness;
        if !signing::challenge(&self.run, &mut line, randomness, &self.gate, &self.scrub(), cut).await {
            return None;
        }
        let lines = Lines::new(line, self.gate.credential(), places);
        let ews = self.ews(&lines, self.settings.test_mailbox.as_str(), Schema::Exchange2013);
        // Further connections are opened while the server looks at the password.
        let (accepted, ()) = tokio::join!(signing::sign_in(&self.run, &ews, &self.gate, cut), async {
            let _ = cut.before(lines.warm()).await;
        });
        if !accepted && !self.password.is_ascii() && self.gate.is_refused().await {
            self.run.note(|notes| notes.warned.push(Finding::ForeignLetters));
        }
        let schema = ews.schema();
        accepted.then_some(Door { lines, schema })
    }

    /// EWS as the owner of this mailbox.
    pub(super) fn ews<'l>(&self, lines: &'l Lines<'_>, mailbox: &str, schema: Schema) -> Ews<'l> {
        let guise = Guise {
            speaker: Speaker::Exchange,
            needs: &[],
            roles: None,
            older_login: self.settings.service_account.as_str().contains('\\'),
            scrub: self.scrub(),
            mailbox: mailbox.to_owned(),
            outside: self.settings.outside_mailbox.as_ref().map(|outside| outside.as_str().to_owned()),
            pace: self.run.pace,
            today: self.run.today,
            schema,
            hold: lines.hold(),
        };
        Ews::new(lines, self.means.randomness.clone(), guise)
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
        self.run.progress.skip(HOPS).await;
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
            run: &self.run,
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
                Box::pin(works(&self.run, ews, cut)).await;
            }
            Err(evidence) => self.not_opened(&self.run, ews, (running, &evidence), Some(&own), cut).await,
        }
    }

    /// Ends the step in which the test mailbox did not open, with what else is known of why.
    pub(super) async fn not_opened(
        &self,
        run: &Run<'_>,
        ews: &Ews<'_>,
        (mut running, evidence): (Running, &Evidence),
        own: Option<&Own>,
        cut: &Cut,
    ) {
        let mut scene = ews.scene(StepId::Mailbox);
        if let Evidence::Shown(shown) = evidence {
            if has(shown, &["ErrorNonExistentMailbox"]) {
                let client = self.means.net.provider();
                scene.hosted = cloud::hosts(client, cloud::HOST, &ews.mailbox, &cut.step()).await;
            }
            if has(shown, &["ErrorImpersonateUserDenied"]) {
                let why = match own {
                    Some(Own::Opened) => {
                        Some("the right is there, and the test mailbox lies outside its scope")
                    }
                    Some(Own::Denied) => Some(
                        "the account may not even act as itself: the role is missing or not in effect yet",
                    ),
                    Some(Own::NoMailbox | Own::Unknown(_)) | None => None,
                };
                if let Some(why) = why {
                    running.learn("What this means", why);
                }
            }
        }
        run.fail(running, evidence, scene).await;
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
