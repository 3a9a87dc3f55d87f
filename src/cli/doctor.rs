//! `doctor`: looks over an installation and says what is missing or wrong.

mod findings;

use std::process::ExitCode;

use secrecy::ExposeSecret as _;

use super::settings;
use crate::{
    clock::{Clock, Randomness},
    config::{Settings, Transport},
    store::Store,
    vault::files::Holds,
};
use findings::{Finding, Findings};

/// The arguments of `doctor`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    from: settings::From,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Looks at everything. The exit code is 0 when nothing is red, 1 when something is, 2 when the settings have
/// mistakes.
pub(super) async fn run(args: Args) -> ExitCode {
    let settings = match args.from.load() {
        Ok(settings) => settings,
        Err(stopped) => return super::exit::from(Err(stopped)),
    };
    let mut findings = Findings::default();
    findings.add(Finding::good("settings", "every setting is understood"));
    network(&settings, &mut findings);
    keys(&settings, &mut findings);
    database(&settings, &mut findings).await;
    mail(&settings, &mut findings).await;
    sites(&settings, &mut findings);
    about(&settings, &mut findings);
    findings.print(args.json)
}

fn network(settings: &Settings, findings: &mut Findings) {
    let overrides = settings.network.overrides();
    findings.add(if overrides.is_empty() {
        Finding::good("network", "connections go to the real internet")
    } else {
        let text = format!(
            "{} set: connections do not go to the real internet. Take them out for real use",
            overrides.join(", ")
        );
        Finding::red("network", text)
    });
}

fn keys(settings: &Settings, findings: &mut Findings) {
    let files = settings::key_files(settings);
    let randomness = Randomness::system();
    findings.add(match files.open(Holds::SealingKeys, &randomness) {
        Ok(_) => Finding::good("keys", "secrets can be sealed and settings encrypted"),
        Err(error) => Finding::red("keys", format!("{error}. `keys new` makes them")),
    });
    if settings.vault.private_keys_file.exists() {
        findings.add(match files.open(Holds::OpeningKeys, &randomness) {
            Ok(_) => Finding::good("private keys", "this machine can open secrets: only the worker's should"),
            Err(error) => Finding::red("private keys", error.to_string()),
        });
    } else {
        findings.add(Finding::note(
            "private keys",
            "not on this machine: it can run portal and staff, not the worker",
        ));
    }
}

async fn database(settings: &Settings, findings: &mut Findings) {
    let (clock, randomness) = (Clock::system(), Randomness::system());
    let url = settings.database.url.expose_secret();
    let store = match Store::open(url, 2, clock.clone(), randomness).await {
        Ok(store) => store,
        Err(error) => return findings.add(Finding::red("database", error.to_string())),
    };
    findings.add(match store.version().await {
        Ok(version) => Finding::good("database", format!("{version} answers and is at this version")),
        Err(error) => Finding::red("database", error.to_string()),
    });
    if let Ok(mut read) = store.read().await {
        let apart = read.shared_now().await.map(|shared| shared.since(clock.now()).as_secs().abs());
        findings.add(match apart {
            Ok(seconds) if seconds <= 2 => {
                Finding::good("clock", "this machine and the database agree on the time")
            }
            Ok(seconds) => Finding::red(
                "clock",
                format!("this machine and the database are {seconds} s apart: set the time"),
            ),
            Err(error) => Finding::red("clock", error.to_string()),
        });
    }
    store.close().await;
}

async fn mail(settings: &Settings, findings: &mut Findings) {
    findings.add(match &settings.mail.transport {
        Transport::Files { dir: folder } if folder.is_dir() => {
            Finding::note("mail", format!("mails are written to {} and sent to nobody", folder.display()))
        }
        Transport::Files { dir: folder } => {
            Finding::red("mail", format!("the folder {} is not there", folder.display()))
        }
        Transport::Smtp(smtp) => {
            let address = (smtp.host.as_str(), smtp.port);
            let limit = std::time::Duration::from_secs(5);
            match tokio::time::timeout(limit, tokio::net::TcpStream::connect(address)).await {
                Ok(Ok(_)) => Finding::good("mail", format!("{} answers on port {}", smtp.host, smtp.port)),
                _ => Finding::red(
                    "mail",
                    format!("{} does not answer on port {} within 5 s", smtp.host, smtp.port),
                ),
            }
        }
    });
}

fn sites(settings: &Settings, findings: &mut Findings) {
    for (name, site) in [("portal", &settings.portal), ("staff", &settings.staff)] {
        findings.add(if site.public_url.is_secure() {
            Finding::good(name, format!("people open it by https at {}", site.public_url.authority()))
        } else {
            Finding::note(
                name,
                format!(
                    "people open it at {} without https, which browsers take only on this machine",
                    site.public_url.authority()
                ),
            )
        });
    }
}

fn about(settings: &Settings, findings: &mut Findings) {
    let unset = settings.about.unset();
    findings.add(if unset.is_empty() {
        Finding::good("about", "pages know who you are")
    } else {
        Finding::note("about", format!("pages go without {}", unset.join(", ")))
    });
}
