//! The whole check of a service account and its password over EWS in Exchange Online.
//!
//! With an app's id the password goes to the sign-in service, for a token; without one it goes to Exchange Online, by
//! Basic authentication. Either way it leaves once, and only after Exchange Online was asked without it and offered that
//! way. Which way it is follows from what the admin gave and is never tried both ways: two tries of one press would
//! count twice towards a lock.

use http::{HeaderValue, Method};
use secrecy::SecretString;
use tokio::sync::Mutex;

use crate::{
    domain::{
        address::MailDomain,
        check::{Outcome, Report},
        credential::TenantName,
        exchange::{EwsUrl, ServicePassword},
        guid::Guid,
        instant::Instant,
        microsoft365::PasswordSettings,
        roster::RosterMailbox,
        test_item::TestItem,
    },
    net::{
        Failure,
        sensitive::{basic, sensitive},
    },
    verification::{
        bearer::Bearer,
        cleanup::{Cleared, clear_later},
        cut::Cut,
        diagnose::{cause_of, judged_password},
        evidence::{Evidence, Finding},
        ews::{Ews, Guise, Schema, ZONES, envelope, look, question_headers, read, shown, ways, works},
        exchange::{Gate, password_expiry, sign_in},
        hold::Hold,
        means::Means,
        observer::Observer,
        pace::Pace,
        progress::Running,
        rules::{Scene, Speaker},
        run::Run,
        scrub::{Scrub, spellings},
        step::{self, OUTSIDE, PASSWORD_PARTS, Plan, StepId},
        visits::{AtMailbox, Visits},
    },
};

use super::{
    account_token::{self, Account},
    app::tenant,
    call::{Caller, call_to},
    exchange_online::{LAST, Online, open, open_and_work},
    permissions::signing,
    sign_in::Tenant,
    visits::FRESH,
};

/// The most characters of what a server says of its ways to sign in.
const SAID: usize = 160;

/// The way up: what is climbed with, and the run that is noted.
struct Ladder<'a> {
    settings: &'a PasswordSettings,
    password: &'a ServicePassword,
    caller: Caller,
    run: Run<'a>,
    bound_to: Option<MailDomain>,
}

/// Runs one check to its verdict.
pub(in crate::verification) async fn check(
    means: Means,
    settings: &PasswordSettings,
    password: &ServicePassword,
    observer: &dyn Observer,
) -> Report {
    let ladder = Ladder::new(&step::PASSWORD, &means, (settings, password), observer);
    let cut = Cut::new();
    cut.limit_whole(means.pace.whole, Box::pin(ladder.climb(&cut))).await;
    ladder.run.report(&step::PASSWORD, None, &cut).await
}

/// Removes what earlier checks left behind.
pub(in crate::verification) async fn clear(
    means: Means,
    (settings, password): (&PasswordSettings, &ServicePassword),
    items: &[TestItem],
    observer: &dyn Observer,
) -> Cleared {
    let ladder = Ladder::new(&step::PASSWORD, &means, (settings, password), observer);
    let cut = Cut::new();
    let Some(door) = cut.limit_whole(means.pace.whole, Box::pin(ladder.door(&cut))).await else {
        return Cleared::unreached(items, ladder.run.report(&step::PASSWORD, None, &cut).await);
    };
    let (authorization, token) = door.signed;
    let online = Online::new(&ladder.caller, door.tenant.cloud.ews, authorization);
    let guise = ladder.guise(settings.test_mailbox.as_str(), token.as_ref());
    let mut ews = Ews::new(&online, ladder.caller.randomness.clone(), guise);
    ews.prove(true);
    Box::pin(clear_later(&ladder.run, &mut ews, items)).await
}

/// Signs in, visits every mailbox, and reports of the sign-in.
pub(in crate::verification) async fn visit(
    means: Means,
    (settings, password): (&PasswordSettings, &ServicePassword),
    observer: &dyn Observer,
    visits: &Visits<'_>,
) -> Report {
    let ladder = Ladder::new(&PASSWORD_PARTS.door, &means, (settings, password), observer);
    let cut = Cut::new();
    let door = cut.limit_whole(means.pace.whole, Box::pin(ladder.door(&cut))).await;
    if let Some(Door { tenant, signed }) = door {
        let held = Held { since: means.clock.now(), signed, spent: false };
        let lasting = Lasting { tenant, held: Mutex::new(held) };
        let (ladder, means, lasting) = (&ladder, &means, &lasting);
        visits.each(|one| ladder.enter(means, lasting, (one, visits.at(one)))).await;
    }
    ladder.run.report(&PASSWORD_PARTS.door, None, &cut).await
}

/// What signs the questions, and the token in it, where it is one.
type Signed = (HeaderValue, Option<SecretString>);

/// What an accepted password opens.
struct Door {
    tenant: Tenant,
    signed: Signed,
}

/// The same for a whole roster, which may last longer than a token.
struct Lasting {
    tenant: Tenant,
    held: Mutex<Held>,
}

struct Held {
    since: Instant,
    signed: Signed,
    /// The password was shown once more and may have been refused: it is not shown again.
    spent: bool,
}

impl Lasting {
    /// What signs the next mailbox's questions: a new token where this one is old. The password was accepted in this very
    /// run, so it may be shown once more; each showing is counted as the first one was. Where no new token comes, the old one
    /// stays in use, and the mailbox's own answer says what is wrong.
    async fn signed(&self, ladder: &Ladder<'_>, cut: &Cut) -> Signed {
        let mut held = self.held.lock().await;
        let now = ladder.caller.clock.now();
        let old = now.since(held.since).unsigned_abs() > FRESH;
        if let Some(client) = ladder.settings.client_id.as_ref().filter(|_| old && !held.spent) {
            let mut aside = ladder.run.progress.begin(StepId::SignIn);
            match ladder.asked(&self.tenant, client, &mut aside, cut).await {
                Ok(bearer) => {
                    if let Some(authorization) = bearer.header() {
                        (held.since, held.signed) = (now, (authorization, Some(bearer.secret().clone())));
                    }
                }
                // No connection came about: the password stayed here.
                Err(Evidence::Lost(Failure::Dns(_) | Failure::Tcp(_) | Failure::Tls(_))) => {}
                Err(_) => held.spent = true,
            }
        }
        held.signed.clone()
    }
}

impl<'a> Ladder<'a> {
    fn new(
        plan: &'static Plan,
        means: &Means,
        (settings, password): (&'a PasswordSettings, &'a ServicePassword),
        observer: &'a dyn Observer,
    ) -> Self {
        let caller = Caller {
            client: means.net.provider().clone(),
            hold: Hold::default(),
            clock: means.clock.clone(),
            randomness: means.randomness.clone(),
        };
        let run = Run::new(plan, observer, means);
        Self { settings, password, caller, run, bound_to: means.bound_to.clone() }
    }
}

impl Ladder<'_> {
    async fn climb(&self, cut: &Cut) {
        let Some(Door { tenant, signed: (authorization, token) }) = self.door(cut).await else { return };
        let online = Online::new(&self.caller, tenant.cloud.ews, authorization);
        let guise = self.guise(self.settings.test_mailbox.as_str(), token.as_ref());
        let ews = Ews::new(&online, self.caller.randomness.clone(), guise);
        ews.prove(true);
        self.mailboxes((&ews, online.host), cut).await;
    }

    /// Everything up to the password that was accepted.
    async fn door(&self, cut: &Cut) -> Option<Door> {
        let name = TenantName::Domain(self.settings.domain());
        let asked = (&name, self.bound_to.as_ref());
        let scene = signing(StepId::Tenant);
        let tenant = tenant(&self.run, &self.caller, asked, scene, cut).await?;
        if !self.challenge(&tenant, cut).await {
            return None;
        }
        let signed = match &self.settings.client_id {
            Some(client) => self.with_token(&tenant, client, cut).await?,
            None => self.with_password(&tenant, cut).await?,
        };
        Some(Door { tenant, signed })
    }

    async fn enter(
        &self,
        means: &Means,
        door: &Lasting,
        (one, told): (&RosterMailbox, AtMailbox<'_>),
    ) -> Report {
        let plan = if one.outside { &OUTSIDE } else { &PASSWORD_PARTS.mailbox };
        let run = Run::new(plan, &told, means).at_pace(Pace::of_many());
        let cut = Cut::new();
        let work = Box::pin(async {
            let (authorization, token) = door.signed(self, &cut).await;
            let online = Online::new(&self.caller, door.tenant.cloud.ews, authorization);
            let guise = self.guise(one.mailbox.as_str(), token.as_ref());
            let ews = Ews::new(&online, self.caller.randomness.clone(), guise).at_pace(run.pace);
            ews.prove(true);
            match one.outside {
                true => look(&run, &ews, &cut).await,
                false => open_and_work(&run, &self.caller, (&ews, online.host), &cut).await,
            }
        });
        cut.limit_whole(run.pace.whole, work).await;
        run.note(|notes| notes.accepted = true);
        run.report(plan, None, &cut).await
    }

    /// Asks Exchange Online without a password; true when it takes the way that was chosen.
    async fn challenge(&self, tenant: &Tenant, cut: &Cut) -> bool {
        let (mut running, cut) = (self.run.progress.begin(StepId::Challenge), cut.step());
        running.learn("Server", tenant.cloud.ews);
        let asked = async {
            let question = envelope(Schema::Exchange2013, None, ZONES).into_bytes();
            let mut call = call_to(Method::POST, tenant.cloud.ews, EwsUrl::PATH, question)?;
            // Which tenant is asked decides what is offered.
            let login = self.settings.service_account.as_str();
            call.headers_mut().extend(question_headers(Some(login), &self.caller.randomness));
            let sent = cut.before(self.caller.client.send(call)).await;
            sent.ok_or(Evidence::OutOfTime)?.map_err(Evidence::Lost)
        };
        let scrub = self.scrub();
        let evidence = match cut.limit_step(self.run.pace.step, asked).await {
            Err(evidence) => evidence,
            Ok(answer) => {
                let offered = ways(&answer.headers);
                let named = if offered.is_empty() { "none".to_owned() } else { offered.join(", ") };
                running.learn("Ways to sign in", scrub.clean(&named, SAID));
                let wanted = if self.settings.client_id.is_some() { "bearer" } else { "basic" };
                if answer.status == 401 && offered.iter().any(|way| way == wanted) {
                    self.run.progress.end(running, Outcome::Passed, None).await;
                    return true;
                }
                Evidence::Shown(Box::new(shown(&answer, &read(&answer.body), &scrub)))
            }
        };
        running.learn("The password", "was not sent");
        self.run.fail(running, &evidence, self.scene(StepId::Challenge)).await;
        false
    }

    /// Signs in for a token.
    async fn with_token(&self, tenant: &Tenant, client: &Guid, cut: &Cut) -> Option<Signed> {
        let bearer = self.token(tenant, client, cut).await?;
        Some((bearer.header()?, Some(bearer.secret().clone())))
    }

    /// Signs in with the password at Exchange Online itself.
    async fn with_password(&self, tenant: &Tenant, cut: &Cut) -> Option<Signed> {
        let authorization = sensitive(basic(self.settings.service_account.as_str(), self.password.expose()))?;
        let online = Online::new(&self.caller, tenant.cloud.ews, authorization.clone());
        let guise = self.guise(self.settings.test_mailbox.as_str(), None);
        let ews = Ews::new(&online, self.caller.randomness.clone(), guise);
        let gate = Gate::new(self.run.progress.observer(), ());
        sign_in(&self.run, &ews, &gate, cut).await.then_some((authorization, None))
    }

    async fn token(&self, tenant: &Tenant, client: &Guid, cut: &Cut) -> Option<Bearer> {
        let mut running = self.run.progress.begin(StepId::SignIn);
        let asked = self.asked(tenant, client, &mut running, cut).await;
        match asked {
            Ok(bearer) => {
                self.run.progress.end(running, Outcome::Passed, None).await;
                Some(bearer)
            }
            Err(evidence) => {
                self.run.fail(running, &evidence, Scene::of(Speaker::Password, StepId::SignIn)).await;
                None
            }
        }
    }

    /// Shows the password to the sign-in service, once, and only if whoever counts tries allows it.
    async fn asked(
        &self,
        tenant: &Tenant,
        client: &Guid,
        running: &mut Running,
        cut: &Cut,
    ) -> Result<Bearer, Evidence> {
        let cut = cut.step();
        let gate = Gate::new(self.run.progress.observer(), ());
        gate.open(running).await?;
        let login = self.settings.service_account.as_str();
        let account = Account { login, password: self.password, client };
        let scrub = self.scrub();
        let work = account_token::sign_in(&self.caller, tenant, &account, (running, &scrub), &cut);
        let signed = cut.limit_step(self.run.pace.step, work).await;
        let scene = Scene::of(Speaker::Password, StepId::SignIn);
        let accepted = match &signed {
            Ok(_) | Err(Evidence::Found(_)) => Some(true),
            Err(evidence @ Evidence::Shown(shown)) => judged_password(shown, cause_of(evidence, &scene)),
            Err(_) => None,
        };
        if let Some(accepted) = accepted {
            gate.judged(accepted).await;
            self.run.note(|notes| notes.accepted = accepted);
        }
        signed
    }

    /// What the password and the test mailbox say, at the same time.
    async fn mailboxes(&self, (ews, host): (&Ews<'_>, &'static str), cut: &Cut) {
        let login = &self.settings.service_account;
        let opening = open(&self.run, &self.caller, (ews, host), cut);
        let (opened, ()) = tokio::join!(opening, password_expiry(&self.run, ews, login, cut));
        if opened {
            self.run.note(|notes| notes.warned.push(Finding::EwsEnds));
            Box::pin(works(&self.run, ews, cut)).await;
        }
    }

    fn guise(&self, mailbox: &str, token: Option<&SecretString>) -> Guise {
        let scrub = token.into_iter().fold(self.scrub(), |scrub, token| scrub.and(token.clone()));
        Guise {
            speaker: Speaker::AccountOnline,
            needs: &[],
            roles: None,
            older_login: false,
            scrub,
            mailbox: mailbox.to_owned(),
            outside: None,
            pace: self.run.pace,
            today: self.run.today,
            schema: Schema::Exchange2013,
            hold: self.caller.hold.clone(),
        }
    }

    fn scene(&self, step: StepId) -> Scene<'static> {
        Scene { retired: self.run.today >= LAST, ..Scene::of(Speaker::AccountOnline, step) }
    }

    fn scrub(&self) -> Scrub {
        Scrub::new(spellings(self.settings.service_account.as_str(), self.password.expose()))
    }
}
