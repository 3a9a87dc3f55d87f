//! A simulator, a verifier that reaches it, and an observer that remembers.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Mutex,
    time::Duration,
};

use async_trait::async_trait;
use moxi_onboard::{
    clock::{Clock, Randomness},
    domain::{
        address::MailAddress,
        app::{AppSettings, PrivateKey, Proof, ProofTerms},
        check::{Report, Step},
        credential::{ClientSecret, Credential, EwsSecretSettings, TenantName},
        exchange::{CertificatePin, EwsUrl, ExchangeNames, ExchangeSettings, Login, ServicePassword},
        google::{GoogleDelegatedSettings, GoogleKeySettings},
        guid::Guid,
        instant::Instant,
        microsoft365::PasswordSettings,
        naming::AppNames,
        text::ObjectName,
    },
    net::{ExtraRoot, Net, Settings, caps::Caps},
    simulator::{self, Account, GoogleSample, KeyPair, Sample, Simulator},
    vault::birth::read_certificate,
    verification::{Observer, Pace, SignInDenied, SigningKey, Verifier, read_key_file},
};

pub use crate::world::Folder;

/// The present of all tests here.
pub fn noon() -> Instant {
    let at: jiff::Timestamp = "2026-11-21T12:00:00Z".parse().expect("a time");
    at.into()
}

pub struct Lab {
    pub simulator: Simulator,
    pub settings: Settings,
    pub pace: Pace,
    _folder: Folder,
}

impl Lab {
    pub async fn open() -> Self {
        Self::open_by(Clock::standing_at(noon())).await
    }

    /// The same by a clock that the test moves.
    pub async fn open_by(clock: Clock) -> Self {
        let folder = Folder::new();
        let clock = simulator::Settings::clock(move || clock.now().timestamp());
        let simulator =
            simulator::start(simulator::Settings::new(&folder.0, clock)).await.expect("the simulator starts");
        let address = |text: &str| -> SocketAddr { text.parse().expect("an address") };
        let at = simulator.addresses();
        let settings = Settings {
            resolver: Some(address(&at.dns)),
            dial: at.dial.iter().map(|(public, local)| (address(public), address(local))).collect(),
            only_mapped: true,
            extra_roots: vec![ExtraRoot::File(at.ca_file.clone())],
            caps: Caps {
                resolve: Duration::from_millis(600),
                connect: Duration::from_millis(600),
                first_byte: Duration::from_millis(1200),
                call: Duration::from_millis(1500),
                ..Caps::default()
            },
            ..Settings::default()
        };
        let pace = Pace { settle: Duration::from_millis(20), ..Pace::default() };
        Self { simulator, settings, pace, _folder: folder }
    }

    pub fn net(&self) -> Net {
        Net::new(self.settings.clone()).expect("the net")
    }

    pub fn verifier(&self) -> Verifier {
        let Ok((_, key)) = read_key_file(&self.simulator.google_key()) else { panic!("our own key") };
        Verifier::new(self.net(), Clock::standing_at(noon()), Randomness::seeded(1))
            .at_pace(self.pace)
            .with_google_key(SigningKey::open(&key).expect("it signs"))
    }

    /// Where the mailbox service is publicly.
    pub fn graph(&self) -> IpAddr {
        self.simulator.addresses().hosts["graph.microsoft.com"].public.parse().expect("an address")
    }

    pub fn sample(&self, name: &str) -> Sample {
        self.simulator.sample(name).expect("a sample").clone()
    }

    /// Checks a sample with a verifier of its own, so that no connection is left over from another check.
    pub async fn check(&self, name: &str) -> (Report, Witness) {
        let witness = Witness::default();
        let report = self.verifier().check(&credential(&self.sample(name)), &witness).await;
        (report, witness)
    }
}

/// What a person brings who types what the sample says.
pub fn credential(sample: &Sample) -> Credential {
    if sample.kind == "microsoft365_password" {
        return microsoft365(sample);
    }
    if let Some(account) = &sample.account {
        return exchange(account, sample);
    }
    if let Some(google) = &sample.google {
        return workspace(google);
    }
    let (settings, proof) = match &sample.certificate {
        Some(pair) => certified(sample, pair),
        None => app(sample),
    };
    match sample.kind {
        "ews_secret" => Credential::EwsSecret {
            settings: EwsSecretSettings { app: settings, service_account: None },
            proof,
        },
        _ => Credential::Graph { settings, proof },
    }
}

fn workspace(google: &GoogleSample) -> Credential {
    let test_mailbox = MailAddress::parse(&google.test_mailbox).expect("an address");
    match &google.key_json {
        None => Credential::GoogleDelegated { settings: GoogleDelegatedSettings { test_mailbox } },
        Some(file) => {
            let (account, key) = read_key_file(file).unwrap_or_else(|problem| panic!("{problem:?}"));
            Credential::GoogleKey { settings: GoogleKeySettings { account, test_mailbox }, key }
        }
    }
}

fn exchange(account: &Account, sample: &Sample) -> Credential {
    let name = |text: &str| ObjectName::parse(text).expect("a name");
    Credential::ExchangeBasic {
        settings: ExchangeSettings {
            service_account: Login::parse(&account.service_account).expect("a login"),
            ews_url: account.ews_url.as_deref().map(|url| EwsUrl::parse(url).expect("a url")),
            certificate: account.certificate_sha256.as_deref().and_then(CertificatePin::parse),
            test_mailbox: MailAddress::parse(&sample.test_mailbox).expect("an address"),
            outside_mailbox: outside(sample),
            names: ExchangeNames {
                account: name(&account.account_name),
                role_group: name(&account.role_group),
            },
        },
        password: ServicePassword::parse(&account.password).unwrap_or_else(|problem| panic!("{problem:?}")),
    }
}

fn certified(sample: &Sample, pair: &KeyPair) -> (AppSettings, Proof) {
    let certificate = read_certificate(pair.certificate.as_bytes()).expect("a certificate");
    let settings = AppSettings {
        tenant: TenantName::parse(&sample.tenant_id).expect("a tenant"),
        client_id: Guid::parse(&sample.client_id).expect("an id"),
        terms: ProofTerms::Certificate { certificate: certificate.clone() },
        test_mailbox: MailAddress::parse(&sample.test_mailbox).expect("an address"),
        outside_mailbox: outside(sample),
        names: AppNames { app: ObjectName::parse("MoxiEngage").expect("a name"), secret: None },
    };
    let key = PrivateKey::from_opened(pair.private_key.clone().into());
    (settings, Proof::Certificate { key, certificate })
}

fn microsoft365(sample: &Sample) -> Credential {
    let account = sample.account.as_ref().expect("a service account");
    let Credential::ExchangeBasic { settings, password } = exchange(account, sample) else {
        unreachable!("made a line above")
    };
    Credential::Microsoft365Password {
        settings: PasswordSettings {
            service_account: settings.service_account,
            client_id: Guid::parse(&sample.client_id),
            test_mailbox: settings.test_mailbox,
            names: settings.names,
        },
        password,
    }
}

fn outside(sample: &Sample) -> Option<MailAddress> {
    sample.outside_mailbox.as_deref().map(|outside| MailAddress::parse(outside).expect("an address"))
}

fn app(sample: &Sample) -> (AppSettings, Proof) {
    let names = AppNames {
        app: ObjectName::parse("MoxiEngage").expect("a name"),
        secret: ObjectName::parse("Engage access").ok(),
    };
    let settings = AppSettings {
        tenant: TenantName::parse(&sample.tenant_id).expect("a tenant"),
        client_id: Guid::parse(&sample.client_id).expect("an id"),
        terms: ProofTerms::Secret { secret_expires_on: sample.secret_expires_on },
        test_mailbox: MailAddress::parse(&sample.test_mailbox).expect("an address"),
        outside_mailbox: outside(sample),
        names,
    };
    let secret = ClientSecret::parse(&sample.client_secret).unwrap_or_else(|problem| panic!("{problem:?}"));
    (settings, Proof::Secret(secret))
}

/// Remembers what it is told.
#[derive(Default)]
pub struct Witness {
    pub told: Mutex<Vec<String>>,
    pub denies: bool,
}

impl Witness {
    fn note(&self, what: String) {
        self.told.lock().expect("not poisoned").push(what);
    }

    pub fn told(&self) -> Vec<String> {
        self.told.lock().expect("not poisoned").clone()
    }
}

#[async_trait]
impl Observer for Witness {
    async fn step_ended(&self, seq: usize, step: &Step) {
        self.note(format!("{seq} {} {}", step.id, step.outcome.as_str()));
    }

    async fn sign_in_begins(&self) -> Result<(), SignInDenied> {
        self.note("sign-in begins".to_owned());
        if self.denies { Err(SignInDenied { until: Some(noon()) }) } else { Ok(()) }
    }

    async fn sign_in_answered(&self, accepted: bool) {
        self.note(format!("sign-in answered {accepted}"));
    }
}

/// The id of a report's cause.
pub fn cause(report: &Report) -> Option<&str> {
    report.cause.as_ref().map(|cause| cause.as_str())
}

/// The step of a report.
pub fn step<'a>(report: &'a Report, id: &str) -> &'a Step {
    report.steps.iter().find(|step| step.id == id).expect("a step")
}
