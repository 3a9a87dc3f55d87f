//! What a running portal is made of. Actions take it; nothing in here knows an action.

pub mod guides;
pub mod outside;
pub mod turns;

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    clock::{Clock, Randomness},
    config::Settings,
    domain::{due::WorkingHours, refused::Refused},
    notify::mailer::Mailer,
    openid::OpenId,
    store::Store,
    telemetry::Metrics,
    vault::Vault,
    verification::Verifier,
};
use guides::Guides;
use turns::Turns;

/// The parts of a running portal; clones share them.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub store: Store,
    /// The keys that this process's role holds.
    pub vault: Arc<Vault>,
    /// The time.
    pub clock: Clock,
    /// Random bytes.
    pub randomness: Randomness,
    /// The settings.
    pub settings: Arc<Settings>,
    /// The engine that checks; a worker has one.
    pub verifier: Option<Verifier>,
    /// Hands mails over; a worker has one.
    pub mailer: Option<Arc<Mailer>>,
    /// The company's sign-in; the staff site has one where it is set up.
    pub openid: Option<OpenId>,
    /// How each access kind is set up.
    pub guides: Arc<Guides>,
    /// Whose checks this process has under way.
    pub turns: Turns,
    /// What this process counts.
    pub metrics: Metrics,
}

impl App {
    /// Puts the parts together.
    pub fn new(store: Store, vault: Vault, clock: Clock, randomness: Randomness, settings: Settings) -> Self {
        let hours = &settings.staff_hours;
        let hours =
            WorkingHours::new(hours.zone.clone(), hours.opens, hours.closes).without(hours.holidays.clone());
        Self {
            store: store.with_hours(hours),
            vault: Arc::new(vault),
            clock,
            randomness,
            settings: Arc::new(settings),
            verifier: None,
            mailer: None,
            openid: None,
            guides: Arc::new(Guides::built_in()),
            turns: Turns::default(),
            metrics: Metrics::new(),
        }
    }

    /// The same portal with the engine that checks: a worker's.
    pub fn with_verifier(mut self, verifier: Verifier) -> Self {
        self.verifier = Some(verifier);
        self
    }

    /// The same portal with other guides than those of the binary.
    pub fn with_guides(mut self, guides: Guides) -> Self {
        self.guides = Arc::new(guides);
        self
    }

    /// The same portal with a mailer: a worker's.
    pub fn with_mailer(mut self, mailer: Mailer) -> Self {
        self.mailer = Some(Arc::new(mailer));
        self
    }

    /// The same portal with the company's sign-in: the staff site's.
    pub fn with_openid(mut self, openid: OpenId) -> Self {
        self.openid = Some(openid);
        self
    }

    /// A new id: `app.new_id(AttemptId::from_random)`.
    pub fn new_id<T>(&self, make: impl FnOnce([u8; 16]) -> T) -> T {
        make(self.randomness.bytes())
    }

    /// Encrypts a value for a `*_box` column. `purpose` names table and column, `owner` the row it belongs to: the
    /// box opens nowhere else.
    pub fn to_box<T: Serialize>(&self, purpose: &str, owner: &str, value: &T) -> Result<Vec<u8>, Refused> {
        self.vault.settings.encrypt_json(purpose, owner, value).map_err(|error| {
            tracing::error!(%error, purpose, "a value was not encrypted");
            Refused::Fault(String::new())
        })
    }

    /// Reads a `*_box` column. Errs as a fault when it was written under another key, for another row, or by a
    /// version whose values this one cannot read.
    pub fn from_box<T: DeserializeOwned>(
        &self,
        purpose: &str,
        owner: &str,
        bytes: &[u8],
    ) -> Result<T, Refused> {
        self.vault.settings.decrypt_json(purpose, owner, bytes).map_err(|error| {
            tracing::error!(%error, purpose, "a value was not decrypted");
            Refused::Fault(String::new())
        })
    }

    /// The blinded form of a value, for look-up columns: the same value gives the same bytes, and nobody without
    /// the settings key can tell which value it was.
    pub fn blind(&self, purpose: &str, value: &str) -> Vec<u8> {
        self.vault.settings.blind(purpose, value).to_vec()
    }
}
