//! The ways out, made from the settings: a worker's engine that checks and its mailer, the staff site's sign-in.

use std::{
    fs::File,
    io::{self, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    sync::Arc,
};

use jiff::SignedDuration;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::{
    clock::{Clock, Randomness},
    config::{self, Settings, Smtp, SmtpSecurity, Transport},
    net::{
        self, ExtraRoot, Loopback, Named, Net, SettingsProblem,
        guard::{HostName, Network},
        provider::ProviderClient,
    },
    notify::{
        folder::Folder,
        mailer::Mailer,
        smtp::{Patience, Security, SignIn, SmtpServer},
    },
    openid::{self, OpenId},
    verification::{KEY_FILE_MOST, Pace, SigningKey, Verifier, read_key_file},
};

/// Where the provider sends our own people back to; it must know this path of the staff site.
pub const STAFF_RETURN: &str = "/sign-in/return";

/// The engine that checks. Errs when an extra root cannot be read or the machine names no resolver.
pub fn verifier(
    settings: &Settings,
    clock: &Clock,
    randomness: &Randomness,
) -> Result<Verifier, SettingsProblem> {
    let net = way_out(settings)?;
    let checks = &settings.checks;
    let pace = Pace { whole: checks.check_limit, step: checks.step_limit, ..Pace::default() };
    Ok(Verifier::new(net, clock.clone(), randomness.clone()).at_pace(pace))
}

/// Why our own key of Google cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GoogleKeyProblem {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// It.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than its owner may read it.
    #[error("{0}: others may read it; chmod 600 it, and see who could have read it")]
    Exposed(PathBuf),
    /// It is no key file.
    #[error("{path}: {sentence}")]
    NoKey {
        /// It.
        path: PathBuf,
        /// What is wrong.
        sentence: String,
    },
}

/// Our own service account at Google, where the settings name its key. Errs when the file cannot be read, may be read by
/// others, or is no key file.
pub fn google_key(settings: &Settings) -> Result<Option<SigningKey>, GoogleKeyProblem> {
    let Some(path) = &settings.google.key_file else { return Ok(None) };
    let unreadable = |source| GoogleKeyProblem::Unreadable { path: path.clone(), source };
    let no_key = |sentence| GoogleKeyProblem::NoKey { path: path.clone(), sentence };
    let mut file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.permissions().mode() & 0o077 != 0 {
        return Err(GoogleKeyProblem::Exposed(path.clone()));
    }
    let mut text = Zeroizing::new(String::with_capacity(KEY_FILE_MOST + 2));
    let most = u64::try_from(KEY_FILE_MOST).unwrap_or(u64::MAX) + 1;
    (&mut file).take(most).read_to_string(&mut text).map_err(unreadable)?;
    let (_, key) = read_key_file(&text).map_err(|problem| no_key(problem.sentence()))?;
    let key = SigningKey::open(&key).ok_or_else(|| no_key("it does not sign".to_owned()))?;
    Ok(Some(key))
}

/// The company's sign-in, where the settings name one. Errs when an extra root cannot be read or the machine names no
/// resolver.
pub fn openid(settings: &Settings, clock: &Clock) -> Result<Option<OpenId>, SettingsProblem> {
    let Some(said) = &settings.openid else { return Ok(None) };
    let provider = openid::Settings {
        issuer: said.issuer.clone(),
        client_id: said.client_id.clone(),
        client_secret: SecretString::from(said.client_secret.expose_secret()),
        redirect_uri: settings.staff.public_url.join(STAFF_RETURN),
        roles_claim: said.roles_claim.clone(),
        scopes: said.scopes.clone(),
        max_age: SignedDuration::try_from(said.max_age).unwrap_or(SignedDuration::MAX),
        acr: said.acr.clone(),
        patience: said.patience,
    };
    Ok(Some(match said.loopback {
        Some(at) => {
            let client = Loopback::new(at, net::caps::Caps::default())?;
            OpenId::on_this_machine(provider, client, clock.clone())
        }
        None => OpenId::in_the_net(provider, to_provider(settings, said)?, clock.clone()),
    }))
}

/// The way to the company's sign-in and to the public hosts that it names.
fn to_provider(settings: &Settings, said: &config::OpenId) -> Result<ProviderClient, SettingsProblem> {
    let named = said.host_and_port().and_then(|(host, port)| {
        let networks = said.private_networks.iter().filter_map(|text| Network::parse(text)).collect();
        Some(Named { host: HostName::named_by_operator(&host)?, port, networks })
    });
    match named {
        Some(named) => Net::to_named(means(settings), named, said.ca_file.clone().map(ExtraRoot::File)),
        // No name that may be looked up: each call says so.
        None => Ok(way_out(settings)?.provider().clone()),
    }
}

fn way_out(settings: &Settings) -> Result<Net, SettingsProblem> {
    Net::new(means(settings))
}

fn means(settings: &Settings) -> net::Settings {
    let network = &settings.network;
    net::Settings {
        resolver: network.resolver,
        dial: network.dial.iter().copied().collect(),
        only_mapped: network.only_mapped,
        extra_roots: extra_roots(settings),
        own_addresses: own_addresses(settings),
        ..net::Settings::default()
    }
}

/// The mailer. Errs when an extra root cannot be read.
pub fn mailer(settings: &Settings) -> Result<Mailer, SettingsProblem> {
    Ok(match &settings.mail.transport {
        Transport::Files { dir } => Mailer::Files(Folder::new(dir.clone())),
        Transport::Smtp(smtp) => Mailer::Smtp(server(settings, smtp)?),
    })
}

fn server(settings: &Settings, smtp: &Smtp) -> Result<SmtpServer, SettingsProblem> {
    let sign_in = smtp.sign_in.as_ref().map(|sign_in| SignIn {
        user: sign_in.user.clone(),
        password: SecretString::from(sign_in.password.expose_secret()),
    });
    Ok(SmtpServer {
        host: smtp.host.clone(),
        port: smtp.port,
        security: match smtp.security {
            SmtpSecurity::StartTls => Security::StartTls,
            SmtpSecurity::Tls => Security::Tls,
            SmtpSecurity::None => Security::None,
        },
        sign_in,
        hello: settings.portal.public_url.host().to_owned(),
        tls: Arc::new(net::tls::client_config(&extra_roots(settings))?),
        patience: Patience::default(),
    })
}

/// What nobody may lead us to: this machine's addresses, and those that our connections come from.
fn own_addresses(settings: &Settings) -> Vec<Network> {
    let egress = settings.about.egress_addresses.iter().filter_map(|text| Network::parse(text));
    net::interfaces::own().into_iter().chain(egress).collect()
}

fn extra_roots(settings: &Settings) -> Vec<ExtraRoot> {
    settings.network.extra_roots.iter().cloned().map(ExtraRoot::File).collect()
}
