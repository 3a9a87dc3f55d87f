//! The engine's front door.

use std::{pin::Pin, sync::Arc};

use crate::{
    clock::{Clock, Randomness},
    domain::{
        address::{MailAddress, MailDomain},
        check::{PlannedStep, Report},
        credential::Credential,
        kind::AccessKind,
        recognition::Seen,
        test_item::TestItem,
    },
    net::Net,
};

use super::{
    cleanup::Cleared,
    exchange,
    google::{self, SigningKey, Whose},
    means::Means,
    microsoft,
    observer::Observer,
    pace::Pace,
    recognise,
    step::Plan,
    visits::Visits,
};

/// Tests credentials. Cheap to clone.
#[derive(Clone)]
pub struct Verifier {
    net: Net,
    clock: Clock,
    randomness: Randomness,
    pace: Pace,
    bound_to: Option<MailDomain>,
    proven: Option<MailDomain>,
    google_key: Option<Arc<SigningKey>>,
}

/// The steps of a kind's check, in the order in which pages show them.
pub const fn plan(kind: AccessKind) -> &'static [PlannedStep] {
    Plan::of(kind).shown
}

impl Verifier {
    /// A verifier that calls through `net` at the usual pace.
    pub fn new(net: Net, clock: Clock, randomness: Randomness) -> Self {
        let (bound_to, proven, google_key) = (None, None, None);
        Self { net, clock, randomness, pace: Pace::default(), bound_to, proven, google_key }
    }

    /// The same verifier with other times, for tests that wait for them to pass.
    #[must_use]
    pub const fn at_pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// The same verifier for a brokerage that may check only the tenant which owns this domain: any other tenant is
    /// refused before the secret leaves.
    #[must_use]
    pub fn bound_to(mut self, domain: MailDomain) -> Self {
        self.bound_to = Some(domain);
        self
    }

    /// The same verifier for a brokerage that has proven this domain to be its own: servers that are found by it may be
    /// shown a password.
    #[must_use]
    pub fn proven(mut self, domain: MailDomain) -> Self {
        self.proven = Some(domain);
        self
    }

    /// The same verifier with our own service account of Google, which offices let act for their users.
    #[must_use]
    pub fn with_google_key(mut self, key: SigningKey) -> Self {
        self.google_key = Some(Arc::new(key));
        self
    }

    /// What can be seen of a domain's mail system from outside; takes at most some seconds.
    pub async fn look_at(&self, domain: &MailDomain) -> Seen {
        recognise::look(&self.net, domain).await
    }

    /// Runs one check to its verdict: at most 90 seconds, and the time to clean up after itself.
    ///
    /// The future may be dropped at any time; what was written to the mailbox then stays there, so whoever can
    /// should let it end. The verdict is that of one look: a cause that time may mend is "waiting" every time, and
    /// whoever keeps the ladder turns it into "failed" after the last rung.
    pub async fn check(&self, credential: &Credential, observer: &dyn Observer) -> Report {
        let means = self.means();
        match credential {
            Credential::ExchangeBasic { settings, password } => {
                boxed(|| exchange::check(means, settings, password, observer)).await
            }
            Credential::Microsoft365Password { settings, password } => {
                boxed(|| microsoft::check_password(means, settings, password, observer)).await
            }
            Credential::EwsSecret { settings, proof } => {
                boxed(|| microsoft::check_ews(means, settings, proof, observer)).await
            }
            Credential::Graph { settings, proof } => {
                boxed(|| microsoft::check(means, settings, proof, observer)).await
            }
            Credential::GoogleDelegated { settings } => match &self.google_key {
                Some(key) => {
                    boxed(|| google::check(means, Whose::Ours, key, &settings.test_mailbox, observer)).await
                }
                None => google::not_set_up(means, Whose::Ours, observer).await,
            },
            Credential::GoogleKey { settings, key } => match SigningKey::open(key) {
                Some(key) => {
                    boxed(|| google::check(means, Whose::TheirOwn, &key, &settings.test_mailbox, observer))
                        .await
                }
                // Only what was read from a key file is sealed, so this is ours.
                None => google::not_set_up(means, Whose::TheirOwn, observer).await,
            },
        }
    }

    /// Signs in once and visits every mailbox of a roster; reports of the sign-in. Nothing is visited when that fails.
    ///
    /// There is no limit to the whole: each mailbox has its own, and a busy server is given the time it asks for.
    pub async fn visit(
        &self,
        credential: &Credential,
        visits: &Visits<'_>,
        observer: &dyn Observer,
    ) -> Report {
        let means = self.means();
        match credential {
            Credential::ExchangeBasic { settings, password } => {
                boxed(|| exchange::visit(means, settings, password, observer, visits)).await
            }
            Credential::Microsoft365Password { settings, password } => {
                let account = (settings, password);
                boxed(|| microsoft::visit_password(means, account, observer, visits)).await
            }
            Credential::EwsSecret { settings, proof } => {
                let app = (&settings.app, proof);
                boxed(|| microsoft::visit(means, app, microsoft::Over::Ews, observer, visits)).await
            }
            Credential::Graph { settings, proof } => {
                let app = (settings, proof);
                boxed(|| microsoft::visit(means, app, microsoft::Over::Graph, observer, visits)).await
            }
            Credential::GoogleDelegated { settings } => match &self.google_key {
                Some(key) => {
                    let account = (Whose::Ours, key.as_ref());
                    boxed(|| google::visit(means, account, &settings.test_mailbox, observer, visits)).await
                }
                None => google::not_set_up(means, Whose::Ours, observer).await,
            },
            Credential::GoogleKey { settings, key } => match SigningKey::open(key) {
                Some(key) => {
                    let account = (Whose::TheirOwn, &key);
                    boxed(|| google::visit(means, account, &settings.test_mailbox, observer, visits)).await
                }
                None => google::not_set_up(means, Whose::TheirOwn, observer).await,
            },
        }
    }

    /// Removes from the test mailbox what earlier checks left there, and nothing else: each by its id, where that is
    /// known, then by its mark. The secret is tried at most once, and only after the observer allowed it.
    pub async fn clear(
        &self,
        credential: &Credential,
        items: &[TestItem],
        observer: &dyn Observer,
    ) -> Cleared {
        let means = self.means();
        match credential {
            Credential::ExchangeBasic { settings, password } => {
                boxed(|| exchange::clear(means, settings, password, items, observer)).await
            }
            Credential::EwsSecret { settings, proof } => {
                boxed(|| microsoft::clear_ews(means, (settings, proof), items, observer)).await
            }
            Credential::Graph { settings, proof } => {
                boxed(|| microsoft::clear(means, (settings, proof), items, observer)).await
            }
            Credential::Microsoft365Password { settings, password } => {
                boxed(|| microsoft::clear_password(means, (settings, password), items, observer)).await
            }
            Credential::GoogleDelegated { settings } => {
                let by = self.google_key.as_ref().map(|key| (Whose::Ours, key.as_ref()));
                clear_google(means, (Whose::Ours, by), &settings.test_mailbox, items, observer).await
            }
            Credential::GoogleKey { settings, key } => {
                let opened = SigningKey::open(key);
                let by = opened.as_ref().map(|key| (Whose::TheirOwn, key));
                clear_google(means, (Whose::TheirOwn, by), &settings.test_mailbox, items, observer).await
            }
        }
    }

    fn means(&self) -> Means {
        Means {
            net: self.net.clone(),
            clock: self.clock.clone(),
            randomness: self.randomness.clone(),
            pace: self.pace,
            bound_to: self.bound_to.clone(),
            proven: self.proven.clone(),
        }
    }
}

/// Puts a check on the heap: it is many steps deep, and whoever awaits it should not carry that on the stack. It is made
/// in here, so that not even its making takes room where it is awaited.
#[inline(never)]
fn boxed<F: Future>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::pin(make())
}

/// Removes what checks left in a mailbox of Google Workspace, where we have a service account for it.
async fn clear_google(
    means: Means,
    (whose, by): (Whose, Option<(Whose, &SigningKey)>),
    mailbox: &MailAddress,
    items: &[TestItem],
    observer: &dyn Observer,
) -> Cleared {
    match by {
        Some(by) => boxed(|| google::clear(means, by, mailbox, items, observer)).await,
        None => Cleared::unreached(items, google::not_set_up(means, whose, observer).await),
    }
}

/// Workers run checks on whichever thread is free.
const _: fn() = || {
    fn sent<T: Send>(_: impl Fn(&'static Verifier, &'static Credential, &'static dyn Observer) -> T) {}
    sent(|verifier, credential, observer| verifier.check(credential, observer));
    fn visiting<T: Send>(
        _: impl Fn(&'static Verifier, &'static Credential, &'static Visits<'static>, &'static dyn Observer) -> T,
    ) {
    }
    visiting(|verifier, credential, visits, observer| verifier.visit(credential, visits, observer));
};
