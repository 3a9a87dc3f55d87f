//! What the page of a new connection tells of a domain's mail system: the guess, what speaks for it, what to mind.

use std::time::Duration;

use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};

use crate::{
    actions::recognise::{Look, known},
    app::App,
    domain::{
        address::MailDomain,
        kind::AccessKind,
        recognition::{MailSystem, Recognised, Seen, recognise},
        refused::Refused,
        scope::Scope,
    },
    store::Topic,
};

/// How long the page waits for a look that is under way: about as long as one takes.
const WAITS: Duration = Duration::from_secs(3);

/// What is known of a domain, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecognitionView {
    /// The domain.
    pub domain: String,
    /// What the look came to.
    pub found: Found,
}

/// What a look came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nobody has asked yet.
    NotAsked,
    /// Private persons have their mail there: there is no mail system of an office to look for.
    Private,
    /// The look is under way.
    UnderWay,
    /// Nothing that was seen tells.
    Nothing(Vec<String>),
    /// The mailboxes are on the system of a host.
    Hosted(String, Vec<String>),
    /// One of the systems that can be connected.
    System(Guess),
}

/// A guess, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// Such as "looks like Microsoft 365".
    pub says: String,
    /// What speaks for it.
    pub evidence: Vec<String>,
    /// Through whom it was probably bought.
    pub reseller: Option<&'static str>,
    /// Whether Microsoft knows the domain too.
    pub also_tenant: bool,
    /// The kind that fits, where one is offered.
    pub kind: Option<AccessKind>,
}

/// What is known of a domain by now; a look that is under way is waited for as long as it should take.
///
/// Errs when the database is away.
pub async fn view(
    app: &App,
    scope: &Scope,
    domain: &MailDomain,
    kinds: &[AccessKind],
) -> Result<RecognitionView, Refused> {
    let domain_words = domain.as_str().to_owned();
    if domain.is_consumer() {
        return Ok(RecognitionView { domain: domain_words, found: Found::Private });
    }
    let found = match looked(app, scope, domain).await? {
        Look::NotAsked => Found::NotAsked,
        Look::UnderWay => Found::UnderWay,
        Look::Done(seen) => found(domain, &seen, kinds),
    };
    Ok(RecognitionView { domain: domain_words, found })
}

async fn looked(app: &App, scope: &Scope, domain: &MailDomain) -> Result<Look, Refused> {
    // Heard before it is read, so that nothing is missed in between.
    let mut woken = app.store.wakes().hear();
    let waited = timeout(WAITS, async {
        loop {
            match known(app, &scope.brokerage, domain).await? {
                Look::UnderWay => woken_by_a_look(&mut woken).await,
                known => return Ok(known),
            }
        }
    });
    waited.await.unwrap_or(Ok(Look::UnderWay))
}

async fn woken_by_a_look(woken: &mut Receiver<Topic>) {
    loop {
        match woken.recv().await {
            Ok(Topic::Recognised | Topic::Everything) | Err(RecvError::Lagged(_)) => return,
            Ok(
                Topic::Check(_)
                | Topic::Roster(_)
                | Topic::Look(_)
                | Topic::Jobs
                | Topic::Audit
                | Topic::Sealed
                | Topic::Needs
                | Topic::Connections,
            ) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

fn found(domain: &MailDomain, seen: &Seen, kinds: &[AccessKind]) -> Found {
    let recognised = recognise(domain, seen);
    let evidence = evidence(domain, seen, &recognised);
    match recognised.system {
        MailSystem::Unknown => Found::Nothing(evidence),
        MailSystem::Hosted(host) => Found::Hosted(host.to_owned(), evidence),
        system => Found::System(Guess {
            says: format!("{} {}", if recognised.sure { "looks like" } else { "may be" }, system.title()),
            evidence,
            reseller: recognised.reseller,
            also_tenant: recognised.also_tenant,
            kind: recognised.suggested(kinds),
        }),
    }
}

/// What was seen, a sentence each. The names are host names, which hold no sign of markup.
fn evidence(domain: &MailDomain, seen: &Seen, recognised: &Recognised) -> Vec<String> {
    let mut told = Vec::new();
    match (&seen.mail_hosts[..], seen.silent) {
        (_, true) => told.push(format!("The name servers did not say where mail for {domain} goes.")),
        ([], false) => told.push(format!("No mail server is named for {domain}.")),
        ([first, ..], false) => told.push(format!("Mail for {domain} goes to {first}.")),
    }
    if let Some(filter) = recognised.filter {
        told.push(format!("{filter} looks at it first. What is behind it, that name does not tell."));
    }
    if let Some(alias) = &seen.autodiscover_alias {
        told.push(format!("autodiscover.{domain} stands for {alias}."));
    }
    if let Some(service) = &seen.autodiscover_service {
        told.push(format!("The autodiscover record of {domain} names {service}."));
    }
    if seen.tenant.is_some() {
        told.push(format!("Microsoft knows {domain} as a tenant."));
    }
    if let Some(reseller) = recognised.reseller {
        told.push(format!("{reseller} may send mail in the name of {domain}."));
    }
    told
}

impl RecognitionView {
    /// The kind that fits, where one is offered.
    pub const fn kind(&self) -> Option<AccessKind> {
        match &self.found {
            Found::System(guess) => guess.kind,
            _ => None,
        }
    }
}

#[cfg(test)]
impl RecognitionView {
    /// One of each sort, for the samples of pages.
    pub fn samples() -> Vec<Self> {
        let evidence = || vec!["Mail for lakeshore.example goes to mail.lakeshore.example.".to_owned()];
        let guess = |says: &str, reseller, also_tenant, kind| {
            Found::System(Guess { says: says.to_owned(), evidence: evidence(), reseller, also_tenant, kind })
        };
        [
            Found::NotAsked,
            Found::Private,
            Found::UnderWay,
            Found::Nothing(evidence()),
            Found::Hosted("GoDaddy".to_owned(), evidence()),
            guess("looks like Microsoft 365", Some("GoDaddy"), false, Some(AccessKind::GraphCertificate)),
            guess("may be Exchange on your own server", None, true, None),
        ]
        .into_iter()
        .map(|found| Self { domain: "lakeshore.example".to_owned(), found })
        .collect()
    }
}
