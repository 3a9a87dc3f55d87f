//! The world as it is at this moment: tenants, what is in their mailboxes, what has healed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::mailbox::Mailbox;
use super::script::Uploaded;
use super::sent::Sent;
use super::tenant::Tenant;
use super::workspace::ServiceAccount;
use crate::simulator::entra::certificate::Certificate;
use crate::simulator::faults::{ALWAYS, Fault, Faults, Layer, Target};
use crate::simulator::gauge::Gauge;
use crate::simulator::google::keys::Keys;
use crate::simulator::google::tokens::Tokens;
use crate::simulator::identity::Ids;
use crate::simulator::log::Log;
use crate::simulator::now::Now;
use crate::simulator::operation::Operation;
use crate::simulator::sample_key::SampleKey;

/// Everything the simulated services share.
pub(crate) struct World {
    pub(crate) now: Now,
    pub(crate) ids: Ids,
    /// Faults planned while it runs.
    pub(crate) faults: Faults,
    /// Faults of the tenants' scripts.
    scripted: Faults,
    pub(crate) log: Log,
    pub(crate) google: Google,
    /// Connections to the servers of offices.
    pub(crate) office_lines: Gauge,
    pub(crate) started: Timestamp,
    /// Rings when what is kept on disk has changed.
    pub(crate) changed: Notify,
    tenants: Vec<Pair>,
    heal_after: SignedDuration,
    latency: AtomicU64,
    kept: Mutex<Kept>,
    sent: Mutex<Vec<Sent>>,
    /// The certificate samples are tried with, and one that lies with an app by mistake.
    own: Option<Certificate>,
    other: Option<Certificate>,
    /// What assertions were called that were used before, and when they end.
    used: Mutex<BTreeMap<String, i64>>,
}

/// What Google knows beside its customers.
pub(crate) struct Google {
    pub(crate) keys: Keys,
    pub(crate) tokens: Tokens,
}

/// A tenant as scripted, and as it is once healed.
struct Pair {
    sick: Arc<Tenant>,
    healed: Arc<Tenant>,
}

/// What outlives the process.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kept {
    /// Contents by address.
    pub(crate) mailboxes: BTreeMap<String, Mailbox>,
    /// When each tenant that heals was first asked.
    pub(crate) first_asked: BTreeMap<String, Timestamp>,
    /// Tenants that have healed.
    pub(crate) healed: BTreeSet<String>,
    /// Certificates that were uploaded, by client id: DER or PEM, in base64.
    #[serde(default)]
    pub(crate) certificates: BTreeMap<String, Vec<String>>,
}

/// What came of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upload {
    /// It lies with the app from now on, and has this thumbprint.
    Taken(String),
    /// There is no such app.
    NoSuchApp,
    /// The file is no certificate with an RSA key.
    NoCertificate,
}

/// What a world is made from.
pub(crate) struct Parts {
    pub(crate) now: Now,
    pub(crate) ids: Ids,
    pub(crate) scripts: Vec<super::script::TenantScript>,
    pub(crate) kept: Kept,
    pub(crate) keys: Keys,
    pub(crate) heal_after: Duration,
    pub(crate) latency: Duration,
    pub(crate) sample_key: SampleKey,
}

impl World {
    pub(crate) fn new(parts: Parts) -> World {
        let started = (parts.now)();
        let pair = |script: super::script::TenantScript| Pair {
            healed: Arc::new(Tenant::new(script.clone(), started).healed()),
            sick: Arc::new(Tenant::new(script, started)),
        };
        let scripted = Faults::default();
        for script in &parts.scripts {
            for fault in &script.fault {
                let target = Target::Tenant(script.name.get_ref().clone(), fault.operation);
                scripted.plan(
                    target,
                    fault.fault.clone(),
                    if fault.times == 0 { ALWAYS } else { fault.times },
                );
            }
        }
        World {
            now: parts.now,
            ids: parts.ids,
            faults: Faults::default(),
            scripted,
            log: Log::new(),
            google: Google { keys: parts.keys, tokens: Tokens::default() },
            office_lines: Gauge::default(),
            started,
            changed: Notify::new(),
            tenants: parts.scripts.into_iter().map(pair).collect(),
            heal_after: SignedDuration::try_from(parts.heal_after).unwrap_or(SignedDuration::MAX),
            latency: AtomicU64::new(millis(parts.latency)),
            kept: Mutex::new(parts.kept),
            sent: Mutex::new(Vec::new()),
            own: Certificate::read(parts.sample_key.certificate.as_bytes()),
            other: Certificate::read(parts.sample_key.other.as_bytes()),
            used: Mutex::default(),
        }
    }

    /// The tenants as scripted.
    pub(crate) fn scripted(&self) -> impl Iterator<Item = &Arc<Tenant>> {
        self.tenants.iter().map(|pair| &pair.sick)
    }

    /// The tenant called this, as it is now: by name, domain or id.
    pub(crate) fn tenant(&self, key: &str) -> Option<Arc<Tenant>> {
        let pair = self.tenants.iter().find(|pair| pair.sick.is_called(key))?;
        let healed = pair.sick.script.heals && self.has_healed(&pair.sick.name);
        Some(if healed { pair.healed.clone() } else { pair.sick.clone() })
    }

    /// The service account of this address, and the tenant whose it is; MoxiWorks' own is nobody's.
    pub(crate) fn service_account(&self, email: &str) -> Option<(Option<Arc<Tenant>>, ServiceAccount)> {
        let named = |account: &&ServiceAccount| account.email.eq_ignore_ascii_case(email);
        if let Some(ours) = Some(ServiceAccount::moxiworks()).filter(|ours| named(&ours)) {
            return Some((None, ours));
        }
        self.tenants.iter().find_map(|pair| {
            let found = pair.sick.google.as_ref()?.accounts.iter().find(named)?;
            Some((self.tenant(&pair.sick.name), found.clone()))
        })
    }

    /// The next fault of this layer for a request; a healed tenant's own faults are over.
    pub(crate) fn fault(
        &self,
        layer: Layer,
        host: &str,
        what: Operation,
        tenant: Option<&Tenant>,
    ) -> Option<Fault> {
        let hit = |target: &Target| match target {
            Target::Name(_) => false,
            Target::Host(name) => name.eq_ignore_ascii_case(host),
            Target::Operation(operation) => operation.covers(what),
            Target::Tenant(key, operation) => {
                operation.covers(what) && tenant.is_some_and(|t| t.is_called(key))
            }
        };
        let planned = self.faults.next(layer, true, hit);
        let own = || {
            let sick = tenant.is_some_and(|tenant| !tenant.script.fault.is_empty());
            if sick { self.scripted.next(layer, true, hit) } else { None }
        };
        planned.or_else(own).map(|(fault, _)| fault)
    }

    /// Starts the clock of a tenant that heals.
    pub(crate) fn first_asked(&self, tenant: &Tenant) {
        if tenant.script.heals && !self.kept().first_asked.contains_key(&tenant.name) {
            self.kept().first_asked.insert(tenant.name.clone(), (self.now)());
            self.changed.notify_one();
        }
    }

    fn has_healed(&self, name: &str) -> bool {
        let mut kept = self.kept();
        if kept.healed.contains(name) {
            return true;
        }
        let Some(first) = kept.first_asked.get(name) else { return false };
        let due = first.checked_add(self.heal_after).is_ok_and(|due| (self.now)() >= due);
        if due {
            kept.healed.insert(name.to_owned());
            self.changed.notify_one();
        }
        due
    }

    /// Heals a tenant at once; false when no tenant that heals is called this.
    pub(crate) fn heal(&self, key: &str) -> bool {
        let Some(pair) = self.tenants.iter().find(|pair| pair.sick.is_called(key)) else { return false };
        if pair.sick.script.heals {
            self.kept().healed.insert(pair.sick.name.clone());
            self.changed.notify_one();
        }
        pair.sick.script.heals
    }

    /// The certificates that lie with an app, the newest last.
    pub(crate) fn certificates(&self, client_id: &str) -> Vec<Certificate> {
        let of_script = self.app_script(client_id).and_then(|uploaded| match uploaded {
            Uploaded::Nothing => None,
            Uploaded::Own => self.own.clone(),
            Uploaded::Other => self.other.clone(),
        });
        let kept = self.kept();
        let uploaded = kept.certificates.get(&client_id.to_ascii_lowercase()).into_iter().flatten();
        let read = uploaded.filter_map(|coded| Certificate::read(&STANDARD.decode(coded).ok()?));
        of_script.into_iter().chain(read).collect()
    }

    /// Puts a certificate beside those of an app, as an admin does.
    pub(crate) fn upload(&self, client_id: &str, file: &[u8]) -> Upload {
        if self.app_script(client_id).is_none() {
            return Upload::NoSuchApp;
        }
        let Some(certificate) = Certificate::read(file) else { return Upload::NoCertificate };
        let mut kept = self.kept();
        kept.certificates.entry(client_id.to_ascii_lowercase()).or_default().push(STANDARD.encode(file));
        self.changed.notify_one();
        Upload::Taken(certificate.thumbprint)
    }

    fn app_script(&self, client_id: &str) -> Option<Uploaded> {
        let mut apps = self.scripted().flat_map(|tenant| &tenant.apps);
        let app = apps.find(|app| app.script.registered && app.client_id.eq_ignore_ascii_case(client_id))?;
        Some(app.script.certificate)
    }

    /// Is this the first assertion of its name that has not ended?
    pub(crate) fn is_first(&self, name: &str, ends: i64) -> bool {
        let now = (self.now)().as_second();
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, end| *end > now);
        used.insert(name.to_owned(), ends).is_none()
    }

    /// Works on the contents of a mailbox; it is filled at its first use.
    pub(crate) fn with_mailbox<T>(
        &self,
        tenant: &Tenant,
        address: &str,
        work: impl FnOnce(&mut Mailbox) -> T,
    ) -> T {
        let contacts = tenant.mailbox(address).map_or(0, |mailbox| mailbox.contacts);
        let today = (self.now)().to_zoned(TimeZone::UTC).date();
        let (item, ids) = (|| self.ids.item(), &self.ids);
        let filled = || match tenant.google {
            None => Mailbox::seeded(item, item, contacts, today),
            Some(_) => Mailbox::seeded(|| ids.person(), || ids.event(), contacts, today),
        };
        self.with_contents(address, filled, work)
    }

    /// Works on what a service account itself keeps, which nobody has put anything into.
    pub(crate) fn with_program<T>(&self, address: &str, work: impl FnOnce(&mut Mailbox) -> T) -> T {
        self.with_contents(address, Mailbox::default, work)
    }

    fn with_contents<T>(
        &self,
        address: &str,
        filled: impl FnOnce() -> Mailbox,
        work: impl FnOnce(&mut Mailbox) -> T,
    ) -> T {
        let mut kept = self.kept();
        let mailbox = kept.mailboxes.entry(address.to_ascii_lowercase()).or_insert_with(filled);
        let before = mailbox.changes;
        let events = mailbox.events.len();
        let result = work(mailbox);
        if before == 0 || mailbox.changes != before || mailbox.events.len() != events {
            self.changed.notify_one();
        }
        result
    }

    /// The contents of a mailbox, if anybody has opened it.
    pub(crate) fn opened(&self, address: &str) -> Option<Mailbox> {
        self.kept().mailboxes.get(&address.to_ascii_lowercase()).cloned()
    }

    /// What is to be written to disk, as JSON.
    pub(crate) fn kept_text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&*self.kept())
    }

    pub(crate) fn send(&self, message: Sent) {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(message);
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn latency(&self) -> Duration {
        Duration::from_millis(self.latency.load(Ordering::Relaxed))
    }

    pub(crate) fn set_latency(&self, latency: Duration) {
        self.latency.store(millis(latency), Ordering::Relaxed);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
