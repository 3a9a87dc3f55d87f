//! A worker's two ways out, made from the settings: the engine that checks, and the mailer.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    clock::{Clock, Randomness},
    config::{Settings, Smtp, SmtpSecurity, Transport},
    net::{self, ExtraRoot, Net, SettingsProblem, guard::Network},
    notify::{
        folder::Folder,
        mailer::Mailer,
        smtp::{Patience, Security, SignIn, SmtpServer},
    },
    verification::{Pace, Verifier},
};

/// The engine that checks. Errs when an extra root cannot be read or the machine names no resolver.
pub fn verifier(
    settings: &Settings,
    clock: &Clock,
    randomness: &Randomness,
) -> Result<Verifier, SettingsProblem> {
    let network = &settings.network;
    let net = Net::new(net::Settings {
        resolver: network.resolver,
        dial: network.dial.iter().copied().collect(),
        only_mapped: network.only_mapped,
        extra_roots: extra_roots(settings),
        own_addresses: own_addresses(settings),
        ..net::Settings::default()
    })?;
    let checks = &settings.checks;
    let pace = Pace { whole: checks.check_limit, step: checks.step_limit, ..Pace::default() };
    Ok(Verifier::new(net, clock.clone(), randomness.clone()).at_pace(pace))
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
