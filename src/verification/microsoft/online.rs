//! The whole check over EWS in Exchange Online, which Microsoft ends; and whether Graph would do in its place.

use http::Method;

use crate::{
    domain::{
        address::MailAddress,
        app::Proof,
        check::{Outcome, Report},
        credential::EwsSecretSettings,
        exchange::EwsUrl,
        test_item::TestItem,
    },
    net::Failure,
    verification::{
        cleanup::{Cleared, clear_later},
        cut::Cut,
        evidence::{Evidence, Finding},
        ews::{Ews, Guise, Schema, ZONES, envelope, look, marks, question_headers},
        means::Means,
        observer::Observer,
        progress::Running,
        rules::{Speaker, finding},
        run::Run,
        scrub::Scrub,
        step::{self, StepId},
    },
};

use super::{
    app::App,
    call::{Caller, call_to},
    exchange_online::{LAST, Online, open_and_work},
    graph::Graph,
    permissions::{FULL_ACCESS, Service},
    probes,
    sign_in::{self, Access, Tenant},
};

/// Runs one check to its verdict.
pub(in crate::verification) async fn check(
    means: Means,
    settings: &EwsSecretSettings,
    proof: &Proof,
    observer: &dyn Observer,
) -> Report {
    let pace = means.pace;
    let app = App::new(means, (&step::EWS, Service::Ews), (&settings.app, proof), observer);
    let cut = Cut::new();
    cut.limit_whole(pace.whole, Box::pin(climb(&app, &cut))).await;
    app.report(&cut).await
}

/// Removes what earlier checks left behind.
pub(in crate::verification) async fn clear(
    means: Means,
    (settings, proof): (&EwsSecretSettings, &Proof),
    items: &[TestItem],
    observer: &dyn Observer,
) -> Cleared {
    let pace = means.pace;
    let app = App::new(means, (&step::EWS, Service::Ews), (&settings.app, proof), observer);
    let cut = Cut::new();
    let signed = cut.limit_whole(pace.whole, async {
        let tenant = app.tenant(&cut).await?;
        let access = app.token(&tenant, &cut).await?;
        let authorization = access.bearer.header()?;
        Some((tenant, access, authorization))
    });
    let Some((tenant, access, authorization)) = signed.await else {
        return Cleared::unreached(items, app.report(&cut).await);
    };
    let owner = Owner::of_the_test_mailbox(&app, &access);
    let online = Online::new(&app.caller, tenant.cloud.ews, authorization);
    let mut ews = ews_as(&app.run, &app.caller, &online, owner);
    Box::pin(clear_later(&app.run, &mut ews, items)).await
}

async fn climb(app: &App<'_>, cut: &Cut) {
    let Some(tenant) = app.tenant(cut).await else { return };
    // The way to Exchange Online needs no token: it is looked at meanwhile.
    let (signed, connected) = tokio::join!(app.token(&tenant, cut), connect(app, tenant.cloud.ews, cut));
    let Some(access) = signed else { return };
    let over_ews = async {
        if connected {
            mailboxes(app, &tenant, access, cut).await;
        }
    };
    tokio::join!(over_ews, graph_ready(app, &tenant, cut));
}

/// Reaches Exchange Online without a token; any answer will do.
pub(super) async fn connect(app: &App<'_>, host: &'static str, cut: &Cut) -> bool {
    let (mut running, cut) = (app.run.progress.begin(StepId::Connect), cut.step());
    running.learn("Server", host);
    let question = envelope(Schema::Exchange2013, None, ZONES).into_bytes();
    let asked = async {
        let headers = question_headers(None, &app.caller.randomness);
        let mut call = call_to(Method::POST, host, EwsUrl::PATH, question)?;
        call.headers_mut().extend(headers);
        cut.before(app.caller.client.send(call)).await.ok_or(Evidence::OutOfTime)?.map_err(Evidence::Lost)
    };
    match cut.limit_step(app.run.pace.step, asked).await {
        Ok(answer) => {
            for (label, value) in marks(&answer.headers, &Scrub::new(Vec::new())) {
                running.learn(label, value);
            }
            app.run.progress.end(running, Outcome::Passed, None).await;
            true
        }
        Err(evidence) => {
            let scene = crate::verification::rules::Scene::of(Speaker::ExchangeOnline, StepId::Connect);
            app.run.fail(running, &evidence, scene).await;
            false
        }
    }
}

async fn mailboxes(app: &App<'_>, tenant: &Tenant, access: Access, cut: &Cut) {
    let owner = Owner::of_the_test_mailbox(app, &access);
    let Some(authorization) = access.bearer.header() else { return };
    let online = Online::new(&app.caller, tenant.cloud.ews, authorization);
    works_as(&app.run, (&app.caller, &online), owner, cut).await;
}

/// Whose mailbox is opened, which is not to open, and what of the credential never comes back.
pub(super) struct Owner<'a> {
    pub(super) address: &'a str,
    pub(super) outside: Option<&'a str>,
    pub(super) roles: Option<Vec<String>>,
    pub(super) scrub: Scrub,
}

impl<'a> Owner<'a> {
    fn of_the_test_mailbox(app: &'a App<'_>, access: &Access) -> Self {
        Self {
            address: app.settings.test_mailbox.as_str(),
            outside: app.settings.outside_mailbox.as_ref().map(MailAddress::as_str),
            roles: access.roles.clone(),
            scrub: app.scrub(&access.bearer),
        }
    }
}

/// EWS as the owner of a mailbox.
fn ews_as<'a>(run: &Run<'_>, caller: &Caller, online: &'a Online<'_>, owner: Owner<'_>) -> Ews<'a> {
    let guise = Guise {
        speaker: Speaker::ExchangeOnline,
        needs: FULL_ACCESS,
        roles: owner.roles,
        older_login: false,
        scrub: owner.scrub,
        mailbox: owner.address.to_owned(),
        outside: owner.outside.map(str::to_owned),
        pace: run.pace,
        today: run.today,
        schema: Schema::Exchange2013,
        hold: caller.hold.clone(),
    };
    Ews::new(online, caller.randomness.clone(), guise)
}

/// Opens one mailbox as its owner and does in it what MoxiEngage does.
pub(super) async fn works_as(
    run: &Run<'_>,
    (caller, online): (&Caller, &Online<'_>),
    owner: Owner<'_>,
    cut: &Cut,
) {
    let ews = ews_as(run, caller, online, owner);
    open_and_work(run, caller, (&ews, online.host), cut).await;
}

/// Looks at a mailbox that must be refused, as its owner.
pub(super) async fn look_as(
    run: &Run<'_>,
    (caller, online): (&Caller, &Online<'_>),
    owner: Owner<'_>,
    cut: &Cut,
) {
    look(run, &ews_as(run, caller, online, owner), cut).await;
}

/// Tries Graph with the same app. It says whether the tenant can move, and never fails the check.
async fn graph_ready(app: &App<'_>, tenant: &Tenant, cut: &Cut) {
    let (mut running, cut) = (app.run.progress.begin(StepId::GraphReady), cut.step());
    let days = (LAST - app.run.today).get_days();
    running.learn("Microsoft ends EWS", format!("{LAST}, in {} days", days.max(0)));
    let tried = cut.limit_step(app.run.pace.step, tried(app, tenant, &mut running, &cut)).await;
    match tried {
        Ok(()) => {
            running.learn("Graph", "ready: this app reaches the test mailbox over Microsoft Graph too");
            app.run.note(|notes| notes.warned.push(Finding::EwsEnds));
            app.run.progress.end(running, Outcome::Passed, None).await;
        }
        Err(evidence) => {
            running.learn("Graph", format!("not ready yet: {}", words(&evidence)));
            app.run.progress.end(running, Outcome::Warning, Some(finding(Finding::EwsEnds))).await;
        }
    }
}

async fn tried(app: &App<'_>, tenant: &Tenant, running: &mut Running, cut: &Cut) -> Result<(), Evidence> {
    // What a token for Graph holds is of interest only when EWS is given up.
    let mut aside = running.aside();
    let client = &app.settings.client_id;
    let asked = (tenant, Service::Graph);
    let access = sign_in::sign_in(&app.caller, asked, client, app.proof, &mut aside, cut).await?;
    let mailbox = app.settings.test_mailbox.as_str();
    let graph = Graph::of(app, tenant, access, mailbox).ok_or(Evidence::Lost(Failure::BadCall))?;
    probes::mailbox(&graph, &mut aside, cut).await
}

/// Why Graph does not work, as far as it helps the admin.
fn words(evidence: &Evidence) -> &'static str {
    match evidence {
        Evidence::Shown(shown) if matches!(shown.status, 401 | 403) => {
            "the app has no permission for the mailbox there"
        }
        Evidence::Shown(shown) if shown.status == 404 => "the mailbox is not found there",
        Evidence::Found(_) => "the token for it does not fit",
        _ => "it could not be tried this time",
    }
}
