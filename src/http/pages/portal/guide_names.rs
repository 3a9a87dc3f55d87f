//! The names that a guide is filled with: those of the attempt that is being prepared, or else of the last one.

use crate::{
    actions::draft::Bench,
    app::App,
    domain::{
        answers::field,
        cause::Names,
        exchange::{EwsUrl, EwsUrlProblem},
        google,
        guide::{Guide, GuideNames},
        ids::ConnectionId,
        kind::AccessKind,
        naming,
        refused::Refused,
        scope::Scope,
    },
    http::error::PageError,
};

/// A connection's guide, as somebody opens one of its pages.
pub(super) struct Opened<'a> {
    pub(super) bench: Bench,
    pub(super) guide: &'a Guide,
    /// The attempt's number.
    pub(super) number: i64,
    pub(super) names: GuideNames,
}

/// Reads the guide of a connection with the names of its attempt; `digest` is that of the session.
///
/// Errs with not found for a connection of others and for a kind without a guide.
pub(super) async fn opened<'a>(
    app: &'a App,
    scope: &Scope,
    digest: &[u8],
    id: &str,
) -> Result<Opened<'a>, PageError> {
    let id = ConnectionId::parse(id).map_err(|_| PageError::NotFound)?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let bench = Bench::read(app, &mut read, scope, digest, &id).await?;
    drop(read);
    let guide = app.guides.of(bench.connection.kind).ok_or(PageError::NotFound)?;
    let (number, names) = names(app, &bench);
    Ok(Opened { bench, guide, number, names })
}

/// The attempt's number and its names. What nobody has decided yet is proposed; what only the admin can know has words in
/// its place.
pub(super) fn names(app: &App, bench: &Bench) -> (i64, GuideNames) {
    let domain = bench.brokerage.proven_domain.to_string();
    let (number, named) = match bench.attempts.last() {
        Some((attempt, settings)) if bench.draft.is_none() => {
            (attempt.number, submitted(&Names::of(settings, attempt.number)))
        }
        _ => (bench.number, typed(bench)),
    };
    let about = &app.settings.about;
    let account = format!("{}@{domain}", naming::app_name(number));
    let named = match bench.connection.kind {
        // Google makes this address out of the name of a project that is still to come.
        AccessKind::GoogleKey => named.or_example("service_account", "your service account's address"),
        _ => named.or("service_account", &account),
    };
    let named = named
        .with("brand", about.brand())
        .with("attempt", &number.to_string())
        .with("group", &naming::group_name(number))
        .with("policy", &naming::policy_name(number))
        .with("domain", &domain)
        .with("egress", &about.egress_addresses.join(", "))
        .with(
            "support",
            about.support_address.as_deref().or(about.support_phone.as_deref()).unwrap_or_default(),
        )
        .with("scopes", &google::scopes_text())
        .or("app_name", &naming::app_name(number))
        .or_example("thumbprint", "the thumbprint that the form shows")
        .or("secret_name", &naming::secret_name(number))
        .or("account_name", &naming::account_name(number))
        .or("role_group", &naming::role_group_name(number))
        .or_example("agent", "your test mailbox")
        .with("client", own_number(app, bench))
        .or_example("client", unknown_number(bench.connection.kind))
        .or_example("project", "the project you make")
        .or_example("tenant", "the tenant ID of your organization")
        .or_example("host", "your-mail-server")
        .or_example("egress", "the addresses that MoxiWorks names to you")
        .or("support", "MoxiWorks support");
    (number, named)
}

/// The same names for the texts of the catalogue of causes.
pub(super) fn cause_names(names: &GuideNames) -> Names {
    let name = |blank| names.words(blank);
    Names {
        tenant: name("tenant"),
        client: name("client"),
        agent: name("agent"),
        app_name: name("app_name"),
        secret_name: name("secret_name"),
        thumbprint: name("thumbprint"),
        group: name("group"),
        egress: name("egress"),
        support: name("support"),
        service_account: name("service_account"),
        account_name: name("account_name"),
        role_group: name("role_group"),
        policy: name("policy"),
        host: name("host"),
        domain: name("domain"),
        scopes: name("scopes"),
        project: name("project"),
        ..Names::default()
    }
}

/// With Google's delegation the client ID is our own, and known from the start.
fn own_number<'a>(app: &'a App, bench: &Bench) -> &'a str {
    let ours = app.settings.about.google_client_id.as_deref();
    ours.filter(|_| bench.connection.kind == AccessKind::GoogleDelegated).unwrap_or_default()
}

/// What stands for the client ID until it is known.
const fn unknown_number(kind: AccessKind) -> &'static str {
    match kind {
        AccessKind::GoogleDelegated => "the number that MoxiWorks names to you",
        AccessKind::GoogleKey => "the number of your service account",
        _ => "the client ID of your app",
    }
}

fn submitted(names: &Names) -> GuideNames {
    let client = if names.client == Names::UNKNOWN_CLIENT { "" } else { &names.client };
    let host = if names.host == Names::UNKNOWN_HOST { "" } else { &names.host };
    GuideNames::default()
        .with("app_name", &names.app_name)
        .with("secret_name", &names.secret_name)
        .with("thumbprint", &names.thumbprint)
        .with("account_name", &names.account_name)
        .with("role_group", &names.role_group)
        .with("service_account", &names.service_account)
        .with("agent", &names.agent)
        .with("client", client)
        .with("tenant", &names.tenant)
        .with("project", &names.project)
        .with("host", host)
}

/// What was typed and is right: what the form refuses is nothing to set up by.
fn typed(bench: &Bench) -> GuideNames {
    let wrong = bench.settings(&bench.answers).err().unwrap_or_default();
    let text = |field| match wrong.iter().any(|error| error.field == field) {
        true => "",
        false => bench.answers.text(field),
    };
    let account = bench.answers.sealed_account();
    let account = account.as_ref();
    GuideNames::default()
        .with("project", account.map_or("", |account| &account.project))
        .with("client", account.map_or("", |account| &account.client_id))
        .with("app_name", text(field::APP_NAME))
        .with("secret_name", text(field::SECRET_NAME))
        .with("thumbprint", bench.certificate.as_ref().map_or("", |it| &it.thumbprint))
        .with("account_name", text(field::ACCOUNT_NAME))
        .with("role_group", text(field::ROLE_GROUP))
        .with("service_account", account.map_or(text(field::SERVICE_ACCOUNT), |account| &account.email))
        .with("agent", text(field::TEST_MAILBOX))
        .with("client", text(field::CLIENT_ID))
        .with("tenant", text(field::TENANT))
        .with("host", &host(text(field::EWS_URL)))
}

/// The host in what was typed as EWS URL, when there is one.
fn host(typed: &str) -> String {
    let url = match EwsUrl::parse(typed) {
        Ok(url) | Err(EwsUrlProblem::Form(Some(url))) => Some(url),
        Err(_) => None,
    };
    url.map(|url| url.host().to_owned()).unwrap_or_default()
}
